//! The door: an address that we listen at for SFTP, and everyone who comes in by it.

use super::super::inbox::Inbox;
use super::connection::Connection;
use super::host_keys::HostKeys;
use super::house::{ATTEMPTS, House};
use super::penalties::{Addresses, Admitted};
use super::suites;
use russh::server::{Config, run_stream};
use russh::{MethodKind, MethodSet, SshId};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The door for SFTP.
#[derive(Debug)]
pub struct Door {
    listener: std::net::TcpListener,
    address: SocketAddr,
    keys: HostKeys,
}

/// How much of us everyone may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at a time.
    pub connections: usize,
    /// Connections at a time from one address.
    pub per_address: u32,
    /// How long it may take to sign in.
    pub grace: Duration,
    /// How long someone who is told no waits for that.
    pub refusal: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_000,
            per_address: 250,
            grace: Duration::from_secs(30),
            refusal: Duration::from_millis(400),
        }
    }
}

/// Why we cannot listen.
#[derive(Debug, Error)]
pub enum DoorError {
    /// The address is not to be had.
    #[error(
        "the sftp listener cannot have {address}: {source}; set listeners.sftp.address in us.toml"
    )]
    Address {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

impl Door {
    /// Takes the address.
    pub fn bind(address: SocketAddr, keys: HostKeys) -> Result<Self, DoorError> {
        let taken = |source| DoorError::Address { address, source };
        let listener = std::net::TcpListener::bind(address).map_err(taken)?;
        listener.set_nonblocking(true).map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Self { listener, address, keys })
    }

    /// Where we listen.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Our keys.
    pub fn keys(&self) -> &HostKeys {
        &self.keys
    }

    /// Serves partners until `stop`, and then until what is under way is put away. Unfinished files
    /// lie beneath `root`, which is the spool's folder, because finished ones go there.
    pub async fn serve<I: Inbox>(
        self,
        inbox: Arc<I>,
        root: PathBuf,
        limits: Limits,
        stop: CancellationToken,
    ) {
        let listener = match TcpListener::from_std(self.listener) {
            Ok(listener) => listener,
            Err(error) => {
                tracing::error!(%error, "the listener for SFTP cannot be used");
                return;
            }
        };
        let house = Arc::new(House::new(inbox, root));
        let (addresses, places) =
            (Arc::new(Addresses::default()), Arc::new(Semaphore::new(limits.connections)));
        let connections = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            let (stream, from) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // No more files, say: whoever is there will leave.
                    tracing::warn!(%error, "a connection for SFTP cannot be accepted");
                    tokio::time::sleep(A_WHILE).await;
                    continue;
                }
            };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                metrics::counter!("wharf_sftp_turned_away_total", "why" => "full").increment(1);
                continue;
            };
            let now = house.inbox.now().tick;
            let Some(admitted) = addresses.admit(from.ip(), now, limits.per_address) else {
                metrics::counter!("wharf_sftp_turned_away_total", "why" => "address").increment(1);
                continue;
            };
            let config = Arc::new(config(&house, &self.keys, limits));
            let (house, stop) = (Arc::clone(&house), stop.clone());
            connections.spawn(async move {
                converse(stream, house, admitted, config, limits.grace, stop).await;
                drop(place);
            });
        }
        drop(listener);
        house.at_work.close();
        house.at_work.wait().await;
        connections.close();
        connections.wait().await;
    }
}

/// One connection from the first byte to the last.
async fn converse<I: Inbox>(
    stream: TcpStream,
    house: Arc<House<I>>,
    admitted: Admitted,
    config: Arc<Config>,
    grace: Duration,
    stop: CancellationToken,
) {
    // Requests and replies are small and wait for each other.
    let _quick = stream.set_nodelay(true);
    let signed_in = CancellationToken::new();
    let (stream, cut) = super::line::Line::new(stream);
    let connection = Connection::new(house, admitted, signed_in.clone(), &stop);
    let conversation = async {
        match run_stream(config, stream, connection).await {
            Ok(running) => {
                let handle = running.handle();
                tokio::pin!(running);
                tokio::select! {
                    ended = &mut running => return ended,
                    () = stop.cancelled() => {}
                }
                let words = "the server ends; come back soon".to_owned();
                let by = russh::Disconnect::ByApplication;
                // Sessions under way end first: their last replies are on their way by then.
                tokio::time::sleep(LAST_WORDS).await;
                let _told = handle.disconnect(by, words, "en".to_owned()).await;
                running.await
            }
            Err(error) => Err(error),
        }
    };
    tokio::pin!(conversation);
    let late = async {
        tokio::select! {
            () = signed_in.cancelled() => std::future::pending().await,
            () = tokio::time::sleep(grace) => {}
        }
    };
    let ending = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = &mut conversation => {
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection for SFTP ended");
            }
            return;
        }
        () = late => tracing::info!("somebody took too long to sign in by SFTP"),
        () = ending => {}
    }
    // Whatever it waits for, it ends now.
    cut.cancel();
    let _ended = tokio::time::timeout(A_WHILE, conversation).await;
}

/// What we offer, as of now: what the partners' files say may change.
fn config<I: Inbox>(house: &House<I>, keys: &HostKeys, limits: Limits) -> Config {
    let partners = house.inbox.partners();
    let mut methods = MethodSet::empty();
    methods.push(MethodKind::PublicKey);
    let with_password = partners
        .iter()
        .any(|partner| partner.wires.sftp.as_ref().is_some_and(|sftp| !sftp.passwords.is_empty()));
    // For everyone or no one: what is offered must not tell who has a password.
    if with_password {
        methods.push(MethodKind::Password);
    }
    Config {
        server_id: SshId::Standard("SSH-2.0-Wharf".into()),
        methods,
        auth_rejection_time: limits.refusal,
        auth_rejection_time_initial: Some(Duration::ZERO),
        keys: keys.keys(),
        preferred: suites::preferred(&partners, house.today()),
        max_auth_attempts: ATTEMPTS,
        inactivity_timeout: Some(IDLE),
        keepalive_interval: Some(KEEP_ALIVE),
        keepalive_max: 3,
        window_size: WINDOW,
        maximum_packet_size: 64 << 10,
        channel_buffer_size: 128,
        nodelay: true,
        ..Config::default()
    }
}

/// How long somebody may do nothing at all.
const IDLE: Duration = Duration::from_secs(3_600);

/// How often a silent client is asked whether it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// How many bytes a client may send before we say that it may send more.
const WINDOW: u32 = 4 << 20;

const A_WHILE: Duration = Duration::from_millis(200);

/// How long replies under way may take when we end.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// How long a connection may take to end when we do.
const GRACE: Duration = Duration::from_secs(5);
