//! What can be wrong with a SEF file, in words, each with what to do.

use thiserror::Error;

/// What is wrong at one place of a SEF file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SefFaultKind {
    /// Nothing but white space.
    #[error("the file is empty")]
    Empty,
    /// Bytes that no SEF file holds.
    #[error("this is not SEF text but {0}")]
    NotSef(&'static str),
    /// The vendor's encrypted form.
    #[error(
        "this file is encrypted (it begins with EDIDE), and only its vendor's program can read it"
    )]
    Encrypted,
    /// More than is read.
    #[error("the file has {0} bytes, which is more than a SEF file can have here")]
    TooLarge(usize),
    /// A line where the section wants another sort of line, or no section is open.
    #[error("this line belongs to no section")]
    StrayLine,
    /// A section before `.INI`, or a second one.
    #[error("the section `{0}` stands at the wrong place")]
    SectionMisplaced(String),
    /// A section that is not known here.
    #[error("the section `{0}` is not known and is not read")]
    SectionUnknown(String),
    /// No `.INI`, or nothing in it.
    #[error("there is no .INI section that names the standard's version and release")]
    IniMissing,
    /// The third field of `.INI`.
    #[error("the version and release in .INI should be digits such as `004 010`, not `{0}`")]
    ReleaseInvalid(String),
    /// EDIFACT, TRADACOMS and others.
    #[error("the file describes {0}; only X12 is read")]
    AgencyUnsupported(String),
    /// `.STD` with more than `LS` and `RE`.
    #[error("the standard's form `{0}` in .STD is not X12's: fixed-length standards are not read")]
    StdUnsupported(String),
    /// A SEF version after 1.6.
    #[error("SEF {0} is not known; the file is read as SEF 1.6")]
    VersionUnknown(String),
    /// A character that cannot stand where it does.
    #[error("{found} stands where {wanted} belongs")]
    Unexpected {
        /// The character, or the end of the line.
        found: String,
        /// What would be right.
        wanted: &'static str,
    },
    /// A number that is none, or too great.
    #[error("`{0}` is no number that can stand here")]
    NumberInvalid(String),
    /// The same thing defined twice.
    #[error("{what} `{id}` is defined twice")]
    Repeated {
        /// What sort of thing.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// Something used that nothing defines.
    #[error("{what} `{id}` is not defined")]
    Undefined {
        /// What sort of thing.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// More of something than is read.
    #[error("there are more than {limit} {what}")]
    TooMany {
        /// What sort of thing.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// An id that no segment can have.
    #[error("`{0}` is no segment id")]
    SegmentIdInvalid(String),
    /// A requirement that X12 does not have.
    #[error("`{0}` is no requirement: it is M, or O, or left out")]
    RequirementInvalid(String),
    /// `{` without `}`.
    #[error("a `{{` is not closed")]
    Unclosed,
    /// A loop that begins with a loop, or with nothing.
    #[error("a loop must begin with a segment")]
    LoopHeadMissing,
    /// A head of a loop with a maximum of its own.
    #[error("the first segment of a loop stands once; the maximum {0} is not used")]
    LoopHeadRepeats(u32),
    /// A transaction set without ST or SE.
    #[error("the set `{0}` does not begin with ST and end with SE")]
    SetIncomplete(String),
    /// An increment that leads below zero.
    #[error("the position falls below zero")]
    PositionNegative,
    /// A mask that the record does not have.
    #[error("`{id}` has no mask {number}")]
    MaskUndefined {
        /// The segment or composite.
        id: String,
        /// The mask's number.
        number: u32,
    },
    /// A mask that cannot be read.
    #[error("this mask holds `{0}`, which is no usage mark")]
    MaskInvalid(String),
    /// A mask for more elements than there are.
    #[error("this mask is longer than the list that it covers")]
    MaskTooLong,
    /// A mask forbids what the standard demands.
    #[error("mask {number} of `{id}` leaves out what the standard demands: place {place:02}")]
    MandatoryNotUsed {
        /// The segment or composite.
        id: String,
        /// The mask's number.
        number: u32,
        /// The first such element.
        place: usize,
    },
    /// A type that X12 does not have.
    #[error("`{0}` is no element type of X12")]
    TypeUnknown(String),
    /// A minimum above the maximum.
    #[error("the least length {min} is above the greatest {max}")]
    LengthsReversed {
        /// Fewest characters.
        min: u32,
        /// Most characters.
        max: u32,
    },
    /// A condition such as `P02` or `P0299`.
    #[error("`{0}` is no condition between elements of this list")]
    RelationalInvalid(String),
    /// Two codes that do not bound a range.
    #[error("`{0}` is no range of codes")]
    RangeInvalid(String),
    /// A set of codes with a mark that is not known.
    #[error("`{0}` is no code")]
    CodeInvalid(String),
    /// `[]` with places.
    #[error(
        "here and at {0} more places an empty set of codes is tied to a place; it restricts nothing there"
    )]
    CodesEmpty(usize),
    /// A code chosen that the list does not have.
    #[error("the code `{0}` is chosen but is not in the list")]
    CodeUnlisted(String),
    /// A location that cannot be read.
    #[error("`{0}` is no location")]
    LocationInvalid(String),
    /// A location that leads nowhere.
    #[error("nothing stands at `{0}`")]
    LocationEmpty(String),
    /// A location where another element stands.
    #[error("element {found} stands at `{location}`, not {wanted}")]
    LocationDiffers {
        /// As written.
        location: String,
        /// The element there.
        found: String,
        /// The element that the record is about.
        wanted: String,
    },
    /// A location in a set that the file does not have.
    #[error("`{0}` is in a set that this file does not have")]
    LocationElsewhere(String),
    /// A pattern that cannot be compiled.
    #[error("the pattern cannot be used: {0}")]
    PatternInvalid(String),
    /// `COMEXIT` and others: code of the author's.
    #[error("`{0}` calls a program of the author's, which is never run")]
    ExitRefused(String),
    /// A rule that is left out.
    #[error("a rule of type `{0}` is not read; it has no effect")]
    RuleUnsupported(String),
    /// A comparison other than EQ and NE.
    #[error("`{0}` is no comparison that is read: only EQ and NE are")]
    ComparisonUnsupported(String),
    /// A setting of USAGE other than 0 to 5.
    #[error(
        "`{0}` is no setting of USAGE: 0 used, 1 not used, 2 must be used, 3 recommended, 4 not recommended, 5 dependent"
    )]
    SettingUnknown(String),
    /// A condition that looks into another set.
    #[error("the variable `{0}` is not a place in the set of this rule")]
    VariableElsewhere(String),
    /// A guide for another release.
    #[error("this guide is for release {guide}, but is laid over {base}")]
    ReleaseDiffers {
        /// The guide's.
        guide: String,
        /// The base's.
        base: String,
    },
    /// Records broken over several lines.
    #[error("records are broken over several lines, as in printed copies; they are joined")]
    Wrapped,
    /// A line that may be meant as a comment.
    #[error("this line looks like a comment and is not read")]
    Comment,
    /// The faults after the last one listed.
    #[error("there are {0} more")]
    More(usize),
}

impl SefFaultKind {
    /// A stable name in snake case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotSef(_) => "not_sef",
            Self::Encrypted => "encrypted",
            Self::TooLarge(_) => "too_large",
            Self::StrayLine => "stray_line",
            Self::SectionMisplaced(_) => "section_misplaced",
            Self::SectionUnknown(_) => "section_unknown",
            Self::IniMissing => "ini_missing",
            Self::ReleaseInvalid(_) => "release_invalid",
            Self::AgencyUnsupported(_) => "agency_unsupported",
            Self::StdUnsupported(_) => "std_unsupported",
            Self::VersionUnknown(_) => "version_unknown",
            Self::Unexpected { .. } => "unexpected",
            Self::NumberInvalid(_) => "number_invalid",
            Self::Repeated { .. } => "repeated",
            Self::Undefined { .. } => "undefined",
            Self::TooMany { .. } => "too_many",
            Self::SegmentIdInvalid(_) => "segment_id_invalid",
            Self::RequirementInvalid(_) => "requirement_invalid",
            Self::Unclosed => "unclosed",
            Self::LoopHeadMissing => "loop_head_missing",
            Self::LoopHeadRepeats(_) => "loop_head_repeats",
            Self::SetIncomplete(_) => "set_incomplete",
            Self::PositionNegative => "position_negative",
            Self::MaskUndefined { .. } => "mask_undefined",
            Self::MaskInvalid(_) => "mask_invalid",
            Self::MaskTooLong => "mask_too_long",
            Self::MandatoryNotUsed { .. } => "mandatory_not_used",
            Self::TypeUnknown(_) => "type_unknown",
            Self::LengthsReversed { .. } => "lengths_reversed",
            Self::RelationalInvalid(_) => "relational_invalid",
            Self::RangeInvalid(_) => "range_invalid",
            Self::CodeInvalid(_) => "code_invalid",
            Self::CodesEmpty(_) => "codes_empty",
            Self::CodeUnlisted(_) => "code_unlisted",
            Self::LocationInvalid(_) => "location_invalid",
            Self::LocationEmpty(_) => "location_empty",
            Self::LocationDiffers { .. } => "location_differs",
            Self::LocationElsewhere(_) => "location_elsewhere",
            Self::PatternInvalid(_) => "pattern_invalid",
            Self::ExitRefused(_) => "exit_refused",
            Self::RuleUnsupported(_) => "rule_unsupported",
            Self::ComparisonUnsupported(_) => "comparison_unsupported",
            Self::SettingUnknown(_) => "setting_unknown",
            Self::VariableElsewhere(_) => "variable_elsewhere",
            Self::ReleaseDiffers { .. } => "release_differs",
            Self::Wrapped => "wrapped",
            Self::Comment => "comment",
            Self::More(_) => "more",
        }
    }

    /// What whoever wrote or received the file can do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty | Self::NotSef(_) | Self::TooLarge(_) => {
                "ask for the guide again, exported as a SEF text file"
            }
            Self::Encrypted => "ask its author for a copy that is not encrypted",
            Self::StrayLine | Self::Unexpected { .. } | Self::NumberInvalid(_) | Self::Unclosed => {
                "compare the line with one like it that is right, or export the guide again"
            }
            Self::SectionMisplaced(_) => "begin with .VER and .INI; .STD stands before .SETS",
            Self::SectionUnknown(_) | Self::VersionUnknown(_) | Self::RuleUnsupported(_) => {
                "nothing need be done if the guide does not depend on it"
            }
            Self::IniMissing | Self::ReleaseInvalid(_) => {
                "the line after .INI reads `NAME,,004 010,X,X12-4010,what it is`"
            }
            Self::AgencyUnsupported(_) | Self::StdUnsupported(_) => {
                "ask for the guide of the X12 transaction set"
            }
            Self::Repeated { .. } => "take one of the two out",
            Self::Undefined { .. } | Self::MaskUndefined { .. } => {
                "add its definition, or correct the reference"
            }
            Self::TooMany { .. } => "divide it; no real guide needs so many",
            Self::SegmentIdInvalid(_) => "a segment id is two or three capital letters or digits",
            Self::RequirementInvalid(_) => "write M for mandatory, nothing for optional",
            Self::LoopHeadMissing | Self::LoopHeadRepeats(_) => {
                "the maximum belongs to the loop: `{:200[N1]…}`"
            }
            Self::SetIncomplete(_) => "a set reads `850=^[ST,M]…[SE,M]`",
            Self::PositionNegative => "correct the increment before it",
            Self::MaskInvalid(_) | Self::MaskTooLong => {
                "a mask has one of `. # ! $ - &` for each element"
            }
            Self::MandatoryNotUsed { .. } => {
                "correct the mask: a partner that follows it breaks the standard"
            }
            Self::TypeUnknown(_) => "the types are AN, ID, DT, TM, R, B and N0 to N9",
            Self::LengthsReversed { .. } => "write the least length first",
            Self::RelationalInvalid(_) => {
                "write one of P R E C L and at least two places of two digits, such as P0304"
            }
            Self::RangeInvalid(_) => {
                "both ends of a range have as many characters, of the same sort: `01:12`, `AA:AF`"
            }
            Self::CodeInvalid(_) => "codes are parted by commas",
            Self::CodesEmpty(_) | Self::CodeUnlisted(_) => {
                "choose codes of the list, or put a new one in braces: `[AA{ZX}]`"
            }
            Self::LocationInvalid(_)
            | Self::LocationEmpty(_)
            | Self::LocationDiffers { .. }
            | Self::LocationElsewhere(_) => {
                "a location is `set/ordinal///element` such as 850/3///1; ordinals count every segment of the set from 1"
            }
            Self::PatternInvalid(_) => {
                "use a regular expression without look-around and references"
            }
            Self::ExitRefused(_) => "delete the line to use the guide without this rule",
            Self::ComparisonUnsupported(_) | Self::SettingUnknown(_) => {
                "write a condition such as `[Qualifier'EQ'DP:USAGE:2:]`"
            }
            Self::VariableElsewhere(_) => {
                "a condition looks at places in the set that it governs: `850/4///1=Name`"
            }
            Self::ReleaseDiffers { .. } => "lay it over the release that it is written for",
            Self::Wrapped | Self::Comment => "nothing need be done if the result is right",
            Self::More(_) => "correct those listed and read the file again",
        }
    }
}
