//! What the reader makes of interchanges as partners send them.

use super::{GS, ISA, ISA_5010, good, outline, read, with_separators};
use proptest::prelude::*;
use std::io::{self, Read};
use wharf::x12::{Delimiters, Item, Reader};

const WHOLE: [&str; 5] = [
    "ISA 000000001 @0:1",
    "GS 1 @106:1",
    "850 0001 4 segments @150:1",
    "GE 1/1",
    "IEA 1/000000001",
];

#[test]
fn an_interchange_is_its_envelopes_and_sets() {
    assert_eq!(read(good()), WHOLE);
}

#[test]
fn values_positions_and_offsets_are_exact() {
    let text = format!("{ISA_5010}{GS}ST*850*0001*GUIDE~\r\nREF*A:b^C*~N1~SE*4*0001~GE*1*1~");
    let mut reader = Reader::new(text.as_bytes());
    let mut seen = vec![];
    while let Ok(Some(item)) = reader.next() {
        let Item::Set(set) = item else { continue };
        assert_eq!(set.guide(), "GUIDE");
        assert!(set.bytes().ends_with(b"SE*4*0001~"));
        let mut lines = set.lines();
        for segment in set.segments() {
            let at = usize::try_from(segment.offset()).unwrap();
            assert!(text.as_bytes()[at..].starts_with(segment.bytes()));
            seen.push((
                segment.id_text().into_owned(),
                segment.position(),
                lines.at(segment.offset()),
            ));
            for (number, element) in (1..).zip(segment.elements()) {
                let at = usize::try_from(element.offset()).unwrap();
                assert!(text.as_bytes()[at..].starts_with(element.bytes()));
                assert_eq!(segment.element(number).bytes(), element.bytes());
                assert_eq!(segment.element(number).offset(), element.offset());
            }
        }
        let reference = set.segment(1).unwrap();
        assert_eq!(reference.len(), 2);
        assert!(reference.element(2).is_empty() && reference.element(3).is_empty());
        let repetitions: Vec<_> = reference.element(1).repetitions().collect();
        assert_eq!(repetitions.len(), 2);
        assert_eq!(repetitions[0].component(2).text(), "b");
        assert_eq!(repetitions[1].offset(), reference.offset() + 8);
        assert!(repetitions[1].component(2).is_empty());
        assert!(set.segment(2).unwrap().is_empty());
    }
    let expected = [("ST", 1, 1), ("REF", 2, 2), ("N1", 3, 2), ("SE", 4, 2)];
    assert_eq!(seen, expected.map(|(id, position, line)| (id.to_owned(), position, line)));
}

#[test]
fn interchanges_in_one_file_each_have_their_own_separators() {
    let second = with_separators(&good(), ["|", ">", "\n"]);
    let third = with_separators(&good(), ["\x1D", "\x1F", "\x1C"]);
    let items = read(format!("{}{second}\n\n{third}", good()));
    assert_eq!(items.iter().filter(|item| *item == WHOLE[4]).count(), 3, "{items:#?}");
    assert_eq!(items[5], "ISA 000000001 @235:1");
    assert_eq!(items[7], "850 0001 4 segments @385:3");
    assert_eq!(items[10], "ISA 000000001 @472:11");
    assert_eq!(items.len(), 15);
}

#[test]
fn the_repetition_separator_counts_from_release_00402_on() {
    let separators = |isa: &str| {
        let mut reader = Reader::new(isa.as_bytes());
        match reader.next().unwrap() {
            Some(Item::Interchange(isa)) => isa.delimiters(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(separators(ISA_5010), Delimiters::default());
    let none = Delimiters { repetition: None, ..Delimiters::default() };
    assert_eq!(separators(ISA), none);
    assert_eq!(separators(&ISA.replace("*U*", "*^*")), none);
    assert_eq!(separators(&ISA_5010.replace("*^*", "*U*")), none);
}

#[test]
fn several_groups_are_read_in_order() {
    let group = |n: u8| format!("GS*PO*B*S*20240115*0930*{n}*X*004010~ST*850*1~SE*2*1~GE*1*{n}~");
    let items = read(format!("{ISA}{}{}IEA*2*000000001~", group(1), group(2)));
    let groups: Vec<_> = items.iter().filter(|item| item.starts_with('G')).collect();
    assert_eq!(groups, ["GS 1 @106:1", "GE 1/1", "GS 2 @164:1", "GE 1/2"]);
}

#[test]
fn segments_outside_sets_are_given_out_as_they_are() {
    let ta1 = "TA1*000000009*240115*0900*A*000~";
    assert_eq!(
        read(format!("{ISA}{ta1}IEA*0*000000001~")),
        ["ISA 000000001 @0:1", "TA1 @106:1", "IEA 0/000000001"]
    );
    let items =
        read(format!("{ISA}ISB*2~{ta1}{GS}ST*850*1~SE*2*1~GE*1*1~{ta1}ISE*000000001~IEA*1*1~"));
    assert_eq!(
        items,
        [
            "ISA 000000001 @0:1",
            "ISB @106:1",
            "TA1 @112:1",
            "GS 1 @144:1",
            "850 1 2 segments @188:1",
            "GE 1/1",
            "TA1 @211:1",
            "ISE @243:1",
            "IEA 1/1"
        ]
    );
}

#[test]
fn a_segment_outside_a_set_knows_its_line() {
    let text = format!("{ISA}\n\nTA1*1*240115*0930*A*000~\nZZZ*1~\nIEA*0*000000001~");
    let items = read(text);
    assert_eq!(items[1], "TA1 @108:3");
    assert_eq!(items[2], "ZZZ @133:4");
}

#[test]
fn marks_blank_lines_and_line_ends_around_segments_are_not_data() {
    let lines = good().replace('~', "~\r\n");
    let items = read(format!("\u{FEFF}\r\n\n  {lines}\r\n\r\n"));
    assert_eq!(
        items,
        [
            "ISA 000000001 @8:3",
            "GS 1 @116:4",
            "850 0001 4 segments @162:5",
            "GE 1/1",
            "IEA 1/000000001"
        ]
    );
    let spread = good().replace('~', "~\n\n\r\n");
    assert_eq!(read(spread)[2], "850 0001 4 segments @158:7");
    assert_eq!(read(format!("{}\u{1A}\0\0", good())), WHOLE);
}

#[test]
fn a_terminator_may_be_a_newline_with_or_without_a_return() {
    let newline = with_separators(&good(), ["*", ":", "\n"]);
    let items = read(&newline);
    assert_eq!(items[2], "850 0001 4 segments @150:3");
    assert_eq!(items[4], "IEA 1/000000001");
    // A return before each newline is the line's end, not the last element's.
    let returns = read(newline.replace('\n', "\r\n"));
    assert_eq!(returns.last().unwrap(), "IEA 1/000000001", "{returns:#?}");
    let blank = read(newline.replace('\n', "\n\n"));
    assert_eq!(blank[2], "850 0001 4 segments @152:5");
}

#[test]
fn binary_segments_are_read_by_length() {
    let set = "ST*841*1~BIN*9*~SE*1*1~\n~BDS*ASC*4*IEA*~SE*4*1~";
    let items = read(format!("{ISA}{GS}{set}GE*1*1~IEA*1*000000001~"));
    assert_eq!(items[2], "841 1 4 segments @150:1");
    assert_eq!(items[4], "IEA 1/000000001");
    let items = read(format!("{ISA}{GS}ST*841*1~BIN*5*abc~SE*3*1~GE*1*1~IEA*1*1~"));
    assert_eq!(
        items[2..],
        ["841 1 1 segments, no SE @150:1", "fault binary_length @159:1", "no GE", "no IEA"]
    );
}

#[test]
fn the_letters_isa_in_data_are_data() {
    let text = good().replace("~PO1*1", "~ISA*not one~MSG*ISA*00*~ISA~PO1*ISA");
    assert_eq!(read(text)[2], "850 0001 7 segments @150:1");
}

#[test]
fn a_trailer_that_is_missing_is_reported_missing() {
    let items = read(good().replace("SE*4*0001~", ""));
    assert_eq!(items[2], "850 0001 3 segments, no SE @150:1");
    assert_eq!(items[3..], WHOLE[3..]);
    let items = read(good().replace("GE*1*1~", ""));
    assert_eq!(items[3..], ["no GE", "IEA 1/000000001"]);
    let items = read(good().replace("IEA*1*000000001~", ""));
    assert_eq!(items[3..], ["GE 1/1", "no IEA"]);
    let items = read(good().replace("SE*4*0001~GE*1*1~IEA*1*000000001~", "ST*850*0002~SE*2*0002~"));
    assert_eq!(
        items[2..],
        ["850 0001 3 segments, no SE @150:1", "850 0002 2 segments @202:1", "no GE", "no IEA"]
    );
}

#[test]
fn an_interchange_after_one_without_trailers_is_read_whatever_its_separators() {
    let cut = good().replace("SE*4*0001~GE*1*1~IEA*1*000000001~", "");
    for separators in [["*", ":", "~"], ["|", ">", "\n"], ["|", ">", "~"]] {
        let items = read(format!("{cut}\n{}", with_separators(&good(), separators)));
        assert_eq!(items[2..5], ["850 0001 3 segments, no SE @150:1", "no GE", "no IEA"]);
        assert_eq!(items[5], "ISA 000000001 @203:2");
        assert_eq!(items[9], "IEA 1/000000001");
    }
}

#[test]
fn a_last_trailer_without_terminator_is_whole() {
    assert_eq!(read(good().trim_end_matches('~')), WHOLE);
    assert_eq!(read(format!("{}\r\n", good().trim_end_matches('~'))), WHOLE);
}

#[test]
fn what_is_no_interchange_is_passed_over_once() {
    let items = read(format!("To whom it may concern:\n{}-- \nACME\n{}", good(), good()));
    assert_eq!(items[0], "fault not_x12 @0:1");
    assert_eq!(items[1], "ISA 000000001 @24:2");
    assert_eq!(items[6], "fault not_x12 @259:2");
    assert_eq!(items[7], "ISA 000000001 @268:4");
    assert_eq!(items.len(), 12);
}

/// Gives `step` bytes at a time, and says it was interrupted each other time.
struct Drip<'a> {
    bytes: &'a [u8],
    step: usize,
    interrupt: bool,
}

impl Read for Drip<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.interrupt = !self.interrupt;
        if self.interrupt {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let count = self.step.min(self.bytes.len()).min(room.len());
        room[..count].copy_from_slice(&self.bytes[..count]);
        self.bytes = &self.bytes[count..];
        Ok(count)
    }
}

#[test]
fn a_source_that_gives_a_byte_at_a_time_reads_the_same() {
    let text = format!("{}\n{}", good().replace('~', "~\r\n"), good());
    let drip = Drip { bytes: text.as_bytes(), step: 1, interrupt: false };
    assert_eq!(outline(Reader::new(drip)), read(text));
}

#[test]
fn a_source_that_fails_ends_the_reading() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the line is down"))
        }
    }
    assert_eq!(outline(Reader::new(Broken)), ["io the line is down"]);
    let text = good();
    let half = text.as_bytes()[..160].chain(Broken);
    assert_eq!(
        outline(Reader::new(half)),
        ["ISA 000000001 @0:1", "GS 1 @106:1", "io the line is down"]
    );
}

/// Pieces that matter to the reader, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(ISA.to_owned()),
        Just(with_separators(ISA, ["|", ">", "\n"])),
        Just(good()),
        Just(with_separators(&good(), ["|", ">", "\n"])),
        Just(GS.to_owned()),
        Just("ST*850*1~".to_owned()),
        Just("SE*2*1~".to_owned()),
        Just("GE*1*1~".to_owned()),
        Just("IEA*1*000000001~".to_owned()),
        Just("BIN*3*~~~~".to_owned()),
        Just("BDS*A*2*".to_owned()),
        Just("\r\n".to_owned()),
        Just("ISA".to_owned()),
        "[A-Z*~:| \n]{0,12}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_size_of_what_the_source_gives_changes_nothing(text in pieces(), step in 1_usize..200) {
        let drip = Drip { bytes: text.as_bytes(), step, interrupt: true };
        prop_assert_eq!(outline(Reader::new(drip)), read(text));
    }

    #[test]
    fn any_bytes_are_read_to_the_end(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!read(bytes).is_empty());
    }

    #[test]
    fn any_damage_to_a_good_file_is_read_to_the_end(at in 0_usize..235, byte in any::<u8>()) {
        let mut bytes = good().into_bytes();
        bytes[at] = byte;
        prop_assert!(!read(bytes).is_empty());
    }
}
