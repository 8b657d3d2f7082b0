//! `wharf grammar`: which grammars there are, whether a file is one, and what it says.

use super::engine;
use super::input::Source;
use super::paint::{self, styled};
use super::terms::{CommandError, Common, Outcome};
use crate::grammar::{
    Codes, ElementType, ElementUse, Library, Part, Relational, RelationalKind, Requirement,
    SegmentId, SegmentRules, SetRules, Standard, UNLIMITED, Usage,
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;

/// Arguments of `wharf grammar`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wharf grammar list\n  wharf grammar show 850\n  \
    wharf grammar check acme-850.sef")]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the releases and their transaction sets
    #[command(after_help = "Example:\n  wharf grammar list")]
    List,
    /// Check SEF files: every fault with file, line and column
    #[command(after_help = "Example:\n  wharf grammar check acme-850.sef")]
    Check {
        /// Grammars or guides
        #[arg(required = true, value_name = "FILE.sef")]
        files: Vec<PathBuf>,
    },
    /// Show a transaction set, or one of its segments
    #[command(after_help = "Examples:\n  wharf grammar show 850\n  \
        wharf grammar show 850 BEG --release 005010\n  wharf grammar show 850 REF --guide acme.sef")]
    Show {
        /// The transaction set, such as 850
        set: String,
        /// The segment, such as BEG
        segment: Option<String>,
        /// The release
        #[arg(long, default_value = "004010")]
        release: String,
        /// Show what this guide makes of it
        #[arg(long, value_name = "FILE.sef")]
        guide: Option<PathBuf>,
    },
}

/// Lists, checks or shows.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let library = engine::library(common)?;
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    match &arguments.action {
        Action::List => list(common, &library, &mut out),
        Action::Check { files } => check(common, &library, files, &mut out),
        Action::Show { set, segment, release, guide } => {
            let standard = match guide {
                Some(path) => engine::guide(common, &library, path)?.into(),
                None => library
                    .standard(release)
                    .map_err(engine::wrong)?
                    .ok_or_else(|| engine::no_release(&library, release))?,
            };
            let rules = standard.sets.get(set).ok_or_else(|| {
                let sets = standard.sets.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                let release = &standard.release;
                CommandError::Wrong(format!("{release} has no set `{set}`; it has {sets}"))
            })?;
            match segment {
                None => show_set(common, rules, &mut out),
                Some(segment) => show_segment(common, &standard, rules, segment, &mut out),
            }
        }
    }
}

fn list(common: &Common, library: &Library, out: &mut impl Write) -> Result<Outcome, CommandError> {
    for release in library.releases() {
        let Some(standard) = library.standard(&release).map_err(engine::wrong)? else { continue };
        if common.json {
            let sets =
                standard.sets.values().map(|set| json!({ "set": set.id, "title": set.title }));
            let sets = sets.collect::<Vec<_>>();
            writeln!(
                out,
                "{}",
                json!({ "release": release, "title": standard.title, "sets": sets })
            )
            .map_err(CommandError::output)?;
            continue;
        }
        writeln!(out, "{}", styled(paint::BOLD, &release)).map_err(CommandError::output)?;
        for set in standard.sets.values() {
            writeln!(out, "  {}  {}", set.id, set.title).map_err(CommandError::output)?;
        }
    }
    Ok(Outcome::Accepted)
}

fn check(
    common: &Common,
    library: &Library,
    files: &[PathBuf],
    out: &mut impl Write,
) -> Result<Outcome, CommandError> {
    let files = files.iter().cloned().map(Source::File).collect::<Vec<_>>();
    engine::each(common, &files, |source| {
        let name = source.name();
        let text = engine::read(source)?;
        let (faults, warnings) = match library.guide(&name, &text) {
            Ok(loaded) => (vec![], loaded.warnings),
            Err(faults) => (faults.0, vec![]),
        };
        if common.json {
            let words =
                |faults: &[_]| faults.iter().map(ToString::to_string).collect::<Vec<String>>();
            let (said, warned) = (words(&faults), words(&warnings));
            writeln!(out, "{}", json!({ "file": name, "faults": said, "warnings": warned }))
                .map_err(CommandError::output)?;
        } else {
            for fault in &faults {
                writeln!(out, "{}: {fault}", styled(paint::RED, "error"))
                    .map_err(CommandError::output)?;
            }
            for fault in &warnings {
                writeln!(out, "{}: {fault}", styled(paint::CYAN, "warning"))
                    .map_err(CommandError::output)?;
            }
            if faults.is_empty() {
                writeln!(out, "{}: {name}", styled(paint::GREEN, "usable"))
                    .map_err(CommandError::output)?;
            }
        }
        Ok(if faults.is_empty() { Outcome::Accepted } else { Outcome::Rejected })
    })
}

fn show_set(
    common: &Common,
    set: &SetRules,
    out: &mut impl Write,
) -> Result<Outcome, CommandError> {
    if common.json {
        let nodes = set.nodes.iter().map(|node| {
            let loops = set.loops_around(node.parent);
            json!({
                "ordinal": node.ordinal, "table": node.table, "position": node.position,
                "segment": node.id.as_str(), "name": node.segment.name,
                "requirement": requirement(node.requirement), "usage": usage(node.usage),
                "max": limit_json(node.max), "loops": loops,
            })
        });
        let nodes = nodes.collect::<Vec<_>>();
        let all = json!({ "set": set.id, "title": set.title, "group": set.functional_id, "segments": nodes });
        writeln!(out, "{all}").map_err(CommandError::output)?;
        return Ok(Outcome::Accepted);
    }
    let title = format!("{} {} (group {})", set.id, set.title, set.functional_id);
    writeln!(out, "{}", styled(paint::BOLD, &title)).map_err(CommandError::output)?;
    for (at, node) in set.nodes.iter().enumerate() {
        let depth = set.loops_around(node.parent).len();
        let opened =
            node.parent.and_then(|parent| set.loops.get(parent)).filter(|of| of.head == at);
        let repeats = match opened {
            Some(opened) => format!("loop {} × {}", opened.id, limit(opened.max)),
            None => format!("× {}", limit(node.max)),
        };
        let line = format!(
            "{}  {:03}  {}{:3}  {:9}  {:14}  {}{}",
            node.table,
            node.position,
            "  ".repeat(depth),
            node.id,
            requirement(node.requirement),
            repeats,
            node.segment.name,
            aside(node.usage),
        );
        writeln!(out, "{line}").map_err(CommandError::output)?;
    }
    Ok(Outcome::Accepted)
}

fn show_segment(
    common: &Common,
    standard: &Standard,
    set: &SetRules,
    id: &str,
    out: &mut impl Write,
) -> Result<Outcome, CommandError> {
    let wanted = SegmentId::of(id.to_ascii_uppercase().as_bytes());
    let inside = set.nodes.iter().find(|node| Some(node.id) == wanted).map(|node| &node.segment);
    let segment = inside.or_else(|| wanted.and_then(|wanted| standard.segments.get(&wanted)));
    let Some(segment) = segment else {
        let (release, set) = (&standard.release, &set.id);
        let text = format!(
            "{release} has no segment `{id}`; `wharf grammar show {set}` lists those of {set}"
        );
        return Err(CommandError::Wrong(text));
    };
    if common.json {
        let elements =
            segment.elements.iter().zip(1..).map(|(element, at)| element_json(element, at));
        let elements = elements.collect::<Vec<_>>();
        let conditions = conditions(segment);
        let all = json!({ "segment": id, "name": segment.name, "elements": elements, "conditions": conditions });
        writeln!(out, "{all}").map_err(CommandError::output)?;
        return Ok(Outcome::Accepted);
    }
    let title = format!("{} {}", segment.id, segment.name);
    writeln!(out, "{}", styled(paint::BOLD, &title)).map_err(CommandError::output)?;
    for (element, at) in segment.elements.iter().zip(1_usize..) {
        show_element(out, element, at, "  ").map_err(CommandError::output)?;
        if let Part::Composite(composite) = &element.part {
            for (component, at) in composite.components.iter().zip(1..) {
                show_element(out, component, at, "      ").map_err(CommandError::output)?;
            }
        }
    }
    for condition in conditions(segment) {
        writeln!(out, "  {condition}").map_err(CommandError::output)?;
    }
    Ok(Outcome::Accepted)
}

fn show_element(
    out: &mut impl Write,
    element: &ElementUse,
    at: usize,
    pad: &str,
) -> io::Result<()> {
    let (kind, size) = match &element.part {
        Part::Simple(rules) => {
            (type_name(rules.kind), format!("{}/{}", element.min, limit(element.max)))
        }
        Part::Composite(_) => ("composite".to_owned(), String::new()),
    };
    let repeats =
        if element.repeat > 1 { format!(" × {}", limit(element.repeat)) } else { String::new() };
    let id = element.part.id();
    let need = requirement(element.requirement);
    let name = element.part.name();
    let line = format!("{pad}{at:02}  {id:5}  {kind:9} {size:7}{repeats}  {need:9}  {name}");
    writeln!(out, "{line}{}", aside(element.usage))?;
    if let Some(codes) = &element.codes {
        writeln!(out, "{pad}       {}", styled(paint::DIM, &some_codes(codes)))?;
    }
    Ok(())
}

fn some_codes(codes: &Codes) -> String {
    let shown = codes.iter().take(16).collect::<Vec<_>>().join(" ");
    match codes.len().checked_sub(16) {
        Some(more) if more > 0 => format!("codes {shown} and {more} more"),
        _ => format!("codes {shown}"),
    }
}

fn element_json(element: &ElementUse, at: usize) -> Value {
    let mut value = json!({
        "element": at, "id": element.part.id(), "name": element.part.name(),
        "requirement": requirement(element.requirement), "usage": usage(element.usage),
        "repeat": limit_json(element.repeat),
    });
    let more = match &element.part {
        Part::Simple(rules) => json!({
            "type": type_name(rules.kind), "min": element.min, "max": limit_json(element.max),
            "codes": element.codes.as_ref().map(|codes| codes.iter().collect::<Vec<_>>()),
        }),
        Part::Composite(composite) => {
            let components = composite.components.iter().zip(1..);
            let components = components.map(|(component, at)| element_json(component, at));
            json!({ "type": "composite", "components": components.collect::<Vec<_>>() })
        }
    };
    if let (Value::Object(all), Value::Object(more)) = (&mut value, more) {
        all.extend(more);
    }
    value
}

fn conditions(segment: &SegmentRules) -> Vec<String> {
    segment.relationals.iter().map(condition).collect()
}

/// A relational condition in words.
fn condition(relational: &Relational) -> String {
    let all = (1..=64_u8).filter(|place| relational.places >> (place - 1) & 1 == 1);
    let names = |places: &mut dyn Iterator<Item = u8>| {
        places.map(|place| format!("{place:02}")).collect::<Vec<_>>().join(", ")
    };
    let first = relational.first;
    let others = names(&mut all.clone().filter(|place| *place != first));
    match relational.kind {
        RelationalKind::Paired => {
            format!("{} stand together or not at all", names(&mut all.clone()))
        }
        RelationalKind::Required => format!("at least one of {} is there", names(&mut all.clone())),
        RelationalKind::Exclusive => format!("at most one of {} is there", names(&mut all.clone())),
        RelationalKind::Conditional => format!("if {first:02} is there, so are {others}"),
        RelationalKind::ListConditional => {
            format!("if {first:02} is there, so is at least one of {others}")
        }
    }
}

fn type_name(kind: ElementType) -> String {
    match kind {
        ElementType::Text => "AN".to_owned(),
        ElementType::Code => "ID".to_owned(),
        ElementType::Date => "DT".to_owned(),
        ElementType::Time => "TM".to_owned(),
        ElementType::Decimal => "R".to_owned(),
        ElementType::Number(places) => format!("N{places}"),
        ElementType::Binary => "B".to_owned(),
    }
}

fn requirement(requirement: Requirement) -> &'static str {
    match requirement {
        Requirement::Mandatory => "mandatory",
        Requirement::Optional => "optional",
    }
}

fn usage(usage: Usage) -> &'static str {
    match usage {
        Usage::AsStandard => "",
        Usage::Must => "must be used",
        Usage::NotUsed => "not used",
        Usage::Recommended => "recommended",
        Usage::NotRecommended => "not recommended",
        Usage::Dependent => "depends",
    }
}

/// What a guide says of the use, behind a line.
fn aside(of: Usage) -> String {
    match usage(of) {
        "" => String::new(),
        words => styled(paint::DIM, &format!("  {words}")),
    }
}

fn limit(limit: u32) -> String {
    if limit == UNLIMITED { "any".to_owned() } else { limit.to_string() }
}

fn limit_json(limit: u32) -> Value {
    if limit == UNLIMITED { Value::Null } else { limit.into() }
}
