//! What the elements of the envelope are called: no grammar has them, since they are the same in
//! every release.

/// The name of an envelope segment, and those of its elements.
pub(super) fn names(id: &str) -> Option<(&'static str, &'static [&'static str])> {
    let names: (_, &[_]) = match id {
        "ISA" => ("Interchange Control Header", &HEADER),
        "GS" => ("Functional Group Header", &GROUP),
        "GE" => ("Functional Group Trailer", &["Number of Sets", "Group Control Number"]),
        "IEA" => {
            ("Interchange Control Trailer", &["Number of Groups", "Interchange Control Number"])
        }
        "TA1" => ("Interchange Acknowledgment", &ACKNOWLEDGMENT),
        _ => return None,
    };
    Some(names)
}

/// Our words for a code of the envelope.
pub(super) fn meaning(id: &str, element: usize, code: &str) -> Option<&'static str> {
    let words = match (id, element, code) {
        ("ISA", 5 | 7, "01") => "DUNS number",
        ("ISA", 5 | 7, "08") => "UCC communications id",
        ("ISA", 5 | 7, "12") => "telephone number",
        ("ISA", 5 | 7, "14") => "DUNS number with a suffix",
        ("ISA", 5 | 7, "ZZ") => "agreed between the two",
        ("ISA", 14, "0") => "no TA1 asked for",
        ("ISA", 14, "1") => "asks for a TA1",
        ("ISA", 15, "P") => "production",
        ("ISA", 15, "T") => "test",
        ("TA1", 4, "A") => "accepted",
        ("TA1", 4, "E") => "accepted with errors",
        ("TA1", 4, "R") => "rejected",
        _ => return None,
    };
    Some(words)
}

const HEADER: [&str; 16] = [
    "Authorization Information Qualifier",
    "Authorization Information",
    "Security Information Qualifier",
    "Security Information",
    "Sender Id Qualifier",
    "Sender Id",
    "Receiver Id Qualifier",
    "Receiver Id",
    "Date",
    "Time",
    "Standard Id or Repetition Separator",
    "Version",
    "Interchange Control Number",
    "Acknowledgment Requested",
    "Usage",
    "Component Separator",
];

const GROUP: [&str; 8] = [
    "Functional Id",
    "Sender Code",
    "Receiver Code",
    "Date",
    "Time",
    "Group Control Number",
    "Responsible Agency",
    "Version, Release, Industry Id",
];

const ACKNOWLEDGMENT: [&str; 5] =
    ["Interchange Control Number", "Date", "Time", "Acknowledgment", "Note Code"];
