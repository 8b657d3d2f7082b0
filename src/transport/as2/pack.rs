//! The way out: a content is packed layer by layer.

use super::headers::{encode_file_name, line};
use super::layer::{Layer, Reader, lines};
use super::mic::Mic;
use super::packing::{Compress, Encrypting, PackError, Packing, Signing};
use super::quirks::Quirk;
use super::seal::{Sealing, compressed, seal, sign};
use crate::pki::{DigestAlgorithm, random};
use jiff::Timestamp;
use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

/// A message that is ready to go. It still reads from its content.
pub struct Packed<C> {
    content: C,
    entity: Entity,
    mic: Mic,
    mics: Vec<Mic>,
}

impl<C: Read + Seek + Send> Packed<C> {
    /// The headers of the body (`Content-Type` and the like), `Content-Length` not among them.
    pub fn headers(&self) -> &[(String, String)] {
        &self.entity.headers
    }

    /// How many bytes the body has.
    pub fn length(&self) -> u64 {
        self.entity.body.length()
    }

    /// The MIC that the receipt must state.
    pub fn mic(&self) -> &Mic {
        &self.mic
    }

    /// All MICs that will do: one, but for a partner with [`Quirk::MicBeforeCompression`].
    pub fn mics(&self) -> &[Mic] {
        &self.mics
    }

    /// The body: exactly [`Packed::length`] bytes, or an error.
    pub fn into_reader<'c>(mut self) -> Result<Box<dyn Read + Send + 'c>, PackError>
    where
        C: 'c,
    {
        self.content.rewind()?;
        let length = self.length();
        let body = self.entity.body.reader(Box::new(self.content))?;
        Ok(Box::new(Exactly { body, left: length }))
    }
}

impl<C> fmt::Debug for Packed<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Packed({} bytes, {:?})", self.entity.body.length(), self.mics)
    }
}

/// Packs a content. It is read here as often as it is hashed and compressed, and once more when the
/// body is read.
pub fn pack<C: Read + Seek + Send>(
    mut content: C,
    packing: &Packing<'_>,
) -> Result<Packed<C>, PackError> {
    let length = content.seek(SeekFrom::End(0))?;
    let bare = Layer::Content(length);
    let mut entity = Entity::of(packing, bare.clone());
    let uncompressed = entity.part();
    let mut also = None;
    if packing.compress == Compress::BeforeSigning {
        entity = entity.compressed(&mut content, packing.quirks)?;
    }
    let mic = if let Some(signing) = &packing.sign {
        let mic = hash(&entity.part(), signing.digest, &mut content)?;
        if packing.compress == Compress::BeforeSigning
            && packing.quirks.contains(&Quirk::MicBeforeCompression)
        {
            also = Some(hash(&uncompressed, signing.digest, &mut content)?);
        }
        entity = entity.signed(signing, &mic.value, packing.quirks, packing.at)?;
        mic
    } else {
        // RFC 5402: what is only encrypted counts with its headers, what is plain without.
        let over = if packing.encrypt.is_some() { &uncompressed } else { &bare };
        hash(over, packing.mic, &mut content)?
    };
    if packing.compress == Compress::AfterSigning {
        entity = entity.compressed(&mut content, packing.quirks)?;
    }
    if let Some(encrypting) = &packing.encrypt {
        entity = entity.encrypted(encrypting, packing.quirks)?;
    }
    let mics = std::iter::once(mic.clone()).chain(also).collect();
    Ok(Packed { content, entity, mic, mics })
}

/// A MIME entity: its headers, and what its body is made of.
struct Entity {
    headers: Vec<(String, String)>,
    body: Layer,
}

impl Entity {
    fn new(kind: String, file_name: Option<&str>, body: Layer) -> Self {
        let mut headers = vec![("Content-Type".to_owned(), kind)];
        let disposition = file_name.map(|name| format!("attachment; {}", encode_file_name(name)));
        headers.extend(disposition.map(|value| ("Content-Disposition".to_owned(), value)));
        headers.push(("Content-Transfer-Encoding".to_owned(), "binary".to_owned()));
        Self { headers, body }
    }

    /// The content.
    fn of(packing: &Packing<'_>, body: Layer) -> Self {
        let mut entity = Self::new(line(packing.content_type), packing.file_name, body);
        if packing.quirks.contains(&Quirk::Base64Content) {
            entity.body = Layer::Base64(Arc::new(entity.body));
            if let Some((_, coding)) = entity.headers.last_mut() {
                "base64".clone_into(coding);
            }
        }
        entity
    }

    /// It as a part, with its headers.
    fn part(&self) -> Layer {
        let mut head = Vec::new();
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"].into_iter().flat_map(str::bytes));
        }
        head.extend_from_slice(b"\r\n");
        Layer::framed(head, self.body.clone(), Vec::new())
    }

    fn compressed<C: Read + Seek + Send>(
        self,
        content: &mut C,
        quirks: &[Quirk],
    ) -> Result<Self, PackError> {
        let part = self.part();
        content.rewind()?;
        let mut deflated = Layer::deflate(part.reader(Box::new(&mut *content))?);
        let mut kept = Vec::new();
        let mut length = io::copy(&mut (&mut deflated).take(KEPT), &mut kept)?;
        let whole = length < KEPT;
        if !whole {
            kept = Vec::new();
            length += io::copy(&mut deflated, &mut io::sink())?;
        }
        drop(deflated);
        let body = Layer::Deflated(Arc::new(part), length, whole.then(|| kept.into()));
        let body = Layer::framed(compressed(length), body, Vec::new());
        Ok(Self::new(pkcs7("compressed-data", quirks), Some("smime.p7z"), body))
    }

    fn signed(
        self,
        signing: &Signing<'_>,
        digest: &[u8],
        quirks: &[Quirk],
        at: Timestamp,
    ) -> Result<Self, PackError> {
        let (kind, before, after) = around_signed(signing, digest, quirks, at)?;
        let body = Layer::framed(before, self.part(), after);
        Ok(Self { headers: vec![("Content-Type".to_owned(), kind)], body })
    }

    fn encrypted(self, encrypting: &Encrypting<'_>, quirks: &[Quirk]) -> Result<Self, PackError> {
        let part = self.part();
        let Sealing { cipher, key, vector, before } = seal(encrypting, part.length())?;
        let body = Layer::Encrypted(Arc::new(part), cipher, Arc::new(key), vector.into());
        let body = Layer::framed(before, body, Vec::new());
        let kind = if cipher.is_authenticated() { "authEnveloped-data" } else { "enveloped-data" };
        Ok(Self::new(pkcs7(kind, quirks), Some("smime.p7m"), body))
    }
}

/// What stands around something signed: its type, the bytes before it, and those behind it with the
/// signature in them.
pub(super) fn around_signed(
    signing: &Signing<'_>,
    digest: &[u8],
    quirks: &[Quirk],
    at: Timestamp,
) -> Result<(String, Vec<u8>, Vec<u8>), PackError> {
    let old = if quirks.contains(&Quirk::OldTypeNames) { "x-" } else { "" };
    let signature_type = format!("application/{old}pkcs7-signature");
    let boundary = new_boundary()?;
    let micalg = digest_name(signing.digest, quirks);
    let kind = format!(
        "multipart/signed; protocol=\"{signature_type}\"; micalg={micalg}; boundary=\"{boundary}\""
    );
    let mut after = format!(
        "\r\n--{boundary}\r\nContent-Type: {signature_type}; name=\"smime.p7s\"\r\n\
         Content-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n"
    )
    .into_bytes();
    after.extend(lines(&sign(signing, digest, at)?));
    after.extend(format!("--{boundary}--\r\n").into_bytes());
    Ok((kind, format!("--{boundary}\r\n").into_bytes(), after))
}

/// A digest's name as the receiver knows it.
pub(super) fn digest_name(digest: DigestAlgorithm, quirks: &[Quirk]) -> String {
    let name = digest.name();
    if quirks.contains(&Quirk::OldDigestNames) { name.replace('-', "") } else { name.to_owned() }
}

/// A boundary that stands nowhere else.
pub(super) fn new_boundary() -> Result<String, PackError> {
    let mut bytes = [0; 16];
    random(&mut bytes)?;
    // `=_` is in no base64 and in no quoted-printable.
    Ok(bytes.iter().fold("=_".to_owned(), |text, byte| text + &format!("{byte:02x}")))
}

fn pkcs7(kind: &str, quirks: &[Quirk]) -> String {
    let old = if quirks.contains(&Quirk::OldTypeNames) { "x-" } else { "" };
    let name = if kind == "compressed-data" { "smime.p7z" } else { "smime.p7m" };
    format!("application/{old}pkcs7-mime; smime-type={kind}; name=\"{name}\"")
}

fn hash<C: Read + Seek + Send>(
    layer: &Layer,
    digest: DigestAlgorithm,
    content: &mut C,
) -> Result<Mic, PackError> {
    content.rewind()?;
    let mut hasher = digest.hasher();
    let mut reader: Reader<'_> = layer.reader(Box::new(content))?;
    let mut piece = vec![0; PIECE];
    loop {
        let count = reader.read(&mut piece)?;
        if count == 0 {
            return Ok(Mic::computed(hasher));
        }
        hasher.update(piece.get(..count).unwrap_or_default());
    }
}

/// A body that is as long as was said, or an error.
struct Exactly<'c> {
    body: Reader<'c>,
    left: u64,
}

impl Read for Exactly<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(into)?;
        let length = u64::try_from(count).unwrap_or(u64::MAX);
        if length > self.left || (count == 0 && self.left > 0 && !into.is_empty()) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, PackError::ContentChanged));
        }
        self.left -= length;
        Ok(count)
    }
}

/// Up to this many bytes, what was compressed is kept instead of being compressed again.
const KEPT: u64 = 4_194_304;

const PIECE: usize = 65_536;
