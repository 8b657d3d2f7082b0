//! What went wrong for others, each with the number that our list gives it, as far as bytes go.

use super::house::{Party, content, lenient, letter, now, packing, read};
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use wharf::pki::{Cipher, DigestAlgorithm, KeyTransport};
use wharf::transport::as2::{
    As2Error, Compress, Disposition, Mic, Opened, Packing, ProcessingError, Quirk, Signing, Terms,
};

fn headers(kind: &str) -> Vec<(String, String)> {
    vec![("Content-Type".to_owned(), kind.to_owned())]
}

fn open(
    headers: &[(String, String)],
    body: &[u8],
    party: &Party,
) -> Result<(Opened, Vec<Vec<u8>>), As2Error> {
    let (policy, ours) = (lenient(), [party.pair.clone()]);
    let theirs = &party.certificates;
    let terms = Terms { policy: &policy, ours: &ours, theirs, mic: None, at: now() };
    read(headers, body, &terms)
}

/// A message signed by a party over any part, put together by hand.
pub(super) fn signed(part: &[u8], party: &Party) -> (Vec<(String, String)>, Vec<u8>) {
    // A content of ours lends its signature: what is signed has no headers but those given.
    let digest = DigestAlgorithm::Sha256.of(part);
    let signature = detached(&digest, party);
    let body = [
        b"--b\r\n".as_slice(),
        part,
        b"\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\n",
        &signature,
        b"\r\n--b--\r\n",
    ]
    .concat();
    (headers("multipart/signed; boundary=b; micalg=sha-256"), body)
}

/// A signature without attributes over a digest, in DER.
fn detached(digest: &[u8], party: &Party) -> Vec<u8> {
    let scheme = wharf::pki::SignatureScheme::RsaPkcs1;
    let value = party.pair.key().sign(scheme, DigestAlgorithm::Sha256, digest).unwrap();
    let certificate = &party.certificates[0];
    let sha256 = element(0x30, &[&[6, 9, 0x60, 0x86, 0x48, 1, 101, 3, 4, 2, 1], &[5, 0]]);
    let rsa = element(0x30, &[&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1], &[5, 0]]);
    let serial = element(2, &[certificate.serial()]);
    let name = element(0x30, &[certificate.issuer_der(), &serial]);
    let signer = element(0x30, &[&[2, 1, 1], &name, &sha256, &rsa, &element(4, &[&value])]);
    let data = [0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
    let set = element(0x31, &[&sha256]);
    let signed = element(0x30, &[&[2, 1, 1], &set, &data, &element(0x31, &[&signer])]);
    let kind = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
    element(0x30, &[&kind, &element(0xa0, &[&signed])])
}

fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x82, length[0], length[1]], content.as_slice()].concat()
}

#[test]
fn binary_without_a_transfer_encoding_is_binary_numbers_2_and_4() {
    let party = Party::new("sterling");
    // Every byte there is, lines ended in every way, and nothing that says that it is binary.
    let what: Vec<u8> = (0..=255_u8).chain(*b"\n\r\r\n\n").cycle().take(3_000).collect();
    let part = [b"Content-Type: application/EDI-X12\r\n\r\n".as_slice(), &what].concat();
    let (headers, body) = signed(&part, &party);
    let (opened, contents) = open(&headers, &body, &party).unwrap();
    assert!(contents == [what]);
    assert_eq!(opened.mic, Mic::of(DigestAlgorithm::Sha256, &part));
}

#[test]
fn base64_that_is_stated_and_not_there_is_taken_as_it_is_number_5() {
    let party = Party::new("x");
    let what = b"ISA*00*          *00*~\r\n";
    let part = [
        b"Content-Type: application/edi-x12\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            .as_slice(),
        what,
    ]
    .concat();
    let (headers, body) = signed(&part, &party);
    let (opened, contents) = open(&headers, &body, &party).unwrap();
    assert_eq!(contents, [what]);
    assert_eq!(opened.mic, Mic::of(DigestAlgorithm::Sha256, &part));
}

#[test]
fn each_part_of_a_multipart_related_is_kept_number_18() {
    let party = Party::new("vltrader");
    let part = b"Content-Type: multipart/related; boundary=\"related\"\r\n\r\n\
        --related\r\n\
        Content-Type: application/edi-x12; name=\"order.edi\"\r\n\r\n\
        ISA*1~\r\n\
        --related\r\n\
        Content-Type: application/pdf\r\n\
        Content-Transfer-Encoding: base64\r\n\
        Content-Disposition: attachment; filename*=utf-8''pl%C3%A4ne.pdf\r\n\r\n\
        JVBERg==\r\n\
        --related--\r\n";
    let (headers, body) = signed(part, &party);
    let (opened, contents) = open(&headers, &body, &party).unwrap();
    assert_eq!(contents, [b"ISA*1~".as_slice(), b"%PDF"]);
    let names: Vec<Option<&str>> =
        opened.attachments.iter().map(|it| it.file_name.as_deref()).collect();
    assert_eq!(names, [Some("order.edi"), Some("pläne.pdf")]);
    assert_eq!(opened.mic, Mic::of(DigestAlgorithm::Sha256, part));
}

#[test]
fn what_a_partner_calls_a_file_is_only_told_number_19() {
    let party = Party::new("x");
    let part = b"Content-Disposition: attachment; filename=\"../../etc/\0pass\r\n\twd\"\r\n\r\nISA";
    let (headers, body) = signed(part, &party);
    let (opened, _) = open(&headers, &body, &party).unwrap();
    // It comes out as text without controls; nothing here opens a file by it.
    assert_eq!(opened.attachments[0].file_name.as_deref(), Some("../../etc/pass wd"));
}

#[test]
fn the_digest_is_right_with_compression_before_and_after_signing_number_3() {
    let [us, them] = ["us", "them"].map(Party::new);
    let what = content(70_000);
    for compress in [Compress::BeforeSigning, Compress::AfterSigning] {
        for digest in DigestAlgorithm::ALL {
            let sign = Signing { digest, ..Signing::with(&us.pair) };
            let packing = Packing { compress, ..packing(Some(sign), None) };
            let letter = letter(&what, &packing);
            let (policy, ours) = (lenient(), [them.pair.clone()]);
            let theirs = &us.certificates;
            let terms =
                Terms { policy: &policy, ours: &ours, theirs, mic: Some(digest), at: now() };
            let (opened, contents) = letter.open(&terms).unwrap();
            assert_eq!(opened.mic, letter.mic);
            assert!(contents == [what.clone()]);
        }
    }
}

#[test]
fn the_mic_is_in_the_algorithm_that_was_asked_for_number_22() {
    let us = Party::new("us");
    let sign = Signing { digest: DigestAlgorithm::Sha1, ..Signing::with(&us.pair) };
    let letter = letter(b"ISA", &packing(Some(sign), None));
    let policy = lenient();
    let theirs = &us.certificates;
    let terms =
        Terms { policy: &policy, ours: &[], theirs, mic: Some(DigestAlgorithm::Sha512), at: now() };
    let (opened, _) = letter.open(&terms).unwrap();
    assert_eq!(opened.signed.unwrap().digest, DigestAlgorithm::Sha1);
    assert_eq!(opened.mic.algorithm, DigestAlgorithm::Sha512);
}

#[test]
fn a_partner_whose_mic_is_over_what_was_compressed_is_understood_where_the_profile_says_so() {
    let us = Party::new("us");
    let what = content(2_000);
    let quirks = [Quirk::MicBeforeCompression];
    let packing = Packing {
        compress: Compress::BeforeSigning,
        quirks: &quirks,
        ..packing(Some(Signing::with(&us.pair)), None)
    };
    let packed = wharf::transport::as2::pack(std::io::Cursor::new(&what), &packing).unwrap();
    let part = [
        b"Content-Type: application/edi-x12\r\n\
          Content-Disposition: attachment; filename=\"order.edi\"\r\n\
          Content-Transfer-Encoding: binary\r\n\r\n"
            .as_slice(),
        &what,
    ]
    .concat();
    assert_eq!(packed.mics().len(), 2);
    assert_eq!(packed.mics()[0], *packed.mic());
    assert_eq!(packed.mics()[1], Mic::of(DigestAlgorithm::Sha256, &part));
}

#[test]
fn every_error_has_an_answer_that_says_what_to_do_number_24() {
    let text = || "x".to_owned();
    for error in [
        As2Error::NotSigned,
        As2Error::NotEncrypted,
        As2Error::UnsignedCbc,
        As2Error::DigestNotAllowed(DigestAlgorithm::Sha1),
        As2Error::CipherNotAllowed(Cipher::TripleDesCbc),
        As2Error::KeyTransportNotAllowed(KeyTransport::RsaPkcs1),
        As2Error::UnknownSignature(text()),
        As2Error::UnknownCipher(text()),
        As2Error::UnknownSigner(text()),
        As2Error::SignerNotValid(text()),
        As2Error::BadSignature(text()),
        As2Error::Changed,
        As2Error::SignatureStructure("x"),
        As2Error::NotForUs(text()),
        As2Error::Decryption,
        As2Error::Decompression("x"),
        As2Error::Bomb(1),
        As2Error::Mime("x"),
        As2Error::TooComplex("x"),
        As2Error::TooLarge(1),
        As2Error::UnsupportedFormat(text()),
        As2Error::UnsupportedMic(text()),
        As2Error::Io(text()),
    ] {
        assert!(!error.disposition().is_processed(), "{error}");
        assert!(error.advice().ends_with('.') && !error.code().is_empty());
        // Only what was ours to avoid, or what nobody understands, is worth another try.
        if error.is_ours() {
            let unexpected = Disposition::Error(ProcessingError::UnexpectedProcessingError);
            assert_eq!(error.disposition(), unexpected);
        }
    }
}

#[test]
fn what_is_authenticated_besides_the_content_is_found_behind_it() {
    let party = Party::new("x");
    let part = b"Content-Type: application/edi-x12\r\n\r\nISA*1~";
    let attribute = {
        let value = element(0x31, &[&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1]]);
        element(0x30, &[&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3], &value])
    };
    // Lengths are written long here, and short where they are authenticated.
    let short = [
        0x31, 0x1a, 0x30, 0x18, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3, 0x31, 0x0b, 6,
        9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1,
    ];
    let (key, nonce) = ([5; 16], [6; 12]);
    let mut sealed = part.to_vec();
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap());
    let tag = cipher
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(short),
            &mut sealed,
        )
        .unwrap();
    let body = |attribute: &[u8], tag: &[u8]| {
        let certificate = &party.certificates[0];
        let wrapped = certificate.wrap_key(KeyTransport::RsaOaepSha256, &key).unwrap();
        let serial = element(2, &[certificate.serial()]);
        let name = element(0x30, &[certificate.issuer_der(), &serial]);
        let sha256 = element(0x30, &[&[6, 9, 0x60, 0x86, 0x48, 1, 101, 3, 4, 2, 1]]);
        let mgf = element(0x30, &[&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8], &sha256]);
        let parameters = element(0x30, &[&element(0xa0, &[&sha256]), &element(0xa1, &[&mgf])]);
        let oaep =
            element(0x30, &[&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 7], &parameters]);
        let recipient = element(0x30, &[&[2, 1, 0], &name, &oaep, &element(4, &[&wrapped])]);
        let gcm = element(0x30, &[&element(4, &[&nonce]), &[2, 1, 16]]);
        let gcm = element(0x30, &[&[6, 9, 0x60, 0x86, 0x48, 1, 101, 3, 4, 1, 6], &gcm]);
        let data = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
        let content = element(0x30, &[&data, &gcm, &element(0x80, &[&sealed])]);
        let attributes = element(0xa1, &[attribute]);
        let recipients = element(0x31, &[&recipient]);
        let mac = element(4, &[tag]);
        let enveloped = element(0x30, &[&[2, 1, 0], &recipients, &content, &attributes, &mac]);
        let kind = [6, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 1, 23];
        element(0x30, &[&kind, &element(0xa0, &[&enveloped])])
    };
    let kind = headers("application/pkcs7-mime; smime-type=authEnveloped-data");
    let (opened, contents) = open(&kind, &body(&attribute, tag.as_ref()), &party).unwrap();
    assert_eq!(contents, [b"ISA*1~"]);
    assert_eq!(opened.sealed.unwrap().cipher, Cipher::Aes128Gcm);
    let mut other = attribute.clone();
    *other.last_mut().unwrap() = 2;
    assert_eq!(open(&kind, &body(&other, tag.as_ref()), &party).unwrap_err(), As2Error::Decryption);
    assert_eq!(open(&kind, &body(&attribute, &[0; 16]), &party).unwrap_err(), As2Error::Decryption);
}

#[test]
fn whatever_a_wrong_key_makes_of_it_it_could_not_be_decrypted() {
    let [us, them] = ["us", "them"].map(Party::new);
    let policy = wharf::transport::as2::Policy::default();
    let ours = [them.pair.clone()];
    let theirs = &us.certificates;
    let terms = Terms { policy: &policy, ours: &ours, theirs, mic: None, at: now() };
    let to = wharf::transport::as2::Encrypting::to(&them.certificates);
    let mut letter = letter(b"ISA", &packing(Some(Signing::with(&us.pair)), Some(to)));
    let key = letter.body.windows(4).position(|it| it == [0x04, 0x82, 1, 0]).unwrap() + 4;
    // Each is another random text; one of 256 begins with an empty line.
    for turn in 0..1_000_u32 {
        letter.body[key + 100..key + 104].copy_from_slice(&turn.to_be_bytes());
        assert_eq!(letter.open(&terms).unwrap_err(), As2Error::Decryption, "{turn}");
    }
}
