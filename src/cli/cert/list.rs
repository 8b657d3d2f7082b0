//! `wharf cert list`: the certificates that our files name.

use super::super::paint::{self, styled, visible};
use super::super::terms::{CommandError, Common, Outcome};
use super::about::{about, day, left};
use super::files::Cabinet;
use super::named::{certificates, partners};
use crate::message::PartnerId;
use crate::partner::NamedCertificate;
use crate::pki::Nearness;
use jiff::Timestamp;
use serde_json::json;
use std::io::{self, Write};

/// Lists them.
pub(super) fn run(common: &Common, cabinet: &Cabinet) -> Result<Outcome, CommandError> {
    let partners = partners(common, cabinet)?;
    let partners = partners.map_err(|faults| CommandError::Wrong(faults.to_string()))?;
    let named = certificates(cabinet, &partners);
    if named.is_empty() && !common.json {
        common.note("no file names a certificate; make one with `wharf cert new NAME`");
    }
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    list(common, &named, Timestamp::now(), &mut out).map_err(CommandError::output)?;
    Ok(Outcome::Accepted)
}

fn list(
    common: &Common,
    named: &[NamedCertificate],
    at: Timestamp,
    out: &mut impl Write,
) -> io::Result<()> {
    let rows: Vec<[String; 5]> = named.iter().map(|one| row(one, at)).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2), width(3)];
    for (one, row) in named.iter().zip(&rows) {
        if common.json {
            let mut all = about(&one.certificate, at);
            all.insert("partner".to_owned(), json!(one.partner));
            all.insert("uses".to_owned(), json!(one.uses));
            all.insert("file".to_owned(), json!(one.file));
            all.insert("used_until".to_owned(), json!(one.ends));
            writeln!(out, "{}", json!(all))?;
            continue;
        }
        let [who, uses, file, kind, until] = row;
        let [a, b, c, d] = widths;
        let who = styled(paint::BOLD, &format!("{who:a$}"));
        let until = match Nearness::of(one.ends, at) {
            None => until.clone(),
            Some(Nearness::Ended | Nearness::Day1 | Nearness::Days7) => styled(paint::RED, until),
            Some(_) => styled(paint::CYAN, until),
        };
        writeln!(out, "{who}  {uses:b$}  {file:c$}  {kind:d$}  {until}")?;
        let sha256 = one.certificate.fingerprint().to_string();
        let subject = visible(one.certificate.subject());
        let indent = " ".repeat(a);
        writeln!(out, "{indent}  {}", styled(paint::DIM, &format!("{subject}, SHA-256 {sha256}")))?;
    }
    Ok(())
}

fn row(one: &NamedCertificate, at: Timestamp) -> [String; 5] {
    let who = one.partner.as_ref().map_or("us", PartnerId::as_str);
    let uses: Vec<_> = one.uses.iter().map(|what| what.word()).collect();
    let until = if at < one.begins {
        format!("{}  from {}", day(one.ends), day(one.begins))
    } else {
        format!("{}  {}", day(one.ends), left(one.ends, at))
    };
    let kind = one.certificate.key_kind().to_string();
    [who.to_owned(), uses.join(" "), visible(&one.file), kind, until]
}
