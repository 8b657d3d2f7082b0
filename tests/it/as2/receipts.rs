//! Receipts (MDNs): what we write we read, and only what proves a delivery counts as one.

use super::house::{Party, now};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wharf::pki::DigestAlgorithm;
use wharf::transport::as2::mdn::{Answer, Delivered, Expected, MdnFault, Report, Written, write};
use wharf::transport::as2::{
    As2Error, As2Name, Disposition, Headers, MessageName, Mic, Policy, Quirk, Signing, is_report,
};

/// A message of ours, and the partner who answers it.
struct Sent {
    them: Party,
    policy: Policy,
    us: As2Name,
    partner: As2Name,
    id: MessageName,
    own: MessageName,
    mic: Mic,
}

impl Sent {
    fn new() -> Self {
        Self {
            them: Party::new("them"),
            policy: Policy::default(),
            us: As2Name::new("My Co").unwrap(),
            partner: As2Name::new("acme").unwrap(),
            id: "<1@my.example>".parse().unwrap(),
            own: "<mdn-1@acme.example>".parse().unwrap(),
            mic: Mic::of(DigestAlgorithm::Sha256, b"ISA"),
        }
    }

    /// Their answer.
    fn answer<'s>(&'s self, change: impl FnOnce(&mut Answer<'s>), signed: bool) -> Written {
        let mut answer = Answer {
            from: &self.partner,
            to: &self.us,
            message_id: &self.own,
            original: &self.id,
            disposition: &Disposition::Processed,
            mic: Some(&self.mic),
            words: "",
            reporter: "acme.example; Wharf",
            quirks: &[],
            at: now(),
        };
        change(&mut answer);
        let signing = Signing::with(&self.them.pair);
        write(&answer, signed.then_some(&signing)).unwrap()
    }

    fn check(&self, written: &Written) -> Result<Delivered, MdnFault> {
        self.check_as(written, true)
    }

    fn check_as(&self, written: &Written, signed: bool) -> Result<Delivered, MdnFault> {
        let headers: Headers = written.headers.iter().map(|(n, v)| (&**n, v)).collect();
        Report::read(&headers, &written.body)?.check(&Expected {
            message_id: &self.id,
            us: &self.us,
            them: &self.partner,
            mics: std::slice::from_ref(&self.mic),
            signed,
            theirs: &self.them.certificates,
            policy: &self.policy,
            at: now(),
        })
    }
}

fn header<'w>(written: &'w Written, name: &str) -> &'w str {
    &written.headers.iter().find(|(key, _)| key == name).unwrap().1
}

#[test]
fn a_receipt_that_we_write_proves_a_delivery_when_it_is_read() {
    let sent = Sent::new();
    for signed in [false, true] {
        let delivered = sent.check_as(&sent.answer(|_| (), signed), signed).unwrap();
        assert_eq!(delivered.disposition, Disposition::Processed);
        assert_eq!(delivered.mic.as_ref(), Some(&sent.mic));
        assert_eq!(delivered.signed.is_some(), signed);
        assert!(delivered.text.starts_with("The message was received and taken in."));
    }
    let duplicate = Disposition::duplicate();
    let delivered = sent.check(&sent.answer(|it| it.disposition = &duplicate, true)).unwrap();
    assert!(delivered.disposition.is_duplicate());
}

#[test]
fn a_receipt_states_its_length_begins_with_its_boundary_and_folds_nothing_numbers_6_9_10() {
    let sent = Sent::new();
    for signed in [false, true] {
        let written = sent.answer(|_| (), signed);
        assert_eq!(header(&written, "Content-Length"), written.body.len().to_string());
        let kind = header(&written, "Content-Type");
        let boundary = kind.split("boundary=\"").nth(1).unwrap().trim_end_matches('"');
        assert!(written.body.starts_with(format!("--{boundary}\r\n").as_bytes()));
        for (name, value) in &written.headers {
            assert!(!value.contains(['\r', '\n']), "{name}");
        }
        assert_eq!(header(&written, "AS2-Version"), "1.2");
        assert_eq!(header(&written, "AS2-From"), "acme");
        assert_eq!(header(&written, "AS2-To"), "\"My Co\"");
        let headers: Headers = written.headers.iter().map(|(n, v)| (&**n, v)).collect();
        assert!(is_report(&headers, &written.body[..written.body.len().min(1_000)]));
    }
}

#[test]
fn a_receipt_in_words_of_machines_is_as_the_standard_has_it() {
    let sent = Sent::new();
    let written = sent.answer(|it| it.quirks = &[Quirk::OldDigestNames], false);
    let body = String::from_utf8(written.body).unwrap();
    let fields = body.split("message/disposition-notification\r\n").nth(1).unwrap();
    let fields = fields.split("\r\n\r\n").nth(1).unwrap();
    assert_eq!(
        fields,
        "Reporting-UA: acme.example; Wharf\r\n\
         Original-Recipient: rfc822; acme\r\n\
         Final-Recipient: rfc822; acme\r\n\
         Original-Message-ID: <1@my.example>\r\n\
         Disposition: automatic-action/MDN-sent-automatically; processed\r\n\
         Received-Content-MIC: FrUlCvWCJRAp5Hq9AOFHIS+UZtNoRhZ3GTm1JGKBvHA=, sha256"
            .replace("FrUlCvWCJRAp5Hq9AOFHIS+UZtNoRhZ3GTm1JGKBvHA=", &sent.mic.base64())
    );
}

#[test]
fn each_thing_that_is_wrong_with_a_receipt_has_its_own_name() {
    let sent = Sent::new();
    let good = sent.answer(|_| (), true);
    let code = |written: &Written| sent.check(written).unwrap_err().code();
    let other: MessageName = "<2@my.example>".parse().unwrap();
    let sha1 = Mic::of(DigestAlgorithm::Sha1, b"ISA");
    let others = Mic::of(DigestAlgorithm::Sha256, b"GS");
    let stranger = As2Name::new("stranger").unwrap();
    let failed = As2Error::Decryption.disposition();
    for (written, expected) in [
        (sent.answer(|_| (), false), "mdn_unsigned"),
        (sent.answer(|it| it.original = &other, true), "mdn_wrong_message"),
        (sent.answer(|it| it.from = &stranger, true), "mdn_wrong_message"),
        (sent.answer(|it| it.to = &stranger, true), "mdn_wrong_message"),
        (sent.answer(|it| it.mic = Some(&others), true), "mic_mismatch"),
        (sent.answer(|it| it.mic = None, true), "mic_mismatch"),
        // 22: SHA-256 was asked for.
        (sent.answer(|it| it.mic = Some(&sha1), true), "mic_mismatch"),
        (sent.answer(|it| it.disposition = &failed, true), "mdn_negative"),
        (Written { body: Vec::new(), ..good.clone() }, "mdn_missing"),
        (Written { body: b"<html>OK</html>".to_vec(), ..good.clone() }, "mdn_unreadable"),
        (Written { headers: Vec::new(), ..good.clone() }, "mdn_unreadable"),
    ] {
        assert_eq!(code(&written), expected);
    }
    // Signed by somebody else.
    let forged = Sent { them: Party::new("them"), ..Sent::new() }.answer(|_| (), true);
    assert_eq!(code(&forged), "mdn_bad_signature");
    // Changed after it was signed.
    let text = String::from_utf8(good.body.clone()).unwrap();
    let changed =
        Written { body: text.replace("; processed", "; Processed").into_bytes(), ..good.clone() };
    assert_eq!(code(&changed), "mdn_bad_signature");
    assert!(sent.check(&good).is_ok());
}

#[test]
fn a_receipt_without_a_disposition_is_no_delivery_number_23() {
    let sent = Sent::new();
    let good = sent.answer(|_| (), false);
    let text = String::from_utf8(good.body.clone()).unwrap();
    let without: Vec<&str> =
        text.split_inclusive("\r\n").filter(|line| !line.starts_with("Disposition:")).collect();
    let without = Written { body: without.concat().into_bytes(), ..good };
    assert_eq!(sent.check_as(&without, false).unwrap_err().code(), "mdn_unreadable");
}

#[test]
fn what_is_said_beside_something_signed_does_not_count() {
    let sent = Sent::new();
    let failed = As2Error::Decryption.disposition();
    let signed = sent.answer(|it| it.disposition = &failed, true);
    let unsigned = sent.answer(|_| (), false);
    let part = |written: &Written| {
        let kind = header(written, "Content-Type");
        [format!("--m\r\nContent-Type: {kind}\r\n\r\n").into_bytes(), written.body.clone()].concat()
    };
    for order in [[&unsigned, &signed], [&signed, &unsigned]] {
        let body = [part(order[0]), part(order[1]), b"--m--\r\n".to_vec()].concat();
        let mut mixed = Written { body, headers: signed.headers.clone() };
        for (name, value) in &mut mixed.headers {
            if name == "Content-Type" {
                "multipart/mixed; boundary=m".clone_into(value);
            }
        }
        assert!(sent.check(&mixed).is_err());
    }
}

#[test]
fn receipts_of_other_programs_are_read_with_binary_signatures_and_coded_parts() {
    let sent = Sent::new();
    let good = sent.answer(|_| (), true);
    // The signature as binary (oxalis#306).
    let text = String::from_utf8(good.body.clone()).unwrap();
    let (before, after) = text.split_once("Content-Transfer-Encoding: base64\r\n").unwrap();
    let (head, coded) = after.split_once("\r\n\r\n").unwrap();
    let (coded, end) = coded.split_once("--").unwrap();
    let der = STANDARD.decode(coded.split_whitespace().collect::<String>()).unwrap();
    let binary = [
        before.as_bytes(),
        b"Content-Transfer-Encoding: binary\r\n",
        head.as_bytes(),
        b"\r\n\r\n",
        &der,
        b"\r\n--",
        end.as_bytes(),
    ]
    .concat();
    assert!(sent.check(&Written { body: binary, ..good.clone() }).is_ok());
    // Parts in base64 and quoted-printable, fields in other cases, and the MIC without its padding.
    let fields = format!(
        "reporting-ua: x\r\noriginal-message-id: 1@my.example\r\n\
         disposition: Automatic-Action/MDN-Sent-Automatically;Processed\r\n\
         received-content-mic: {}, SHA256\r\n",
        sent.mic.base64().trim_end_matches('=')
    );
    let coded = STANDARD.encode(&fields);
    let quoted = fields.replace('=', "=3D").replace("; ", ";=\r\n ").replace('@', "=40");
    for (coding, fields) in [("base64", coded), ("quoted-printable", quoted)] {
        let body = format!(
            "preamble\r\n--x\r\n\r\nAll is well.\r\n--x\r\n\
             Content-Type: message/disposition-notification\r\n\
             Content-Transfer-Encoding: {coding}\r\n\r\n{fields}\r\n--x--\r\n"
        );
        let headers = [(
            "Content-Type",
            "multipart/report; report-type=disposition-notification;\r\n\tboundary=x",
        )];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let delivered =
            sent.check_as(&Written { headers, body: body.into_bytes() }, false).unwrap();
        assert_eq!(delivered.disposition, Disposition::Processed);
    }
}

#[test]
fn every_cut_and_every_flip_of_a_receipt_is_a_typed_fault() {
    let sent = Sent::new();
    let good = sent.answer(|_| (), true);
    for cut in 0..good.body.len() - 4 {
        let cut = Written { body: good.body[..cut].to_vec(), headers: good.headers.clone() };
        assert!(sent.check(&cut).is_err());
    }
    let signed_until =
        good.body.windows(27).position(|w| w == b"application/pkcs7-signature").unwrap() - 40;
    for at in 0..good.body.len() {
        let mut flipped = good.clone();
        flipped.body[at] ^= 0x10;
        let outcome = sent.check(&flipped);
        if at < signed_until && at > 40 {
            assert!(outcome.is_err(), "byte {at}");
        }
    }
}

#[test]
fn a_receipt_in_another_partners_words_can_be_told_apart_from_a_message() {
    let headers = |kind: &str| -> Headers { [("Content-Type", kind)].into_iter().collect() };
    let signed = "multipart/signed; boundary=b";
    for (kind, beginning, expected) in [
        ("multipart/report; boundary=b", "", true),
        (signed, "--b\r\nContent-Type: multipart/report;\r\n boundary=c\r\n\r\n--c", true),
        (signed, "--b\r\nContent-Type: application/edi-x12\r\n\r\nISA", false),
        (signed, "--b\r\nContent-Type: mul", false),
        ("application/pkcs7-mime", "0\u{0}", false),
    ] {
        assert_eq!(is_report(&headers(kind), beginning.as_bytes()), expected, "{kind} {beginning}");
    }
}
