//! JSON text, read piece by piece as the plan expects it: no tree, no recursion of its own.
//!
//! # Why not a tree
//! Every field of a document has one place in a set, so its value can go there when it is met. The
//! text is looked through once and nothing is kept but the values themselves.

use super::error::{MapErrorKind, Trouble};
use super::text::{Stamp, in_strings};

/// JSON text and how far it was read.
#[derive(Debug)]
pub(super) struct Json<'j> {
    text: &'j str,
    at: usize,
}

/// A string or number in the text: its bytes, without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scalar {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it holds escapes that must be resolved.
    pub(super) escaped: bool,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Object,
    List,
    Text,
    Number,
    Null,
    Bool,
    /// Nothing that begins a value.
    Other,
}

/// A document is read with offsets of 32 bits.
const MOST_BYTES: usize = 1 << 30;

impl<'j> Json<'j> {
    /// A reader of these bytes.
    pub(super) fn new(bytes: &'j [u8]) -> Result<Self, Trouble> {
        if bytes.len() > MOST_BYTES {
            return Err(Trouble::new(0, MapErrorKind::TooLarge));
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self { text, at: 0 }),
            Err(error) => Err(not_json(error.valid_up_to(), "a byte that is not UTF-8")),
        }
    }

    pub(super) fn text(&self) -> &'j str {
        self.text
    }

    /// How far the text was read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// What sort of value comes next.
    #[inline]
    pub(super) fn next(&mut self) -> Next {
        match self.byte() {
            Some(b'{') => Next::Object,
            Some(b'[') => Next::List,
            Some(b'"') => Next::Text,
            Some(b'-' | b'0'..=b'9') => Next::Number,
            Some(b'n') => Next::Null,
            Some(b't' | b'f') => Next::Bool,
            _ => Next::Other,
        }
    }

    /// Begins an object or list and tells whether it has a first member.
    #[inline]
    pub(super) fn open(&mut self, object: bool) -> Result<bool, Trouble> {
        let (opening, closing, wanted) =
            if object { (b'{', b'}', "an object") } else { (b'[', b']', "a list") };
        if self.byte() != Some(opening) {
            return Err(self.unwanted(wanted));
        }
        self.at += 1;
        let empty = self.byte() == Some(closing);
        self.at += usize::from(empty);
        Ok(!empty)
    }

    /// After a member: whether another follows.
    #[inline]
    pub(super) fn more(&mut self, object: bool) -> Result<bool, Trouble> {
        match self.byte() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(b'}') if object => {
                self.at += 1;
                Ok(false)
            }
            Some(b']') if !object => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(not_json(self.at, "a comma or a closing bracket is missing")),
        }
    }

    /// The name of the next member and the colon behind it.
    pub(super) fn key(&mut self) -> Result<Scalar, Trouble> {
        if self.byte() != Some(b'"') {
            return Err(not_json(self.at, "a name in quotes is missing"));
        }
        let key = self.string()?;
        if self.byte() != Some(b':') {
            return Err(not_json(self.at, "a colon is missing"));
        }
        self.at += 1;
        Ok(key)
    }

    /// Passes over the next name and its colon if they are exactly these bytes.
    #[inline]
    pub(super) fn skip_key(&mut self, quoted: &Stamp) -> bool {
        let bytes = self.text.as_bytes();
        let begins = |at: usize| bytes.get(at..).is_some_and(|rest| quoted.begins(rest));
        let before = self.at;
        let here = begins(before) || {
            self.byte();
            self.at > before && begins(self.at)
        };
        self.at += if here { quoted.len() } else { 0 };
        here
    }

    /// The next value, which must be a string, or may be a number if `number`; `None` for null.
    #[inline]
    pub(super) fn scalar(&mut self, number: bool) -> Result<Option<Scalar>, Trouble> {
        match self.next() {
            Next::Text => self.string().map(Some),
            Next::Null => self.null().map(|()| None),
            Next::Number if number => Ok(Some(self.number())),
            Next::Number | Next::Object | Next::List | Next::Bool | Next::Other => {
                Err(self.unwanted("text in quotes"))
            }
        }
    }

    pub(super) fn null(&mut self) -> Result<(), Trouble> {
        self.literal("null")
    }

    pub(super) fn bool(&mut self) -> Result<bool, Trouble> {
        match self.byte() {
            Some(b't') => self.literal("true").map(|()| true),
            Some(b'f') => self.literal("false").map(|()| false),
            _ => Err(self.unwanted("true or false")),
        }
    }

    /// Nothing may follow the document.
    pub(super) fn end(&mut self) -> Result<(), Trouble> {
        match self.byte() {
            None => Ok(()),
            Some(_) => Err(not_json(self.at, "something follows the document")),
        }
    }

    /// The bytes of a scalar as they stand.
    #[inline]
    pub(super) fn raw(&self, scalar: Scalar) -> &'j str {
        self.text.get(scalar.start..scalar.end).unwrap_or_default()
    }

    /// Appends what a scalar with escapes says.
    pub(super) fn unescape(&self, scalar: Scalar, out: &mut String) -> Result<(), Trouble> {
        unescape(self.raw(scalar), out).ok_or_else(|| not_json(scalar.start, "an escape is wrong"))
    }

    /// That another shape is wanted than what comes next.
    pub(super) fn unwanted(&mut self, wanted: &'static str) -> Trouble {
        match self.next() {
            Next::Other => not_json(self.at, "a value is missing"),
            Next::Object | Next::List | Next::Text | Next::Number | Next::Null | Next::Bool => {
                Trouble::new(self.at, MapErrorKind::Wanted(wanted))
            }
        }
    }

    /// The next byte that is no white space.
    #[inline]
    fn byte(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                other => return other.copied(),
            }
        }
    }

    #[inline]
    fn string(&mut self) -> Result<Scalar, Trouble> {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let mut at = start;
        let mut escaped = false;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            if let Some(chunk) = rest.first_chunk() {
                let stops = in_strings(*chunk);
                if stops == 0 {
                    at += chunk.len();
                    continue;
                }
                at += usize::try_from(stops.trailing_zeros()).unwrap_or(0);
            }
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    at += 2;
                }
                Some(0..0x20) => return Err(not_json(at, "a control character in a string")),
                Some(_) => at += 1,
                None => return Err(not_json(self.at, "a string does not end")),
            }
        }
        self.at = at + 1;
        Ok(Scalar { start, end: at, escaped })
    }

    fn number(&mut self) -> Scalar {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let inside = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        self.at += rest.iter().take_while(inside).count();
        Scalar { start, end: self.at, escaped: false }
    }

    fn literal(&mut self, word: &'static str) -> Result<(), Trouble> {
        if self.byte().is_some()
            && self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word))
        {
            self.at += word.len();
            return Ok(());
        }
        Err(not_json(self.at, "a value is misspelt"))
    }
}

fn not_json(at: usize, reason: &'static str) -> Trouble {
    Trouble::new(at, MapErrorKind::NotJson(reason))
}

fn unescape(mut raw: &str, out: &mut String) -> Option<()> {
    while let Some((plain, rest)) = raw.split_once('\\') {
        out.push_str(plain);
        let mut letters = rest.chars();
        match letters.next()? {
            letter @ ('"' | '\\' | '/') => out.push(letter),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'u' => {
                let (letter, rest) = unicode(letters.as_str())?;
                out.push(letter);
                raw = rest;
                continue;
            }
            _ => return None,
        }
        raw = letters.as_str();
    }
    out.push_str(raw);
    Some(())
}

/// The character behind `\u`, of one unit or of a pair of surrogates.
fn unicode(text: &str) -> Option<(char, &str)> {
    let unit = |text: &str| {
        let digits = text.get(..4).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u32::from_str_radix(digits, 16).ok()
    };
    let first = unit(text)?;
    let rest = text.get(4..)?;
    if !(0xD800..0xDC00).contains(&first) {
        return Some((char::from_u32(first)?, rest));
    }
    let rest = rest.strip_prefix("\\u")?;
    let second = unit(rest).filter(|second| (0xDC00..0xE000).contains(second))?;
    let letter = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    Some((char::from_u32(letter)?, rest.get(4..)?))
}

/// The JSON pointer of what stands at byte `at` of a text that was read so far without fault.
pub(super) fn pointer(text: &str, at: usize) -> String {
    let mut json = Json { text, at: 0 };
    let mut path: Vec<Step> = vec![];
    while json.byte().is_some() && json.at < at {
        let byte = text.as_bytes().get(json.at).copied().unwrap_or(0);
        match (byte, path.last_mut()) {
            (b'{', _) => path.push(Step::Name(None)),
            (b'[', _) => path.push(Step::Number(0)),
            (b'}' | b']', _) => {
                path.pop();
            }
            (b',', Some(Step::Number(number))) => *number += 1,
            (b',', Some(Step::Name(name))) => *name = None,
            (b'"', last) => {
                let Ok(string) = json.string() else { break };
                if let Some(Step::Name(name @ None)) = last {
                    *name = Some(string);
                }
                // A name belongs to itself, as does a value.
                if json.at > at {
                    break;
                }
                continue;
            }
            _ => {}
        }
        json.at += 1;
    }
    let mut pointer = String::new();
    for step in path {
        match step {
            Step::Number(number) => pointer.extend(["/", &number.to_string()]),
            Step::Name(None) => {}
            Step::Name(Some(name)) => {
                let mut text = String::new();
                if json.unescape(name, &mut text).is_ok() {
                    pointer.push('/');
                    pointer.push_str(&text.replace('~', "~0").replace('/', "~1"));
                }
            }
        }
    }
    pointer
}

/// A step into a value: the name of a member of an object, or a number in a list.
enum Step {
    Name(Option<Scalar>),
    Number(usize),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn string(json: &str) -> Result<String, MapErrorKind> {
        let mut reader = Json::new(json.as_bytes()).map_err(Trouble::into_kind)?;
        let scalar = reader.scalar(false).map_err(Trouble::into_kind)?.unwrap();
        let mut text = String::new();
        reader.unescape(scalar, &mut text).map_err(Trouble::into_kind)?;
        reader.end().map_err(Trouble::into_kind)?;
        Ok(text)
    }

    #[test]
    fn objects_and_lists_are_read_member_by_member() {
        let mut json = Json::new(b" { \"a\" : [ 1 , null ] , \"b\":{} } ").unwrap();
        assert!(json.open(true).unwrap());
        let key = json.key().unwrap();
        assert_eq!(json.raw(key), "a");
        assert!(json.open(false).unwrap());
        let one = json.scalar(true).unwrap().unwrap();
        assert_eq!(json.raw(one), "1");
        assert!(json.more(false).unwrap());
        assert_eq!(json.scalar(false).unwrap(), None);
        assert!(!json.more(false).unwrap());
        assert!(json.more(true).unwrap());
        json.key().unwrap();
        assert!(!json.open(true).unwrap());
        assert!(!json.more(true).unwrap());
        assert!(json.end().is_ok());
    }

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(string(r#""a\"\\\/\n\u00e9\ud83d\ude00""#).as_deref(), Ok("a\"\\/\né😀"));
        for wrong in [r#""\x""#, r#""\u12""#, r#""\ud800""#, r#""\ud800\u0041""#, r#""\udc00""#] {
            assert!(string(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_place_in_the_text_becomes_a_pointer() {
        let text = r#"{"number":"1","a/b":{"c~d":[{"x":1},{"x":"here","y":2}]}}"#;
        let at = |what: &str| pointer(text, text.find(what).unwrap());
        assert_eq!(at("here"), "/a~1b/c~0d/1/x");
        assert_eq!(at("2}"), "/a~1b/c~0d/1/y");
        assert_eq!(at("1\","), "/number");
        assert_eq!(at("\"y\""), "/a~1b/c~0d/1");
        assert_eq!(at("y\":2"), "/a~1b/c~0d/1/y");
        assert_eq!(at("{\"number"), "");
        assert_eq!(pointer("[[[", 2), "/0/0");
    }

    proptest! {
        #[test]
        fn any_string_is_read_as_serde_reads_it(text in "(\\PC|[\"\\\\\n\t\u{1}]){0,40}") {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(string(&json), Ok(text));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(mut json) = Json::new(&bytes) {
                let ours = json.scalar(false).and_then(|scalar| json.end().map(|()| scalar));
                let text = json.text();
                let theirs = serde_json::from_str::<Option<String>>(text);
                if theirs.is_ok() {
                    prop_assert!(ours.is_ok());
                }
                pointer(text, bytes.len());
            }
        }
    }
}
