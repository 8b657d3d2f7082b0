//! Rules written small, for tests.

use crate::grammar::code_list::Codes;
use crate::grammar::rules::{
    CompositeRules, ElementRules, ElementType, ElementUse, Loop, Node, Part, Relational,
    RelationalKind, Requirement, SegmentId, SegmentRules, SetRules, Standard, UNLIMITED, Usage,
};
use crate::x12::{Item, Reader, Set};
use std::collections::HashMap;
use std::sync::Arc;

/// Segments as `BEG 353! ID 2/2 00,05;92! ID 2/2;…;+R0203`: each element its number, `!` where it is
/// mandatory, type, lengths, codes; `^3` behind the number lets it repeat; `C040(…|…)` is a composite.
const SEGMENTS: &str = "\
ST 143! ID 3/3;329! AN 4/9;1705 AN 1/35
SE 96! N0 1/10;329! AN 4/9
BEG 353! ID 2/2 00,01,05,06;92! ID 2/2;324! AN 1/22;328 AN 1/30;373! DT 8/8
BIG 373! DT 8/8;76! AN 1/22;373 DT 8/8;324 AN 1/22
BSN 353! ID 2/2;396! AN 2/30;373! DT 8/8;337! TM 4/8;1005 ID 4/4
REF 128! ID 2/3 DP,IA,PD,VN;127 AN 1/30;352 AN 1/80;C040(128! ID 2/3|127! AN 1/30|128 ID 2/3|127 AN 1/30|+P0304);+R0203
DTM 374! ID 3/3;373 DT 8/8;337 TM 4/8;623 ID 2/2;+R0203;+C0403
N1 98! ID 2/3 BT,BY,ST,VN;93 AN 1/60;66 ID 1/2;67 AN 2/80;+R0203;+P0304
N3 166! AN 1/55;166 AN 1/55
N4 19 AN 2/30;156 ID 2/2;116 ID 3/15;26 ID 2/3;+E0203
PER 366! ID 2/2;93 AN 1/60;365^3 ID 2/2 EM,FX,TE
PO1 350 AN 1/20;330 R 1/15;355 ID 2/2 EA,CA,BX;212 R 1/17;639 ID 2/2;235 ID 2/2;234 AN 1/48;+C0302;+P0607
PID 349! ID 1/1;750 ID 2/3;559 ID 2/2;751 AN 1/12;352 AN 1/80
IT1 350 AN 1/20;358 R 1/10;355 ID 2/2;212 R 1/17;639 ID 2/2;235 ID 2/2;234 AN 1/48
TXI 963! ID 2/2;782 R 1/18;954 R 1/10;955 ID 2/2;956 AN 1/10;441 ID 1/1;662 ID 1/1;828 R 1/9
SAC 248! ID 1/1;1300 ID 4/4;559 ID 2/2;1301 AN 1/10;610 N2 1/15;378 ID 1/1;332 R 1/6;118 R 1/9;355 ID 2/2;380 R 1/15
TDS 610! N2 1/15;610 N2 1/15
HL 628! AN 1/12;734 AN 1/12;735! ID 1/2;736 ID 1/1
LIN 350 AN 1/20;235! ID 2/2;234! AN 1/48
SN1 350 AN 1/20;382! R 1/10;355! ID 2/2
ACK 668! ID 2/2;380 R 1/15;355 ID 2/2
CTT 354! N0 1/6;347 R 1/10
AMT 522! ID 1/3;782! R 1/18
BIN 784! N0 1/15;785! B 1/0
MSG 933! AN 1/264
TA1 I12! N0 9/9;I08! DT 6/6;I09! TM 4/4;I17! ID 1/1;I18! ID 3/3
L11 127 AN 1/30
";

/// Sets as `id group | nodes`; `!` behind an id is mandatory, `*2` its maximum, `{N1*200 …}` a loop,
/// `^` a new table; for guides `.` before an id is not used.
const SETS: &str = "\
850 PO|ST! BEG! REF* PER*3 DTM*10 {N1*200 N1 N3*2 N4 REF*12} ^ {PO1!*100000 PO1 PID*1000 REF* DTM*10 {SAC*25 SAC} {N1*200 N1 N3*2 N4 REF*12}} ^ {CTT CTT AMT} SE!
855 PR|ST! BEG! REF* {N1*200 N1 N3*2 N4} ^ {PO1*100000 PO1 PID*1000 ACK*104 REF*} ^ {CTT CTT AMT} SE!
810 IN|ST! BIG! REF*12 DTM*10 {N1*200 N1 N3*2 N4 REF*12} ^ {IT1*200000 IT1 TXI*10 PID*1000 {SAC*25 SAC TXI*10}} ^ TDS! TXI*10 {SAC*25 SAC TXI*10} CTT SE!
856 SH|ST! BSN! DTM*10 ^ {HL!*200000 HL LIN SN1 PID*200 REF* DTM*10 {N1*200 N1 N3*2 N4}} ^ CTT SE!
864 TX|ST! MSG!* BIN* SE!
";

/// The little standard of the tests.
pub(crate) fn standard() -> Standard {
    let segments = dictionary();
    let mut standard =
        Standard { release: "004010".into(), title: "test".into(), ..Standard::default() };
    for line in SETS.lines() {
        let (head, nodes) = line.split_once('|').unwrap();
        let (id, group) = head.split_once(' ').unwrap();
        let rules = SetRules { id: id.into(), functional_id: group.into(), ..set(nodes) };
        standard.sets.insert(id.into(), Arc::new(rules));
    }
    let groups = ["PO", "PR", "IN", "SH", "TX", "FA"].map(str::to_owned);
    let group = ElementRules {
        id: "479".into(),
        name: String::new(),
        kind: ElementType::Code,
        min: 2,
        max: 2,
        codes: Some(Arc::new(Codes::new(groups))),
    };
    standard.elements.insert("479".into(), Arc::new(group));
    standard.segments = segments;
    standard
}

/// A set of these nodes.
pub(crate) fn set(nodes: &str) -> SetRules {
    let segments = dictionary();
    let mut rules = SetRules { id: "850".into(), ..SetRules::default() };
    let mut open: Vec<usize> = Vec::new();
    let mut table = 1;
    let mut head = false;
    for word in nodes.split_whitespace() {
        if word == "^" {
            table += 1;
            continue;
        }
        if let Some(ring) = word.strip_prefix('{') {
            let (id, required, max) = node(ring);
            let parent = open.last().copied();
            open.push(rules.loops.len());
            head = required;
            let ring = Loop { id: id.into(), max, parent, head: rules.nodes.len(), end: 0 };
            rules.loops.push(ring);
            continue;
        }
        let closed = word.trim_end_matches('}');
        let (id, required, max) = node(closed);
        let usage = if id.starts_with('.') { Usage::NotUsed } else { Usage::AsStandard };
        let segment = &segments[&SegmentId::of(id.trim_start_matches('.').as_bytes()).unwrap()];
        rules.nodes.push(Node {
            id: segment.id,
            segment: Arc::clone(segment),
            requirement: requirement(required || head),
            usage,
            max,
            table,
            position: 10,
            ordinal: u32::try_from(rules.nodes.len() + 1).unwrap(),
            parent: open.last().copied(),
        });
        head = false;
        for _ in closed.len()..word.len() {
            let ring = open.pop().unwrap();
            rules.loops[ring].end = rules.nodes.len();
        }
    }
    assert!(open.is_empty(), "a loop is not closed in {nodes}");
    rules
}

/// An element, such as `ID 2/3 00,05`.
pub(crate) fn element(written: &str) -> ElementUse {
    use_of(&format!("1 {written}"))
}

/// A list of these codes, such as `00,05`.
pub(crate) fn list(codes: &str) -> Arc<Codes> {
    Arc::new(Codes::new(codes.split(',').map(str::to_owned)))
}

/// Gives `with` the only set of `sets`, which stand in an interchange of their own.
pub(crate) fn with_set<T>(set: &str, with: impl FnOnce(&Set<'_>) -> T) -> T {
    let text = interchange(set.as_bytes(), 1);
    let mut reader = Reader::new(text.as_slice());
    loop {
        if let Item::Set(set) = reader.next().unwrap().unwrap() {
            return with(&set);
        }
    }
}

/// An interchange of one group that holds these sets.
pub(crate) fn interchange(sets: &[u8], count: usize) -> Vec<u8> {
    let mut text = ISA.as_bytes().to_vec();
    text.extend(b"GS*PO*BUYER*SELLER*20240115*1200*1*X*004010~");
    text.extend(sets);
    text.extend(format!("GE*{count}*1~IEA*1*000000001~").as_bytes());
    text
}

/// A good ISA.
pub(crate) const ISA: &str = "ISA*00*          *00*          *ZZ*BUYER          *ZZ*SELLER         *240115*1200*^*00501*000000001*0*P*:~";

/// A good 850.
pub(crate) const ORDER: &str = "ST*850*0001~BEG*00*NE*4501**20240115~REF*DP*12~PER*IC*JO*TE^FX~DTM*002*20240201~\
N1*ST*Clinic*92*0815~N3*Main Street 1~N4*Springfield*IL~REF*IA*7~PO1*1*10*EA*12.50**VP*A-1~\
PID*F****Gloves~PO1*2*5*CA*7**VP*B-2~REF*VN**text~CTT*2~SE*15*0001~";

fn node(word: &str) -> (&str, bool, u32) {
    let (head, max) = word.split_once('*').unwrap_or((word, "1"));
    let max = if max.is_empty() { UNLIMITED } else { max.trim_end_matches('!').parse().unwrap() };
    (head.trim_end_matches('!'), word.contains('!'), max)
}

fn requirement(required: bool) -> Requirement {
    if required { Requirement::Mandatory } else { Requirement::Optional }
}

fn dictionary() -> HashMap<SegmentId, Arc<SegmentRules>> {
    let mut known = HashMap::new();
    let segments = SEGMENTS.lines().map(|line| segment(line, &mut known));
    segments.map(|segment| (segment.id, Arc::new(segment))).collect()
}

fn segment(line: &str, known: &mut HashMap<String, Arc<Codes>>) -> SegmentRules {
    let (id, parts) = line.split_once(' ').unwrap();
    let id = SegmentId::of(id.as_bytes()).unwrap();
    let name = if id.as_str() == "BEG" { "Beginning Segment for Purchase Order" } else { "" };
    let (mut elements, relationals) = uses(parts, ';');
    // One list for one element, as a dictionary has it.
    for element in &mut elements {
        if let Some(codes) = &mut element.codes {
            let shared = known.entry(element.part.id().to_owned()).or_insert_with(|| codes.clone());
            *codes = Arc::clone(shared);
        }
    }
    SegmentRules { id, name: name.into(), elements, relationals }
}

fn uses(parts: &str, by: char) -> (Vec<ElementUse>, Vec<Relational>) {
    let parts = parts.split(by);
    let (relationals, elements): (Vec<_>, Vec<_>) = parts.partition(|part| part.starts_with('+'));
    (elements.into_iter().map(use_of).collect(), relationals.into_iter().map(relational).collect())
}

fn relational(written: &str) -> Relational {
    let kind = match written.get(1..2).unwrap() {
        "P" => RelationalKind::Paired,
        "R" => RelationalKind::Required,
        "E" => RelationalKind::Exclusive,
        "C" => RelationalKind::Conditional,
        _ => RelationalKind::ListConditional,
    };
    let places: Vec<u8> =
        written.as_bytes()[2..].chunks(2).map(|n| (n[0] - b'0') * 10 + n[1] - b'0').collect();
    let bits = places.iter().fold(0, |bits, place| bits | 1_u64 << (place - 1));
    Relational { kind, first: places[0], places: bits }
}

fn use_of(written: &str) -> ElementUse {
    if let Some((id, parts)) = written.split_once('(') {
        let (components, relationals) = uses(parts.trim_end_matches(')'), '|');
        let rules = CompositeRules { id: id.into(), name: String::new(), components, relationals };
        return ElementUse { part: Part::Composite(Arc::new(rules)), min: 0, ..element("AN 0/0") };
    }
    let words: Vec<&str> = written.split(' ').collect();
    let (id, repeat) = words[0]
        .trim_end_matches('!')
        .split_once('^')
        .map_or((words[0].trim_end_matches('!'), 1), |(id, repeat)| (id, repeat.parse().unwrap()));
    let kind = match words[1] {
        "AN" => ElementType::Text,
        "ID" => ElementType::Code,
        "DT" => ElementType::Date,
        "TM" => ElementType::Time,
        "R" => ElementType::Decimal,
        "B" => ElementType::Binary,
        number => ElementType::Number(number.trim_start_matches('N').parse().unwrap()),
    };
    let (min, max) = words[2].split_once('/').unwrap();
    let (min, max) = (min.parse().unwrap(), max.parse().unwrap());
    let max = if max == 0 { UNLIMITED } else { max };
    let codes = words.get(3).map(|codes| list(codes));
    let name = if id == "373" { "Date" } else { "" };
    let rules =
        ElementRules { id: id.into(), name: name.into(), kind, min, max, codes: codes.clone() };
    ElementUse {
        part: Part::Simple(Arc::new(rules)),
        requirement: requirement(words[0].ends_with('!')),
        usage: Usage::AsStandard,
        min,
        max,
        repeat,
        codes,
        codes_of_guide: false,
        values: None,
    }
}
