//! The syntax of X12, read and written, seen from outside.

mod hostile;
mod reading;
mod writing;

use std::io::Read;
use wharf::x12::{Item, Limits, ReadError, Reader};

/// What a reader gives out, a line an item, as `ISA 000000001 @0:1` (offset and line).
fn read(input: impl AsRef<[u8]>) -> Vec<String> {
    outline(Reader::new(input.as_ref()))
}

/// The same within limits.
fn read_within(limits: Limits, input: impl Read) -> Vec<String> {
    outline(Reader::with_limits(input, limits))
}

/// Reads to the end; each header must be followed by its end, whatever the input is.
fn outline(mut reader: Reader<impl Read>) -> Vec<String> {
    let mut lines = vec![];
    let (mut interchange, mut group) = (false, false);
    loop {
        let line = match reader.next() {
            Ok(None) => break,
            Ok(Some(item)) => {
                match item {
                    Item::Interchange(_) => {
                        assert!(!interchange && !group, "an ISA inside what is open: {lines:#?}");
                        interchange = true;
                    }
                    Item::Group(_) => {
                        assert!(interchange && !group, "a GS out of place: {lines:#?}");
                        group = true;
                    }
                    Item::Set(set) => {
                        assert!(interchange, "a set outside an interchange: {lines:#?}");
                        assert!(set.header().id() == b"ST" && !set.is_empty());
                    }
                    Item::Loose(_) => assert!(interchange, "a segment outside: {lines:#?}"),
                    Item::GroupEnd(_) => {
                        assert!(std::mem::take(&mut group), "a second end: {lines:#?}");
                    }
                    Item::InterchangeEnd(_) => {
                        assert!(!group, "an end before its group's: {lines:#?}");
                        assert!(std::mem::take(&mut interchange), "a second end: {lines:#?}");
                    }
                }
                describe(&item)
            }
            Err(ReadError::Syntax(fault)) => {
                format!("fault {} @{}:{}", fault.kind.code(), fault.offset, fault.line)
            }
            Err(ReadError::Io(error)) => {
                lines.push(format!("io {error}"));
                assert!(matches!(reader.next(), Ok(None)), "a failed source was read on");
                return lines;
            }
        };
        lines.push(line);
    }
    assert!(!interchange && !group, "left open: {lines:#?}");
    assert!(matches!(reader.next(), Ok(None)), "something follows the end");
    lines
}

fn describe(item: &Item<'_>) -> String {
    match item {
        Item::Interchange(isa) => {
            format!("ISA {} @{}:{}", isa.control(), isa.segment().offset(), isa.line())
        }
        Item::Group(gs) => format!("GS {} @{}:{}", gs.control(), gs.segment().offset(), gs.line()),
        Item::Set(set) => {
            let end = if set.trailer().is_some() { "" } else { ", no SE" };
            let (id, control, count) = (set.id(), set.control(), set.len());
            format!("{id} {control} {count} segments{end} @{}:{}", set.offset(), set.line())
        }
        Item::Loose(segment) => {
            let line = segment.line().unwrap_or_default();
            format!("{} @{}:{line}", segment.id_text(), segment.offset())
        }
        Item::GroupEnd(Some(ge)) => format!("GE {}/{}", ge.count(), ge.control()),
        Item::GroupEnd(None) => "no GE".into(),
        Item::InterchangeEnd(Some(iea)) => format!("IEA {}/{}", iea.count(), iea.control()),
        Item::InterchangeEnd(None) => "no IEA".into(),
    }
}

/// An ISA of release 004010 with the usual separators.
const ISA: &str = "ISA*00*          *00*          *ZZ*BUYER          *ZZ*SELLER         \
                   *240115*0930*U*00401*000000001*0*P*:~";

/// One of release 005010, with a repetition separator.
const ISA_5010: &str = "ISA*00*          *00*          *ZZ*BUYER          *ZZ*SELLER         \
                        *240115*0930*^*00501*000000002*0*P*:~";

const GS: &str = "GS*PO*BUYER*SELLER*20240115*0930*1*X*004010~";

/// A whole interchange: one group, one set of four segments.
fn good() -> String {
    format!(
        "{ISA}{GS}ST*850*0001~BEG*00*NE*4501**20240115~PO1*1*5*EA*9.5~SE*4*0001~GE*1*1~IEA*1*000000001~"
    )
}

/// The same with other separators: `*`, `:` and `~` in the order given.
fn with_separators(text: &str, [element, component, segment]: [&str; 3]) -> String {
    let swap = |c: char| match c {
        '*' => element.to_owned(),
        ':' => component.to_owned(),
        '~' => segment.to_owned(),
        other => other.to_string(),
    };
    text.chars().map(swap).collect()
}
