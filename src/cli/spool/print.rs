//! How messages and their stories look on a terminal, and as JSON.

use super::super::paint::{self, styled, visible};
use super::super::terms::{CommandError, Common, Outcome};
use super::reach::Counter;
use crate::event::State;
use crate::gateway::operator::{
    Card, Comparison, Difference, Done, FieldChange, Line, Listing, Replayed, Sequence, Story,
};
use crate::message::{Direction, MessageId, ReferenceKind};
use crate::spool::NumberKind;
use anstyle::Style;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::json;
use std::io::{self, Write};
use std::path::Path;

/// Prints as a person reads it, or as JSON, an object a line.
pub(super) struct Printer<'c> {
    common: &'c Common,
    out: anstream::AutoStream<io::Stdout>,
    zone: TimeZone,
}

/// Prints bytes of a message as they are.
pub(super) fn raw(counter: &Counter, id: MessageId, part: &str) -> Result<Outcome, CommandError> {
    let mut out = io::stdout().lock();
    counter.part(id, part, &mut out)?;
    out.flush().map_err(CommandError::output)?;
    Ok(Outcome::Accepted)
}

impl<'c> Printer<'c> {
    pub(super) fn new(common: &'c Common) -> Self {
        let out = anstream::AutoStream::auto(io::stdout());
        Self { common, out, zone: TimeZone::system() }
    }

    fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        writeln!(self.out, "{}", json!(value))
    }

    fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    pub(super) fn listing(&mut self, listing: &Listing) -> io::Result<()> {
        let Listing { messages, next } = listing;
        if self.common.json {
            messages.iter().try_for_each(|line| self.json(line))?;
        } else {
            let width = |of: fn(&Line) -> usize| messages.iter().map(of).max().unwrap_or(0);
            let partner = width(|line| line.summary.partner.as_str().len());
            for line in messages {
                let row = self.row(line, partner);
                writeln!(self.out, "{}", row.trim_end())?;
            }
            if messages.is_empty() {
                self.common.note("there are no such messages");
            }
        }
        if let Some(next) = next {
            self.common.note(&format!("there may be more: add --before {next}"));
        }
        Ok(())
    }

    fn row(&self, line: &Line, partner: usize) -> String {
        let summary = &line.summary;
        let (time, way) = (self.time(summary.opened), way(summary.direction));
        let state = styled(style(summary.state), &format!("{:12}", summary.state.name()));
        let sets = line.sets().collect::<Vec<_>>().join(" ");
        let names = line.references.iter().filter(|one| is_name(one.kind)).take(3);
        let names = names.map(|one| one.value.as_str()).collect::<Vec<_>>().join(" ");
        let test = if summary.test { " test" } else { "" };
        let trouble = summary.trouble.as_ref().map(|trouble| format!("  {}", trouble.text));
        let what = visible(&format!("{sets} {names}{test}{}", trouble.unwrap_or_default()));
        format!(
            "{}  {time}  {way:3}  {:partner$}  {state}  {}",
            summary.id,
            summary.partner,
            what.trim_start()
        )
    }

    pub(super) fn card(&mut self, card: &Card) -> io::Result<()> {
        if self.common.json {
            return self.json(card);
        }
        let message = &card.message;
        let state = styled(style(message.state), message.state.name());
        writeln!(self.out, "{}  {state}", styled(paint::BOLD, &message.id.to_string()))?;
        let partner = format!("{} {}", way(message.direction), message.partner);
        self.field("partner", &partner)?;
        self.field("channel", json!(message.channel).as_str().unwrap_or_default())?;
        self.field("endpoint", &message.endpoint)?;
        self.field("file", card.head.file_name.as_deref().unwrap_or_default())?;
        self.field("about", &card.head.about.map(|id| id.to_string()).unwrap_or_default())?;
        self.field("test", if message.test { "yes" } else { "" })?;
        for reference in &card.references {
            let kind = json!(reference.kind);
            let kind = kind.as_str().unwrap_or_default().replace('_', " ");
            self.field(&kind, &reference.value)?;
        }
        for part in &card.parts {
            let label = if part.label == part.name { "" } else { &part.label };
            self.field(&part.name, &format!("{} bytes {label}", part.length))?;
        }
        for (event, text) in card.events.iter().zip(&card.texts) {
            let (time, name) = (self.time(event.at), styled(paint::DIM, event.kind.name()));
            writeln!(self.out, "{time}  {}  {name}", visible(text))?;
        }
        match &card.next {
            Some(next) => writeln!(self.out, "{}: {next}", styled(paint::BOLD, "next")),
            None => Ok(()),
        }
    }

    fn field(&mut self, name: &str, value: &str) -> io::Result<()> {
        let value = visible(value);
        if value.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "  {} {}", styled(paint::DIM, &format!("{name:18}")), value.trim_end())
    }

    pub(super) fn story(&mut self, story: &Story) -> io::Result<()> {
        if self.common.json {
            return self.json(story);
        }
        let mut day = String::new();
        for chapter in &story.chapters {
            let time = self.time(chapter.at);
            let (date, clock) = time.split_once(' ').unwrap_or_default();
            if date != day {
                writeln!(self.out, "{}", styled(paint::BOLD, date))?;
                date.clone_into(&mut day);
            }
            let text = visible(&chapter.text);
            let code = chapter.code.as_ref().map(|code| format!(" [{}]", visible(code)));
            let code = styled(paint::DIM, &code.unwrap_or_default());
            writeln!(self.out, "  {} {text}{code}", styled(paint::DIM, clock))?;
        }
        if story.cut {
            self.common.note("more messages carry this reference; these are the newest");
        }
        let Some(closing) = &story.closing else { return Ok(()) };
        writeln!(self.out, "{}. {}", styled(paint::BOLD, "Now"), visible(&closing.stands))?;
        let mover = closing.mover.as_deref().unwrap_or("nobody");
        writeln!(self.out, "{}: {}", styled(paint::BOLD, "To move"), visible(mover))?;
        writeln!(self.out, "{}: {}", styled(paint::BOLD, "To do"), visible(&closing.next))
    }

    pub(super) fn done(&mut self, done: &Done) -> io::Result<()> {
        if self.common.json {
            return self.json(done);
        }
        let Done { id, event, state } = done;
        let state = styled(style(*state), state.name());
        writeln!(self.out, "{}: message {id} is {state} now", styled(paint::GREEN, event))
    }

    pub(super) fn replayed(&mut self, replayed: &Replayed) -> io::Result<()> {
        if self.common.json {
            return self.json(replayed);
        }
        for take in &replayed.messages {
            let (word, colour) =
                if take.taken { ("again", paint::GREEN) } else { ("not", paint::RED) };
            let (word, state) = (styled(colour, &format!("{word:5}")), take.state.name());
            writeln!(
                self.out,
                "{word}  {}  {}  {state:12}  {}",
                take.id, take.partner, take.meaning
            )?;
            if let Some(compared) = &take.compared {
                self.compared(compared)?;
            }
        }
        let all = replayed.messages.len();
        let verb = if replayed.dry_run { "would be" } else { "are" };
        writeln!(self.out, "{} of {all} messages {verb} done again", replayed.taken)
    }

    /// What doing it again would change.
    fn compared(&mut self, compared: &Comparison) -> io::Result<()> {
        let Comparison { sets_alike, events_alike, differences } = compared;
        writeln!(
            self.out,
            "       {sets_alike} sets and {events_alike} events as before; {} differences",
            differences.len()
        )?;
        for Difference { of, name, text, fields } in differences {
            let (name, text) = (visible(name), visible(text));
            writeln!(self.out, "       {of} {name}: {text}")?;
            for FieldChange { pointer, then, now } in fields {
                let shown = |value: &Option<serde_json::Value>| {
                    value.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string)
                };
                let change = format!("{pointer}: {} would be {}", shown(then), shown(now));
                writeln!(self.out, "         {}", visible(&change))?;
            }
        }
        Ok(())
    }

    pub(super) fn exported(&mut self, id: MessageId, path: &Path) -> io::Result<()> {
        let path = path.display().to_string();
        if self.common.json {
            return self.json(&json!({ "id": id, "folder": path }));
        }
        writeln!(self.out, "{}: {}", styled(paint::GREEN, "exported"), visible(&path))
    }

    pub(super) fn numbers(&mut self, numbers: &[Sequence]) -> io::Result<()> {
        if self.common.json {
            return numbers.iter().try_for_each(|one| self.json(one));
        }
        if numbers.is_empty() {
            self.common.note("no control number was used yet");
        }
        let width = numbers.iter().map(|one| one.partner.as_str().len()).max().unwrap_or(0);
        for Sequence { partner, kind, last } in numbers {
            let kind = match kind {
                NumberKind::Interchange => "interchange (ISA13)",
                NumberKind::Group => "group (GS06)",
                NumberKind::Set => "set (ST02)",
            };
            writeln!(self.out, "{partner:width$}  {kind:19}  last {last:09}")?;
        }
        Ok(())
    }
}

fn way(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "in",
        Direction::Outbound => "out",
    }
}

fn style(state: State) -> Style {
    match state {
        State::Dead | State::Quarantined | State::Refused | State::Rejected => paint::RED,
        State::Settled | State::Delivered | State::Acknowledged => paint::GREEN,
        State::Received | State::Queued | State::Offered | State::Awaiting => paint::CYAN,
        State::Duplicate | State::Discarded => paint::DIM,
    }
}

/// Whether people know a document by this.
fn is_name(kind: ReferenceKind) -> bool {
    matches!(
        kind,
        ReferenceKind::Order
            | ReferenceKind::Invoice
            | ReferenceKind::Shipment
            | ReferenceKind::Payment
            | ReferenceKind::FileName
    )
}
