//! Locations: how one section points at places that another defines.

use super::super::rules::SegmentId;
use super::at::Broken;
use super::kind::SefFaultKind;
use super::model::{Place, Spot};
use super::text::Line;

/// Understands a location such as `850/26///1-2`, `//REF//1` or `///310/`.
pub(super) fn place(line: Line<'_>) -> Result<Place<'_>, Broken> {
    let spot = spot(line.text).ok_or_else(|| {
        let text = line.text.chars().take(40).collect();
        Broken::new(line.at, SefFaultKind::LocationInvalid(text))
    })?;
    Ok(Place { at: line.at, text: line.text, spot })
}

fn spot(text: &str) -> Option<Spot<'_>> {
    let mut parts = text.splitn(6, '/');
    let mut next = || parts.next();
    let (set, ordinal, segment, id, tail) = (next()?, next()?, next()?, next()?, next()?);
    if next().is_some() {
        return None;
    }
    match (set, ordinal, segment, id, tail) {
        ("", "", "", id, "") => word(id).map(Spot::Element),
        ("", "", segment, "", tail) => {
            let (element, component) = position(tail)?;
            let segment = SegmentId::of(segment.as_bytes())?;
            Some(Spot::InSegment { segment, element, component })
        }
        (set, ordinal, "", "", tail) => {
            let (element, component) = position(tail)?;
            let ordinal = ordinal.parse().ok().filter(|ordinal| *ordinal > 0)?;
            Some(Spot::InSet { set: word(set)?, ordinal, element, component })
        }
        _ => None,
    }
}

fn word(text: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (!text.is_empty() && text.bytes().all(plain)).then_some(text)
}

/// Element and component, each 0 if not given.
fn position(text: &str) -> Option<(u8, u8)> {
    if text.is_empty() {
        return Some((0, 0));
    }
    let (element, component) = text.split_once('-').unwrap_or((text, "0"));
    let element = element.parse().ok().filter(|element| *element > 0)?;
    Some((element, component.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::super::at::At;
    use super::*;

    #[test]
    fn the_three_forms_are_understood() {
        let in_set = |ordinal, element, component| {
            Some(Spot::InSet { set: "850", ordinal, element, component })
        };
        assert_eq!(spot("850/26///1"), in_set(26, 1, 0));
        assert_eq!(spot("850/9///3-12"), in_set(9, 3, 12));
        assert_eq!(spot("850/1///"), in_set(1, 0, 0));
        let segment = SegmentId::of(b"ISA").unwrap();
        assert_eq!(spot("//ISA//6"), Some(Spot::InSegment { segment, element: 6, component: 0 }));
        assert_eq!(spot("///310/"), Some(Spot::Element("310")));
    }

    #[test]
    fn anything_else_is_refused_where_it_stands() {
        for text in [
            "",
            "850",
            "850/0///1",
            "850/x///1",
            "850/1///0",
            "///",
            "////",
            "850/1///1/",
            "//isa//1",
            "///310/1",
            "850/1///300",
        ] {
            let broken = place(Line { at: At(7), text }).unwrap_err();
            assert_eq!(broken, Broken::new(At(7), SefFaultKind::LocationInvalid(text.into())));
        }
    }
}
