//! `wharf cert roll`: the successor of a pair, without a day on which anything fails.
//!
//! # Why in this order
//! A partner must know the new certificate before we sign with it, and we must have the new key before
//! a partner encrypts for it. So the new pair is named at once, to decrypt; we sign with it from a day
//! on; and the old one stays to decrypt what partners encrypt for it still.

use super::super::paint::{self, styled};
use super::super::terms::{CommandError, Common, Outcome};
use super::about::{about, day, lines};
use super::files::{Cabinet, FOR_ALL, OURS_ALONE, Sheet};
use super::held::Held;
use super::make::{DAYS, Place};
use super::named;
use crate::partner::Partners;
use crate::pki::{Certificate, NewPair, Purpose, Subject};
use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::json;
use std::fmt::Write as _;
use std::io::{self, Write};

/// What `wharf cert roll` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The pair that is replaced: its name in the folder
    name: String,
    /// What the new one is called; NAME and today if left out
    #[arg(long = "name", value_name = "NEW")]
    new: Option<String>,
    /// In how many days we sign with it: the time for partners to take its certificate in
    #[arg(long, value_name = "N", default_value_t = 30)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=3650))]
    sign_in: u32,
    /// For how many days it is valid, from today
    #[arg(long, value_name = "N", default_value_t = DAYS)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: u32,
    /// Whose it is; as the old one, if left out
    #[arg(long, value_name = "NAME")]
    subject: Option<Subject>,
}

/// A change from one pair to the next.
struct Change<'c> {
    old: &'c Certificate,
    new: &'c Certificate,
    /// The day from which we sign with the new one.
    signs: Date,
    place: Place,
    title: String,
    partners: Vec<String>,
}

/// Makes the successor.
pub(super) fn run(
    common: &Common,
    cabinet: &Cabinet,
    arguments: &Arguments,
) -> Result<Outcome, CommandError> {
    let now = Timestamp::now();
    let held = Held::named(cabinet, &arguments.name)?;
    if !held.key_path().exists() {
        let (key, name) = (held.key_path().display().to_string(), &arguments.name);
        return Err(CommandError::Wrong(format!("{key} is not there, so `{name}` is not ours")));
    }
    let old = &held.certificate;
    let today = now.to_zoned(TimeZone::UTC).date();
    let name = arguments.new.clone().unwrap_or_else(|| successor(&held.name(), today));
    let (key, pem) = (cabinet.place(&name, "key")?, cabinet.place(&name, "pem")?);
    let made = wanted(arguments, old, now)?.make();
    let made = made.map_err(|error| CommandError::Wrong(error.to_string()))?;
    let (key_pem, bytes) = (made.key.to_pem(), made.certificate.to_pem());
    cabinet.write(&[
        Sheet { path: key.clone(), mode: OURS_ALONE, bytes: key_pem.as_bytes() },
        Sheet { path: pem.clone(), mode: FOR_ALL, bytes: bytes.as_bytes() },
    ])?;
    let known = named::partners(common, cabinet)?.ok();
    let change = Change {
        old,
        new: &made.certificate,
        signs: signs(common, arguments.sign_in, old, now),
        place: Place { key: cabinet.named(&key), certificate: cabinet.named(&pem) },
        title: known.as_ref().map_or_else(|| "us".to_owned(), |known| known.us().title.clone()),
        partners: known.map(|known| users(&known, old)).unwrap_or_default(),
    };
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    change.tell(common, now, &mut out).map_err(CommandError::output)?;
    Ok(Outcome::Accepted)
}

fn wanted(
    arguments: &Arguments,
    old: &Certificate,
    now: Timestamp,
) -> Result<NewPair, CommandError> {
    let subject = match &arguments.subject {
        Some(subject) => subject.clone(),
        None => old.subject().parse().map_err(|_| {
            let text = format!("`{}` cannot be written again; add --subject", old.subject());
            CommandError::Wrong(text)
        })?,
    };
    let purpose = match (old.may_sign(), old.may_encrypt()) {
        (true, false) => Purpose::Sign,
        (false, true) => Purpose::Encrypt,
        (true, true) | (false, false) => Purpose::Both,
    };
    // What is too short now is not made again.
    let kind = match old.key_kind() {
        crate::pki::KeyKind::Rsa { bits } if ![2048, 3072, 4096].contains(&bits) => {
            crate::pki::KeyKind::Rsa { bits: 2048 }
        }
        other => other,
    };
    let days = arguments.days;
    Ok(NewPair { subject, kind, purpose, hosts: Vec::new(), from: now, days })
}

/// The day on which we begin to sign with the new one: before the old one ends.
fn signs(common: &Common, days: u32, old: &Certificate, now: Timestamp) -> Date {
    let today = now.to_zoned(TimeZone::UTC).date();
    let wanted = today.saturating_add(Span::new().try_days(days).unwrap_or_default());
    let last = old.valid_until().to_zoned(TimeZone::UTC).date();
    let last = last.yesterday().unwrap_or(last).max(today);
    if wanted > last {
        common.warning(&format!(
            "the old certificate ends on {}: partners have until then only",
            day(old.valid_until())
        ));
    }
    wanted.min(last)
}

/// The partners towards whom a certificate of ours is used.
fn users(partners: &Partners, old: &Certificate) -> Vec<String> {
    let uses =
        |keys: &[crate::partner::OwnPair]| keys.iter().any(|own| own.pair.certificate() == old);
    let all = partners.iter();
    let all = all.filter(|it| it.wires.as2.as_ref().is_some_and(|as2| uses(&as2.keys)));
    all.map(|partner| partner.name.to_string()).collect()
}

/// The name of the next pair: that of the old one without its day, and today.
fn successor(name: &str, today: Date) -> String {
    let is_day = |end: &str| end.len() == 8 && end.bytes().all(|byte| byte.is_ascii_digit());
    let stem = name.rsplit_once('-').filter(|(_, end)| is_day(end)).map_or(name, |(stem, _)| stem);
    format!("{stem}-{}", today.strftime("%Y%m%d"))
}

impl Change<'_> {
    /// What to write into our file: the old pair stays as it is.
    fn name_in(&self) -> Vec<String> {
        let mut lines = self.place.lines(false);
        lines.push(format!("from = {}   # we sign with it from this day on", self.signs));
        lines
    }

    /// What to send to partners.
    fn letter(&self) -> String {
        let (title, signs) = (&self.title, self.signs);
        let ends = day(self.old.valid_until());
        let mut text = String::new();
        let mut write = |line: &str| {
            // Writing to memory does not fail.
            let _written = writeln!(text, "{line}");
        };
        write(&format!("Subject: New AS2 certificate of {title} from {signs}\n"));
        write("We replace the certificate by which you verify our AS2 messages and receipts");
        write("(MDNs), and for which you encrypt what you send us.\n");
        write(&format!("Please, before {signs}:"));
        write("  1. take the certificate below in, beside the one that you have, to verify what");
        write("     we sign, messages and receipts;");
        write("  2. compare its SHA-256 with us by telephone;");
        write("  3. from then on encrypt for the new one.\n");
        write(&format!(
            "On {signs} we begin to sign with it. Until {ends} we can decrypt with both.\n"
        ));
        write("The new certificate:");
        for (name, value) in lines(self.new) {
            write(&format!("  {name:9}  {value}"));
        }
        write("\nThe one that it replaces:");
        for (name, value) in lines(self.old) {
            write(&format!("  {name:9}  {value}"));
        }
        write(&format!("\n{}", self.new.to_pem().trim_end()));
        text
    }

    fn tell(&self, common: &Common, now: Timestamp, out: &mut impl Write) -> io::Result<()> {
        if common.json {
            let mut all = about(self.new, now);
            all.insert("file".to_owned(), json!(self.place.certificate));
            all.insert("key_file".to_owned(), json!(self.place.key));
            all.insert("replaces".to_owned(), json!(self.old.fingerprint().to_string()));
            all.insert("signs_from".to_owned(), json!(self.signs.to_string()));
            all.insert("old_until".to_owned(), json!(self.old.valid_until()));
            all.insert("partners".to_owned(), json!(self.partners));
            all.insert("name_in".to_owned(), json!({ "us.toml": self.name_in() }));
            all.insert("letter".to_owned(), json!(self.letter()));
            return writeln!(out, "{}", json!(all));
        }
        let head = styled(paint::GREEN, "written");
        writeln!(out, "{head}: {} (only you can read it)", self.place.key)?;
        writeln!(out, "{head}: {}\n\nNext:", self.place.certificate)?;
        writeln!(out, "  1. name it in us.toml now, beside the old one, which stays as it is:\n")?;
        for line in self.name_in() {
            writeln!(out, "       {line}")?;
        }
        let partners = match self.partners.as_slice() {
            [] => "your partners".to_owned(),
            some => some.join(", "),
        };
        writeln!(out, "\n  2. wharf config check")?;
        writeln!(out, "  3. send the text below to {partners}")?;
        writeln!(out, "  4. take the old one out when nobody encrypts for it any more,")?;
        writeln!(out, "     at the latest when it ends on {}\n", day(self.old.valid_until()))?;
        writeln!(out, "{}\n", styled(paint::DIM, "-".repeat(60).as_str()))?;
        write!(out, "{}", self.letter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_is_called_by_its_day() {
        let today = "2026-11-28".parse().unwrap();
        for (old, new) in [
            ("as2", "as2-20261128"),
            ("as2-20250102", "as2-20261128"),
            ("as2-2025", "as2-2025-20261128"),
        ] {
            assert_eq!(successor(old, today), new);
        }
    }
}
