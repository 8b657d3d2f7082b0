//! `wharf as2 ping`: a test message goes to a partner, and each step of its way is explained.

use super::super::config;
use super::super::terms::{CommandError, Common, Outcome};
use super::steps::{Owner, Steps};
use crate::message::{Body, MessageId};
use crate::partner::{As2, AskFor, Partner};
use crate::transport::as2::send::Sender;
use crate::transport::{Notebook, Outgoing, TransportError};
use clap::Args;
use jiff::Timestamp;
use std::fs::File;
use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// What `wharf as2 ping` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The partner, as its file is called
    partner: String,
    /// What to send in place of a line of text
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The type of what is sent
    #[arg(long, value_name = "TYPE", default_value = "text/plain")]
    content_type: String,
    /// The folder of partners
    #[arg(long, value_name = "DIR", default_value = config::FOLDER, env = "WHARF_PARTNERS")]
    partners: PathBuf,
}

/// Sends it, and explains.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let partners = config::need(common, &arguments.partners)?;
    let name = &arguments.partner;
    let partner = partners.partner(name).ok_or_else(|| {
        CommandError::Wrong(format!("there is no partner `{name}`; see `wharf partner list`"))
    })?;
    let content = content(arguments)?;
    let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let sender = Sender::new().map_err(|error| CommandError::Wrong(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CommandError::io("the runtime"))?;
    let mut steps = Steps::default();
    let at = Timestamp::now();
    runtime.block_on(walk(&mut steps, partner, &sender, content, &arguments.content_type, at));
    steps.print(common).map_err(CommandError::output)
}

fn content(arguments: &Arguments) -> Result<Vec<u8>, CommandError> {
    let Some(path) = &arguments.file else { return Ok(TEST.as_bytes().to_vec()) };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| io::copy(&mut file.take(LARGEST), &mut bytes))
        .map_err(CommandError::io(path.display().to_string()))?;
    Ok(bytes)
}

/// Goes step by step, up to the one that fails.
async fn walk(
    steps: &mut Steps,
    partner: &Partner,
    sender: &Sender,
    content: Vec<u8>,
    content_type: &str,
    at: Timestamp,
) {
    let Some(as2) = profile(steps, partner) else { return };
    if !certificates(steps, &as2, at) || !reachable(steps, &as2).await {
        return;
    }
    let outgoing = Outgoing {
        id: MessageId::mint(at),
        content_type: Some(content_type.to_owned()),
        file_name: Some("wharf-ping.txt".to_owned()),
        content: content.into(),
        at,
    };
    let attempt = sender.send(&as2, &outgoing, &Nowhere).await;
    for (label, body) in &attempt.kept {
        if let ("as2-sent.json", Body::Bytes(bytes)) = (label.as_str(), body) {
            steps.sent(bytes);
        }
    }
    match attempt.outcome {
        Ok(delivery) => {
            steps.good("call", "they answered".to_owned());
            steps.good("receipt", delivery.receipt);
        }
        Err(error) => failed(steps, &error),
    }
}

/// What was agreed; the receipt is asked for at once, because nobody waits for a later one here.
fn profile(steps: &mut Steps, partner: &Partner) -> Option<As2> {
    let Some(as2) = &partner.wires.as2 else {
        let text = format!("{} has no [as2] in its file; write it", partner.name);
        steps.bad("profile", "no_as2", text, Owner::Us);
        return None;
    };
    let Some(url) = &as2.url else {
        let text = "their file names no url in [as2]; ask them where their AS2 is".to_owned();
        steps.bad("profile", "no_url", text, Owner::Us);
        return None;
    };
    steps.good("profile", format!("{} to {} at {url}", as2.we_are, as2.id));
    let mut as2 = as2.clone();
    if as2.mdn.ask != AskFor::Sync {
        let text = format!("the receipt is asked for at once, and not {} as agreed", as2.mdn.ask);
        steps.note("receipt", text);
        as2.mdn.ask = AskFor::Sync;
    }
    Some(as2)
}

fn certificates(steps: &mut Steps, as2: &As2, at: Timestamp) -> bool {
    let mut good = true;
    if let Some(sign) = as2.send.sign {
        if let Some(own) = as2.signer(at) {
            let text = format!("we sign with {} over {}", own.certificate, sign.digest);
            steps.good("our certificate", text);
        } else {
            let text = "no key of ours is valid today; see `wharf cert list`".to_owned();
            steps.bad("our certificate", "no_key", text, Owner::Us);
            good = false;
        }
    }
    if let Some(encrypt) = as2.send.encrypt {
        if let Some(theirs) = as2.recipient(at) {
            let (subject, cipher) = (theirs.subject(), encrypt.cipher);
            let text = format!("we encrypt with {cipher} for {subject}");
            steps.good("their certificate", text);
        } else {
            let text = "no certificate of theirs to encrypt for is valid today; ask them for their \
                        new one";
            steps.bad("their certificate", "no_certificate", text.to_owned(), Owner::Them);
            good = false;
        }
    }
    good
}

/// Whether somebody is there, before anything is sent.
async fn reachable(steps: &mut Steps, as2: &As2) -> bool {
    let url = as2.url.as_ref().and_then(|url| reqwest::Url::parse(url.as_str()).ok());
    let Some((host, port)) = url.as_ref().and_then(|url| {
        Some((url.host_str()?.trim_matches(['[', ']']).to_owned(), url.port_or_known_default()?))
    }) else {
        return true;
    };
    let found: Vec<SocketAddr> = match timeout(PATIENCE, lookup_host((host.as_str(), port))).await {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(_)) | Err(_) => Vec::new(),
    };
    if found.is_empty() {
        let text = format!("nobody knows the name `{host}`: is it written right in their file?");
        steps.bad("name", "no_such_host", text, Owner::Us);
        return false;
    }
    let shown: Vec<String> = found.iter().map(|address| address.ip().to_string()).collect();
    steps.good("name", format!("{host} is {}", shown.join(", ")));
    for address in &found {
        if let Ok(Ok(_)) = timeout(PATIENCE, TcpStream::connect(address)).await {
            steps.good("connection", format!("{address} takes connections"));
            return true;
        }
    }
    let text = format!(
        "nobody takes connections at port {port} of {host}: their server is down, or a firewall, \
         theirs or ours, does not let our address through"
    );
    steps.bad("connection", "unreachable", text, Owner::Both);
    false
}

/// What went wrong when it was sent, and who must change what.
fn failed(steps: &mut Steps, error: &TransportError) {
    let code = error.code();
    let text = error.to_string();
    match error {
        TransportError::Unreachable { .. } => steps.bad("call", code, text, Owner::Both),
        TransportError::NotTrusted { .. } => {
            let text = format!(
                "{text}; they must show a certificate of an authority that we trust, with the name \
                 in the url"
            );
            steps.bad("TLS", code, text, Owner::Them);
        }
        TransportError::Broken { .. } => {
            let text = format!("{text}; whether it arrived is not known: ask them");
            steps.bad("call", code, text, Owner::Them);
        }
        TransportError::Busy { .. } => {
            steps.bad("call", code, format!("{text}; try again later"), Owner::Them);
        }
        TransportError::Denied { .. } => steps.bad("call", code, text, Owner::Them),
        TransportError::Refused { status, .. } => {
            let advice = match status {
                401 | 403 => "their server wants a sign-in, or does not know our address",
                404 | 405 => "the path of the url is not where their AS2 is",
                _ => "they can say more by their log",
            };
            steps.bad("call", code, format!("{text}; {advice}"), Owner::Them);
        }
        TransportError::Unproven { code, .. } => {
            steps.good("call", "they answered".to_owned());
            let (advice, owner) = advice(code);
            steps.bad("receipt", code, format!("{text}; {advice}"), owner);
        }
        TransportError::NotSetUp { .. } => steps.bad("profile", code, text, Owner::Us),
    }
}

/// What a receipt that proves nothing calls for, and from whom.
fn advice(code: &str) -> (&'static str, Owner) {
    match code {
        "mdn_missing" => ("they must answer with a receipt (MDN), or agree on none", Owner::Them),
        "mdn_unsigned" => {
            ("they must sign their receipts, or `signed = false` in [as2.mdn]", Owner::Them)
        }
        "mdn_bad_signature" => (
            "they sign with a certificate that we have not pinned: ask them which, then `wharf cert \
             import`",
            Owner::Both,
        ),
        "mdn_wrong_message" => ("ids must be the same on both sides, by case", Owner::Both),
        "mic_mismatch" => (
            "they hashed other bytes than we: see `quirks` in [as2], such as mic-before-compression",
            Owner::Both,
        ),
        "mdn_negative" => (
            "authentication-failed: they lack our certificate; decryption-failed: we encrypt for an \
             old one of theirs; insufficient-message-security: they want it signed or encrypted",
            Owner::Both,
        ),
        _ => ("they can say more by their log", Owner::Them),
    }
}

/// Nothing is noted: a test message is sent once, and is found by nobody later.
struct Nowhere;

impl Notebook for Nowhere {
    async fn note(&self, _: &str, _: Vec<u8>) -> Result<(), String> {
        Ok(())
    }
}

/// What a test message says.
const TEST: &str = "This is a test of the AS2 connection, sent by hand. It is no business document \
                    and may be thrown away.\r\n";

/// The most bytes of a file that is sent.
const LARGEST: u64 = 10_000_000;

/// How long a name and a connection may take.
const PATIENCE: Duration = Duration::from_secs(10);
