//! A session with a partner's server: through the hosts on the way, up to its files.

use super::fault::{Failed, Step, broken};
use super::host::{Entered, enter};
use crate::partner::Remote;
use async_ssh2_tokio::Client;
use russh_client::ChannelMsg;
use russh_sftp::client::rawsession::Limits;
use russh_sftp::client::{Config, RawSftpSession};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// A session with a partner's server.
pub(super) struct Session {
    pub(super) sftp: Arc<RawSftpSession>,
    pub(super) endpoint: String,
    /// The fingerprint of the key that the server proved to hold.
    pub(super) fingerprint: String,
    pub(super) sizes: Sizes,
    /// From the first on the way to the server itself: whoever lets one go loses those behind it.
    clients: Vec<Client>,
}

/// How much may be asked for, or sent, at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) read: u32,
    pub(super) write: u32,
}

impl Session {
    /// Gets to the server's files.
    pub(super) async fn open(remote: &Remote) -> Result<Self, Failed> {
        let mut clients: Vec<Client> = Vec::new();
        for hop in &remote.jump {
            let Entered { client, .. } = enter(hop, clients.last()).await?;
            clients.push(client);
        }
        let Entered { client, key } = enter(&remote.server, clients.last()).await?;
        let endpoint = format!("sftp://{}", remote.server);
        let (sftp, sizes) = match timeout(PATIENCE, files(&client)).await {
            Ok(Ok(files)) => files,
            Ok(Err(why)) => return Err(Failed::at(Step::Files, broken(&endpoint, why))),
            Err(_) => {
                let why = "it does not begin SFTP".to_owned();
                return Err(Failed::at(Step::Files, broken(&endpoint, why)));
            }
        };
        clients.push(client);
        let fingerprint = key.fingerprint();
        Ok(Self { sftp: Arc::new(sftp), endpoint, fingerprint, sizes, clients })
    }

    /// Whether the connection is gone.
    pub(super) fn is_closed(&self) -> bool {
        self.clients.iter().any(Client::is_closed)
    }

    /// Says good-bye, so that they log no broken connection.
    pub(super) async fn close(&self) {
        for client in self.clients.iter().rev() {
            // Whoever is gone needs no good-bye.
            let _gone = timeout(Duration::from_secs(1), client.disconnect()).await;
        }
    }
}

/// Begins SFTP, and asks how much it takes at a time.
async fn files(client: &Client) -> Result<(RawSftpSession, Sizes), String> {
    let mut channel = client.get_channel().await.map_err(|error| error.to_string())?;
    channel.request_subsystem(true, "sftp").await.map_err(|error| error.to_string())?;
    loop {
        match channel.wait().await {
            Some(ChannelMsg::Success) => break,
            Some(ChannelMsg::WindowAdjusted { .. }) => {}
            Some(ChannelMsg::Failure) => {
                return Err("it has no SFTP for us; ask them to allow it for our user".to_owned());
            }
            Some(_) | None => {
                return Err("it ended the session instead of beginning SFTP".to_owned());
            }
        }
    }
    let config =
        Config { request_timeout_secs: ANSWER, max_packet_len: LARGEST, ..Config::default() };
    let mut sftp = RawSftpSession::new_with_config(channel.into_stream(), config);
    let version = sftp.init().await.map_err(|error| error.to_string())?;
    let mut sizes = Sizes { read: USUAL, write: USUAL };
    if version.extensions.contains_key("limits@openssh.com")
        && let Ok(limits) = sftp.limits().await
    {
        let limits = Limits::from(limits);
        let within = |limit: Option<u64>| {
            limit.and_then(|most| u32::try_from(most).ok()).map_or(USUAL, |most| most.min(PIECE))
        };
        sizes = Sizes { read: within(limits.read_len), write: within(limits.write_len) };
        // How many files may be open is theirs to say when it is too much.
        sftp.set_limits(Limits { open_handles: None, ..limits });
    }
    Ok((sftp, sizes))
}

const PATIENCE: Duration = Duration::from_secs(20);

/// How many seconds one answer may take.
const ANSWER: u64 = 45;

/// The largest packet that we read.
const LARGEST: u32 = 1 << 20;

/// So much every server takes at a time.
const USUAL: u32 = 32_768;

/// And so much we ask for at a time.
const PIECE: u32 = 255 << 10;
