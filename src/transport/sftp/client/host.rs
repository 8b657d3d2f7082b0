//! One host: found, proven to be who it should be, and signed in to.

use super::super::super::error::TransportError;
use super::fault::{Failed, Step, denied};
use super::look::{asks_for_it, seen};
use super::terms::{PATIENCE, config, preferred};
use crate::partner::{Auth, Host, PublicKey};
use async_ssh2_tokio::client::AuthKeyboardInteractive;
use async_ssh2_tokio::{AuthMethod, Client, Config, Error, ServerCheckMethod};
use russh_client::AlgorithmKind;
use std::net::SocketAddr;
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
        let auth = auth(host, key, at, via).await?;
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

async fn auth(
    host: &Host,
    key: &PublicKey,
    addresses: &[SocketAddr],
    via: Option<&Client>,
) -> Result<AuthMethod, Failed> {
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
            let password = text(password.expose(), "password")?;
            if asks_for_it(host, key, addresses, via).await {
                // Whatever words it asks in, it asks once.
                AuthKeyboardInteractive::new().with_response("", password).into()
            } else {
                AuthMethod::with_password(&password)
            }
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

/// The key alone, as `known_hosts` has it.
fn base64(key: &PublicKey) -> String {
    key.to_string().split(' ').nth(1).unwrap_or_default().to_owned()
}
