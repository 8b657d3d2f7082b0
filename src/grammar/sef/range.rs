//! Ranges of codes such as `IZ:JD`: each place keeps its sort and carries into the one before it.

use super::super::code_list::Codes;

/// Adds every code from `first` to `last`; `None` if they bound no range, or too long a one.
pub(super) fn fill(first: &str, last: &str, codes: &mut Codes) -> Option<usize> {
    if first.len() != last.len() || first.is_empty() || first.len() > MAX_PLACES {
        return None;
    }
    let count = distance(first.as_bytes(), last.as_bytes())?;
    let mut code = first.as_bytes().to_vec();
    codes.push(first);
    for _ in 0..count {
        step(&mut code)?;
        codes.push(std::str::from_utf8(&code).ok()?);
    }
    Some(count + 1)
}

/// How many steps lead from `first` to `last`.
fn distance(first: &[u8], last: &[u8]) -> Option<usize> {
    let (mut from, mut to) = (0_usize, 0_usize);
    for (a, b) in first.iter().zip(last) {
        let (begin, size) = wheel(*a)?;
        if wheel(*b)? != (begin, size) {
            return None;
        }
        from = from.checked_mul(size)?.checked_add(usize::from(a - begin))?;
        to = to.checked_mul(size)?.checked_add(usize::from(b - begin))?;
    }
    to.checked_sub(from).filter(|count| *count < MAX_RANGE)
}

fn step(code: &mut [u8]) -> Option<()> {
    for place in code.iter_mut().rev() {
        let (begin, size) = wheel(*place)?;
        if usize::from(*place - begin) + 1 < size {
            *place += 1;
            return Some(());
        }
        *place = begin;
    }
    None
}

/// The first character of the wheel that this one is on, and how many there are.
fn wheel(byte: u8) -> Option<(u8, usize)> {
    match byte {
        b'0'..=b'9' => Some((b'0', 10)),
        b'A'..=b'Z' => Some((b'A', 26)),
        b'a'..=b'z' => Some((b'a', 26)),
        _ => None,
    }
}

/// The longest codes of X12 have 12 characters.
const MAX_PLACES: usize = 12;

/// The longest real list has some 1,500 codes.
const MAX_RANGE: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: &str, last: &str) -> Option<Vec<String>> {
        let mut codes = Codes::default();
        let count = fill(first, last, &mut codes)?;
        let codes: Vec<_> = codes.sorted().iter().collect();
        assert_eq!(codes.len(), count);
        Some(codes)
    }

    #[test]
    fn a_range_turns_as_an_odometer_does() {
        assert_eq!(range("IZ", "JD").unwrap(), ["IZ", "JA", "JB", "JC", "JD"]);
        assert_eq!(range("W08", "W11").unwrap(), ["W08", "W09", "W10", "W11"]);
        assert_eq!(range("098", "101").unwrap(), ["098", "099", "100", "101"]);
        assert_eq!(range("1Y", "2B").unwrap(), ["1Y", "1Z", "2A", "2B"]);
        assert_eq!(range("a", "c").unwrap(), ["a", "b", "c"]);
        assert_eq!(range("7", "7").unwrap(), ["7"]);
        assert_eq!(range("001", "116").unwrap().len(), 116);
    }

    #[test]
    fn what_bounds_no_range_is_refused() {
        for (first, last) in
            [("1", "10"), ("A", "9"), ("B", "A"), ("", ""), ("A-1", "A-9"), ("Aa", "AB")]
        {
            assert_eq!(range(first, last), None, "{first}:{last}");
        }
        assert_eq!(range("AAAAAAAA", "ZZZZZZZZ"), None);
        assert_eq!(range("000000", "099999"), None);
        assert_eq!(range("AAAAAAAAAAAAA", "AAAAAAAAAAAAB"), None);
    }
}
