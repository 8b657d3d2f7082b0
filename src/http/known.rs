//! TLS with one partner: whom we trust to be them, and the certificate that we show.

use super::error::HttpError;
use crate::partner::{OwnCertificate, Trust};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::sync::Arc;

/// How we shake hands with a server that only `trust` vouches for, showing `own`.
pub(super) fn config(
    trust: &Trust,
    own: Option<&OwnCertificate>,
) -> Result<ClientConfig, HttpError> {
    let fault = |file: &str| {
        let file = file.to_owned();
        move |why: String| HttpError::Certificate { file, why }
    };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let pins = certificates(&trust.pem).map_err(fault(&trust.file))?;
    let verifier = verifier(pins, &provider).map_err(fault(&trust.file))?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpError::Client(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match own {
        None => builder.with_no_client_auth(),
        Some(own) => {
            let said = fault(&own.file);
            let shown = certificates(&own.chain).and_then(|chain| {
                // The error is not repeated: what it quotes may be the key.
                let key = PrivateKeyDer::from_pem_slice(own.key.expose())
                    .map_err(|_| "its key is no private key in PEM".to_owned())?;
                builder.with_client_auth_cert(chain, key).map_err(|error| error.to_string())
            });
            shown.map_err(said)?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    read.map_err(|error| format!("it is no PEM: {error}"))
}

fn verifier(
    pins: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Known, String> {
    let mut roots = RootCertStore::empty();
    for certificate in &pins {
        roots.add(certificate.clone()).map_err(|error| error.to_string())?;
    }
    let roots = Arc::new(roots);
    let usual = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(provider)).build();
    let usual = usual.map_err(|error| error.to_string())?;
    Ok(Known { pins, usual })
}

/// Takes a server whose certificate stands in the file, whatever name and dates are in it, or one
/// that an authority in the file vouches for in the usual way; and nobody else.
#[derive(Debug)]
struct Known {
    pins: Vec<CertificateDer<'static>>,
    usual: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for Known {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.pins.iter().any(|pin| pin == certificate) {
            return Ok(ServerCertVerified::assertion());
        }
        self.usual.verify_server_cert(certificate, above, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.usual.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.usual.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}
