//! Keys under a password, as the crypto library opens them.
//!
//! Beside `evp.rs` the only file with `unsafe`. Each call is given a slice's own pointer and length, a
//! text that ends with a zero, or a pointer that a type here owns and frees.

#![expect(unsafe_code, reason = "the library reads PKCS#12 and nothing safe leads there")]

use aws_lc_sys as lc;
use std::ffi::{c_long, c_void};
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};
use std::slice;
use zeroize::Zeroizing;

/// Why something stays closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The password is another one.
    Password,
    /// It cannot be read.
    Form,
}

/// A key as PKCS#8, and certificates, in DER.
pub(super) type Contents = (Option<Zeroizing<Vec<u8>>>, Vec<Vec<u8>>);

/// Opens PKCS#12, in DER or BER.
pub(super) fn open(bytes: &[u8], password: &str) -> Result<Contents, Refused> {
    let password = text(password)?;
    let mut key = ptr::null_mut();
    let stack = Stack::new().ok_or(Refused::Form)?;
    let mut input = reader(bytes);
    // SAFETY: the reader is over `bytes`, which live, as do the stack and the text; what comes out is
    // owned by `Key` and by the stack.
    let opened = unsafe {
        lc::PKCS12_get_key_and_certs(
            &raw mut key,
            stack.0.as_ptr().cast(),
            &raw mut input,
            password.as_ptr().cast(),
        ) == 1
    };
    let key = NonNull::new(key).map(Key);
    if !opened {
        return Err(refusal());
    }
    let key = key.map(|key| key.pkcs8().ok_or(Refused::Form)).transpose()?;
    let certificates = stack.certificates().ok_or(Refused::Form)?;
    forget_errors();
    Ok((key, certificates))
}

/// Opens an encrypted PKCS#8 key.
pub(super) fn decrypt(der: &[u8], password: &str) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let length = password.len();
    let password = text(password)?;
    let mut input = reader(der);
    // SAFETY: the reader is over `der`, which lives, as does the text; the key is ours.
    let key = unsafe {
        lc::PKCS8_parse_encrypted_private_key(&raw mut input, password.as_ptr().cast(), length)
    };
    let key = NonNull::new(key).map(Key).ok_or_else(|| {
        forget_errors();
        // Bytes that were decrypted with a wrong password look like anything.
        Refused::Password
    })?;
    key.pkcs8().ok_or(Refused::Form)
}

/// A key of any form as PKCS#8.
pub(super) fn as_pkcs8(der: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut at = der.as_ptr();
    let length = c_long::try_from(der.len()).ok()?;
    // SAFETY: `at` and `length` are one slice, which the call only reads; the key is ours.
    let key = unsafe { lc::d2i_AutoPrivateKey(ptr::null_mut(), &raw mut at, length) };
    forget_errors();
    NonNull::new(key).map(Key)?.pkcs8()
}

/// A private key.
struct Key(NonNull<lc::EVP_PKEY>);

impl Key {
    fn pkcs8(&self) -> Option<Zeroizing<Vec<u8>>> {
        let mut writer = MaybeUninit::<lc::CBB>::uninit();
        let (mut bytes, mut length) = (ptr::null_mut(), 0);
        // SAFETY: the writer is begun by `CBB_init` before anything else is done with it, and taken
        // down by `CBB_cleanup` whatever happens; the bytes are `length` long and freed, which wipes
        // them.
        unsafe {
            lc::CBB_zero(writer.as_mut_ptr());
            let written = lc::CBB_init(writer.as_mut_ptr(), 256) == 1
                && lc::EVP_marshal_private_key(writer.as_mut_ptr(), self.0.as_ptr()) == 1
                && lc::CBB_finish(writer.as_mut_ptr(), &raw mut bytes, &raw mut length) == 1;
            lc::CBB_cleanup(writer.as_mut_ptr());
            forget_errors();
            if !written || bytes.is_null() {
                return None;
            }
            let key = Zeroizing::new(slice::from_raw_parts(bytes, length).to_vec());
            lc::OPENSSL_free(bytes.cast());
            Some(key)
        }
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: we own the one reference.
        unsafe { lc::EVP_PKEY_free(self.0.as_ptr()) }
    }
}

/// A list of certificates.
struct Stack(NonNull<lc::OPENSSL_STACK>);

impl Stack {
    fn new() -> Option<Self> {
        // SAFETY: it has no arguments.
        NonNull::new(unsafe { lc::OPENSSL_sk_new_null() }).map(Self)
    }

    fn certificates(&self) -> Option<Vec<Vec<u8>>> {
        // SAFETY: the stack lives.
        let count = unsafe { lc::OPENSSL_sk_num(self.0.as_ptr()) };
        (0..count).map(|place| self.certificate(place)).collect()
    }

    fn certificate(&self, place: usize) -> Option<Vec<u8>> {
        let mut bytes = ptr::null_mut();
        // SAFETY: the stack lends a certificate of its own; the call makes bytes of the length that it
        // returns, which are copied and freed.
        unsafe {
            let certificate = lc::OPENSSL_sk_value(self.0.as_ptr(), place);
            let length = lc::i2d_X509(certificate.cast(), &raw mut bytes);
            let length = usize::try_from(length).ok()?;
            if bytes.is_null() {
                return None;
            }
            let der = slice::from_raw_parts(bytes, length).to_vec();
            lc::OPENSSL_free(bytes.cast());
            Some(der)
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: we own the stack and all that is in it, which are certificates.
        unsafe { lc::OPENSSL_sk_pop_free_ex(self.0.as_ptr(), Some(call), Some(free_certificate)) }
    }
}

unsafe extern "C" fn call(free: lc::OPENSSL_sk_free_func, what: *mut c_void) {
    if let Some(free) = free {
        // SAFETY: the stack calls this with its own function and its own value.
        unsafe { free(what) }
    }
}

unsafe extern "C" fn free_certificate(certificate: *mut c_void) {
    // SAFETY: the stack holds certificates only.
    unsafe { lc::X509_free(certificate.cast()) }
}

fn reader(bytes: &[u8]) -> lc::CBS {
    let mut reader = MaybeUninit::<lc::CBS>::uninit();
    // SAFETY: the call writes the whole reader.
    unsafe {
        lc::CBS_init(reader.as_mut_ptr(), bytes.as_ptr(), bytes.len());
        reader.assume_init()
    }
}

/// A password as the library takes it: it ends at the first zero, so none may be inside.
fn text(password: &str) -> Result<Zeroizing<Vec<u8>>, Refused> {
    if password.contains('\0') {
        return Err(Refused::Password);
    }
    let mut text = Zeroizing::new(Vec::with_capacity(password.len() + 1));
    text.extend_from_slice(password.as_bytes());
    text.push(0);
    Ok(text)
}

/// Why the library refused.
fn refusal() -> Refused {
    // SAFETY: it reads this thread's own list.
    let last = unsafe { lc::ERR_peek_last_error() };
    forget_errors();
    // The reason stands in the last twelve bits.
    let wrong = i32::try_from(last & 0xfff) == Ok(lc::PKCS12_R_MAC_VERIFY_FAILURE);
    if wrong { Refused::Password } else { Refused::Form }
}

fn forget_errors() {
    // SAFETY: it touches this thread's own list only.
    unsafe { lc::ERR_clear_error() }
}
