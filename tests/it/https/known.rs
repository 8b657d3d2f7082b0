//! A partner whose server no authority of this machine vouches for, and who wants to see who we are.

use super::house::Identity;
use axum::Router;
use axum::extract::Extension;
use axum::routing::post;
use bytes::Bytes;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use wharf::grammar::Library;
use wharf::http::{Caller, Door, Limits};
use wharf::message::{Digest, MessageId};
use wharf::partner::{Delivery, Disk, Listener, Partners, Push, Shelf, Tls};
use wharf::transport::Outgoing;
use wharf::transport::https::send::Sender;
use wharf::transport::{Blame, TransportError};

/// A folder of certificates: `ca.pem`, `server.pem` by that authority for `name`, `other.pem`.
struct House {
    folder: TempDir,
    address: SocketAddr,
    runtime: Runtime,
}

fn write(folder: &Path, name: &str, pem: &str) {
    let file = folder.join(name);
    fs::write(&file, pem).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

impl House {
    /// A server whose certificate is for `name`.
    fn of(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let authority = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        write(path, "ca.pem", &params.self_signed(&authority).unwrap().pem());
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let server = server.signed_by(&key, &Issuer::new(params, authority)).unwrap();
        write(path, "server.pem", &server.pem());
        write(path, "server.key", &key.serialize_pem());
        Identity::make(path, "other");
        let us = Identity::make(path, "us");
        fs::set_permissions(us.key, fs::Permissions::from_mode(0o600)).unwrap();
        let listener = listener(path);
        let door = Door::bind("partner", &listener, path).unwrap();
        let (address, runtime) = (door.address(), Runtime::new().unwrap());
        let shown = |caller: Caller| caller.certificate.map(|of| of.to_string());
        let router = Router::new().route(
            "/in",
            post(async move |Extension(caller): Extension<Caller>| {
                shown(caller).unwrap_or_else(|| "nobody".to_owned())
            }),
        );
        runtime.spawn(door.serve(router, Limits::default(), CancellationToken::new()));
        Self { folder, address, runtime }
    }

    /// Posts as a partner's file says; what the server said, which is whose certificate it saw.
    fn send(&self, more: &str) -> Result<String, TransportError> {
        self.send_by(&Sender::new().unwrap(), more)
    }

    fn send_by(&self, sender: &Sender, more: &str) -> Result<String, TransportError> {
        let outgoing = Outgoing {
            id: "0190b7a0-0000-7000-8000-000000000000".parse::<MessageId>().unwrap(),
            content_type: None,
            file_name: None,
            content: Bytes::from_static(b"ISA").into(),
            at: jiff::Timestamp::now(),
        };
        let url = format!("https://localhost:{}/in", self.address.port());
        let push = push(self.folder.path(), &url, more);
        self.runtime.block_on(sender.send(&push, &outgoing))
    }
}

/// The partners of a folder beside the certificates.
fn load(folder: &Path, us: &str, acme: &str) -> Partners {
    let inside = folder.join("partners");
    fs::create_dir_all(&inside).unwrap();
    let ours = "title = 'Lakeside'\nidentities = [{ isa = 'ZZ:LAKESIDE', gs = ['LAKESIDE'] }]\n";
    fs::write(inside.join("us.toml"), format!("{ours}{us}")).unwrap();
    let theirs = "title = 'Acme'\nrole = 'supplier'\nmode = 'test'\nowner = 'edi@lakeside.example'\n\
                  identities = [{ isa = 'ZZ:ACME', gs = ['ACME'] }]\n[https]\n";
    let agreed = "[[agreements]]\nset = '855'\ndirection = 'in'\n";
    fs::write(inside.join("acme.toml"), format!("{theirs}{acme}\n{agreed}")).unwrap();
    let library = Library::shipped();
    let partners = Partners::load(&Disk::new(&inside, &|_: &str| None), &Shelf::new(&library));
    partners.unwrap_or_else(|faults| panic!("{faults}"))
}

fn listener(folder: &Path) -> Listener {
    let us = "[listeners]\npartners.tls = { certificate = 'server.pem', key = { file = 'server.key' } }\n";
    let listener = load(folder, us, "").us().listeners.partners.clone();
    assert!(matches!(listener.tls, Tls::Certificate { .. }));
    Listener { address: "127.0.0.1:0".parse().unwrap(), ..listener }
}

fn push(folder: &Path, url: &str, more: &str) -> Push {
    let partners = load(folder, "", &format!("deliver = {{ url = '{url}'{more} }}"));
    match partners.partner("acme").unwrap().wires.https.clone().unwrap().deliver {
        Delivery::Push(push) => push,
        Delivery::Mailbox => panic!("it is posted"),
    }
}

/// What their server says if it saw no certificate of ours.
const NOBODY: &str = "200: nobody";

fn is_not_trusted(sent: &Result<String, TransportError>) -> bool {
    let no = sent.as_ref().unwrap_err();
    assert_eq!(no.blame(), Blame::Partner, "{no}");
    matches!(no, TransportError::NotTrusted { .. })
}

#[test]
fn an_authority_of_theirs_vouches_for_their_server_by_its_name() {
    let house = House::of("localhost");
    assert!(is_not_trusted(&house.send("")), "this machine does not know it");
    assert_eq!(house.send(", trust = 'ca.pem'").as_deref(), Ok(NOBODY));
    assert!(is_not_trusted(&house.send(", trust = 'other.pem'")));
    let misnamed = House::of("elsewhere.example");
    assert!(is_not_trusted(&misnamed.send(", trust = 'ca.pem'")), "the name is another");
}

#[test]
fn a_pinned_certificate_is_theirs_whatever_it_is_called_and_no_other_is() {
    let house = House::of("elsewhere.example");
    assert_eq!(house.send(", trust = 'server.pem'").as_deref(), Ok(NOBODY));
    assert!(is_not_trusted(&house.send(", trust = 'other.pem'")));
}

#[test]
fn our_certificate_is_shown_to_whom_it_is_for_and_to_nobody_else() {
    let house = House::of("localhost");
    let pem = fs::read(house.folder.path().join("us.pem")).unwrap();
    let ours = Ok(format!("200: {}", Digest::of(&der(&pem))));
    let sender = Sender::new().unwrap();
    let shows = ", trust = 'ca.pem', certificate = 'us.pem', key = { file = 'us.key' }";
    assert_eq!(house.send_by(&sender, shows), ours);
    assert_eq!(
        house.send_by(&sender, ", trust = 'ca.pem'").as_deref(),
        Ok(NOBODY),
        "after a reload"
    );
    assert_eq!(house.send_by(&sender, shows), ours);
    // A key that is not its own says so, and nothing is sent.
    let other = ", trust = 'ca.pem', certificate = 'us.pem', key = { file = 'server.key' }";
    let no = house.send_by(&sender, other).unwrap_err();
    assert_eq!((no.code(), no.blame()), ("not_set_up", Blame::Us), "{no}");
    assert!(!no.to_string().contains("PRIVATE"), "{no}");
}

#[test]
fn other_certificates_in_the_same_file_are_a_change() {
    let house = House::of("localhost");
    let folder = house.folder.path();
    let partners =
        || load(folder, "", "deliver = { url = 'https://a.example/', trust = 'ca.pem' }");
    let before = partners();
    assert_eq!(before.changes(&partners()), Vec::<String>::new());
    fs::copy(folder.join("other.pem"), folder.join("ca.pem")).unwrap();
    assert_eq!(before.changes(&partners()), ["acme: the certificates in ca.pem are others"]);
}

fn der(pem: &[u8]) -> Vec<u8> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    CertificateDer::from_pem_slice(pem).unwrap().to_vec()
}
