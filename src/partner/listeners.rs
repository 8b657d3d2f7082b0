//! The three doors: for partners, for the ERP, for operators; and the partners' one for SFTP.

use super::desk::{Place, Placed};
use super::fault::FaultKind;
use super::secret::{Secret, secret};
use super::source::Source;
use super::word::words;
use super::written::{Item, Table};
use serde::Serialize;
use std::net::{Ipv4Addr, SocketAddr};

/// Where we listen. The three are never shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listeners {
    /// For partners.
    pub partners: Listener,
    /// For the ERP.
    pub erp: Listener,
    /// For operators.
    pub operator: Listener,
    /// For partners, by SFTP; none: there is no such door.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sftp: Option<SocketAddr>,
}

/// One door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listener {
    /// The address.
    pub address: SocketAddr,
    /// How it is closed to others' ears.
    pub tls: Tls,
}

/// How a listener speaks TLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// With a certificate made at the first start, good for trying things out.
    Development,
    /// With our own certificate.
    Certificate {
        /// The file with the certificate and those above it, in PEM.
        file: String,
        /// What the file holds.
        #[serde(skip)]
        chain: Vec<u8>,
        /// The private key, in PEM.
        key: Secret,
    },
    /// Not at all: plain HTTP, on a loopback address.
    Off,
    /// Plain HTTP at any address: a proxy in front speaks TLS, and nobody else reaches us there.
    Proxy,
}

impl Tls {
    /// Whether we ourselves speak plain HTTP.
    pub fn is_plain(&self) -> bool {
        matches!(self, Self::Off | Self::Proxy)
    }
}

words! {
    /// The words for TLS without files.
    pub(super) enum TlsWord {
        /// A generated certificate.
        Development = "development",
        /// None.
        Off = "off",
        /// A proxy's.
        Proxy = "proxy",
    }
}

impl Listeners {
    /// The keys of all of them.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        [&self.partners, &self.erp, &self.operator].into_iter().filter_map(|door| match &door.tls {
            Tls::Certificate { key, .. } => Some(key),
            Tls::Development | Tls::Off | Tls::Proxy => None,
        })
    }

    /// What `table` says, and loopback addresses where it says nothing.
    pub(super) fn read(table: Option<Table<'_>>, source: &dyn Source) -> WrittenListeners {
        let Some(mut table) = table else {
            let [partners, erp, operator] = DOORS.map(|door| Written::usual(door.1));
            return WrittenListeners { partners, erp, operator, sftp: sftp(None) };
        };
        let doors = DOORS.map(|(key, port)| match table.table(key) {
            Some(inner) => Written::read(inner, port, source),
            None => Written::usual(port),
        });
        for (index, door) in doors.iter().enumerate() {
            let address = door.listener.address;
            let same = |(_, other): &(_, &Written)| other.listener.address == address;
            let earlier = DOORS.iter().zip(&doors).take(index).find(same);
            if let (Some(((key, _), _)), true) = (earlier, door.listener.address.port() > 0) {
                let place = door.address.unwrap_or(table.place());
                table.fault(place, FaultKind::AddressTwice(key));
            }
        }
        let sftp = sftp(table.item("sftp"));
        table.finish();
        let [partners, erp, operator] = doors;
        WrittenListeners { partners, erp, operator, sftp }
    }
}

/// The listeners with the places of their addresses, for faults between tables.
#[derive(Debug)]
pub(super) struct WrittenListeners {
    pub(super) partners: Written,
    pub(super) erp: Written,
    pub(super) operator: Written,
    sftp: Option<SocketAddr>,
}

impl WrittenListeners {
    pub(super) fn listeners(&self) -> Listeners {
        Listeners {
            partners: self.partners.listener.clone(),
            erp: self.erp.listener.clone(),
            operator: self.operator.listener.clone(),
            sftp: self.sftp,
        }
    }
}

/// A listener and where its address stands, if it does.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) listener: Listener,
    pub(super) address: Option<Place>,
}

impl Written {
    /// Whether others than this machine may reach it.
    pub(super) fn is_outside(&self) -> bool {
        !self.listener.address.ip().is_loopback()
    }

    fn usual(port: u16) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self { listener: Listener { address, tls: Tls::Development }, address: None }
    }

    fn read(mut table: Table<'_>, port: u16, source: &dyn Source) -> Self {
        let mut written = Self::usual(port);
        if let Some(Placed { place, value }) = table.placed::<SocketAddr>("address") {
            written.listener.address = value;
            written.address = Some(place);
        }
        if let Some(item) = table.item("tls") {
            let tls = if item.is_text() {
                item.read::<TlsWord>().map(|word| match word.value {
                    TlsWord::Development => Tls::Development,
                    TlsWord::Off => Tls::Off,
                    TlsWord::Proxy => Tls::Proxy,
                })
            } else {
                item.table().and_then(|table| certificate(table, source))
            };
            if tls == Some(Tls::Off) && written.is_outside() {
                item.fault(FaultKind::PlainOutside);
            }
            written.listener.tls = tls.unwrap_or(Tls::Development);
        }
        table.finish();
        written
    }
}

fn certificate(mut table: Table<'_>, source: &dyn Source) -> Option<Tls> {
    let file = table.need::<String>("certificate");
    let chain = file.as_ref().and_then(|file| match source.kept(&file.value) {
        Ok(kept) => Some(kept.bytes),
        Err(error) => {
            let (path, why) = (file.value.clone(), error.to_string());
            table.fault(file.place, FaultKind::SecretUnreadable { path, why });
            None
        }
    });
    let item = table.item("key");
    if item.is_none() {
        table.fault(table.place(), FaultKind::Missing("key"));
    }
    let key = item.and_then(|item| secret(&item, source));
    table.finish();
    Some(Tls::Certificate { file: file?.value, chain: chain?, key: key? })
}

/// Where SFTP is spoken: `"off"`, or a table with an address.
fn sftp(item: Option<Item<'_>>) -> Option<SocketAddr> {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, SFTP_PORT));
    let Some(item) = item else { return Some(usual) };
    if item.is_text() {
        return match item.read::<SftpWord>()?.value {
            SftpWord::Off => None,
        };
    }
    let mut table = item.table()?;
    let address = table.or("address", usual);
    table.finish();
    Some(address)
}

words! {
    /// The word for no SFTP at all.
    pub(super) enum SftpWord {
        /// None.
        Off = "off",
    }
}

/// The port for SFTP when nobody says otherwise.
const SFTP_PORT: u16 = 8422;

/// The doors and the ports that they have when nobody says otherwise.
const DOORS: [(&str, u16); 3] = [("partners", 8443), ("erp", 8444), ("operator", 8445)];

#[cfg(test)]
mod tests {
    use super::super::sample::{Folder, US, faults_of_us};
    use super::*;

    fn us(listeners: &str) -> String {
        format!("{US}[listeners]\n{listeners}\n")
    }

    #[test]
    fn three_doors_on_loopback_speak_tls_when_nothing_is_said() {
        let partners = Folder::of(&[("us.toml", US)]).load().unwrap();
        let listeners = &partners.us().listeners;
        let doors = [&listeners.partners, &listeners.erp, &listeners.operator];
        assert_eq!(
            doors.map(|door| door.address.to_string()),
            ["127.0.0.1:8443", "127.0.0.1:8444", "127.0.0.1:8445"]
        );
        assert_eq!(listeners.sftp.map(|sftp| sftp.port()), Some(8422));
        assert!(doors.iter().all(|door| door.tls == Tls::Development));
    }

    #[test]
    fn doors_open_too_wide_are_refused() {
        assert_eq!(
            faults_of_us(&us(
                "partners = { address = '10.0.0.1:80', tls = 'off' }\nerp = { address = '10.0.0.1:80' }\noperator.address = '[::]:9'"
            )),
            [
                "partners/us.toml:4:45: tls = \"off\" is only for loopback addresses; leave it out, name a certificate, or write \"proxy\" where a proxy in front speaks TLS",
                "partners/us.toml:5:19: partners listens at this address already; the three are never shared",
                "partners/us.toml:5:19: whoever reaches 10.0.0.1:80 may order in our name; add a token to [erp], or use a loopback address",
                "partners/us.toml:6:20: the operator's listener has no sign-in yet and stays on loopback addresses",
            ]
        );
        assert_eq!(
            faults_of_us(&us(
                "erp.address = '127.0.0.1:8443'\npartners.address = 'localhost:1'\noperator.tls = 'on'"
            )),
            [
                "partners/us.toml:4:15: partners listens at this address already; the three are never shared",
                "partners/us.toml:5:20: `localhost:1` is no address to listen at; write an IP address and a port, as in \"127.0.0.1:8443\"",
                "partners/us.toml:6:16: `on` is not known here; write one of: development, off, proxy",
            ]
        );
    }

    #[test]
    fn plain_http_stands_at_any_address_behind_a_proxy() {
        let behind = us("partners = { address = '10.0.0.1:80', tls = 'proxy' }");
        let partners = Folder::of(&[("us.toml", &behind)]).load().unwrap();
        assert!(partners.us().listeners.partners.tls.is_plain());
    }

    #[test]
    fn free_ports_may_be_asked_for_by_all() {
        let free = "partners.address = '127.0.0.1:0'\nerp.address = '127.0.0.1:0'\noperator.address = '127.0.0.1:0'";
        assert_eq!(faults_of_us(&us(free)), [""; 0]);
    }

    #[test]
    fn a_certificate_comes_with_a_key_that_only_we_can_read() {
        let text =
            us("partners.tls = { certificate = 'certs/w.pem', key = { file = 'certs/w.key' } }");
        let folder = Folder::of(&[("us.toml", &text)]);
        assert_eq!(
            folder.faults(),
            [
                "partners/us.toml:4:32: certs/w.pem cannot be read: entity not found",
                "partners/us.toml:4:62: certs/w.key cannot be read: entity not found",
            ]
        );
        let folder = folder.keep("certs/w.pem", b"PEM", 0o644).keep("certs/w.key", b"KEY", 0o400);
        let partners = folder.load().unwrap();
        let Tls::Certificate { chain, key, .. } = &partners.us().listeners.partners.tls else {
            panic!("no certificate");
        };
        assert_eq!((chain.as_slice(), key.expose()), (&b"PEM"[..], &b"KEY"[..]));
        let faults = faults_of_us(&us("erp.tls = {}"));
        assert_eq!(
            faults,
            [
                "partners/us.toml:4:11: `certificate` is missing here",
                "partners/us.toml:4:11: `key` is missing here",
            ]
        );
    }
}
