//! One record on disk: sixteen bytes that say what follows, then the payload.
//!
//! | bytes | what |
//! |---|---|
//! | 0-3 | the mark of the segment: chosen at random, so that no payload can hold it by design |
//! | 4-7 | the length of the payload |
//! | 8-11 | CRC-32 of the position, the length, the version, the kind and the payload |
//! | 12 | the version of the format |
//! | 13 | the kind |
//! | 14-15 | zero |
//!
//! Numbers are little-endian. The position is in the checksum, so that a record in a wrong place is
//! none.

use super::super::files::long;

/// How many bytes stand before the payload.
pub(crate) const HEADER: usize = 16;

/// The longest payload.
pub(crate) const LONGEST: usize = 256 << 20;

/// The version of the format that this code writes.
pub(super) const VERSION: u8 = 1;

/// The only kind of record so far.
const ENTRY: u8 = 1;

/// The number that all records of a segment begin with.
pub(super) type Mark = [u8; 4];

/// What the bytes before a payload say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The length of the payload.
    pub(super) length: usize,
    crc: u32,
    /// The version of the format.
    pub(super) version: u8,
    kind: u8,
}

impl Header {
    /// Reads the header of a record of the segment with `mark`; `None` if it is none.
    pub(super) fn read(bytes: &[u8], mark: Mark) -> Option<Self> {
        let rest = bytes.strip_prefix(&mark)?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (crc, rest) = rest.split_first_chunk::<4>()?;
        let [version, kind, 0, 0, ..] = rest else { return None };
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let crc = u32::from_le_bytes(*crc);
        (length <= LONGEST).then_some(Self { length, crc, version: *version, kind: *kind })
    }

    /// Whether `payload` is what was written at `position`.
    pub(super) fn fits(&self, position: u64, payload: &[u8]) -> bool {
        payload.len() == self.length
            && self.kind == ENTRY
            && self.crc == checksum(position, self.version, payload)
    }

    /// How many bytes the record takes, with its header.
    pub(super) fn whole(&self) -> u64 {
        long(HEADER + self.length)
    }
}

/// Fills in the header of `record`, whose payload stands behind room for it.
pub(super) fn seal(record: &mut [u8], position: u64, mark: Mark) {
    let Some((header, payload)) = record.split_first_chunk_mut::<HEADER>() else { return };
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let crc = checksum(position, VERSION, payload);
    let [m0, m1, m2, m3] = mark;
    let [l0, l1, l2, l3] = length.to_le_bytes();
    let [c0, c1, c2, c3] = crc.to_le_bytes();
    *header = [m0, m1, m2, m3, l0, l1, l2, l3, c0, c1, c2, c3, VERSION, ENTRY, 0, 0];
}

fn checksum(position: u64, version: u8, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&position.to_le_bytes());
    hasher.update(&long(payload.len()).to_le_bytes());
    hasher.update(&[version, ENTRY]);
    hasher.update(payload);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: Mark = *b"mark";

    fn sealed(payload: &[u8]) -> Vec<u8> {
        let mut record = vec![0; HEADER];
        record.extend_from_slice(payload);
        seal(&mut record, 77, MARK);
        record
    }

    #[test]
    fn a_record_reads_as_it_was_sealed() {
        let record = sealed(b"hello");
        let header = Header::read(&record, MARK).unwrap();
        assert_eq!((header.length, header.whole(), header.version), (5, 21, VERSION));
        assert!(header.fits(77, &record[HEADER..]));
    }

    #[test]
    fn a_record_in_another_place_or_segment_is_none() {
        let record = sealed(b"hello");
        assert!(!Header::read(&record, MARK).unwrap().fits(78, &record[HEADER..]));
        assert_eq!(Header::read(&record, *b"kram"), None);
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let record = sealed(b"hello");
        for bit in 0..record.len() * 8 {
            let mut bad = record.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let good =
                Header::read(&bad, MARK).is_some_and(|header| header.fits(77, &bad[HEADER..]));
            assert!(!good, "bit {bit}");
        }
    }
}
