//! What is packed around a content: each layer knows its length and reads from the one inside.

use super::packing::PackError;
use super::seal::{TAG_ELEMENT, tag_element};
use crate::pki::{Cipher, Encryptor};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compress, Compression, FlushCompress, Status};
use std::io::{self, Read};
use std::sync::Arc;
use zeroize::Zeroizing;

/// A layer. A clone costs nothing.
#[derive(Clone)]
pub(super) enum Layer {
    /// The content itself, of this length.
    Content(u64),
    /// Bytes before and after.
    Framed(Arc<[u8]>, Arc<Layer>, Arc<[u8]>),
    /// Compressed to this length; the outcome too, where it is small.
    Deflated(Arc<Layer>, u64, Option<Arc<[u8]>>),
    /// In lines of base64.
    Base64(Arc<Layer>),
    /// Encrypted, with the tag behind it.
    Encrypted(Arc<Layer>, Cipher, Arc<Zeroizing<Vec<u8>>>, Arc<[u8]>),
}

/// What a layer is read by.
pub(super) type Reader<'c> = Box<dyn Read + Send + 'c>;

impl Layer {
    /// Bytes around a layer.
    pub(super) fn framed(before: Vec<u8>, inside: Self, after: Vec<u8>) -> Self {
        Self::Framed(before.into(), Arc::new(inside), after.into())
    }

    /// How many bytes it has.
    pub(super) fn length(&self) -> u64 {
        let count = |bytes: &Arc<[u8]>| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        match self {
            Self::Content(length) | Self::Deflated(_, length, _) => *length,
            Self::Framed(before, inside, after) => count(before) + inside.length() + count(after),
            Self::Base64(inside) => {
                let digits = inside.length().div_ceil(3) * 4;
                digits + digits.div_ceil(LINE) * 2
            }
            Self::Encrypted(inside, cipher, _, _) => {
                let tag = if cipher.is_authenticated() { TAG_ELEMENT } else { 0 };
                cipher.encrypted_length(inside.length()) + tag
            }
        }
    }

    /// Its bytes, made of those of the content.
    pub(super) fn reader<'c>(&self, content: Reader<'c>) -> Result<Reader<'c>, PackError> {
        Ok(match self {
            Self::Content(_) => content,
            Self::Framed(before, inside, after) => {
                let inside = inside.reader(content)?;
                Box::new(Bytes::new(before).chain(inside).chain(Bytes::new(after)))
            }
            Self::Deflated(_, _, Some(kept)) => Box::new(Bytes::new(kept)),
            Self::Deflated(inside, _, None) => Self::deflate(inside.reader(content)?),
            Self::Base64(inside) => Box::new(Coder::new(inside.reader(content)?, Lines)),
            Self::Encrypted(inside, cipher, key, vector) => {
                let encryptor = Encryptor::new(*cipher, key, vector)?;
                Box::new(Coder::new(inside.reader(content)?, Sealer(Some(encryptor))))
            }
        })
    }

    /// Compresses what it reads.
    pub(super) fn deflate(inside: Reader<'_>) -> Reader<'_> {
        Box::new(Coder::new(inside, Deflater(Compress::new(Compression::default(), true))))
    }
}

/// Shared bytes, read.
struct Bytes {
    bytes: Arc<[u8]>,
    at: usize,
}

impl Bytes {
    fn new(bytes: &Arc<[u8]>) -> Self {
        Self { bytes: Arc::clone(bytes), at: 0 }
    }
}

impl Read for Bytes {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.get(self.at..).unwrap_or_default().read(into)?;
        self.at += count;
        Ok(count)
    }
}

/// What makes other bytes of bytes, a piece at a time.
trait Code {
    /// Takes in a piece, full unless it is the last.
    fn piece(&mut self, piece: &[u8], last: bool, out: &mut Vec<u8>) -> io::Result<()>;
}

/// A reader through a code. Pieces are always full, so that the outcome is the same each time.
struct Coder<'c, T> {
    inside: Reader<'c>,
    code: T,
    piece: Vec<u8>,
    out: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<'c, T: Code> Coder<'c, T> {
    fn new(inside: Reader<'c>, code: T) -> Self {
        Self { inside, code, piece: Vec::new(), out: Vec::new(), at: 0, ended: false }
    }

    fn more(&mut self) -> io::Result<()> {
        self.out.clear();
        self.at = 0;
        while self.out.is_empty() && !self.ended {
            self.piece.clear();
            let mut limited = (&mut self.inside).take(PIECE);
            let count = io::copy(&mut limited, &mut self.piece)?;
            self.ended = count < PIECE;
            self.code.piece(&self.piece, self.ended, &mut self.out)?;
        }
        Ok(())
    }
}

impl<T: Code> Read for Coder<'_, T> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.out.len() {
            self.more()?;
        }
        let count = self.out.get(self.at..).unwrap_or_default().read(into)?;
        self.at += count;
        Ok(count)
    }
}

struct Deflater(Compress);

impl Code for Deflater {
    fn piece(&mut self, piece: &[u8], last: bool, out: &mut Vec<u8>) -> io::Result<()> {
        let flush = if last { FlushCompress::Finish } else { FlushCompress::None };
        let mut rest = piece;
        loop {
            out.reserve(SMALL_PIECE);
            let before = self.0.total_in();
            let status = self.0.compress_vec(rest, out, flush).map_err(io::Error::other)?;
            let taken = usize::try_from(self.0.total_in() - before).unwrap_or(rest.len());
            rest = rest.get(taken..).unwrap_or_default();
            if status == Status::StreamEnd || (rest.is_empty() && !last) {
                return Ok(());
            }
        }
    }
}

struct Sealer(Option<Encryptor>);

impl Code for Sealer {
    fn piece(&mut self, piece: &[u8], last: bool, out: &mut Vec<u8>) -> io::Result<()> {
        if let Some(encryptor) = &mut self.0 {
            encryptor.update(piece, out).map_err(io::Error::other)?;
        }
        if last && let Some(encryptor) = self.0.take() {
            let tag = encryptor.finish(out).map_err(io::Error::other)?;
            out.extend(tag.iter().flat_map(|tag| tag_element(tag)));
        }
        Ok(())
    }
}

struct Lines;

impl Code for Lines {
    fn piece(&mut self, piece: &[u8], _: bool, out: &mut Vec<u8>) -> io::Result<()> {
        out.extend_from_slice(&lines(piece));
        Ok(())
    }
}

/// Bytes in lines of base64, each with its end.
pub(super) fn lines(bytes: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(bytes.len() / 57 * 78 + 80);
    for line in bytes.chunks(57) {
        lines.extend_from_slice(STANDARD.encode(line).as_bytes());
        lines.extend_from_slice(b"\r\n");
    }
    lines
}

/// The digits of a line of base64: 57 bytes.
const LINE: u64 = 76;

/// The piece that is coded at a time: a multiple of 57, so that lines of base64 are full.
const PIECE: u64 = 57 * 1024;

const SMALL_PIECE: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(layer: &Layer, content: &'static [u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        io::copy(&mut layer.reader(Box::new(content)).unwrap(), &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn every_layer_has_the_length_that_it_says() {
        let content: &[u8] = vec![b'x'; 200_000].leak();
        for length in [0, 1, 56, 57, 58, 58_368, 58_369, 200_000] {
            let inside = Layer::Content(length.try_into().unwrap());
            let content = &content[..length];
            let framed = Layer::framed(b"<".to_vec(), inside.clone(), b">>".to_vec());
            let base64 = Layer::Base64(Arc::new(inside.clone()));
            let mut layers = vec![framed, base64];
            for cipher in Cipher::ALL {
                let key = Arc::new(Zeroizing::new(vec![1; cipher.key_length()]));
                let vector = vec![1; cipher.vector_length()].into();
                layers.push(Layer::Encrypted(Arc::new(inside.clone()), cipher, key, vector));
            }
            for layer in layers {
                let bytes = read(&layer, content);
                assert_eq!(u64::try_from(bytes.len()).unwrap(), layer.length());
            }
        }
    }

    #[test]
    fn what_is_compressed_twice_is_compressed_to_the_same() {
        let content: Vec<u8> = (0..300_000_u32).flat_map(|n| (n % 977).to_le_bytes()).collect();
        let content: &[u8] = content.leak();
        let deflated = Layer::Deflated(Arc::new(Layer::Content(0)), 0, None);
        let first = read(&deflated, content);
        assert_eq!(first, read(&deflated, content));
        let mut inflated = Vec::new();
        io::copy(&mut flate2::read::ZlibDecoder::new(&first[..]), &mut inflated).unwrap();
        assert_eq!(inflated, content);
    }
}
