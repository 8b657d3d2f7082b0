//! A partner's folders on this machine: for an old ERP or translator that drops and picks up files,
//! and for whoever tries things out.

use super::fault::FaultKind;
use super::looks::Looks;
use super::pickup::Pickup;
use super::quantity::Length;
use super::source::Source;
use super::written::Table;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The folders of one partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Folder {
    /// Where what they send is put.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbound: Option<Inbound>,
    /// Where we put what is for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outbound: Option<PathBuf>,
}

/// Where what they send is put, and how it is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inbound {
    /// The folder.
    pub path: PathBuf,
    /// Which files, and what becomes of them.
    #[serde(flatten)]
    pub pickup: Pickup,
    /// When we look.
    pub looks: Looks,
}

impl Folder {
    pub(super) fn read(mut table: Table<'_>, source: &dyn Source) -> Option<Self> {
        let place = table.place();
        let inbound = table.placed::<String>("inbound");
        let outbound = table.placed::<String>("outbound");
        let same = |outbound: &super::desk::Placed<String>| {
            let path = |text: &str| source.beside(Path::new(text));
            inbound.as_ref().is_some_and(|inbound| path(&inbound.value) == path(&outbound.value))
        };
        if let Some(outbound) = outbound.as_ref().filter(|outbound| same(outbound)) {
            table.fault(outbound.place, FaultKind::OneFolder);
        }
        let is_nothing = inbound.is_none() && outbound.is_none();
        let looks = Looks::read(&mut table, OFTEN);
        let written = inbound.as_ref().map_or_else(String::new, |inbound| inbound.value.clone());
        let pickup = Pickup::read(&mut table, written.clone());
        if is_nothing {
            table.fault(place, FaultKind::NoFolder);
        }
        table.finish();
        let inbound = inbound.map(|inbound| {
            let path = source.beside(Path::new(&inbound.value));
            Inbound { path, pickup, looks }
        });
        let outbound = outbound.map(|outbound| source.beside(Path::new(&outbound.value)));
        (!is_nothing).then_some(Self { inbound, outbound })
    }
}

/// To look into a folder of this machine costs nothing.
const OFTEN: Length = Length::seconds(5);

#[cfg(test)]
mod tests {
    use super::super::pickup::After;
    use super::super::sample::{ACME, Folder as Files, US, faults_of};
    use super::super::wires::Way;

    #[test]
    fn two_folders_are_a_partner_to_trade_with() {
        let folder = "[folder]\ninbound = 'acme/in'\noutbound = '/srv/acme/out'\nmatch = ['*.edi', '*.X12']\n\
            after = { move = 'done' }\nstable = '1s'\nevery = '2s'\n";
        let acme = ACME.replace("[https]\n", folder);
        let partners = Files::of(&[("us.toml", US), ("acme.toml", &acme)]).load().unwrap();
        let acme = partners.partner("acme").unwrap();
        let Some(Way::Folder(out)) = acme.way() else { panic!("{acme:?}") };
        assert_eq!(out.to_str(), Some("/srv/acme/out"));
        let inbound = acme.wires.folder.as_ref().unwrap().inbound.as_ref().unwrap();
        assert_eq!(inbound.path.to_str(), Some("acme/in"));
        assert_eq!(inbound.pickup.after, After::Move("done".to_owned()));
        let fits = ["a.EDI", "b.x12", "c.txt", "d.edi.part"].map(|name| inbound.pickup.wants(name));
        assert_eq!(fits, [true, true, false, false]);
        assert_eq!(inbound.looks.to_string(), "every 2s");
    }

    #[test]
    fn folders_are_read_strictly() {
        let faults = |folder: &str| faults_of(&ACME.replace("[https]\n", folder));
        assert_eq!(
            faults("[folder]\n"),
            [
                "partners/acme.toml:6:1: this names no folder; write inbound = \"DIR\" for what they send, outbound = \"DIR\" for what is for them, or both",
            ]
        );
        assert_eq!(
            faults(
                "[folder]\ninbound = 'x'\noutbound = 'x'\nmatch = ['a/b', '[']\nafter = { move = '../y' }\n\
                 every = '0s'\ncron = 'daily'\nholidays = ['25.12.']\nzone = 'Mars'\n"
            ),
            [
                "partners/acme.toml:8:12: what they send and what is for them need a folder each; we would take back what we put there",
                "partners/acme.toml:9:10: `a/b` is no pattern of file names; write one without folders, as in \"*.edi\" or \"INV[0-9]*.{x12,txt}\"",
                "partners/acme.toml:9:17: `[` is no pattern of file names; write one without folders, as in \"*.edi\" or \"INV[0-9]*.{x12,txt}\"",
                "partners/acme.toml:10:18: `../y` is no folder within the folder; write its name alone, as in \"archive\"",
                "partners/acme.toml:11:9: `0s` is no wait between looks; write a second or more, as in \"5m\"",
                "partners/acme.toml:12:8: `daily` is no cron expression; write minute, hour, day, month and day of the week, as in \"*/15 6-20 * * Mon-Fri\"",
                "partners/acme.toml:13:13: `25.12.` is no day; write it as 2027-03-31",
                "partners/acme.toml:14:8: `Mars` is no time zone; write its IANA name, as in \"America/Chicago\"",
            ]
        );
    }
}
