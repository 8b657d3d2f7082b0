//! A whole SEF file: each section to whoever reads it.

use super::at::{At, Broken};
use super::codes::{MAX_CODES, codes};
use super::cursor::Cursor;
use super::elements::element;
use super::fault::Faults;
use super::kind::SefFaultKind;
use super::lists::list;
use super::model::{Header, Model};
use super::names::text;
use super::semantics::{rule, value_lists, value_reference, variable};
use super::sets::set;
use super::text::{Line, Section, SectionKind, sections};

/// Reads all sections; what is wrong with them goes to `faults`.
pub(super) fn model<'t>(text: &'t str, faults: &mut Faults) -> Model<'t> {
    let mut model = Model::default();
    let mut reading =
        Reading { codes: MAX_CODES, members: MAX_PLACES, nodes: MAX_PLACES, sets_seen: false };
    for section in sections(text) {
        reading.section(&section, &mut model, faults);
    }
    if model.header.is_none() {
        faults.refuse(At::default(), SefFaultKind::IniMissing);
    }
    model
}

struct Reading {
    /// How many codes there may still be.
    codes: usize,
    /// How many elements of segments and composites, written out.
    members: usize,
    /// How many segments of sets.
    nodes: usize,
    sets_seen: bool,
}

impl Reading {
    fn section<'t>(&mut self, section: &Section<'t>, model: &mut Model<'t>, faults: &mut Faults) {
        self.order(section, model, faults);
        match section.kind {
            SectionKind::Version => version(section, faults),
            SectionKind::Ini => header(section, model, faults),
            SectionKind::Std => standard(section, faults),
            SectionKind::ValueLists => value_lists(&section.lines, model, faults),
            SectionKind::Unknown => {
                let name = section.name.text.to_owned();
                faults.warn(section.name.at, SefFaultKind::SectionUnknown(name));
            }
            SectionKind::Private => {}
            SectionKind::Preamble
            | SectionKind::Public
            | SectionKind::Sets
            | SectionKind::Segments
            | SectionKind::Composites
            | SectionKind::Elements
            | SectionKind::Codes
            | SectionKind::ValueReferences
            | SectionKind::Variables
            | SectionKind::Rules
            | SectionKind::SetTexts
            | SectionKind::SegmentTexts
            | SectionKind::CompositeTexts
            | SectionKind::ElementTexts => {
                for line in &section.lines {
                    self.line(*line, section.kind, model, faults);
                }
            }
        }
    }

    /// `.VER` comes first, then `.INI`, then all others; `.STD` before `.SETS`.
    fn order(&mut self, section: &Section<'_>, model: &Model<'_>, faults: &mut Faults) {
        let misplaced = match section.kind {
            SectionKind::Preamble | SectionKind::Private | SectionKind::Public => false,
            SectionKind::Version | SectionKind::Ini => model.header.is_some(),
            SectionKind::Std => self.sets_seen || model.header.is_none(),
            SectionKind::Sets
            | SectionKind::Segments
            | SectionKind::Composites
            | SectionKind::Elements
            | SectionKind::Codes
            | SectionKind::ValueReferences
            | SectionKind::ValueLists
            | SectionKind::Variables
            | SectionKind::Rules
            | SectionKind::SetTexts
            | SectionKind::SegmentTexts
            | SectionKind::CompositeTexts
            | SectionKind::ElementTexts
            | SectionKind::Unknown => model.header.is_none(),
        };
        if misplaced {
            let name = section.name.text.to_owned();
            faults.refuse(section.name.at, SefFaultKind::SectionMisplaced(name));
        }
        self.sets_seen |= section.kind == SectionKind::Sets;
    }

    fn line<'t>(
        &mut self,
        line: Line<'t>,
        kind: SectionKind,
        model: &mut Model<'t>,
        faults: &mut Faults,
    ) {
        if line.text.starts_with('*') && kind != SectionKind::Preamble {
            faults.warn(line.at, SefFaultKind::Comment);
            return;
        }
        match kind {
            SectionKind::ValueReferences => value_reference(line, model, faults),
            SectionKind::Variables => variable(line, model, faults),
            SectionKind::Rules => rule(line, model, faults),
            SectionKind::SetTexts
            | SectionKind::SegmentTexts
            | SectionKind::CompositeTexts
            | SectionKind::ElementTexts => text(line, kind, model),
            SectionKind::Sets
            | SectionKind::Segments
            | SectionKind::Composites
            | SectionKind::Elements
            | SectionKind::Codes => match key(line) {
                Ok((id, cursor)) => self.record(id, cursor, kind, model, faults),
                Err(broken) => faults.broken(broken),
            },
            SectionKind::Preamble
            | SectionKind::Version
            | SectionKind::Ini
            | SectionKind::Private
            | SectionKind::Public
            | SectionKind::Std
            | SectionKind::ValueLists
            | SectionKind::Unknown => faults.refuse(line.at, SefFaultKind::StrayLine),
        }
    }

    fn record<'t>(
        &mut self,
        id: Line<'t>,
        cursor: Cursor<'t>,
        kind: SectionKind,
        model: &mut Model<'t>,
        faults: &mut Faults,
    ) {
        let at = id.at;
        if kind == SectionKind::Sets {
            let set = set(id, cursor, faults);
            if spend(&mut self.nodes, set.nodes.len(), at, "segments in sets", faults) {
                model.sets.push(set);
            }
        } else if kind == SectionKind::Codes {
            model.codes.push(codes(id, cursor, &mut self.codes, faults));
        } else if kind == SectionKind::Elements {
            match element(id, cursor) {
                Ok(element) => model.elements.push(element),
                Err(broken) => faults.broken(broken),
            }
        } else {
            let list = list(id, cursor, faults);
            if spend(&mut self.members, list.members.len(), at, "elements in segments", faults) {
                let segment = kind == SectionKind::Segments;
                let lists = if segment { &mut model.segments } else { &mut model.composites };
                lists.push(list);
            }
        }
    }
}

/// Takes from what there may still be; what a few bytes ask for could otherwise fill the memory.
fn spend(left: &mut usize, size: usize, at: At, what: &'static str, faults: &mut Faults) -> bool {
    let rest = left.checked_sub(size);
    match rest {
        Some(rest) => *left = rest,
        None => faults.refuse(at, SefFaultKind::TooMany { what, limit: MAX_PLACES }),
    }
    rest.is_some()
}

/// Divides a record `KEY=body`.
fn key(line: Line<'_>) -> Result<(Line<'_>, Cursor<'_>), Broken> {
    let mut cursor = Cursor::new(line);
    let id = Line { at: line.at, text: cursor.word() };
    if id.text.is_empty() {
        return Err(cursor.unexpected("the id of a record"));
    }
    cursor.expect(b'=', "`=`")?;
    Ok((id, cursor))
}

fn version(section: &Section<'_>, faults: &mut Faults) {
    if !matches!(section.argument.text, "1.0" | "1.1" | "1.2" | "1.3" | "1.4" | "1.5" | "1.6") {
        let version = section.argument.text.chars().take(20).collect();
        faults.warn(section.argument.at, SefFaultKind::VersionUnknown(version));
    }
    if let Some(line) = section.lines.first() {
        faults.refuse(line.at, SefFaultKind::StrayLine);
    }
}

/// `name,reserved,004 010 VICS,X,base,description`.
fn header<'t>(section: &Section<'t>, model: &mut Model<'t>, faults: &mut Faults) {
    let Some(line) = section.lines.first() else {
        faults.refuse(section.name.at, SefFaultKind::IniMissing);
        return;
    };
    let fields: Vec<_> = line.text.splitn(6, ',').collect();
    let field = |index: usize| fields.get(index).copied().unwrap_or_default();
    let before = |index: usize| fields.iter().take(index).map(|field| field.len() + 1).sum();
    let release: String = field(2).split_whitespace().collect();
    let digits = release.bytes().take_while(u8::is_ascii_digit).count();
    if digits < 6 || release.len() > 12 {
        let kind = SefFaultKind::ReleaseInvalid(field(2).chars().take(20).collect());
        faults.refuse(line.at.plus(before(2)), kind);
    }
    let agency = match field(3) {
        "" | "X" | "T" => None,
        "UN" => Some("EDIFACT messages"),
        "TD" => Some("TRADACOMS messages"),
        "GC" => Some("GENCOD messages"),
        _ => Some("messages of an agency that is not known"),
    };
    if let Some(agency) = agency {
        let kind = SefFaultKind::AgencyUnsupported(agency.to_owned());
        faults.refuse(line.at.plus(before(3)), kind);
    }
    model.header = Some(Header { at: line.at.plus(before(2)), release, title: field(5) });
}

fn standard(section: &Section<'_>, faults: &mut Faults) {
    let known = section.argument.text.split(',').all(|word| matches!(word, "" | "LS" | "RE"));
    if !known {
        let form = section.argument.text.chars().take(20).collect();
        faults.refuse(section.argument.at, SefFaultKind::StdUnsupported(form));
    }
    if let Some(line) = section.lines.first() {
        faults.refuse(line.at, SefFaultKind::StrayLine);
    }
}

/// All sets of a release have some 40,000 segments, its segments and composites 11,000 elements.
const MAX_PLACES: usize = 200_000;
