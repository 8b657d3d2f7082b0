//! A hand: one connection that hands in one document after another.
//!
//! # Why not the client of the tests
//! The load comes from the same cores as what is measured, and a client for everything costs more
//! than the gateway does. This one speaks HTTP/1.1 over TLS as a partner's would, says no more than
//! it must, and hears every answer out.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// One connection.
pub(super) struct Hand {
    stream: TlsStream<TcpStream>,
    request: Vec<u8>,
    heard: Vec<u8>,
}

/// What hands need to know of the gateway: its address, and the certificate that it shows.
#[derive(Clone)]
pub(super) struct Way {
    address: String,
    connector: TlsConnector,
}

impl Way {
    pub(super) fn new(address: &str, certificate: &Path) -> Self {
        let mut trusted = RootCertStore::empty();
        trusted.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(trusted)
            .with_no_client_auth();
        let address = address.trim_start_matches("https://").to_owned();
        Self { address, connector: TlsConnector::from(Arc::new(config)) }
    }

    pub(super) async fn reach(&self) -> Hand {
        let tcp = TcpStream::connect(&self.address).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = self.connector.connect(name, tcp).await.unwrap();
        Hand { stream, request: Vec::new(), heard: Vec::new() }
    }
}

impl Hand {
    /// Hands in `body` under this key, and waits until it is accepted.
    pub(super) async fn give(&mut self, token: &str, body: &str, key: u32) {
        self.request.clear();
        let head = format!(
            "POST /v1/edi HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
             content-type: application/edi-x12\r\nidempotency-key: {key}\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        self.request.extend_from_slice(head.as_bytes());
        self.request.extend_from_slice(body.as_bytes());
        self.stream.write_all(&self.request).await.unwrap();
        self.stream.flush().await.unwrap();
        self.heard.clear();
        while !is_whole(&self.heard) {
            let read = self.stream.read_buf(&mut self.heard).await.unwrap();
            assert!(read > 0, "the gateway hung up");
        }
        let answer = String::from_utf8_lossy(&self.heard);
        assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    }
}

/// Whether all of an answer is there, as its head says how long it is.
fn is_whole(heard: &[u8]) -> bool {
    let Some(end) = heard.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let mut lines = std::str::from_utf8(&heard[..end]).unwrap().lines();
    let length = lines.find_map(|line| line.strip_prefix("content-length: "));
    heard.len() == end + 4 + length.expect("a length").parse::<usize>().unwrap()
}
