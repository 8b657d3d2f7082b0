//! The wires of a partner: which it has, and which one carries what is for them.

use super::as2::{As2, OurAs2, WrittenAs2};
use super::fault::FaultKind;
use super::https::{Delivery, Https, Push, WrittenHttps};
use super::source::Source;
use super::word::words;
use super::written::Table;
use crate::message::Channel;
use serde::Serialize;

words! {
    /// A wire, as its section in a partner's file is called.
    pub enum Wire {
        /// HTTPS.
        Https = "https",
        /// AS2.
        As2 = "as2",
    }
}

/// How what is for a partner reaches them.
#[derive(Clone, Copy, Debug)]
pub enum Way<'p> {
    /// They collect it from us.
    Mailbox,
    /// We post it to them.
    Https(&'p Push),
    /// We send it over AS2.
    As2(&'p As2),
    /// A receipt for what they sent over AS2, to where they asked for it.
    Receipt(&'p As2, &'p str),
}

impl Way<'_> {
    /// Where it goes: parcels for one endpoint wait in one queue.
    pub fn endpoint(&self) -> String {
        match self {
            Self::Mailbox => String::new(),
            Self::Https(push) => push.url.to_string(),
            Self::Receipt(_, to) => (*to).to_owned(),
            Self::As2(as2) => as2.url.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }
}

/// The wires of one partner.
#[derive(Clone, Debug, Serialize)]
pub struct Wires {
    /// Its HTTPS, if it has that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub https: Option<Https>,
    /// Its AS2, if it has that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as2: Option<As2>,
    /// Which of them carries what is for the partner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliver_by: Option<Wire>,
}

impl Wire {
    /// The door that it is.
    pub fn channel(self) -> Channel {
        match self {
            Self::Https => Channel::Https,
            Self::As2 => Channel::As2,
        }
    }
}

impl Wires {
    /// How what is for the partner reaches them; none: nothing is sent to them.
    pub(super) fn way(&self) -> Option<Way<'_>> {
        match self.deliver_by? {
            Wire::Https => self.https.as_ref().map(|https| match &https.deliver {
                Delivery::Mailbox => Way::Mailbox,
                Delivery::Push(push) => Way::Https(push),
            }),
            Wire::As2 => self.as2.as_ref().filter(|as2| as2.url.is_some()).map(Way::As2),
        }
    }
}

/// The wires as they are written, with the places that faults between files need.
#[derive(Debug)]
pub(super) struct WrittenWires {
    pub(super) https: Option<WrittenHttps>,
    pub(super) as2: Option<WrittenAs2>,
    deliver_by: Option<Wire>,
}

impl WrittenWires {
    pub(super) fn read(table: &mut Table<'_>, source: &dyn Source, ours: Option<&OurAs2>) -> Self {
        let wanted = table.placed::<Wire>("deliver_by");
        let mut there = Vec::new();
        let mut section = |wire: Wire, word: &'static str| {
            let item = table.item(word)?;
            there.push(wire);
            item.table()
        };
        let https = section(Wire::Https, "https").and_then(|t| WrittenHttps::read(t, source));
        let as2 = section(Wire::As2, "as2").and_then(|t| WrittenAs2::read(t, source, ours));
        let deliver_by = match (wanted, there.as_slice()) {
            (Some(wanted), there) => {
                if !there.contains(&wanted.value) {
                    table.fault(wanted.place, FaultKind::NoSuchWire(wanted.value.to_string()));
                }
                Some(wanted.value)
            }
            (None, [] | [_]) => there.first().copied(),
            (None, several) => {
                let several = several.iter().map(ToString::to_string).collect();
                table.fault(table.place(), FaultKind::SeveralWires(several));
                None
            }
        };
        for later in LATER {
            if let Some(item) = table.item(later) {
                item.fault(FaultKind::NotYet(later));
            }
        }
        Self { https, as2, deliver_by }
    }

    /// Whether anything can be sent to them.
    pub(super) fn reach(&self) -> bool {
        match self.deliver_by {
            Some(Wire::As2) => self.as2.as_ref().is_none_or(WrittenAs2::reaches),
            Some(Wire::Https) => true,
            None => false,
        }
    }

    pub(super) fn wires(&self) -> Wires {
        Wires {
            https: self.https.as_ref().map(WrittenHttps::https),
            as2: self.as2.as_ref().map(WrittenAs2::as2),
            deliver_by: self.deliver_by,
        }
    }
}

/// Wires that a partner's file may name one day.
const LATER: [&str; 1] = ["sftp"];

#[cfg(test)]
mod tests {
    use super::super::sample::{ACME, faults_of};

    #[test]
    fn what_carries_is_one_of_the_wires_that_are_there() {
        assert_eq!(faults_of(&format!("deliver_by = 'https'\n{ACME}")), [""; 0]);
        let without = ACME.replace("[https]\n", "");
        assert_eq!(
            faults_of(&format!("deliver_by = 'https'\n{without}")),
            [
                "partners/acme.toml:1:14: there is no section [https] here; write it, or name another in deliver_by"
            ]
        );
    }
}
