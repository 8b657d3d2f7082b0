//! `wharf ack`: the answer to an interchange, or what an answer says.

use super::engine::{self, Happening, Rules};
use super::input::{self, Source};
use super::paint::{self, styled, visible};
use super::terms::{CommandError, Common, Outcome};
use crate::ack::{
    self, Acknowledger, FunctionalPolicy, FunctionalVerdict, InterchangePolicy, Loops, Numbers,
    Options, PartnerVerdict, Reply,
};
use crate::grammar::{Library, Verdict};
use clap::{Args, ValueEnum};
use jiff::Zoned;
use serde_json::json;
use std::io::{self, Write};
use std::path::PathBuf;

/// Arguments of `wharf ack`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wharf ack theirs.edi\n  wharf ack theirs.edi --ta1 always --only-faulty\n  \
    wharf ack theirs.edi --form 999 --newlines\n  wharf ack --read their-997.edi"
)]
pub(super) struct Arguments {
    /// Files, folders, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    rules: Rules,
    /// The files are TA1, 997 or 999: say what they say
    #[arg(long)]
    read: bool,
    /// Which acknowledgment answers a group
    #[arg(long, value_enum, default_value_t = Form::Auto)]
    form: Form,
    /// When to write a TA1
    #[arg(long, value_enum, default_value_t = Ta1::Requested)]
    ta1: Ta1,
    /// AK2 loops for sets with errors only
    #[arg(long)]
    only_faulty: bool,
    /// The control number of the first answer; its groups and sets count from 1
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=999_999_999))]
    control: u32,
    /// A line feed behind each segment
    #[arg(long)]
    newlines: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// A 999 from release 005010 on, a 997 before
    Auto,
    /// Always a 997
    #[value(name = "997")]
    Functional,
    /// Always a 999
    #[value(name = "999")]
    Implementation,
    /// Nothing
    None,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Ta1 {
    /// Not even when asked for
    Never,
    /// When ISA14 asks for it
    Requested,
    /// When asked for, and when the envelope has an error
    OnError,
    /// For every interchange
    Always,
}

impl Arguments {
    fn options(&self) -> Options {
        Options {
            interchange: match self.ta1 {
                Ta1::Never => InterchangePolicy::Never,
                Ta1::Requested => InterchangePolicy::AsRequested,
                Ta1::OnError => InterchangePolicy::OnError,
                Ta1::Always => InterchangePolicy::Always,
            },
            functional: match self.form {
                Form::Auto => FunctionalPolicy::Auto,
                Form::Functional => FunctionalPolicy::Functional,
                Form::Implementation => FunctionalPolicy::Implementation,
                Form::None => FunctionalPolicy::Never,
            },
            loops: if self.only_faulty { Loops::OnlyFaulty } else { Loops::All },
            newlines: self.newlines,
            ..Options::default()
        }
    }
}

/// Writes the answer to each interchange, or tells what each answer says.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let library = engine::library(common)?;
    let sources = input::sources(&arguments.files)?;
    let mut control = arguments.control;
    engine::each(common, &sources, |source| {
        if arguments.read {
            read(common, arguments, &library, source)
        } else {
            write(common, arguments, &library, source, &mut control)
        }
    })
}

fn write(
    common: &Common,
    arguments: &Arguments,
    library: &Library,
    source: &Source,
    control: &mut u32,
) -> Result<Outcome, CommandError> {
    let options = arguments.rules.options(common, library)?;
    let mut acknowledger = Acknowledger::new(arguments.options());
    let mut outcome = Outcome::Accepted;
    engine::walk(source, library, options, |happening| {
        let reply = match happening {
            Happening::Item(item, examined) => {
                if examined.verdict == Verdict::Rejected {
                    outcome = outcome.max(Outcome::Rejected);
                }
                acknowledger.item(item, &examined.findings).map_err(engine::wrong)?
            }
            Happening::Fault(finding) => {
                outcome = Outcome::Unreadable;
                engine::tell(common, &source.name(), finding, None)?;
                acknowledger.fault(finding)
            }
        };
        match reply {
            None => Ok(()),
            Some(Reply::Silence(why)) => {
                common.note(&format!("{}: {why}", source.name()));
                Ok(())
            }
            Some(Reply::Answer(answer)) => {
                let numbers = Numbers { interchange: *control, group: 1, set: 1 };
                *control = *control % 999_999_999 + 1;
                let bytes =
                    answer.write(numbers, Zoned::now().datetime()).map_err(engine::wrong)?;
                give(common, &source.name(), &bytes).map_err(CommandError::output)
            }
        }
    })?;
    Ok(outcome)
}

fn give(common: &Common, file: &str, bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if common.json {
        return writeln!(out, "{}", json!({ "file": file, "answer": crate::x12::text(bytes) }));
    }
    out.write_all(bytes)?;
    if bytes.ends_with(b"\n") { Ok(()) } else { writeln!(out) }
}

fn read(
    common: &Common,
    arguments: &Arguments,
    library: &Library,
    source: &Source,
) -> Result<Outcome, CommandError> {
    let options = arguments.rules.options(common, library)?;
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    let mut outcome = Outcome::Accepted;
    let mut found = false;
    engine::walk(source, library, options, |happening| match happening {
        Happening::Fault(finding) => {
            outcome = Outcome::Unreadable;
            engine::tell(common, &source.name(), finding, None)
        }
        Happening::Item(item, _) => {
            let Some(verdict) = ack::verdict(item) else { return Ok(()) };
            found = true;
            let status = match &verdict {
                PartnerVerdict::Interchange(of) => of.status,
                PartnerVerdict::Group(of) => of.status,
            };
            if status.is_accepted() == Some(false) {
                outcome = outcome.max(Outcome::Rejected);
            }
            let told = if common.json {
                serde_json::to_writer(&mut out, &verdict)
                    .map_err(io::Error::from)
                    .and_then(|()| writeln!(out))
            } else {
                tell(&verdict, &mut out)
            };
            told.map_err(CommandError::output)
        }
    })?;
    if !found && outcome != Outcome::Unreadable {
        common.report(&format!(
            "{}: there is no TA1, 997 or 999 in this file; `wharf explain` shows what is",
            source.name()
        ));
        return Ok(Outcome::Unreadable);
    }
    Ok(outcome)
}

fn tell(verdict: &PartnerVerdict, out: &mut impl Write) -> io::Result<()> {
    match verdict {
        PartnerVerdict::Interchange(of) => {
            let about = format!("interchange {} of {} {}", of.control, of.date, of.time);
            writeln!(out, "{}: {}", styled(paint::BOLD, &visible(&about)), of.status)?;
            writeln!(out, "  {}", visible(&of.sentence))
        }
        PartnerVerdict::Group(of) => group(of, out),
    }
}

fn group(of: &FunctionalVerdict, out: &mut impl Write) -> io::Result<()> {
    let about = format!("group {} {}", of.functional_id, of.group_control);
    writeln!(out, "{}: {}", styled(paint::BOLD, &visible(&about)), of.status)?;
    let count = |count: Option<u64>| count.map_or("?".to_owned(), |count| count.to_string());
    let counts = &of.counts;
    let (sent, accepted) = (count(counts.included), count(counts.accepted));
    writeln!(out, "  {} received, {accepted} accepted, of {sent} sent", count(counts.received))?;
    for code in &of.codes {
        writeln!(out, "  {}", visible(&code.sentence))?;
    }
    for set in &of.sets {
        let about = format!("set {} {}", set.id, set.control);
        writeln!(out, "  {}: {}", styled(paint::BOLD, &visible(&about)), set.status)?;
        for error in &set.errors {
            writeln!(out, "    {}", visible(&error.sentence))?;
        }
        for code in &set.codes {
            writeln!(out, "    {}", visible(&code.sentence))?;
        }
    }
    for oddity in &of.oddities {
        writeln!(out, "  {}", styled(paint::DIM, &visible(oddity)))?;
    }
    Ok(())
}
