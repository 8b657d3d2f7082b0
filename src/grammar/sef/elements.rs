//! `.ELMS`: what each data element may hold.

use super::super::rules::{ElementType, UNLIMITED};
use super::at::Broken;
use super::cursor::Cursor;
use super::kind::SefFaultKind;
use super::model::ElementRecord;
use super::text::Line;

/// Reads what stands behind `353=`, such as `ID,2,2`.
pub(super) fn element<'t>(
    id: Line<'t>,
    mut cursor: Cursor<'t>,
) -> Result<ElementRecord<'t>, Broken> {
    let at = cursor.at();
    let word = cursor.take_while(|byte| byte != b',');
    let kind = element_type(word).ok_or_else(|| {
        Broken::new(at, SefFaultKind::TypeUnknown(word.chars().take(20).collect()))
    })?;
    cursor.expect(b',', "`,`")?;
    let at = cursor.at();
    let min = cursor.number()?.ok_or_else(|| cursor.unexpected("the least length"))?;
    cursor.expect(b',', "`,`")?;
    let max = match cursor.number()? {
        Some(0) => UNLIMITED,
        Some(max) => max,
        None => return Err(cursor.unexpected("the greatest length")),
    };
    if min > max {
        return Err(Broken::new(at, SefFaultKind::LengthsReversed { min, max }));
    }
    if !cursor.is_done() {
        return Err(cursor.unexpected("the end of the line"));
    }
    Ok(ElementRecord { at: id.at, id: id.text, kind, min, max })
}

fn element_type(word: &str) -> Option<ElementType> {
    match word.as_bytes() {
        b"AN" => Some(ElementType::Text),
        b"ID" => Some(ElementType::Code),
        b"DT" => Some(ElementType::Date),
        b"TM" => Some(ElementType::Time),
        b"R" => Some(ElementType::Decimal),
        b"B" => Some(ElementType::Binary),
        b"N" => Some(ElementType::Number(0)),
        [b'N', digit @ b'0'..=b'9'] => Some(ElementType::Number(digit - b'0')),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::at::At;
    use super::*;

    fn read(text: &str) -> Result<(ElementType, u32, u32), (u32, String)> {
        let line = Line { at: At(0), text };
        element(Line { at: At(0), text: "1" }, Cursor::new(line))
            .map(|element| (element.kind, element.min, element.max))
            .map_err(|broken| (broken.at.0, broken.kind.to_string()))
    }

    #[test]
    fn every_type_is_known() {
        assert_eq!(read("AN,1,30"), Ok((ElementType::Text, 1, 30)));
        assert_eq!(read("ID,2,2"), Ok((ElementType::Code, 2, 2)));
        assert_eq!(read("DT,8,8"), Ok((ElementType::Date, 8, 8)));
        assert_eq!(read("TM,4,8"), Ok((ElementType::Time, 4, 8)));
        assert_eq!(read("R,1,18"), Ok((ElementType::Decimal, 1, 18)));
        assert_eq!(read("N,1,6"), Ok((ElementType::Number(0), 1, 6)));
        assert_eq!(read("N2,1,15"), Ok((ElementType::Number(2), 1, 15)));
        assert_eq!(read("B,1,0"), Ok((ElementType::Binary, 1, UNLIMITED)));
    }

    #[test]
    fn faults_have_their_places() {
        assert_eq!(read("XX,1,2"), Err((0, "`XX` is no element type of X12".into())));
        assert_eq!(read("AN,5,2"), Err((3, "the least length 5 is above the greatest 2".into())));
        assert_eq!(read("AN,1"), Err((4, "the end of the line stands where `,` belongs".into())));
        assert_eq!(read("AN,1,2x").unwrap_err().0, 6);
        assert_eq!(read("AN,1,").unwrap_err().0, 5);
    }
}
