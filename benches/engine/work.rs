//! The work that is measured.

use super::orders::{self, Dice};
use std::fmt::Write as _;
use wharf::grammar::{Examiner, Library, Options, Verdict};
use wharf::map::{Map, MapSources, Scratch};
use wharf::x12::{Delimiters, Item, Reader, Set, Writer};

/// The plainest loop: what is a separator?
#[inline(never)]
pub(crate) fn naive(bytes: &[u8]) -> (usize, usize) {
    let (mut elements, mut segments) = (0, 0);
    for byte in bytes {
        match byte {
            b'*' => elements += 1,
            b'~' => segments += 1,
            _ => {}
        }
    }
    (elements, segments)
}

/// Every segment and every element looked at.
#[inline(never)]
pub(crate) fn split(bytes: &[u8]) -> (usize, usize) {
    let mut reader = Reader::new(bytes);
    let (mut segments, mut length) = (0, 0);
    while let Some(item) = reader.next().unwrap() {
        if let Item::Set(set) = item {
            for segment in set.segments() {
                segments += 1;
                length += segment.elements().map(|element| element.bytes().len()).sum::<usize>();
            }
        }
    }
    (segments, length)
}

/// Counts and control numbers of sets, groups and interchanges held against their trailers.
#[inline(never)]
pub(crate) fn read(bytes: &[u8]) -> usize {
    let mut reader = Reader::new(bytes);
    let (mut interchange, mut group) = (String::new(), String::new());
    let (mut groups, mut sets, mut all) = (0_usize, 0_usize, 0);
    while let Some(item) = reader.next().unwrap() {
        match item {
            Item::Interchange(header) => {
                (interchange, groups) = (header.control().into_owned(), 0);
            }
            Item::Group(header) => {
                (group, sets) = (header.control().into_owned(), 0);
                groups += 1;
            }
            Item::Set(set) => {
                assert!(is_whole(&set));
                sets += 1;
                all += 1;
            }
            Item::GroupEnd(trailer) => {
                let trailer = trailer.unwrap();
                assert_eq!(trailer.count().parse(), Ok(sets));
                assert_eq!(trailer.control(), group);
            }
            Item::InterchangeEnd(trailer) => {
                let trailer = trailer.unwrap();
                assert_eq!(trailer.count().parse(), Ok(groups));
                assert_eq!(trailer.control(), interchange);
            }
            Item::Loose(_) => panic!("no such segment was written"),
        }
    }
    all
}

fn is_whole(set: &Set<'_>) -> bool {
    let Some(trailer) = set.trailer() else { return false };
    trailer.element(1).text().parse() == Ok(set.len())
        && trailer.element(2).bytes() == set.header().element(2).bytes()
}

/// Grammars, and the map of the purchase order.
pub(crate) struct Engine {
    library: Library,
    map: Map,
}

impl Engine {
    pub(crate) fn new() -> Self {
        let library = Library::shipped();
        let rules = library.standard("004010").unwrap().unwrap().sets["850"].clone();
        let map = Map::compile(&MapSources::shipped(), &rules).unwrap();
        Self { library, map }
    }

    /// How many sets are accepted, and how many findings there are.
    #[inline(never)]
    pub(crate) fn check(&self, bytes: &[u8]) -> (usize, usize) {
        let mut reader = Reader::new(bytes);
        let mut examiner = Examiner::new(&self.library, Options::default());
        let (mut accepted, mut findings) = (0, 0);
        while let Some(item) = reader.next().unwrap() {
            let examined = examiner.item(&item).unwrap();
            let fine = matches!(item, Item::Set(_)) && examined.verdict == Verdict::Accepted;
            accepted += usize::from(fine);
            findings += examined.findings.len();
        }
        (accepted, findings)
    }

    /// How much JSON text the accepted sets become.
    #[inline(never)]
    pub(crate) fn translate(&self, bytes: &[u8]) -> usize {
        let mut length = 0;
        self.each_document(bytes, |json| length += json.len());
        length
    }

    /// The documents, and how many bytes their sets have.
    pub(crate) fn documents(&self, bytes: &[u8]) -> (Vec<Vec<u8>>, usize) {
        let mut all = vec![];
        let sets = self.each_document(bytes, |json| all.push(json.to_vec()));
        (all, sets)
    }

    fn each_document(&self, bytes: &[u8], mut take: impl FnMut(&[u8])) -> usize {
        let mut reader = Reader::new(bytes);
        let mut examiner = Examiner::new(&self.library, Options::default());
        let (mut json, mut scratch, mut length) = (vec![], Scratch::default(), 0);
        while let Some(item) = reader.next().unwrap() {
            let examined = examiner.item(&item).unwrap();
            if let Item::Set(set) = item {
                assert_eq!(examined.verdict, Verdict::Accepted, "{:?}", examined.findings);
                length += set.bytes().len();
                json.clear();
                self.map.read_json(&set, &examined.placement, &mut scratch, &mut json).unwrap();
                take(&json);
            }
        }
        length
    }

    /// One interchange with a set for each document.
    #[inline(never)]
    pub(crate) fn write(&self, documents: &[Vec<u8>]) -> Vec<u8> {
        let mut writer =
            Writer::new(Delimiters { component: b'>', ..Delimiters::default() }).unwrap();
        let mut scratch = Scratch::default();
        let mut control = String::new();
        envelope(&mut writer);
        for (document, number) in documents.iter().zip(1..) {
            control.clear();
            write!(control, "{number:04}").unwrap();
            self.map.write_json(document, &mut scratch, &mut writer, &control).unwrap();
        }
        writer.end_group();
        writer.end_interchange();
        writer.into_bytes()
    }
}

fn envelope(writer: &mut Writer) {
    let id = |text: &str| ("ZZ".to_owned(), text.to_owned());
    writer
        .begin_interchange(&wharf::x12::InterchangeHeader {
            sender: id("MERCYHEALTH"),
            receiver: id("ACME"),
            date: "240115".to_owned(),
            time: "0930".to_owned(),
            version: "00401".to_owned(),
            control: 1,
            acknowledgment_requested: false,
            usage: 'P',
        })
        .unwrap();
    writer
        .begin_group(&wharf::x12::GroupHeader {
            functional_id: "PO".to_owned(),
            sender: "MERCYHEALTH".to_owned(),
            receiver: "ACME".to_owned(),
            date: "20240115".to_owned(),
            time: "0930".to_owned(),
            control: 1,
            version: "004010".to_owned(),
        })
        .unwrap();
}

/// Something that an interchange can have much of.
pub(crate) struct Growth {
    pub(crate) name: &'static str,
    pub(crate) size: usize,
    pub(crate) make: fn(usize) -> Vec<u8>,
}

/// What must cost twice as much when there is twice as much of it.
pub(crate) const GROWTHS: [Growth; 6] = [
    Growth {
        name: "lines in an order",
        size: 40_000,
        make: |n| sets(1, u32::try_from(n).unwrap()),
    },
    Growth { name: "orders in a group", size: 4_000, make: |n| sets(n, 4) },
    Growth { name: "groups", size: 20_000, make: groups },
    Growth { name: "HL levels", size: 100_000, make: levels },
    Growth { name: "N1 loops", size: 100_000, make: loops },
    Growth { name: "findings", size: 4_000, make: findings },
];

fn sets(sets: usize, lines: u32) -> Vec<u8> {
    let mut text = String::new();
    orders::interchange(&mut text, &mut Dice(1), 1, sets, lines);
    text.into_bytes()
}

fn groups(count: usize) -> Vec<u8> {
    let mut text = String::new();
    orders::header(&mut text, 1);
    for control in 1..=count {
        orders::group(&mut text, &mut Dice(1), u32::try_from(control).unwrap(), 1, 1);
    }
    write!(text, "IEA*{count}*000000001~").unwrap();
    text.into_bytes()
}

fn levels(count: usize) -> Vec<u8> {
    let mut body = "BSN*00*S1*20240115*0930~".to_owned();
    for level in 1..=count {
        let parent = if level == 1 { String::new() } else { 1.to_string() };
        let kind = if level == 1 { "S" } else { "O" };
        write!(body, "HL*{level}*{parent}*{kind}~").unwrap();
    }
    wrapped("SH", "856", &body, count + 1)
}

fn loops(count: usize) -> Vec<u8> {
    let mut body = "BEG*00*NE*1**20240115~".to_owned();
    for _ in 0..count {
        body += "N1*ST*DOCK~N3*1 ADAMS ST~";
    }
    body += "PO1*1*1*EA~";
    wrapped("PO", "850", &body, count * 2 + 2)
}

/// Orders with a date that is none.
fn findings(count: usize) -> Vec<u8> {
    let text = String::from_utf8(sets(count, 4)).unwrap();
    text.replace("DTM*002*202401", "DTM*002*209901")
        .replace("*20240115~", "*20241315~")
        .into_bytes()
}

fn wrapped(group: &str, set: &str, body: &str, segments: usize) -> Vec<u8> {
    let mut text = String::new();
    orders::header(&mut text, 1);
    write!(text, "GS*{group}*MERCYHEALTH*003456789*20240115*0930*1*X*004010~ST*{set}*0001~")
        .unwrap();
    text += body;
    write!(text, "SE*{}*0001~GE*1*1~IEA*1*000000001~", segments + 2).unwrap();
    text.into_bytes()
}
