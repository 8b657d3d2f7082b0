//! What the reader makes of input that nobody should send.

use super::{GS, ISA, good, outline, read, read_within};
use std::io::{self, Read};
use wharf::x12::{Item, Limits, ReadError, Reader, SyntaxErrorKind};

#[test]
fn nothing_is_a_fault_of_its_own() {
    assert_eq!(read(""), ["fault empty @0:1"]);
    assert_eq!(read(" \r\n\n"), ["fault empty @4:3"]);
    assert_eq!(read("\u{FEFF}"), ["fault empty @3:1"]);
}

#[test]
fn every_cut_of_a_good_file_is_told() {
    let text = good();
    for end in 1..text.len() - 1 {
        let items = read(&text[..end]);
        let told = items.iter().any(|item| item.starts_with("fault") || item.starts_with("no "));
        // Inside the last number of the IEA, the number itself must tell.
        let number = items.last().is_some_and(|item| {
            item.starts_with("IEA") && item != "IEA 1/000000001" && end > text.len() - 16
        });
        assert!(told || number, "cut at {end}: {items:#?}");
    }
}

#[test]
fn every_cut_inside_a_segment_is_a_typed_error_at_its_start() {
    let text = good();
    let starts: Vec<usize> = text.match_indices('~').map(|(at, _)| at + 1).collect();
    for end in 107..text.len() - 16 {
        let items = read(&text[..end]);
        let start = starts.iter().rfind(|start| **start <= end).copied().unwrap();
        let fault = format!("fault segment_unterminated @{start}:1");
        assert_eq!(items.contains(&fault), start < end, "cut at {end}: {items:#?}");
    }
}

#[test]
fn an_isa_of_another_length_is_read_and_the_element_that_is_wrong_is_named() {
    let short = good().replacen("BUYER          ", "BUYER         ", 1);
    let long = good().replacen("SELLER         ", "SELLER          ", 1);
    let bare = good().replacen("*          *", "**", 2).replacen("BUYER          ", "BUYER", 1);
    for (text, element) in [(short, 6), (long, 8), (bare, 2)] {
        let items = read(&text);
        assert_eq!(items.first(), read(good()).first(), "{text}");
        assert_eq!(items.len(), read(good()).len());
        let mut reader = Reader::new(text.as_bytes());
        let Some(Item::Interchange(isa)) = reader.next().unwrap() else { panic!("{text}") };
        assert_eq!(isa.misaligned(), Some(element));
        assert_eq!((isa.sender().as_ref(), isa.receiver().as_ref()), ("BUYER", "SELLER"));
    }
}

#[test]
fn an_isa_of_another_length_with_doubt_where_it_ends_is_refused() {
    let short = good().replacen("BUYER          ", "BUYER         ", 1);
    let doubtful = short.replacen("~GS*", "~XX*", 1);
    let error = Reader::new(doubtful.as_bytes()).next().unwrap_err();
    let ReadError::Syntax(fault) = error else { panic!("{error:?}") };
    assert_eq!(fault.kind, SyntaxErrorKind::IsaMisaligned { element: 6 });
    assert_eq!(read(&doubtful), ["fault isa_misaligned @0:1"]);
    assert_eq!(read(&ISA[..70]), ["fault isa_too_short @0:1"]);
    assert_eq!(read(&ISA[..105]), ["fault isa_too_short @0:1"]);
    assert_eq!(read(ISA), ["ISA 000000001 @0:1", "no IEA"]);
}

#[test]
fn separators_that_cannot_be_are_refused() {
    for (from, to) in [(":~", ":A"), (":~", "::"), (":~", "*~"), (":~", " ~"), (":~", "7~")] {
        assert_eq!(read(good().replacen(from, to, 1)), ["fault delimiter_invalid @0:1"], "{to}");
    }
    assert_eq!(read(ISA.replace('*', "A")), ["fault delimiter_invalid @0:1"]);
}

#[test]
fn what_is_not_x12_is_called_what_it_is() {
    let wide: Vec<u8> = good().bytes().flat_map(|byte| [byte, 0]).collect();
    let marked: Vec<u8> = [0xFF, 0xFE].into_iter().chain(wide.iter().copied()).collect();
    let swapped: Vec<u8> = good().bytes().flat_map(|byte| [0, byte]).collect();
    let cases: [(&[u8], &str); 14] = [
        (b"<!DOCTYPE html><html><body>503</body></html>", "a web page"),
        (b"<?xml version=\"1.0\"?><order/>", "XML"),
        (b"{\"order\": 1}", "JSON"),
        (b"UNA:+.? 'UNB+UNOA:1'", "EDIFACT"),
        (b"STX=ANA:1+5000000000000'", "TRADACOMS"),
        (&wide, "UTF-16 text"),
        (&marked, "UTF-16 text"),
        (&swapped, "UTF-16 text"),
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04\x14\x00", "a ZIP archive"),
        (b"\x1F\x8B\x08\x00", "gzip data"),
        (b"ST*850*0001~BEG*00~", "a piece of it: there is no ISA segment before this"),
        (b"Dear supplier, please find our order attached.", "other text"),
        (b"\x7FELF\x02\x01\x01", "binary data"),
    ];
    for (input, words) in cases {
        let error = Reader::new(input).next().unwrap_err().to_string();
        assert!(error.starts_with(&format!("this is not X12 but {words} at byte ")), "{error}");
        assert_eq!(read(input).len(), 1, "{words}");
    }
}

/// Bytes without end, and a count of how many were taken.
struct Endless<'a> {
    head: &'a [u8],
    byte: u8,
    taken: &'a mut u64,
}

impl Read for Endless<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let count = if self.head.is_empty() {
            room.fill(self.byte);
            room.len()
        } else {
            self.head.read(room)?
        };
        *self.taken += u64::try_from(count).unwrap();
        Ok(count)
    }
}

#[test]
fn an_endless_element_is_refused_early() {
    let limits = Limits { segment: 1 << 20, ..Limits::default() };
    for head in [format!("{ISA}{GS}ST*850*1~BEG*"), format!("{ISA}{GS}N1*"), ISA.to_owned()] {
        let mut taken = 0;
        let source = Endless { head: head.as_bytes(), byte: b'x', taken: &mut taken };
        let mut reader = Reader::with_limits(source, limits);
        let fault = loop {
            match reader.next() {
                Ok(item) => assert!(item.is_some()),
                Err(ReadError::Syntax(fault)) => break fault,
                Err(error) => panic!("{error}"),
            }
        };
        assert_eq!(fault.kind, SyntaxErrorKind::SegmentTooLong(1 << 20));
        assert!(taken < 8 << 20, "{taken} bytes were read");
    }
}

#[test]
fn an_element_of_a_gigabyte_is_passed_in_bounded_memory_to_what_follows() {
    let head = format!("{ISA}{GS}ST*850*1~BEG*");
    let endless = io::repeat(b'x').take(1 << 30);
    let tail = format!("\n{}", good());
    let items = outline(Reader::new(head.as_bytes().chain(endless).chain(tail.as_bytes())));
    assert_eq!(items[2], "850 1 1 segments, no SE @150:1");
    assert_eq!(items[3], "fault segment_too_long @159:1");
    assert_eq!(items[4..6], ["no GE", "no IEA"]);
    let next = (1_u64 << 30) + 164;
    assert_eq!(items[6], format!("ISA 000000001 @{next}:2"));
    assert_eq!(items.last().unwrap(), "IEA 1/000000001");
}

#[test]
fn a_segment_as_long_as_the_limit_is_read_and_one_longer_is_not() {
    let set = |length: usize| format!("{ISA}{GS}ST*850*1~{}~SE*3*1~", "x".repeat(length));
    let limits = Limits { segment: 200, ..Limits::default() };
    assert_eq!(read_within(limits, set(200).as_bytes())[2], "850 1 3 segments @150:1");
    let items = read_within(limits, set(201).as_bytes());
    assert_eq!(items[2..4], ["850 1 1 segments, no SE @150:1", "fault segment_too_long @159:1"]);
}

#[test]
fn a_set_longer_than_the_limit_is_broken_off() {
    let body = "PO1*1*5*EA*9.5~".repeat(100_000);
    let limits = Limits { set: 1 << 19, ..Limits::default() };
    let items = read_within(limits, format!("{ISA}{GS}ST*850*1~{body}").as_bytes());
    assert!(items[2].starts_with("850 1 ") && items[2].ends_with("no SE @150:1"), "{items:#?}");
    assert!(items[3].starts_with("fault set_too_long @"), "{items:#?}");
    assert_eq!(items[4..], ["no GE", "no IEA"]);
}

#[test]
fn binary_data_longer_than_the_limit_is_broken_off() {
    let limits = Limits { set: 1 << 20, ..Limits::default() };
    for length in ["2000000", "4294967295", "99999999999999999999"] {
        let head = format!("{ISA}{GS}ST*841*1~BIN*{length}*");
        let source = head.as_bytes().chain(io::repeat(b'~').take(16 << 20));
        let items = read_within(limits, source);
        let fault = if length.len() > 10 { "binary_length" } else { "set_too_long" };
        assert_eq!(items[3], format!("fault {fault} @159:1"), "{length}");
    }
}

#[test]
fn a_million_empty_segments_are_a_million_segments() {
    let text = format!("{ISA}{GS}ST*850*1~{}SE*1000002*1~GE*1*1~", "~".repeat(1_000_000));
    assert_eq!(read(&text)[2], "850 1 1000002 segments @150:1");
    let loose = read(format!("{ISA}{}", "~".repeat(100_000)));
    assert_eq!(loose.len(), 100_002);
    assert_eq!(loose[100_000], " @100105:1");
}

#[test]
fn segments_without_bytes_cannot_fill_memory() {
    let limits = Limits { set: 1 << 20, ..Limits::default() };
    let source = format!("{ISA}{GS}ST*850*1~");
    let items = read_within(limits, source.as_bytes().chain(io::repeat(b'~').take(4 << 20)));
    assert!(items[3].starts_with("fault set_too_long"), "{}", items[3]);
}

#[test]
fn the_letters_isa_without_end_are_read_in_linear_time() {
    for pattern in ["ISA", "ISA*", "*ISA", "\nISA*00*          *00*          "] {
        let items = read(pattern.repeat(200_000));
        assert_eq!(items.len(), 1, "{pattern}");
    }
}
