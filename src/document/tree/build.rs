//! JSON text to nodes, in one pass without recursion.
//!
//! # Why not serde
//! A visitor over `serde_json` reads half as fast, and makes binary fractions of numbers, so that
//! the digits that were written are lost. Property tests hold this reader against `serde_json`.

use super::error::{TreeError, TreeFault};
use super::nodes::{Kind, MAX_DEPTH, Node, Nodes, Span};

/// Parses one JSON value and nothing after it.
pub(super) fn nodes(json: &[u8]) -> Result<Nodes, TreeError> {
    if json.len() > MAX_LENGTH {
        return Err(TreeError { line: 1, column: 1, fault: TreeFault::TooLarge });
    }
    let text = match std::str::from_utf8(json) {
        Ok(text) => text,
        Err(error) => return Err(at(json, error.valid_up_to(), TreeFault::NotUtf8)),
    };
    let mut builder = Builder::new(text);
    if builder.whole().is_some() {
        return Ok(builder.nodes);
    }
    let fault = builder.fault.unwrap_or(TreeFault::CutOff);
    Err(at(json, builder.at, fault))
}

/// A fault with the line and column of this byte.
fn at(json: &[u8], offset: usize, fault: TreeFault) -> TreeError {
    let before = json.get(..offset).unwrap_or(json);
    let line = before.split(|byte| *byte == b'\n');
    let column = line.clone().next_back().map_or(0, <[u8]>::len) + 1;
    TreeError { line: line.count(), column, fault }
}

/// So much that places in it, and in its text without escapes behind it, fit in 32 bits.
const MAX_LENGTH: usize = 1 << 31;

/// A tree in the making.
struct Builder<'j> {
    json: &'j [u8],
    /// The byte to be read next.
    at: usize,
    nodes: Nodes,
    /// The lists and objects that are not yet closed, outer before inner.
    open: Vec<Open>,
    /// The names of the members of all open objects, outer before inner.
    names: Vec<(u64, Span)>,
    /// Why it cannot go on, once a step has given nothing.
    fault: Option<TreeFault>,
}

/// A list or an object that is not yet closed.
struct Open {
    kind: Kind,
    node: usize,
    /// Where its names begin.
    names: usize,
}

/// What may come next.
enum Next {
    Value,
    FirstItem,
    FirstName,
    Name,
    Separator,
}

impl<'j> Builder<'j> {
    fn new(json: &'j str) -> Self {
        let mut nodes = Nodes::default();
        // Spans lead into a copy of the whole: one copy is faster than one for each value.
        nodes.text.reserve(json.len() + json.len() / 8);
        nodes.text.push_str(json);
        nodes.nodes.reserve(json.len() / 10 + 1);
        Self {
            json: json.as_bytes(),
            at: 0,
            nodes,
            open: Vec::with_capacity(16),
            names: Vec::with_capacity(64),
            fault: None,
        }
    }

    fn whole(&mut self) -> Option<()> {
        let mut next = Next::Value;
        loop {
            self.space();
            next = match next {
                Next::FirstItem if self.eats(b']') => self.close()?,
                Next::Value | Next::FirstItem => self.value(Span::default())?,
                Next::FirstName if self.eats(b'}') => self.close()?,
                Next::FirstName | Next::Name => {
                    let name = self.name()?;
                    self.space();
                    self.value(name)?
                }
                Next::Separator => match self.open.last() {
                    Some(open) => self.separator(open.kind)?,
                    None if self.at == self.json.len() => return Some(()),
                    None => return self.expected("nothing after the value"),
                },
            }
        }
    }

    fn value(&mut self, name: Span) -> Option<Next> {
        match self.peek() {
            Some(b'"') => {
                let text = self.string()?;
                self.leaf(Kind::Text, name, text);
            }
            Some(b'{') => return self.open(Kind::Object, name),
            Some(b'[') => return self.open(Kind::List, name),
            Some(b'-' | b'0'..=b'9') => {
                let text = self.number()?;
                self.leaf(Kind::Number, name, text);
            }
            Some(b't') => self.word(b"true", Kind::Bool, name)?,
            Some(b'f') => self.word(b"false", Kind::Bool, name)?,
            Some(b'n') => self.word(b"null", Kind::Null, name)?,
            _ => return self.expected("a value"),
        }
        Some(Next::Separator)
    }

    fn separator(&mut self, of: Kind) -> Option<Next> {
        let (close, next, expected) = if of == Kind::Object {
            (b'}', Next::Name, "`,` or `}`")
        } else {
            (b']', Next::Value, "`,` or `]`")
        };
        if self.eats(b',') {
            Some(next)
        } else if self.eats(close) {
            self.close()
        } else {
            self.expected(expected)
        }
    }

    /// A member's name and the colon behind it.
    fn name(&mut self) -> Option<Span> {
        if self.peek() != Some(b'"') {
            return self.expected("a name in quotes");
        }
        let start = self.at;
        let name = self.string()?;
        if self.unique(name).is_none() {
            self.at = start;
            return None;
        }
        self.space();
        if self.eats(b':') { Some(name) } else { self.expected("`:`") }
    }

    /// Refuses a name that the object already has. Where there are many, they are not compared each
    /// with each, but sorted when the object closes.
    fn unique(&mut self, name: Span) -> Option<()> {
        let bytes = self.nodes.bytes(name);
        let sign = signature(bytes);
        let begin = self.open.last().map_or(0, |open| open.names);
        let names = self.names.get(begin..).unwrap_or_default();
        let same = |(other, span): &(u64, Span)| *other == sign && self.nodes.bytes(*span) == bytes;
        if names.len() < FEW && names.iter().any(same) {
            let fault = TreeFault::RepeatedKey(self.nodes.slice(name).to_owned());
            return self.fail(fault);
        }
        self.names.push((sign, name));
        Some(())
    }

    fn open(&mut self, kind: Kind, name: Span) -> Option<Next> {
        if self.open.len() >= MAX_DEPTH {
            return self.fail(TreeFault::TooDeep);
        }
        self.at += 1;
        self.open.push(Open { kind, node: self.nodes.nodes.len(), names: self.names.len() });
        self.leaf(kind, name, Span::default());
        Some(if kind == Kind::Object { Next::FirstName } else { Next::FirstItem })
    }

    fn close(&mut self) -> Option<Next> {
        if let Some(open) = self.open.pop() {
            let end = small(self.nodes.nodes.len());
            if let Some(node) = self.nodes.nodes.get_mut(open.node) {
                node.end = end;
            }
            if self.names.len() > open.names + FEW {
                self.all_unique(open.names)?;
            }
            self.names.truncate(open.names);
        }
        Some(Next::Separator)
    }

    /// Refuses an object of many names if two of them are the same.
    fn all_unique(&mut self, begin: usize) -> Option<()> {
        let names = self.names.get(begin..).unwrap_or_default();
        let mut names = names.iter().map(|(_, span)| self.nodes.slice(*span)).collect::<Vec<_>>();
        names.sort_unstable();
        let repeated = names.windows(2).find(|pair| pair.first() == pair.last());
        match repeated.and_then(<[&str]>::first) {
            Some(name) => {
                let fault = TreeFault::RepeatedKey((*name).to_owned());
                self.fail(fault)
            }
            None => Some(()),
        }
    }

    fn leaf(&mut self, kind: Kind, key: Span, text: Span) {
        let end = small(self.nodes.nodes.len() + 1);
        self.nodes.nodes.push(Node { kind, key, text, end });
    }

    fn word(&mut self, word: &[u8], kind: Kind, name: Span) -> Option<()> {
        if !self.rest().starts_with(word) {
            return self.expected("a value");
        }
        let text = Span { start: small(self.at), end: small(self.at + word.len()) };
        self.at += word.len();
        self.leaf(kind, name, text);
        Some(())
    }

    fn number(&mut self) -> Option<Span> {
        let start = self.at;
        self.eats(b'-');
        if !self.eats(b'0') {
            self.digits()?;
        }
        if self.eats(b'.') {
            self.digits()?;
        }
        if self.eats(b'e') || self.eats(b'E') {
            let _signed = self.eats(b'+') || self.eats(b'-');
            self.digits()?;
        }
        Some(Span { start: small(start), end: small(self.at) })
    }

    fn digits(&mut self) -> Option<()> {
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        if digits == 0 { self.expected("a digit") } else { Some(()) }
    }

    /// A string: where it stands in the copy of the input or, if it has escapes, behind it.
    fn string(&mut self) -> Option<Span> {
        self.at += 1;
        let start = self.at;
        self.plain();
        match self.peek() {
            Some(b'"') => {}
            Some(b'\\') => return self.escaped(start),
            _ => return self.expected("the end of a string"),
        }
        self.at += 1;
        Some(Span { start: small(start), end: small(self.at - 1) })
    }

    /// Passes over what stands in a string as it is.
    fn plain(&mut self) {
        // Eight bytes at once: of those that end a run, the first has the lowest high bit set.
        while let Some(eight) = self.rest().first_chunk::<8>() {
            let eight = u64::from_le_bytes(*eight);
            let quotes = eight ^ (ONES * u64::from(b'"'));
            let slashes = eight ^ (ONES * u64::from(b'\\'));
            let ends = (quotes.wrapping_sub(ONES) & !quotes)
                | (slashes.wrapping_sub(ONES) & !slashes)
                | (eight.wrapping_sub(ONES * 0x20) & !eight);
            let ends = ends & (ONES * 0x80);
            if ends != 0 {
                self.at += usize::try_from(ends.trailing_zeros() / 8).unwrap_or_default();
                return;
            }
            self.at += 8;
        }
        while self.peek().is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)) {
            self.at += 1;
        }
    }

    /// The rest of a string from its first escape on.
    fn escaped(&mut self, start: usize) -> Option<Span> {
        let begin = self.nodes.text.len();
        self.nodes.text.extend_from_within(start..self.at);
        loop {
            let from = self.at;
            self.plain();
            self.nodes.text.extend_from_within(from..self.at);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    let sign = self.escape()?;
                    self.nodes.text.push(sign);
                }
                _ => return self.expected("the end of a string"),
            }
        }
        self.at += 1;
        Some(Span { start: small(begin), end: small(self.nodes.text.len()) })
    }

    fn escape(&mut self) -> Option<char> {
        let letter = self.rest().get(1).copied();
        self.at += 2;
        Some(match letter {
            Some(sign @ (b'"' | b'\\' | b'/')) => char::from(sign),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.hex()?;
                // A sign outside the first plane is written as two halves.
                let code = if (0xD800..0xDC00).contains(&first) && self.rest().starts_with(b"\\u") {
                    self.at += 2;
                    let second = self.hex()?;
                    let low = second.wrapping_sub(0xDC00);
                    if low < 0x400 { 0x10000 + ((first - 0xD800) << 10) + low } else { first }
                } else {
                    first
                };
                match char::from_u32(code) {
                    Some(sign) => sign,
                    None => return self.expected("a whole sign in \\u"),
                }
            }
            _ => return self.expected("an escape of JSON"),
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4).and_then(|four| std::str::from_utf8(four).ok());
        let proper = digits.filter(|four| four.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match proper.and_then(|four| u32::from_str_radix(four, 16).ok()) {
            Some(code) => {
                self.at += 4;
                Some(code)
            }
            None => self.expected("four hexadecimal digits"),
        }
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.json.get(self.at).copied()
    }

    fn rest(&self) -> &'j [u8] {
        self.json.get(self.at..).unwrap_or_default()
    }

    fn eats(&mut self, byte: u8) -> bool {
        let eaten = self.peek() == Some(byte);
        self.at += usize::from(eaten);
        eaten
    }

    #[cold]
    fn expected<T>(&mut self, what: &'static str) -> Option<T> {
        let cut_off = self.at >= self.json.len();
        self.fail(if cut_off { TreeFault::CutOff } else { TreeFault::Expected(what) })
    }

    #[cold]
    fn fail<T>(&mut self, fault: TreeFault) -> Option<T> {
        self.fault = Some(fault);
        None
    }
}

/// Up to this many names are compared each with each.
const FEW: usize = 32;

/// A number that differs for most different names: their ends and their length.
fn signature(name: &[u8]) -> u64 {
    let head = match name.first_chunk::<8>() {
        Some(head) => u64::from_le_bytes(*head),
        None => name.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    let tail = name.last_chunk::<8>().map_or(0, |tail| u64::from_le_bytes(*tail));
    let length = u64::try_from(name.len()).unwrap_or(u64::MAX);
    head ^ tail.rotate_left(29) ^ length.rotate_left(57)
}

/// A place as it is kept; [`MAX_LENGTH`] sees to it that it fits.
fn small(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// One in each of eight bytes.
const ONES: u64 = 0x0101_0101_0101_0101;
