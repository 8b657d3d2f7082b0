//! Where the separators stand: searched for a block at a time, ahead of the reading.
//!
//! # Why ahead of the reading
//! Elements average three and a half bytes. A loop that asks of each byte whether it is a separator
//! mispredicts the answer at every other element, and a vector search never pays for its start. So
//! 64 bytes at a time become two words, a bit for each byte, without a branch; then the bits become
//! places, eight at a time. This runs four times as fast as the loop, and everything above reads
//! places instead of bytes.

use super::delimiters::Delimiters;
use super::heads::{Head, Heads};
use wide::u8x16;

/// The separators of a window, in order, by their places in it.
#[derive(Debug, Default)]
pub(super) struct Marks {
    delimiters: Delimiters,
    heads: Heads,
    /// Where an id or an element ends: at each element separator and each terminator.
    ends: Vec<u32>,
    /// Which of `ends` are terminators.
    terminators: Vec<u32>,
    /// The first of `ends`, and of `terminators`, that was not yet taken.
    next_end: usize,
    next_terminator: usize,
    /// The place up to which the window was searched, and how much to search next.
    searched: usize,
    stride: usize,
}

/// A segment in a window: where it begins, and which of the marks are its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) first: u32,
    pub(super) last: u32,
}

/// What is searched at a time: little behind a beginning, in case another one follows soon.
const STRIDES: (usize, usize) = (1 << 9, 1 << 12);

impl Marks {
    /// Begins anew at a place in the window, with these separators.
    pub(super) fn begin(&mut self, at: usize, delimiters: Delimiters) {
        self.delimiters = delimiters;
        self.heads = Heads::of_segments(delimiters);
        self.next_end = 0;
        self.next_terminator = 0;
        self.resume(at);
    }

    /// Forgets what was not yet taken and searches again from a place in the window.
    pub(super) fn resume(&mut self, at: usize) {
        self.ends.truncate(self.next_end);
        self.terminators.truncate(self.next_terminator);
        self.searched = at;
        self.stride = STRIDES.0;
    }

    /// Searches on in `window`; false if it was searched to its end.
    pub(super) fn search(&mut self, window: &[u8]) -> bool {
        let upto = window.len().min(self.searched + self.stride);
        let Some(block @ [_, ..]) = window.get(self.searched..upto) else { return false };
        let (whole, rest) = block.as_chunks::<64>();
        // NUL is never a separator.
        let mut last = [0; 64];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        let mut at = narrow(self.searched);
        for bytes in whole.iter().chain((!rest.is_empty()).then_some(&last)) {
            self.mark(bytes, at);
            at += 64;
        }
        self.searched = upto;
        self.stride = (self.stride * 2).min(STRIDES.1);
        true
    }

    /// Takes the segment that begins at `start`: its span, and where its terminator stands. `None`
    /// if no terminator was found so far.
    #[inline]
    pub(super) fn take(&mut self, start: usize) -> Option<(Span, usize)> {
        let start = narrow(start);
        loop {
            let last = *self.terminators.get(self.next_terminator)?;
            let end = *self.ends.get(wide(last))?;
            let first = narrow(self.next_end);
            self.next_terminator += 1;
            self.next_end = wide(last) + 1;
            // One that stands before `start` ended a blank line.
            if end >= start {
                return Some((Span { start, first, last }, wide(end)));
            }
        }
    }

    /// Takes into `segments` those from `at` on that are marked whole, as long as they need no
    /// decision: none of an envelope, none that counts its bytes, none longer than `longest`.
    /// Returns the place behind the last one.
    ///
    /// This is [`Marks::take`] for the many.
    pub(super) fn take_plain(
        &mut self,
        window: &[u8],
        mut at: usize,
        longest: usize,
        segments: &mut Vec<Span>,
    ) -> usize {
        let ends = self.ends.as_slice();
        let terminators = self.terminators.get(self.next_terminator..).unwrap_or_default();
        let mut first = narrow(self.next_end);
        let mut taken = 0;
        segments.reserve(terminators.len());
        'segments: for last in terminators {
            let mut start = at;
            while let Some(byte) = window.get(start) {
                match self.heads.of(*byte) {
                    Head::Layout => start += 1,
                    Head::Plain => break,
                    Head::Telling => {
                        let end = ends.get(wide(first)).map_or(start, |end| wide(*end));
                        match window.get(start..end) {
                            Some(id) if Heads::is_plain(id) => break,
                            _ => break 'segments,
                        }
                    }
                }
            }
            let end = ends.get(wide(*last)).map_or(0, |end| wide(*end));
            // Wraps where `end` stands before `start`: the terminator ended a blank line.
            if end.wrapping_sub(start) > longest {
                break;
            }
            segments.push(Span { start: narrow(start), first, last: *last });
            first = *last + 1;
            at = end + 1;
            taken += 1;
        }
        self.next_terminator += taken;
        self.next_end = wide(first);
        at
    }

    /// Gives back the segment that was taken last.
    pub(super) fn give_back(&mut self, span: Span) {
        self.next_terminator -= 1;
        self.next_end = wide(span.first);
    }

    /// Puts a segment before what was not yet taken: where its id and its elements end, the last
    /// end being its terminator's. The search goes on behind it.
    pub(super) fn insert(&mut self, ends: impl IntoIterator<Item = u32>) {
        self.resume(0);
        self.ends.extend(ends);
        self.terminators.push(narrow(self.ends.len() - 1));
        self.searched = self.ends.last().map_or(0, |end| wide(*end) + 1);
    }

    /// What the marks of a set weigh if all that was found becomes its own: bytes of the input, and
    /// bytes of memory; `first` is its first segment.
    pub(super) fn weight(&self, first: Span) -> (usize, usize) {
        let ends = self.ends.len() - wide(first.first);
        (self.searched - wide(first.start), ends * (size_of::<u32>() + size_of::<Span>()))
    }

    /// Ends the segment that was not yet taken, whose terminator is missing.
    pub(super) fn close(&mut self, end: u32) {
        let open = |before: &&u32| **before < end;
        let behind = self.ends.get(self.next_end..).unwrap_or_default();
        let parts = behind.iter().take_while(open).count();
        self.ends.truncate(self.next_end + parts);
        self.terminators.push(narrow(self.ends.len()));
        self.ends.push(end);
    }

    /// All ends that are remembered; a span says which are a segment's own.
    pub(super) fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// Forgets what was taken, unless it is too little to be worth it.
    pub(super) fn forget(&mut self) {
        let taken = self.next_end;
        if taken < STRIDES.1 {
            return;
        }
        self.ends.drain(..taken);
        self.terminators.drain(..self.next_terminator);
        for terminator in &mut self.terminators {
            *terminator -= narrow(taken);
        }
        self.next_end = 0;
        self.next_terminator = 0;
    }

    /// The window has moved on by `by` bytes.
    pub(super) fn slide(&mut self, by: usize) {
        let moved = narrow(by);
        // What was passed without being taken ended blank lines.
        while let Some(last) = self.terminators.get(self.next_terminator)
            && self.ends.get(wide(*last)).is_some_and(|end| *end < moved)
        {
            self.next_end = wide(*last) + 1;
            self.next_terminator += 1;
        }
        self.searched = self.searched.saturating_sub(by);
        for end in &mut self.ends {
            *end = end.saturating_sub(moved);
        }
    }

    /// Remembers the separators in `bytes`, which stand at `at`.
    #[inline]
    fn mark(&mut self, bytes: &[u8; 64], at: u32) {
        let (ends, mut terminators) = bits(bytes, self.delimiters);
        let before = narrow(self.ends.len());
        let known = self.terminators.len();
        let count = terminators.count_ones();
        while terminators != 0 {
            let mut below = [0_u64; 4];
            for below in &mut below {
                *below = ends & terminators.wrapping_sub(1) & !terminators;
                terminators &= terminators.wrapping_sub(1);
            }
            let ranks = below.map(|below| before + below.count_ones());
            self.terminators.extend_from_slice(&ranks);
        }
        self.terminators.truncate(known + wide(count));
        let mut rest = ends;
        while rest != 0 {
            let mut places = [0; 8];
            for place in &mut places {
                // The highest bit stands for none: what is behind the last one is cut off.
                *place = at + (rest | 1 << 63).trailing_zeros();
                rest &= rest.wrapping_sub(1);
            }
            self.ends.extend_from_slice(&places);
        }
        self.ends.truncate(wide(before + ends.count_ones()));
    }
}

/// A bit for each byte that ends an element, and one for each that ends a segment; the first byte's
/// is the lowest.
#[inline]
fn bits(bytes: &[u8; 64], delimiters: Delimiters) -> (u64, u64) {
    let (element, segment) = (u8x16::splat(delimiters.element), u8x16::splat(delimiters.segment));
    bytes.as_chunks::<16>().0.iter().rev().fold((0, 0), |(ends, terminators), sixteen| {
        let sixteen = u8x16::from(*sixteen);
        let terminates = sixteen.simd_eq(segment);
        let ends_here = sixteen.simd_eq(element) | terminates;
        let (end, terminator) = (ends_here.to_bitmask(), terminates.to_bitmask());
        (ends << 16 | u64::from(end), terminators << 16 | u64::from(terminator))
    })
}

#[inline]
fn wide(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// A window is kept far below 4 GiB.
#[inline]
fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The segments of `text`, each as where it starts and where its parts end.
    fn segments(marks: &mut Marks, text: &[u8], from: usize) -> Vec<(usize, Vec<u32>)> {
        let mut segments = vec![];
        let mut start = from;
        loop {
            if let Some((span, end)) = marks.take(start) {
                let ends = &marks.ends()[wide(span.first)..=wide(span.last)];
                segments.push((start, ends.to_vec()));
                start = end + 1;
            } else if !marks.search(text) {
                return segments;
            }
        }
    }

    #[test]
    fn separators_are_found_where_a_plain_loop_finds_them() {
        let text: Vec<u8> = (0..5000_u32)
            .map(|at| match at.wrapping_mul(2_654_435_761) >> 29 {
                0 => b'*',
                1 if at % 3 == 0 => b'~',
                _ => b'x',
            })
            .collect();
        let mut expected = vec![];
        let mut start = 0;
        for (at, _) in text.iter().enumerate().filter(|(_, byte)| **byte == b'~') {
            let ends = (start..=at).filter(|at| text[*at] != b'x').map(narrow);
            expected.push((start, ends.collect()));
            start = at + 1;
        }
        for cut in [0, 1, 63, 64, 65, 700, 4999] {
            let mut marks = Marks::default();
            marks.begin(0, Delimiters::default());
            let mut found = segments(&mut marks, &text[..cut], 0);
            let from = found.last().map_or(0, |(_, ends)| wide(ends[ends.len() - 1]) + 1);
            found.extend(segments(&mut marks, &text, from));
            assert_eq!(found, expected, "first {cut} bytes, then the rest");
        }
    }

    #[test]
    fn a_segment_given_back_is_taken_again() {
        let mut marks = Marks::default();
        marks.begin(0, Delimiters::default());
        assert!(marks.search(b"A*B~C~"));
        let (first, end) = marks.take(0).unwrap();
        marks.give_back(first);
        assert_eq!(marks.take(0).unwrap().1, end);
        assert_eq!(marks.take(4).unwrap().1, 5);
        assert!(marks.take(6).is_none());
    }

    #[test]
    fn what_is_taken_can_be_forgotten_and_the_window_moved() {
        let text = b"A*1~B*2~".repeat(10_000);
        let mut marks = Marks::default();
        marks.begin(0, Delimiters::default());
        let mut start = 0;
        while start < 60_000 {
            match marks.take(start) {
                Some((_, end)) => start = end + 1,
                None => assert!(marks.search(&text)),
            }
        }
        marks.forget();
        marks.slide(start);
        let rest = segments(&mut marks, &text[start..], 0);
        assert_eq!(rest.len(), 20_000 - start / 4);
        assert_eq!(rest[1], (4, vec![5, 7]));
    }

    #[test]
    fn blank_lines_that_were_passed_do_not_move_with_the_window() {
        let lines = Delimiters { segment: b'\n', ..Delimiters::default() };
        let mut marks = Marks::default();
        marks.begin(0, lines);
        assert!(marks.search(b"A\n\n\n\nB\n"));
        assert_eq!(marks.take(0).unwrap().1, 1);
        marks.slide(5);
        let (span, end) = marks.take(0).unwrap();
        assert_eq!((end, span.first), (1, span.last));
        assert!(marks.take(2).is_none());
    }

    #[test]
    fn a_segment_can_be_put_in() {
        let text = b"A~BIN*3*~*~~C*1~";
        let mut marks = Marks::default();
        marks.begin(0, Delimiters::default());
        assert!(marks.search(text));
        assert_eq!(marks.take(0).unwrap().1, 1);
        marks.insert([5, 7, 11]);
        assert_eq!(segments(&mut marks, text, 2), [(2, vec![5, 7, 11]), (12, vec![13, 15])]);
    }
}
