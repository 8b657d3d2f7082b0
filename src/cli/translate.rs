//! `wharf translate`: transaction sets to canonical documents.

use super::engine::{self, Happening, Rules};
use super::input;
use super::maps::Maps;
use super::terms::{CommandError, Common, Outcome};
use crate::grammar::{Examined, Severity, Verdict};
use crate::x12::{Item, Set};
use clap::Args;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

/// Arguments of `wharf translate`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wharf translate order.edi\n  wharf translate inbox/ > orders.jsonl\n  \
    wharf translate order.edi --map acme-850.toml --guide acme-850.sef"
)]
pub(super) struct Arguments {
    /// Files, folders, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    rules: Rules,
    /// A partner's own map, laid over the built-in one
    #[arg(long, value_name = "FILE.toml")]
    map: Option<PathBuf>,
    /// Indent the documents, as on a terminal, instead of writing one a line
    #[arg(long)]
    pretty: bool,
}

/// Translates each accepted set; rejected ones are told on standard error.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let library = engine::library(common)?;
    let options = arguments.rules.options(common, &library)?;
    let stdout = io::stdout();
    let pretty = arguments.pretty || (stdout.is_terminal() && !common.json);
    let mut desk = Desk {
        maps: Maps::new(arguments.map.as_deref())?,
        out: io::BufWriter::new(stdout.lock()),
        json: Vec::new(),
        pretty,
        outcome: Outcome::Accepted,
    };
    let sources = input::sources(&arguments.files)?;
    engine::each(common, &sources, |source| {
        let name = source.name();
        engine::walk(source, &library, options.clone(), |happening| match happening {
            Happening::Fault(finding) => {
                desk.outcome = Outcome::Unreadable;
                engine::tell(common, &name, finding, None)
            }
            Happening::Item(item, examined) => desk.item(common, &name, item, examined),
        })?;
        desk.out.flush().map_err(CommandError::output)?;
        Ok(desk.outcome)
    })
}

/// Where documents are written.
struct Desk<W> {
    maps: Maps,
    out: W,
    json: Vec<u8>,
    pretty: bool,
    outcome: Outcome,
}

impl<W: Write> Desk<W> {
    fn item(
        &mut self,
        common: &Common,
        file: &str,
        item: &Item<'_>,
        examined: &Examined,
    ) -> Result<(), CommandError> {
        for finding in &examined.findings {
            if finding.severity == Severity::Reject {
                engine::tell(common, file, finding, engine::source_of(item, finding))?;
            }
        }
        let rejected = examined.verdict == Verdict::Rejected;
        if rejected {
            self.outcome = self.outcome.max(Outcome::Rejected);
        }
        if let (Item::Set(set), false) = (item, rejected) {
            self.set(common, file, set, examined)?;
        }
        Ok(())
    }

    fn set(
        &mut self,
        common: &Common,
        file: &str,
        set: &Set<'_>,
        examined: &Examined,
    ) -> Result<(), CommandError> {
        let (Some(rules), Some(standard)) = (&examined.rules, &examined.standard) else {
            return Ok(());
        };
        let Some((map, scratch)) = self.maps.of_set(&standard.release, rules)? else {
            let (id, control, known) = (set.id(), set.control(), self.maps.sets());
            let hint =
                if matches!(&*id, "999") { "; `wharf ack --read` tells what it says" } else { "" };
            common.report(&format!(
                "{file}: set {id} {control} is in order, but no map turns it into a document; \
                 there are maps for {known}{hint}",
            ));
            self.outcome = self.outcome.max(Outcome::Rejected);
            return Ok(());
        };
        self.json.clear();
        map.read_json(set, &examined.placement, scratch, &mut self.json).map_err(engine::wrong)?;
        self.print().map_err(CommandError::output)
    }

    fn print(&mut self) -> io::Result<()> {
        if self.pretty {
            let value: serde_json::Value = serde_json::from_slice(&self.json)?;
            serde_json::to_writer_pretty(&mut self.out, &value)?;
        } else {
            self.out.write_all(&self.json)?;
        }
        writeln!(self.out)
    }
}
