//! Paths: how a map names a segment or an element.

use crate::grammar::SegmentId;

/// `BEG03`, `REF[01=DP]02`, `MEA04-1`, `02`, `N1[01=ST]`, `N1`, `CTT/AMT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    /// The heads of the loops that lie between, the outer first.
    pub(super) through: Vec<SegmentId>,
    /// The segment; `None` where it is the one in hand.
    pub(super) segment: Option<SegmentId>,
    /// Elements that must have these values.
    pub(super) qualifiers: Vec<(u8, String)>,
    /// The element, from 1; `None` for the segment itself.
    pub(super) element: Option<u8>,
    /// The component, from 1; 0 for the whole element.
    pub(super) component: u8,
}

impl Path {
    /// Reads a path that names an element.
    pub(super) fn element(text: &str) -> Option<Self> {
        let (through, text) = loops(text)?;
        let (before, component) = match text.rsplit_once('-') {
            Some((before, digits)) if !digits.contains(']') => (before, number(digits)?),
            Some(_) | None => (text, 0),
        };
        let (before, element) = before.split_at_checked(before.len().checked_sub(2)?)?;
        let element = Some(two_digits(element)?);
        let (segment, qualifiers) = head(before)?;
        if segment.is_none() && !(qualifiers.is_empty() && through.is_empty()) {
            return None;
        }
        Some(Self { through, segment, qualifiers, element, component })
    }

    /// Reads a path that names a segment or the loop that it heads.
    pub(super) fn segment(text: &str) -> Option<Self> {
        let (through, text) = loops(text)?;
        let (segment, qualifiers) = head(text)?;
        segment?;
        Some(Self { through, segment, qualifiers, element: None, component: 0 })
    }
}

/// The loops before the last `/`, and what follows it.
fn loops(text: &str) -> Option<(Vec<SegmentId>, &str)> {
    let Some((loops, rest)) = text.rsplit_once('/').filter(|(loops, _)| !loops.contains('['))
    else {
        return Some((vec![], text));
    };
    let ids: Option<Vec<_>> = loops.split('/').map(|id| SegmentId::of(id.as_bytes())).collect();
    Some((ids?, rest))
}

/// A segment and its qualifiers.
type Head = (Option<SegmentId>, Vec<(u8, String)>);

fn head(text: &str) -> Option<Head> {
    let (id, inside) = match text.split_once('[') {
        Some((id, rest)) => (id, Some(rest.strip_suffix(']')?)),
        None => (text, None),
    };
    let segment = if id.is_empty() { None } else { Some(SegmentId::of(id.as_bytes())?) };
    let mut qualifiers = vec![];
    for part in inside.into_iter().flat_map(|inside| inside.split(',')) {
        let (element, value) = part.split_once('=')?;
        if value.is_empty() {
            return None;
        }
        qualifiers.push((two_digits(element.trim())?, value.to_owned()));
    }
    Some((segment, qualifiers))
}

fn two_digits(text: &str) -> Option<u8> {
    if text.len() == 2 { number(text) } else { None }
}

fn number(text: &str) -> Option<u8> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| plain && *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(segment: &str, element: Option<u8>, component: u8) -> Path {
        let segment = SegmentId::of(segment.as_bytes());
        Path { through: vec![], segment, qualifiers: vec![], element, component }
    }

    #[test]
    fn the_last_two_digits_are_the_element() {
        assert_eq!(Path::element("BEG03"), Some(path("BEG", Some(3), 0)));
        assert_eq!(Path::element("N101"), Some(path("N1", Some(1), 0)));
        assert_eq!(Path::element("TD512"), Some(path("TD5", Some(12), 0)));
        assert_eq!(Path::element("REF04-2"), Some(path("REF", Some(4), 2)));
        assert_eq!(Path::element("02"), Some(path("", Some(2), 0)));
        assert_eq!(Path::element("02-3"), Some(path("", Some(2), 3)));
    }

    #[test]
    fn qualifiers_stand_in_brackets() {
        let qualified = Path::element("REF[01=DP]02").unwrap();
        assert_eq!(qualified.qualifiers, [(1, "DP".to_owned())]);
        assert_eq!(qualified.element, Some(2));
        let head = Path::segment("N1[01=ST,03=92]").unwrap();
        assert_eq!(head.qualifiers, [(1, "ST".to_owned()), (3, "92".to_owned())]);
        assert_eq!(Path::element("REF[01=A-1]02").unwrap().qualifiers[0].1, "A-1");
    }

    #[test]
    fn a_path_may_lead_through_loops() {
        let amount = Path::segment("CTT/AMT").unwrap();
        assert_eq!(amount.through, [SegmentId::of(b"CTT").unwrap()]);
        assert_eq!(amount.segment, SegmentId::of(b"AMT"));
        assert_eq!(Path::element("CTT/AMT02").unwrap().element, Some(2));
        assert_eq!(Path::element("REF[01=A/B]02").unwrap().qualifiers[0].1, "A/B");
        assert_eq!(Path::element("CTT/02"), None);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        let wrong = ["", "BEG", "BEG3", "BEG00", "beg03", "BEG03-", "BEG03-0", "REF[01=DP", "é03"];
        for text in wrong.into_iter().chain(["[01=X]02", "REF[01=]02", "BEGIN03", "3", "-1"]) {
            assert_eq!(Path::element(text), None, "{text}");
        }
        for text in ["", "BEG03", "[01=X]", "REF[1=X]", "REF[01]"] {
            assert_eq!(Path::segment(text), None, "{text}");
        }
    }
}
