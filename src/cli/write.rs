//! `wharf write`: canonical documents to an interchange, checked before it is given out.

use super::engine::{self, Happening};
use super::input;
use super::maps::Maps;
use super::terms::{CommandError, Common, Outcome};
use crate::grammar::{Library, Options, Severity, Standard, Verdict};
use crate::x12::{Delimiters, GroupHeader, InterchangeHeader, Writer};
use clap::Args;
use jiff::Zoned;
use serde_json::json;
use serde_json::value::RawValue;
use std::io::{self, Write};
use std::path::PathBuf;

/// Arguments of `wharf write`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wharf write order.json\n  \
    wharf write order.json --release 005010 --from ZZ:MERCY --to 08:MEDSUPPLY --control 42\n  \
    wharf translate order.edi | wharf write - --delimiters '|:^~'")]
pub(super) struct Arguments {
    /// Documents as JSON, one or several in a file; folders; or `-` for standard input
    #[arg(required = true, value_name = "DOC.json")]
    files: Vec<PathBuf>,
    /// The release to write
    #[arg(long, default_value = "004010")]
    release: String,
    /// Lay this implementation guide (SEF) over the standard; may be given several times
    #[arg(long, value_name = "FILE.sef")]
    guide: Vec<PathBuf>,
    /// A partner's own map, laid over the built-in one
    #[arg(long, value_name = "FILE.toml")]
    map: Option<PathBuf>,
    /// The sender: the qualifier (ISA05) and the id (ISA06 and GS02)
    #[arg(long, default_value = "ZZ:SENDER", value_parser = identity, value_name = "QUALIFIER:ID")]
    from: (String, String),
    /// The receiver: the qualifier (ISA07) and the id (ISA08 and GS03)
    #[arg(long, default_value = "ZZ:RECEIVER", value_parser = identity, value_name = "QUALIFIER:ID")]
    to: (String, String),
    /// The interchange's control number; groups and sets count from 1
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=999_999_999))]
    control: u32,
    /// The separators: element, component, repetition, segment
    #[arg(long, default_value = "*>^~", value_parser = delimiters)]
    delimiters: Delimiters,
    /// A line feed behind each segment
    #[arg(long)]
    newlines: bool,
    /// Mark the interchange as a test
    #[arg(long)]
    test: bool,
    /// Ask for a TA1
    #[arg(long)]
    ask_ta1: bool,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn identity(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((qualifier, id)) if qualifier.len() == 2 && !id.is_empty() => {
            Ok((qualifier.to_owned(), id.to_owned()))
        }
        _ => Err("write it as QUALIFIER:ID, such as ZZ:MERCY or 08:9251730000".to_owned()),
    }
}

fn delimiters(text: &str) -> Result<Delimiters, String> {
    let text = text.replace("\\n", "\n");
    let [element, component, repetition, segment] = *text.as_bytes() else {
        return Err("write four characters: element, component, repetition, segment".to_owned());
    };
    let all = Delimiters { element, component, repetition: Some(repetition), segment };
    all.validated().map_err(|fault| fault.to_string())
}

/// Most bytes of documents that are read.
const LIMIT: u64 = 1 << 30;

/// Writes one interchange with a group for each sort of document, and checks it before it goes out.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let library = engine::library(common)?;
    let options = engine::options(common, &library, &arguments.guide, &arguments.release)?;
    let standard = library.standard(&arguments.release).map_err(engine::wrong)?;
    let standard = standard.ok_or_else(|| engine::no_release(&library, &arguments.release))?;
    let mut maps = Maps::new(arguments.map.as_deref())?;
    let mut press = Press { writer: arguments.writer()?, group: None, groups: 0, sets: 0 };
    press.writer.begin_interchange(&arguments.header()).map_err(engine::wrong)?;
    for source in input::sources(&arguments.files)? {
        let name = source.name();
        let bytes = source.read_whole(LIMIT).map_err(CommandError::io(&name))?;
        let documents = documents(&bytes);
        for (document, line) in documents.map_err(|error| {
            CommandError::Wrong(format!("{name}: this is no JSON document: {error}"))
        })? {
            press.document(arguments, &standard, &mut maps, document.get().as_bytes()).map_err(
                |error| CommandError::Wrong(format!("{name}: document {line}: {error}")),
            )?;
        }
    }
    if press.sets == 0 {
        return Err(CommandError::Wrong("there is no document to write".to_owned()));
    }
    press.end_group();
    press.writer.end_interchange();
    let bytes = press.writer.into_bytes();
    if !sound(common, &library, options, &bytes)? {
        return Ok(Outcome::Rejected);
    }
    match &arguments.output {
        Some(path) => {
            std::fs::write(path, &bytes).map_err(CommandError::io(path.display().to_string()))?;
        }
        None => give(common, &bytes).map_err(CommandError::output)?,
    }
    Ok(Outcome::Accepted)
}

/// The documents of a file: one, several one after the other, or an array of them.
fn documents(bytes: &[u8]) -> serde_json::Result<Vec<(Box<RawValue>, usize)>> {
    let mut all = Vec::new();
    for value in serde_json::Deserializer::from_slice(bytes).into_iter::<Box<RawValue>>() {
        let value = value?;
        if value.get().starts_with('[') {
            all.extend(serde_json::from_str::<Vec<Box<RawValue>>>(value.get())?);
        } else {
            all.push(value);
        }
    }
    Ok(all.into_iter().zip(1..).collect())
}

impl Arguments {
    fn writer(&self) -> Result<Writer, CommandError> {
        let writer = Writer::new(self.delimiters).map_err(engine::wrong)?;
        Ok(if self.newlines { writer.with_newlines() } else { writer })
    }

    fn header(&self) -> InterchangeHeader {
        let now = Zoned::now().datetime();
        InterchangeHeader {
            sender: self.from.clone(),
            receiver: self.to.clone(),
            date: now.strftime("%y%m%d").to_string(),
            time: now.strftime("%H%M").to_string(),
            version: interchange_version(&self.release),
            control: self.control,
            acknowledgment_requested: self.ask_ta1,
            usage: if self.test { 'T' } else { 'P' },
        }
    }
}

/// ISA12 for a release: `004010` is `00401`.
fn interchange_version(release: &str) -> String {
    release.chars().take(5).collect()
}

/// The interchange being written.
struct Press {
    writer: Writer,
    /// GS01 of the open group.
    group: Option<String>,
    groups: u32,
    sets: u32,
}

impl Press {
    fn document(
        &mut self,
        arguments: &Arguments,
        standard: &Standard,
        maps: &mut Maps,
        json: &[u8],
    ) -> Result<(), CommandError> {
        let set = maps.set_of(json)?;
        let rules = standard.sets.get(&set).ok_or_else(|| {
            CommandError::Wrong(format!("{} has no set {set}", arguments.release))
        })?;
        if self.group.as_ref() != Some(&rules.functional_id) {
            self.end_group();
            self.begin_group(arguments, &rules.functional_id)?;
        }
        self.sets += 1;
        let control = format!("{:04}", self.sets);
        let found = maps.of_set(&standard.release, rules)?;
        let (map, scratch) =
            found.ok_or_else(|| CommandError::Wrong(format!("there is no map for {set}")))?;
        map.write_json(json, scratch, &mut self.writer, &control).map_err(engine::wrong)
    }

    fn begin_group(&mut self, arguments: &Arguments, id: &str) -> Result<(), CommandError> {
        self.groups += 1;
        let now = Zoned::now().datetime();
        let date = if arguments.release.as_str() < "004010" { "%y%m%d" } else { "%Y%m%d" };
        let header = GroupHeader {
            functional_id: id.to_owned(),
            sender: arguments.from.1.clone(),
            receiver: arguments.to.1.clone(),
            date: now.strftime(date).to_string(),
            time: now.strftime("%H%M").to_string(),
            control: self.groups,
            version: arguments.release.clone(),
        };
        self.group = Some(id.to_owned());
        self.writer.begin_group(&header).map_err(engine::wrong)
    }

    fn end_group(&mut self) {
        if self.group.take().is_some() {
            self.writer.end_group();
        }
    }
}

/// Whether what we wrote is what we would accept; if not, says why.
fn sound(
    common: &Common,
    library: &Library,
    options: Options,
    bytes: &[u8],
) -> Result<bool, CommandError> {
    let mut sound = true;
    engine::walk_bytes(bytes, library, options, |happening| match happening {
        Happening::Item(item, examined) => {
            sound &= examined.verdict != Verdict::Rejected;
            for finding in examined.findings.iter().filter(|f| f.severity >= Severity::Accept) {
                engine::tell(common, "output", finding, engine::source_of(item, finding))?;
            }
            Ok(())
        }
        Happening::Fault(finding) => {
            sound = false;
            engine::tell(common, "output", finding, None)
        }
    })?;
    if !sound {
        common.report("nothing is given out, since the interchange would be rejected; see above");
    }
    Ok(sound)
}

fn give(common: &Common, bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if common.json {
        return writeln!(out, "{}", json!({ "interchange": crate::x12::text(bytes) }));
    }
    out.write_all(bytes)?;
    if bytes.ends_with(b"\n") { Ok(()) } else { writeln!(out) }
}
