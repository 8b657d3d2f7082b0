//! What is damaged, forged or too much is refused, each by its name.

use super::history::signed;
use super::house::{Letter, Party, content, lenient, letter, now, packing, read};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, TestRunner};
use std::fmt::Write as _;
use wharf::pki::{Cipher, DigestAlgorithm, KeyTransport};
use wharf::transport::as2::{
    Allowed, As2Error, Compress, Encrypting, Packing, Policy, Signing, Terms,
};

struct Both {
    us: Party,
    them: Party,
}

impl Both {
    fn new() -> Self {
        Self { us: Party::new("us"), them: Party::new("them") }
    }

    /// A letter from us to them.
    fn letter(&self, what: &[u8], change: impl Fn(&mut Packing<'_>)) -> Letter {
        let mut packing = packing(
            Some(Signing::with(&self.us.pair)),
            Some(Encrypting::to(&self.them.certificates)),
        );
        change(&mut packing);
        letter(what, &packing)
    }

    fn open(&self, letter: &Letter, policy: &Policy) -> Result<Vec<Vec<u8>>, As2Error> {
        let ours = [self.them.pair.clone()];
        let theirs = &self.us.certificates;
        let terms = Terms { policy, ours: &ours, theirs, mic: None, at: now() };
        read(&letter.headers, &letter.body, &terms).map(|(_, contents)| contents)
    }

    fn refused(&self, letter: &Letter, policy: &Policy) -> As2Error {
        self.open(letter, policy).unwrap_err()
    }
}

type Damage<'a> = &'a dyn Fn(&mut Vec<u8>);

fn said(error: &As2Error) -> String {
    error.disposition().to_string().rsplit(": ").next().unwrap().to_owned()
}

#[test]
fn what_should_be_signed_or_encrypted_and_is_not_is_refused() {
    let both = Both::new();
    let policy = Policy::default();
    let plain = both.letter(b"ISA", |it| (it.sign, it.encrypt) = (None, None));
    let signed = both.letter(b"ISA", |it| it.encrypt = None);
    let sealed = both.letter(b"ISA", |it| it.sign = None);
    for (letter, error) in [
        (&plain, As2Error::NotSigned),
        (&signed, As2Error::NotEncrypted),
        (&sealed, As2Error::NotSigned),
    ] {
        let refused = both.refused(letter, &policy);
        assert_eq!(refused, error);
        assert_eq!(said(&refused), "insufficient-message-security");
    }
    // Even where no signature is asked for, CBC without one is not good enough; GCM is.
    let unsigned = Policy { must_be_signed: false, ..Policy::default() };
    assert_eq!(both.refused(&sealed, &unsigned), As2Error::UnsignedCbc);
    let sealed = both.letter(b"ISA", |it| {
        it.sign = None;
        it.encrypt = it.encrypt.map(|e| Encrypting { cipher: Cipher::Aes128Gcm, ..e });
    });
    assert_eq!(both.open(&sealed, &unsigned).unwrap(), [b"ISA"]);
}

#[test]
fn what_is_weak_is_refused_by_name_and_borne_with_until_its_day() {
    let both = Both::new();
    let sha1 = both.letter(b"ISA", |it| {
        it.sign = it.sign.map(|s| Signing { digest: DigestAlgorithm::Sha1, ..s });
    });
    let des = both.letter(b"ISA", |it| {
        it.encrypt = it.encrypt.map(|e| Encrypting { cipher: Cipher::TripleDesCbc, ..e });
    });
    let strict = Policy::default();
    let refused = both.refused(&sha1, &strict);
    assert_eq!(refused, As2Error::DigestNotAllowed(DigestAlgorithm::Sha1));
    assert_eq!(said(&refused), "insufficient-message-security");
    let refused = both.refused(&des, &strict);
    assert_eq!(refused, As2Error::CipherNotAllowed(Cipher::TripleDesCbc));
    assert_eq!(said(&refused), "insufficient-message-security");
    let [yesterday, tomorrow] =
        ["2026-06-30T00:00:00Z", "2026-07-02T00:00:00Z"].map(|day| day.parse().unwrap());
    for (until, open) in [(yesterday, false), (tomorrow, true)] {
        let mut policy = Policy::default();
        policy.digests.push(Allowed::until(DigestAlgorithm::Sha1, until));
        policy.ciphers.push(Allowed::until(Cipher::TripleDesCbc, until));
        assert_eq!(both.open(&sha1, &policy).is_ok(), open);
        assert_eq!(both.open(&des, &policy).is_ok(), open);
    }
    let only_oaep = Policy {
        key_transports: vec![Allowed::always(KeyTransport::RsaOaepSha256)],
        ..Policy::default()
    };
    let letter = both.letter(b"ISA", |_| ());
    let refused = both.refused(&letter, &only_oaep);
    assert_eq!(refused, As2Error::KeyTransportNotAllowed(KeyTransport::RsaPkcs1));
}

#[test]
fn only_pinned_certificates_that_are_valid_and_may_sign_verify() {
    let both = Both::new();
    let policy = Policy::default();
    // The forger's certificate travels with the message, and proves nothing.
    let forger = Party::new("us");
    let forged = both.letter(b"ISA", |_| ());
    let forged = {
        let encrypt = Encrypting::to(&both.them.certificates);
        drop(forged);
        letter(b"ISA", &packing(Some(Signing::with(&forger.pair)), Some(encrypt)))
    };
    let refused = both.refused(&forged, &policy);
    assert!(matches!(refused, As2Error::UnknownSigner(_)), "{refused:?}");
    assert_eq!(said(&refused), "authentication-failed");
    // One of the same issuer and number, but of another key.
    let serial = |params: &mut rcgen::CertificateParams| params.serial_number = Some(7_u64.into());
    let [true_one, false_one] = [(); 2].map(|()| Party::with("x", super::house::Sort::Rsa, serial));
    let encrypt = Encrypting::to(&both.them.certificates);
    let forged = letter(b"ISA", &packing(Some(Signing::with(&false_one.pair)), Some(encrypt)));
    let ours = [both.them.pair.clone()];
    let theirs = &true_one.certificates;
    let terms = Terms { policy: &policy, ours: &ours, theirs, mic: None, at: now() };
    let refused = forged.open(&terms).unwrap_err();
    assert!(matches!(refused, As2Error::BadSignature(_)), "{refused:?}");
    assert_eq!(said(&refused), "authentication-failed");

    let expired = |params: &mut rcgen::CertificateParams| {
        params.not_after = rcgen::date_time_ymd(2026, 6, 1);
    };
    let not_for_signing = |params: &mut rcgen::CertificateParams| {
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyEncipherment];
    };
    let expired = Party::with("x", super::house::Sort::Rsa, expired);
    let not_for_signing = Party::with("x", super::house::Sort::Rsa, not_for_signing);
    for (party, code) in [(&expired, "signer_not_valid"), (&not_for_signing, "signer_may_not_sign")]
    {
        let encrypt = Encrypting::to(&both.them.certificates);
        let letter = letter(b"ISA", &packing(Some(Signing::with(&party.pair)), Some(encrypt)));
        let theirs = &party.certificates;
        let terms = Terms { policy: &policy, ours: &ours, theirs, mic: None, at: now() };
        let refused = letter.open(&terms).unwrap_err();
        assert_eq!(refused.code(), code);
        assert_eq!(said(&refused), "authentication-failed");
    }
}

#[test]
fn what_was_changed_after_signing_is_refused() {
    let both = Both::new();
    let mut letter = both.letter(b"ISA*00*PRICE*1~", |it| it.encrypt = None);
    let at = letter.body.windows(7).position(|window| window == b"PRICE*1").unwrap();
    letter.body[at + 6] = b'9';
    let policy = Policy { must_be_encrypted: false, ..Policy::default() };
    let refused = both.refused(&letter, &policy);
    assert_eq!(refused, As2Error::Changed);
    assert_eq!(said(&refused), "integrity-check-failed");
}

#[test]
fn all_ways_of_failing_to_decrypt_look_alike() {
    let both = Both::new();
    let good = both.letter(&content(1_000), |_| ());
    let policy = Policy::default();
    let key_at = good.body.windows(4).position(|window| window == [0x04, 0x82, 1, 0]).unwrap() + 4;
    let length = good.body.len();
    let damages: [Damage<'_>; 6] = [
        // The wrapped key, in several places; the ciphertext at its beginning, and at its end.
        &|body| body[key_at + 100] ^= 1,
        &|body| body[key_at..key_at + 256].fill(0),
        &|body| body[key_at..key_at + 256].fill(0xff),
        &|body| body[length - 1] ^= 1,
        &|body| body[length - 17] ^= 0x55,
        &|body| body.truncate(length - 16),
    ];
    let mut answers = std::collections::BTreeSet::new();
    for damage in damages {
        let mut damaged = Letter {
            body: good.body.clone(),
            headers: good.headers.clone(),
            mic: good.mic.clone(),
        };
        damage(&mut damaged.body);
        let refused = both.refused(&damaged, &policy);
        answers.insert((said(&refused), refused.advice()));
    }
    // And a message for somebody else.
    let stranger = Party::new("stranger");
    let ours = [stranger.pair.clone()];
    let theirs = &both.us.certificates;
    let terms = Terms { policy: &policy, ours: &ours, theirs, mic: None, at: now() };
    let refused = good.open(&terms).unwrap_err();
    answers.insert((said(&refused), refused.advice()));
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers.first().unwrap().0, "decryption-failed");
}

#[test]
fn a_cipher_that_nobody_knows_is_never_said_to_be_processed() {
    let both = Both::new();
    let mut letter = both.letter(&content(1_000), |_| ());
    let aes = [0x60, 0x86, 0x48, 1, 101, 3, 4, 1, 42];
    let at = letter.body.windows(9).position(|window| window == aes).unwrap();
    letter.body[at + 8] = 99;
    let refused = both.refused(&letter, &Policy::default());
    assert!(matches!(refused, As2Error::UnknownCipher(_)), "{refused:?}");
    assert_eq!(said(&refused), "decryption-failed");
}

#[test]
fn every_cut_is_a_typed_error() {
    let both = Both::new();
    for compress in [Compress::Never, Compress::BeforeSigning, Compress::AfterSigning] {
        for sealed in [false, true] {
            let letter = both.letter(&content(300), |it| {
                it.compress = compress;
                it.encrypt = it.encrypt.filter(|_| sealed);
            });
            let policy = Policy { must_be_encrypted: false, ..Policy::default() };
            // The last boundary's own end says nothing more.
            // Each costs a private operation where it is encrypted: there every seventh will do.
            for cut in (0..letter.body.len() - 4).step_by(if sealed { 7 } else { 1 }) {
                let cut = Letter {
                    body: letter.body[..cut].to_vec(),
                    headers: letter.headers.clone(),
                    mic: letter.mic.clone(),
                };
                let refused = both.refused(&cut, &policy);
                assert!(!refused.is_ours(), "{refused:?}");
            }
        }
    }
}

#[test]
fn every_flipped_byte_is_refused_or_changes_nothing() {
    let both = Both::new();
    let what = content(200);
    for (cipher, sealed) in
        [(Cipher::Aes256Cbc, true), (Cipher::Aes128Gcm, true), (Cipher::Aes128Cbc, false)]
    {
        let letter = both.letter(&what, |it| {
            it.encrypt = it.encrypt.filter(|_| sealed).map(|e| Encrypting { cipher, ..e });
        });
        let policy = Policy { must_be_encrypted: false, ..Policy::default() };
        for at in (0..letter.body.len()).step_by(if sealed { 3 } else { 1 }) {
            let mut body = letter.body.clone();
            body[at] ^= 0x20;
            let flipped = Letter { body, headers: letter.headers.clone(), mic: letter.mic.clone() };
            match both.open(&flipped, &policy) {
                // Such as a letter of a boundary's epilogue, or of a header of the signature.
                Ok(contents) => assert!(contents == [what.clone()], "byte {at}"),
                Err(refused) => assert!(!refused.is_ours(), "byte {at}: {refused:?}"),
            }
        }
    }
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let both = Both::new();
    let zeros = vec![0; 50_000_000];
    let policy = lenient();
    for compress in [Compress::BeforeSigning, Compress::AfterSigning] {
        let bomb = both.letter(&zeros, |it| {
            it.compress = compress;
            // In CBC mode it would not be told what is wrong before a signature was verified.
            it.encrypt = it.encrypt.map(|e| Encrypting { cipher: Cipher::Aes256Gcm, ..e });
        });
        assert!(bomb.body.len() < 100_000);
        let refused = both.refused(&bomb, &policy);
        assert!(matches!(refused, As2Error::Bomb(_)), "{refused:?}");
        assert_eq!(said(&refused), "decompression-failed");
    }
}

#[test]
fn limits_hold_for_content_parts_and_headers() {
    let both = Both::new();
    let mut policy = lenient();
    policy.limits.content = 999;
    let letter = both.letter(&content(1_000), |_| ());
    assert_eq!(both.refused(&letter, &policy), As2Error::TooLarge(999));
    let headers = |kind: &str| vec![("Content-Type".to_owned(), kind.to_owned())];
    let ours = [both.them.pair.clone()];
    let policy = lenient();
    let terms =
        Terms { policy: &policy, ours: &ours, theirs: &both.us.certificates, mic: None, at: now() };
    let parts = |count| format!("{}--b--\r\n", "--b\r\n\r\nISA\r\n".repeat(count));
    let kind = headers("multipart/related; boundary=b");
    assert_eq!(read(&kind, parts(10).as_bytes(), &terms).unwrap().1.len(), 10);
    let refused = read(&kind, parts(11).as_bytes(), &terms).unwrap_err();
    assert!(matches!(refused, As2Error::TooComplex(_)));
    let long = format!("--b\r\nX: {}\r\n\r\nISA\r\n--b--\r\n", "x".repeat(40_000));
    assert!(matches!(read(&kind, long.as_bytes(), &terms), Err(As2Error::TooComplex(_))));
    let mut deep = String::new();
    for depth in 0..40 {
        write!(
            deep,
            "--b{depth}\r\nContent-Type: multipart/mixed; boundary=b{}\r\n\r\n",
            depth + 1
        )
        .unwrap();
    }
    let refused = read(&headers("multipart/mixed; boundary=b0"), deep.as_bytes(), &terms);
    assert!(matches!(refused, Err(As2Error::TooComplex(_))), "{refused:?}");
}

#[test]
fn a_signature_over_one_part_among_others_is_refused() {
    let both = Both::new();
    let letter = both.letter(b"ISA", |it| it.encrypt = None);
    let policy = Policy { must_be_encrypted: false, ..Policy::default() };
    let kind = &letter.headers[0].1;
    let boundary = kind.split("boundary=\"").nth(1).unwrap().trim_end_matches('"');
    let text = String::from_utf8(letter.body.clone()).unwrap();
    let again = |text: String| Letter {
        body: text.into_bytes(),
        headers: letter.headers.clone(),
        mic: letter.mic.clone(),
    };
    // A third part.
    let evil = format!("--{boundary}\r\nContent-Type: application/edi-x12\r\n\r\nEVIL\r\n");
    let third = text.replace(&format!("--{boundary}--"), &format!("{evil}--{boundary}--"));
    let refused = both.refused(&again(third), &policy);
    assert!(matches!(refused, As2Error::SignatureStructure(_)), "{refused:?}");
    assert_eq!(said(&refused), "authentication-failed");
    // One before the signed one.
    let before = format!("{evil}{text}");
    assert!(matches!(both.refused(&again(before), &policy), As2Error::SignatureStructure(_)));
    // The whole beside something unsigned.
    let mixed = Letter {
        headers: vec![("Content-Type".to_owned(), "multipart/mixed; boundary=outer".to_owned())],
        body: format!(
            "--outer\r\nContent-Type: {kind}\r\n\r\n{text}\r\n--outer\r\n\r\nEVIL\r\n--outer--\r\n"
        )
        .into_bytes(),
        mic: letter.mic.clone(),
    };
    assert_eq!(both.refused(&mixed, &policy), As2Error::NotSigned);
    // Where no signature is asked for, it would pass for signed.
    let refused = both.refused(&mixed, &lenient());
    assert!(matches!(refused, As2Error::SignatureStructure(_)), "{refused:?}");
}

#[test]
fn what_is_beside_something_encrypted_does_not_pass_for_encrypted() {
    let both = Both::new();
    let letter = both.letter(b"ISA", |_| ());
    let head: Vec<String> =
        letter.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    for evil_first in [false, true] {
        let evil = b"\r\n--outer\r\n\r\nEVIL".to_vec();
        let good =
            [format!("\r\n--outer\r\n{}\r\n", head.concat()).into_bytes(), letter.body.clone()]
                .concat();
        let parts = if evil_first { [evil, good] } else { [good, evil] };
        let mixed = Letter {
            headers: vec![(
                "Content-Type".to_owned(),
                "multipart/mixed; boundary=outer".to_owned(),
            )],
            body: [parts.concat(), b"\r\n--outer--\r\n".to_vec()].concat(),
            mic: letter.mic.clone(),
        };
        let policy = Policy { must_be_signed: false, ..Policy::default() };
        assert_eq!(both.refused(&mixed, &policy), As2Error::NotEncrypted);
        assert!(both.open(&mixed, &lenient()).is_err());
    }
}

#[test]
fn lines_that_were_broken_on_the_way_are_mended_and_that_is_recorded() {
    let both = Both::new();
    let letter = both.letter(b"ISA*00*~\r\nGS*PO~\r\n", |it| it.encrypt = None);
    let policy = Policy { must_be_encrypted: false, ..Policy::default() };
    let broken: Vec<u8> = letter.body.iter().copied().filter(|byte| *byte != b'\r').collect();
    let ours = [both.them.pair.clone()];
    let terms =
        Terms { policy: &policy, ours: &ours, theirs: &both.us.certificates, mic: None, at: now() };
    let (opened, contents) = read(&letter.headers, &broken, &terms).unwrap();
    assert_eq!(contents, [b"ISA*00*~\r\nGS*PO~\r\n"]);
    assert_eq!(opened.signed.unwrap().form, wharf::transport::as2::Form::Canonical);
    assert_eq!(opened.mic, letter.mic);
    // What was signed with bare line feeds stays as it is.
    let letter = both.letter(b"ISA*00*~\nGS*PO~\n\x00\x0a", |it| it.encrypt = None);
    assert_eq!(both.open(&letter, &policy).unwrap(), [b"ISA*00*~\nGS*PO~\n\x00\x0a"]);
}

/// A part that was signed by hand, encrypted, with something behind it in the envelope.
fn sealed(both: &Both, part: &[u8], behind: &[u8], cipher: Cipher) -> Letter {
    let (headers, body) = signed(part, &both.us);
    let encrypt = Encrypting { cipher, ..Encrypting::to(&both.them.certificates) };
    let packing = Packing { content_type: &headers[0].1, ..packing(None, Some(encrypt)) };
    letter(&[body, behind.to_vec()].concat(), &packing)
}

#[test]
fn nothing_may_follow_a_content_where_its_carrier_could_try_what_it_pads_to() {
    let both = Both::new();
    let policy = Policy::default();
    let part = b"Content-Type: application/edi-x12\r\n\r\nISA";
    for behind in [&b""[..], b"\r\n", b" \t\r\n\r\n"] {
        for cipher in [Cipher::Aes256Cbc, Cipher::Aes256Gcm] {
            assert_eq!(both.open(&sealed(&both, part, behind, cipher), &policy).unwrap(), [b"ISA"]);
        }
    }
    let refused = both.refused(&sealed(&both, part, b"\x0f\x0f", Cipher::Aes256Cbc), &policy);
    assert_eq!(refused, As2Error::Decryption);
    // A cipher that authenticates has no such carrier.
    assert!(both.open(&sealed(&both, part, b"\x0f\x0f", Cipher::Aes256Gcm), &policy).is_ok());
}

#[test]
fn what_is_wrong_inside_an_envelope_is_told_when_a_signature_proved_who_wrote_it() {
    let both = Both::new();
    let policy = Policy::default();
    let kind = b"Content-Type: application/pkcs7-mime; smime-type=compressed-data\r\n\r\n";
    let broken = b"0\x80\x06\x0b*\x86H\x86\xf7\x0d\x01\x09\x10\x01\x09\xa0\x80\x30\x80nonsense";
    let part = [kind.as_slice(), broken].concat();
    for cipher in [Cipher::Aes128Cbc, Cipher::Aes128Gcm] {
        let refused = both.refused(&sealed(&both, &part, b"", cipher), &policy);
        assert_eq!(said(&refused), "decompression-failed", "{refused:?}");
        // The same, by somebody whom nobody knows.
        let stranger = Both { us: Party::new("us"), them: Party::new("them") };
        let (headers, body) = signed(&part, &stranger.us);
        let encrypt = Encrypting { cipher, ..Encrypting::to(&both.them.certificates) };
        let packing = Packing { content_type: &headers[0].1, ..packing(None, Some(encrypt)) };
        let refused = both.refused(&letter(&body, &packing), &policy);
        let told =
            if cipher.is_authenticated() { "decompression-failed" } else { "decryption-failed" };
        assert_eq!(said(&refused), told);
    }
}

#[test]
fn any_bytes_end_in_an_error_and_never_in_a_panic() {
    let both = Both::new();
    let policy = lenient();
    let ours = [both.them.pair.clone()];
    let theirs = &both.us.certificates;
    let terms = Terms { policy: &policy, ours: &ours, theirs, mic: None, at: now() };
    let kinds =
        ["application/pkcs7-mime", "multipart/signed; boundary=b", "multipart/mixed; boundary=b"];
    // Pieces of what such messages are made of, and anything.
    let pieces: [&[u8]; 14] = [
        b"--b\r\n",
        b"\r\n--b",
        b"--",
        b"\r\n",
        b"Content-Type: application/pkcs7-mime\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
        b"\x30\x80",
        b"\xa0\x80",
        b"\x24\x80",
        b"\x00\x00",
        b"\x06\x09*\x86H\x86\xf7\x0d\x01\x07\x03",
        b"\x06\x09*\x86H\x86\xf7\x0d\x01\x07\x02",
        b"\x06\x0b*\x86H\x86\xf7\x0d\x01\x09\x10\x01\x09",
        b"\x02\x01\x00",
    ];
    let strategy = (0..3_usize, vec((0..20_usize, vec(any::<u8>(), 0..4)), 0..40));
    let mut runner = TestRunner::new(Config { cases: 3_000, ..Config::default() });
    let outcome = runner.run(&strategy, |(kind, items)| {
        let mut body = Vec::new();
        for (piece, bytes) in items {
            body.extend_from_slice(pieces.get(piece).copied().unwrap_or(&bytes));
        }
        let headers = [("Content-Type".to_owned(), kinds[kind].to_owned())];
        if let Err(refused) = read(&headers, &body, &terms) {
            assert!(!refused.is_ours(), "{refused}");
        }
        let headers = [("Content-Type", kinds[kind])].into_iter().collect();
        let report = wharf::transport::as2::mdn::Report::read(&headers, &body);
        assert!(report.is_err() || kind > 0);
        Ok(())
    });
    outcome.unwrap();
}
