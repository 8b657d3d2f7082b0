//! The answer to one interchange, ready to be written once it has its control numbers.

use super::group::GroupAnswer;
use crate::x12::{Delimiters, GroupHeader, InterchangeHeader, WriteError, Writer};
use jiff::civil::DateTime;
use std::fmt;

/// What the end of an interchange calls for.
#[derive(Clone, Debug)]
pub enum Reply {
    /// An answer is due.
    Answer(Box<Answer>),
    /// Nothing is to be sent, and why.
    Silence(Silence),
}

/// Why an interchange gets no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// No ISA could be read, so nobody can be addressed.
    NobodyToAddress,
    /// It holds acknowledgments only, and those are not acknowledged.
    OnlyAcknowledgments,
    /// Neither the interchange nor the agreement asks for one.
    NotWanted,
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NobodyToAddress => {
                "no answer can be addressed: the interchange has no ISA that can be read"
            }
            Self::OnlyAcknowledgments => {
                "no answer is due: the interchange holds acknowledgments only"
            }
            Self::NotWanted => "no answer is due: neither ISA14 nor the agreement asks for one",
        })
    }
}

/// The control numbers of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// ISA13.
    pub interchange: u32,
    /// GS06 of the first group; the others follow it.
    pub group: u32,
    /// ST02 of the first set; the others follow it.
    pub set: u32,
}

/// The answer to one interchange.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) delimiters: Delimiters,
    pub(super) newlines: bool,
    /// ISA05 to ISA08 of the answer.
    pub(super) sender: (String, String),
    pub(super) receiver: (String, String),
    pub(super) version: String,
    pub(super) usage: char,
    pub(super) ta1: Option<[String; 5]>,
    pub(super) groups: Vec<GroupAnswer>,
}

impl Answer {
    /// How many groups it has, and so how many control numbers of groups and sets it takes.
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Whether it has a TA1.
    pub fn has_ta1(&self) -> bool {
        self.ta1.is_some()
    }

    /// The answer as an interchange of its own, made `at` this local time.
    ///
    /// # Errors
    /// A control number of more than nine digits, or separators that no interchange may use.
    pub fn write(&self, numbers: Numbers, at: DateTime) -> Result<Vec<u8>, WriteError> {
        let writer = Writer::new(self.delimiters)?;
        let mut writer = if self.newlines { writer.with_newlines() } else { writer };
        writer.begin_interchange(&InterchangeHeader {
            sender: self.sender.clone(),
            receiver: self.receiver.clone(),
            date: at.strftime("%y%m%d").to_string(),
            time: at.strftime("%H%M").to_string(),
            version: self.version.clone(),
            control: numbers.interchange,
            acknowledgment_requested: false,
            usage: self.usage,
        })?;
        if let Some(ta1) = &self.ta1 {
            writer.segment("TA1", ta1.iter().map(String::as_str))?;
        }
        for (offset, group) in (0..).zip(&self.groups) {
            let date = if group.edition.has_short_dates() { "%y%m%d" } else { "%Y%m%d" };
            writer.begin_group(&GroupHeader {
                functional_id: "FA".to_owned(),
                sender: group.sender.clone(),
                receiver: group.receiver.clone(),
                date: at.strftime(date).to_string(),
                time: at.strftime("%H%M").to_string(),
                control: after(numbers.group, offset),
                version: group.edition.version().to_owned(),
            })?;
            let control = format!("{:04}", after(numbers.set, offset));
            writer.begin_set(group.edition.form.id(), &control, group.edition.guide())?;
            group.write(&mut writer)?;
            writer.end_set();
            writer.end_group();
        }
        writer.end_interchange();
        Ok(writer.into_bytes())
    }
}

/// The control number `offset` places after `first`: 1 follows the largest.
fn after(first: u32, offset: u32) -> u32 {
    match first.saturating_add(offset) {
        within @ ..=LARGEST => within,
        beyond => (beyond - 1) % LARGEST + 1,
    }
}

/// The largest control number: nine digits.
const LARGEST: u32 = 999_999_999;

#[cfg(test)]
mod tests {
    use super::super::options::{FunctionalPolicy, Options};
    use super::super::sample::{due, group, isa, orders, silence, text};
    use super::*;

    #[test]
    fn control_numbers_start_again_behind_the_largest() {
        assert_eq!(after(7, 2), 9);
        assert_eq!(after(LARGEST, 0), LARGEST);
        assert_eq!(after(LARGEST, 1), 1);
        assert_eq!(after(u32::MAX, u32::MAX), u32::MAX % LARGEST);
    }

    #[test]
    fn a_control_number_of_ten_digits_is_refused() {
        let answer = due(&orders("004010", &["0001"]), &[], &Options::default());
        let numbers = Numbers { interchange: LARGEST + 1, group: 1, set: 1 };
        let at = jiff::civil::date(2024, 1, 16).at(12, 0, 0, 0);
        assert!(matches!(answer.write(numbers, at), Err(WriteError::TooWide { element: 13, .. })));
    }

    #[test]
    fn nothing_is_said_where_nothing_is_wanted_or_nobody_can_be_addressed() {
        let options = Options { functional: FunctionalPolicy::Never, ..Options::default() };
        let input = orders("004010", &["0001"]);
        assert_eq!(silence(&input, &[], &options), Silence::NotWanted);
        let silent = silence("<html>", &[], &Options::default());
        assert_eq!(silent, Silence::NobodyToAddress);
        assert!(silent.to_string().contains("no ISA"));
    }

    #[test]
    fn separators_can_be_chosen_and_never_stand_in_an_address() {
        let odd = isa("00501", 0, ':').replace("SUPPLIER ", "SUPP:LIER");
        let input = odd + &group("PO", "004010", &["0001"]) + "IEA*1*000000042~";
        let answer = text(&due(&input, &[], &Options::default()));
        assert!(
            answer.starts_with("ISA*00*          *00*          *ZZ*HOSPITAL       *01*SUPP:LIER")
        );
        assert_eq!(answer.get(104..106), Some(">~"));
        let chosen =
            Delimiters { element: b'|', component: b'!', repetition: None, segment: b'\n' };
        let options = Options { delimiters: Some(chosen), ..Options::default() };
        let answer = text(&due(&orders("005010", &["0001"]), &[], &options));
        assert!(answer.contains("AK1|PO|7|005010\nAK2|850|0001\nIK5|A\n"), "{answer}");
        assert_eq!(answer.get(82..83), Some("*"), "a version that repeats declares a separator");
    }
}
