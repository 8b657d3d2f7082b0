//! The reader: one item at a time from a source of any length.

use super::delimiters::Delimiters;
use super::envelope::{Group, ISA_LENGTH, Interchange, Trailer};
use super::error::{SyntaxError, SyntaxErrorKind};
use super::lex;
use super::segment::{Segment, text};
use super::set::{Index, Set, Span};
use super::window::Window;
use std::io;
use thiserror::Error;

/// What a reader gives out, in the order of the input.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// An ISA.
    Interchange(&'a Interchange),
    /// A GS.
    Group(&'a Group),
    /// A transaction set whole, or what there is of it when its SE is missing.
    Set(Set<'a>),
    /// A segment outside a set: TA1, ISB, ISE, or one that has no business there.
    Loose(Segment<'a>),
    /// The end of a group: its GE, or `None` where it is missing.
    GroupEnd(Option<&'a Trailer>),
    /// The end of an interchange: its IEA, or `None` where it is missing.
    InterchangeEnd(Option<&'a Trailer>),
}

/// Bounds on what a reader keeps in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes in a segment; binary segments count against the set alone.
    pub segment: usize,
    /// Bytes in a transaction set, and again in the index of its segments and elements; at most
    /// 2 GiB.
    pub set: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { segment: 1 << 20, set: 256 << 20 }
    }
}

/// Why a reader cannot go on from where it is.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The source failed; nothing more can be read.
    #[error("the input cannot be read")]
    Io(#[from] io::Error),
    /// The bytes are not X12 here. The next item is the next interchange, if there is one.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
}

/// Reads interchanges from a source, set by set.
#[derive(Debug)]
pub struct Reader<R> {
    window: Window<R>,
    limits: Limits,
    state: State,
    index: Index,
    interchange: Option<Interchange>,
    group: Option<Group>,
    trailer: Option<Trailer>,
    /// What is wrong behind the set that was just given out.
    fault: Option<SyntaxError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing but white space was met yet.
    Start,
    /// Between interchanges.
    Between,
    /// Between interchanges, after bytes that were none: looking for the next ISA.
    Lost,
    /// In an interchange or in a group.
    Inside,
    /// An interchange cannot be read on: its ends are due.
    Closing,
    /// Nothing more to give.
    Done,
}

/// What was found, as places in the reader's fields.
enum Step {
    Interchange,
    Group,
    Set { end: usize, line: u64, closed: bool },
    Loose { line: u64 },
    GroupEnd { trailer: bool },
    InterchangeEnd { trailer: bool },
    End,
}

impl<R: io::Read> Reader<R> {
    /// A reader of `input` with the default [`Limits`].
    pub fn new(input: R) -> Self {
        Self::with_limits(input, Limits::default())
    }

    /// A reader of `input` that keeps no more than `limits` allow.
    pub fn with_limits(input: R, limits: Limits) -> Self {
        let limits = Limits { set: limits.set.min(1 << 31), ..limits };
        Self {
            window: Window::new(input),
            limits,
            state: State::Start,
            index: Index::default(),
            interchange: None,
            group: None,
            trailer: None,
            fault: None,
        }
    }

    /// How many bytes of the source were read and given out so far.
    pub fn offset(&self) -> u64 {
        self.window.offset(self.window.at)
    }

    /// The next item; `None` at the end of the input.
    ///
    /// # Errors
    /// [`ReadError::Syntax`] where the bytes are not X12; the ends of what was open follow, then
    /// the next interchange in the input if there is one. [`ReadError::Io`] ends the reading.
    // Not an iterator: each item borrows the reader's buffer.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend")]
    pub fn next(&mut self) -> Result<Option<Item<'_>>, ReadError> {
        let step = self.step().inspect_err(|error| {
            if matches!(error, ReadError::Io(_)) {
                self.state = State::Done;
            }
        })?;
        Ok(match step {
            Step::Interchange => self.interchange.as_ref().map(Item::Interchange),
            Step::Group => self.group.as_ref().map(Item::Group),
            Step::Set { end, line, closed } => Some(Item::Set(self.set(end, line, closed))),
            Step::Loose { line } => Some(Item::Loose(self.loose(line))),
            Step::GroupEnd { trailer } => {
                Some(Item::GroupEnd(self.trailer.as_ref().filter(|_| trailer)))
            }
            Step::InterchangeEnd { trailer } => {
                Some(Item::InterchangeEnd(self.trailer.as_ref().filter(|_| trailer)))
            }
            Step::End => None,
        })
    }

    fn step(&mut self) -> Result<Step, ReadError> {
        if let Some(fault) = self.fault.take() {
            return Err(fault.into());
        }
        self.window.keep = self.window.at;
        match self.state {
            State::Start | State::Between => self.between(),
            State::Lost => self.find(),
            State::Inside => self.inside(),
            State::Closing => Ok(self.close(State::Lost)),
            State::Done => Ok(Step::End),
        }
    }

    /// Between interchanges: the next ISA, or the end.
    fn between(&mut self) -> Result<Step, ReadError> {
        loop {
            self.window.skip(|byte| byte.is_ascii_whitespace() || matches!(byte, 0 | 0x1A));
            self.window.keep = self.window.at;
            if self.window.rest().starts_with(b"\xEF\xBB\xBF") {
                self.window.at += 3;
            } else if self.window.rest().len() >= ISA_LENGTH || !self.window.fill()? {
                break;
            }
        }
        if self.window.rest().is_empty() {
            let empty = self.state == State::Start;
            self.state = State::Done;
            if empty {
                return Err(self.fault_at(self.window.at, SyntaxErrorKind::Empty));
            }
            return Ok(Step::End);
        }
        let line = self.window.line(self.window.at);
        match Interchange::parse(self.window.rest(), self.offset(), line) {
            Ok(interchange) => {
                self.interchange = Some(interchange);
                self.window.at += ISA_LENGTH;
                self.state = State::Inside;
                Ok(Step::Interchange)
            }
            Err(kind) => {
                let fault = self.fault_at(self.window.at, kind);
                self.window.at += 1;
                self.state = State::Lost;
                Err(fault)
            }
        }
    }

    /// After a fault: the next interchange, at the start of a line or behind a separator.
    fn find(&mut self) -> Result<Step, ReadError> {
        loop {
            if let Some(found) = memchr::memmem::find(self.window.rest(), b"ISA") {
                self.window.at += found;
                self.window.keep = self.window.at.saturating_sub(1);
                let before = self.window.slice(self.window.keep, self.window.at).last();
                let apart = before.is_none_or(|byte| !byte.is_ascii_alphanumeric());
                if apart && self.at_interchange()? {
                    self.state = State::Between;
                    return self.between();
                }
                self.window.at += 1;
                continue;
            }
            self.window.at = self.window.at.max(self.window.end().saturating_sub(2));
            self.window.keep = self.window.at.saturating_sub(1);
            if !self.window.fill()? {
                self.window.at = self.window.end();
                self.state = State::Done;
                return Ok(Step::End);
            }
        }
    }

    /// In an interchange: a set, a header, a trailer, or a segment of its own.
    fn inside(&mut self) -> Result<Step, ReadError> {
        self.index.clear();
        self.skip_blank()?;
        self.window.keep = self.window.at;
        let Some((start, end)) = self.lex()? else { return Ok(self.close(State::Between)) };
        let line = self.window.line(start);
        match self.role(start, end) {
            Role::Group | Role::InterchangeTrailer if self.group.is_some() => {
                self.window.at = start;
                Ok(self.end_group(None))
            }
            Role::Group => {
                self.group = Some(Group::new(self.segment(), line));
                Ok(Step::Group)
            }
            Role::GroupTrailer if self.group.is_some() => {
                let trailer = Trailer::new(self.segment(), line);
                Ok(self.end_group(Some(trailer)))
            }
            Role::InterchangeTrailer => {
                self.trailer = Some(Trailer::new(self.segment(), line));
                self.interchange = None;
                self.state = State::Between;
                Ok(Step::InterchangeEnd { trailer: true })
            }
            Role::Set => self.gather(line),
            Role::GroupTrailer | Role::SetTrailer | Role::Other => Ok(Step::Loose { line }),
        }
    }

    /// The rest of the set whose ST was just read.
    fn gather(&mut self, line: u64) -> Result<Step, ReadError> {
        let mut closed = false;
        while !closed {
            let before = self.index.ends.len();
            let (start, end) = match self.lex() {
                Ok(Some(place)) => place,
                Ok(None) => break,
                Err(ReadError::Syntax(fault)) => {
                    self.fault = Some(fault);
                    break;
                }
                Err(error) => return Err(error),
            };
            let foreign = match self.role(start, end) {
                Role::Other => false,
                Role::SetTrailer => {
                    closed = true;
                    false
                }
                Role::Group | Role::GroupTrailer | Role::InterchangeTrailer | Role::Set => true,
            };
            if foreign {
                self.index.segments.pop();
                self.index.ends.truncate(before);
                self.window.at = start;
                break;
            }
        }
        Ok(Step::Set { end: self.window.at, line, closed })
    }

    /// Reads the next segment into the index and returns its place in the window; `None` where the
    /// input ends or another interchange begins.
    fn lex(&mut self) -> Result<Option<(usize, usize)>, ReadError> {
        self.skip_blank()?;
        if self.window.rest().is_empty() || self.at_interchange()? {
            return Ok(None);
        }
        let delimiters = self.delimiters();
        loop {
            let rest = self.window.rest();
            let first = narrow(self.index.ends.len());
            match lex::segment(rest, delimiters, &mut self.index.ends) {
                Ok((after, segment)) => {
                    let (start, end) = (self.window.at, self.window.at + segment.len());
                    if segment.len() > self.limits.segment && !lex::is_binary(segment, delimiters) {
                        let kind = SyntaxErrorKind::SegmentTooLong(self.limits.segment);
                        self.index.ends.truncate(usize::try_from(first).unwrap_or(usize::MAX));
                        return Err(self.break_off(kind));
                    }
                    if end - self.window.keep > self.limits.set
                        || self.index.weight() > self.limits.set
                    {
                        let kind = SyntaxErrorKind::SetTooLong(self.limits.set);
                        self.index.ends.truncate(usize::try_from(first).unwrap_or(usize::MAX));
                        return Err(self.break_off(kind));
                    }
                    let behind = after.len();
                    self.window.at = self.window.end() - behind;
                    let (from, to) =
                        (narrow(start - self.window.keep), narrow(end - self.window.keep));
                    self.index.segments.push(Span { start: from, end: to, first });
                    return Ok(Some((start, end)));
                }
                Err(nom::Err::Incomplete(_)) => self.need_more(delimiters)?,
                Err(nom::Err::Error(_) | nom::Err::Failure(_)) => {
                    return Err(self.break_off(SyntaxErrorKind::BinaryLength(self.peek())));
                }
            }
        }
    }

    /// A segment is not whole in the buffer: reads more, or says why there is none.
    fn need_more(&mut self, delimiters: Delimiters) -> Result<(), ReadError> {
        let binary = lex::is_binary(self.window.rest(), delimiters);
        if !binary && self.window.rest().len() > self.limits.segment {
            return Err(self.break_off(SyntaxErrorKind::SegmentTooLong(self.limits.segment)));
        }
        if self.window.end() - self.window.keep > self.limits.set {
            return Err(self.break_off(SyntaxErrorKind::SetTooLong(self.limits.set)));
        }
        if self.window.fill()? {
            return Ok(());
        }
        // A last IEA whose terminator was lost is whole: its number tells if anything is missing.
        if self.window.rest().starts_with(&[b'I', b'E', b'A', delimiters.element]) {
            self.window.finish_with(delimiters.segment);
            return Ok(());
        }
        Err(self.break_off(SyntaxErrorKind::Unterminated(self.peek())))
    }

    /// The interchange in hand cannot be read on.
    fn break_off(&mut self, kind: SyntaxErrorKind) -> ReadError {
        self.state = State::Closing;
        self.fault_at(self.window.at, kind)
    }

    /// Ends what is open, the group first; `after` is the state behind the interchange.
    fn close(&mut self, after: State) -> Step {
        if self.group.is_some() {
            return self.end_group(None);
        }
        self.interchange = None;
        self.state = after;
        Step::InterchangeEnd { trailer: false }
    }

    fn end_group(&mut self, trailer: Option<Trailer>) -> Step {
        self.group = None;
        let closed = trailer.is_some();
        self.trailer = trailer;
        Step::GroupEnd { trailer: closed }
    }

    /// Whether an interchange begins here, with whatever separators: a segment that only has the
    /// name of an ISA is data.
    fn at_interchange(&mut self) -> Result<bool, ReadError> {
        let name = b"ISA";
        loop {
            let rest = self.window.rest();
            let begins = rest.starts_with(name) || name.starts_with(rest);
            if !begins || rest.len() >= ISA_LENGTH || !self.window.fill()? {
                break;
            }
        }
        let rest = self.window.rest();
        Ok(rest.starts_with(name) && Interchange::parse(rest, 0, 0).is_ok())
    }

    fn role(&self, start: usize, end: usize) -> Role {
        Role::of(self.window.slice(start, end), self.delimiters())
    }

    fn delimiters(&self) -> Delimiters {
        self.interchange.as_ref().map_or_else(Delimiters::default, Interchange::delimiters)
    }

    /// The beginning of what comes next, for messages.
    fn peek(&self) -> String {
        text(self.window.rest().get(..self.window.rest().len().min(24)).unwrap_or_default())
            .into_owned()
    }

    fn fault_at(&mut self, at: usize, kind: SyntaxErrorKind) -> ReadError {
        let (offset, line) = (self.window.offset(at), self.window.line(at));
        ReadError::Syntax(SyntaxError { offset, line, kind })
    }

    /// Passes white space between segments.
    fn skip_blank(&mut self) -> Result<(), ReadError> {
        loop {
            let separators = self.delimiters();
            self.window.skip(|byte| byte.is_ascii_whitespace() && !separators.contains(byte));
            if separators.segment == b'\n' || separators.segment == b'\r' {
                // An empty line between segments that end with their lines.
                self.window.skip(|byte| byte.is_ascii_whitespace() && byte != separators.element);
            }
            if !self.window.rest().is_empty() || !self.window.fill()? {
                return Ok(());
            }
        }
    }

    /// The set in the buffer up to `end`.
    fn set(&self, end: usize, line: u64, closed: bool) -> Set<'_> {
        Set {
            bytes: self.window.slice(self.window.keep, end),
            index: &self.index,
            delimiters: self.delimiters(),
            offset: self.window.offset(self.window.keep),
            line,
            closed,
        }
    }

    /// The one segment that was just read.
    fn segment(&self) -> Segment<'_> {
        self.loose(0)
    }

    /// The same, with its line.
    fn loose(&self, line: u64) -> Segment<'_> {
        let set = self.set(self.window.at, 0, false);
        Segment { position: 0, line: u32::try_from(line).unwrap_or(u32::MAX), ..set.header() }
    }
}

/// What a segment does to the envelopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// GS.
    Group,
    /// GE.
    GroupTrailer,
    /// IEA.
    InterchangeTrailer,
    /// ST.
    Set,
    /// SE.
    SetTrailer,
    /// Anything else.
    Other,
}

impl Role {
    fn of(segment: &[u8], delimiters: Delimiters) -> Self {
        let (id, rest) = match segment {
            [a, b, rest @ ..] if rest.first().is_none_or(|byte| *byte == delimiters.element) => {
                ([*a, *b, 0], rest)
            }
            [a, b, c, rest @ ..] => ([*a, *b, *c], rest),
            _ => return Self::Other,
        };
        if rest.first().is_some_and(|byte| *byte != delimiters.element) {
            return Self::Other;
        }
        match &id {
            b"IEA" => Self::InterchangeTrailer,
            b"GS\0" => Self::Group,
            b"GE\0" => Self::GroupTrailer,
            b"ST\0" => Self::Set,
            b"SE\0" => Self::SetTrailer,
            _ => Self::Other,
        }
    }
}

fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
