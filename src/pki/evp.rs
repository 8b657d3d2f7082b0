//! The crypto library's calls that `aws-lc-rs` does not offer, behind types that cannot be misused.
//!
//! The only file with `unsafe`. Each call is given a slice's own pointer and length, or a pointer that
//! a type here owns; whatever the library wrote is taken by the length that it reported.

#![expect(
    unsafe_code,
    reason = "raw RSA, PSS and OAEP of peers, and AES-GCM in pieces: see mod.rs"
)]

use super::algorithm::{Cipher, DigestAlgorithm, SignatureScheme};
use aws_lc_sys as lc;
use std::ffi::{c_int, c_long};
use std::ptr::{self, NonNull};
use zeroize::Zeroizing;

/// A key, private or public.
pub(super) struct Key(NonNull<lc::EVP_PKEY>);

// SAFETY: the library's keys are immutable after they were read, count their references atomically
// and lock what they cache; no call here takes them mutably.
unsafe impl Send for Key {}
// SAFETY: as above.
unsafe impl Sync for Key {}

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: we own the one reference that this value was made with.
        unsafe { lc::EVP_PKEY_free(self.0.as_ptr()) }
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        // SAFETY: the key lives; the reference taken here is given back by `drop`.
        unsafe { lc::EVP_PKEY_up_ref(self.0.as_ptr()) };
        Self(self.0)
    }
}

/// What sort of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// RSA, by the bits of its modulus.
    Rsa(u32),
    /// EC, on P-256.
    P256,
    /// EC, on P-384.
    P384,
    /// Anything else.
    Other,
}

/// How RSA wraps a key.
#[derive(Clone, Copy)]
pub(super) enum Padding {
    /// None: the bare operation.
    Raw,
    /// PKCS#1 v1.5.
    Pkcs1,
    /// OAEP with a digest, and a digest for its mask.
    Oaep(DigestAlgorithm, DigestAlgorithm),
}

impl Key {
    /// Reads a private key: PKCS#8, PKCS#1 or SEC1.
    pub(super) fn private(der: &[u8]) -> Option<Self> {
        let mut at = der.as_ptr();
        let length = c_long::try_from(der.len()).ok()?;
        // SAFETY: `at` and `length` are one slice, which the call only reads.
        let key = unsafe { lc::d2i_AutoPrivateKey(ptr::null_mut(), &raw mut at, length) };
        Self::owned(key)
    }

    /// Reads a `SubjectPublicKeyInfo`.
    pub(super) fn public(der: &[u8]) -> Option<Self> {
        let mut at = der.as_ptr();
        let length = c_long::try_from(der.len()).ok()?;
        // SAFETY: `at` and `length` are one slice, which the call only reads.
        let key = unsafe { lc::d2i_PUBKEY(ptr::null_mut(), &raw mut at, length) };
        Self::owned(key)
    }

    fn owned(key: *mut lc::EVP_PKEY) -> Option<Self> {
        forget_errors();
        NonNull::new(key).map(Self)
    }

    pub(super) fn sort(&self) -> Sort {
        // SAFETY: the key lives, and so does what it lends; the group is never kept.
        unsafe {
            match lc::EVP_PKEY_id(self.0.as_ptr()) {
                lc::EVP_PKEY_RSA => {
                    Sort::Rsa(u32::try_from(lc::EVP_PKEY_bits(self.0.as_ptr())).unwrap_or(0))
                }
                lc::EVP_PKEY_EC => {
                    let key = lc::EVP_PKEY_get0_EC_KEY(self.0.as_ptr());
                    match lc::EC_GROUP_get_curve_name(lc::EC_KEY_get0_group(key)) {
                        lc::NID_X9_62_prime256v1 => Sort::P256,
                        lc::NID_secp384r1 => Sort::P384,
                        _ => Sort::Other,
                    }
                }
                _ => Sort::Other,
            }
        }
    }

    /// Whether both have the same public half.
    pub(super) fn pairs_with(&self, other: &Self) -> bool {
        // SAFETY: both keys live; the call only compares.
        let same = unsafe { lc::EVP_PKEY_cmp(self.0.as_ptr(), other.0.as_ptr()) == 1 };
        forget_errors();
        same
    }

    /// The most bytes that an operation of this key gives.
    fn room(&self) -> usize {
        // SAFETY: the key lives.
        usize::try_from(unsafe { lc::EVP_PKEY_size(self.0.as_ptr()) }).unwrap_or(0)
    }

    /// Signs a digest.
    pub(super) fn sign(
        &self,
        scheme: SignatureScheme,
        algorithm: DigestAlgorithm,
        digest: &[u8],
    ) -> Option<Vec<u8>> {
        let operation = Operation::new(self)?;
        let mut signature = vec![0; self.room()];
        let mut length = signature.len();
        // SAFETY: the operation lives; both slices go with their own lengths, and the call writes at
        // most `length` bytes, which it sets to what it wrote.
        let done = unsafe {
            lc::EVP_PKEY_sign_init(operation.0.as_ptr()) == 1
                && operation.scheme(scheme, algorithm, lc::RSA_PSS_SALTLEN_DIGEST)
                && lc::EVP_PKEY_sign(
                    operation.0.as_ptr(),
                    signature.as_mut_ptr(),
                    &raw mut length,
                    digest.as_ptr(),
                    digest.len(),
                ) == 1
        };
        forget_errors();
        signature.truncate(length);
        done.then_some(signature)
    }

    /// Whether a signature is one of this digest, by this key.
    pub(super) fn verify(
        &self,
        scheme: SignatureScheme,
        algorithm: DigestAlgorithm,
        digest: &[u8],
        signature: &[u8],
    ) -> bool {
        let Some(operation) = Operation::new(self) else { return false };
        // SAFETY: the operation lives; both slices go with their own lengths and are only read.
        let good = unsafe {
            lc::EVP_PKEY_verify_init(operation.0.as_ptr()) == 1
                && operation.scheme(scheme, algorithm, lc::RSA_PSS_SALTLEN_AUTO)
                && lc::EVP_PKEY_verify(
                    operation.0.as_ptr(),
                    signature.as_ptr(),
                    signature.len(),
                    digest.as_ptr(),
                    digest.len(),
                ) == 1
        };
        forget_errors();
        good
    }

    /// Encrypts a few bytes to this key.
    pub(super) fn encrypt(&self, padding: Padding, bytes: &[u8]) -> Option<Vec<u8>> {
        let operation = Operation::new(self)?;
        let mut out = vec![0; self.room()];
        let mut length = out.len();
        // SAFETY: as in `sign`.
        let done = unsafe {
            lc::EVP_PKEY_encrypt_init(operation.0.as_ptr()) == 1
                && operation.padding(padding)
                && lc::EVP_PKEY_encrypt(
                    operation.0.as_ptr(),
                    out.as_mut_ptr(),
                    &raw mut length,
                    bytes.as_ptr(),
                    bytes.len(),
                ) == 1
        };
        forget_errors();
        out.truncate(length);
        done.then_some(out)
    }

    /// Decrypts a few bytes with this key; blinded.
    pub(super) fn decrypt(&self, padding: Padding, bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let operation = Operation::new(self)?;
        let mut out = Zeroizing::new(vec![0; self.room()]);
        let mut length = out.len();
        // SAFETY: as in `sign`.
        let done = unsafe {
            lc::EVP_PKEY_decrypt_init(operation.0.as_ptr()) == 1
                && operation.padding(padding)
                && lc::EVP_PKEY_decrypt(
                    operation.0.as_ptr(),
                    out.as_mut_ptr(),
                    &raw mut length,
                    bytes.as_ptr(),
                    bytes.len(),
                ) == 1
        };
        forget_errors();
        out.truncate(length);
        done.then_some(out)
    }
}

/// One operation of a key.
struct Operation(NonNull<lc::EVP_PKEY_CTX>);

impl Operation {
    fn new(key: &Key) -> Option<Self> {
        // SAFETY: the key lives; the operation takes a reference of its own.
        let operation = unsafe { lc::EVP_PKEY_CTX_new(key.0.as_ptr(), ptr::null_mut()) };
        NonNull::new(operation).map(Self)
    }

    /// Says how a signature is made. ECDSA needs no saying.
    fn scheme(&self, scheme: SignatureScheme, digest: DigestAlgorithm, salt: c_int) -> bool {
        let at = self.0.as_ptr();
        // SAFETY: the operation lives and was begun; digests are static.
        unsafe {
            let of_rsa = |padding| lc::EVP_PKEY_CTX_set_rsa_padding(at, padding) == 1;
            let padded = match scheme {
                SignatureScheme::RsaPkcs1 => of_rsa(lc::RSA_PKCS1_PADDING),
                SignatureScheme::RsaPss => of_rsa(lc::RSA_PKCS1_PSS_PADDING),
                SignatureScheme::Ecdsa => true,
            };
            padded
                && lc::EVP_PKEY_CTX_set_signature_md(at, engine(digest)) == 1
                && (scheme != SignatureScheme::RsaPss
                    || (lc::EVP_PKEY_CTX_set_rsa_pss_saltlen(at, salt) == 1
                        && lc::EVP_PKEY_CTX_set_rsa_mgf1_md(at, engine(digest)) == 1))
        }
    }

    fn padding(&self, padding: Padding) -> bool {
        let at = self.0.as_ptr();
        // SAFETY: as in `scheme`.
        unsafe {
            match padding {
                Padding::Raw => lc::EVP_PKEY_CTX_set_rsa_padding(at, lc::RSA_NO_PADDING) == 1,
                Padding::Pkcs1 => lc::EVP_PKEY_CTX_set_rsa_padding(at, lc::RSA_PKCS1_PADDING) == 1,
                Padding::Oaep(digest, mask) => {
                    lc::EVP_PKEY_CTX_set_rsa_padding(at, lc::RSA_PKCS1_OAEP_PADDING) == 1
                        && lc::EVP_PKEY_CTX_set_rsa_oaep_md(at, engine(digest)) == 1
                        && lc::EVP_PKEY_CTX_set_rsa_mgf1_md(at, engine(mask)) == 1
                }
            }
        }
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        // SAFETY: we own it.
        unsafe { lc::EVP_PKEY_CTX_free(self.0.as_ptr()) }
    }
}

fn engine(digest: DigestAlgorithm) -> *const lc::EVP_MD {
    // SAFETY: these return pointers to static data.
    unsafe {
        match digest {
            DigestAlgorithm::Sha1 => lc::EVP_sha1(),
            DigestAlgorithm::Sha256 => lc::EVP_sha256(),
            DigestAlgorithm::Sha384 => lc::EVP_sha384(),
            DigestAlgorithm::Sha512 => lc::EVP_sha512(),
        }
    }
}

/// Which way a stream of cipher goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Encrypt,
    Decrypt,
}

/// A cipher at work, piece by piece.
pub(super) struct Stream(NonNull<lc::EVP_CIPHER_CTX>);

// SAFETY: it is owned by one value, holds no thread's data, and every call takes `&mut self`.
unsafe impl Send for Stream {}

impl Stream {
    /// A cipher with its key and its vector; `None` if their lengths are not the cipher's.
    pub(super) fn new(cipher: Cipher, way: Way, key: &[u8], vector: &[u8]) -> Option<Self> {
        if key.len() != cipher.key_length() || vector.is_empty() {
            return None;
        }
        if !cipher.is_authenticated() && vector.len() != cipher.vector_length() {
            return None;
        }
        let vector_length = c_int::try_from(vector.len()).ok().filter(|length| *length <= 64)?;
        // SAFETY: a new context, which `Self` owns from here on.
        let stream = Self(NonNull::new(unsafe { lc::EVP_CIPHER_CTX_new() })?);
        let at = stream.0.as_ptr();
        let encrypt = c_int::from(way == Way::Encrypt);
        // SAFETY: key and vector have the lengths that the cipher reads, as checked above (for GCM the
        // length of the vector is set before it is read).
        let ready = unsafe {
            let engine = cipher_engine(cipher);
            let (none, no_engine) = (ptr::null(), ptr::null_mut());
            lc::EVP_CipherInit_ex(at, engine, no_engine, none, none, encrypt) == 1
                && (!cipher.is_authenticated()
                    || lc::EVP_CIPHER_CTX_ctrl(
                        at,
                        lc::EVP_CTRL_AEAD_SET_IVLEN,
                        vector_length,
                        ptr::null_mut(),
                    ) == 1)
                && lc::EVP_CipherInit_ex(
                    at,
                    ptr::null(),
                    no_engine,
                    key.as_ptr(),
                    vector.as_ptr(),
                    encrypt,
                ) == 1
        };
        forget_errors();
        ready.then_some(stream)
    }

    /// Takes in what is authenticated and not encrypted; only before the first piece.
    pub(super) fn authenticate(&mut self, bytes: &[u8]) -> bool {
        let Ok(length) = c_int::try_from(bytes.len()) else { return false };
        let mut written = 0;
        // SAFETY: an output of null says that `bytes` are authenticated only; they are only read.
        let done = unsafe {
            lc::EVP_CipherUpdate(
                self.0.as_ptr(),
                ptr::null_mut(),
                &raw mut written,
                bytes.as_ptr(),
                length,
            ) == 1
        };
        forget_errors();
        done
    }

    /// Takes in a piece and appends what comes of it to `out`.
    pub(super) fn update(&mut self, piece: &[u8], out: &mut Vec<u8>) -> bool {
        let Ok(length) = c_int::try_from(piece.len()) else { return false };
        let from = out.len();
        out.resize(from + piece.len() + BLOCK, 0);
        let mut written = 0;
        let Some(room) = out.get_mut(from..) else { return false };
        // SAFETY: the call writes at most the piece and one block, for which there is room.
        let done = unsafe {
            lc::EVP_CipherUpdate(
                self.0.as_ptr(),
                room.as_mut_ptr(),
                &raw mut written,
                piece.as_ptr(),
                length,
            ) == 1
        };
        forget_errors();
        out.truncate(from + usize::try_from(written).unwrap_or(0));
        done
    }

    /// The end: appends the last of it to `out`. When decrypting, false if the end is not good.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> bool {
        let from = out.len();
        out.resize(from + BLOCK, 0);
        let mut written = 0;
        let Some(room) = out.get_mut(from..) else { return false };
        // SAFETY: the call writes at most one block, for which there is room.
        let done = unsafe {
            lc::EVP_CipherFinal_ex(self.0.as_ptr(), room.as_mut_ptr(), &raw mut written) == 1
        };
        forget_errors();
        out.truncate(from + usize::try_from(written).unwrap_or(0));
        done
    }

    /// Says which tag the content must have; only for a cipher that authenticates.
    pub(super) fn expect(&mut self, tag: &[u8]) -> bool {
        let mut tag = tag.to_vec();
        let Ok(length) = c_int::try_from(tag.len()) else { return false };
        // SAFETY: the call reads `length` bytes of the tag.
        let done = unsafe {
            lc::EVP_CIPHER_CTX_ctrl(
                self.0.as_ptr(),
                lc::EVP_CTRL_AEAD_SET_TAG,
                length,
                tag.as_mut_ptr().cast(),
            ) == 1
        };
        forget_errors();
        done
    }

    /// The tag of what was encrypted; only after `finish`.
    pub(super) fn tag(&mut self) -> Option<[u8; 16]> {
        let mut tag = [0; 16];
        // SAFETY: the call writes sixteen bytes.
        let done = unsafe {
            lc::EVP_CIPHER_CTX_ctrl(
                self.0.as_ptr(),
                lc::EVP_CTRL_AEAD_GET_TAG,
                16,
                tag.as_mut_ptr().cast(),
            ) == 1
        };
        forget_errors();
        done.then_some(tag)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: we own it; this wipes its key.
        unsafe { lc::EVP_CIPHER_CTX_free(self.0.as_ptr()) }
    }
}

/// A cipher's block, at most.
const BLOCK: usize = 32;

fn cipher_engine(cipher: Cipher) -> *const lc::EVP_CIPHER {
    // SAFETY: these return pointers to static data.
    unsafe {
        match cipher {
            Cipher::Aes128Cbc => lc::EVP_aes_128_cbc(),
            Cipher::Aes192Cbc => lc::EVP_aes_192_cbc(),
            Cipher::Aes256Cbc => lc::EVP_aes_256_cbc(),
            Cipher::Aes128Gcm => lc::EVP_aes_128_gcm(),
            Cipher::Aes192Gcm => lc::EVP_aes_192_gcm(),
            Cipher::Aes256Gcm => lc::EVP_aes_256_gcm(),
            Cipher::TripleDesCbc => lc::EVP_des_ede3_cbc(),
        }
    }
}

/// Empties the thread's list of errors, which nobody reads.
fn forget_errors() {
    // SAFETY: it touches this thread's own list only.
    unsafe { lc::ERR_clear_error() }
}
