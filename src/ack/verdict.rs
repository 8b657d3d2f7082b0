//! What a partner says of what was sent to them.

use super::form::Form;
use serde::Serialize;
use std::fmt;

/// What one item of a partner's answer says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum PartnerVerdict {
    /// A TA1: about an interchange's envelope.
    Interchange(InterchangeVerdict),
    /// A 997 or 999: about a functional group and its sets.
    Group(FunctionalVerdict),
}

/// Accepted or not, as AK5, AK9 and TA1 say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// `A`.
    Accepted,
    /// `E`: accepted, but with errors.
    AcceptedWithErrors,
    /// `P`: some sets are accepted, some are not.
    PartiallyAccepted,
    /// `R`.
    Rejected,
    /// `M`: the authentication code does not fit the content.
    RejectedAuthentication,
    /// `W`: the signature, or another assurance, did not hold.
    RejectedAssurance,
    /// `X`: what came out of decryption could not be read.
    RejectedDecryption,
    /// The answer does not say, or says something that the standard does not know.
    Unknown,
}

impl Status {
    /// The status that a code stands for.
    pub(super) fn of(code: &str) -> Self {
        match code {
            "A" => Self::Accepted,
            "E" => Self::AcceptedWithErrors,
            "P" => Self::PartiallyAccepted,
            "R" => Self::Rejected,
            "M" => Self::RejectedAuthentication,
            "W" => Self::RejectedAssurance,
            "X" => Self::RejectedDecryption,
            _ => Self::Unknown,
        }
    }

    /// Whether the partner took it whole; `None` if they do not say, or took a part.
    pub fn is_accepted(self) -> Option<bool> {
        match self {
            Self::Accepted | Self::AcceptedWithErrors => Some(true),
            Self::Rejected
            | Self::RejectedAuthentication
            | Self::RejectedAssurance
            | Self::RejectedDecryption => Some(false),
            Self::PartiallyAccepted | Self::Unknown => None,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Accepted => "accepted",
            Self::AcceptedWithErrors => "accepted with errors",
            Self::PartiallyAccepted => "partially accepted",
            Self::Rejected => "rejected",
            Self::RejectedAuthentication => "rejected: the authentication code does not fit",
            Self::RejectedAssurance => "rejected: the signature or assurance does not hold",
            Self::RejectedDecryption => "rejected: the decrypted content cannot be read",
            Self::Unknown => "not said",
        })
    }
}

/// A TA1: what became of an interchange's envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InterchangeVerdict {
    /// TA101: ISA13 of what was sent.
    pub control: String,
    /// TA102: its ISA09.
    pub date: String,
    /// TA103: its ISA10.
    pub time: String,
    /// TA104.
    pub status: Status,
    /// TA105.
    pub code: String,
    /// What is wrong, in words.
    pub sentence: String,
}

impl InterchangeVerdict {
    /// Whether this speaks of the interchange with this ISA13.
    pub fn speaks_of(&self, control: &str) -> bool {
        same_number(&self.control, control)
    }
}

/// A 997 or 999: what became of a functional group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FunctionalVerdict {
    /// Which acknowledgment it is.
    pub form: Form,
    /// AK101: GS01 of what was sent.
    pub functional_id: String,
    /// AK102: its GS06.
    pub group_control: String,
    /// AK103: its GS08, where the answer repeats it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// AK901, or what follows from the sets where there is none.
    pub status: Status,
    /// AK902 to AK904.
    pub counts: Counts,
    /// AK905 to AK909.
    pub codes: Vec<CodeInWords>,
    /// The sets that the answer names.
    pub sets: Vec<SetVerdict>,
    /// What is odd about the answer itself, one sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub oddities: Vec<String>,
}

impl FunctionalVerdict {
    /// Whether this speaks of the group with this GS01 and GS06; leading zeros do not count.
    pub fn speaks_of(&self, functional_id: &str, group_control: &str) -> bool {
        self.functional_id == functional_id && same_number(&self.group_control, group_control)
    }

    /// What it says of one set by name, if it does.
    pub fn set(&self, id: &str, control: &str) -> Option<&SetVerdict> {
        self.sets
            .iter()
            .find(|set| set.id == id && set.control == control)
            .or_else(|| self.sets.iter().find(|set| set.speaks_of(id, control)))
    }

    /// What became of one set, whether it is named or only counted in AK9.
    pub fn status_of(&self, id: &str, control: &str) -> Status {
        if let Some(set) = self.set(id, control) {
            return set.status;
        }
        match self.status {
            Status::PartiallyAccepted => self.status_of_unnamed(),
            Status::AcceptedWithErrors => Status::Accepted,
            certain @ (Status::Accepted
            | Status::Rejected
            | Status::RejectedAuthentication
            | Status::RejectedAssurance
            | Status::RejectedDecryption
            | Status::Unknown) => certain,
        }
    }

    /// In a group accepted in part, sets that are not named are accepted if the named ones are all
    /// that were rejected.
    fn status_of_unnamed(&self) -> Status {
        let named = self.sets.iter().filter(|set| set.status.is_accepted() == Some(false)).count();
        let rejected = self.counts.received.zip(self.counts.accepted);
        let rejected = rejected.and_then(|(received, accepted)| received.checked_sub(accepted));
        if rejected.is_some_and(|rejected| u64::try_from(named) == Ok(rejected)) {
            Status::Accepted
        } else {
            Status::Unknown
        }
    }
}

/// AK902 to AK904; `None` where the answer leaves them out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// How many sets our GE01 said there are.
    pub included: Option<u64>,
    /// How many arrived.
    pub received: Option<u64>,
    /// How many were accepted.
    pub accepted: Option<u64>,
}

/// An AK2 loop: what became of one set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetVerdict {
    /// AK201: ST01 of what was sent.
    pub id: String,
    /// AK202: its ST02.
    pub control: String,
    /// AK203: its ST03, where the answer repeats it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guide: Option<String>,
    /// AK501, or what follows from the group where there is none.
    pub status: Status,
    /// What is wrong inside the set.
    pub errors: Vec<ErrorInWords>,
    /// AK502 to AK506.
    pub codes: Vec<CodeInWords>,
}

impl SetVerdict {
    /// Whether this speaks of the set with this ST01 and ST02; leading zeros do not count.
    pub fn speaks_of(&self, id: &str, control: &str) -> bool {
        self.id == id && same_number(&self.control, control)
    }
}

/// A code and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodeInWords {
    /// As it stands in the answer.
    pub code: String,
    /// What it means.
    pub sentence: String,
}

/// One thing that a partner found wrong in a set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ErrorInWords {
    /// The segment's id.
    pub segment: String,
    /// Its number in the set, ST being 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// The loop's id.
    #[serde(rename = "loop", skip_serializing_if = "Option::is_none")]
    pub loop_id: Option<String>,
    /// The element's number in the segment, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element: Option<u32>,
    /// The component's number, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<u32>,
    /// The repetition's number, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repetition: Option<u32>,
    /// The data element number, such as `353`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_element: Option<String>,
    /// AK304 or AK403 as it stands; empty if the answer gives none.
    pub code: String,
    /// What they say stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The 999's CTX segments, as written but for `:` between components.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<String>,
    /// The whole in words.
    pub sentence: String,
}

/// Whether two control numbers are the same but for leading zeros and spaces.
fn same_number(one: &str, other: &str) -> bool {
    let plain = |number: &str| number.trim().trim_start_matches('0').to_owned();
    one == other || plain(one) == plain(other)
}
