//! One connection: who signs in, and the one thing that they may then ask for.

use super::super::inbox::Inbox;
use super::access::{Verdict, Visitor, by_key, by_password};
use super::house::{ATTEMPTS, House};
use super::penalties::Admitted;
use super::pump;
use super::session::Session;
use russh::server::VerifiedPublicKey;
use russh::server::{Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Session as Ssh};
use russh::{Channel, ChannelId, ChannelOpenFailure, Pty};
use std::collections::HashMap;
use std::sync::Arc;
use thiserror::Error;
use tokio_util::sync::CancellationToken;

/// One connection.
pub(super) struct Connection<I: Inbox> {
    house: Arc<House<I>>,
    admitted: Admitted,
    visitor: Option<Visitor>,
    /// Attempts to sign in that failed.
    failures: usize,
    /// Channels on which nothing was asked for yet.
    idle: HashMap<ChannelId, Channel<Msg>>,
    /// Told when they signed in.
    signed_in: CancellationToken,
    /// Ends with the connection, so that its sessions do.
    ended: CancellationToken,
}

/// Why a connection ends.
#[derive(Debug, Error)]
pub(super) enum ConnectionError {
    /// The protocol, or the network.
    #[error(transparent)]
    Ssh(#[from] russh::Error),
    /// Too many attempts to sign in.
    #[error("too many attempts to sign in")]
    Attempts,
}

impl<I: Inbox> Connection<I> {
    pub(super) fn new(
        house: Arc<House<I>>,
        admitted: Admitted,
        signed_in: CancellationToken,
        stop: &CancellationToken,
    ) -> Self {
        let (visitor, idle, ended) = (None, HashMap::new(), stop.child_token());
        Self { house, admitted, visitor, failures: 0, idle, signed_in, ended }
    }

    /// What the client is told of a verdict.
    fn tell(
        &mut self,
        user: &str,
        verdict: Verdict,
        proven: bool,
    ) -> Result<Auth, ConnectionError> {
        match verdict {
            Verdict::Accept(visitor) if proven => {
                tracing::info!(partner = %visitor.partner, proof = ?visitor.proof, "signed in by SFTP");
                self.admitted.signed_in();
                self.visitor = Some(visitor);
                self.signed_in.cancel();
                Ok(Auth::Accept)
            }
            Verdict::Accept(_) => Ok(Auth::Accept),
            Verdict::Reject => {
                self.failures += 1;
                self.admitted.failed(self.house.inbox.now().tick);
                let user: String = user.chars().take(64).collect();
                tracing::warn!(?user, "somebody cannot sign in by SFTP");
                metrics::counter!("wharf_sftp_refused_total").increment(1);
                if self.failures >= ATTEMPTS {
                    return Err(ConnectionError::Attempts);
                }
                Ok(Auth::reject())
            }
        }
    }
}

impl<I: Inbox> Drop for Connection<I> {
    fn drop(&mut self) {
        self.ended.cancel();
    }
}

impl<I: Inbox> Handler for Connection<I> {
    type Error = ConnectionError;

    async fn auth_publickey_offered(
        &mut self,
        user: &str,
        offer: PublicKeyOffer<'_>,
    ) -> Result<Auth, ConnectionError> {
        let (partners, today) = (self.house.inbox.partners(), self.house.today());
        let verdict = by_key(&partners, user, offer.public_key, offer.algorithm, today);
        self.tell(user, verdict, false)
    }

    async fn auth_publickey(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, ConnectionError> {
        let (partners, today) = (self.house.inbox.partners(), self.house.today());
        let verdict = by_key(&partners, user, key.public_key, key.algorithm, today);
        self.tell(user, verdict, true)
    }

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, ConnectionError> {
        let house = Arc::clone(&self.house);
        let (name, password) = (user.to_owned(), zeroize::Zeroizing::new(password.to_owned()));
        // One after the other: each takes 19 MiB and much of a processor.
        let hashing = Arc::clone(&house.hashing);
        let turn = hashing.acquire_owned().await;
        let verdict = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            by_password(&house.inbox.partners(), &name, &password)
        });
        let verdict = verdict.await.unwrap_or_default();
        self.tell(user, verdict, true)
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Ssh,
    ) -> Result<(), ConnectionError> {
        if self.visitor.is_none() {
            reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
        } else if self.idle.len() >= MOST_IDLE {
            reply.reject(ChannelOpenFailure::ResourceShortage).await;
        } else {
            self.idle.insert(channel.id(), channel);
            reply.accept().await;
        }
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        id: ChannelId,
        name: &str,
        session: &mut Ssh,
    ) -> Result<(), ConnectionError> {
        let (Some(channel), Some(visitor)) = (self.idle.remove(&id), self.visitor.clone()) else {
            return Ok(session.channel_failure(id)?);
        };
        if name != "sftp" {
            return Ok(session.channel_failure(id)?);
        }
        let house = Arc::clone(&self.house);
        let runtime = tokio::runtime::Handle::current();
        let opened = tokio::task::spawn_blocking(move || {
            let mailbox = house.mailbox(&visitor.partner)?;
            Session::open(mailbox, visitor, runtime)
        });
        match opened.await {
            Ok(Ok(at_work)) => {
                session.channel_success(id)?;
                self.house.at_work.spawn(pump::serve(channel, at_work, self.ended.child_token()));
            }
            Ok(Err(trouble)) => {
                tracing::warn!(%trouble, "no SFTP session can be opened");
                session.channel_failure(id)?;
            }
            Err(_) => session.channel_failure(id)?,
        }
        Ok(())
    }

    async fn channel_close(&mut self, id: ChannelId, _: &mut Ssh) -> Result<(), ConnectionError> {
        self.idle.remove(&id);
        Ok(())
    }

    async fn exec_request(
        &mut self,
        id: ChannelId,
        _command: &[u8],
        session: &mut Ssh,
    ) -> Result<(), ConnectionError> {
        turn_away(id, session)
    }

    async fn shell_request(
        &mut self,
        id: ChannelId,
        session: &mut Ssh,
    ) -> Result<(), ConnectionError> {
        turn_away(id, session)
    }

    async fn pty_request(
        &mut self,
        id: ChannelId,
        _term: &str,
        _columns: u32,
        _rows: u32,
        _width: u32,
        _height: u32,
        _modes: &[(Pty, u32)],
        session: &mut Ssh,
    ) -> Result<(), ConnectionError> {
        Ok(session.channel_failure(id)?)
    }

    async fn env_request(
        &mut self,
        id: ChannelId,
        _name: &str,
        _value: &str,
        session: &mut Ssh,
    ) -> Result<(), ConnectionError> {
        Ok(session.channel_failure(id)?)
    }

    async fn x11_request(
        &mut self,
        id: ChannelId,
        _single: bool,
        _protocol: &str,
        _cookie: &str,
        _screen: u32,
        session: &mut Ssh,
    ) -> Result<(), ConnectionError> {
        Ok(session.channel_failure(id)?)
    }
}

/// Says that there are no commands here, as a command that fails: what comes beside a refusal is not
/// shown by OpenSSH.
fn turn_away(id: ChannelId, session: &mut Ssh) -> Result<(), ConnectionError> {
    session.channel_success(id)?;
    session.extended_data(id, STDERR, ONLY_SFTP)?;
    session.exit_status_request(id, 1)?;
    session.eof(id)?;
    Ok(session.close(id)?)
}

/// How many channels may be open on which nothing was asked for.
const MOST_IDLE: usize = 8;

const STDERR: u32 = 1;

const ONLY_SFTP: &[u8] = b"this server speaks SFTP only; use `sftp`, or `scp` without -O\r\n";
