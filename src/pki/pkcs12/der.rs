//! As much DER as a PKCS#12 file is made of.

/// A sequence.
pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tagged(0x30, &parts.concat())
}

/// A set, in the order that DER wants.
pub(super) fn set(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    tagged(0x31, &parts.concat())
}

/// An octet string.
pub(super) fn octets(bytes: &[u8]) -> Vec<u8> {
    tagged(0x04, bytes)
}

/// A small number.
pub(super) fn integer(number: u32) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count().min(3);
    let bytes = bytes.get(zeros..).unwrap_or_default();
    // A first bit that is set would make it negative.
    let sign: &[u8] = if bytes.first().is_some_and(|byte| *byte > 127) { &[0] } else { &[] };
    tagged(0x02, &[sign, bytes].concat())
}

/// A name by its encoded content.
pub(super) fn oid(content: &[u8]) -> Vec<u8> {
    tagged(0x06, content)
}

/// Text in UTF-16, as PKCS#12 writes names.
pub(super) fn wide_text(text: &str) -> Vec<u8> {
    tagged(0x1e, &text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>())
}

/// What stands under the tag `[0]`.
pub(super) fn under(content: &[u8]) -> Vec<u8> {
    tagged(0xa0, content)
}

/// Octets whose own tag `[0]` replaces.
pub(super) fn implicit_octets(bytes: &[u8]) -> Vec<u8> {
    tagged(0x80, bytes)
}

/// Nothing.
pub(super) const NULL: [u8; 2] = [0x05, 0x00];

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 128 => out.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            let bytes = bytes.get(zeros..).unwrap_or_default();
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(0));
            out.extend_from_slice(bytes);
        }
    }
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_numbers_are_as_short_as_they_can_be() {
        assert_eq!(integer(0), [2, 1, 0]);
        assert_eq!(integer(127), [2, 1, 127]);
        assert_eq!(integer(128), [2, 2, 0, 128]);
        assert_eq!(integer(100_000), [2, 3, 1, 0x86, 0xa0]);
        assert_eq!(octets(&[0; 127])[..2], [4, 127]);
        assert_eq!(octets(&[0; 128])[..3], [4, 0x81, 128]);
        assert_eq!(octets(&[0; 300])[..4], [4, 0x82, 1, 44]);
    }

    #[test]
    fn a_set_is_in_order() {
        assert_eq!(set(vec![integer(9), integer(1)]), set(vec![integer(1), integer(9)]));
    }
}
