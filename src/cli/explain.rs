//! `wharf explain`: an interchange as a tree, with names and the meaning of codes.

use super::engine::{self, Happening, Rules};
use super::input;
use super::paint::{self, styled, visible};
use super::terms::{CommandError, Common, Outcome};
use crate::grammar::{
    Examined, Library, Meanings, Part, Placement, SegmentId, SegmentRules, SetRules, Standard,
};
use crate::x12::{Element, Item, Segment, Set};
use clap::Args;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Arguments of `wharf explain`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wharf explain theirs.edi\n  wharf explain theirs.edi | less\n  \
    wharf explain theirs.edi --json"
)]
pub(super) struct Arguments {
    /// Files, folders, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    rules: Rules,
}

/// Explains each file.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let library = engine::library(common)?;
    let options = arguments.rules.options(common, &library)?;
    let meanings = Meanings::shipped().map_err(engine::wrong)?;
    let mut envelope = None;
    let mut out = io::BufWriter::new(anstream::AutoStream::auto(io::stdout().lock()));
    let sources = input::sources(&arguments.files)?;
    let outcome = engine::each(common, &sources, |source| {
        let mut outcome = Outcome::Accepted;
        engine::walk(source, &library, options.clone(), |happening| {
            let (item, examined) = match happening {
                Happening::Fault(finding) => {
                    outcome = Outcome::Unreadable;
                    out.flush().map_err(CommandError::output)?;
                    return engine::tell(common, &source.name(), finding, None);
                }
                Happening::Item(item, examined) => (item, examined),
            };
            if let Item::Interchange(header) = item {
                envelope = dictionary(&library, &header.version())?;
            }
            let page = Page { meanings: &meanings, examined, envelope: envelope.as_deref() };
            let told =
                if common.json { page.json(item, &mut out) } else { page.text(item, &mut out) };
            told.map_err(CommandError::output)
        })?;
        out.flush().map_err(CommandError::output)?;
        Ok(outcome)
    })?;
    Ok(outcome)
}

/// What names the segments of an envelope of this version (ISA12): the newest release that is no
/// newer, or else the oldest.
fn dictionary(library: &Library, version: &str) -> Result<Option<Arc<Standard>>, CommandError> {
    let releases = library.releases();
    let release = releases.iter().rfind(|release| release.get(..5) <= Some(version));
    let Some(release) = release.or(releases.first()) else { return Ok(None) };
    library.standard(release).map_err(engine::wrong)
}

/// What explains one item.
struct Page<'p> {
    meanings: &'p Meanings,
    examined: &'p Examined,
    /// What names the segments around the sets.
    envelope: Option<&'p Standard>,
}

impl Page<'_> {
    fn text(&self, item: &Item<'_>, out: &mut impl Write) -> io::Result<()> {
        match item {
            Item::Interchange(header) => {
                let title = format!(
                    "Interchange {} from {} {} to {} {}",
                    header.control(),
                    header.sender_qualifier(),
                    header.sender(),
                    header.receiver_qualifier(),
                    header.receiver(),
                );
                writeln!(out, "{}", styled(paint::BOLD, &visible(&title)))?;
                self.segment(header.segment(), None, "  ", out)
            }
            Item::Group(header) => {
                let what = format!("Group {} {}", header.functional_id(), header.control());
                writeln!(out, "  {}", styled(paint::BOLD, &visible(&what)))?;
                self.segment(header.segment(), None, "    ", out)
            }
            Item::Set(set) => {
                let title = self.examined.rules.as_ref().map_or("", |rules| rules.title.as_str());
                let title = format!("Set {} {} {title}", set.id(), set.control());
                writeln!(out, "    {}", styled(paint::BOLD, visible(&title).trim_end()))?;
                self.set(set, out)
            }
            Item::Loose(segment) => self.segment(*segment, None, "  ", out),
            Item::GroupEnd(None) | Item::InterchangeEnd(None) => Ok(()),
            Item::GroupEnd(Some(trailer)) => self.segment(trailer.segment(), None, "    ", out),
            Item::InterchangeEnd(Some(trailer)) => self.segment(trailer.segment(), None, "  ", out),
        }
    }

    fn set(&self, set: &Set<'_>, out: &mut impl Write) -> io::Result<()> {
        let placement = &self.examined.placement;
        for (at, segment) in set.segments().enumerate() {
            let placed = Placed::of(self.examined.rules.as_deref(), placement, at);
            let pad = " ".repeat(6 + 2 * placed.loops.len());
            if let (true, Some(id)) = (placed.opens, placed.loops.last()) {
                let outer = pad.get(2..).unwrap_or_default();
                writeln!(out, "{outer}{}", styled(paint::DIM, &format!("loop {id}")))?;
            }
            self.segment(segment, placed.segment, &pad, out)?;
        }
        Ok(())
    }

    fn segment(
        &self,
        segment: Segment<'_>,
        rules: Option<&SegmentRules>,
        pad: &str,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let rules = rules.or_else(|| self.in_dictionary(segment));
        let id = styled(paint::BOLD, &format!("{:3}", visible(&segment.id_text())));
        let name = rules.map_or(String::new(), |rules| format!("  {}", rules.name));
        writeln!(out, "{pad}{id}{name}")?;
        for (element, number) in segment.elements().zip(1_usize..) {
            let value = visible(&element.text());
            let value = value.trim_end_matches(' ');
            if value.is_empty() {
                continue;
            }
            let label = part(rules, number).map_or("", Part::name);
            let meaning = part(rules, number).and_then(|part| self.meaning(part, &element));
            let meaning = meaning.map_or(String::new(), |words| format!("  {words}"));
            let label = styled(paint::DIM, &format!("{label:36}"));
            writeln!(out, "{pad}  {number:02} {label} {value}{}", styled(paint::CYAN, &meaning))?;
        }
        Ok(())
    }

    fn in_dictionary(&self, segment: Segment<'_>) -> Option<&SegmentRules> {
        let standard = self.examined.standard.as_deref().or(self.envelope)?;
        standard.segments.get(&SegmentId::of(segment.id())?).map(|rules| &**rules)
    }

    /// Our words for a code; for composites and repetitions, of each part that has some.
    fn meaning(&self, part: &Part, element: &Element<'_>) -> Option<String> {
        let words = |part: &Part, value: Element<'_>| {
            self.meanings.of(part.id(), value.text().trim_end()).map(str::to_owned)
        };
        let all = element.repetitions().flat_map(|repetition| match part {
            Part::Simple(_) => words(part, repetition).into_iter().collect::<Vec<_>>(),
            Part::Composite(composite) => repetition
                .components()
                .zip(&composite.components)
                .filter_map(|(value, component)| words(&component.part, value))
                .collect(),
        });
        let all = all.collect::<Vec<_>>();
        (!all.is_empty()).then(|| all.join(", "))
    }

    fn json(&self, item: &Item<'_>, out: &mut impl Write) -> io::Result<()> {
        let value = match item {
            Item::Interchange(header) => json!({
                "type": "interchange", "line": header.line(),
                "segment": self.segment_json(header.segment(), None),
            }),
            Item::Group(header) => json!({
                "type": "group", "line": header.line(),
                "segment": self.segment_json(header.segment(), None),
            }),
            Item::Set(set) => self.set_json(set),
            Item::Loose(segment) => {
                json!({ "type": "segment", "segment": self.segment_json(*segment, None) })
            }
            Item::GroupEnd(None) | Item::InterchangeEnd(None) => return Ok(()),
            Item::GroupEnd(Some(trailer)) | Item::InterchangeEnd(Some(trailer)) => json!({
                "type": "trailer", "line": trailer.line(),
                "segment": self.segment_json(trailer.segment(), None),
            }),
        };
        writeln!(out, "{value}")
    }

    fn set_json(&self, set: &Set<'_>) -> Value {
        let segments = set.segments().enumerate().map(|(at, segment)| {
            let rules = self.examined.rules.as_deref();
            let placed = Placed::of(rules, &self.examined.placement, at);
            let mut value = self.segment_json(segment, placed.segment);
            if let Value::Object(all) = &mut value {
                all.insert("loops".to_owned(), json!(placed.loops));
                all.insert("opens_loop".to_owned(), json!(placed.opens));
            }
            value
        });
        let title = self.examined.rules.as_ref().map(|rules| rules.title.clone());
        json!({
            "type": "set", "set": set.id(), "control": set.control(), "title": title,
            "line": set.line(), "segments": segments.collect::<Vec<_>>(),
        })
    }

    fn segment_json(&self, segment: Segment<'_>, rules: Option<&SegmentRules>) -> Value {
        let rules = rules.or_else(|| self.in_dictionary(segment));
        let elements = segment.elements().zip(1_usize..).filter(|(element, _)| !element.is_empty());
        let elements = elements.map(|(element, number)| {
            let part = part(rules, number);
            let meaning = part.and_then(|part| self.meaning(part, &element));
            json!({
                "element": number, "id": part.map(Part::id), "name": part.map(Part::name),
                "value": element.text(), "meaning": meaning, "offset": element.offset(),
            })
        });
        let elements = elements.collect::<Vec<_>>();
        json!({
            "id": segment.id_text(), "name": rules.map(|rules| rules.name.as_str()),
            "position": segment.position(), "offset": segment.offset(), "elements": elements,
        })
    }
}

/// The rules of an element of a segment.
fn part(rules: Option<&SegmentRules>, number: usize) -> Option<&Part> {
    rules.and_then(|rules| rules.elements.get(number - 1)).map(|of| &of.part)
}

/// Where the rules put a segment.
#[derive(Default)]
struct Placed<'r> {
    segment: Option<&'r SegmentRules>,
    /// The loops around it, outermost first.
    loops: Vec<&'r str>,
    /// Whether it begins the innermost of them.
    opens: bool,
}

impl<'r> Placed<'r> {
    fn of(rules: Option<&'r SetRules>, placement: &Placement, at: usize) -> Self {
        let Some(rules) = rules else { return Self::default() };
        let Some(index) = placement.node(at) else { return Self::default() };
        let Some(node) = rules.nodes.get(index) else { return Self::default() };
        let innermost = node.parent.and_then(|parent| rules.loops.get(parent));
        let opens = innermost.is_some_and(|of| of.head == index);
        Self { segment: Some(&node.segment), loops: rules.loops_around(node.parent), opens }
    }
}
