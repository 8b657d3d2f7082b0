//! What is told of a file: its size, its time, and what may be done with it.

use super::fields::{Fields, number};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The attributes of a file or folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// How many bytes.
    pub size: Option<u64>,
    /// What it is, and who may do what.
    pub mode: Option<u32>,
    /// When it was written last, in seconds since 1970.
    pub written: Option<u32>,
}

impl Attributes {
    /// A file.
    pub(super) fn file(size: u64, mode: u32, written: Timestamp) -> Self {
        let written = u32::try_from(written.as_second()).ok();
        Self { size: Some(size), mode: Some(FILE | mode), written }
    }

    /// A folder.
    pub(super) fn folder(mode: u32, written: Timestamp) -> Self {
        Self { size: Some(0), mode: Some(FOLDER | mode), ..Self::file(0, 0, written) }
    }

    /// Reads attributes; those that mean nothing here are skipped.
    pub(super) fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let mut attributes = Self::default();
        let flags = fields.number()?;
        if flags & SIZE != 0 {
            attributes.size = Some(fields.long()?);
        }
        if flags & OWNER != 0 {
            fields.long()?;
        }
        if flags & MODE != 0 {
            attributes.mode = Some(fields.number()?);
        }
        if flags & TIMES != 0 {
            fields.number()?;
            attributes.written = Some(fields.number()?);
        }
        if flags & EXTENDED != 0 {
            for _ in 0..fields.number()? {
                fields.text()?;
                fields.text()?;
            }
        }
        Some(attributes)
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        number(out, SIZE | OWNER | MODE | TIMES);
        out.extend_from_slice(&self.size.unwrap_or(0).to_be_bytes());
        out.extend_from_slice(&[0; 8]);
        number(out, self.mode.unwrap_or(0));
        let written = self.written.unwrap_or(0);
        number(out, written);
        number(out, written);
    }

    /// The line for people, as `ls -l` has it.
    pub(super) fn line(&self, name: &[u8], owner: &str, now: Timestamp) -> Vec<u8> {
        let mode = self.mode.unwrap_or(0);
        let kind = if mode & FOLDER == FOLDER { 'd' } else { '-' };
        let bit = |at: u32, letter: char| if mode & at != 0 { letter } else { '-' };
        let rights = [
            kind,
            bit(0o400, 'r'),
            bit(0o200, 'w'),
            bit(0o100, 'x'),
            bit(0o040, 'r'),
            bit(0o020, 'w'),
            bit(0o010, 'x'),
            bit(0o004, 'r'),
            bit(0o002, 'w'),
            bit(0o001, 'x'),
        ];
        let rights: String = rights.into_iter().collect();
        let seconds = i64::from(self.written.unwrap_or(0));
        let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
        let recent = (now.as_second() - seconds).abs() < HALF_A_YEAR;
        let zoned = time.to_zoned(TimeZone::UTC);
        let time = zoned.strftime(if recent { "%b %e %H:%M" } else { "%b %e  %Y" });
        let size = self.size.unwrap_or(0);
        let mut line = format!("{rights}    1 {owner:<8} wharf    {size:>12} {time} ").into_bytes();
        line.extend_from_slice(name);
        line
    }
}

const SIZE: u32 = 1;
const OWNER: u32 = 2;
const MODE: u32 = 4;
const TIMES: u32 = 8;
const EXTENDED: u32 = 0x8000_0000;

const FILE: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;

const HALF_A_YEAR: i64 = 180 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_people_is_as_ls_has_it() {
        let at: Timestamp = "2026-11-28T12:05:00Z".parse().unwrap();
        let line = Attributes::file(1_234, 0o444, at).line(b"a.edi", "acme", at);
        assert_eq!(
            String::from_utf8(line).unwrap(),
            "-r--r--r--    1 acme     wharf            1234 Nov 28 12:05 a.edi"
        );
        let old: Timestamp = "2024-01-02T12:05:00Z".parse().unwrap();
        let line = Attributes::folder(0o755, old).line(b"inbound", "acme", at);
        assert_eq!(
            String::from_utf8(line).unwrap(),
            "drwxr-xr-x    1 acme     wharf               0 Jan  2  2024 inbound"
        );
    }
}
