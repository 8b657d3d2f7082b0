//! Which acknowledgment answers a group, and what its release lets it say.

use super::options::FunctionalPolicy;
use crate::grammar::FindingKind;
use serde::Serialize;

/// The two functional acknowledgments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Form {
    /// The functional acknowledgment.
    #[serde(rename = "997")]
    Functional,
    /// The implementation acknowledgment, which also knows the codes of guides.
    #[serde(rename = "999")]
    Implementation,
}

impl Form {
    /// The transaction set's id.
    pub fn id(self) -> &'static str {
        match self {
            Self::Functional => "997",
            Self::Implementation => "999",
        }
    }

    /// The form with this transaction set id.
    pub fn of(id: &str) -> Option<Self> {
        match id {
            "997" => Some(Self::Functional),
            "999" => Some(Self::Implementation),
            _ => None,
        }
    }

    /// The code that this form has for `kind`.
    pub(super) fn code(self, kind: FindingKind) -> Option<&'static str> {
        match self {
            Self::Functional => kind.ack_code(),
            Self::Implementation => kind.code_999(),
        }
    }

    /// The ids of the segments that correspond to AK3, AK4 and AK5.
    pub(super) fn segment_ids(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Functional => ("AK3", "AK4", "AK5"),
            Self::Implementation => ("IK3", "IK4", "IK5"),
        }
    }
}

/// A form in a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edition {
    pub(super) form: Form,
    /// Six digits, such as `004010`.
    release: String,
    /// Whether the received group follows a published guide, so that the 999 must name its own.
    guided: bool,
}

impl Edition {
    /// What answers a group of `version` (GS08); `None` if the agreement wants nothing.
    pub(super) fn answering(version: &str, policy: FunctionalPolicy) -> Option<Self> {
        let release = version
            .get(..6)
            .filter(|release| release.bytes().all(|byte| byte.is_ascii_digit()))
            .unwrap_or("004010");
        let form = match policy {
            FunctionalPolicy::Never => return None,
            FunctionalPolicy::Auto if release >= "005010" => Form::Implementation,
            FunctionalPolicy::Auto | FunctionalPolicy::Functional => Form::Functional,
            FunctionalPolicy::Implementation => Form::Implementation,
        };
        let release = match form {
            Form::Implementation => release.max("005010"),
            Form::Functional => release,
        };
        let guided = version.starts_with("005010X") && form == Form::Implementation;
        Some(Self { form, release: release.to_owned(), guided })
    }

    /// GS08.
    pub(super) fn version(&self) -> &str {
        if self.guided { GUIDE_999 } else { &self.release }
    }

    /// ST03; empty for none.
    pub(super) fn guide(&self) -> &'static str {
        if self.guided { GUIDE_999 } else { "" }
    }

    /// ISA12 for an interchange that did not say one that can be repeated.
    pub(super) fn interchange_version(&self) -> &str {
        self.release.get(..5).unwrap_or("00401")
    }

    /// Whether GS04 is YYMMDD.
    pub(super) fn has_short_dates(&self) -> bool {
        self.release.as_str() < "004010"
    }

    /// Whether AK1 repeats GS08 and AK2 repeats ST03.
    pub(super) fn repeats_versions(&self) -> bool {
        self.release.as_str() >= "005010"
    }

    /// Whether AK401 is a composite that can name a component.
    pub(super) fn names_components(&self) -> bool {
        self.release.as_str() >= "003060"
    }

    /// Whether AK401 can name a repetition.
    pub(super) fn names_repetitions(&self) -> bool {
        self.release.as_str() >= "004030"
    }

    /// The most characters in AK303.
    pub(super) fn loop_width(&self) -> usize {
        if ("004010".."005010").contains(&self.release.as_str()) { 6 } else { 4 }
    }

    /// The largest number in AK302.
    pub(super) fn last_position(&self) -> u32 {
        if self.repeats_versions() { u32::MAX } else { 999_999 }
    }
}

/// The guide of the 999 that answers groups which follow a guide in 005010.
const GUIDE_999: &str = "005010X231A1";

#[cfg(test)]
mod tests {
    use super::*;

    fn edition(version: &str, policy: FunctionalPolicy) -> (Form, String) {
        let edition = Edition::answering(version, policy).unwrap();
        (edition.form, edition.version().to_owned())
    }

    #[test]
    fn the_answer_speaks_the_release_of_the_group() {
        use FunctionalPolicy::{Auto, Functional, Implementation};
        let plain = |form, version: &str| (form, version.to_owned());
        for (version, policy, form, answer) in [
            ("004010", Auto, Form::Functional, "004010"),
            ("004010VICS", Auto, Form::Functional, "004010"),
            ("003040", Auto, Form::Functional, "003040"),
            ("005010", Auto, Form::Implementation, "005010"),
            ("005010X222A1", Auto, Form::Implementation, "005010X231A1"),
            ("005010X222A1", Functional, Form::Functional, "005010"),
            ("004010", Implementation, Form::Implementation, "005010"),
            ("", Auto, Form::Functional, "004010"),
            ("nonsense", Auto, Form::Functional, "004010"),
        ] {
            assert_eq!(edition(version, policy), plain(form, answer), "{version}");
        }
        assert_eq!(Edition::answering("004010", FunctionalPolicy::Never), None);
    }

    #[test]
    fn the_places_are_as_wide_as_the_release_has_them() {
        let widths = |version| {
            let edition = Edition::answering(version, FunctionalPolicy::Functional).unwrap();
            (edition.loop_width(), edition.last_position(), edition.names_components())
        };
        assert_eq!(widths("003040"), (4, 999_999, false));
        assert_eq!(widths("004010"), (6, 999_999, true));
        assert_eq!(widths("005010"), (4, u32::MAX, true));
    }
}
