//! One host: found, proven to be who it should be, and signed in to.

use super::super::super::error::TransportError;
use super::fault::{Failed, Step, denied};
use crate::partner::{Auth, Host, PublicKey};
use async_ssh2_tokio::{AuthMethod, Client, Config, Error, ServerCheckMethod};
use russh_client::AlgorithmKind;
use russh_client::client::Handler;
use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::timeout;

/// A host that is signed in to, and which of its keys it proved to hold.
pub(super) struct Entered {
    pub(super) client: Client,
    pub(super) key: PublicKey,
}

/// Finds a host's addresses.
pub(super) async fn addresses(host: &Host) -> Result<Vec<SocketAddr>, Failed> {
    let fault = |why: String| {
        Failed::at(Step::Name, TransportError::Unreachable { endpoint: host.to_string(), why })
    };
    match timeout(PATIENCE, tokio::net::lookup_host((host.host.as_str(), host.port))).await {
        Ok(Ok(found)) => {
            let found = found.collect::<Vec<_>>();
            if found.is_empty() {
                Err(fault("its name has no address".to_owned()))
            } else {
                Ok(found)
            }
        }
        Ok(Err(error)) => Err(fault(format!("its name is not known: {error}"))),
        Err(_) => Err(fault("nobody says what its name means".to_owned())),
    }
}

/// Signs in to a host, directly or through another, if it holds a key that is pinned.
pub(super) async fn enter(host: &Host, via: Option<&Client>) -> Result<Entered, Failed> {
    let addresses = addresses(host).await?;
    let mut mismatch = None;
    for key in &host.host_keys {
        let config = Config { preferred: preferred(Some(key)), ..config() };
        let check = ServerCheckMethod::PublicKey(base64(key));
        let at = addresses.as_slice();
        let auth = auth(host)?;
        let entered = match via {
            None => {
                timeout(PATIENCE, Client::connect_with_config(at, &host.user, auth, check, config))
                    .await
            }
            Some(via) => {
                timeout(
                    PATIENCE,
                    Client::connect_via_with_config(via, at, &host.user, auth, check, config),
                )
                .await
            }
        };
        match entered {
            Ok(Ok(client)) => return Ok(Entered { client, key: key.clone() }),
            Ok(Err(error)) if is_mismatch(&error) => mismatch = Some(error),
            Ok(Err(error)) => return Err(denied(host, error)),
            Err(_) => {
                let why = format!("it says nothing for {} seconds", PATIENCE.as_secs());
                let error = TransportError::Unreachable { endpoint: host.to_string(), why };
                return Err(Failed::at(Step::Reach, error));
            }
        }
    }
    let seen = seen(host, &addresses, via).await;
    let seen = seen.as_ref().map_or_else(
        || mismatch.map_or_else(String::new, |error| format!(" ({error})")),
        |seen| format!(", which is {} (add it as \"{seen}\" if it is theirs)", seen.fingerprint()),
    );
    let pinned = host.host_keys.iter().map(PublicKey::fingerprint).collect::<Vec<_>>().join(", ");
    let why = format!(
        "its host key{seen} is none of those in host_keys: {pinned}; ask them by another way whether \
         they changed it, then change the partner's file; until then nothing is fetched or sent"
    );
    Err(Failed::at(Step::Trust, TransportError::NotTrusted { endpoint: host.to_string(), why }))
}

/// The key that a host shows to whoever asks; none: it shows none.
pub(super) async fn seen(
    host: &Host,
    addresses: &[SocketAddr],
    via: Option<&Client>,
) -> Option<PublicKey> {
    let seen = Arc::new(Mutex::new(None));
    let config = Arc::new(Config { preferred: preferred(None), ..config() });
    for address in addresses {
        let look = Look(Arc::clone(&seen));
        let shown = async {
            match via {
                None => {
                    // Told the key, it goes away again: that this fails is as it should be.
                    let _gone =
                        russh_client::client::connect(Arc::clone(&config), *address, look).await;
                }
                Some(via) => {
                    let Ok(channel) = via.open_direct_tcpip_channel(*address, None).await else {
                        return;
                    };
                    let stream = channel.into_stream();
                    let config = Arc::clone(&config);
                    let _gone = russh_client::client::connect_stream(config, stream, look).await;
                }
            }
        };
        // Whoever says nothing shows nothing.
        let _late = timeout(PATIENCE, shown).await;
        let line = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(key) = line.and_then(|line: String| PublicKey::parse(&line)) {
            tracing::debug!(%host, key = key.fingerprint(), "a host showed its key");
            return Some(key);
        }
    }
    None
}

/// Only looks at the key.
struct Look(Arc<Mutex<Option<String>>>);

impl Handler for Look {
    type Error = russh_client::Error;

    async fn check_server_key(
        &mut self,
        key: &russh_client::keys::PublicKey,
    ) -> Result<bool, russh_client::Error> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = key.to_openssh().ok();
        Ok(false)
    }
}

fn auth(host: &Host) -> Result<AuthMethod, Failed> {
    let text = |bytes: &[u8], what: &str| {
        String::from_utf8(bytes.to_vec()).map_err(|_| {
            let why = format!("the {what} is no text");
            let error = TransportError::NotSetUp { endpoint: host.to_string(), why };
            Failed::at(Step::Enter, error)
        })
    };
    Ok(match &host.auth {
        Auth::Key { key, passphrase } => {
            let phrase = passphrase.as_ref().map(|phrase| text(phrase.expose(), "passphrase"));
            // The end of the file was trimmed as that of every secret, and the format wants one.
            let key = format!("{}\n", text(key.expose(), "key")?);
            AuthMethod::with_key(&key, phrase.transpose()?.as_deref())
        }
        Auth::Agent => AuthMethod::with_agent(),
        Auth::Password(password) => {
            AuthMethod::with_password(&text(password.expose(), "password")?)
        }
    })
}

/// Whether it holds another key, or none of the sort that is pinned.
fn is_mismatch(error: &Error) -> bool {
    let Error::SshError(error) = error else {
        return matches!(error, Error::ServerCheckFailed);
    };
    matches!(
        error,
        russh_client::Error::UnknownKey
            | russh_client::Error::KeyChanged { .. }
            | russh_client::Error::NoCommonAlgo { kind: AlgorithmKind::Key, .. }
    )
}

fn config() -> Config {
    Config {
        window_size: WINDOW,
        channel_buffer_size: 1_000,
        inactivity_timeout: Some(SILENCE),
        nodelay: true,
        ..Config::default()
    }
}

/// What we agree to; of host keys only the sort that is pinned, or else the host shows another.
fn preferred(pinned: Option<&PublicKey>) -> russh_client::Preferred {
    let usual = russh_client::Preferred::default();
    let line = pinned.map(ToString::to_string);
    let sort = line.as_deref().and_then(|line| line.split(' ').next());
    let fits = |name: &str| match sort {
        // Signatures with SHA-1 are not among them.
        Some("ssh-rsa") => name.starts_with("rsa-sha2-"),
        Some(sort) => name == sort,
        None => name != "ssh-rsa",
    };
    let key = usual.key.iter().filter(|key| fits(key.as_str())).cloned().collect::<Vec<_>>();
    // The first two are as good as each other, and processors do this one themselves.
    let mut cipher = usual.cipher.to_vec();
    cipher.sort_by_key(|name| *name != russh_client::cipher::AES_256_GCM);
    russh_client::Preferred { key: Cow::Owned(key), cipher: Cow::Owned(cipher), ..usual }
}

/// The key alone, as `known_hosts` has it.
fn base64(key: &PublicKey) -> String {
    key.to_string().split(' ').nth(1).unwrap_or_default().to_owned()
}

/// How long a host may take until we are in.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection on which nothing comes for so long is given up.
const SILENCE: Duration = Duration::from_secs(60);

/// How much of theirs may be on its way to us.
const WINDOW: u32 = 4 << 20;
