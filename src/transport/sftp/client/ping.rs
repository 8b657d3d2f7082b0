//! Every step to a partner's server tried, and explained: what is so, and who must change what.
//!
//! Nothing of theirs is read or changed. A file of ours with nothing in it is written, renamed and
//! deleted where we have to be able to do so.

use super::super::super::error::{Blame, TransportError};
use super::super::super::pickup::{Catch, PlaceError, Stat};
use super::connect::Session;
use super::fault::{Step, told};
use super::host::addresses;
use super::look::seen;
use super::place::within;
use crate::message::Content;
use crate::partner::{After, Host, Pickup, Remote};
use serde::{Serialize, Serializer};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// One step, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// The step, in a word or two.
    pub step: String,
    /// Whether it is as it should be; none: it cannot be told.
    pub good: Option<bool>,
    /// What is so, and what to do.
    pub detail: String,
    /// Who has to change something.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "who")]
    pub blame: Option<Blame>,
}

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands it over like this"
)]
fn who<S: Serializer>(blame: &Option<Blame>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match blame {
        Some(Blame::Partner) => "partner",
        Some(Blame::Us) => "us",
        Some(Blame::Weather) | None => "nobody",
    })
}

/// Tries every step, as far as it gets.
pub async fn ping(remote: &Remote) -> Vec<Tried> {
    let mut tried = Vec::new();
    let first = remote.jump.first().unwrap_or(&remote.server);
    let Some(addresses) = named(first, &mut tried).await else { return tried };
    if !reached(first, &addresses, &mut tried).await {
        return tried;
    }
    shown(first, &addresses, &mut tried).await;
    let session = match Session::open(remote).await {
        Ok(session) => session,
        Err(failed) => {
            let (step, error) = (failed.step, failed.error);
            if step > Step::Trust && remote.jump.is_empty() {
                tried.retain(|one| one.step != "host key" || one.good == Some(true));
            }
            // The host key has been told already.
            if !(step == Step::Trust && tried.iter().any(|one| one.good == Some(false))) {
                tried.push(bad(word(step), &error));
            }
            return tried;
        }
    };
    let by = format!("as `{}`, with the host key {}", remote.server.user, session.fingerprint);
    tried.push(good("signed in", by));
    let sizes = session.sizes;
    tried.push(good("sftp", format!("{} bytes a read, {} a write", sizes.read, sizes.write)));
    for pickup in &remote.fetch {
        fetchable(&session, pickup, &mut tried).await;
    }
    if let Some(folder) = &remote.push {
        tried.push(match written(&session, folder).await {
            Ok(()) => {
                good(&format!("put into {folder}"), "a file was written, renamed and deleted")
            }
            Err(NotWritten { doing, error }) => {
                let detail = format!(
                    "{doing}: {}; ask them to allow writing, renaming and deleting there",
                    plain(error)
                );
                let step = format!("put into {folder}");
                Tried { step, good: Some(false), detail, blame: Some(Blame::Partner) }
            }
        });
    }
    session.close().await;
    tried
}

async fn named(host: &Host, tried: &mut Vec<Tried>) -> Option<Vec<SocketAddr>> {
    match addresses(host).await {
        Ok(addresses) => {
            let text = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            tried.push(good("name", format!("{} is {text}", host.host)));
            Some(addresses)
        }
        Err(failed) => {
            tried.push(Tried { blame: Some(Blame::Us), ..bad("name", &failed.error) });
            None
        }
    }
}

/// Whether somebody takes the call, and says that it is SSH.
async fn reached(host: &Host, addresses: &[SocketAddr], tried: &mut Vec<Tried>) -> bool {
    let stream = match timeout(PATIENCE, TcpStream::connect(addresses)).await {
        Ok(Ok(stream)) => stream,
        failed => {
            let why = match failed {
                Ok(Err(error)) => error.to_string(),
                Ok(Ok(_)) | Err(_) => "no answer".to_owned(),
            };
            let detail = format!(
                "nobody takes the call at port {}: {why}; see whether a firewall is between, and \
                 whether they let our address in",
                host.port
            );
            tried.push(Tried {
                step: "reached".to_owned(),
                good: Some(false),
                detail,
                blame: Some(Blame::Partner),
            });
            return false;
        }
    };
    let peer = stream.peer_addr().map_or_else(|_| host.to_string(), |peer| peer.to_string());
    tried.push(good("reached", format!("{peer} takes the call")));
    let mut line = Vec::new();
    let mut lines = BufReader::new(stream.take(LONGEST_BANNER));
    let read = timeout(PATIENCE, lines.read_until(b'\n', &mut line)).await;
    let text = String::from_utf8_lossy(&line).trim().chars().filter(|c| !c.is_control()).collect();
    let text: String = text;
    let speaks = matches!(read, Ok(Ok(_))) && text.starts_with("SSH-2.0-");
    tried.push(if speaks {
        good("ssh", format!("it says {text}"))
    } else {
        let detail =
            format!("it says `{text}`, which is no SSH; see whether host and port are right");
        Tried { step: "ssh".to_owned(), good: Some(false), detail, blame: Some(Blame::Us) }
    });
    speaks
}

/// The host key that it shows to whoever asks.
async fn shown(host: &Host, addresses: &[SocketAddr], tried: &mut Vec<Tried>) {
    let Some(key) = seen(host, addresses, None).await else {
        let detail = "it shows no host key of a sort that we take".to_owned();
        tried.push(Tried { step: "host key".to_owned(), good: None, detail, blame: None });
        return;
    };
    let fingerprint = key.fingerprint();
    if host.host_keys.iter().any(|pinned| pinned.sha256() == key.sha256()) {
        tried.push(good("host key", format!("{fingerprint} is pinned")));
        return;
    }
    let detail = format!(
        "{fingerprint} is not pinned; ask them by another way whether it is theirs, then add to \
         host_keys: \"{key}\""
    );
    // It may hold another as well, which is: signing in tells.
    tried.push(Tried {
        step: "host key".to_owned(),
        good: Some(false),
        detail,
        blame: Some(Blame::Us),
    });
}

/// Whether files in a folder can be listed, renamed and put away.
async fn fetchable(session: &Session, pickup: &Pickup, tried: &mut Vec<Tried>) {
    let (folder, step) = (&pickup.folder, format!("fetch from {}", pickup.folder));
    let files = match session.list(folder).await {
        Ok(files) => files,
        Err(error) => {
            let detail = format!(
                "its files cannot be listed: {}; see whether the name is right, or ask them to allow it",
                plain(error)
            );
            tried.push(Tried { step, good: Some(false), detail, blame: Some(Blame::Partner) });
            return;
        }
    };
    let wanted = files.iter().filter(|file| pickup.wants(&file.name)).collect::<Vec<_>>();
    let read = match wanted.iter().find(|file| file.stat.size > 0) {
        None => String::new(),
        Some(file) => match session
            .fetch(&within(folder, &file.name), NOTHING, &mut Catch::only_hash())
            .await
        {
            Err(PlaceError::Refused(why)) => {
                let detail = format!("a file there cannot be read: {why}; ask them to allow it");
                tried.push(Tried { step, good: Some(false), detail, blame: Some(Blame::Partner) });
                return;
            }
            Ok(()) | Err(_) => ", which can be read".to_owned(),
        },
    };
    let all = format!("{} files, {} of them for us{read}", files.len(), wanted.len());
    if pickup.after == After::Keep {
        tried.push(good(&step, format!("{all}; they stay there")));
        return;
    }
    match written(session, folder).await {
        Ok(()) => tried.push(good(&step, format!("{all}; we may rename and delete"))),
        Err(NotWritten { doing, error }) => {
            let detail = format!(
                "{all}; {doing}: {}; it may be that we cannot rename or delete theirs either: ask them, \
                 or say after = \"keep\"",
                plain(error)
            );
            tried.push(Tried { step, good: None, detail, blame: Some(Blame::Partner) });
        }
    }
}

struct NotWritten {
    doing: &'static str,
    error: PlaceError,
}

/// Writes, renames and deletes a file with nothing in it.
async fn written(session: &Session, folder: &str) -> Result<(), NotWritten> {
    let failed = |doing: &'static str| {
        let endpoint = session.endpoint.clone();
        move |error| NotWritten { doing, error: told(&endpoint, error) }
    };
    let [one, two] = ["one", "two"].map(|name| within(folder, &format!(".wharf-ping-{name}.part")));
    let nothing = Content::from(Vec::new());
    session.put(&one, &nothing).await.map_err(failed("a file cannot be written"))?;
    let renamed = session.sftp.rename(one.clone(), two.clone()).await;
    let lies = if renamed.is_ok() { two } else { one };
    let removed = session.sftp.remove(lies).await;
    renamed.map_err(failed("a file cannot be renamed"))?;
    removed.map(drop).map_err(failed("a file cannot be deleted"))
}

fn good(step: &str, detail: impl Into<String>) -> Tried {
    Tried { step: step.to_owned(), good: Some(true), detail: detail.into(), blame: None }
}

fn bad(step: &str, error: &TransportError) -> Tried {
    let blame = Some(error.blame());
    Tried { step: step.to_owned(), good: Some(false), detail: error.to_string(), blame }
}

fn word(step: Step) -> &'static str {
    match step {
        Step::Name => "name",
        Step::Reach => "reached",
        Step::Trust => "host key",
        Step::Enter => "signed in",
        Step::Files => "sftp",
    }
}

fn plain(error: PlaceError) -> String {
    match error {
        PlaceError::Gone => "there is no such folder".to_owned(),
        PlaceError::Changed => "it is no plain file".to_owned(),
        PlaceError::Refused(why) => why,
        PlaceError::House(refusal) => refusal.text,
        PlaceError::Lost(error) => error.to_string(),
    }
}

/// To open a file and read none of it.
const NOTHING: Stat = Stat { size: 0, modified: 0 };

const PATIENCE: Duration = Duration::from_secs(10);

/// The longest line by which a server may say what it is.
const LONGEST_BANNER: u64 = 255;
