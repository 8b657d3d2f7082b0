//! What we pack we open.

use super::house::{Letter, Party, Sort, content, lenient, letter, now, packing};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use wharf::pki::{Cipher, DigestAlgorithm, KeyTransport, SignatureScheme};
use wharf::transport::as2::{
    Compress, Encrypting, Form, Mic, Naming, Packing, Policy, Quirk, Signing, Terms,
};

/// Everyone who writes and reads here.
struct People {
    us: Party,
    them: Party,
    curve: Party,
    large_curve: Party,
}

impl People {
    fn new() -> Self {
        Self {
            us: Party::new("us"),
            them: Party::new("them"),
            curve: Party::with("curve", Sort::P256, |_| ()),
            large_curve: Party::with("large-curve", Sort::P384, |_| ()),
        }
    }

    fn signer(&self, scheme: SignatureScheme, digest: DigestAlgorithm) -> &Party {
        match (scheme, digest) {
            (SignatureScheme::Ecdsa, DigestAlgorithm::Sha384) => &self.large_curve,
            (SignatureScheme::Ecdsa, _) => &self.curve,
            _ => &self.us,
        }
    }

    /// Opens what was packed, and holds it against what it was.
    fn opens(&self, letter: &Letter, what: &[u8], packing: &Packing<'_>, policy: &Policy) {
        let theirs: Vec<_> = [&self.us, &self.curve, &self.large_curve]
            .into_iter()
            .flat_map(|party| party.certificates.clone())
            .collect();
        let ours = [self.them.pair.clone()];
        let mic = packing.sign.is_none().then_some(packing.mic);
        let terms = Terms { policy, ours: &ours, theirs: &theirs, mic, at: now() };
        let (opened, contents) = letter.open(&terms).unwrap();
        assert_eq!(contents.len(), 1);
        assert!(contents[0] == what, "another content");
        assert_eq!(opened.mic, letter.mic);
        assert_eq!(opened.attachments[0].file_name.as_deref(), packing.file_name);
        assert_eq!(opened.attachments[0].length, u64::try_from(what.len()).unwrap());
        assert_eq!(opened.compressed, packing.compress != Compress::Never);
        assert_eq!(opened.sealed.map(|it| it.cipher), packing.encrypt.map(|it| it.cipher));
        let signed = opened.signed.map(|it| (it.certificate, it.digest, it.scheme, it.form));
        let expected = packing.sign.map(|it| {
            let certificate = it.pair.certificate().fingerprint();
            (certificate, it.digest, it.scheme, Form::AsReceived)
        });
        assert_eq!(signed, expected);
    }
}

#[test]
fn every_combination_is_opened_with_the_same_mic() {
    let people = People::new();
    let what = content(5_000);
    let them = people.them.certificates.clone();
    for signed in [false, true] {
        for sealed in [false, true] {
            for compress in [Compress::Never, Compress::BeforeSigning, Compress::AfterSigning] {
                let sign = signed.then(|| Signing::with(&people.us.pair));
                let encrypt = sealed.then(|| Encrypting::to(&them));
                let packing = Packing { compress, ..packing(sign, encrypt) };
                let letter = letter(&what, &packing);
                people.opens(&letter, &what, &packing, &lenient());
                if signed && sealed {
                    people.opens(&letter, &what, &packing, &Policy::default());
                }
            }
        }
    }
}

#[test]
fn every_algorithm_is_opened() {
    let people = People::new();
    let what = content(3_000);
    let them = people.them.certificates.clone();
    for digest in DigestAlgorithm::ALL {
        for scheme in SignatureScheme::ALL {
            for attributes in [false, true] {
                let pair = &people.signer(scheme, digest).pair;
                let naming =
                    if attributes { Naming::SubjectKeyId } else { Naming::IssuerAndSerial };
                let sign = Signing { digest, scheme, attributes, naming, ..Signing::with(pair) };
                let packing = packing(Some(sign), None);
                people.opens(&letter(&what, &packing), &what, &packing, &lenient());
            }
        }
    }
    for cipher in Cipher::ALL {
        for key_transport in KeyTransport::ALL {
            for naming in [Naming::SubjectKeyId, Naming::IssuerAndSerial] {
                let encrypt = Encrypting { cipher, key_transport, naming, ..Encrypting::to(&them) };
                let packing = packing(None, Some(encrypt));
                people.opens(&letter(&what, &packing), &what, &packing, &lenient());
            }
        }
    }
}

#[test]
fn each_of_several_recipients_opens_it() {
    let [us, first, second] = ["us", "first", "second"].map(Party::new);
    let both = [first.certificates.clone(), second.certificates.clone()].concat();
    let packing = packing(Some(Signing::with(&us.pair)), Some(Encrypting::to(&both)));
    let letter = letter(b"ISA*00*", &packing);
    for party in [first, second] {
        let policy = Policy::default();
        let ours = [party.pair.clone()];
        let terms =
            Terms { policy: &policy, ours: &ours, theirs: &us.certificates, mic: None, at: now() };
        let (opened, _) = letter.open(&terms).unwrap();
        assert_eq!(opened.sealed.unwrap().certificate, party.certificates[0].fingerprint());
    }
}

#[test]
fn a_roll_over_breaks_neither_direction_number_15() {
    let [old, new, us] = ["them", "them", "us"].map(Party::new);
    let pinned = [old.certificates.clone(), new.certificates.clone()].concat();
    let [old_key, new_key] = [&us, &new].map(|party| party.pair.clone());
    let policy = Policy::default();
    for signer in [&old, &new] {
        for recipient in [&us, &new] {
            let encrypt = Encrypting::to(&recipient.certificates);
            let letter = letter(b"ISA", &packing(Some(Signing::with(&signer.pair)), Some(encrypt)));
            let ours = [old_key.clone(), new_key.clone()];
            let terms =
                Terms { policy: &policy, ours: &ours, theirs: &pinned, mic: None, at: now() };
            assert!(letter.open(&terms).is_ok());
        }
    }
}

#[test]
fn the_mic_is_over_what_the_standard_says_number_1() {
    let [us, them] = ["us", "them"].map(Party::new);
    let what = content(2_000);
    let sha = DigestAlgorithm::Sha256;
    // Plain: the content without headers, compressed or not (RFC 4130 7.3.1, RFC 5402 4.1).
    for compress in [Compress::Never, Compress::BeforeSigning] {
        let packing = Packing { compress, ..packing(None, None) };
        assert_eq!(letter(&what, &packing).mic, Mic::of(sha, &what));
    }
    // Only encrypted: what is inside, with its headers, not compressed.
    let headed = [
        b"Content-Type: application/edi-x12\r\n\
          Content-Disposition: attachment; filename=\"order.edi\"\r\n\
          Content-Transfer-Encoding: binary\r\n\r\n",
        what.as_slice(),
    ]
    .concat();
    for compress in [Compress::Never, Compress::BeforeSigning] {
        let packing =
            Packing { compress, ..packing(None, Some(Encrypting::to(&them.certificates))) };
        assert_eq!(letter(&what, &packing).mic, Mic::of(sha, &headed));
    }
    // Signed: what was signed, with its headers; compressed after signing or not at all.
    for compress in [Compress::Never, Compress::AfterSigning] {
        let packing = Packing { compress, ..packing(Some(Signing::with(&us.pair)), None) };
        assert_eq!(letter(&what, &packing).mic, Mic::of(sha, &headed));
    }
    // Compressed before signing: the compressed part, which is what was signed.
    let packing = Packing {
        compress: Compress::BeforeSigning,
        ..packing(Some(Signing::with(&us.pair)), None)
    };
    let letter = letter(&what, &packing);
    let body = &letter.body;
    let from = find(body, b"\r\n") + 2;
    let end = from + find(&body[from..], b"\r\n--=_");
    assert_eq!(letter.mic, Mic::of(sha, &body[from..end]));
}

fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|window| window == what).unwrap()
}

#[test]
fn what_is_packed_at_random_is_opened() {
    let people = People::new();
    let them = people.them.certificates.clone();
    let policy = lenient();
    let pick = |index: usize, count: usize| index % count;
    let strategy = (
        (any::<bool>(), any::<bool>(), 0..3_usize, 0..200_000_usize),
        (0..4_usize, 0..3_usize, any::<bool>(), any::<bool>(), any::<bool>()),
        (0..7_usize, 0..5_usize, any::<bool>(), any::<u8>()),
    );
    let mut runner = TestRunner::new(Config { cases: 60, ..Config::default() });
    let outcome = runner.run(&strategy, |(shape, signing, sealing)| {
        let (signed, sealed, compress, length) = shape;
        let (digest, scheme, attributes, by_key, with_certificate) = signing;
        let (cipher, transport, for_key, quirks) = sealing;
        let digest = DigestAlgorithm::ALL[digest];
        let scheme = SignatureScheme::ALL[scheme];
        let naming = |by_key| if by_key { Naming::SubjectKeyId } else { Naming::IssuerAndSerial };
        let pair = &people.signer(scheme, digest).pair;
        let naming_of_signer = naming(by_key);
        let sign = signed.then_some(Signing {
            pair,
            digest,
            scheme,
            attributes,
            naming: naming_of_signer,
            with_certificate,
        });
        let encrypt = sealed.then_some(Encrypting {
            recipients: &them,
            cipher: Cipher::ALL[cipher],
            key_transport: KeyTransport::ALL[transport],
            naming: naming(for_key),
        });
        let compress =
            [Compress::Never, Compress::BeforeSigning, Compress::AfterSigning][pick(compress, 3)];
        let quirks: Vec<Quirk> = Quirk::ALL
            .into_iter()
            .enumerate()
            .filter(|(n, _)| quirks >> n & 1 == 1)
            .map(|q| q.1)
            .collect();
        let what = content(length);
        let packing = Packing { compress, mic: digest, quirks: &quirks, ..packing(sign, encrypt) };
        people.opens(&letter(&what, &packing), &what, &packing, &policy);
        Ok(())
    });
    outcome.unwrap();
}
