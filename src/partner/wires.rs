//! The wires of a partner: which it has, and which one carries what is for them.

use super::as2::{As2, OurAs2, WrittenAs2};
use super::fault::FaultKind;
use super::folder::{Folder, Inbound};
use super::https::{Delivery, Https, Push, WrittenHttps};
use super::looks::Looks;
use super::remote::Remote;
use super::sftp::{Sftp, WrittenSftp};
use super::source::Source;
use super::word::{Word as _, words};
use super::written::Table;
use crate::message::{Channel, PartnerId};
use serde::Serialize;
use std::path::Path;

words! {
    /// A wire, as its section in a partner's file is called.
    pub enum Wire {
        /// HTTPS.
        Https = "https",
        /// AS2.
        As2 = "as2",
        /// SFTP.
        Sftp = "sftp",
        /// Folders of this machine.
        Folder = "folder",
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
    /// We put it on their server.
    Sftp(&'p Remote),
    /// We put it into this folder.
    Folder(&'p Path),
}

/// Where we look for what a partner sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spring<'p> {
    /// In folders of their server.
    Sftp(&'p Remote),
    /// In a folder of this machine.
    Folder(&'p Inbound),
}

impl Spring<'_> {
    /// The wire that it belongs to.
    pub fn wire(&self) -> Wire {
        match self {
            Self::Sftp(_) => Wire::Sftp,
            Self::Folder(_) => Wire::Folder,
        }
    }

    /// When we look there.
    pub fn looks(&self) -> &Looks {
        match self {
            Self::Sftp(remote) => &remote.looks,
            Self::Folder(inbound) => &inbound.looks,
        }
    }

    /// Where it is, for people.
    pub fn place(&self) -> String {
        match self {
            Self::Sftp(remote) => format!("sftp://{}", remote.server),
            Self::Folder(inbound) => inbound.path.display().to_string(),
        }
    }
}

impl Way<'_> {
    /// Where it goes: parcels for one endpoint wait in one queue.
    pub fn endpoint(&self) -> String {
        match self {
            Self::Mailbox => String::new(),
            Self::Https(push) => push.url.to_string(),
            Self::Receipt(_, to) => (*to).to_owned(),
            Self::As2(as2) => as2.url.as_ref().map(ToString::to_string).unwrap_or_default(),
            Self::Sftp(remote) => remote.endpoint(),
            Self::Folder(path) => path.display().to_string(),
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
    /// Its SFTP, if it has that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sftp: Option<Sftp>,
    /// Its folders of this machine, if it has such.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<Folder>,
    /// Which of them carries what is for the partner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliver_by: Option<Wire>,
}

impl Wire {
    /// The wire that is called so in files.
    pub fn of_word(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, word)| *word == text).map(|(wire, _)| *wire)
    }

    /// The door that it is.
    pub fn channel(self) -> Channel {
        match self {
            Self::Https => Channel::Https,
            Self::As2 => Channel::As2,
            Self::Sftp => Channel::Sftp,
            Self::Folder => Channel::Folder,
        }
    }
}

impl Wires {
    /// Where we look for what the partner sends.
    pub fn springs(&self) -> impl Iterator<Item = Spring<'_>> {
        let remote = self.sftp.as_ref().and_then(|sftp| sftp.remote.as_ref());
        let remote = remote.filter(|remote| !remote.fetch.is_empty()).map(Spring::Sftp);
        let inbound = self.folder.as_ref().and_then(|folder| folder.inbound.as_ref());
        remote.into_iter().chain(inbound.map(Spring::Folder))
    }

    /// How what is for the partner reaches them; none: nothing is sent to them.
    pub(super) fn way(&self) -> Option<Way<'_>> {
        match self.deliver_by? {
            Wire::Https => self.https.as_ref().map(|https| match &https.deliver {
                Delivery::Mailbox => Way::Mailbox,
                Delivery::Push(push) => Way::Https(push),
            }),
            Wire::As2 => self.as2.as_ref().filter(|as2| as2.url.is_some()).map(Way::As2),
            Wire::Sftp => self.sftp.as_ref().map(|sftp| match &sftp.remote {
                Some(remote) if remote.push.is_some() => Way::Sftp(remote),
                Some(_) | None => Way::Mailbox,
            }),
            Wire::Folder => self.folder.as_ref()?.outbound.as_deref().map(Way::Folder),
        }
    }
}

/// The wires as they are written, with the places that faults between files need.
#[derive(Debug)]
pub(super) struct WrittenWires {
    pub(super) https: Option<WrittenHttps>,
    pub(super) as2: Option<WrittenAs2>,
    pub(super) sftp: Option<WrittenSftp>,
    folder: Option<Folder>,
    deliver_by: Option<Wire>,
}

impl WrittenWires {
    pub(super) fn read(
        table: &mut Table<'_>,
        partner: &PartnerId,
        source: &dyn Source,
        ours: Option<&OurAs2>,
    ) -> Self {
        let wanted = table.placed::<Wire>("deliver_by");
        let mut there = Vec::new();
        let mut section = |wire: Wire, word: &'static str| {
            let item = table.item(word)?;
            there.push(wire);
            item.table()
        };
        let https = section(Wire::Https, "https").and_then(|t| WrittenHttps::read(t, source));
        let as2 = section(Wire::As2, "as2").and_then(|t| WrittenAs2::read(t, source, ours));
        let sftp = section(Wire::Sftp, "sftp").map(|t| WrittenSftp::read(t, partner, source));
        let folder = section(Wire::Folder, "folder").and_then(|t| Folder::read(t, source));
        // What only brings is no way to them.
        there.retain(|wire| match wire {
            Wire::Https => true,
            Wire::As2 => as2.as_ref().is_none_or(WrittenAs2::reaches),
            Wire::Sftp => !sftp.as_ref().is_some_and(WrittenSftp::only_brings),
            Wire::Folder => folder.as_ref().is_none_or(|folder| folder.outbound.is_some()),
        });
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
        Self { https, as2, sftp, folder, deliver_by }
    }

    /// Whether anything can be sent to them.
    pub(super) fn reach(&self) -> bool {
        self.deliver_by.is_some()
    }

    pub(super) fn wires(&self) -> Wires {
        Wires {
            https: self.https.as_ref().map(WrittenHttps::https),
            as2: self.as2.as_ref().map(WrittenAs2::as2),
            sftp: self.sftp.as_ref().map(WrittenSftp::sftp),
            folder: self.folder.clone(),
            deliver_by: self.deliver_by,
        }
    }
}

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
