//! A gateway that speaks AS2 on a free port, and a partner's keys to speak to it with.

use jiff::Timestamp;
use rcgen::{CertificateParams, DnType, KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize};
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use wharf::event::{EventKind, State};
use wharf::gateway::{Gateway, Order, Workers};
use wharf::grammar::Library;
use wharf::http::{Door, Limits};
use wharf::message::{MessageId, Moment, PartnerId, Proof};
use wharf::partner::{Disk, Listener, Partners, Shelf, Tls};
use wharf::pki::{Certificate, DigestAlgorithm, KeyPair, PrivateKey};
use wharf::spool::{Cursor, Dossier, Settings, Spool, Told};
use wharf::transport::as2::{
    As2Name, Compress, Encrypting, Headers, Letterhead, Mic, Packing, ReceiptOptions,
    ReceiptRequest, Signing, pack,
};
use wharf::transport::https::send::Sender;
use wharf::transport::{Carriers, Taken, as2};

/// A key pair in PEM. Keys take long to make: the tests share some.
#[derive(Clone)]
pub(super) struct Keys {
    pub(super) certificate: String,
    pub(super) key: String,
}

impl Keys {
    pub(super) fn make(name: &str) -> Self {
        let key = rcgen::KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages =
            vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2049, 1, 1);
        let certificate = params.self_signed(&key).unwrap().pem();
        Self { certificate, key: key.serialize_pem() }
    }

    /// Those of Lakeside, of Acme, and of nobody whom they know.
    pub(super) fn of(index: usize) -> &'static Self {
        static ALL: Mutex<[Option<&'static Keys>; 4]> = Mutex::new([None; 4]);
        let mut all = ALL.lock().unwrap();
        let name = ["lakeside", "acme", "stranger", "new"][index];
        all[index].get_or_insert_with(|| Box::leak(Box::new(Self::make(name))))
    }

    pub(super) fn pair(&self) -> KeyPair {
        KeyPair::new(self.pinned(), PrivateKey::from_pem(self.key.as_bytes()).unwrap()).unwrap()
    }

    pub(super) fn pinned(&self) -> Certificate {
        Certificate::from_pem(self.certificate.as_bytes()).unwrap().remove(0)
    }
}

pub(super) const LAKESIDE: usize = 0;
pub(super) const ACME: usize = 1;
pub(super) const STRANGER: usize = 2;
pub(super) const NEW: usize = 3;

/// A gateway with AS2 at an address of its own.
pub(super) struct House {
    pub(super) gateway: Arc<Gateway>,
    pub(super) address: SocketAddr,
    pub(super) folder: TempDir,
    workers: Workers,
    stop: CancellationToken,
}

/// A place to listen, before it is known who.
pub(super) struct Place {
    door: Door,
    folder: TempDir,
}

impl Place {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("partners")).unwrap();
        fs::create_dir(folder.path().join("certs")).unwrap();
        let listener = Listener { address: "127.0.0.1:0".parse().unwrap(), tls: Tls::Off };
        let door = Door::bind("partners", &listener, folder.path()).unwrap();
        Self { door, folder }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.door.address())
    }

    pub(super) fn keep(&self, name: &str, keys: &Keys) {
        keep(self.folder.path(), name, keys);
    }

    /// Keeps a secret in a file.
    pub(super) fn secret(&self, name: &str, bytes: &[u8]) -> std::path::PathBuf {
        let path = self.folder.path().join("certs").join(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// Opens as who these files say.
    pub(super) fn open(self, us: &str, partner: (&str, &str)) -> House {
        let Self { door, folder } = self;
        let partners = folder.path().join("partners");
        fs::write(partners.join("us.toml"), us).unwrap();
        fs::write(partners.join(format!("{}.toml", partner.0)), partner.1).unwrap();
        let library = Arc::new(Library::shipped());
        let loaded = load(folder.path(), &library);
        let (spool, _) =
            Spool::open(&folder.path().join("spool"), Settings::default(), now()).unwrap();
        let carriers = Carriers::new(Sender::new().unwrap());
        let gateway = Gateway::new(Arc::new(spool), Arc::new(loaded), library, carriers, now);
        let gateway = Arc::new(gateway);
        let (address, stop) = (door.address(), CancellationToken::new());
        let routes = as2::receive::routes(Arc::clone(&gateway));
        tokio::spawn(door.serve(routes, Limits::default(), stop.clone()));
        let workers = Workers::start(Arc::clone(&gateway), 8);
        House { gateway, address, folder, workers, stop }
    }
}

fn keep(folder: &Path, name: &str, keys: &Keys) {
    fs::write(folder.join(format!("certs/{name}.pem")), &keys.certificate).unwrap();
    let key = folder.join(format!("certs/{name}.key"));
    fs::write(&key, &keys.key).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
}

fn load(folder: &Path, library: &Library) -> Partners {
    let none = |_: &str| None;
    let partners = folder.join("partners");
    Partners::load(&Disk::new(&partners, &none), &Shelf::new(library))
        .unwrap_or_else(|faults| panic!("{faults}"))
}

pub(super) fn now() -> Moment {
    Moment { at: Timestamp::now(), tick: Instant::now() }
}

impl House {
    /// Lakeside, with Acme as its supplier, whose AS2 is at `url`; `more` goes into `[as2]`.
    pub(super) fn lakeside(place: Place, url: &str, more: &str) -> Self {
        place.keep("us", Keys::of(LAKESIDE));
        place.keep("acme", Keys::of(ACME));
        let us = us("Lakeside", "ZZ:LAKESIDE", "LAKESIDE", "LAKESIDE AS2", &place.url("/as2/mdn"));
        let acme = partner(
            "supplier",
            ("01:006081492", "ACMEMED"),
            ("ACME", "acme"),
            &[("850", "out"), ("855", "in")],
            &format!("url = '{url}'\n{more}"),
        );
        place.open(&us, ("acme", &acme))
    }

    /// Acme, with Lakeside as its customer.
    pub(super) fn acme(place: Place, url: &str, more: &str) -> Self {
        place.keep("us", Keys::of(ACME));
        place.keep("lakeside", Keys::of(LAKESIDE));
        let us = us("Acme", "01:006081492", "ACMEMED", "ACME", &place.url("/as2/mdn"));
        let lakeside = partner(
            "customer",
            ("ZZ:LAKESIDE", "LAKESIDE"),
            ("LAKESIDE AS2", "lakeside"),
            &[("850", "in"), ("855", "out")],
            &format!("url = '{url}'\n{more}"),
        );
        place.open(&us, ("lakeside", &lakeside))
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Changes a partner's file, and reads it again.
    pub(super) fn change(&self, partner: &str, from: &str, to: &str) {
        let path = self.folder.path().join(format!("partners/{partner}.toml"));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(&path, text.replace(from, to)).unwrap();
        let loaded = load(self.folder.path(), self.gateway.library());
        self.gateway.reload(Ok(loaded));
    }

    pub(super) fn keep(&self, name: &str, keys: &Keys) {
        keep(self.folder.path(), name, keys);
    }

    /// Hands in an order as the ERP.
    pub(super) async fn order(&self, partner: &str, number: &str) -> MessageId {
        let order = Order {
            partner: PartnerId::new(partner).unwrap(),
            proof: Proof::Person("a test".to_owned()),
            key: None,
            document: Some("purchase-order".parse().unwrap()),
            file_name: None,
            body: ORDER.replace("4501-77281", number).into_bytes(),
        };
        let Taken::New(id) = self.gateway.send(order).await.unwrap() else {
            panic!("it came before")
        };
        let parcel = |event: &wharf::event::Event| {
            if let EventKind::Batched { into } = event.kind { Some(into) } else { None }
        };
        self.until("it to be written", || self.dossier(id).events.iter().find_map(parcel)).await
    }

    pub(super) fn dossier(&self, id: MessageId) -> Dossier {
        self.gateway.spool().dossier(id).unwrap()
    }

    pub(super) fn state(&self, id: MessageId) -> State {
        self.gateway.spool().summary(id).unwrap().state
    }

    /// The names of all that happened to a message.
    pub(super) fn story(&self, id: MessageId) -> Vec<&'static str> {
        self.dossier(id).events.iter().map(|event| event.kind.name()).collect()
    }

    /// The codes of what went wrong with it.
    pub(super) fn troubles(&self, id: MessageId) -> Vec<String> {
        let events = self.dossier(id).events;
        let code = |event: &wharf::event::Event| event.kind.trouble().map(|of| of.code.clone());
        events.iter().filter_map(code).collect()
    }

    pub(super) async fn reach(&self, id: MessageId, state: State) {
        let what = format!("{id} to be {state}");
        self.until(&what, || (self.state(id) == state).then_some(())).await;
    }

    /// Waits until something is there.
    pub(super) async fn until<T>(&self, what: &str, found: impl Fn() -> Option<T>) -> T {
        until(what, found).await
    }

    /// The subjects of what the ERP was told of one kind.
    pub(super) fn told(&self, kind: &str) -> Vec<String> {
        let is_notice = |told: &Told| matches!(told, Told::Notice { .. });
        let told = self.gateway.spool().follow(Cursor::default(), 10_000, is_notice).unwrap().told;
        told.into_iter()
            .filter_map(|(_, told)| {
                let Told::Notice { notice, .. } = told else { return None };
                (notice.kind == kind).then_some(notice.subject)
            })
            .collect()
    }

    /// Something that was kept with a message.
    pub(super) fn kept(&self, id: MessageId, label: &str) -> Option<Vec<u8>> {
        let dossier = self.dossier(id);
        let (_, body) = dossier.kept.iter().rev().find(|(known, _)| known == label)?;
        Some(self.gateway.spool().body(body).unwrap())
    }

    /// Everything that came in over AS2.
    pub(super) fn arrived(&self) -> Vec<MessageId> {
        let mut all = Vec::new();
        let opened = |told: &Told| matches!(told, Told::Event(_));
        for (_, told) in
            self.gateway.spool().follow(Cursor::default(), 10_000, opened).unwrap().told
        {
            if let Told::Event(event) = told
                && matches!(event.kind, EventKind::Received)
            {
                let summary = self.gateway.spool().summary(event.message).unwrap();
                if summary.channel == wharf::message::Channel::As2 {
                    all.push(event.message);
                }
            }
        }
        all
    }

    /// Ends it; its folder is there as long as it is held.
    pub(super) async fn close(self) -> TempDir {
        self.stop.cancel();
        self.workers.finish(Duration::from_secs(10)).await;
        self.folder
    }
}

/// Waits until something is there.
pub(super) async fn until<T>(what: &str, found: impl Fn() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < end, "waited too long for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn us(title: &str, isa: &str, gs: &str, as2: &str, mdn: &str) -> String {
    format!(
        "title = '{title}'\nidentities = [{{ isa = '{isa}', gs = ['{gs}'] }}]\n\
         [as2]\nid = '{as2}'\nmdn_url = '{mdn}'\n\
         [[as2.keys]]\ncertificate = 'certs/us.pem'\nkey = {{ file = 'certs/us.key' }}\n\
         [defaults.retry]\nwaits = ['1s', '1s', '1s']\nthen = '1s'\ngive_up = '20s'\n"
    )
}

fn partner(
    role: &str,
    (isa, gs): (&str, &str),
    (id, file): (&str, &str),
    sets: &[(&str, &str)],
    more: &str,
) -> String {
    let agreed = sets
        .iter()
        .map(|(set, way)| format!("[[agreements]]\nset = '{set}'\ndirection = '{way}'\n"))
        .collect::<Vec<_>>()
        .concat();
    format!(
        "title = '{file}'\nrole = '{role}'\nmode = 'production'\nowner = 'edi'\n\
         identities = [{{ isa = '{isa}', gs = ['{gs}'] }}]\n{agreed}\
         [as2]\nid = '{id}'\n{more}\n[[as2.certificates]]\nfile = 'certs/{file}.pem'\n"
    )
}

/// An order.
const ORDER: &str = r#"{
    "document": "purchase-order", "purpose": "original", "kind": "stand_alone",
    "number": "4501-77281", "ordered_on": "2026-11-15",
    "parties": [{"role": "ship_to", "name": "Lakeside General"}],
    "lines": [{"line_number": "1", "quantity": "40", "unit": "BX", "price": "8.75",
        "item_ids": [{"scheme": "vendor_item", "value": "NG-7701M"}]}]
}"#;

/// A confirmation of Acme's.
pub(super) fn confirmation(control: u32) -> Vec<u8> {
    let sets = [
        "BAK*00*AC*4501-77281*20261115****SO-99120",
        "N1*SE*Acme Medical*1*925411000",
        "PO1*1*40*BX*8.75*CT*VN*NG-7701M",
        "ACK*IA*40*BX*067*20261118",
        "CTT*1",
    ];
    format!(
        "ISA*00*          *00*          *01*006081492      *ZZ*LAKESIDE       *261115*0930*U*00401*{control:09}*0*P*>~\
         GS*PR*ACMEMED*LAKESIDE*20261115*0930*{control}*X*004010~ST*855*0001~{}~SE*7*0001~\
         GE*1*{control}~IEA*1*{control:09}~",
        sets.join("~")
    )
    .into_bytes()
}

/// A message as a partner packs it.
pub(super) struct Packet {
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) mic: Mic,
}

/// How a message of Acme's to Lakeside is made.
pub(super) struct Make {
    pub(super) id: String,
    pub(super) content: Vec<u8>,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) sign: Option<usize>,
    pub(super) encrypt: Option<usize>,
    pub(super) compress: Compress,
    pub(super) receipt: Option<ReceiptRequest>,
}

impl Make {
    /// As it should be, with a signed receipt in the answer.
    pub(super) fn new(id: &str, content: Vec<u8>) -> Self {
        let options = ReceiptOptions::signed(DigestAlgorithm::Sha256);
        let receipt =
            ReceiptRequest { to: "edi@acme.example".to_owned(), deliver_to: None, options };
        Self {
            id: id.to_owned(),
            content,
            from: "ACME",
            to: "LAKESIDE AS2",
            sign: Some(ACME),
            encrypt: Some(LAKESIDE),
            compress: Compress::Never,
            receipt: Some(receipt),
        }
    }

    pub(super) fn later(mut self, to: &str) -> Self {
        self.receipt.as_mut().unwrap().deliver_to = Some(to.to_owned());
        self
    }

    pub(super) fn packet(&self) -> Packet {
        let at = Timestamp::now();
        let pair = self.sign.map(|keys| Keys::of(keys).pair());
        let recipients: Vec<_> = self.encrypt.iter().map(|keys| Keys::of(*keys).pinned()).collect();
        let packing = Packing {
            content_type: "application/edi-x12",
            file_name: Some("confirmation.edi"),
            sign: pair.as_ref().map(Signing::with),
            encrypt: self.encrypt.map(|_| Encrypting::to(&recipients)),
            compress: self.compress,
            mic: DigestAlgorithm::Sha256,
            quirks: &[],
            at,
        };
        let packed = pack(std::io::Cursor::new(self.content.clone()), &packing).unwrap();
        let letterhead = Letterhead {
            from: As2Name::new(self.from).unwrap(),
            to: As2Name::new(self.to).unwrap(),
            message_id: self.id.parse().unwrap(),
            subject: Some("confirmation".to_owned()),
            features: Vec::new(),
            receipt: self.receipt.clone(),
        };
        let mut headers = letterhead.write(at, &[]);
        for (name, value) in packed.headers() {
            headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            headers.push((name.clone(), value.clone()));
        }
        let mic = packed.mic().clone();
        let mut body = Vec::new();
        std::io::copy(&mut packed.into_reader().unwrap(), &mut body).unwrap();
        Packet { headers, body, mic }
    }

    pub(super) async fn post(&self, house: &House) -> Heard {
        post(&house.url("/as2"), &self.packet()).await
    }
}

/// What was answered.
pub(super) struct Heard {
    pub(super) status: u16,
    pub(super) headers: Headers,
    pub(super) body: Vec<u8>,
}

impl Heard {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What a receipt says became of the message.
    pub(super) fn disposition(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.text());
        let text = self.text();
        let line = text.lines().find_map(|line| line.strip_prefix("Disposition: "));
        let line = line.unwrap_or_else(|| panic!("no disposition in {text}"));
        line.split_once("; ").unwrap().1.trim().to_owned()
    }

    pub(super) fn is_signed(&self) -> bool {
        self.headers.value("Content-Type").unwrap_or_default().starts_with("multipart/signed")
    }
}

pub(super) async fn post(url: &str, packet: &Packet) -> Heard {
    let mut request = reqwest::Client::new().post(url).body(packet.body.clone());
    for (name, value) in &packet.headers {
        request = request.header(name, value);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let headers = response.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let headers: Headers = headers.collect();
    Heard { status, headers, body: response.bytes().await.unwrap().to_vec() }
}
