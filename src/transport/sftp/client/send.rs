//! What we put on a partner's server: one attempt, and what came of it.
//!
//! A file is written under a name that says that it is not complete, its size is compared, and then
//! it is renamed. The same message has the same names at every attempt, so an attempt that ended in
//! the middle is healed by the next: what it left is written over, and if its file lies there
//! already, it is found to be the same.
//!
//! # Why sessions are kept for a while
//!
//! Servers count connections and slow down who makes many. What goes to one server at about the same
//! time goes through one session, which ends when nothing has come on it for a minute.

use super::super::super::error::TransportError;
use super::super::super::outgoing::Outgoing;
use super::super::super::pickup::{Catch, PlaceError, names_for};
use super::connect::Session;
use super::fault::unsent;
use super::place::within;
use crate::message::Content;
use crate::partner::Remote;
use russh_sftp::client::error::Error as SftpError;
use std::collections::HashMap;
use std::sync::{Arc, Mutex as Lock, PoisonError};
use tokio::sync::{Mutex, Semaphore};

/// What puts files on partners' servers.
#[derive(Clone, Default)]
pub struct Sender {
    lines: Arc<Lock<HashMap<String, Arc<Line>>>>,
}

/// The way to one server.
struct Line {
    session: Mutex<Option<(Remote, Arc<Session>)>>,
    /// So many files go there at the same time.
    turns: Semaphore,
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sender")
    }
}

impl Sender {
    /// Puts it there once; what is so, in words, once it lies there.
    pub async fn send(
        &self,
        remote: &Remote,
        outgoing: &Outgoing,
    ) -> Result<String, TransportError> {
        let endpoint = remote.endpoint();
        let Some(folder) = &remote.push else {
            let why =
                "the partner's file names no folder to put it into: push = \"DIR\"".to_owned();
            return Err(TransportError::NotSetUp { endpoint, why });
        };
        let line = self.line(&endpoint);
        let _turn = line.turns.acquire().await;
        let session = line.session(remote).await?;
        let sent = put(&session, folder, outgoing).await;
        if let Err(TransportError::Broken { .. }) = &sent {
            line.end(&session).await;
        }
        sent
    }

    fn line(&self, endpoint: &str) -> Arc<Line> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Line { session: Mutex::new(None), turns: Semaphore::new(AT_ONCE) });
        Arc::clone(lines.entry(endpoint.to_owned()).or_insert_with(new))
    }
}

impl Line {
    /// The session that there is, if it still answers, or else a new one.
    async fn session(&self, remote: &Remote) -> Result<Arc<Session>, TransportError> {
        let held = self.session.lock().await.as_ref().and_then(|held| fit(held, remote));
        if let Some(session) = held {
            // Asked beside the others: whoever waits here waits for nobody else.
            if session.sftp.realpath(".").await.is_ok() {
                return Ok(session);
            }
            self.end(&session).await;
        }
        let mut held = self.session.lock().await;
        if let Some(opened_meanwhile) = held.as_ref().and_then(|held| fit(held, remote)) {
            return Ok(opened_meanwhile);
        }
        let session = Arc::new(Session::open(remote).await.map_err(|failed| failed.error)?);
        *held = Some((remote.clone(), Arc::clone(&session)));
        Ok(session)
    }

    async fn end(&self, session: &Arc<Session>) {
        let mut held = self.session.lock().await;
        if held.as_ref().is_some_and(|(_, other)| Arc::ptr_eq(other, session)) {
            *held = None;
        }
    }
}

/// The session that is held, if it is one that was asked for and is not seen to be gone.
fn fit((with, session): &(Remote, Arc<Session>), remote: &Remote) -> Option<Arc<Session>> {
    (with == remote && !session.is_closed()).then(|| Arc::clone(session))
}

async fn put(
    session: &Session,
    folder: &str,
    outgoing: &Outgoing,
) -> Result<String, TransportError> {
    let endpoint = format!("{}/{folder}", session.endpoint);
    let fault = |error| unsent(&endpoint, error);
    for name in names_for(outgoing.file_name.as_deref(), outgoing.id) {
        let path = within(folder, &name);
        let unfinished = within(folder, &format!("{name}.{}.part", outgoing.id));
        match lies_there(session, &path, &outgoing.content).await? {
            There::Nothing => {}
            There::Same => {
                // What an attempt may have left that was cut off.
                let _left = session.sftp.remove(unfinished).await;
                return Ok(format!("it lay in {endpoint} as {name} already"));
            }
            There::Other => continue,
        }
        let length = outgoing.content.length();
        let there = match session.put(&unfinished, &outgoing.content).await {
            Ok(there) => there,
            Err(error) => {
                // The next attempt writes over it; room is better given back.
                let _left = session.sftp.remove(unfinished).await;
                return Err(fault(error));
            }
        };
        if let Some(there) = there.filter(|there| *there != length) {
            let _left = session.sftp.remove(unfinished).await;
            let text = format!("of {length} bytes it has {there}");
            return Err(TransportError::Busy { endpoint, status: 4, text, retry_after: None });
        }
        let Err(error) = session.sftp.rename(unfinished.clone(), path.clone()).await else {
            return Ok(format!("it lies in {endpoint} as {name}"));
        };
        // Somebody may have used the name in this moment.
        if matches!(&error, SftpError::Status(_))
            && let There::Same = lies_there(session, &path, &outgoing.content).await?
        {
            let _left = session.sftp.remove(unfinished).await;
            return Ok(format!("it lies in {endpoint} as {name}"));
        }
        return Err(fault(error));
    }
    let why = "other files have both names that it could have; ask them to take them".to_owned();
    Err(TransportError::NotSetUp { endpoint, why })
}

enum There {
    Nothing,
    /// These very bytes, or as many where we may not read.
    Same,
    Other,
}

async fn lies_there(
    session: &Session,
    path: &str,
    content: &Content,
) -> Result<There, TransportError> {
    let stat = match session.stat(path).await {
        Ok(stat) => stat,
        Err(PlaceError::Changed) => return Ok(There::Other),
        // Where nobody may look, nothing is to be seen.
        Err(PlaceError::Gone | PlaceError::Refused(_) | PlaceError::House(_)) => {
            return Ok(There::Nothing);
        }
        Err(PlaceError::Lost(error)) => return Err(error),
    };
    if stat.size != content.length() {
        return Ok(There::Other);
    }
    let mut held = Catch::only_hash();
    match session.fetch(path, stat, &mut held).await {
        Ok(()) if held.digest() == Some(content.digest()) => Ok(There::Same),
        Ok(()) | Err(PlaceError::Changed) => Ok(There::Other),
        Err(PlaceError::Gone) => Ok(There::Nothing),
        Err(PlaceError::Refused(_) | PlaceError::House(_)) => Ok(There::Same),
        Err(PlaceError::Lost(error)) => Err(error),
    }
}

/// So many files go to one server at the same time: each waits for the network.
const AT_ONCE: usize = 8;
