//! Whose a certificate is, as a person writes it: `CN=edi.acme.example,O=Acme Medical,C=US`.

use rcgen::{DistinguishedName, DnType};
use std::str::FromStr;
use thiserror::Error;

/// A distinguished name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject(Vec<(Part, String)>);

/// What may stand in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    CommonName,
    Organization,
    Unit,
    Locality,
    State,
    Country,
}

const PARTS: [(&str, Part); 6] = [
    ("CN", Part::CommonName),
    ("O", Part::Organization),
    ("OU", Part::Unit),
    ("L", Part::Locality),
    ("ST", Part::State),
    ("C", Part::Country),
];

impl Subject {
    /// The name that has only a common name.
    pub fn common(name: &str) -> Self {
        Self(vec![(Part::CommonName, name.to_owned())])
    }

    pub(super) fn distinguished(&self) -> DistinguishedName {
        let mut name = DistinguishedName::new();
        for (part, value) in &self.0 {
            let kind = match part {
                Part::CommonName => DnType::CommonName,
                Part::Organization => DnType::OrganizationName,
                Part::Unit => DnType::OrganizationalUnitName,
                Part::Locality => DnType::LocalityName,
                Part::State => DnType::StateOrProvinceName,
                Part::Country => DnType::CountryName,
            };
            name.push(kind, value.as_str());
        }
        name
    }
}

impl FromStr for Subject {
    type Err = NotASubject;

    /// Reads parts set apart by commas; a comma or a backslash in a value has a backslash before it.
    fn from_str(text: &str) -> Result<Self, NotASubject> {
        let mut parts = Vec::new();
        for written in split(text) {
            let (key, value) =
                written.split_once('=').ok_or_else(|| NotASubject::Form(written.clone()))?;
            let (key, value) = (key.trim(), value.trim());
            let (_, part) = PARTS
                .into_iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(key))
                .ok_or_else(|| NotASubject::Unknown(key.to_owned()))?;
            let is_country = part == Part::Country;
            let letters = value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_uppercase());
            if value.is_empty() || value.chars().any(char::is_control) || (is_country && !letters) {
                return Err(NotASubject::Form(written));
            }
            if parts.iter().any(|(known, _)| *known == part) {
                return Err(NotASubject::Twice(key.to_owned()));
            }
            parts.push((part, value.to_owned()));
        }
        Ok(Self(parts))
    }
}

fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        let (c, ends) = match c {
            '\\' => (characters.next().unwrap_or('\\'), false),
            ',' => (c, true),
            other => (other, false),
        };
        match parts.last_mut() {
            Some(part) if !ends => part.push(c),
            Some(_) | None => parts.push(String::new()),
        }
    }
    parts
}

/// Text that is no name of anybody.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotASubject {
    /// It is not written as one.
    #[error(
        "`{0}` is no part of a name; write CN=edi.acme.example,O=Acme Medical,C=US (a country has two capital letters)"
    )]
    Form(String),
    /// A part that we do not know.
    #[error("`{0}` is not known here; write CN, O, OU, L, ST or C")]
    Unknown(String),
    /// A part that is there twice.
    #[error("`{0}` is there twice")]
    Twice(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_part_by_part() {
        let subject: Subject = r"CN=edi.acme.example, o=Acme\, Inc. \\ Co,C=US".parse().unwrap();
        assert_eq!(
            subject.0,
            [
                (Part::CommonName, "edi.acme.example".to_owned()),
                (Part::Organization, r"Acme, Inc. \ Co".to_owned()),
                (Part::Country, "US".to_owned())
            ]
        );
        assert_eq!("CN=a".parse(), Ok(Subject::common("a")));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "acme", "CN=", "CN=a,,O=b", "CN=a,X=b", "CN=a,CN=b", "C=usa", "CN=a\nb"] {
            assert!(text.parse::<Subject>().is_err(), "{text:?}");
        }
    }
}
