//! A partner whose AS2 speaks TLS: whom we trust to be them, and who we are to them.

use super::fake::{Fake, Say};
use super::world::{House, Make, Place, confirmation};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use wharf::event::State;

/// An authority, and what it vouches for.
struct Authority {
    params: CertificateParams,
    key: KeyPair,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { params, key, pem }
    }

    /// A certificate for `localhost`, and its key, in PEM.
    fn vouch(&self) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()
    }
}

/// A listener that speaks TLS, and remembers which certificates callers showed.
struct Tls {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    shown: Arc<Mutex<Vec<Option<Vec<u8>>>>>,
}

impl axum::serve::Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.listener.accept().await.unwrap();
            if let Ok(stream) = self.acceptor.accept(stream).await {
                let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
                self.shown.lock().unwrap().push(shown.map(|of| of.to_vec()));
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// The partner behind TLS, and what they saw of us.
struct Partner {
    fake: Fake,
    shown: Arc<Mutex<Vec<Option<Vec<u8>>>>>,
}

impl Partner {
    /// Known by an authority, who wants to see a certificate by another if one is named.
    async fn new(authority: &Authority, wants: Option<&Authority>) -> Self {
        let (certificate, key) = authority.vouch();
        let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = match wants {
            None => config.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.der()).unwrap();
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                config.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let config = config.with_single_cert(chain, key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let shown = Arc::default();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let fake = Fake::at(Tls { listener, acceptor, shown: Arc::clone(&shown) }, url);
        Self { fake, shown }
    }

    /// Lakeside, who knows this partner as `more` says; the files are there.
    fn house(&self, files: &[(&str, &str)], more: &str) -> House {
        let place = Place::new();
        for (name, text) in files {
            place.secret(name, text.as_bytes());
        }
        House::lakeside(place, &format!("{}/as2", self.fake.url), more)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_is_trusted_vouches_for_their_as2_and_no_other_does() {
    let (theirs, other) = (Authority::new("theirs"), Authority::new("other"));
    let partner = Partner::new(&theirs, None).await;
    let files = [("ca.pem", &*theirs.pem), ("other.pem", &*other.pem)];
    let house = partner.house(&files, "trust = 'certs/ca.pem'");
    let parcel = house.order("acme", "PO-1").await;
    house.reach(parcel, State::Awaiting).await;
    assert!(house.story(parcel).contains(&"delivered"));
    assert!(house.troubles(parcel).is_empty(), "{:?}", house.troubles(parcel));
    assert_eq!(*partner.shown.lock().unwrap(), [None]);
    house.close().await;
    // Neither another authority nor those of this machine.
    for more in ["trust = 'certs/other.pem'", ""] {
        let house = partner.house(&files, more);
        let parcel = house.order("acme", "PO-1").await;
        house.until("a trouble", || house.troubles(parcel).first().cloned()).await;
        assert_eq!(house.troubles(parcel)[0], "not_trusted", "{more}");
        house.close().await;
    }
    assert_eq!(partner.fake.came().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn our_certificate_is_shown_to_their_as2_which_wants_it_and_with_our_receipts_there() {
    let (theirs, ours, other) =
        (Authority::new("theirs"), Authority::new("ours"), Authority::new("other"));
    let partner = Partner::new(&theirs, Some(&ours)).await;
    let ((certificate, key), (stranger, stranger_key)) = (ours.vouch(), other.vouch());
    let files = [
        ("ca.pem", &*theirs.pem),
        ("tls.pem", &*certificate),
        ("tls.key", &*key),
        ("stranger.pem", &*stranger),
        ("stranger.key", &*stranger_key),
    ];
    let trust = "trust = 'certs/ca.pem'";
    let client = |name: &str| {
        format!(
            "{trust}\nclient = {{ certificate = 'certs/{name}.pem', key = {{ file = 'certs/{name}.key' }} }}\n"
        )
    };
    for more in [trust.to_owned(), client("stranger")] {
        let house = partner.house(&files, &more);
        let parcel = house.order("acme", "PO-1").await;
        house.until("a trouble", || house.troubles(parcel).first().cloned()).await;
        assert!(!house.story(parcel).contains(&"delivered"), "{more}");
        house.close().await;
    }
    assert!(partner.fake.came().is_empty() && partner.shown.lock().unwrap().is_empty());
    let more = format!("{}mdn = {{ theirs = '{}/mdn' }}", client("tls"), partner.fake.url);
    let house = partner.house(&files, &more);
    let parcel = house.order("acme", "PO-1").await;
    house.reach(parcel, State::Awaiting).await;
    assert!(house.troubles(parcel).is_empty(), "{:?}", house.troubles(parcel));
    let ours = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap().to_vec();
    assert!(partner.shown.lock().unwrap().iter().all(|shown| shown.as_ref() == Some(&ours)));
    // A receipt goes to the same server.
    partner.fake.say([Say::Status(200)]);
    let make = Make::new("<1@acme>", confirmation(1)).later(&format!("{}/mdn", partner.fake.url));
    assert_eq!(make.post(&house).await.status, 200);
    house
        .until("the receipt", || {
            let came = partner.fake.came();
            came.iter()
                .any(|it| it.header("content-type").starts_with("multipart/signed"))
                .then_some(())
        })
        .await;
    house.close().await;
}
