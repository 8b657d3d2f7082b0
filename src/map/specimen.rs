//! For tests: small sets of rules in a few lines, sets from bytes, and places for their segments.

use super::error::MapError;
use super::source::MapSources;
use super::translate::{Map, Scratch};
use crate::grammar::{
    CompositeRules, ElementRules, ElementType, ElementUse, Loop, Node, Part, Placement,
    Requirement, SegmentId, SegmentRules, SetRules, UNLIMITED, Usage,
};
use crate::x12::{Delimiters, Item, Reader, Set, Writer};
use std::sync::Arc;

/// A small order.
pub(super) const ORDER: &str = "
    ST ID3 AN9
    BEG ID2 ID2 AN22 AN30 DT8
    CUR ID3 ID3 R10
    REF* ID3 AN30 AN80 (ID3,AN30)
    PER* ID2 AN60 ID2 AN80 ID2 AN80
    MSG* AN264
    loop N1*
      N1 ID3 AN60 ID2 AN80
      N2* AN60 AN60
      N3* AN55 AN55
      REF* ID3 AN30
    end
    loop PO1*
      PO1 AN20 R15 ID2 R17 ID2 ID2 AN48 ID2 AN48
      loop PID*
        PID ID1 ID3 ID2 AN12 AN80
        MEA ID2 ID3 R20 (ID2)
      end
    end
    loop CTT
      CTT N06 R10
      AMT* ID3 R18
    end
    SE N010 AN9";

/// A map for it.
pub(super) const ORDER_MAP: &str = r#"
    set = "850"
    document = "purchase-order"
    [fields]
    purpose = { at = "BEG01", codes = "purpose", default = "original" }
    number = "BEG03"
    ordered_on = "BEG05"
    currency = "CUR02"
    references = { each = "REF", fields = { scheme = "01", value = "02" } }
    contacts = { each = "PER", fields = { role = "01", name = "02", numbers = { pairs = "03..06" } } }
    parties = { each = "N1", fields = { role = "N101", names = { values = "N201..02" }, address.lines = { values = "N301..02" }, references = { each = "REF", fields = { scheme = "01", value = "02" } } } }
    lines = { each = "PO1", fields = { line_number = "PO101", quantity = "PO102", unit = { at = "PO103", alias = "unit" }, item_ids = { pairs = "06", scheme = "item" }, descriptions = { each = "PID", fields = { text = "05" } } } }
    line_count = { at = "CTT01", count = "lines" }
    totals = { each = "CTT/AMT", fields = { kind = "01", amount = "02" } }
    [codes.purpose]
    "00" = "original"
    [codes.item]
    VN = "vendor_item"
    [codes.unit]
    CS = "CA"
"#;

/// Rules from lines such as `REF* ID3 AN30 (ID3,AN30)`, `loop N1*`, `end`; a star repeats.
pub(super) fn rules(id: &str, text: &str) -> SetRules {
    let mut set = SetRules { id: id.to_owned(), ..SetRules::default() };
    let mut open: Vec<usize> = vec![];
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap();
        let max = |word: &str| if word.ends_with('*') { UNLIMITED } else { 1 };
        match first {
            "loop" => {
                let name = words.next().unwrap();
                let (parent, head) = (open.last().copied(), set.nodes.len());
                open.push(set.loops.len());
                let id = name.trim_end_matches('*').to_owned();
                set.loops.push(Loop { id, max: max(name), parent, head, end: head });
            }
            "end" => {
                let end = set.nodes.len();
                set.loops[open.pop().unwrap()].end = end;
            }
            _ => {
                let id = SegmentId::of(first.trim_end_matches('*').as_bytes()).unwrap();
                let elements = words.map(element).collect();
                let segment =
                    SegmentRules { id, name: String::new(), elements, relationals: vec![] };
                let ordinal = u32::try_from(set.nodes.len() + 1).unwrap();
                set.nodes.push(Node {
                    id,
                    segment: Arc::new(segment),
                    requirement: Requirement::Optional,
                    usage: Usage::AsStandard,
                    max: max(first),
                    table: 1,
                    position: ordinal * 10,
                    ordinal,
                    parent: open.last().copied(),
                });
            }
        }
    }
    set
}

fn element(word: &str) -> ElementUse {
    let part = if let Some(inside) = word.strip_prefix('(') {
        let components = inside.trim_end_matches(')').split(',').map(element).collect();
        let (id, name) = ("C".to_owned(), String::new());
        Part::Composite(Arc::new(CompositeRules { id, name, components, relationals: vec![] }))
    } else {
        let (kind, max) = match word.split_at(word.len().min(2)) {
            ("DT", max) => (ElementType::Date, max),
            ("TM", max) => (ElementType::Time, max),
            ("ID", max) => (ElementType::Code, max),
            ("N0", max) => (ElementType::Number(0), max),
            ("N2", max) => (ElementType::Number(2), max),
            _ if word.starts_with('R') => (ElementType::Decimal, word.trim_start_matches('R')),
            (_, max) => (ElementType::Text, max),
        };
        let (id, name, max) = (word.to_owned(), String::new(), max.parse().unwrap());
        Part::Simple(Arc::new(ElementRules { id, name, kind, min: 1, max, codes: None }))
    };
    let max = match &part {
        Part::Simple(element) => element.max,
        Part::Composite(_) => UNLIMITED,
    };
    ElementUse {
        part,
        requirement: Requirement::Optional,
        usage: Usage::AsStandard,
        min: 1,
        max,
        repeat: 1,
        codes: None,
        codes_of_guide: false,
        values: None,
    }
}

/// Runs `look` on the set whose segments between ST and SE these are, one a line.
pub(super) fn with_set<T>(
    rules: &SetRules,
    body: &str,
    look: impl FnOnce(&Set<'_>, &Placement) -> T,
) -> T {
    let mut bytes = b"ISA*00*          *00*          *ZZ*US             *ZZ*THEM           *240115*1430*^*00501*000000001*0*P*:~GS*PO*US*THEM*20240115*1430*1*X*004010~".to_vec();
    let lines = body.lines().map(str::trim).filter(|line| !line.is_empty());
    bytes.extend_from_slice(format!("ST*{}*0001~", rules.id).as_bytes());
    let mut count = 2;
    for line in lines {
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'~');
        count += 1;
    }
    bytes.extend_from_slice(format!("SE*{count}*0001~GE*1*1~IEA*1*000000001~").as_bytes());
    let mut reader = Reader::new(bytes.as_slice());
    while let Some(item) = reader.next().unwrap() {
        if let Item::Set(set) = item {
            let placement = place(&set, rules);
            return look(&set, &placement);
        }
    }
    panic!("no set");
}

/// The place of each segment: the next one with its id, inner loops and repeats first.
pub(super) fn place(set: &Set<'_>, rules: &SetRules) -> Placement {
    let mut placement = Placement::with_capacity(set.len());
    let mut at = 0;
    for segment in set.segments() {
        let found = SegmentId::of(segment.id()).and_then(|id| next(rules, at, id));
        at = found.unwrap_or(at);
        placement.push(found);
    }
    placement
}

fn next(rules: &SetRules, at: usize, id: SegmentId) -> Option<usize> {
    let node = &rules.nodes[at];
    if node.id == id && node.max > 1 {
        return Some(at);
    }
    // Forward in the loop in hand, then back to its head, then the same in the loop around it.
    let mut around = node.parent;
    let mut from = at + 1;
    loop {
        let end = around.map_or(rules.nodes.len(), |around| rules.loops[around].end);
        let reachable = |place: &usize| {
            let parent = rules.nodes[*place].parent;
            let direct = parent == around;
            let head = parent.is_some_and(|inner| {
                rules.loops[inner].parent == around && rules.loops[inner].head == *place
            });
            rules.nodes[*place].id == id && (direct || head)
        };
        if let Some(found) = (from..end).find(reachable) {
            return Some(found);
        }
        let one = &rules.loops[around?];
        if rules.nodes[one.head].id == id && one.max > 1 {
            return Some(one.head);
        }
        around = one.parent;
        from = one.end;
    }
}

/// A map of one file, over no other.
pub(super) fn map(rules: &SetRules, text: &str) -> Map {
    let sources = MapSources::default().with([("test.toml".to_owned(), text.to_owned())]);
    Map::compile(&sources, rules).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The document that a set with these segments is.
pub(super) fn read(map: &Map, rules: &SetRules, body: &str) -> serde_json::Value {
    let mut json = vec![];
    with_set(rules, body, |set, placement| {
        map.read_json(set, placement, &mut Scratch::default(), &mut json).unwrap();
    });
    serde_json::from_slice(&json)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&json)))
}

/// The segments between ST and SE of the set that a document is written as, one a line.
pub(super) fn write(map: &Map, json: &str) -> Result<String, MapError> {
    let mut writer = Writer::new(Delimiters::default()).unwrap();
    map.write_json(json.as_bytes(), &mut Scratch::default(), &mut writer, "0001")?;
    let text = String::from_utf8(writer.into_bytes()).unwrap();
    let mut lines: Vec<&str> = text.split_terminator('~').collect();
    let count = format!("SE*{}*0001", lines.len());
    assert_eq!(lines.pop(), Some(&*count));
    assert!(lines.remove(0).starts_with("ST*"));
    Ok(lines.join("\n"))
}

/// Reads a set, writes what was read, reads that again, and gives the set written; the document
/// must be the same.
pub(super) fn there_and_back(map: &Map, rules: &SetRules, body: &str) -> String {
    let document = read(map, rules, body);
    let written = write(map, &document.to_string()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read(map, rules, &written), document, "{written}");
    written
}

/// The lines of a body without the spaces around them.
pub(super) fn lines(body: &str) -> String {
    body.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
