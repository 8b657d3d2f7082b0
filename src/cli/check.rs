//! `wharf check`: every finding with its line and a caret, and a verdict a file.

use super::engine::{self, Happening, Rules};
use super::input::{self, Source};
use super::paint::{self, styled, visible};
use super::terms::{CommandError, Common, Outcome};
use crate::grammar::{Examined, Finding, Scope, Severity, Verdict};
use crate::x12::Item;
use clap::Args;
use serde::Serialize;
use std::io::{self, Write};
use std::path::PathBuf;

/// Arguments of `wharf check`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wharf check theirs.edi\n  wharf check inbox/ --json\n  \
    wharf check order.edi --guide acme-850.sef\n  cat theirs.edi | wharf check -\n  \
    wharf check theirs.edi --severity code_invalid=reject")]
pub(super) struct Arguments {
    /// Files, folders, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    rules: Rules,
    /// Show at most this many findings a file
    #[arg(long, value_name = "N", default_value_t = 100)]
    max: usize,
}

/// Checks each file; the worst outcome counts.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let library = engine::library(common)?;
    let options = arguments.rules.options(common, &library)?;
    let sources = input::sources(&arguments.files)?;
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    engine::each(common, &sources, |source| {
        let mut report = Report::new(source, common.json, arguments.max, &mut out);
        engine::walk(source, &library, options.clone(), |happening| {
            report.happens(&happening).map_err(CommandError::output)
        })?;
        report.finish().map_err(CommandError::output)
    })
}

/// What is said of one file, as it is read.
struct Report<'o, W> {
    file: String,
    json: bool,
    max: usize,
    out: &'o mut W,
    tally: Tally,
}

/// What there was in a file.
#[derive(Debug, Default, Serialize)]
struct Tally {
    interchanges: u64,
    groups: u64,
    sets: u64,
    accepted: u64,
    accepted_with_errors: u64,
    rejected: u64,
    findings: usize,
    /// Whether a group, an interchange, or bytes outside of any, were rejected as a whole.
    #[serde(skip)]
    envelope_rejected: bool,
    #[serde(skip)]
    unreadable: bool,
}

impl<'o, W: Write> Report<'o, W> {
    fn new(source: &Source, json: bool, max: usize, out: &'o mut W) -> Self {
        Self { file: source.name(), json, max, out, tally: Tally::default() }
    }

    fn happens(&mut self, happening: &Happening<'_, '_>) -> io::Result<()> {
        match happening {
            Happening::Item(item, examined) => {
                for finding in &examined.findings {
                    self.finding(finding, engine::source_of(item, finding))?;
                }
                self.count(item, examined)
            }
            Happening::Fault(finding) => {
                self.tally.unreadable |= self.tally.interchanges == 0;
                self.tally.envelope_rejected = true;
                self.finding(finding, None)
            }
        }
    }

    fn finding(&mut self, finding: &Finding, source: Option<(u64, &[u8])>) -> io::Result<()> {
        self.tally.findings += 1;
        let of_envelope = matches!(finding.kind.scope(), Scope::Interchange | Scope::Group);
        self.tally.envelope_rejected |= of_envelope && finding.severity == Severity::Reject;
        if self.json {
            return engine::Line::of(&self.file, finding).print(self.out);
        }
        if self.tally.findings > self.max {
            return Ok(());
        }
        writeln!(self.out, "{}", paint::finding(&self.file, finding, source))
    }

    fn count(&mut self, item: &Item<'_>, examined: &Examined) -> io::Result<()> {
        let verdict = examined.verdict;
        match item {
            Item::Interchange(_) => self.tally.interchanges += 1,
            Item::Group(_) => self.tally.groups += 1,
            Item::Set(set) => {
                self.tally.sets += 1;
                *match verdict {
                    Verdict::Accepted => &mut self.tally.accepted,
                    Verdict::AcceptedWithErrors => &mut self.tally.accepted_with_errors,
                    Verdict::PartiallyAccepted | Verdict::Rejected => &mut self.tally.rejected,
                } += 1;
                if self.json {
                    let (file, line) = (&*self.file, set.line());
                    let (set, control) = (&*set.id(), &*set.control());
                    return Line::Set { file, set, control, line, verdict }.print(self.out);
                }
            }
            Item::GroupEnd(_) | Item::InterchangeEnd(_) | Item::Loose(_) => {}
        }
        Ok(())
    }

    /// The last line: what the file came to.
    fn finish(self) -> io::Result<Outcome> {
        let tally = &self.tally;
        let (outcome, verdict) = if tally.unreadable {
            (Outcome::Unreadable, "unreadable")
        } else if tally.envelope_rejected || tally.rejected > 0 {
            (Outcome::Rejected, "rejected")
        } else {
            (Outcome::Accepted, "accepted")
        };
        if self.json {
            Line::File { file: &self.file, verdict, tally }.print(self.out)?;
            return Ok(outcome);
        }
        if tally.findings > self.max {
            let more = tally.findings - self.max;
            let (noun, all) = (if more == 1 { "finding" } else { "findings" }, tally.findings);
            writeln!(self.out, "… and {more} more {noun}; --max {all} shows all\n")?;
        }
        let colour = if outcome == Outcome::Accepted { paint::GREEN } else { paint::RED };
        let name = visible(&self.file);
        writeln!(self.out, "{}: {name}: {}", styled(colour, verdict), tally.in_words())?;
        Ok(outcome)
    }
}

impl Tally {
    fn in_words(&self) -> String {
        if self.unreadable {
            return "no interchange could be read".to_owned();
        }
        let sets = [
            (self.accepted, "accepted"),
            (self.accepted_with_errors, "accepted with errors"),
            (self.rejected, "rejected"),
        ];
        let sets = sets.iter().filter(|(count, _)| *count > 0);
        let mut words = vec![
            counted(self.interchanges, "interchange"),
            counted(self.groups, "group"),
            counted(self.sets, "transaction set"),
        ];
        words.extend(sets.map(|(count, what)| format!("{count} {what}")));
        if self.envelope_rejected {
            words.push("the envelope is rejected".to_owned());
        }
        words.join(", ")
    }
}

fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A line of `--json` beside the findings.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'l> {
    /// What became of a transaction set.
    Set { file: &'l str, set: &'l str, control: &'l str, line: u64, verdict: Verdict },
    /// What became of a file: the last line about it.
    File {
        file: &'l str,
        verdict: &'l str,
        #[serde(flatten)]
        tally: &'l Tally,
    },
}

impl Line<'_> {
    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        writeln!(out)
    }
}
