//! The reader: one item at a time from a source of any length.

use super::binary;
use super::delimiters::Delimiters;
use super::envelope::{Group, Interchange, REACH, Trailer};
use super::error::{SyntaxError, SyntaxErrorKind};
use super::item::{Item, Limits, ReadError};
use super::marks::{Marks, Span};
use super::segment::{Segment, text};
use super::set::Set;
use super::window::Window;
use std::io;

/// Reads interchanges from a source, set by set.
#[derive(Debug)]
pub struct Reader<R> {
    window: Window<R>,
    limits: Limits,
    state: State,
    marks: Marks,
    /// The segments of the set in hand, or the one outside a set.
    segments: Vec<Span>,
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
        let limits = Limits { set: limits.set.min(Limits::LARGEST_SET), ..limits };
        Self {
            window: Window::new(input),
            limits,
            state: State::Start,
            marks: Marks::default(),
            segments: Vec::new(),
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
        self.segments.clear();
        self.marks.forget();
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
            } else if self.window.rest().len() >= REACH || !self.fill()? {
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
        match Interchange::read(self.window.rest(), self.offset(), line) {
            Ok(interchange) => {
                self.window.at += interchange.length();
                self.marks.begin(self.window.at, interchange.delimiters());
                self.interchange = Some(interchange);
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
            if !self.fill()? {
                self.window.at = self.window.end();
                self.state = State::Done;
                return Ok(Step::End);
            }
        }
    }

    /// In an interchange: a set, a header, a trailer, or a segment of its own.
    fn inside(&mut self) -> Result<Step, ReadError> {
        self.skip_blank()?;
        self.window.keep = self.window.at;
        let Some((span, role)) = self.lex()? else { return Ok(self.close(State::Between)) };
        let line = self.window.line(place(span.start));
        match role {
            Role::Group | Role::InterchangeTrailer if self.group.is_some() => {
                self.give_back(span);
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
            self.lex_plain();
            match self.lex() {
                Ok(Some((_, Role::Other))) => {}
                Ok(Some((_, Role::SetTrailer))) => closed = true,
                Ok(Some((
                    span,
                    Role::Group | Role::GroupTrailer | Role::InterchangeTrailer | Role::Set,
                ))) => {
                    self.give_back(span);
                    break;
                }
                Ok(None) => break,
                Err(ReadError::Syntax(fault)) => {
                    self.fault = Some(fault);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Step::Set { end: self.window.at, line, closed })
    }

    /// Reads what needs no decision of the set in hand.
    fn lex_plain(&mut self) {
        let Some(first) = self.segments.first() else { return };
        let (bytes, memory) = self.marks.weight(*first);
        if bytes.max(memory) <= self.limits.set {
            let window = self.window.slice(0, self.window.end());
            let (at, longest) = (self.window.at, self.limits.segment);
            self.window.at = self.marks.take_plain(window, at, longest, &mut self.segments);
        }
    }

    /// Reads the next segment; `None` where the input ends or another interchange begins.
    fn lex(&mut self) -> Result<Option<(Span, Role)>, ReadError> {
        self.skip_blank()?;
        match self.window.rest().first().copied() {
            None => return Ok(None),
            Some(b'I') if self.at_interchange()? => return Ok(None),
            Some(b'B') => self.binary()?,
            Some(_) => {}
        }
        loop {
            if let Some((span, end)) = self.marks.take(self.window.at) {
                return self.keep(span, end).map(Some);
            }
            if !self.marks.search(self.window.slice(0, self.window.end())) {
                self.need_more()?;
            }
        }
    }

    /// Takes a segment into the set in hand, if the limits allow.
    fn keep(&mut self, span: Span, end: usize) -> Result<(Span, Role), ReadError> {
        let first = self.segments.first().unwrap_or(&span);
        let held = end - place(first.start);
        let index = size_of::<u32>() * place(span.last - first.first)
            + size_of::<Span>() * self.segments.len();
        if end - self.window.at > self.limits.segment && !self.at_binary() {
            return Err(self.break_off(SyntaxErrorKind::SegmentTooLong(self.limits.segment)));
        }
        if held.max(index) > self.limits.set {
            return Err(self.break_off(SyntaxErrorKind::SetTooLong(self.limits.set)));
        }
        let id_end = self.marks.ends().get(place(span.first)).map_or(end, |end| place(*end));
        let role = Role::of(self.window.slice(self.window.at, id_end));
        self.segments.push(span);
        self.window.at = end + 1;
        Ok((span, role))
    }

    /// Leaves the segment that was just read to the next item.
    fn give_back(&mut self, span: Span) {
        self.segments.pop();
        self.marks.give_back(span);
        self.window.at = place(span.start);
    }

    fn at_binary(&self) -> bool {
        binary::is_binary(self.window.rest(), self.delimiters())
    }

    /// Marks the segment that begins here by its own count, if it has one.
    fn binary(&mut self) -> Result<(), ReadError> {
        while self.window.rest().len() < 4 && self.fill()? {}
        while self.at_binary() {
            match binary::segment(self.window.rest(), self.delimiters()) {
                Ok((_, ends)) => {
                    let start = narrow(self.window.at);
                    self.marks.insert(ends.into_iter().map(|end| start + end));
                    break;
                }
                Err(nom::Err::Incomplete(_)) => self.need_more()?,
                Err(nom::Err::Error(_) | nom::Err::Failure(_)) => {
                    return Err(self.break_off(SyntaxErrorKind::BinaryLength(self.peek())));
                }
            }
        }
        Ok(())
    }

    /// A segment is not whole in the window: reads more, or says why there is none.
    fn need_more(&mut self) -> Result<(), ReadError> {
        if self.window.rest().len() > self.limits.segment && !self.at_binary() {
            return Err(self.break_off(SyntaxErrorKind::SegmentTooLong(self.limits.segment)));
        }
        if self.window.end() - self.window.keep > self.limits.set {
            return Err(self.break_off(SyntaxErrorKind::SetTooLong(self.limits.set)));
        }
        if self.fill()? {
            return Ok(());
        }
        // A last IEA whose terminator was lost is whole: its number tells if anything is missing.
        let delimiters = self.delimiters();
        if self.window.rest().starts_with(&[b'I', b'E', b'A', delimiters.element]) {
            self.window.finish_with(delimiters.segment);
            self.marks.resume(self.window.at);
            return Ok(());
        }
        Err(self.break_off(SyntaxErrorKind::Unterminated(self.peek())))
    }

    /// Reads more into the window; false at the end of the input.
    fn fill(&mut self) -> io::Result<bool> {
        let base = self.window.offset(0);
        let more = self.window.fill()?;
        let moved = usize::try_from(self.window.offset(0) - base).unwrap_or(usize::MAX);
        if moved > 0 {
            self.marks.slide(moved);
            for span in &mut self.segments {
                span.start -= narrow(moved);
            }
        }
        Ok(more)
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
            if !begins || rest.len() >= REACH || !self.fill()? {
                break;
            }
        }
        let rest = self.window.rest();
        Ok(rest.starts_with(name) && Interchange::parse(rest, 0, 0).is_ok())
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
    #[inline]
    fn skip_blank(&mut self) -> Result<(), ReadError> {
        while self.window.rest().first().is_none_or(u8::is_ascii_whitespace) {
            let separators = self.delimiters();
            // An empty line between segments that end with their lines is white space, too.
            let terminator = Some(separators.segment).filter(u8::is_ascii_whitespace);
            self.window.skip(|byte| {
                byte.is_ascii_whitespace()
                    && (!separators.contains(byte) || Some(byte) == terminator)
            });
            if !self.window.rest().is_empty() || !self.fill()? {
                break;
            }
        }
        Ok(())
    }

    /// The set in hand, which ends before `end`.
    fn set(&self, end: usize, line: u64, closed: bool) -> Set<'_> {
        Set {
            text: self.window.slice(0, self.window.end()),
            base: self.window.offset(0),
            end,
            segments: &self.segments,
            ends: self.marks.ends(),
            delimiters: self.delimiters(),
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
    #[inline]
    fn of(id: &[u8]) -> Self {
        match id {
            b"GS" => Self::Group,
            b"GE" => Self::GroupTrailer,
            b"IEA" => Self::InterchangeTrailer,
            b"ST" => Self::Set,
            b"SE" => Self::SetTrailer,
            _ => Self::Other,
        }
    }
}

#[inline]
fn place(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

#[inline]
fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
