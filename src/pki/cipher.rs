//! Ciphers for content, piece by piece.

use super::algorithm::Cipher;
use super::error::PkiError;
use super::evp::{Stream, Way};
use std::fmt;

/// Encrypts, piece by piece.
pub struct Encryptor(Stream);

impl Encryptor {
    /// Begins with a key and a vector.
    pub fn new(cipher: Cipher, key: &[u8], vector: &[u8]) -> Result<Self, PkiError> {
        Stream::new(cipher, Way::Encrypt, key, vector).map(Self).ok_or(BEGIN)
    }

    /// Takes in a piece and appends what comes of it to `out`.
    pub fn update(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<(), PkiError> {
        self.0.update(piece, out).then_some(()).ok_or(ENCRYPT)
    }

    /// Appends the last of it to `out`; the tag, for a cipher that has one.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<Option<[u8; Cipher::TAG]>, PkiError> {
        if !self.0.finish(out) {
            return Err(ENCRYPT);
        }
        Ok(self.0.tag())
    }
}

impl fmt::Debug for Encryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Encryptor")
    }
}

/// Decrypts, piece by piece. What it gives is good only when [`Decryptor::finish`] said so.
pub struct Decryptor {
    stream: Stream,
    authenticated: bool,
}

impl Decryptor {
    /// Begins with a key, a vector, and what is authenticated besides the content.
    pub fn new(cipher: Cipher, key: &[u8], vector: &[u8], also: &[u8]) -> Result<Self, PkiError> {
        let mut stream = Stream::new(cipher, Way::Decrypt, key, vector).ok_or(BEGIN)?;
        let taken = also.is_empty() || (cipher.is_authenticated() && stream.authenticate(also));
        if !taken {
            return Err(BEGIN);
        }
        Ok(Self { stream, authenticated: cipher.is_authenticated() })
    }

    /// Takes in a piece and appends what comes of it to `out`.
    pub fn update(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<(), PkiError> {
        self.stream.update(piece, out).then_some(()).ok_or(DECRYPT)
    }

    /// Appends the last of it to `out`, and says whether all of it is good: by `tag` for a cipher
    /// that authenticates, by its padding for one that does not.
    pub fn finish(mut self, tag: &[u8], out: &mut Vec<u8>) -> Result<(), PkiError> {
        let tagged = !self.authenticated
            || ((12..=Cipher::TAG).contains(&tag.len()) && self.stream.expect(tag));
        (tagged && self.stream.finish(out)).then_some(()).ok_or(DECRYPT)
    }
}

impl fmt::Debug for Decryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decryptor")
    }
}

const BEGIN: PkiError = PkiError::Failed("beginning a cipher");
const ENCRYPT: PkiError = PkiError::Failed("encrypting");
const DECRYPT: PkiError = PkiError::Failed("decrypting");

#[cfg(test)]
mod tests {
    use super::*;

    fn encrypt(cipher: Cipher, pieces: &[&[u8]]) -> (Vec<u8>, Option<[u8; 16]>) {
        let (key, vector) = (vec![7; cipher.key_length()], vec![9; cipher.vector_length()]);
        let mut out = Vec::new();
        let mut encryptor = Encryptor::new(cipher, &key, &vector).unwrap();
        for piece in pieces {
            encryptor.update(piece, &mut out).unwrap();
        }
        let tag = encryptor.finish(&mut out).unwrap();
        (out, tag)
    }

    fn decrypt(cipher: Cipher, bytes: &[u8], tag: &[u8]) -> Result<Vec<u8>, PkiError> {
        let (key, vector) = (vec![7; cipher.key_length()], vec![9; cipher.vector_length()]);
        let mut out = Vec::new();
        let mut decryptor = Decryptor::new(cipher, &key, &vector, b"")?;
        for piece in bytes.chunks(7) {
            decryptor.update(piece, &mut out)?;
        }
        decryptor.finish(tag, &mut out)?;
        Ok(out)
    }

    #[test]
    fn what_is_encrypted_in_pieces_is_decrypted_in_other_pieces() {
        for cipher in Cipher::ALL {
            for length in [0, 1, 7, 8, 15, 16, 17, 1000] {
                let text = vec![b'x'; length];
                let (bytes, tag) = encrypt(cipher, &[&text[..length / 3], &text[length / 3..]]);
                assert_eq!(tag.is_some(), cipher.is_authenticated());
                let expected = cipher.encrypted_length(length.try_into().unwrap());
                assert_eq!(u64::try_from(bytes.len()).unwrap(), expected, "{cipher} {length}");
                assert_eq!(decrypt(cipher, &bytes, &tag.unwrap_or_default()).unwrap(), text);
            }
        }
    }

    #[test]
    fn a_cipher_that_authenticates_finds_every_change() {
        let (mut bytes, tag) = encrypt(Cipher::Aes256Gcm, &[b"ISA*00*"]);
        let tag = tag.unwrap();
        // What a peer states as a tag of twelve bytes is one (RFC 5084, 3.2); less is none.
        assert!(decrypt(Cipher::Aes256Gcm, &bytes, &tag[..12]).is_ok());
        assert!(decrypt(Cipher::Aes256Gcm, &bytes, &tag[..11]).is_err(), "a shortened tag");
        assert!(decrypt(Cipher::Aes256Gcm, &bytes, &[]).is_err(), "no tag");
        bytes[0] ^= 1;
        assert!(decrypt(Cipher::Aes256Gcm, &bytes, &tag).is_err());
    }

    #[test]
    fn a_key_or_vector_of_another_length_is_refused() {
        for cipher in Cipher::ALL {
            let (key, vector) = (vec![0; cipher.key_length()], vec![0; cipher.vector_length()]);
            assert!(Encryptor::new(cipher, &key[1..], &vector).is_err());
            assert!(Decryptor::new(cipher, &key, &[], b"").is_err());
        }
        assert!(Decryptor::new(Cipher::Aes128Cbc, &[0; 16], &[0; 8], b"").is_err());
    }
}
