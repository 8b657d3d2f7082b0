//! The separators of an interchange, looked for in data that is about to be written.

use super::delimiters::Delimiters;
use wide::u8x16;

/// The bytes that data may not hold.
#[derive(Clone, Debug)]
pub(super) struct Stops {
    stops: [bool; 256],
    /// The same, one after the other; the first again where there is no repetition separator.
    each: [u8x16; 4],
}

impl Stops {
    /// The separators of an interchange.
    pub(super) fn new(delimiters: Delimiters) -> Self {
        let Delimiters { element, component, repetition, segment } = delimiters;
        let all = [element, component, segment, repetition.unwrap_or(element)];
        let mut stops = [false; 256];
        for byte in all {
            if let Some(stop) = stops.get_mut(usize::from(byte)) {
                *stop = true;
            }
        }
        Self { stops, each: all.map(u8x16::splat) }
    }

    /// Whether one is among `bytes`.
    #[inline]
    pub(super) fn are_in(&self, bytes: &[u8]) -> bool {
        bytes.iter().fold(false, |met, byte| {
            met | self.stops.get(usize::from(*byte)).copied().unwrap_or(true)
        })
    }

    /// Whether one is among the first `length` bytes of a block.
    #[inline]
    pub(super) fn are_first(&self, block: [u8; 16], length: usize) -> bool {
        let block = u8x16::from(block);
        let met = self.each.iter().fold(u8x16::splat(0), |met, stop| met | block.simd_eq(*stop));
        met.to_bitmask() & !(u32::MAX << length.min(16)) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_separator_is_found_wherever_it_stands() {
        let stops = Stops::new(Delimiters::default());
        for separator in [b'*', b':', b'^', b'~'] {
            for at in 0..16 {
                let mut block = *b"ABCDEFGHIJKLMNOP";
                block[at] = separator;
                for length in 0..=16 {
                    assert_eq!(stops.are_first(block, length), at < length);
                    assert_eq!(stops.are_in(&block[..length]), at < length);
                }
            }
        }
    }
}
