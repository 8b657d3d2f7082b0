//! A door: an address that we listen at, and everyone who comes in by it.

use super::connection::{self, House};
use super::crowd::Crowd;
use super::error::HttpError;
use super::guard::guarded;
use super::limits::Limits;
use super::tls;
use crate::partner::Listener;
use axum::Router;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// A bound listener.
pub struct Door {
    name: &'static str,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
}

impl Door {
    /// Listens where `listener` says; a certificate for trying things out is kept in `certs`.
    pub fn bind(name: &'static str, listener: &Listener, certs: &Path) -> Result<Self, HttpError> {
        let tls = tls::acceptor(listener, certs)?;
        let address = listener.address;
        let fault = |error: io::Error| {
            if error.kind() == io::ErrorKind::AddrInUse {
                HttpError::AddressInUse { name, address }
            } else {
                HttpError::Bind { name, address, why: error.to_string() }
            }
        };
        let listener = TcpListener::bind(address).map_err(fault)?;
        listener.set_nonblocking(true).map_err(fault)?;
        let address = listener.local_addr().map_err(fault)?;
        Ok(Self { name, listener, address, tls })
    }

    /// The address, with the port that was given if any was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it speaks TLS.
    pub fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Serves `router` to everyone until `stop`; then nobody else comes in, and requests that are
    /// open may end within `limits.grace`.
    pub async fn serve(self, router: Router, limits: Limits, stop: CancellationToken) {
        let name = self.name;
        let listener = match tokio::net::TcpListener::from_std(self.listener) {
            Ok(listener) => listener,
            Err(error) => return tracing::error!(name, %error, "a listener cannot be served"),
        };
        let house = House { tls: self.tls, router: guarded(router), limits, stop: stop.clone() };
        let (crowd, mut guests) = (Crowd::default(), JoinSet::new());
        loop {
            let came = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(ended) = guests.join_next() => {
                    if ended.is_err() {
                        tracing::error!(name, "a connection ended by a fault of ours");
                    }
                    continue;
                }
                came = listener.accept() => came,
            };
            match came {
                Ok((tcp, address)) => {
                    let most = (limits.connections, limits.connections_of_one);
                    let Some(place) = crowd.admit(address.ip(), most.0, most.1) else {
                        tracing::debug!(name, %address, "too many connections; one is closed");
                        continue;
                    };
                    if let Err(error) = tcp.set_nodelay(true) {
                        tracing::debug!(name, %address, %error, "a connection broke");
                        continue;
                    }
                    let served = connection::serve(house.clone(), tcp, address);
                    guests.spawn(async move {
                        served.await;
                        drop(place);
                    });
                }
                Err(error) if is_theirs(&error) => {}
                Err(error) => {
                    tracing::warn!(name, %error, "no connection can be taken for now");
                    tokio::select! {
                        () = stop.cancelled() => break,
                        () = sleep(BREATH) => {}
                    }
                }
            }
        }
        drop(listener);
        let left = async { while guests.join_next().await.is_some() {} };
        if timeout(limits.grace + limits.linger, left).await.is_err() {
            tracing::warn!(name, "connections were cut off: they took longer than we may");
        }
    }
}

/// Whether the one who called went away before we took the call.
fn is_theirs(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    [ConnectionAborted, ConnectionRefused, ConnectionReset].contains(&error.kind())
}

/// How long we wait when the system has no more descriptors: to ask again at once would only burn.
const BREATH: Duration = Duration::from_millis(200);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partner::Tls;

    #[test]
    fn an_address_in_use_is_told_in_words() {
        let folder = Path::new("/nonexistent");
        let any = Listener { address: "127.0.0.1:0".parse().unwrap(), tls: Tls::Off };
        let door = Door::bind("partners", &any, folder).unwrap();
        let same = Listener { address: door.address(), tls: Tls::Off };
        let error = Door::bind("erp", &same, folder).err().unwrap();
        let address = door.address();
        assert_eq!(error, HttpError::AddressInUse { name: "erp", address });
        assert!(error.to_string().contains("set listeners.erp.address in us.toml"), "{error}");
    }

    #[test]
    fn an_address_that_is_not_ours_is_told_in_words() {
        let foreign = Listener { address: "192.0.2.1:1".parse().unwrap(), tls: Tls::Off };
        let error = Door::bind("partners", &foreign, Path::new("/nonexistent")).err().unwrap();
        assert!(
            error.to_string().starts_with("the partners listener cannot have 192.0.2.1:1: "),
            "{error}"
        );
    }
}
