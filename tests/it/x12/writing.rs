//! What the writer writes, and that the reader gives it back.

use proptest::prelude::*;
use wharf::x12::{
    DelimiterFault, Delimiters, GroupHeader, InterchangeHeader, Item, Reader, WriteError, Writer,
};

fn interchange() -> InterchangeHeader {
    InterchangeHeader {
        sender: ("ZZ".into(), "BUYER".into()),
        receiver: ("01".into(), "123456789".into()),
        date: "240115".into(),
        time: "0930".into(),
        version: "00501".into(),
        control: 7,
        acknowledgment_requested: true,
        usage: 'T',
    }
}

fn group() -> GroupHeader {
    GroupHeader {
        functional_id: "PO".into(),
        sender: "BUYER".into(),
        receiver: "SELLER".into(),
        date: "20240115".into(),
        time: "0930".into(),
        control: 12,
        version: "005010".into(),
    }
}

#[test]
fn envelopes_are_padded_and_counted() {
    let mut writer = Writer::new(Delimiters::default()).unwrap().with_newlines();
    writer.begin_interchange(&interchange()).unwrap();
    writer.begin_group(&group()).unwrap();
    for control in ["0001", "0002"] {
        writer.begin_set("850", control, "").unwrap();
        writer.segment("BEG", ["00", "NE", "", ""]).unwrap();
        writer.end_set();
    }
    writer.end_group();
    writer.end_interchange();
    assert_eq!(
        String::from_utf8(writer.into_bytes()).unwrap(),
        "ISA*00*          *00*          *ZZ*BUYER          *01*123456789      \
         *240115*0930*^*00501*000000007*1*T*:~\n\
         GS*PO*BUYER*SELLER*20240115*0930*12*X*005010~\n\
         ST*850*0001~\nBEG*00*NE~\nSE*3*0001~\n\
         ST*850*0002~\nBEG*00*NE~\nSE*3*0002~\n\
         GE*2*12~\nIEA*1*000000007~\n"
    );
}

#[test]
fn before_00402_no_repetition_separator_is_declared() {
    let mut writer = Writer::new(Delimiters::default()).unwrap();
    writer
        .begin_interchange(&InterchangeHeader { version: "00401".into(), ..interchange() })
        .unwrap();
    assert_eq!(&writer.bytes()[81..84], b"*U*");
    writer.segment("MSG", ["x^y"]).unwrap();
    assert!(writer.repetitions([["a"], ["b"]]).is_err());
}

#[test]
fn composites_and_repetitions_lose_what_is_empty_at_their_end() {
    let mut writer = Writer::new(Delimiters::default()).unwrap();
    writer.open("SV1").unwrap();
    writer.composite(["HC", "", "99213", "", ""]).unwrap();
    writer.element("").unwrap();
    writer.repetitions([vec!["a", "b", ""], vec![""], vec!["", "c"], vec!["", ""]]).unwrap();
    writer.composite(["", ""]).unwrap();
    writer.element("").unwrap();
    writer.end();
    assert_eq!(writer.bytes(), b"SV1*HC::99213**a:b^^:c~");
}

#[test]
fn data_that_holds_a_separator_is_refused_and_taken_back() {
    let mut writer = Writer::new(Delimiters::default()).unwrap();
    writer.begin_set("850", "0001", "").unwrap();
    for bad in ["5*3", "a~b", "12:30", "x^y"] {
        let error = writer.segment("MSG", ["fine", bad]).unwrap_err();
        let separator = bad.bytes().find(|byte| Delimiters::default().contains(*byte)).unwrap();
        let expected = WriteError::DelimiterInData {
            segment: "MSG".into(),
            element: 2,
            separator,
            value: bad.into(),
        };
        assert_eq!(error, expected);
    }
    assert_eq!(writer.bytes(), b"ST*850*0001~");
    writer.end_set();
    assert_eq!(writer.bytes(), b"ST*850*0001~SE*2*0001~");
}

#[test]
fn an_id_wider_than_its_place_is_refused_and_nothing_is_written() {
    let mut writer = Writer::new(Delimiters::default()).unwrap();
    let wide = "SIXTEEN LETTERS!".to_owned();
    let header = InterchangeHeader { receiver: ("ZZ".into(), wide.clone()), ..interchange() };
    assert_eq!(
        writer.begin_interchange(&header),
        Err(WriteError::TooWide { element: 8, width: 15, value: wide })
    );
    assert_eq!(writer.bytes(), b"");
    let header = InterchangeHeader { control: 1_000_000_000, ..interchange() };
    assert!(matches!(
        writer.begin_interchange(&header),
        Err(WriteError::TooWide { element: 13, width: 9, .. })
    ));
    assert_eq!(writer.bytes(), b"");
}

#[test]
fn an_isa_is_padded_by_the_byte() {
    let mut writer = Writer::new(Delimiters::default()).unwrap();
    let header = InterchangeHeader { sender: ("ZZ".into(), "MÜLLER".into()), ..interchange() };
    writer.begin_interchange(&header).unwrap();
    assert_eq!(writer.bytes().len(), 106);
    let mut reader = Reader::new(writer.bytes());
    assert!(matches!(reader.next(), Ok(Some(Item::Interchange(isa))) if isa.sender() == "MÜLLER"));
}

#[test]
fn an_id_that_holds_a_separator_is_refused() {
    let mut writer = Writer::new(Delimiters::default()).unwrap();
    let smuggled = "N1*SE*1~N1";
    let error = writer.segment(smuggled, []).unwrap_err();
    assert!(matches!(error, WriteError::DelimiterInData { element: 0, separator: b'*', .. }));
    assert_eq!(writer.bytes(), b"");
}

#[test]
fn what_could_not_be_opened_is_not_counted() {
    let mut writer = Writer::new(Delimiters::default()).unwrap();
    writer.begin_interchange(&interchange()).unwrap();
    let refused = GroupHeader { sender: "A*B".into(), ..group() };
    assert!(writer.begin_group(&refused).is_err());
    writer.begin_group(&group()).unwrap();
    assert!(writer.begin_set("850", "00~1", "").is_err());
    writer.begin_set("850", "0001", "").unwrap();
    writer.end_set();
    writer.end_group();
    writer.end_interchange();
    assert!(writer.bytes().ends_with(b"ST*850*0001~SE*2*0001~GE*1*12~IEA*1*000000007~"));
}

#[test]
fn separators_that_cannot_be_are_refused() {
    let twins = Delimiters { component: b'*', ..Delimiters::default() };
    assert!(matches!(
        Writer::new(twins).map(Writer::into_bytes),
        Err(WriteError::Delimiter(DelimiterFault::Equal { byte: b'*', .. }))
    ));
}

#[test]
fn repetitions_without_a_separator_for_them_are_refused() {
    let none = Delimiters { repetition: None, ..Delimiters::default() };
    let mut writer = Writer::new(none).unwrap();
    writer.open("DMG").unwrap();
    writer.repetitions([["a"]]).unwrap();
    assert!(writer.repetitions([["b"], ["c"]]).is_err());
    assert_eq!(writer.bytes(), b"");
}

/// A segment: its id, and elements of repetitions of components.
type Written = (String, Vec<Vec<Vec<String>>>);

fn delimiters() -> impl Strategy<Value = Delimiters> {
    let marks: Vec<u8> = (1..128_u8)
        .filter(|byte| !byte.is_ascii_alphanumeric() && !byte.is_ascii_whitespace())
        .collect();
    let terminators = prop_oneof![Just(b'\n'), Just(b'\r'), Just(b'~'), Just(b'\x1C')];
    (prop::sample::subsequence(marks, 3).prop_shuffle(), terminators)
        .prop_map(|(marks, segment)| Delimiters {
            element: marks[0],
            component: marks[1],
            repetition: Some(marks[2]),
            segment,
        })
        .prop_filter("separators differ", |delimiters| delimiters.validated().is_ok())
}

fn segments() -> impl Strategy<Value = Vec<Written>> {
    let value = prop_oneof![3 => "[ -~äß日\t]{0,9}", 1 => Just(String::new())];
    let components = prop::collection::vec(value, 1..4);
    let repetitions = prop::collection::vec(components, 1..4);
    let elements = prop::collection::vec(repetitions, 0..5);
    let id = "[A-Z][A-Z0-9]{1,2}".prop_filter("envelopes and counted bytes", |id| {
        !["ST", "SE", "GS", "GE", "IEA", "ISA", "BIN", "BDS"].contains(&id.as_str())
    });
    prop::collection::vec((id, elements), 0..8)
}

/// The value with the separators taken out, as a sender must.
fn cleaned(segments: &mut [Written], delimiters: Delimiters) {
    let values = segments.iter_mut().flat_map(|(_, elements)| elements).flatten().flatten();
    for value in values {
        value.retain(|c| !u8::try_from(c).is_ok_and(|byte| delimiters.contains(byte)));
    }
}

/// What is written of `segments`: nothing empty at the end of anything.
fn canonical(segments: &[Written]) -> Vec<Written> {
    let mut segments = segments.to_vec();
    for (_, elements) in &mut segments {
        for repetitions in elements.iter_mut() {
            for components in repetitions.iter_mut() {
                while components.len() > 1 && components.last().is_some_and(String::is_empty) {
                    components.pop();
                }
            }
            while repetitions.len() > 1 && blank(&repetitions[repetitions.len() - 1..]) {
                repetitions.pop();
            }
        }
        while elements.last().is_some_and(|repetitions| blank(repetitions)) {
            elements.pop();
        }
    }
    segments
}

fn blank(repetitions: &[Vec<String>]) -> bool {
    repetitions.iter().flatten().all(String::is_empty)
}

fn written(segments: &[Written], delimiters: Delimiters, newlines: bool) -> Vec<u8> {
    let mut writer = Writer::new(delimiters).unwrap();
    if newlines {
        writer = writer.with_newlines();
    }
    writer.begin_interchange(&interchange()).unwrap();
    writer.begin_group(&group()).unwrap();
    writer.begin_set("850", "0001", "").unwrap();
    for (id, elements) in segments {
        writer.open(id).unwrap();
        for repetitions in elements {
            let parts = repetitions.iter().map(|parts| parts.iter().map(String::as_str));
            writer.repetitions(parts).unwrap();
        }
        writer.end();
    }
    writer.end_set();
    writer.end_group();
    writer.end_interchange();
    writer.into_bytes()
}

fn read_back(bytes: &[u8]) -> Vec<Written> {
    let mut reader = Reader::new(bytes);
    let mut segments = vec![];
    let mut ends = 0;
    while let Some(item) = reader.next().unwrap() {
        match item {
            Item::Set(set) => {
                assert_eq!(set.trailer().unwrap().element(1).text(), set.len().to_string());
                for segment in set.segments().skip(1).take(set.len() - 2) {
                    let elements = segment.elements().map(|element| {
                        let parts = element.repetitions().map(|repetition| {
                            repetition.components().map(|part| part.text().into_owned()).collect()
                        });
                        parts.collect()
                    });
                    segments.push((segment.id_text().into_owned(), elements.collect()));
                }
            }
            Item::GroupEnd(trailer) | Item::InterchangeEnd(trailer) => {
                assert_eq!(trailer.unwrap().count(), "1");
                ends += 1;
            }
            Item::Interchange(_) | Item::Group(_) => {}
            Item::Loose(segment) => panic!("{segment:?}"),
        }
    }
    assert_eq!(ends, 2);
    segments
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        mut segments in segments(), delimiters in delimiters(), newlines in any::<bool>(),
    ) {
        cleaned(&mut segments, delimiters);
        let bytes = written(&segments, delimiters, newlines);
        prop_assert_eq!(read_back(&bytes), canonical(&segments));
    }

    #[test]
    fn a_value_is_written_or_refused_never_changed(
        value in "[ -~]{0,12}", delimiters in delimiters(),
    ) {
        let mut writer = Writer::new(delimiters).unwrap();
        let holds = value.bytes().any(|byte| delimiters.contains(byte));
        match writer.segment("MSG", [value.as_str(), "end"]) {
            Ok(()) => {
                let element = char::from(delimiters.element);
                let text = format!("MSG{element}{value}{element}end");
                prop_assert!(!holds && writer.bytes().starts_with(text.as_bytes()));
            }
            Err(_) => prop_assert!(holds && writer.bytes().is_empty()),
        }
    }
}
