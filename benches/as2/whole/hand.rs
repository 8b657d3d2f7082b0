//! A partner's hand: messages that were packed before the clock starts, handed over one after the
//! other on one connection, and every answer heard out.

use super::world::{THEM, US};
use crate::parties::{Parties, packing};
use jiff::Timestamp;
use std::io::{self, Cursor, Read as _, Write as _};
use std::net::TcpStream;
use wharf::pki::DigestAlgorithm;
use wharf::transport::as2::mdn::{Delivered, Expected, MdnFault, Report};
use wharf::transport::as2::{
    As2Name, Headers, Letterhead, MessageName, Mic, Packing, Policy, ReceiptOptions,
    ReceiptRequest, pack,
};

/// A message, ready to go.
pub(super) struct Parcel {
    /// All of the request, as it is on the wire.
    pub(super) bytes: Vec<u8>,
    /// How many of the bytes are its head.
    pub(super) head: usize,
    pub(super) id: MessageName,
    pub(super) mics: [Mic; 1],
}

/// An answer.
pub(super) struct Heard {
    pub(super) status: u16,
    pub(super) headers: Headers,
    pub(super) body: Vec<u8>,
}

/// The head of a request that asks for a signed receipt, and the name of the message.
pub(super) fn head(
    number: usize,
    of_body: &[(String, String)],
    length: u64,
) -> (Vec<u8>, MessageName) {
    let options = ReceiptOptions::signed(DigestAlgorithm::Sha256);
    let receipt = ReceiptRequest { to: "edi@acme.example".to_owned(), deliver_to: None, options };
    let id: MessageName = format!("<{number}.{}@acme>", std::process::id()).parse().unwrap();
    let letterhead = Letterhead {
        from: As2Name::new(THEM).unwrap(),
        to: As2Name::new(US).unwrap(),
        message_id: id.clone(),
        subject: Some("confirmation".to_owned()),
        features: Vec::new(),
        receipt: Some(receipt),
    };
    let mut headers = letterhead.write(Timestamp::now(), &[]);
    for (name, value) in of_body {
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        headers.push((name.clone(), value.clone()));
    }
    let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let lines = lines.collect::<Vec<_>>().concat();
    let head =
        format!("POST /as2 HTTP/1.1\r\nHost: localhost\r\n{lines}Content-Length: {length}\r\n\r\n");
    (head.into_bytes(), id)
}

impl Parcel {
    /// Signed and encrypted by them for us; `change` makes it another.
    pub(super) fn new(
        parties: &Parties,
        number: usize,
        content: &[u8],
        change: impl FnOnce(&mut Packing<'_>),
    ) -> Self {
        let recipients = [parties.us.certificate().clone()];
        let mut packing = packing(&parties.them, &recipients);
        packing.at = Timestamp::now();
        change(&mut packing);
        let packed = pack(Cursor::new(content), &packing).unwrap();
        let (head, id) = head(number, packed.headers(), packed.length());
        let mics = [packed.mic().clone()];
        let (mut bytes, head) = (head.clone(), head.len());
        io::copy(&mut packed.into_reader().unwrap(), &mut bytes).unwrap();
        Self { bytes, head, id, mics }
    }
}

/// One connection.
pub(super) struct Hand(TcpStream);

impl Hand {
    pub(super) fn reach(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    /// Hands over a request, and gives the whole answer.
    pub(super) fn give(&mut self, request: &[u8]) -> Vec<u8> {
        self.0.write_all(request).unwrap();
        self.hear()
    }

    /// Where bytes can be put by somebody else.
    pub(super) fn stream(&mut self) -> &mut TcpStream {
        &mut self.0
    }

    pub(super) fn hear(&mut self) -> Vec<u8> {
        let (mut heard, mut piece) = (Vec::new(), [0; 16_384]);
        while !is_whole(&heard) {
            let read = self.0.read(&mut piece).unwrap();
            assert!(read > 0, "the gateway hung up: {}", String::from_utf8_lossy(&heard));
            heard.extend_from_slice(&piece[..read]);
        }
        heard
    }
}

impl Heard {
    pub(super) fn of(answer: &[u8]) -> Self {
        let end = end_of_head(answer).unwrap();
        let line = answer[..end].windows(2).position(|two| two == b"\r\n").unwrap();
        let status = std::str::from_utf8(&answer[9..12]).unwrap().parse().unwrap();
        let headers = Headers::parse(&answer[line + 2..end]).unwrap();
        Self { status, headers, body: answer[end + 4..].to_vec() }
    }

    /// Whether it is our signed receipt for this message, with its MIC.
    pub(super) fn proves(&self, parties: &Parties, parcel: &Parcel) -> Result<Delivered, MdnFault> {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        let [us, them] = [THEM, US].map(|name| As2Name::new(name).unwrap());
        let expected = Expected {
            message_id: &parcel.id,
            us: &us,
            them: &them,
            mics: &parcel.mics,
            signed: true,
            theirs: &[parties.us.certificate().clone()],
            policy: &Policy::default(),
            at: Timestamp::now(),
        };
        Report::read(&self.headers, &self.body)?.check(&expected)
    }

    /// What became of the message.
    pub(super) fn disposition(&self) -> String {
        let report = Report::read(&self.headers, &self.body).unwrap();
        report.disposition().unwrap().to_string()
    }
}

/// Whether all of an answer, or of a request, is there, as its head says how long it is.
fn is_whole(heard: &[u8]) -> bool {
    let Some(end) = end_of_head(heard) else { return false };
    heard.len() == end + 4 + length(&heard[..end])
}

pub(super) fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n")
}

/// The length of a body, as its head says it.
pub(super) fn length(head: &[u8]) -> usize {
    let head = std::str::from_utf8(head).unwrap();
    let value = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
    };
    head.lines().find_map(value).expect("a length")
}
