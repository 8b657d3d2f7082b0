//! A partner's own SFTP server: how we get in, what we fetch there and where we put what is for them.

use super::fault::{FaultKind, shown};
use super::looks::Looks;
use super::pickup::Pickup;
use super::quantity::Length;
use super::secret::{Secret, secret_of};
use super::source::Source;
use super::ssh_key::PublicKey;
use super::written::{Item, Table, Value};
use serde::Serialize;
use std::fmt;

/// A partner's own SFTP server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remote {
    /// The server.
    #[serde(flatten)]
    pub server: Host,
    /// The hosts on the way to it, first the one that we call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub jump: Vec<Host>,
    /// The folders that we fetch from.
    pub fetch: Vec<Pickup>,
    /// When we look there.
    pub looks: Looks,
    /// The folder that we put into; none: nothing is put there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push: Option<String>,
}

/// A host that we sign in to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Host {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// As whom.
    pub user: String,
    /// With what.
    pub auth: Auth,
    /// The keys that it may have; several while one takes over from another.
    pub host_keys: Vec<PublicKey>,
}

/// What we sign in with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// A private key.
    Key {
        /// The key, as ssh-keygen writes it.
        key: Secret,
        /// What it is encrypted with.
        #[serde(skip_serializing_if = "Option::is_none")]
        passphrase: Option<Secret>,
    },
    /// Whatever the agent of whoever started us holds.
    Agent,
    /// A password.
    Password(Secret),
}

impl Remote {
    /// The name of the server, for people and as the queue of what goes there.
    pub fn endpoint(&self) -> String {
        format!("sftp://{}/{}", self.server, self.push.as_deref().unwrap_or_default())
    }

    /// What we sign in with.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let hosts = std::iter::once(&self.server).chain(&self.jump);
        hosts
            .flat_map(|host| match &host.auth {
                Auth::Key { key, passphrase } => [Some(key), passphrase.as_ref()],
                Auth::Agent => [None, None],
                Auth::Password(password) => [Some(password), None],
            })
            .flatten()
    }

    pub(super) fn read(mut table: Table<'_>, source: &dyn Source) -> Option<Self> {
        let place = table.place();
        let server = host(&mut table, source);
        let jump = table.tables("jump").into_iter();
        let jump = jump.map(|mut table| {
            let hop = host(&mut table, source);
            table.finish();
            hop
        });
        let jump = jump.collect::<Option<Vec<_>>>();
        let looks = Looks::read(&mut table, USUAL);
        let fetch = table.tables("fetch").into_iter().map(fetch).collect::<Option<Vec<_>>>();
        let push = table.placed::<RemotePath>("push");
        if push.is_none() && fetch.as_ref().is_some_and(Vec::is_empty) {
            table.fault(place, FaultKind::NoRemoteFolder);
        }
        let fetched = fetch.iter().flatten().map(|fetch| fetch.folder.as_str());
        if let Some(push) = push.as_ref()
            && fetched.into_iter().any(|folder| folder == push.value.0)
        {
            table.fault(push.place, FaultKind::OneFolder);
        }
        table.finish();
        let push = push.map(|push| push.value.0);
        Some(Self { server: server?, jump: jump?, fetch: fetch?, looks, push })
    }
}

/// As people write it: `user@host:port`.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, user, .. } = self;
        if host.contains(':') {
            write!(f, "{user}@[{host}]:{port}")
        } else {
            write!(f, "{user}@{host}:{port}")
        }
    }
}

fn host(table: &mut Table<'_>, source: &dyn Source) -> Option<Host> {
    let host = table.need::<HostName>("host");
    let port = table.placed::<Port>("port").map_or(22, |port| port.value.0);
    let user = table.need::<UserName>("user");
    let (key, passphrase) =
        (secret_of(table, "key", source), secret_of(table, "passphrase", source));
    let has_key = table.item("key").is_some();
    let has_password = table.item("password").is_some();
    let password = secret_of(table, "password", source);
    let agent = table.or("agent", false);
    if usize::from(has_key) + usize::from(has_password) + usize::from(agent) != 1 {
        table.fault(table.place(), FaultKind::OneAuth);
    }
    let auth = match (key, password) {
        (Some(key), _) => Some(Auth::Key { key, passphrase }),
        (None, Some(password)) => Some(Auth::Password(password)),
        (None, None) => agent.then_some(Auth::Agent),
    };
    let pinned = table.item("host_keys").is_some();
    let host_keys = table.list::<PublicKey>("host_keys");
    let host_keys = host_keys.into_iter().map(|key| key.value).collect::<Vec<_>>();
    if !pinned || (host_keys.is_empty() && table.items("host_keys").is_empty()) {
        table.fault(table.place(), FaultKind::NoHostKey);
    }
    Some(Host { host: host?.value.0, port, user: user?.value.0, auth: auth?, host_keys })
}

fn fetch(mut table: Table<'_>) -> Option<Pickup> {
    let folder = table.need::<RemotePath>("folder");
    let pickup =
        Pickup::read(&mut table, folder.as_ref().map_or_else(String::new, |f| f.value.0.clone()));
    table.finish();
    folder.map(|_| pickup)
}

/// A host's name or address.
struct HostName(String);

impl Value for HostName {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-:_".contains(c);
        let sound = !text.is_empty() && !text.starts_with('-') && text.chars().all(plain);
        let sound = sound && (!text.contains(':') || text.parse::<std::net::IpAddr>().is_ok());
        sound.then(|| Self(text.to_owned())).ok_or_else(|| FaultKind::Malformed {
            value: shown(text),
            what: "name of a host",
            how: "its name or address alone, as in \"sftp.supplier.example\"; the port is `port`",
        })
    }
}

struct Port(u16);

impl Value for Port {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let number = u32::of(item)?;
        u16::try_from(number).map(Self).map_err(|_| FaultKind::Malformed {
            value: number.to_string(),
            what: "port",
            how: "a number up to 65535",
        })
    }
}

/// A name on somebody else's server: anything that can be seen.
struct UserName(String);

impl Value for UserName {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        let sound = !text.is_empty() && text.chars().all(|c| !c.is_control() && !c.is_whitespace());
        sound.then(|| Self(text.to_owned())).ok_or_else(|| FaultKind::Malformed {
            value: shown(text),
            what: "name to sign in with",
            how: "it as they gave it to you, without spaces",
        })
    }
}

/// A folder on somebody else's server.
struct RemotePath(String);

impl Value for RemotePath {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?.trim();
        let text = if text == "/" { text } else { text.trim_end_matches('/') };
        let sound = !text.is_empty() && text.chars().all(|c| !c.is_control());
        sound.then(|| Self(text.to_owned())).ok_or_else(|| FaultKind::Malformed {
            value: shown(text),
            what: "folder",
            how: "its path on their server, as in \"outbound\" or \"/edi/out\"; \".\" is where we arrive",
        })
    }
}

/// Partners write their files in batches; a look costs them a session.
const USUAL: Length = Length::seconds(300);

#[cfg(test)]
mod tests {
    use super::super::sample::{ACME, Folder, US};
    use super::super::wires::Way;
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJRf2O+fQ2Tq6dZf4zhAvYtEsZM2UNuI6uYyKxXGqUnk";

    fn files(remote: &str) -> Folder {
        let acme = ACME.replace("[https]\n", &format!("[sftp.remote]\n{remote}"));
        Folder::of(&[("us.toml", US), ("acme.toml", &acme)])
    }

    #[test]
    fn a_server_of_theirs_is_fetched_from_and_put_to() {
        let folder = files(&format!(
            "host = 'sftp.acme.example'\nport = 2222\nuser = 'lakeside'\nkey = {{ file = 'certs/acme' }}\n\
             host_keys = ['{KEY}', '{KEY} next']\npush = '/in/'\ncron = '*/15 6-20 * * Mon-Fri'\n\
             zone = 'America/Chicago'\nholidays = ['2026-12-25']\n\
             jump = [{{ host = '10.0.0.1', user = 'us', agent = true, host_keys = ['{KEY}'] }}]\n\
             [[sftp.remote.fetch]]\nfolder = 'out'\nmatch = ['*.edi']\nafter = {{ move = 'done' }}\n\
             [[sftp.remote.fetch]]\nfolder = '.'\nafter = 'keep'\nclaim = false\n"
        ));
        let partners = folder.keep("certs/acme", b"KEY", 0o600).load().unwrap();
        let acme = partners.partner("acme").unwrap();
        let Some(Way::Sftp(remote)) = acme.way() else { panic!("{acme:?}") };
        assert_eq!(remote.endpoint(), "sftp://lakeside@sftp.acme.example:2222//in");
        assert_eq!(remote.fetch.len(), 2);
        assert_eq!(remote.jump[0].to_string(), "us@10.0.0.1:22");
        let looks = "at 0 */15 6-20 * * Mon-Fri America/Chicago, not on 1 holiday";
        assert_eq!(remote.looks.to_string(), looks);
        assert_eq!(remote.secrets().count(), 1);
        let shown = serde_json::to_string(acme).unwrap();
        assert!(shown.contains("certs/acme") && !shown.contains("KEY\""), "{shown}");
    }

    #[test]
    fn what_is_missing_or_doubtful_is_said() {
        assert_eq!(
            files("host = 'ssh://x'\nport = 70000\n").faults(),
            [
                "6:1: `user` is missing here",
                "6:1: we sign in with one thing; write key = { file = \"certs/NAME\" }, agent = true, or password = { env = \"NAME\" }",
                "6:1: nothing says who this server is; write host_keys = [\"…\"] with the line that they gave you, or that `ssh-keyscan HOST` prints once you have compared its fingerprint with them",
                "6:1: this names no folder of theirs; write push = \"DIR\" for what is for them, [[sftp.remote.fetch]] with a folder for what they send, or both",
                "7:8: `ssh://x` is no name of a host; write its name or address alone, as in \"sftp.supplier.example\"; the port is `port`",
                "8:8: `70000` is no port; write a number up to 65535",
            ]
            .map(|fault| format!("partners/acme.toml:{fault}"))
        );
    }

    #[test]
    fn a_server_from_which_is_only_fetched_is_no_way_to_them() {
        let remote = format!(
            "host = 'a.example'\nuser = 'us'\nagent = true\nhost_keys = ['{KEY}']\n\
             [[sftp.remote.fetch]]\nfolder = 'out'\n"
        );
        let faults = files(&remote).faults();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].contains("nothing says how"), "{faults:?}");
    }
}
