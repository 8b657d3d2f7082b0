//! What a level of a hierarchy stands for, and what it may stand in.

use super::words::shown;

/// What a level stands for: HL03.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Shipment,
    Order,
    Tare,
    Pack,
    Item,
    /// A level that may hold, and stand in, anything.
    Other,
}

impl Sort {
    /// The sort of level that has this code.
    pub(super) fn of(code: &[u8]) -> Self {
        match code {
            b"S" => Self::Shipment,
            b"O" => Self::Order,
            b"T" => Self::Tare,
            b"P" => Self::Pack,
            b"I" => Self::Item,
            _ => Self::Other,
        }
    }

    /// Whether such a level may stand in one of sort `above`, or in none: shipment, order, tare or
    /// pack, item.
    pub(super) fn may_stand_in(self, above: Option<Self>) -> bool {
        match (self, above) {
            (Self::Other, _) | (_, Some(Self::Other)) => true,
            (Self::Shipment, above) => above.is_none(),
            (Self::Order, above) => {
                matches!(above, Some(Self::Shipment | Self::Tare | Self::Pack))
            }
            (Self::Tare, above) => matches!(above, Some(Self::Shipment | Self::Order)),
            (Self::Pack | Self::Item, above) => above.is_some(),
        }
    }

    /// The code of such a level, with a word for it.
    pub(super) fn named(self, code: &[u8]) -> String {
        let word = match self {
            Self::Shipment => "shipment",
            Self::Order => "order",
            Self::Tare => "tare",
            Self::Pack => "pack",
            Self::Item => "item",
            Self::Other => return shown(code),
        };
        format!("{} ({word})", shown(code))
    }
}
