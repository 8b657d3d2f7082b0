//! pyas2lib as the other side: messages and receipts, both ways.

use super::house::{Party, content, lenient, letter, now, packing, read};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use tempfile::TempDir;
use wharf::pki::{Cipher, DigestAlgorithm};
use wharf::transport::as2::mdn::{Answer, Expected, Report, write};
use wharf::transport::as2::{
    As2Name, Compress, Disposition, Encrypting, Headers, Letterhead, MessageName, Mic, Packing,
    Quirk, ReceiptOptions, ReceiptRequest, Signing, Terms, open,
};

/// Two parties, of which one is pyas2lib.
struct Peer {
    folder: TempDir,
    us: Party,
    them: Party,
    child: RefCell<(Child, ChildStdin, BufReader<ChildStdout>)>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let (child, _, _) = &mut *self.child.borrow_mut();
        child.kill().and_then(|()| child.wait()).unwrap();
    }
}

impl Peer {
    fn new() -> Self {
        let (folder, us, them) =
            (tempfile::tempdir().unwrap(), Party::new("us"), Party::new("them"));
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut child = Command::new(root.join(".venv/bin/python"))
            .arg(root.join("tests/it/as2/peer.py"))
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("pyas2lib is in .venv: tests/run puts it there");
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let child = RefCell::new((child, input, BufReader::new(output)));
        let peer = Self { folder, us, them, child };
        peer.put(
            "own.pem",
            format!("{}{}", peer.them.key_pem, peer.them.certificate_pem).as_bytes(),
        );
        peer.put("partner.pem", peer.us.certificate_pem.as_bytes());
        peer
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    fn run(&self, command: &str, mut job: Value) -> Value {
        job["command"] = json!(command);
        job["own"] = json!("them");
        job["partner"] = json!("My Co");
        let (_, input, output) = &mut *self.child.borrow_mut();
        writeln!(input, "{job}").unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("it ended at {job}"))
    }

    /// What it wrote: headers and body.
    fn out(&self) -> (Headers, Vec<u8>) {
        let bytes = fs::read(self.path("out")).unwrap();
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        (Headers::parse(&bytes[..end]).unwrap(), bytes[end + 4..].to_vec())
    }

    fn give(&self, headers: &[(String, String)], body: &[u8]) {
        let mut lines: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        lines.push("\r\n".to_owned());
        let bytes = lines.join("\r\n");
        self.put("in", &[bytes.as_bytes(), body].concat());
    }
}

fn letterhead(receipt: bool) -> Letterhead {
    Letterhead {
        from: As2Name::new("My Co").unwrap(),
        to: As2Name::new("them").unwrap(),
        message_id: "<1@my.example>".parse().unwrap(),
        subject: Some("Purchase order".to_owned()),
        features: Vec::new(),
        receipt: receipt.then(|| ReceiptRequest {
            to: "edi@my.example".to_owned(),
            deliver_to: None,
            options: ReceiptOptions::signed(DigestAlgorithm::Sha256),
        }),
    }
}

#[test]
fn what_pyas2lib_packs_we_open_with_its_mic_and_it_takes_our_receipt_numbers_1_3_4() {
    let peer = Peer::new();
    let what = content(5_000);
    peer.put("content", &what);
    for (enc_alg, cipher) in [
        ("aes_128_cbc", Some(Cipher::Aes128Cbc)),
        ("aes_256_cbc", Some(Cipher::Aes256Cbc)),
        ("tripledes_192_cbc", Some(Cipher::TripleDesCbc)),
        ("", None),
    ] {
        for (sign_alg, digest_alg) in
            [("rsassa_pkcs1v15", "sha256"), ("rsassa_pss", "sha512"), ("", "")]
        {
            for (compress, kind) in
                [(true, "application/edi-consent"), (false, "application/octet-stream")]
            {
                let mut options = json!({
                    "compress": compress, "mdn_mode": "SYNC", "mdn_digest_alg": "sha256",
                    "encrypt": cipher.is_some(), "sign": !sign_alg.is_empty(),
                });
                if cipher.is_some() {
                    options["enc_alg"] = json!(enc_alg);
                }
                if !sign_alg.is_empty() {
                    (options["sign_alg"], options["digest_alg"]) =
                        (json!(sign_alg), json!(digest_alg));
                }
                let job = json!({ "options": options, "content_type": kind });
                let built = peer.run("build", job.clone());
                let (headers, body) = peer.out();
                let (policy, ours) = (lenient(), [peer.us.pair.clone()]);
                let theirs = &peer.them.certificates;
                let terms = Terms { policy: &policy, ours: &ours, theirs, mic: None, at: now() };
                let letterhead = Letterhead::read(&headers).unwrap();
                assert_eq!(letterhead.to.as_str(), "My Co");
                let mut sinks = wharf::transport::as2::Memory::default();
                let opened = open(&headers, &mut std::io::Cursor::new(&body), &terms, &mut sinks)
                    .unwrap_or_else(|error| panic!("{job}: {error}"));
                assert!(sinks.contents == [what.clone()], "{job}");
                assert_eq!(opened.sealed.map(|it| it.cipher), cipher);
                assert_eq!(opened.attachments[0].file_name.as_deref(), Some("order.edi"));
                if let Some(mic) = built["mic"].as_str() {
                    assert_eq!(opened.mic.base64(), mic, "{job}");
                    let form =
                        letterhead.receipt.unwrap().options.choose(&DigestAlgorithm::ALL).unwrap();
                    assert!(form.signed);
                    peer.takes_our_receipt(&letterhead.message_id, &opened.mic, &job);
                }
            }
        }
    }
}

impl Peer {
    fn takes_our_receipt(&self, id: &MessageName, mic: &Mic, job: &Value) {
        let [us, them] = ["My Co", "them"].map(|name| As2Name::new(name).unwrap());
        let own = "<mdn@my.example>".parse().unwrap();
        let answer = Answer {
            from: &us,
            to: &them,
            message_id: &own,
            original: id,
            disposition: &Disposition::Processed,
            mic: Some(mic),
            words: "",
            reporter: "my.example; Wharf",
            quirks: &[],
            at: now(),
        };
        let mut job = job.clone();
        (job["id"], job["mic"]) = (json!(id.as_str()), json!(mic.base64()));
        for signed in [true, false] {
            job["options"]["mdn_digest_alg"] = if signed { json!("sha256") } else { Value::Null };
            let signing = Signing::with(&self.us.pair);
            let written = write(&answer, signed.then_some(&signing)).unwrap();
            self.give(&written.headers, &written.body);
            let taken = self.run("receipt", job.clone());
            assert_eq!((&taken["status"], &taken["error"]), (&json!("processed"), &Value::Null));
        }
    }
}

#[test]
fn what_we_pack_pyas2lib_opens_and_its_receipt_proves_the_delivery() {
    let peer = Peer::new();
    // It canonicalises what is not `application/octet-stream`, and so do we not rely on bare line feeds.
    let what = content(5_000);
    let us = &peer.them.certificates;
    for compress in [Compress::Never, Compress::BeforeSigning, Compress::AfterSigning] {
        for cipher in
            [None, Some(Cipher::Aes128Cbc), Some(Cipher::Aes256Cbc), Some(Cipher::TripleDesCbc)]
        {
            for digest in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha512] {
                let sign = Signing { digest, ..Signing::with(&peer.us.pair) };
                let encrypt = cipher.map(|cipher| Encrypting { cipher, ..Encrypting::to(us) });
                let packing = Packing {
                    compress,
                    content_type: "application/octet-stream",
                    quirks: &[Quirk::OldDigestNames],
                    ..packing(Some(sign), encrypt)
                };
                let letter = letter(&what, &packing);
                let letterhead = Letterhead {
                    receipt: Some(ReceiptRequest {
                        options: ReceiptOptions::signed(digest),
                        ..letterhead(true).receipt.unwrap()
                    }),
                    ..letterhead(true)
                };
                let headers = [letterhead.write(now(), &[]), letter.headers.clone()].concat();
                peer.give(&headers, &letter.body);
                let job = json!({
                    "options": { "encrypt": cipher.is_some(), "sign": true },
                });
                let received = peer.run("receive", job);
                assert_eq!(received["status"], "processed", "{received} {compress:?} {cipher:?}");
                assert!(fs::read(peer.path("content")).unwrap() == what);
                assert_eq!(received["mic"], letter.mic.base64());
                peer.proves(&letterhead, &letter.mic);
            }
        }
    }
    // And what it cannot open is never a delivery.
    let stranger = Party::new("stranger");
    let packing =
        packing(Some(Signing::with(&peer.us.pair)), Some(Encrypting::to(&stranger.certificates)));
    let letter = letter(&what, &packing);
    let headers = [letterhead(true).write(now(), &[]), letter.headers.clone()].concat();
    peer.give(&headers, &letter.body);
    peer.run("receive", json!({ "options": { "encrypt": true, "sign": true } }));
    let refused = peer.report(&letterhead(true), &letter.mic).unwrap_err();
    assert_eq!(refused, "mdn_negative");
}

impl Peer {
    /// Its receipt, held against what we sent.
    fn report(&self, letterhead: &Letterhead, mic: &Mic) -> Result<(), &'static str> {
        let (headers, body) = self.out();
        let policy = lenient();
        let report = Report::read(&headers, &body).unwrap();
        let checked = report.check(&Expected {
            message_id: &letterhead.message_id,
            us: &letterhead.from,
            them: &letterhead.to,
            mics: std::slice::from_ref(mic),
            signed: true,
            theirs: &self.them.certificates,
            policy: &policy,
            at: now(),
        });
        checked.map(|_| ()).map_err(|fault| fault.code())
    }

    fn proves(&self, letterhead: &Letterhead, mic: &Mic) {
        self.report(letterhead, mic).unwrap();
    }
}

#[test]
fn a_message_that_pyas2lib_signed_over_other_lines_is_opened_and_that_is_recorded() {
    // Whatever it canonicalises: text with bare line feeds.
    let peer = Peer::new();
    peer.put("content", b"ISA*00*~\nGS*PO~\n");
    let options = json!({ "sign": true, "digest_alg": "sha256" });
    let built =
        peer.run("build", json!({ "options": options, "content_type": "application/edi-consent" }));
    let (headers, body) = peer.out();
    let (policy, ours) = (lenient(), [peer.us.pair.clone()]);
    let terms = Terms {
        policy: &policy,
        ours: &ours,
        theirs: &peer.them.certificates,
        mic: None,
        at: now(),
    };
    let headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (opened, _) = read(&headers, &body, &terms).unwrap();
    assert_eq!(opened.mic.base64(), built["mic"].as_str().unwrap());
}
