//! Values of a received interchange made fit to be repeated in an answer.

use crate::x12::Delimiters;

/// `value` as it can stand in an element of at most `width` characters: separators, control
/// characters and characters outside ASCII become spaces, and spaces at either end go.
///
/// Nothing is known of the partner's character set, so ASCII is what can be relied on.
pub(super) fn clean(value: &str, delimiters: Delimiters, width: usize) -> String {
    let plain = |c: char| match u8::try_from(c) {
        Ok(byte) if (b' '..=b'~').contains(&byte) && !delimiters.contains(byte) => c,
        _ => ' ',
    };
    let text: String = value.chars().map(plain).collect();
    text.trim().chars().take(width).collect::<String>().trim_end().to_owned()
}

/// [`clean`], or `placeholder` where nothing is left in a place that must hold something.
pub(super) fn clean_or(
    value: &str,
    delimiters: Delimiters,
    width: usize,
    placeholder: &str,
) -> String {
    let text = clean(value, delimiters, width);
    if text.is_empty() { placeholder.to_owned() } else { text }
}

/// A segment's id as AK301 can hold it: two or three characters without spaces, filled up with
/// `Z`, which can be no separator.
pub(super) fn segment_id(id: &str, delimiters: Delimiters) -> String {
    let mut kept: String =
        clean(id, delimiters, id.len()).chars().filter(|c| *c != ' ').take(3).collect();
    let missing = match kept.len() {
        0 => 3,
        1 => 1,
        _ => 0,
    };
    kept.extend(std::iter::repeat_n('Z', missing));
    kept
}

/// `wanted` with each separator that occurs in `values` replaced by one that does not, and with a
/// repetition separator where the interchange must declare one (`repeats`).
pub(super) fn separators(wanted: Delimiters, values: &[&str], repeats: bool) -> Delimiters {
    let clashes = |byte: u8| values.iter().any(|value| value.as_bytes().contains(&byte));
    let mut chosen = wanted;
    let free = |taken: Delimiters| {
        CANDIDATES.iter().copied().find(|byte| !taken.contains(*byte) && !clashes(*byte))
    };
    if clashes(chosen.element) {
        chosen.element = free(chosen).unwrap_or(chosen.element);
    }
    if clashes(chosen.component) {
        chosen.component = free(chosen).unwrap_or(chosen.component);
    }
    if clashes(chosen.segment) {
        chosen.segment = free(chosen).unwrap_or(chosen.segment);
    }
    if chosen.repetition.map_or(repeats, clashes) {
        chosen.repetition = free(chosen).or(chosen.repetition);
    }
    chosen
}

/// What the trade separates with, the usual first; then what only machines do.
const CANDIDATES: &[u8] = b"*~:^>|<\\`!+=;\x1C\x1D\x1E\x1F";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lose_separators_and_what_is_not_plain_text() {
        let delimiters = Delimiters::default();
        assert_eq!(clean(" A*B:C~", delimiters, 99), "A B C");
        assert_eq!(clean("caf\u{e9}\tbar\u{0}", delimiters, 99), "caf  bar");
        assert_eq!(clean(&"x".repeat(200), delimiters, 99).len(), 99);
        assert_eq!(clean("ab cd", delimiters, 3), "ab");
        assert_eq!(clean_or("**", delimiters, 9, "0"), "0");
    }

    #[test]
    fn segment_ids_always_fit_their_place() {
        let delimiters = Delimiters { component: b'>', ..Delimiters::default() };
        for (id, fit) in [
            ("PO1", "PO1"),
            ("N1", "N1"),
            ("", "ZZZ"),
            ("X", "XZ"),
            ("<html>", "<ht"),
            (">a b", "ab"),
            ("\u{e9}", "ZZZ"),
        ] {
            assert_eq!(segment_id(id, delimiters), fit);
        }
    }

    #[test]
    fn separators_that_an_address_holds_are_replaced() {
        let chosen = separators(Delimiters::default(), &["ACME:WEST", "A^B", "C>D"], true);
        assert_eq!(chosen.element, b'*');
        assert_eq!(chosen.component, b'|');
        assert_eq!(chosen.repetition, Some(b'<'));
        assert!(chosen.validated().is_ok());
        assert_eq!(separators(Delimiters::default(), &["ACME"], true), Delimiters::default());
        let old = Delimiters { repetition: None, ..Delimiters::default() };
        assert_eq!(separators(old, &["ACME"], false), old);
        assert_eq!(separators(old, &["ACME"], true), Delimiters::default());
    }
}
