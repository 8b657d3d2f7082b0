//! What a segment does to the envelopes.

/// What a segment does to the envelopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// GS.
    Group,
    /// GE.
    GroupTrailer,
    /// IEA.
    InterchangeTrailer,
    /// ST.
    Set,
    /// SE.
    SetTrailer,
    /// Anything else.
    Other,
}

impl Role {
    #[inline]
    pub(super) fn of(id: &[u8]) -> Self {
        match id {
            b"GS" => Self::Group,
            b"GE" => Self::GroupTrailer,
            b"IEA" => Self::InterchangeTrailer,
            b"ST" => Self::Set,
            b"SE" => Self::SetTrailer,
            _ => Self::Other,
        }
    }
}
