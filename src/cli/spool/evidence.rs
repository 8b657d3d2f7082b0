//! What came or went over AS2, in files that `openssl` can verify without us.

use super::super::as2::capture::Capture;
use super::super::terms::CommandError;
use crate::transport::as2::anatomy::{Part, dissect};
use crate::transport::as2::{Policy, RECEIPT, REQUEST, REQUEST_BODY, REQUEST_HEADERS, Terms};
use jiff::Timestamp;
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
    let read = |file: &String| read(&folder.join(file));
    for (label, file) in parts {
        let (what, bytes) = match label.as_str() {
            REQUEST => ("request", read(file)?),
            // A large one is kept in two.
            REQUEST_HEADERS => {
                let body = parts.iter().find(|(label, _)| label == REQUEST_BODY);
                let body = body.map(|(_, file)| read(file)).transpose()?.unwrap_or_default();
                ("request", [read(file)?, body].concat())
            }
            RECEIPT => ("receipt", read(file)?),
            _ => continue,
        };
        if let Some(capture) = Capture::read(&bytes) {
            bundle.add(what, &capture);
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

#[derive(Default)]
struct Bundle {
    files: Vec<(String, Vec<u8>)>,
    text: String,
}

impl Bundle {
    fn add(&mut self, what: &str, capture: &Capture) {
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
                        self.say(&format!(
                            "The MIC of what is signed, as a receipt states it:\n\n    \
                             openssl dgst -{option} -binary {what}-content | openssl base64\n"
                        ));
                    }
                    return;
                }
                Part::Encrypted { bytes, .. } => {
                    self.files.push((format!("{what}-envelope.der"), bytes));
                    self.say(&format!(
                        "The {what} is encrypted. Whoever has the key of its receiver opens it with\n\n    \
                         openssl cms -decrypt -binary -inform DER -in {what}-envelope.der \\\n        \
                         -recip RECEIVER.pem -inkey RECEIVER.key -out {what}-opened\n\n\
                         and verifies what is inside with\n\n    \
                         openssl cms -verify -binary -in {what}-opened -certfile SIGNER.pem \\\n        \
                         -nointern -noverify -out {what}-content\n"
                    ));
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
