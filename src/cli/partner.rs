//! `wharf partner`: who we trade with, and how someone is added.

use super::config::{self, FOLDER};
use super::keys;
use super::paint::{self, styled, visible};
use super::spool;
use super::terms::{CommandError, Common, Outcome};
use crate::gateway::operator::Held;
use crate::message::Direction;
use crate::partner::{
    AgreedMap, Agreement, Credential, Delivery, NewPartner, NewToken, Partner, Partners, PublicKey,
    Role, Spring, Way,
};
use clap::{Args, Subcommand};
use serde_json::json;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Arguments of `wharf partner`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
    /// The folder of partners
    #[arg(long, global = true, value_name = "DIR", default_value = FOLDER, env = "WHARF_PARTNERS")]
    partners: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the partners: names, ids, what goes and what comes
    #[command(
        after_help = "Examples:\n  wharf partner list\n  wharf partner list --json | jq -r .name"
    )]
    List,
    /// Show everything that was agreed with a partner
    #[command(after_help = "Examples:\n  wharf partner show acme-medical\n  \
        wharf partner show acme-medical --json | jq .agreements")]
    Show {
        /// The partner, as its file is called
        name: String,
    },
    /// Add a partner: write its file, with comments, and make its first token
    #[command(after_help = "Examples:\n  wharf partner new acme-medical\n  \
        wharf partner new st-anne --role customer")]
    New {
        /// Its name: lower-case letters, digits and dashes
        name: String,
        /// What it is to us: supplier, customer or both
        #[arg(long, default_value = "supplier", value_parser = role)]
        role: Role,
    },
    /// Add the SSH key of a partner, or show our own
    #[command(subcommand)]
    Key(keys::Action),
    /// Make a password for a partner whose SFTP software cannot use a key
    #[command(after_help = "Example:\n  wharf partner password acme-medical\n\n\
        The password is shown once; the partner's file keeps a slow, salted hash of it.")]
    Password {
        /// The partner
        name: String,
    },
    /// Make a token that a partner, or with the name `us` the ERP, can sign in with
    #[command(after_help = "Example:\n  wharf partner token acme-medical\n\n\
        The token is 256 random bits and is shown once; the partner's file keeps its SHA-256.")]
    Token {
        /// The partner, or `us` for the ERP
        name: String,
    },
}

fn role(text: &str) -> Result<Role, String> {
    Role::of_word(text).ok_or_else(|| "the role is one of supplier, customer, both".to_owned())
}

/// Lists, shows or adds.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let folder = &arguments.partners;
    let partners = config::need(common, folder)?;
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    let done = match &arguments.action {
        Action::List => list(common, &partners, &mut out),
        Action::Show { name } => {
            let partner = known(&partners, name)?;
            show(common, partner, held(common, folder, partner)?.as_ref(), &mut out)
        }
        Action::New { name, role } => {
            let new = NewPartner::named(name, *role, &partners)
                .map_err(|kind| CommandError::Wrong(kind.to_string()))?;
            if partners.partner(name).is_some() {
                let text =
                    format!("there is a partner `{name}` already; see `wharf partner show {name}`");
                return Err(CommandError::Wrong(text));
            }
            let token = token()?;
            let path = write(folder, &new, &token)?;
            config::need(common, folder)?;
            added(common, &new, &token, &path, &mut out)
        }
        Action::Key(keys::Action::Add { name, file, deliver_by }) => {
            let partner = known(&partners, name)?;
            return keys::add(common, folder, partner, file, *deliver_by, &mut out)
                .map(|()| Outcome::Accepted);
        }
        Action::Key(keys::Action::Ours { certs }) => {
            return keys::ours(common, folder, certs.as_deref(), &partners, &mut out)
                .map(|()| Outcome::Accepted);
        }
        Action::Password { name } => {
            return keys::password(common, known(&partners, name)?, &mut out)
                .map(|()| Outcome::Accepted);
        }
        Action::Token { name } => {
            if name != US {
                known(&partners, name)?;
            }
            tell_token(common, folder, name, &token()?, &mut out)
        }
    };
    done.map_err(CommandError::output)?;
    Ok(Outcome::Accepted)
}

/// Ourselves, where a partner is named.
const US: &str = "us";

fn known<'p>(partners: &'p Partners, name: &str) -> Result<&'p Partner, CommandError> {
    partners.partner(name).ok_or_else(|| {
        let names = partners.iter().map(|partner| partner.name.as_str()).collect::<Vec<_>>();
        let names = names.join(", ");
        CommandError::Wrong(format!("there is no partner `{name}`; there are: {names}"))
    })
}

fn list(common: &Common, partners: &Partners, out: &mut impl Write) -> io::Result<()> {
    let width = partners.iter().map(|partner| partner.name.as_str().len()).max().unwrap_or(0);
    for partner in partners.iter() {
        let sets = |direction| {
            let sets = partner.agreements.iter().filter(|about| about.direction == direction);
            sets.map(|about| about.set.as_str()).collect::<Vec<_>>()
        };
        let (sent, received) = (sets(Direction::Outbound), sets(Direction::Inbound));
        let ids = partner.identities.iter().map(|identity| identity.isa.to_string());
        let ids = ids.collect::<Vec<_>>();
        if common.json {
            let line = json!({
                "name": partner.name, "title": partner.title, "role": partner.role,
                "mode": partner.mode, "isa": ids, "sent": sent, "received": received,
            });
            writeln!(out, "{line}")?;
            continue;
        }
        let name = styled(paint::BOLD, &format!("{:width$}", partner.name));
        let (role, mode) = (partner.role, partner.mode);
        let ids = visible(&ids.join(", "));
        let (sent, received) = (visible(&sent.join(" ")), visible(&received.join(" ")));
        writeln!(out, "{name}  {role:8}  {mode:10}  {ids:18}  out {sent}  in {received}")?;
    }
    Ok(())
}

fn show(
    common: &Common,
    partner: &Partner,
    held: Option<&Held>,
    out: &mut impl Write,
) -> io::Result<()> {
    if common.json {
        let mut all = json!(partner);
        if let Some(all) = all.as_object_mut() {
            all.insert("held".to_owned(), json!(held));
        }
        return writeln!(out, "{all}");
    }
    let title = format!("{} ({})", visible(&partner.title), partner.name);
    writeln!(out, "{}", styled(paint::BOLD, &title))?;
    let mut line = |name: &str, value: &dyn Display| {
        let name = styled(paint::DIM, &format!("{name:12}"));
        writeln!(out, "  {name}  {}", visible(&value.to_string()))
    };
    line("role", &partner.role)?;
    line("mode", &partner.mode)?;
    line("owner", &partner.owner)?;
    for contact in &partner.contacts {
        let parts = [
            Some(&contact.name),
            contact.about.as_ref(),
            contact.email.as_ref(),
            contact.phone.as_ref(),
        ];
        let parts = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>();
        line("contact", &parts.join(", "))?;
    }
    for (name, identity) in partner
        .identities
        .iter()
        .map(|theirs| ("they are", theirs))
        .chain([("we are", &partner.ours)])
    {
        let gs = identity.gs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        line(name, &format!("ISA {}, GS {gs}", identity.isa))?;
    }
    terms(partner, &mut line)?;
    if let Some(Held { waiting, today, .. }) = held {
        let text = format!(
            "{} messages of {} bytes wait; {} of {} bytes came today",
            waiting.messages, waiting.bytes, today.messages, today.bytes
        );
        line("here now", &text)?;
    }
    for agreement in &partner.agreements {
        line("agreement", &about(agreement))?;
    }
    https(partner, &mut line)?;
    keys::show(partner, &mut line)?;
    files(partner, &mut line)
}

type Line<'l> = dyn FnMut(&str, &dyn Display) -> io::Result<()> + 'l;

fn terms(partner: &Partner, line: &mut Line<'_>) -> io::Result<()> {
    let terms = &partner.terms;
    let (given, wanted) = (&terms.acknowledgments.given, &terms.acknowledgments.wanted);
    line(
        "we answer",
        &format!("{}, TA1 {}, {} sets named", given.functional, given.ta1, given.loops),
    )?;
    let ta1 = wanted.ta1_within.map(|within| format!(", TA1 within {within}")).unwrap_or_default();
    line("we want", &format!("{} within {}{ta1}", wanted.functional, wanted.within))?;
    line("we send", &terms.schedule)?;
    let waits = terms.retry.waits.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let (then, give_up) = (terms.retry.then, terms.retry.give_up);
    line("we retry", &format!("after {waits}, then every {then}, up to {give_up}"))?;
    let limits = &terms.limits;
    let (body, each, at_once) = (limits.body, limits.requests_per_minute, limits.at_once);
    line("limits", &format!("{body} a request, {each} requests a minute, {at_once} at once"))?;
    let (waiting, messages, day) = (limits.waiting, limits.waiting_messages, limits.day);
    line("may wait", &format!("{waiting} in {messages} messages; {day} may come in a day"))
}

/// What of theirs is in the spool now, where there is a spool and someone answers for it.
fn held(common: &Common, folder: &Path, partner: &Partner) -> Result<Option<Held>, CommandError> {
    let queues = spool::queues(common, folder)?;
    let held = queues.map(|queues| queues.held).unwrap_or_default();
    Ok(held.into_iter().find(|held| held.partner == partner.name))
}

fn about(agreement: &Agreement) -> String {
    let way = match agreement.direction {
        Direction::Inbound => "in ",
        Direction::Outbound => "out",
    };
    let mut text = format!("{} {way} {} {}", agreement.set, agreement.release, agreement.mode);
    if let Some(guide) = &agreement.guide {
        text = format!("{text}, guide {}", guide.file);
    }
    match &agreement.map {
        AgreedMap::Shipped(_) => {}
        AgreedMap::Own(own) => text = format!("{text}, map {}", own.file),
        AgreedMap::None => text = format!("{text}, as X12"),
    }
    if let Some(batch) = &agreement.batch {
        let (count, wait, size) = (batch.count, batch.wait, batch.size);
        text = format!("{text}, in batches of {count}, {wait} or {size}");
    }
    text
}

fn https(partner: &Partner, line: &mut Line<'_>) -> io::Result<()> {
    let Some(https) = &partner.wires.https else { return Ok(()) };
    match &https.deliver {
        Delivery::Mailbox => line("https", &"they collect from their mailbox")?,
        Delivery::Push(push) => line("https", &format!("we post to {}", push.url))?,
    }
    let tokens = https.tokens.iter().map(|token| ("token", token));
    let certificates = https.certificates.iter().map(|certificate| ("certificate", certificate));
    for (name, Credential { sha256, note }) in tokens.chain(certificates) {
        let hash = sha256.to_string().chars().take(12).collect::<String>();
        let note = note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
        line(name, &format!("sha256 {hash}…{note}"))?;
    }
    if https.tokens.is_empty() && https.certificates.is_empty() {
        line("token", &format!("none yet; `wharf partner token {}` makes one", partner.name))?;
    }
    Ok(())
}

/// Where files are fetched from and put.
fn files(partner: &Partner, line: &mut Line<'_>) -> io::Result<()> {
    for spring in partner.wires.springs() {
        line("we look", &format!("at {} {}", spring.place(), spring.looks()))?;
        let pickups = match spring {
            Spring::Sftp(remote) => remote.fetch.iter().collect::<Vec<_>>(),
            Spring::Folder(inbound) => vec![&inbound.pickup],
        };
        for pickup in pickups {
            let names = pickup.matches.iter().map(ToString::to_string).collect::<Vec<_>>();
            let names = if names.is_empty() { "every file".to_owned() } else { names.join(" ") };
            let (folder, stable, after) = (&pickup.folder, pickup.stable, &pickup.after);
            line("we take", &format!("{names} in {folder}, the same for {stable}, {after}"))?;
        }
    }
    if let Some(remote) = partner.wires.sftp.as_ref().and_then(|sftp| sftp.remote.as_ref()) {
        for host in remote.jump.iter().chain([&remote.server]) {
            let keys = host.host_keys.iter().map(PublicKey::fingerprint).collect::<Vec<_>>();
            line("host key", &format!("{host} {}", keys.join(", ")))?;
        }
    }
    match partner.way() {
        Some(way @ (Way::Sftp(_) | Way::Folder(_))) => line("we put into", &way.endpoint()),
        Some(Way::Mailbox | Way::Https(_) | Way::As2(_) | Way::Receipt(..)) | None => Ok(()),
    }
}

/// A new token from the system's randomness.
fn token() -> Result<NewToken, CommandError> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| {
        CommandError::Wrong(format!("the system gives no random bits: {error}"))
    })?;
    Ok(NewToken::of(random))
}

/// Writes the file of a new partner, and never over another.
fn write(folder: &Path, new: &NewPartner, token: &NewToken) -> Result<PathBuf, CommandError> {
    let path = folder.join(format!("{}.toml", new.name()));
    let failed = || CommandError::io(path.display().to_string());
    let mut file = File::create_new(&path).map_err(failed())?;
    file.write_all(new.file(token).as_bytes()).and_then(|()| file.sync_all()).map_err(failed())?;
    Ok(path)
}

fn added(
    common: &Common,
    new: &NewPartner,
    token: &NewToken,
    path: &Path,
    out: &mut impl Write,
) -> io::Result<()> {
    let (name, file) = (new.name(), path.display().to_string());
    if common.json {
        let (text, sha256) = (token.text(), token.hash());
        return writeln!(
            out,
            "{}",
            json!({ "partner": name, "file": file, "token": text, "sha256": sha256 })
        );
    }
    let head = styled(paint::GREEN, "written");
    writeln!(out, "{head}: {file}\n")?;
    writeln!(out, "Their token, which is shown only now; give it to them over a safe channel:\n")?;
    writeln!(out, "  {}\n", styled(paint::BOLD, token.text()))?;
    writeln!(out, "Next:")?;
    writeln!(out, "  1. edit {file}: their ids, owner and contacts, what you agreed")?;
    writeln!(
        out,
        "  2. put their guide (SEF) and map, if they have such, into {}/",
        path.with_extension("").display()
    )?;
    writeln!(out, "  3. wharf config check")?;
    writeln!(out, "  4. wharf partner show {name}")
}

fn tell_token(
    common: &Common,
    folder: &Path,
    name: &str,
    token: &NewToken,
    out: &mut impl Write,
) -> io::Result<()> {
    let (text, hash) = (token.text(), token.hash());
    if common.json {
        return writeln!(out, "{}", json!({ "partner": name, "token": text, "sha256": hash }));
    }
    let table = if name == US { "erp.tokens" } else { "https.tokens" };
    let file = [format!("{name}.toml"), format!("{name}/partner.toml")];
    let file = file.iter().map(|file| folder.join(file)).find(|file| file.exists());
    let file = file.unwrap_or_else(|| folder.join(name)).display().to_string();
    writeln!(out, "The token, which is shown only now; hand it over by a safe channel:\n")?;
    writeln!(out, "  {}\n", styled(paint::BOLD, text))?;
    writeln!(out, "Add to {file}, beside the old one until that is no longer used:\n")?;
    writeln!(out, "  [[{table}]]\n  sha256 = \"{hash}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMON: Common = Common { json: false, grammars: None };

    fn samples() -> Partners {
        config::need(&COMMON, &Path::new(env!("CARGO_MANIFEST_DIR")).join("partners")).unwrap()
    }

    fn printed(print: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        print(&mut out).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
    }

    #[test]
    fn a_list_has_a_line_for_each() {
        assert_eq!(
            printed(|out| list(&COMMON, &samples(), out)),
            "acme-medical       supplier  test        01:006081492        out 850 860  in 855 865 856 810\n\
             northwind-devices  supplier  test        ZZ:NORTHWIND        out 850  in 855 856 810\n"
        );
    }

    #[test]
    fn a_partner_is_shown_in_words() {
        let text = printed(|out| {
            show(&COMMON, known(&samples(), "northwind-devices").unwrap(), None, out)
        });
        for line in [
            "Northwind Devices (northwind-devices)\n",
            "  they are      ISA ZZ:NORTHWIND, GS NORTHWIND, NWDIMPLANTS\n",
            "  we are        ISA ZZ:LAKESIDE, GS LAKESIDE\n",
            "  we want       999 within 4h, TA1 within 30m\n",
            "  we send       mon tue wed thu fri 06:00-20:00 America/Chicago\n",
            "  agreement     850 out 005010 test, in batches of 50, 10m or 1 MB\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
    }

    #[test]
    fn an_unknown_partner_is_told_with_those_that_there_are() {
        let error = known(&samples(), "acme").unwrap_err().to_string();
        assert_eq!(error, "there is no partner `acme`; there are: acme-medical, northwind-devices");
    }

    #[test]
    fn a_new_partner_is_written_once_and_signs_in_with_its_token() {
        let folder = tempfile::tempdir().unwrap();
        let us = "title = 'Us'\nidentities = [{ isa = 'ZZ:US', gs = ['US'] }]\n";
        std::fs::write(folder.path().join("us.toml"), us).unwrap();
        let partners = config::need(&COMMON, folder.path()).unwrap();
        let new = NewPartner::named("acme", Role::Both, &partners).unwrap();
        let token = token().unwrap();
        write(folder.path(), &new, &token).unwrap();
        let partners = config::need(&COMMON, folder.path()).unwrap();
        assert_eq!(partners.by_token(token.text()).unwrap().name.as_str(), "acme");
        assert!(write(folder.path(), &new, &token).is_err());
    }
}
