//! A place in a record that moves on as the record is read.

use super::at::{At, Broken};
use super::kind::SefFaultKind;
use super::text::Line;

/// What is left of a line to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'t> {
    rest: &'t str,
    at: At,
}

impl<'t> Cursor<'t> {
    /// At the beginning of `line`.
    pub(super) fn new(line: Line<'t>) -> Self {
        Self { rest: line.text, at: line.at }
    }

    /// Where it stands.
    pub(super) fn at(&self) -> At {
        self.at
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'t str {
        self.rest
    }

    /// The next byte.
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.as_bytes().first().copied()
    }

    /// Whether nothing is left.
    pub(super) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// Moves over that many bytes.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.take(bytes);
    }

    /// Moves over the next byte if it is this one.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.take(1);
        }
        found
    }

    /// Moves over the next byte, which must be this one.
    pub(super) fn expect(&mut self, byte: u8, wanted: &'static str) -> Result<(), Broken> {
        if self.eat(byte) { Ok(()) } else { Err(self.unexpected(wanted)) }
    }

    /// Moves over all bytes that `wanted` takes, which must take or leave bytes above 7F alike.
    pub(super) fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'t str {
        self.take(self.rest.bytes().take_while(|byte| wanted(*byte)).count())
    }

    /// Moves over letters, digits and underscores.
    pub(super) fn word(&mut self) -> &'t str {
        self.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }

    /// Moves over a number, if one stands here.
    pub(super) fn number(&mut self) -> Result<Option<u32>, Broken> {
        let at = self.at;
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        if digits.is_empty() {
            return Ok(None);
        }
        let number = digits.parse().ok().filter(|number| *number < MAX_NUMBER);
        number.map(Some).ok_or_else(|| Broken::new(at, SefFaultKind::NumberInvalid(digits.into())))
    }

    /// Moves past the next `byte`, or to the end.
    pub(super) fn skip_past(&mut self, byte: u8) {
        self.take_while(|found| found != byte);
        self.eat(byte);
    }

    /// That what stands here is not what belongs here.
    pub(super) fn unexpected(&self, wanted: &'static str) -> Broken {
        let found = match self.rest.chars().next() {
            Some(c) => format!("`{}`", c.escape_debug()),
            None => "the end of the line".to_owned(),
        };
        Broken::new(self.at, SefFaultKind::Unexpected { found, wanted })
    }

    fn take(&mut self, bytes: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        self.at = self.at.plus(taken.len());
        taken
    }
}

/// Above any number that SEF files hold.
const MAX_NUMBER: u32 = 1 << 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_knows_where_it_stands() {
        let mut cursor = Cursor::new(Line { at: At(10), text: "N1*12]é" });
        assert_eq!(cursor.word(), "N1");
        assert!(cursor.eat(b'*'));
        assert_eq!(cursor.number(), Ok(Some(12)));
        assert_eq!(cursor.number(), Ok(None));
        let broken = cursor.expect(b',', "a comma").unwrap_err();
        assert_eq!(broken.at, At(15));
        assert_eq!(broken.kind.to_string(), "`]` stands where a comma belongs");
        cursor.skip_past(b'[');
        assert!(cursor.is_done());
    }

    #[test]
    fn a_number_out_of_all_measure_is_none() {
        let mut cursor = Cursor::new(Line { at: At(0), text: "99999999999" });
        assert_eq!(
            cursor.number().unwrap_err().kind,
            SefFaultKind::NumberInvalid("99999999999".into())
        );
    }
}
