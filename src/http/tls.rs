//! TLS as our listeners speak it.

use super::certificate::{self, Pair};
use super::error::HttpError;
use crate::partner::{Listener, Tls};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// How `listener` shakes hands; `None` if it speaks no TLS.
pub(super) fn acceptor(
    listener: &Listener,
    certs: &Path,
) -> Result<Option<TlsAcceptor>, HttpError> {
    let (file, pair) = match &listener.tls {
        Tls::Off | Tls::Proxy => return Ok(None),
        Tls::Development => {
            let file = certs.join("development.pem").display().to_string();
            (file, certificate::development(certs)?)
        }
        Tls::Certificate { file, chain, key } => {
            (file.clone(), Pair { chain: chain.clone(), key: key.expose().to_vec() })
        }
    };
    let config = config(&pair).map_err(|why| HttpError::Certificate { file, why })?;
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}

fn config(pair: &Pair) -> Result<ServerConfig, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let chain = CertificateDer::pem_slice_iter(&pair.chain).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|error| format!("it is no PEM: {error}"))?;
    if chain.is_empty() {
        return Err("it holds no certificate in PEM".to_owned());
    }
    // The error is not repeated: what it quotes may be the key.
    let key = PrivateKeyDer::from_pem_slice(&pair.key)
        .map_err(|_| "its key is no private key in PEM without a password".to_owned())?;
    let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_client_cert_verifier(Arc::new(AnyCertificate { provider }))
        .with_single_cert(chain, key)
        .map_err(|error| {
            let other = matches!(error, rustls::Error::InconsistentKeys(_));
            if other { "its key is another one's".to_owned() } else { error.to_string() }
        })?;
    config.alpn_protocols = vec![H2.to_vec(), b"http/1.1".to_vec(), b"http/1.0".to_vec()];
    Ok(config)
}

/// HTTP/2, as TLS names it.
pub(super) const H2: &[u8] = b"h2";

/// Takes any certificate whose key the caller proves to hold.
#[derive(Debug)]
struct AnyCertificate {
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> Pair {
        let folder = tempfile::tempdir().unwrap();
        certificate::development(folder.path()).unwrap()
    }

    #[test]
    fn a_certificate_without_its_own_key_is_refused_in_words() {
        let (one, other) = (pair(), pair());
        let why = |chain: &[u8], key: &[u8]| {
            config(&Pair { chain: chain.to_vec(), key: key.to_vec() }).unwrap_err()
        };
        assert!(config(&one).is_ok());
        assert_eq!(why(&one.chain, &other.key), "its key is another one's");
        assert_eq!(why(b"", &one.key), "it holds no certificate in PEM");
        assert_eq!(
            why(&one.chain, b"secret"),
            "its key is no private key in PEM without a password"
        );
        assert!(why(b"-----BEGIN CERTIFICATE-----\n*\n", &one.key).starts_with("it is no PEM: "));
    }
}
