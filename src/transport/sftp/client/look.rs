//! What a host shows to whoever only looks: its key, and how it lets people in.

use super::terms::{PATIENCE, config, preferred};
use crate::partner::{Host, PublicKey};
use async_ssh2_tokio::{Client, Config};
use russh_client::MethodKind;
use russh_client::client::{AuthResult, Handle, Handler, connect, connect_stream};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::timeout;

/// The key that a host shows to whoever asks; none: it shows none.
pub(super) async fn seen(
    host: &Host,
    addresses: &[SocketAddr],
    via: Option<&Client>,
) -> Option<PublicKey> {
    for address in addresses {
        let look = Look::default();
        // Told the key, we go away again: that this fails is as it should be.
        let _gone = call(*address, via, None, look.clone()).await;
        if let Some(key) = look.shown() {
            tracing::debug!(%host, key = key.fingerprint(), "a host showed its key");
            return Some(key);
        }
    }
    None
}

/// Whether a host that holds this key takes a password only as the answer to a question.
///
/// It is asked on a connection of its own: to try a password where none is taken counts as a failed
/// attempt with those who lock people out.
pub(super) async fn asks_for_it(
    host: &Host,
    key: &PublicKey,
    addresses: &[SocketAddr],
    via: Option<&Client>,
) -> bool {
    for address in addresses {
        let look = Look { pinned: Some(key.clone()), ..Look::default() };
        let Some(mut handle) = call(*address, via, Some(key), look).await else { continue };
        let asked = timeout(PATIENCE, handle.authenticate_none(&host.user)).await;
        let Ok(Ok(AuthResult::Failure { remaining_methods, .. })) = asked else { return false };
        let by = |kind: MethodKind| remaining_methods.contains(&kind);
        return by(MethodKind::KeyboardInteractive) && !by(MethodKind::Password);
    }
    false
}

/// Calls a host, directly or through another; none: it does not answer, or is not let to.
async fn call(
    address: SocketAddr,
    via: Option<&Client>,
    pinned: Option<&PublicKey>,
    look: Look,
) -> Option<Handle<Look>> {
    let config = Arc::new(Config { preferred: preferred(pinned), ..config() });
    let called = async {
        match via {
            None => connect(config, address, look).await.ok(),
            Some(via) => {
                let channel = via.open_direct_tcpip_channel(address, None).await.ok()?;
                connect_stream(config, channel.into_stream(), look).await.ok()
            }
        }
    };
    timeout(PATIENCE, called).await.ok().flatten()
}

/// Looks at the key, and goes on only if it is the one that is pinned.
#[derive(Clone, Default)]
struct Look {
    pinned: Option<PublicKey>,
    shown: Arc<Mutex<Option<String>>>,
}

impl Look {
    fn shown(&self) -> Option<PublicKey> {
        let line = self.shown.lock().unwrap_or_else(PoisonError::into_inner).take();
        line.and_then(|line| PublicKey::parse(&line))
    }
}

impl Handler for Look {
    type Error = russh_client::Error;

    async fn check_server_key(
        &mut self,
        key: &russh_client::keys::PublicKey,
    ) -> Result<bool, russh_client::Error> {
        let line = key.to_openssh().ok();
        let shown = line.as_deref().and_then(PublicKey::parse);
        let is_pinned = shown
            .zip(self.pinned.as_ref())
            .is_some_and(|(shown, pinned)| shown.sha256() == pinned.sha256());
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = line;
        Ok(is_pinned)
    }
}
