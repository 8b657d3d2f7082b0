//! Documents written as one interchange for a partner, and held against the rules that we hold them
//! to. Pure.

use crate::document::{Document, DocumentKind};
use crate::gateway::agreed::{self, Rulebook};
use crate::gateway::refer;
use crate::gateway::refuse::refusal;
use crate::gateway::words;
use crate::grammar::{Finding, Place, Severity};
use crate::map::Scratch;
use crate::message::{Direction, Reference};
use crate::partner::{Agreement, Mode, Partner};
use crate::transport::{FieldFault, Refusal, RefusalKind};
use crate::x12::{
    Delimiters, GroupHeader, InterchangeHeader, Item, ReadError, Reader, Set, WriteError, Writer,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// What writes interchanges under one agreement.
pub(super) struct Press<'p> {
    pub(super) rules: Rulebook<'p>,
    pub(super) partner: &'p Partner,
    pub(super) agreement: &'p Agreement,
    pub(super) at: Timestamp,
}

/// An interchange, written.
pub(super) struct Pressed {
    pub(super) bytes: Vec<u8>,
    /// GS01.
    pub(super) functional_id: String,
    pub(super) sets: Vec<PressedSet>,
}

/// A set of it.
pub(super) struct PressedSet {
    /// ST02.
    pub(super) control: String,
    pub(super) subject: String,
    /// The document's own number.
    pub(super) number: String,
    pub(super) references: Vec<Reference>,
}

/// The control numbers of an interchange of ours.
#[derive(Clone, Copy)]
pub(super) struct Controls {
    pub(super) interchange: u32,
    pub(super) group: u32,
}

/// The set that a document is written as.
pub(in crate::gateway) fn set_of(document: DocumentKind) -> &'static str {
    match document {
        DocumentKind::PurchaseOrder => "850",
        DocumentKind::PurchaseOrderChange => "860",
        DocumentKind::PurchaseOrderAcknowledgment => "855",
        DocumentKind::PurchaseOrderChangeAcknowledgment => "865",
        DocumentKind::ShipNotice => "856",
        DocumentKind::Invoice => "810",
        DocumentKind::FunctionalAcknowledgment => "997",
    }
}

impl Press<'_> {
    /// Writes documents, each JSON text, as one interchange.
    pub(super) fn documents<'d>(
        &self,
        documents: impl IntoIterator<Item = &'d [u8]>,
        controls: Controls,
    ) -> Result<Pressed, Refusal> {
        let (functional_id, base) = self.rules()?;
        let map = self.agreement.map.map().ok_or_else(|| {
            let text = format!(
                "the agreement about {} names no map; send it as X12 instead",
                self.agreement.set
            );
            refusal(RefusalKind::NotAgreed, "no_map", text)
        })?;
        let delimiters = agreed::delimiters(&self.partner.terms.envelope);
        let mut writer =
            self.begin(delimiters, &functional_id, controls, base).map_err(unwritten)?;
        let (mut scratch, mut sets) = (Scratch::default(), Vec::new());
        for json in documents {
            let control = format!("{:04}", sets.len() + 1);
            map.write_json(json, &mut scratch, &mut writer, &control).map_err(|error| Refusal {
                kind: RefusalKind::Invalid,
                code: "document_invalid",
                text: error.to_string(),
                fields: vec![FieldFault {
                    pointer: error.pointer.clone(),
                    code: error.kind.code().to_owned(),
                    text: format!("{}; {}", error.kind, error.kind.hint()),
                }],
            })?;
            let document = Document::from_json(json).map_err(|error| {
                refusal(RefusalKind::Invalid, "document_invalid", error.to_string())
            })?;
            sets.push(PressedSet {
                control,
                subject: refer::subject(&document),
                number: document.number().to_owned(),
                references: refer::references(&document),
            });
        }
        self.end(writer, functional_id, sets)
    }

    /// Writes the sets of an interchange that somebody else wrote, in an envelope of ours.
    pub(super) fn through(&self, bytes: &[u8], controls: Controls) -> Result<Pressed, Refusal> {
        let (functional_id, base) = self.rules()?;
        let mut reader = Reader::over(bytes);
        let mut writer: Option<Writer> = None;
        let mut sets = Vec::new();
        loop {
            match reader.next() {
                Ok(None) | Err(ReadError::Io(_)) => break,
                Ok(Some(Item::Set(set))) => {
                    if writer.is_none() {
                        let begun = self.begin(set.delimiters(), &functional_id, controls, base);
                        writer = Some(begun.map_err(unwritten)?);
                    }
                    let Some(writer) = &mut writer else { continue };
                    if writer.delimiters() != set.delimiters() || set.id() != *self.agreement.set {
                        return Err(mixed());
                    }
                    writer.append_sets(set.bytes(), 1);
                    let number = subject_of(&set);
                    sets.push(PressedSet {
                        control: set.control().into_owned(),
                        subject: number.clone(),
                        references: Vec::new(),
                        number,
                    });
                }
                Ok(Some(
                    Item::Interchange(_)
                    | Item::Group(_)
                    | Item::Loose(_)
                    | Item::GroupEnd(_)
                    | Item::InterchangeEnd(_),
                )) => {}
                Err(ReadError::Syntax(error)) => {
                    return Err(refusal(RefusalKind::Invalid, "not_x12", error.to_string()));
                }
            }
        }
        let writer = writer.ok_or_else(|| {
            refusal(RefusalKind::Invalid, "not_x12", "there is no transaction set in it")
        })?;
        self.end(writer, functional_id, sets)
    }

    /// GS01 of the set, and the release that its grammar is of.
    fn rules(&self) -> Result<(String, &str), Refusal> {
        let base = self.agreement.release.base();
        let standard = self.rules.library.standard(base).ok().flatten();
        let rules = standard.as_ref().and_then(|standard| standard.sets.get(&self.agreement.set));
        let functional_id = rules.map(|rules| rules.functional_id.clone()).ok_or_else(|| {
            let text = format!("{base} has no set {}", self.agreement.set);
            refusal(RefusalKind::NotAgreed, "no_such_set", text)
        })?;
        Ok((functional_id, base))
    }

    fn begin(
        &self,
        delimiters: Delimiters,
        functional_id: &str,
        controls: Controls,
        base: &str,
    ) -> Result<Writer, WriteError> {
        let Partner { ours, identities, terms, .. } = self.partner;
        let theirs = identities.first();
        let (their_isa, their_gs) = theirs.map_or((("ZZ", ""), ""), |theirs| {
            ((theirs.isa.qualifier(), theirs.isa.id()), theirs.group())
        });
        let at = self.at.to_zoned(TimeZone::UTC);
        let writer = Writer::new(delimiters)?;
        let mut writer = if terms.envelope.newlines { writer.with_newlines() } else { writer };
        writer.begin_interchange(&InterchangeHeader {
            sender: (ours.isa.qualifier().to_owned(), ours.isa.id().to_owned()),
            receiver: (their_isa.0.to_owned(), their_isa.1.to_owned()),
            date: at.strftime("%y%m%d").to_string(),
            time: at.strftime("%H%M").to_string(),
            version: terms.envelope.isa_version.as_str().to_owned(),
            control: controls.interchange,
            acknowledgment_requested: terms.envelope.ask_ta1,
            usage: if self.agreement.mode == Mode::Test { 'T' } else { 'P' },
        })?;
        let date = if base < "004010" { "%y%m%d" } else { "%Y%m%d" };
        writer.begin_group(&GroupHeader {
            functional_id: functional_id.to_owned(),
            sender: ours.group().to_owned(),
            receiver: their_gs.to_owned(),
            date: at.strftime(date).to_string(),
            time: at.strftime("%H%M").to_string(),
            control: controls.group,
            version: self.agreement.release.as_str().to_owned(),
        })?;
        Ok(writer)
    }

    fn end(
        &self,
        mut writer: Writer,
        functional_id: String,
        sets: Vec<PressedSet>,
    ) -> Result<Pressed, Refusal> {
        writer.end_group();
        writer.end_interchange();
        let bytes = writer.into_bytes();
        self.check(&bytes)?;
        Ok(Pressed { bytes, functional_id, sets })
    }

    /// A finding in what we wrote, as a fault of the field that it was written from.
    fn fault(&self, finding: &Finding, set: Option<&Set<'_>>) -> FieldFault {
        let Place { segment, position, element, .. } = &finding.place;
        let field = set.zip(segment.as_deref()).zip(*position);
        let map = self.agreement.map.map();
        let pointer = field.zip(map).and_then(|(((set, segment), position), map)| {
            map.field(set, segment, position, *element)
        });
        FieldFault {
            pointer: pointer.unwrap_or_default(),
            code: finding.kind.code().to_owned(),
            text: words::line(finding),
        }
    }

    /// Whether what we wrote is what we would accept.
    fn check(&self, bytes: &[u8]) -> Result<(), Refusal> {
        let mut examiner = self.rules.examiner(self.partner, self.agreement.direction);
        let mut reader = Reader::over(bytes);
        let mut faults = Vec::new();
        loop {
            let (findings, set) = match reader.next() {
                Ok(None) | Err(ReadError::Io(_)) => break,
                Ok(Some(item)) => {
                    let looked_at = examiner.item(&item).map_err(|error| {
                        let text = error.to_string();
                        refusal(RefusalKind::Unavailable, "grammar_unusable", text)
                    })?;
                    let set = if let Item::Set(set) = item { Some(set) } else { None };
                    (looked_at.findings, set)
                }
                Err(ReadError::Syntax(error)) => (vec![examiner.fault(&error)], None),
            };
            let bad = findings.iter().filter(|finding| finding.severity == Severity::Reject);
            faults.extend(bad.map(|finding| self.fault(finding, set.as_ref())));
        }
        if faults.is_empty() {
            return Ok(());
        }
        let who = match self.agreement.direction {
            Direction::Outbound => self.partner.title.as_str(),
            Direction::Inbound => "we",
        };
        let set = &self.agreement.set;
        let text = format!(
            "as set {set}, {who} would reject it; see what is wrong, mend it and send it again"
        );
        Err(Refusal { kind: RefusalKind::Invalid, code: "would_be_rejected", text, fields: faults })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn unwritten(error: WriteError) -> Refusal {
    refusal(RefusalKind::Invalid, "cannot_be_written", error.to_string())
}

fn mixed() -> Refusal {
    let text = "an interchange to pass through holds sets of one kind with one set of separators; \
                send each kind by itself";
    refusal(RefusalKind::Invalid, "mixed_sets", text)
}

/// The number that a set is about, where X12 has it at a known place.
fn subject_of(set: &Set<'_>) -> String {
    let element = match &*set.id() {
        "850" | "855" | "860" | "865" => 3,
        "810" | "856" => 2,
        _ => return set.control().into_owned(),
    };
    set.segment(1).map(|first| first.element(element).text().into_owned()).unwrap_or_default()
}
