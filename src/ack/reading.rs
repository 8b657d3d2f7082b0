//! A functional acknowledgment read segment by segment.

use super::form::Form;
use super::verdict::{CodeInWords, Counts, ErrorInWords, FunctionalVerdict, SetVerdict, Status};
use super::words;
use crate::x12::{Element, Segment};
use std::fmt::Write;

/// A functional acknowledgment half read.
pub(super) struct Reading {
    verdict: FunctionalVerdict,
    has_trailer: bool,
    /// The set in hand, and whether its AK5 was met.
    set: Option<SetVerdict>,
    is_decided: bool,
    /// The AK3 in hand, and whether it, or an AK4 behind it, was told.
    segment: Option<ErrorInWords>,
    is_told: bool,
}

impl Reading {
    pub(super) fn new(form: Form) -> Self {
        Self {
            verdict: FunctionalVerdict {
                form,
                functional_id: String::new(),
                group_control: String::new(),
                version: None,
                status: Status::Unknown,
                counts: Counts::default(),
                codes: Vec::new(),
                sets: Vec::new(),
                oddities: Vec::new(),
            },
            has_trailer: false,
            set: None,
            is_decided: false,
            segment: None,
            is_told: false,
        }
    }

    pub(super) fn segment(&mut self, segment: &Segment<'_>) {
        match segment.id() {
            b"AK1" => self.header(segment),
            b"AK2" => self.begin_set(segment),
            b"AK3" | b"IK3" => self.begin_segment(segment),
            b"AK4" | b"IK4" => self.element(segment),
            b"CTX" => self.context(segment),
            b"AK5" | b"IK5" => self.decide(segment),
            b"AK9" => self.trailer(segment),
            _ => {}
        }
    }

    fn header(&mut self, segment: &Segment<'_>) {
        if self.has_header() {
            self.odd("it has a second AK1, which was passed over");
            return;
        }
        self.verdict.functional_id = text(segment, 1);
        self.verdict.group_control = text(segment, 2);
        self.verdict.version = some(text(segment, 3));
    }

    fn has_header(&self) -> bool {
        !(self.verdict.functional_id.is_empty() && self.verdict.group_control.is_empty())
    }

    fn begin_set(&mut self, segment: &Segment<'_>) {
        self.end_set();
        self.set = Some(SetVerdict {
            id: text(segment, 1),
            control: text(segment, 2),
            guide: some(text(segment, 3)),
            status: Status::Unknown,
            errors: Vec::new(),
            codes: Vec::new(),
        });
        self.is_decided = false;
    }

    fn begin_segment(&mut self, segment: &Segment<'_>) {
        self.end_segment();
        self.is_told = false;
        self.segment = Some(ErrorInWords {
            segment: text(segment, 1),
            position: number(segment.element(2)),
            loop_id: some(text(segment, 3)),
            code: text(segment, 4),
            ..ErrorInWords::default()
        });
    }

    fn element(&mut self, segment: &Segment<'_>) {
        let around = self.segment.clone().unwrap_or_default();
        let mut context = Vec::new();
        if !std::mem::replace(&mut self.is_told, true) {
            // "An element has an error" says nothing more once the element is named.
            match around.code.as_str() {
                "8" | "" => context.clone_from(&around.context),
                _ => self.push(around.clone(), words::ak304),
            }
        }
        let place = segment.element(1);
        let error = ErrorInWords {
            element: number(place.component(1)),
            component: number(place.component(2)),
            repetition: number(place.component(3)),
            data_element: some(text(segment, 2)),
            code: text(segment, 3),
            value: some(text(segment, 4)),
            context,
            ..around
        };
        self.push(error, words::ak403);
    }

    fn context(&mut self, segment: &Segment<'_>) {
        let parts: Vec<String> = segment
            .elements()
            .map(|element| {
                let components = element.components().map(|part| part.text().into_owned());
                components.collect::<Vec<_>>().join(":")
            })
            .filter(|part| !part.is_empty())
            .collect();
        let told = parts.join(" ");
        let open = self.segment.as_mut().filter(|_| !self.is_told);
        let last = self.set.as_mut().and_then(|set| set.errors.last_mut());
        if let Some(error) = open.or(last) {
            error.context.push(told);
        }
    }

    fn decide(&mut self, segment: &Segment<'_>) {
        self.end_segment();
        let form = self.verdict.form;
        let codes = codes(segment, 2, |code| words::ak502(code, form));
        match &mut self.set {
            Some(set) if !self.is_decided => {
                set.status = Status::of(&text(segment, 1));
                set.codes = codes;
                self.is_decided = set.status != Status::Unknown;
            }
            Some(_) => self.odd("it has a second AK5 (IK5) for one set, which was passed over"),
            None => self.odd("it has an AK5 (IK5) that belongs to no AK2, which was passed over"),
        }
    }

    fn trailer(&mut self, segment: &Segment<'_>) {
        self.end_set();
        if self.has_trailer {
            self.odd("it has a second AK9, which was passed over");
            return;
        }
        self.has_trailer = true;
        self.verdict.status = Status::of(&text(segment, 1));
        let count = |at| text(segment, at).parse().ok();
        self.verdict.counts = Counts { included: count(2), received: count(3), accepted: count(4) };
        self.verdict.codes = codes(segment, 5, words::ak905);
    }

    fn end_segment(&mut self) {
        if let Some(whole) = self.segment.take().filter(|_| !self.is_told) {
            self.push(whole, words::ak304);
        }
    }

    fn end_set(&mut self) {
        self.end_segment();
        self.verdict.sets.extend(self.set.take());
    }

    fn push(&mut self, error: ErrorInWords, known: fn(&str) -> Option<&'static str>) {
        let sentence = in_words(&error, known);
        match &mut self.set {
            Some(set) => set.errors.push(ErrorInWords { sentence, ..error }),
            None => {
                self.odd("it reports a segment or element before any AK2, which was passed over");
            }
        }
    }

    fn odd(&mut self, oddity: &str) {
        if !self.verdict.oddities.iter().any(|known| known == oddity) {
            self.verdict.oddities.push(oddity.to_owned());
        }
    }

    pub(super) fn end(mut self) -> FunctionalVerdict {
        self.end_set();
        if !self.has_header() {
            self.odd("it has no AK1, so it does not say which group it answers");
        }
        if !self.has_trailer {
            self.odd("it has no AK9; the group's status follows from its sets");
            self.verdict.status = conclude(&self.verdict.sets);
        }
        let counts = self.verdict.counts;
        if self.has_trailer && (counts.received.is_none() || counts.accepted.is_none()) {
            self.odd("its AK9 has no counts");
        }
        self.settle_undecided();
        self.verdict
    }

    /// Sets without an AK5 share the group's fate where that is one.
    fn settle_undecided(&mut self) {
        let group = self.verdict.status;
        let mut any = false;
        for set in self.verdict.sets.iter_mut().filter(|set| set.status == Status::Unknown) {
            any = true;
            set.status = match group {
                Status::PartiallyAccepted => Status::Unknown,
                Status::AcceptedWithErrors if set.errors.is_empty() => Status::Accepted,
                certain @ (Status::Accepted
                | Status::AcceptedWithErrors
                | Status::Rejected
                | Status::RejectedAuthentication
                | Status::RejectedAssurance
                | Status::RejectedDecryption
                | Status::Unknown) => certain,
            };
        }
        if any {
            self.odd(
                "a set has no AK5 (IK5), or one with a status that the standard does not know",
            );
        }
    }
}

/// What the sets make of their group.
fn conclude(sets: &[SetVerdict]) -> Status {
    let accepted = sets.iter().filter(|set| set.status.is_accepted() == Some(true)).count();
    let rejected = sets.iter().filter(|set| set.status.is_accepted() == Some(false)).count();
    let noted = sets.iter().any(|set| set.status == Status::AcceptedWithErrors);
    match (accepted, rejected) {
        (0, 0) => Status::Unknown,
        (0, _) if rejected == sets.len() => Status::Rejected,
        (_, 0) if accepted == sets.len() && noted => Status::AcceptedWithErrors,
        (_, 0) if accepted == sets.len() => Status::Accepted,
        (0, _) | (_, 0) => Status::Unknown,
        _ => Status::PartiallyAccepted,
    }
}

fn in_words(error: &ErrorInWords, known: fn(&str) -> Option<&'static str>) -> String {
    let mut sentence = match error.segment.as_str() {
        "" => "a segment".to_owned(),
        id => id.to_owned(),
    };
    // Writing to a string cannot fail.
    let mut add = |part: std::fmt::Arguments<'_>| sentence.write_fmt(part).unwrap_or_default();
    if let Some(position) = error.position {
        add(format_args!(" (segment {position} of the set)"));
    }
    if let Some(loop_id) = &error.loop_id {
        add(format_args!(" in loop {loop_id}"));
    }
    if let Some(element) = error.element {
        add(format_args!(", element {element}"));
    }
    if let Some(component) = error.component {
        add(format_args!(", component {component}"));
    }
    if let Some(repetition) = error.repetition {
        add(format_args!(", repetition {repetition}"));
    }
    if let Some(data_element) = &error.data_element {
        add(format_args!(" (data element {data_element})"));
    }
    if error.code.is_empty() {
        add(format_args!(": no reason is given"));
    } else {
        add(format_args!(": {}", words::or_unknown(&error.code, known(&error.code))));
    }
    if let Some(value) = &error.value {
        add(format_args!(": `{value}`"));
    }
    sentence
}

/// The codes of a segment from element `first` on, in words.
fn codes(
    segment: &Segment<'_>,
    first: usize,
    known: impl Fn(&str) -> Option<&'static str>,
) -> Vec<CodeInWords> {
    let codes = segment.elements().skip(first - 1).map(|code| code.text().trim().to_owned());
    codes
        .filter(|code| !code.is_empty())
        .map(|code| CodeInWords { sentence: words::or_unknown(&code, known(&code)), code })
        .collect()
}

/// An element as text, without spaces around it.
pub(super) fn text(segment: &Segment<'_>, element: usize) -> String {
    segment.element(element).text().trim().to_owned()
}

fn number(element: Element<'_>) -> Option<u32> {
    element.text().trim().parse().ok()
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
