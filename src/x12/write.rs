//! The writer: envelopes, sets and segments to bytes; counts and trailers are computed.

use super::delimiters::Delimiters;
use super::opening::{GroupHeader, InterchangeHeader};
use super::stops::Stops;
use super::write_error::WriteError;
use std::ops::Range;

/// Writes interchanges.
///
/// ```
/// use wharf::x12::{Delimiters, Writer};
/// let mut writer = Writer::new(Delimiters::default())?;
/// writer.begin_set("850", "0001", "")?;
/// writer.segment("BEG", ["00", "NE", "4501", "", "20240115", ""])?;
/// writer.end_set();
/// assert_eq!(writer.into_bytes(), b"ST*850*0001~BEG*00*NE*4501**20240115~SE*3*0001~");
/// # Ok::<(), wharf::x12::WriteError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    delimiters: Delimiters,
    stops: Stops,
    newline: bool,
    element: usize,
    /// Where the segment in hand begins.
    start: usize,
    /// Where the segment in hand ends but for the empty elements behind its last value.
    solid: usize,
    set: Option<(u32, String)>,
    /// Where the set in hand begins.
    set_start: usize,
    group: Option<(u32, u32)>,
    interchange: Option<(u32, u32)>,
}

impl Writer {
    /// A writer with these separators.
    ///
    /// # Errors
    /// Separators that no interchange may use.
    pub fn new(delimiters: Delimiters) -> Result<Self, WriteError> {
        let delimiters = delimiters.validated()?;
        let stops = Stops::new(delimiters);
        Ok(Self {
            bytes: Vec::new(),
            delimiters,
            stops,
            newline: false,
            element: 0,
            start: 0,
            solid: 0,
            set: None,
            set_start: 0,
            group: None,
            interchange: None,
        })
    }

    /// The same writer with a line feed behind each segment terminator.
    #[must_use]
    pub fn with_newlines(mut self) -> Self {
        self.newline = self.delimiters.segment != b'\n';
        self
    }

    /// The separators written.
    pub fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    /// Opens an interchange; before version 00402 it has no repetition separator, whatever the
    /// writer was made with.
    ///
    /// # Errors
    /// A value wider than its place, or one that holds a separator.
    pub fn begin_interchange(&mut self, header: &InterchangeHeader) -> Result<(), WriteError> {
        let repetition = match self.delimiters.repetition {
            Some(byte) if header.version.as_str() >= "00402" => char::from(byte),
            _ => 'U',
        };
        let component = char::from(self.delimiters.component);
        let asks = if header.acknowledgment_requested { "1" } else { "0" };
        let fields: [(usize, &str); 16] = [
            (2, "00"),
            (10, ""),
            (2, "00"),
            (10, ""),
            (2, &header.sender.0),
            (15, &header.sender.1),
            (2, &header.receiver.0),
            (15, &header.receiver.1),
            (6, &header.date),
            (4, &header.time),
            (1, &repetition.to_string()),
            (5, &header.version),
            (9, &format!("{:09}", header.control)),
            (1, asks),
            (1, &header.usage.to_string()),
            (1, &component.to_string()),
        ];
        self.open("ISA")?;
        for (number, (width, value)) in (1..).zip(fields) {
            if value.len() > width {
                self.bytes.truncate(self.start);
                let value = value.to_owned();
                return Err(WriteError::TooWide { element: number, width, value });
            }
            self.separate();
            let declares = number == 11 || number == 16;
            if !declares {
                self.refuse_delimiters(value.as_bytes())?;
            }
            let end = self.bytes.len() + width;
            self.bytes.extend_from_slice(value.as_bytes());
            self.bytes.resize(end, b' ');
            self.solid = end;
        }
        self.end();
        if repetition == 'U' {
            self.delimiters.repetition = None;
            self.stops = Stops::new(self.delimiters);
        }
        self.interchange = Some((header.control, 0));
        Ok(())
    }

    /// Opens a functional group.
    ///
    /// # Errors
    /// A value that holds a separator.
    pub fn begin_group(&mut self, header: &GroupHeader) -> Result<(), WriteError> {
        let control = header.control.to_string();
        self.segment(
            "GS",
            [
                &header.functional_id,
                &header.sender,
                &header.receiver,
                &header.date,
                &header.time,
                &control,
                "X",
                &header.version,
            ],
        )?;
        if let Some((_, groups)) = &mut self.interchange {
            *groups += 1;
        }
        self.group = Some((header.control, 0));
        Ok(())
    }

    /// Opens a transaction set; `guide` is ST03, empty for none.
    ///
    /// # Errors
    /// A value that holds a separator.
    pub fn begin_set(&mut self, id: &str, control: &str, guide: &str) -> Result<(), WriteError> {
        self.set_start = self.bytes.len();
        self.segment("ST", [id, control, guide])?;
        self.set = Some((1, control.to_owned()));
        if let Some((_, sets)) = &mut self.group {
            *sets += 1;
        }
        Ok(())
    }

    /// Writes a segment of plain elements; empty ones at its end are left out.
    ///
    /// # Errors
    /// A value that holds a separator; nothing of the segment is written then.
    pub fn segment<'v>(
        &mut self,
        id: &str,
        elements: impl IntoIterator<Item = &'v str>,
    ) -> Result<(), WriteError> {
        self.open(id)?;
        for value in elements {
            self.element(value)?;
        }
        self.end();
        Ok(())
    }

    /// Begins a segment; elements follow, then [`Writer::end`].
    ///
    /// # Errors
    /// An id that holds a separator; nothing is opened then.
    pub fn open(&mut self, id: &str) -> Result<(), WriteError> {
        self.element = 0;
        self.start = self.bytes.len();
        self.solid = self.start;
        self.push(id)
    }

    /// Writes the next element of the open segment; an empty value keeps its place.
    ///
    /// # Errors
    /// A value that holds a separator; the open segment is then taken back.
    pub fn element(&mut self, value: &str) -> Result<(), WriteError> {
        self.separate();
        self.push(value)
    }

    /// Writes the next element, which is this piece of a longer text.
    ///
    /// Most values are short: one is copied together with what stands behind it, in one go, and
    /// then cut.
    #[inline]
    pub(crate) fn piece(&mut self, text: &str, piece: Range<usize>) -> Result<(), WriteError> {
        let rest = text.as_bytes().get(piece.start..).unwrap_or_default();
        match rest.first_chunk() {
            Some(block)
                if piece.len() <= block.len() && !self.stops.are_first(*block, piece.len()) =>
            {
                self.separate();
                let end = self.bytes.len() + piece.len();
                self.bytes.extend_from_slice(block);
                self.bytes.truncate(end);
                if !piece.is_empty() {
                    self.solid = end;
                }
                Ok(())
            }
            _ => self.element(text.get(piece).unwrap_or_default()),
        }
    }

    /// Leaves the next element empty.
    #[inline]
    pub(crate) fn skip(&mut self) {
        self.separate();
    }

    /// Writes the next element as a composite; empty components at its end are left out.
    ///
    /// # Errors
    /// A value that holds a separator; the open segment is then taken back.
    pub fn composite<'v>(
        &mut self,
        components: impl IntoIterator<Item = &'v str>,
    ) -> Result<(), WriteError> {
        self.separate();
        self.parts(components)
    }

    /// Writes the next element as repetitions, each a list of components; empty ones at its end
    /// are left out.
    ///
    /// # Errors
    /// A value that holds a separator, or more than one repetition where the interchange has no
    /// repetition separator; the open segment is then taken back.
    pub fn repetitions<'v, C: IntoIterator<Item = &'v str>>(
        &mut self,
        repetitions: impl IntoIterator<Item = C>,
    ) -> Result<(), WriteError> {
        self.separate();
        let mut end = self.bytes.len();
        for (number, components) in repetitions.into_iter().enumerate() {
            if number > 0 {
                let Some(separator) = self.delimiters.repetition else {
                    let value = components.into_iter().next().unwrap_or_default().to_owned();
                    return Err(self.take_back(b'^', value));
                };
                self.bytes.push(separator);
            }
            let start = self.bytes.len();
            self.parts(components)?;
            if self.bytes.len() > start {
                end = self.bytes.len();
            }
        }
        self.bytes.truncate(end);
        Ok(())
    }

    /// Ends the open segment.
    pub fn end(&mut self) {
        self.bytes.truncate(self.solid);
        self.bytes.push(self.delimiters.segment);
        if self.newline {
            self.bytes.push(b'\n');
        }
        if let Some((segments, _)) = &mut self.set {
            *segments += 1;
        }
    }

    /// Closes the set with its SE.
    pub fn end_set(&mut self) {
        if let Some((segments, control)) = self.set.take() {
            self.trailer("SE", segments + 1, &control);
        }
    }

    /// Takes back the set in hand, as if it had not been begun.
    pub fn abandon_set(&mut self) {
        if self.set.take().is_some() {
            self.bytes.truncate(self.set_start);
            if let Some((_, sets)) = &mut self.group {
                *sets = sets.saturating_sub(1);
            }
        }
    }

    /// Closes the group with its GE.
    pub fn end_group(&mut self) {
        if let Some((control, sets)) = self.group.take() {
            self.trailer("GE", sets, &control.to_string());
        }
    }

    /// Closes the interchange with its IEA.
    pub fn end_interchange(&mut self) {
        if let Some((control, groups)) = self.interchange.take() {
            self.trailer("IEA", groups, &format!("{control:09}"));
        }
    }

    /// Appends bytes that were written elsewhere with the same separators, such as whole sets;
    /// `sets` are added to the group's count.
    pub fn append_sets(&mut self, bytes: &[u8], sets: u32) {
        self.bytes.extend_from_slice(bytes);
        if let Some((_, count)) = &mut self.group {
            *count += sets;
        }
    }

    /// Appends segments that were written elsewhere with the same separators; they count in the
    /// open set's SE.
    pub fn append_segments(&mut self, bytes: &[u8], segments: u32) {
        self.bytes.extend_from_slice(bytes);
        if let Some((count, _)) = &mut self.set {
            *count += segments;
        }
    }

    /// What was written so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Ids and counts are letters and digits, and the control number was checked when its header
    /// was written: this cannot fail.
    fn trailer(&mut self, id: &str, count: u32, control: &str) {
        self.bytes.extend_from_slice(id.as_bytes());
        for value in [count.to_string().as_str(), control] {
            self.bytes.push(self.delimiters.element);
            self.bytes.extend_from_slice(value.as_bytes());
        }
        self.solid = self.bytes.len();
        self.end();
    }

    fn separate(&mut self) {
        self.element += 1;
        self.bytes.push(self.delimiters.element);
    }

    fn push(&mut self, value: &str) -> Result<(), WriteError> {
        self.refuse_delimiters(value.as_bytes())?;
        if !value.is_empty() {
            self.bytes.extend_from_slice(value.as_bytes());
            self.solid = self.bytes.len();
        }
        Ok(())
    }

    fn parts<'v>(
        &mut self,
        components: impl IntoIterator<Item = &'v str>,
    ) -> Result<(), WriteError> {
        let mut end = self.bytes.len();
        for (number, value) in components.into_iter().enumerate() {
            if number > 0 {
                self.bytes.push(self.delimiters.component);
            }
            self.push(value)?;
            if !value.is_empty() {
                end = self.bytes.len();
            }
        }
        self.bytes.truncate(end);
        Ok(())
    }

    fn refuse_delimiters(&mut self, value: &[u8]) -> Result<(), WriteError> {
        if !self.stops.are_in(value) {
            return Ok(());
        }
        match value.iter().find(|byte| self.delimiters.contains(**byte)) {
            None => Ok(()),
            Some(separator) => {
                let value = super::segment::text(value).into_owned();
                Err(self.take_back(*separator, value))
            }
        }
    }

    /// Takes the open segment back: nothing half-written stays.
    fn take_back(&mut self, separator: u8, value: String) -> WriteError {
        let written = self.bytes.get(self.start..).unwrap_or_default();
        let id = written.split(|byte| *byte == self.delimiters.element).next().unwrap_or_default();
        // An id that holds a separator itself was not written.
        let segment = if id.is_empty() { value.clone() } else { super::segment::text(id).into() };
        self.bytes.truncate(self.start);
        WriteError::DelimiterInData { segment, element: self.element, separator, value }
    }
}
