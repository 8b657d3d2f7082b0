//! What the commands that read interchanges share: grammars, guides, severities, and the walk over
//! the items of a source.

use super::input::Source;
use super::paint;
use super::terms::{CommandError, Common, Outcome};
use crate::grammar::{
    Examined, Examiner, Finding, FindingKind, Library, Options, Severities, Severity, Standard,
};
use crate::x12::{self, Item, ReadError, Reader};
use clap::Args;
use serde::Serialize;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Largest grammar, guide or map file.
const TEXT_LIMIT: u64 = 32 << 20;

/// How interchanges are to be checked.
#[derive(Debug, Args)]
pub(super) struct Rules {
    /// Lay this implementation guide (SEF) over the standard; may be given several times
    #[arg(long, value_name = "FILE.sef")]
    guide: Vec<PathBuf>,
    /// Check as this release, whatever the GS says
    #[arg(long, value_name = "RELEASE")]
    release: Option<String>,
    /// Change how bad a kind of finding is, such as `code_invalid=reject` (ignore, warn, accept,
    /// reject); may be given several times
    #[arg(long, value_name = "KIND=SEVERITY", value_parser = severity)]
    severity: Vec<(FindingKind, Severity)>,
}

fn severity(text: &str) -> Result<(FindingKind, Severity), String> {
    let (kind, severity) = text.split_once('=').ok_or("write it as KIND=SEVERITY")?;
    let kind = FindingKind::from_code(kind).ok_or_else(|| {
        format!("there is no finding `{kind}`; each finding's name stands in brackets behind it")
    })?;
    let severity = match severity {
        "ignore" => Severity::Ignore,
        "warn" => Severity::Warn,
        "accept" => Severity::Accept,
        "reject" => Severity::Reject,
        _ => return Err("the severity is one of ignore, warn, accept, reject".to_owned()),
    };
    Ok((kind, severity))
}

impl Rules {
    /// The options of an examiner, with every guide read.
    pub(super) fn options(
        &self,
        common: &Common,
        library: &Library,
    ) -> Result<Options, CommandError> {
        let mut guides = Vec::new();
        for path in &self.guide {
            guides.push(Arc::new(guide(common, library, path)?));
        }
        let severities = self
            .severity
            .iter()
            .fold(Severities::default(), |all, (kind, severity)| all.with(*kind, *severity));
        if let Some(release) = &self.release
            && library.standard(release).map_err(wrong)?.is_none()
        {
            return Err(no_release(library, release));
        }
        let release = self.release.clone();
        Ok(Options { severities, guides, release, ..Options::default() })
    }
}

/// The options of an examiner for what we write ourselves in `release`.
pub(super) fn options(
    common: &Common,
    library: &Library,
    guides: &[PathBuf],
    release: &str,
) -> Result<Options, CommandError> {
    let (guide, severity) = (guides.to_vec(), vec![]);
    Rules { guide, release: Some(release.to_owned()), severity }.options(common, library)
}

/// A finding as a line of `--json`.
#[derive(Serialize)]
pub(super) struct Line<'l> {
    #[serde(rename = "type")]
    kind: &'static str,
    file: &'l str,
    #[serde(flatten)]
    finding: &'l Finding,
}

impl<'l> Line<'l> {
    pub(super) fn of(file: &'l str, finding: &'l Finding) -> Self {
        Self { kind: "finding", file, finding }
    }

    pub(super) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        writeln!(out)
    }
}

/// Tells a finding on standard error, where standard output holds something else.
pub(super) fn tell(
    common: &Common,
    file: &str,
    finding: &Finding,
    source: Option<(u64, &[u8])>,
) -> Result<(), CommandError> {
    let mut out = anstream::stderr().lock();
    let told = if common.json {
        Line::of(file, finding).print(&mut out)
    } else {
        writeln!(out, "{}", paint::finding(file, finding, source))
    };
    told.map_err(CommandError::io("standard error"))
}

/// The error for a release that nobody has a grammar of.
pub(super) fn no_release(library: &Library, release: &str) -> CommandError {
    let known = library.releases().join(", ");
    CommandError::Wrong(format!(
        "there is no grammar for release `{release}`; there are {known}, and --grammars adds yours"
    ))
}

/// A library with the shipped grammars, or those of the folder that was given.
pub(super) fn library(common: &Common) -> Result<Library, CommandError> {
    let mut library = Library::shipped();
    let Some(folder) = &common.grammars else { return Ok(library) };
    let name = folder.display().to_string();
    let mut found = false;
    let entries = std::fs::read_dir(folder).map_err(CommandError::io(&name))?;
    for entry in entries {
        let path = entry.map_err(CommandError::io(&name))?.path();
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sef")) {
            let name = path.display().to_string();
            let text = read(&Source::File(path))?;
            library.replace(&name, text).map_err(wrong)?;
            found = true;
        }
    }
    if !found {
        return Err(CommandError::Wrong(format!("{name}: there is no .sef file in this folder")));
    }
    Ok(library)
}

/// A guide, laid over the release that it names.
pub(super) fn guide(
    common: &Common,
    library: &Library,
    path: &Path,
) -> Result<Standard, CommandError> {
    let text = read(&Source::File(path.to_owned()))?;
    let loaded = library.guide(&path.display().to_string(), &text).map_err(wrong)?;
    for warning in &loaded.warnings {
        common.warning(&warning.to_string());
    }
    Ok(loaded.standard)
}

/// A text file of ours whole: a grammar, a guide, a map.
pub(super) fn read(source: &Source) -> Result<Vec<u8>, CommandError> {
    source.read_whole(TEXT_LIMIT).map_err(CommandError::io(source.name()))
}

/// A fault of a text file, as the error of a command.
pub(super) fn wrong(error: impl std::fmt::Display) -> CommandError {
    CommandError::Wrong(error.to_string())
}

/// The segment that a finding points into: its offset and its bytes.
pub(super) fn source_of<'i>(item: &Item<'i>, finding: &Finding) -> Option<(u64, &'i [u8])> {
    let segment = match item {
        Item::Interchange(header) => header.segment(),
        Item::Group(header) => header.segment(),
        Item::Loose(segment) => *segment,
        Item::GroupEnd(trailer) | Item::InterchangeEnd(trailer) => (*trailer)?.segment(),
        Item::Set(set) => {
            let position = usize::try_from(finding.place.position.unwrap_or(1)).ok()?;
            let at = set.segment(position.saturating_sub(1));
            at.filter(|at| at.offset() <= finding.offset).unwrap_or_else(|| set.header())
        }
    };
    let end = segment.offset() + u64::try_from(segment.bytes().len()).ok()?;
    (segment.offset()..=end).contains(&finding.offset).then(|| (segment.offset(), segment.bytes()))
}

/// Does `work` for each source; one that cannot be read is told, and the others still have their
/// turn. The worst outcome counts.
pub(super) fn each(
    common: &Common,
    sources: &[Source],
    mut work: impl FnMut(&Source) -> Result<Outcome, CommandError>,
) -> Result<Outcome, CommandError> {
    let mut worst = Outcome::Accepted;
    for source in sources {
        let outcome = match work(source) {
            Err(error) if error.is_of(&source.name()) => {
                common.report(&error.to_string());
                Outcome::Unreadable
            }
            outcome => outcome?,
        };
        worst = worst.max(outcome);
    }
    Ok(worst)
}

/// What happens while a source is read.
pub(super) enum Happening<'h, 'i> {
    /// An item, examined.
    Item(&'h Item<'i>, &'h Examined),
    /// The bytes are not X12 here.
    Fault(&'h Finding),
}

/// Reads `source` to its end, examines each item, and tells `follow`.
pub(super) fn walk(
    source: &Source,
    library: &Library,
    options: Options,
    follow: impl FnMut(Happening<'_, '_>) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let name = source.name();
    let input = source.open().map_err(CommandError::io(&name))?;
    follow_all(&name, Reader::new(input), Examiner::new(library, options), follow)
}

/// The same for bytes that we wrote ourselves.
pub(super) fn walk_bytes(
    bytes: &[u8],
    library: &Library,
    options: Options,
    follow: impl FnMut(Happening<'_, '_>) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    follow_all("output", Reader::over(bytes), Examiner::new(library, options), follow)
}

fn follow_all(
    name: &str,
    mut reader: Reader<impl x12::Source>,
    mut desk: Examiner<'_>,
    mut follow: impl FnMut(Happening<'_, '_>) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    loop {
        match reader.next() {
            Ok(None) => return Ok(()),
            Ok(Some(item)) => {
                let examined = desk.item(&item).map_err(wrong)?;
                follow(Happening::Item(&item, &examined))?;
            }
            Err(ReadError::Syntax(error)) => {
                let finding = desk.fault(&error);
                follow(Happening::Fault(&finding))?;
            }
            Err(ReadError::Io(error)) => return Err(CommandError::io(name)(error)),
        }
    }
}
