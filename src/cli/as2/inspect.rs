//! `wharf as2 inspect`: a captured message or receipt, layer by layer, and what is wrong with it.

use super::super::cert::about_json;
use super::super::config;
use super::super::paint::visible;
use super::super::terms::{CommandError, Common, Outcome};
use super::capture::Capture;
use super::side::Side;
use super::tell::{Finding, Sheet};
use crate::pki::DigestAlgorithm;
use crate::transport::as2::anatomy::{Anatomy, Part, dissect};
use crate::transport::as2::mdn::Report;
use crate::transport::as2::{Headers, Letterhead, Memory, is_report, open};
use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use std::fs::File;
use std::io::{self, Cursor, Read as _};
use std::path::PathBuf;

/// What `wharf as2 inspect` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The capture: headers, an empty line, the body; `-` is standard input
    file: PathBuf,
    /// The folder of partners, to verify and decrypt with what their files name
    #[arg(long, value_name = "DIR")]
    partners: Option<PathBuf>,
    /// The time at which certificates must be valid, as 2026-03-31T12:00:00Z; now if left out
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Print the contents too
    #[arg(long)]
    content: bool,
}

/// Takes it apart.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let bytes = read(arguments)?;
    let unreadable = || {
        let text = "it does not begin with headers and an empty line; save it as it is on the wire";
        CommandError::Wrong(format!("{}: {text}", arguments.file.display()))
    };
    let capture = Capture::read(&bytes).ok_or_else(unreadable)?;
    let at = arguments.at.unwrap_or_else(Timestamp::now);
    let mut sheet = Sheet::default();
    sheet.remarks(capture.remarks.iter().map(|it| Finding::doubt("capture", it.clone())));
    let letterhead = letter(&capture, &mut sheet);
    let side = side(common, arguments, &capture.headers)?;
    sheet.remarks(side.remarks.iter().map(|it| Finding::fault("parties", it.clone())));
    if let Some(partner) = &side.partner {
        let way = if side.from_us { "we to" } else { "from" };
        sheet.line("partner", format!("{way} {partner}"), json!(partner));
    }
    let anatomy = dissect(&capture.headers, &capture.body, &side.terms(at, letterhead.as_ref()));
    layers(&anatomy, &side, arguments.content, at, &mut sheet);
    // It may be encrypted.
    let within = anatomy.parts.iter().any(|part| matches!(part, Part::Report { .. }));
    if within || is_report(&capture.headers, &capture.body) {
        receipt(&capture, &side, at, &mut sheet);
    } else if side.as2.is_some() && !side.from_us {
        verdict(&capture, &side, letterhead.as_ref(), at, &mut sheet);
    } else if side.as2.is_none() {
        let text = "nothing was verified: name the folder of partners with --partners";
        sheet.remarks([Finding::note("unverified", text.to_owned())]);
    }
    sheet.print(common).map_err(CommandError::output)
}

fn read(arguments: &Arguments) -> Result<Vec<u8>, CommandError> {
    let named = || CommandError::io(arguments.file.display().to_string());
    let mut bytes = Vec::new();
    let done = if arguments.file.as_os_str() == "-" {
        io::copy(&mut io::stdin().lock().take(LARGEST), &mut bytes)
    } else {
        let file = File::open(&arguments.file).map_err(named())?;
        io::copy(&mut file.take(LARGEST), &mut bytes)
    };
    done.map_err(named())?;
    Ok(bytes)
}

fn side(common: &Common, arguments: &Arguments, headers: &Headers) -> Result<Side, CommandError> {
    let Some(folder) = &arguments.partners else { return Ok(Side::unknown()) };
    let partners = config::need(common, folder)?;
    let name = |header: &str| {
        let name = headers.value(header)?.parse::<crate::transport::as2::As2Name>().ok()?;
        Some(name.as_str().to_owned())
    };
    let (from, to) = (name("AS2-From"), name("AS2-To"));
    Ok(Side::of(&partners, &from.unwrap_or_default(), &to.unwrap_or_default()))
}

/// What the AS2 headers say.
fn letter(capture: &Capture, sheet: &mut Sheet) -> Option<Letterhead> {
    if let Some(line) = &capture.line {
        sheet.line("line", visible(line), json!(line));
    }
    for name in HEADERS {
        if let Some(value) = capture.headers.value(name) {
            sheet.header(name, visible(value), json!(value));
        }
    }
    let is_answer = capture.line.as_ref().is_some_and(|line| line.starts_with("HTTP/"));
    match Letterhead::read(&capture.headers) {
        Ok(letterhead) => {
            if let Some(receipt) = &letterhead.receipt
                && let Err(error) = receipt.options.choose(&DigestAlgorithm::ALL)
            {
                sheet.remarks([Finding::fault(error.code(), error.to_string())]);
            }
            Some(letterhead)
        }
        // The answer to a request need not repeat who speaks to whom.
        Err(_) if is_answer => None,
        Err(fault) => {
            sheet.remarks([Finding::fault("headers", fault.to_string())]);
            None
        }
    }
}

fn layers(anatomy: &Anatomy, side: &Side, content: bool, at: Timestamp, sheet: &mut Sheet) {
    for part in &anatomy.parts {
        match part {
            Part::Encrypted { cipher, recipients, opened, .. } => {
                let all = recipients.iter().map(|recipient| {
                    let whom = match &recipient.ours {
                        Some(ours) => side.name_of(ours),
                        None => recipient.named.clone(),
                    };
                    format!("{whom} ({})", recipient.transport)
                });
                let all: Vec<String> = all.collect();
                let state = if *opened { "decrypted here" } else { "not decrypted" };
                let text = format!("{cipher}, for {}; {state}", all.join(", "));
                let json = json!({ "cipher": cipher, "recipients": all, "opened": opened });
                sheet.line("encrypted", text, json);
                weak(cipher, sheet);
                if side.as2.is_some()
                    && !side.from_us
                    && !recipients.iter().any(|r| r.ours.is_some())
                {
                    let text = "it is encrypted for none of our keys: they use an old certificate of \
                                ours, or somebody else's; send them the one of `wharf cert list`";
                    sheet.remarks([Finding::fault("not_for_us", text.to_owned())]);
                }
            }
            Part::Signed { .. } => signed(part, side, at, sheet),
            Part::Compressed => sheet.line("compressed", "zlib".to_owned(), json!("zlib")),
            Part::Several { kind } => sheet.line("multipart", visible(kind), json!(kind)),
            Part::Report { fields } => {
                for (name, value) in fields.iter() {
                    sheet.header(name, visible(value), json!(value));
                }
            }
            Part::Content { kind, file_name, bytes } => {
                let name = file_name.as_deref().map(|it| format!(", called {it}"));
                let name = visible(&name.unwrap_or_default());
                let length = bytes.len();
                let text = format!("{}, {length} bytes{name}", visible(kind));
                let shown = content.then(|| String::from_utf8_lossy(bytes).into_owned());
                let json = json!({
                    "type": kind, "file_name": file_name, "length": length, "text": shown,
                });
                sheet.line("content", text, json);
                sheet.contents.extend(shown);
            }
        }
    }
    if let Some(error) = &anatomy.stopped {
        let text = format!("it cannot be looked at any further: {error}");
        sheet.remarks([Finding::fault(error.code(), text)]);
    }
}

fn signed(part: &Part, side: &Side, at: Timestamp, sheet: &mut Sheet) {
    let Part::Signed { detached, signer, pinned, digest, scheme, carried, mic, verified, .. } =
        part
    else {
        return;
    };
    let by = pinned.as_ref().map_or_else(|| signer.clone(), |pinned| side.name_of(pinned));
    let state = match verified {
        Ok(_) => "verified".to_owned(),
        Err(error) => format!("not verified: {error}"),
    };
    let mic = mic.as_ref().map(ToString::to_string);
    let text = format!("{scheme} over {digest}, by {by}; {state}");
    let certificates: Vec<_> = carried.iter().map(|it| about_json(it, at)).collect();
    let json = json!({
        "scheme": scheme, "digest": digest, "signer": by, "detached": detached, "mic": mic,
        "verified": verified.is_ok(), "certificates": certificates,
    });
    sheet.line("signed", text, json);
    if let Some(mic) = mic {
        sheet.header("MIC of what is signed", mic.clone(), json!(mic));
    }
    weak(digest, sheet);
    for certificate in carried {
        let (subject, sha256) = (visible(certificate.subject()), certificate.fingerprint());
        sheet.header("carries", format!("{subject}, sha256 {sha256}"), json!(sha256.to_string()));
    }
    if side.as2.is_some() && pinned.is_none() {
        let text = format!(
            "its signer ({signer}) is no certificate that we pinned: they sign with another one; ask \
             them for it by another way, then `wharf cert import FILE --partner {}`",
            side.partner.as_deref().unwrap_or("PARTNER")
        );
        sheet.remarks([Finding::fault("unknown_signer", text)]);
    } else if let (Some(_), Err(error)) = (&side.as2, verified) {
        sheet.remarks([Finding::fault(error.code(), format!("{error}; {}", error.advice()))]);
    }
}

/// Says of an algorithm that it is weak.
fn weak(name: &str, sheet: &mut Sheet) {
    if matches!(name, "sha1" | "3des-cbc") {
        let text =
            format!("{name} is too weak for today; only an exception in [[as2.legacy]] allows it");
        sheet.remarks([Finding::doubt("weak", text)]);
    }
}

/// What a receipt says.
fn receipt(capture: &Capture, side: &Side, at: Timestamp, sheet: &mut Sheet) {
    match Report::open(&capture.headers, &capture.body, &side.terms(at, None)) {
        Ok(report) => {
            let text = report.text().lines().next().unwrap_or_default().to_owned();
            sheet.line("receipt", visible(&text), json!(report.text()));
            match report.disposition() {
                Some(disposition) if disposition.is_processed() => {}
                Some(disposition) => {
                    let text = format!("they did not take it in: {disposition}");
                    sheet.remarks([Finding::fault("mdn_negative", text)]);
                }
                None => {
                    let text = "it does not say what became of the message".to_owned();
                    sheet.remarks([Finding::fault("mdn_unreadable", text)]);
                }
            }
            if report.mic().is_none() {
                let text = "it states no MIC, so it does not prove what arrived".to_owned();
                sheet.remarks([Finding::doubt("mic_missing", text)]);
            }
        }
        Err(fault) => sheet.remarks([Finding::fault(fault.code(), fault.to_string())]),
    }
}

/// What it would come to if it arrived.
fn verdict(
    capture: &Capture,
    side: &Side,
    letterhead: Option<&Letterhead>,
    at: Timestamp,
    sheet: &mut Sheet,
) {
    let terms = side.terms(at, letterhead);
    let mut body = Cursor::new(&capture.body);
    match open(&capture.headers, &mut body, &terms, &mut Memory::default()) {
        Ok(opened) => {
            let mic = opened.mic.to_string();
            sheet.line("accepted", format!("MIC {mic}"), json!({ "mic": mic }));
        }
        Err(error) => {
            let text =
                format!("{error}; {}; we would answer {}", error.advice(), error.disposition());
            sheet.remarks([Finding::fault(error.code(), text)]);
        }
    }
    let asked = letterhead.and_then(|it| it.receipt.as_ref()?.deliver_to.as_deref());
    if let (Some(to), Some(as2)) = (asked, &side.as2)
        && !as2.mdn.may_go_to(to)
    {
        let text = format!(
            "they want the receipt sent to {}, which is not below `theirs` in their [as2.mdn]: ask \
             them whether it is theirs, then write it there",
            visible(to)
        );
        sheet.remarks([Finding::fault("receipt_address", text)]);
    }
}

/// The headers that matter, in the order in which people look for them.
const HEADERS: [&str; 11] = [
    "AS2-From",
    "AS2-To",
    "AS2-Version",
    "Message-ID",
    "Date",
    "Subject",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Disposition-Notification-To",
    "Disposition-Notification-Options",
    "Receipt-Delivery-Option",
];

/// The most bytes that are looked at.
const LARGEST: u64 = 256 << 20;
