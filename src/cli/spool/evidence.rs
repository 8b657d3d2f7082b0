//! What came or went over AS2, in files that `openssl` can verify without us.

use super::super::as2::capture::Capture;
use super::super::terms::CommandError;
use crate::transport::as2::anatomy::{Part, dissect};
use crate::transport::as2::{
    FACTS, PROOF, Policy, RECEIPT, REQUEST, REQUEST_BODY, REQUEST_HEADERS, SENT, Terms,
};
use jiff::Timestamp;
use serde_json::Value;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// The files that are added to an exported message, with their names; none if it knew no AS2.
/// `parts` are the labels of what was kept, each with the file that holds it.
pub(super) fn sheets(
    folder: &Path,
    parts: &[(String, String)],
) -> Result<Vec<(String, Vec<u8>)>, CommandError> {
    let mut bundle = Bundle::default();
    let held = |label: &str| {
        let file = parts.iter().rev().find(|(known, _)| known == label);
        file.map(|(_, file)| read(&folder.join(file))).transpose()
    };
    // A large request is kept in two.
    let request = || match held(REQUEST_HEADERS)? {
        Some(headers) => Ok(Some([headers, held(REQUEST_BODY)?.unwrap_or_default()].concat())),
        None => held(REQUEST),
    };
    for (what, bytes, notes) in [
        ("request", request()?, [FACTS, SENT].as_slice()),
        ("receipt", held(RECEIPT)?, [PROOF].as_slice()),
    ] {
        let Some(bytes) = bytes else { continue };
        let mut noted = Noted::default();
        for note in notes {
            noted = held(note)?.and_then(|note| Noted::read(&note)).unwrap_or(noted);
        }
        if let Some(capture) = Capture::read(&bytes) {
            bundle.add(what, &capture, &noted);
        }
    }
    Ok(bundle.finish())
}

fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| io::copy(&mut file.take(LARGEST), &mut bytes))
        .map_err(CommandError::io(path.display().to_string()))?;
    Ok(bytes)
}

/// What was noted of something encrypted, which nobody sees from outside.
struct Noted {
    signed: bool,
    /// What `openssl dgst` calls the digest of its MIC.
    digest: &'static str,
}

impl Default for Noted {
    fn default() -> Self {
        Self { signed: true, digest: "sha256" }
    }
}

impl Noted {
    fn read(note: &[u8]) -> Option<Self> {
        let note: Value = serde_json::from_slice(note).ok()?;
        let of = |name: &str| note.get(name).filter(|value| !value.is_null());
        let mic = of("mic").or_else(|| of("mics")?.get(0)).and_then(Value::as_str);
        let digest = mic.and_then(|mic| openssl_digest(mic.split_once(", ")?.1));
        let signed = of("signed").or_else(|| of("certificate")).is_some();
        Some(Self { signed, digest: digest.unwrap_or("sha256") })
    }
}

#[derive(Default)]
struct Bundle {
    files: Vec<(String, Vec<u8>)>,
    text: String,
}

impl Bundle {
    fn add(&mut self, what: &str, capture: &Capture, noted: &Noted) {
        let policy = Policy::default();
        // Without keys: what is encrypted stays so.
        let terms =
            Terms { policy: &policy, ours: &[], theirs: &[], mic: None, at: Timestamp::UNIX_EPOCH };
        let anatomy = dissect(&capture.headers, &capture.body, &terms);
        for part in anatomy.parts {
            match part {
                Part::Signed { bytes: (content, signature), detached, carried, digest, .. } => {
                    self.signed(what, content, signature, detached);
                    if let Some(certificate) = carried.first() {
                        let name = format!("{what}-signer.pem");
                        self.files.push((name, certificate.to_pem().into_bytes()));
                        self.say(&format!(
                            "{what}-signer.pem is the certificate that came with it. It proves \
                             something only if it is the one that was agreed on; its SHA-256 is\n\
                             \n    {}\n",
                            certificate.fingerprint()
                        ));
                    } else {
                        self.say(&format!(
                            "No certificate came with it: put the one that was agreed on there as \
                             {what}-signer.pem.\n"
                        ));
                    }
                    if let Some(option) = openssl_digest(&digest) {
                        self.mic(&format!("{what}-content"), option);
                    }
                    return;
                }
                Part::Encrypted { bytes, .. } => {
                    self.files.push((format!("{what}-envelope.der"), bytes));
                    self.encrypted(what, noted);
                    return;
                }
                Part::Compressed
                | Part::Several { .. }
                | Part::Report { .. }
                | Part::Content { .. } => {}
            }
        }
    }

    fn signed(&mut self, what: &str, content: Vec<u8>, signature: Vec<u8>, detached: bool) {
        self.files.push((format!("{what}-signature.der"), signature));
        self.files.push((format!("{what}-content"), content));
        let over = if detached { format!(" -content {what}-content") } else { String::new() };
        self.say(&format!(
            "The {what} is signed. That the holder of {what}-signer.pem signed {what}-content is shown \
             by\n\n    \
             openssl cms -verify -binary -inform DER -in {what}-signature.der{over} \\\n        \
             -certfile {what}-signer.pem -nointern -noverify -out /dev/null\n"
        ));
    }

    fn encrypted(&mut self, what: &str, noted: &Noted) {
        self.say(&format!(
            "The {what} is encrypted. Whoever has the key of its receiver puts it there as RECEIVER.key, \
             with its certificate as RECEIVER.pem, and opens it with\n\n    \
             openssl cms -decrypt -binary -inform DER -in {what}-envelope.der \\\n        \
             -recip RECEIVER.pem -inkey RECEIVER.key -out {what}-opened\n"
        ));
        let mut of = format!("{what}-opened");
        if noted.signed {
            of = format!("{what}-content");
            self.say(&format!(
                "What is inside is signed. That the holder of {what}-signer.pem, which is the certificate \
                 that was agreed on, signed {what}-content is shown by\n\n    \
                 openssl cms -verify -binary -crlfeol -in {what}-opened \\\n        \
                 -certfile {what}-signer.pem -nointern -noverify -out {what}-content\n\n\
                 It takes every line to end in CRLF: a content with other ends is not verified so.\n"
            ));
        }
        if what == "request" {
            self.mic(&of, noted.digest);
        }
    }

    fn mic(&mut self, file: &str, digest: &str) {
        self.say(&format!(
            "The MIC of {file}, as a receipt states it:\n\n    \
             openssl dgst -{digest} -binary {file} | openssl base64\n"
        ));
    }

    fn say(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn finish(mut self) -> Vec<(String, Vec<u8>)> {
        if !self.text.is_empty() {
            let text = format!("{HEAD}\n{}", self.text);
            self.files.push(("README.txt".to_owned(), text.into_bytes()));
        }
        self.files
    }
}

/// What `openssl dgst` calls a digest.
fn openssl_digest(name: &str) -> Option<&'static str> {
    match name {
        "sha1" => Some("sha1"),
        "sha-256" => Some("sha256"),
        "sha-384" => Some("sha384"),
        "sha-512" => Some("sha512"),
        _ => None,
    }
}

const HEAD: &str = "What was exchanged over AS2, and how it is verified with OpenSSL alone.\n\
    Run the commands in this folder. Each says `CMS Verification successful` or fails.\n";

/// The most bytes of a message that are taken apart.
const LARGEST: u64 = 256 << 20;
