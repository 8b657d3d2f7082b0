//! Unwrapping the key of a content, without telling anyone how it went.
//!
//! # Why
//!
//! Whoever can tell a key that was padded well from one that was not can decrypt old messages by
//! asking often enough (Bleichenbacher). So nothing here can fail by what was sent: what is not padded
//! well gives a random key (RFC 3218, 2.3.2), under which the content turns out not to be readable,
//! as it would under any wrong key. The choice between the two is made without a branch.

use super::algorithm::{DigestAlgorithm, KeyTransport};
use super::error::PkiError;
use super::evp::{Key, Padding};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use zeroize::Zeroizing;

/// The key of `length` bytes that was wrapped, or random bytes of that length.
pub(super) fn unwrap(
    key: &Key,
    transport: KeyTransport,
    mask: Option<DigestAlgorithm>,
    wrapped: &[u8],
    length: usize,
    modulus: usize,
) -> Result<Zeroizing<Vec<u8>>, PkiError> {
    let mut unwrapped = Zeroizing::new(vec![0; length]);
    aws_lc_rs::rand::fill(&mut unwrapped).map_err(|_| PkiError::NoRandomness)?;
    let wrapped = fit(wrapped, modulus);
    if let Some(digest) = transport.digest() {
        let opened = key.decrypt(Padding::Oaep(digest, mask.unwrap_or(digest)), &wrapped);
        if let Some(opened) = opened.filter(|opened| opened.len() == length) {
            unwrapped.copy_from_slice(&opened);
        }
        return Ok(unwrapped);
    }
    let opened = key.decrypt(Padding::Raw, &wrapped);
    // What is not below the modulus, or 0 or 1, is refused before the work; it is done all the same.
    let opened = opened.or_else(|| key.decrypt(Padding::Raw, &fit(&[2], modulus)));
    let opened = opened.ok_or(PkiError::Failed("decrypting with RSA"))?;
    choose(&opened, &mut unwrapped);
    Ok(unwrapped)
}

/// `wrapped` at the length of the modulus: some peers leave out leading zeros.
fn fit(wrapped: &[u8], modulus: usize) -> Vec<u8> {
    let mut fitted = vec![0; modulus.saturating_sub(wrapped.len())];
    fitted.extend_from_slice(wrapped);
    fitted
}

/// Puts the key of a block `00 02 PS 00 key` into `into`, if the block is one, in constant time.
fn choose(block: &[u8], into: &mut [u8]) {
    let Some(at) = block.len().checked_sub(into.len()) else { return };
    let (head, key) = block.split_at_checked(at).unwrap_or_default();
    let [first, second, padding @ .., end] = head else { return };
    // Eight bytes of padding at least, which every key that we use has room for.
    let mut good = Choice::from(u8::from(padding.len() >= 8));
    good &= first.ct_eq(&0) & second.ct_eq(&2) & end.ct_eq(&0);
    for byte in padding {
        good &= !byte.ct_eq(&0);
    }
    for (into, byte) in into.iter_mut().zip(key) {
        into.conditional_assign(byte, good);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_block_padded_well_gives_its_key() {
        type Damage<'a> = &'a dyn Fn(&mut Vec<u8>);
        let block = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut block = vec![0, 2];
            block.extend([9; 26]);
            block.extend([0, 1, 2, 3, 4]);
            change(&mut block);
            let mut key = [255; 4];
            choose(&block, &mut key);
            key
        };
        assert_eq!(block(&|_| ()), [1, 2, 3, 4]);
        let damages: [Damage<'_>; 6] = [
            &|block| block[0] = 1,
            &|block| block[1] = 1,
            &|block| block[2] = 0,
            &|block| block[27] = 0,
            &|block| block[28] = 1,
            &|block| block.truncate(12),
        ];
        for damage in damages {
            assert_eq!(block(damage), [255; 4]);
        }
    }
}
