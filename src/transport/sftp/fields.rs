//! The fields that packets are made of: numbers, and text with its length before it.

/// What is left of a packet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'p>(&'p [u8]);

impl<'p> Fields<'p> {
    pub(super) fn of(packet: &'p [u8]) -> Self {
        Self(packet)
    }

    fn take(&mut self, count: usize) -> Option<&'p [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub(super) fn number(&mut self) -> Option<u32> {
        self.take(4)?.first_chunk().copied().map(u32::from_be_bytes)
    }

    pub(super) fn long(&mut self) -> Option<u64> {
        self.take(8)?.first_chunk().copied().map(u64::from_be_bytes)
    }

    pub(super) fn text(&mut self) -> Option<&'p [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }

    /// What stands for an open file, if it is one of ours.
    #[expect(
        clippy::option_option,
        reason = "no text at all ends the session; another's handle does not"
    )]
    pub(super) fn handle(&mut self) -> Option<Option<u32>> {
        Some(<[u8; 4]>::try_from(self.text()?).ok().map(u32::from_be_bytes))
    }
}

pub(super) fn number(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_be_bytes());
}

pub(super) fn text(out: &mut Vec<u8>, text: &[u8]) {
    number(out, u32::try_from(text.len()).unwrap_or(u32::MAX));
    out.extend_from_slice(text);
}
