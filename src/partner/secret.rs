//! Secrets, which stand in the environment or in a file that only we can read, and never in git.

use super::desk::Placed;
use super::fault::FaultKind;
use super::source::Source;
use super::written::{Item, Table};
use serde::Serialize;
use std::fmt;

/// A secret and where it came from; only the latter is ever shown.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Secret {
    from: Reference,
    #[serde(skip)]
    bytes: Box<[u8]>,
}

/// Where a secret stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Reference {
    /// In this variable of the environment.
    Env(String),
    /// In this file.
    File(String),
}

impl Secret {
    /// The secret itself, for the one who needs it.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({self})")
    }
}

/// Where it stands, such as `env WHARF_KEY`.
impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.from {
            Reference::Env(name) => write!(f, "env {name}"),
            Reference::File(path) => write!(f, "file {path}"),
        }
    }
}

/// Reads a secret by its reference.
pub(super) fn secret(item: &Item<'_>, source: &dyn Source) -> Option<Secret> {
    let mut table = if item.is_text() {
        // The value is not repeated: it may be one.
        item.fault(FaultKind::SecretWritten);
        return None;
    } else {
        item.table()?
    };
    let (env, file) = (table.placed::<String>("env"), table.placed::<String>("file"));
    let place = table.place();
    let found = match (env, file) {
        (Some(name), None) => from_environment(&name, source).map_err(|kind| (name.place, kind)),
        (None, Some(path)) => from_file(&path, source).map_err(|kind| (path.place, kind)),
        (None, None) | (Some(_), Some(_)) => Err((place, FaultKind::SecretSource)),
    };
    let found = found.map_err(|(place, kind)| table.fault(place, kind)).ok();
    table.finish();
    found
}

/// Reads the secret under `key`, if there is one.
pub(super) fn secret_of(
    table: &mut Table<'_>,
    key: &'static str,
    source: &dyn Source,
) -> Option<Secret> {
    secret(&table.item(key)?, source)
}

fn from_environment(name: &Placed<String>, source: &dyn Source) -> Result<Secret, FaultKind> {
    let value = source.variable(&name.value).filter(|value| !value.is_empty());
    let value = value.ok_or_else(|| FaultKind::NoVariable(name.value.clone()))?;
    let bytes = value.into_bytes().into();
    Ok(Secret { from: Reference::Env(name.value.clone()), bytes })
}

fn from_file(path: &Placed<String>, source: &dyn Source) -> Result<Secret, FaultKind> {
    let path = path.value.clone();
    let unreadable = |why: String| FaultKind::SecretUnreadable { path: path.clone(), why };
    let kept = source.kept(&path).map_err(|error| unreadable(error.to_string()))?;
    if let Some(mode) = kept.mode.filter(|mode| mode & OTHERS != 0) {
        return Err(FaultKind::SecretOpen { path, mode });
    }
    // Whoever writes a key with an editor ends it with a line break.
    let bytes = kept.bytes.trim_ascii_end();
    if bytes.is_empty() {
        return Err(unreadable("it is empty".to_owned()));
    }
    let bytes = bytes.into();
    Ok(Secret { from: Reference::File(path), bytes })
}

/// The permissions of the group and of everyone.
const OTHERS: u32 = 0o077;

#[cfg(test)]
mod tests {
    use super::super::https::Delivery;
    use super::super::sample::{ACME, Folder, US};

    fn folder(token: &str) -> Folder {
        let https =
            format!("[https]\ndeliver = {{ url = 'https://acme.example/in', token = {token} }}\n");
        Folder::of(&[("us.toml", US), ("acme.toml", &ACME.replace("[https]\n", &https))])
    }

    #[test]
    fn a_secret_is_taken_from_where_it_stands_and_never_shown() {
        let by_name = folder("{ env = 'ACME_TOKEN' }").set("ACME_TOKEN", "open sesame");
        let by_file = folder("{ file = 'certs/acme.token' }");
        let by_file = by_file.keep("certs/acme.token", b"open sesame\n", 0o600);
        for (folder, shown) in [(by_name, "env ACME_TOKEN"), (by_file, "file certs/acme.token")] {
            let partners = folder.load().unwrap();
            let acme = partners.partner("acme").unwrap();
            let Some(Delivery::Push(push)) = acme.wires.https.as_ref().map(|https| &https.deliver)
            else {
                panic!("{acme:?}");
            };
            let secret = push.token.as_ref().unwrap();
            assert_eq!(secret.expose(), b"open sesame");
            assert_eq!(format!("{secret:?}"), format!("Secret({shown})"));
            assert!(!format!("{partners:?}").contains("sesame"));
            assert!(!serde_json::to_string(acme).unwrap().contains("sesame"));
        }
    }

    #[test]
    fn a_secret_that_others_can_read_or_nobody_has_is_refused() {
        let at = "partners/acme.toml:7:";
        for (folder, fault) in [
            (
                folder("'open sesame'"),
                "54: a secret never stands in a file kept in git; write { env = \"NAME\" } or { file = \"certs/NAME\" }",
            ),
            (folder("{}"), "54: a secret comes from one place; write either env or file"),
            (
                folder("{ env = 'A', file = 'b' }"),
                "54: a secret comes from one place; write either env or file",
            ),
            (
                folder("{ env = 'A' }"),
                "62: the environment has no variable `A`; set it where wharf is started",
            ),
            (
                folder("{ env = 'A' }").set("A", ""),
                "62: the environment has no variable `A`; set it where wharf is started",
            ),
            (folder("{ file = 'certs/a' }"), "63: certs/a cannot be read: entity not found"),
            (
                folder("{ file = 'certs/a' }").keep("certs/a", b"\n", 0o600),
                "63: certs/a cannot be read: it is empty",
            ),
            (
                folder("{ file = 'certs/a' }").keep("certs/a", b"x", 0o640),
                "63: certs/a can be read by others (mode 0640); run `chmod 600 certs/a`",
            ),
        ] {
            assert_eq!(folder.faults(), [format!("{at}{fault}")]);
        }
    }
}
