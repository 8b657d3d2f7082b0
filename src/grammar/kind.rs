//! Every kind of finding, with its default severity and its codes in the
//! standard's acknowledgments.

use serde::{Deserialize, Serialize};

/// What a finding is about: which acknowledgment segment reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The interchange: TA105.
    Interchange,
    /// The functional group: AK905.
    Group,
    /// The transaction set: AK502, IK502.
    Set,
    /// A segment: AK304, IK304.
    Segment,
    /// An element, component or repetition: AK403, IK403.
    Element,
    /// What the documents say, which no acknowledgment has a code for.
    Content,
}

/// What a finding means for the set (or group, or interchange) that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Not reported at all.
    Ignore,
    /// Reported to us, not to the partner; accepted.
    Warn,
    /// Reported to the partner; accepted with errors.
    Accept,
    /// Reported to the partner; rejected.
    Reject,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $scope:ident, $severity:ident, $code:literal, $ack:expr, $implementation:expr;)*) => {
        /// A kind of finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FindingKind { $($(#[$doc])* $name,)* }

        impl FindingKind {
            /// Every kind, in the order of scope.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// What it is about.
            pub fn scope(self) -> Scope { match self { $(Self::$name => Scope::$scope,)* } }

            /// What the trade does with it when nobody agreed otherwise.
            ///
            /// Codes outside the base list are accepted with an error, since lists differ by
            /// release and partners agree on codes of their own; faults of layout that lose nothing
            /// are warnings.
            pub fn default_severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// A stable name in snake case.
            pub fn code(self) -> &'static str { match self { $(Self::$name => $code,)* } }

            /// The code in TA105, AK905, AK502, AK304 or AK403; `None` where there is none.
            pub fn ack_code(self) -> Option<&'static str> { match self { $(Self::$name => $ack,)* } }

            /// The code in the 999's AK905, IK502, IK304 or IK403, where it has one of its own.
            fn own_999(self) -> Option<&'static str> { match self { $(Self::$name => $implementation,)* } }
        }
    };
}

kinds! {
    /// IEA02 is not ISA13.
    InterchangeControlMismatch: Interchange, Reject, "interchange_control_mismatch", Some("001"), None;
    /// ISA12 is no version that we read.
    InterchangeVersionUnsupported: Interchange, Reject, "interchange_version_unsupported", Some("003"), None;
    /// ISA05 is in no list.
    SenderQualifierInvalid: Interchange, Reject, "sender_qualifier_invalid", Some("005"), None;
    /// ISA06 is empty.
    SenderInvalid: Interchange, Reject, "sender_invalid", Some("006"), None;
    /// ISA07 is in no list.
    ReceiverQualifierInvalid: Interchange, Reject, "receiver_qualifier_invalid", Some("007"), None;
    /// ISA08 is empty.
    ReceiverInvalid: Interchange, Reject, "receiver_invalid", Some("008"), None;
    /// ISA08 is not one of ours.
    ReceiverUnknown: Interchange, Reject, "receiver_unknown", Some("009"), None;
    /// ISA01 is in no list.
    AuthorizationQualifierInvalid: Interchange, Reject, "authorization_qualifier_invalid", Some("010"), None;
    /// ISA03 is in no list.
    SecurityQualifierInvalid: Interchange, Reject, "security_qualifier_invalid", Some("012"), None;
    /// ISA09 is no date.
    InterchangeDateInvalid: Interchange, Reject, "interchange_date_invalid", Some("014"), None;
    /// ISA10 is no time.
    InterchangeTimeInvalid: Interchange, Reject, "interchange_time_invalid", Some("015"), None;
    /// ISA11 is neither `U` nor a separator.
    InterchangeStandardInvalid: Interchange, Reject, "interchange_standard_invalid", Some("016"), None;
    /// ISA12 is no version number.
    InterchangeVersionInvalid: Interchange, Reject, "interchange_version_invalid", Some("017"), None;
    /// ISA13 is no nine-digit number.
    InterchangeControlInvalid: Interchange, Reject, "interchange_control_invalid", Some("018"), None;
    /// ISA14 is neither 0 nor 1.
    AcknowledgmentRequestInvalid: Interchange, Reject, "acknowledgment_request_invalid", Some("019"), None;
    /// ISA15 is none of P, T, I.
    UsageIndicatorInvalid: Interchange, Reject, "usage_indicator_invalid", Some("020"), None;
    /// IEA01 is not the number of groups.
    GroupCountWrong: Interchange, Reject, "group_count_wrong", Some("021"), None;
    /// An element of the ISA is not as wide as it must be.
    HeaderMisaligned: Interchange, Reject, "header_misaligned", Some("022"), None;
    /// Segments that belong nowhere in an interchange, or a set outside a group.
    ControlStructureInvalid: Interchange, Reject, "control_structure_invalid", Some("022"), None;
    /// No IEA.
    InterchangeTrailerMissing: Interchange, Reject, "interchange_trailer_missing", Some("023"), None;
    /// Bytes that cannot be read as segments.
    InterchangeContentInvalid: Interchange, Reject, "interchange_content_invalid", Some("024"), None;
    /// An interchange with this control number was received before.
    InterchangeDuplicate: Interchange, Reject, "interchange_duplicate", Some("025"), None;
    /// GS01 is not the group of the sets inside, or is in no list.
    GroupUnsupported: Group, Reject, "group_unsupported", Some("1"), None;
    /// GS08 is no version that we have a grammar for.
    GroupVersionUnsupported: Group, Reject, "group_version_unsupported", Some("2"), None;
    /// No GE.
    GroupTrailerMissing: Group, Reject, "group_trailer_missing", Some("3"), None;
    /// GE02 is not GS06.
    GroupControlMismatch: Group, Reject, "group_control_mismatch", Some("4"), None;
    /// GE01 is not the number of sets.
    SetCountWrong: Group, Reject, "set_count_wrong", Some("5"), None;
    /// GS06 is no number of one to nine digits, or an element of GS or GE breaks its rules.
    GroupControlInvalid: Group, Reject, "group_control_invalid", Some("6"), None;
    /// GS06 occurs twice in the interchange.
    GroupControlRepeated: Group, Reject, "group_control_repeated", Some("6"), Some("19");
    /// GS02, GS03, GS04, GS05 or GS07 breaks its rules.
    GroupHeaderInvalid: Group, Reject, "group_header_invalid", Some("6"), None;
    /// No grammar has this set.
    SetUnsupported: Set, Reject, "set_unsupported", Some("1"), None;
    /// No SE.
    SetTrailerMissing: Set, Reject, "set_trailer_missing", Some("2"), None;
    /// SE02 is not ST02.
    SetControlMismatch: Set, Reject, "set_control_mismatch", Some("3"), None;
    /// SE01 is not the number of segments.
    SegmentCountWrong: Set, Reject, "segment_count_wrong", Some("4"), None;
    /// ST01 is missing or does not belong in this group.
    SetIdInvalid: Set, Reject, "set_id_invalid", Some("6"), None;
    /// ST02 is missing or not of 4 to 9 characters.
    SetControlInvalid: Set, Reject, "set_control_invalid", Some("7"), None;
    /// ST02 occurs twice in the group.
    SetControlRepeated: Set, Reject, "set_control_repeated", Some("23"), None;
    /// ST03 names a guide that GS08 does not.
    GuideUnsupported: Set, Accept, "guide_unsupported", Some("1"), Some("I6");
    /// More findings than are listed.
    FindingsCutOff: Set, Reject, "findings_cut_off", Some("5"), None;
    /// Not the id of any segment of the release.
    SegmentUnknown: Segment, Reject, "segment_unknown", Some("1"), None;
    /// A segment of the set where it cannot be.
    SegmentUnexpected: Segment, Reject, "segment_unexpected", Some("2"), None;
    /// A mandatory segment is not there.
    SegmentMissing: Segment, Reject, "segment_missing", Some("3"), None;
    /// A loop repeats more often than it may.
    LoopTooOften: Segment, Reject, "loop_too_often", Some("4"), None;
    /// A segment repeats more often than it may.
    SegmentTooOften: Segment, Reject, "segment_too_often", Some("5"), None;
    /// A segment of the release that this set does not have.
    SegmentNotInSet: Segment, Reject, "segment_not_in_set", Some("6"), None;
    /// A segment of the set that comes too late.
    SegmentOutOfOrder: Segment, Reject, "segment_out_of_order", Some("7"), None;
    /// A segment that the guide does not use.
    SegmentNotUsed: Segment, Reject, "segment_not_used", Some("2"), Some("I4");
    /// A segment that the guide demands is not there.
    SegmentMissingByGuide: Segment, Reject, "segment_missing_by_guide", Some("3"), Some("I8");
    /// A segment that the guide's condition demands is not there.
    SegmentMissingByCondition: Segment, Reject, "segment_missing_by_condition", Some("3"), Some("I6");
    /// A segment that the guide's condition excludes.
    SegmentNotUsedByCondition: Segment, Reject, "segment_not_used_by_condition", Some("2"), Some("I9");
    /// A loop or segment repeats more often than the guide allows.
    TooOftenByGuide: Segment, Reject, "too_often_by_guide", Some("5"), None;
    /// HL01 is empty, or not a number.
    HierarchyIdInvalid: Segment, Reject, "hierarchy_id_invalid", Some("8"), None;
    /// HL01 occurs twice in the set.
    HierarchyIdRepeated: Segment, Reject, "hierarchy_id_repeated", Some("8"), None;
    /// HL01 does not count 1, 2, 3 ….
    HierarchyIdOutOfOrder: Segment, Warn, "hierarchy_id_out_of_order", Some("8"), None;
    /// HL02 names no HL before this one.
    HierarchyParentUnknown: Segment, Reject, "hierarchy_parent_unknown", Some("8"), None;
    /// HL02 names this HL, or one below it.
    HierarchyCycle: Segment, Reject, "hierarchy_cycle", Some("8"), None;
    /// Deeper than any real ship notice.
    HierarchyTooDeep: Segment, Reject, "hierarchy_too_deep", Some("8"), None;
    /// HL03 cannot stand under its parent's level.
    HierarchyLevelMisplaced: Segment, Warn, "hierarchy_level_misplaced", Some("8"), None;
    /// HL04 says that there are children, or none, and it is not so.
    HierarchyChildrenWrong: Segment, Warn, "hierarchy_children_wrong", Some("8"), None;
    /// An empty segment: two terminators in a row.
    SegmentEmpty: Segment, Reject, "segment_empty", Some("1"), None;
    /// Empty elements at the end of a segment.
    TrailingSeparators: Segment, Warn, "trailing_separators", Some("8"), None;
    /// A mandatory element is empty.
    ElementMissing: Element, Reject, "element_missing", Some("1"), None;
    /// A relational condition demands an element that is empty.
    ElementMissingByCondition: Element, Reject, "element_missing_by_condition", Some("2"), None;
    /// More elements than the segment has.
    TooManyElements: Element, Reject, "too_many_elements", Some("3"), None;
    /// Fewer characters than the minimum.
    ElementTooShort: Element, Reject, "element_too_short", Some("4"), None;
    /// More characters than the maximum.
    ElementTooLong: Element, Reject, "element_too_long", Some("5"), None;
    /// A character that the type does not allow.
    CharacterInvalid: Element, Reject, "character_invalid", Some("6"), None;
    /// A code that is not in the standard's list.
    CodeInvalid: Element, Accept, "code_invalid", Some("7"), None;
    /// Not a date.
    DateInvalid: Element, Reject, "date_invalid", Some("8"), None;
    /// Not a time.
    TimeInvalid: Element, Reject, "time_invalid", Some("9"), None;
    /// Elements that exclude each other are both there.
    ElementsExclusive: Element, Reject, "elements_exclusive", Some("10"), None;
    /// More repetitions than allowed.
    TooManyRepetitions: Element, Reject, "too_many_repetitions", Some("3"), Some("12");
    /// More components than the composite has, or components where there is no composite.
    TooManyComponents: Element, Reject, "too_many_components", Some("3"), Some("13");
    /// A code that the guide does not use here.
    CodeNotUsed: Element, Reject, "code_not_used", Some("7"), Some("I6");
    /// A value that the guide's list or pattern does not allow here.
    ValueNotAllowed: Element, Reject, "value_not_allowed", Some("7"), Some("I12");
    /// An element that the guide demands is empty.
    ElementMissingByGuide: Element, Reject, "element_missing_by_guide", Some("1"), None;
    /// An element that the guide's condition demands is empty.
    ElementRequiredByGuideCondition: Element, Reject, "element_required_by_guide_condition", Some("2"), Some("I9");
    /// An element that the guide does not use.
    ElementNotUsed: Element, Reject, "element_not_used", Some("3"), Some("I10");
    /// An element that the guide's condition excludes.
    ElementNotUsedByCondition: Element, Reject, "element_not_used_by_condition", Some("10"), Some("I13");
    /// Zeros in front, decimal zeros beyond cents, or a point at the end, which the standard asks to
    /// leave out.
    NumberPadded: Element, Warn, "number_padded", Some("6"), None;
    /// Spaces at the end that the standard asks to leave out; those in front may mean something.
    TextPadded: Element, Warn, "text_padded", Some("6"), None;
    /// CTT01 is not the number of lines.
    LineCountWrong: Content, Warn, "line_count_wrong", None, None;
    /// CTT02 is not the hash total.
    HashTotalWrong: Content, Warn, "hash_total_wrong", None, None;
    /// TDS01 is not lines plus charges plus taxes.
    InvoiceTotalWrong: Content, Warn, "invoice_total_wrong", None, None;
    /// SAC amount, rate and percent contradict each other, or a charge has no amount.
    ChargeInconsistent: Content, Warn, "charge_inconsistent", None, None;
    /// TXI amount and percent contradict each other, or a tax has no amount.
    TaxInconsistent: Content, Warn, "tax_inconsistent", None, None;
}

impl FindingKind {
    /// The code that a 999 (and its AK9) gives: its own where it has one, else the 997's.
    pub fn code_999(self) -> Option<&'static str> {
        self.own_999().or(self.ack_code())
    }

    /// The kind with this stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

impl Serialize for FindingKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
