//! `.SETS`: the segments and loops of a transaction set.

use super::super::rules::{Loop, Requirement, SegmentId};
use super::at::{At, Broken};
use super::cursor::Cursor;
use super::fault::Faults;
use super::kind::SefFaultKind;
use super::marks::{attribute, maximum, requirement};
use super::model::{SetNode, SetRecord};
use super::text::Line;

/// Reads what stands behind `850=`.
pub(super) fn set<'t>(id: Line<'t>, mut cursor: Cursor<'t>, faults: &mut Faults) -> SetRecord<'t> {
    let mut reading = Reading::default();
    while let Some(byte) = cursor.peek() {
        let at = cursor.at();
        let read = match byte {
            b'[' => reading.segment(&mut cursor),
            b'{' => reading.begin(&mut cursor),
            b'}' => reading.end(&mut cursor),
            b'^' => reading.table(&mut cursor),
            b'+' | b'-' => reading.increment(&mut cursor),
            _ => Err(cursor.unexpected("a segment, a loop or a table")),
        };
        if let Err(broken) = read {
            faults.broken(broken);
            reading.broken = true;
            if byte == b'[' {
                cursor.skip_past(b']');
            } else if cursor.at() == at {
                cursor.skip(1);
                cursor.take_while(|byte| !b"[{}^+-".contains(&byte));
            }
        }
        if reading.nodes.len() > MAX_NODES {
            let kind = SefFaultKind::TooMany { what: "segments in a set", limit: MAX_NODES };
            faults.refuse(at, kind);
            reading.broken = true;
            break;
        }
    }
    reading.finish(id, cursor.at(), faults)
}

#[derive(Default)]
struct Reading {
    nodes: Vec<SetNode>,
    loops: Vec<Loop>,
    /// The loops that are open, the innermost last.
    open: Vec<(usize, At)>,
    tables: u8,
    position: i64,
    increment: Option<i64>,
    broken: bool,
}

impl Reading {
    fn segment(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Broken> {
        let at = cursor.at();
        cursor.skip(1);
        let usage = attribute(cursor);
        let id_at = cursor.at();
        let word = cursor.word();
        let id = SegmentId::of(word.as_bytes())
            .ok_or_else(|| Broken::new(id_at, SefFaultKind::SegmentIdInvalid(word.to_owned())))?;
        let mask = if cursor.eat(b'*') { count(cursor)? } else { 0 };
        let running = u32::try_from(self.nodes.len() + 1).unwrap_or(u32::MAX);
        let ordinal = if cursor.eat(b'@') { count(cursor)? } else { running };
        let mut node = SetNode {
            at,
            id,
            usage,
            mask,
            requirement: Requirement::Optional,
            max: 1,
            table: self.tables.max(1),
            position: 0,
            ordinal,
            parent: self.open.last().map(|(index, _)| *index),
        };
        if cursor.eat(b',') {
            node.requirement = requirement(cursor)?;
            if cursor.eat(b',') {
                node.max = maximum(cursor)?.unwrap_or(1);
            }
        }
        cursor.expect(b']', "`]`")?;
        self.position += self.increment.unwrap_or(DEFAULT_INCREMENT);
        node.position = u32::try_from(self.position)
            .map_err(|_| Broken::new(at, SefFaultKind::PositionNegative))?;
        self.name_loop(node.id);
        self.nodes.push(node);
        Ok(())
    }

    /// A loop without an id takes that of its first segment.
    fn name_loop(&mut self, id: SegmentId) {
        let nodes = self.nodes.len();
        let inner = self.open.last().and_then(|(index, _)| self.loops.get_mut(*index));
        if let Some(inner) = inner.filter(|inner| inner.head == nodes && inner.id.is_empty()) {
            id.as_str().clone_into(&mut inner.id);
        }
    }

    fn begin(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Broken> {
        let at = cursor.at();
        if self.open.len() >= MAX_DEPTH {
            let kind = SefFaultKind::TooMany { what: "loops in each other", limit: MAX_DEPTH };
            return Err(Broken::new(at, kind));
        }
        let headless = self.heads_nothing();
        cursor.skip(1);
        let id = cursor.word().to_owned();
        let max = if cursor.eat(b':') { maximum(cursor)?.unwrap_or(1) } else { 1 };
        let parent = self.open.last().map(|(index, _)| *index);
        self.open.push((self.loops.len(), at));
        self.loops.push(Loop { id, max, parent, head: self.nodes.len(), end: self.nodes.len() });
        if headless { Err(Broken::new(at, SefFaultKind::LoopHeadMissing)) } else { Ok(()) }
    }

    /// Whether the innermost open loop has no segment yet.
    fn heads_nothing(&self) -> bool {
        let inner = self.open.last().and_then(|(index, _)| self.loops.get(*index));
        inner.is_some_and(|inner| inner.head == self.nodes.len())
    }

    fn end(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Broken> {
        let headless = self.heads_nothing();
        let Some((index, at)) = self.open.pop() else {
            return Err(cursor.unexpected("a segment, a loop or a table"));
        };
        cursor.skip(1);
        if let Some(inner) = self.loops.get_mut(index) {
            inner.end = self.nodes.len();
        }
        if headless { Err(Broken::new(at, SefFaultKind::LoopHeadMissing)) } else { Ok(()) }
    }

    /// A new table begins to count at zero, by tens.
    fn table(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Broken> {
        if let Some((_, at)) = self.open.first().copied() {
            self.open.clear();
            return Err(Broken::new(at, SefFaultKind::Unclosed));
        }
        if self.tables >= MAX_TABLES {
            let limit = usize::from(MAX_TABLES);
            let kind = SefFaultKind::TooMany { what: "tables in a set", limit };
            return Err(Broken::new(cursor.at(), kind));
        }
        cursor.skip(1);
        // A segment before the first `^` is in the first table as well.
        self.tables = if self.tables == 0 && !self.nodes.is_empty() { 2 } else { self.tables + 1 };
        self.position = 0;
        self.increment = None;
        Ok(())
    }

    /// The increment stays until it is set again, or a table begins.
    fn increment(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Broken> {
        let down = cursor.peek() == Some(b'-');
        cursor.skip(1);
        let number = i64::from(count(cursor)?);
        self.increment = Some(if down { -number } else { number });
        Ok(())
    }

    fn finish<'t>(mut self, id: Line<'t>, end: At, faults: &mut Faults) -> SetRecord<'t> {
        if let Some((_, at)) = self.open.first() {
            faults.refuse(*at, SefFaultKind::Unclosed);
            self.broken = true;
        }
        let is = |node: Option<&SetNode>, id: &str| node.is_some_and(|n| n.id.as_str() == id);
        let whole = is(self.nodes.first(), "ST") && is(self.nodes.last(), "SE");
        if !whole && !self.broken {
            faults.refuse(end, SefFaultKind::SetIncomplete(id.text.to_owned()));
        }
        for inner in &mut self.loops {
            let head = self.nodes.get_mut(inner.head);
            if let Some(head) = head.filter(|head| head.max != 1) {
                faults.warn(head.at, SefFaultKind::LoopHeadRepeats(head.max));
                head.max = 1;
            }
        }
        let Self { nodes, loops, broken, .. } = self;
        SetRecord { at: id.at, id: id.text, nodes, loops, broken }
    }
}

fn count(cursor: &mut Cursor<'_>) -> Result<u32, Broken> {
    cursor.number()?.ok_or_else(|| cursor.unexpected("a number"))
}

const DEFAULT_INCREMENT: i64 = 10;

/// The largest published sets have under 2,000.
const MAX_NODES: usize = 5_000;

/// Six were met.
const MAX_DEPTH: usize = 16;

/// Heading, detail, summary.
const MAX_TABLES: u8 = 3;

#[cfg(test)]
mod tests {
    use super::super::super::rules::{UNLIMITED, Usage};
    use super::super::text::SourceText;
    use super::*;

    fn read(text: &str) -> (SetRecord<'_>, Vec<String>, Vec<String>) {
        let mut faults = Faults::default();
        let cursor = Cursor::new(Line { at: At(0), text });
        let record = set(Line { at: At(0), text: "850" }, cursor, &mut faults);
        let source = SourceText::of(text.as_bytes()).unwrap();
        let (faults, warnings) = faults.place("x", &source);
        let words = |list: Vec<super::super::fault::SefFault>| -> Vec<String> {
            list.iter().map(|fault| format!("{}: {}", fault.column, fault.kind)).collect()
        };
        (record, words(faults), words(warnings))
    }

    fn fault(text: &str) -> Vec<String> {
        read(text).1
    }

    #[test]
    fn positions_and_ordinals_count_as_the_format_has_it() {
        let (set, faults, warnings) = read(
            "^[ST,M][BEG*1,M]+30[!REF*1,,>1]{:200+260[N1*1]+10[.N2,,2][N3,,2][N4][REF,,12]}^{:100000[PO1*1,M]}^{:1[CTT][.AMT]}[SE,M]",
        );
        assert_eq!((faults, warnings), (vec![], vec![]));
        let placed: Vec<_> = set
            .nodes
            .iter()
            .map(|node| (node.id.to_string(), node.table, node.position, node.ordinal))
            .collect();
        let expected = [
            ("ST", 1, 10, 1),
            ("BEG", 1, 20, 2),
            ("REF", 1, 50, 3),
            ("N1", 1, 310, 4),
            ("N2", 1, 320, 5),
            ("N3", 1, 330, 6),
            ("N4", 1, 340, 7),
            ("REF", 1, 350, 8),
            ("PO1", 2, 10, 9),
            ("CTT", 3, 10, 10),
            ("AMT", 3, 20, 11),
            ("SE", 3, 30, 12),
        ];
        assert_eq!(placed, expected.map(|(id, table, at, n)| (id.to_owned(), table, at, n)));
        let loops: Vec<_> =
            set.loops.iter().map(|l| (l.id.as_str(), l.max, l.parent, l.head, l.end)).collect();
        assert_eq!(
            loops,
            [("N1", 200, None, 3, 8), ("PO1", 100_000, None, 8, 9), ("CTT", 1, None, 9, 11)]
        );
        assert_eq!((set.nodes[2].usage, set.nodes[2].max), (Usage::Must, UNLIMITED));
        assert_eq!((set.nodes[1].mask, set.nodes[4].usage), (1, Usage::NotUsed));
        assert_eq!(set.nodes[0].requirement, Requirement::Mandatory);
        assert_eq!(set.nodes[4].parent, Some(0));
    }

    #[test]
    fn increments_stick_until_the_next_one() {
        let (set, faults, _) = read("^[ST][A1]+20[B1]+10[C1]+5[D1][E1]{:>1+2[F1][G1]-1[H1]}[SE]");
        assert!(faults.is_empty(), "{faults:?}");
        let positions: Vec<_> = set.nodes.iter().map(|node| node.position).collect();
        assert_eq!(positions, [10, 20, 40, 50, 55, 60, 62, 64, 63, 62]);
    }

    #[test]
    fn a_set_without_tables_is_one_and_loops_nest_with_their_own_ids() {
        let (set, faults, _) = read("[ST,M]{2000:>1[HL]{N1X:5[N1][N2]}}{[LX]}[SE,M]");
        assert!(faults.is_empty(), "{faults:?}");
        assert!(set.nodes.iter().all(|node| node.table == 1));
        let loops: Vec<_> = set.loops.iter().map(|l| (l.id.as_str(), l.max, l.parent)).collect();
        assert_eq!(loops, [("2000", UNLIMITED, None), ("N1X", 5, Some(0)), ("LX", 1, None)]);
        assert_eq!(set.nodes[2].parent, Some(1));
    }

    #[test]
    fn the_same_id_twice_in_a_row_stays_two_nodes() {
        let (set, _, _) = read("[ST][REF,,2][REF,M]{:1[N1]}{:5[N1]}[SE]");
        assert_eq!(set.nodes.len(), 6);
        assert_eq!(set.loops.len(), 2);
    }

    #[test]
    fn an_ordinal_may_be_given_outright() {
        let (set, _, _) = read("[ST][REF*2@90,M,3][N1][SE]");
        let ordinals: Vec<_> = set.nodes.iter().map(|node| node.ordinal).collect();
        assert_eq!(ordinals, [1, 90, 3, 4]);
        assert_eq!((set.nodes[1].mask, set.nodes[1].max), (2, 3));
    }

    #[test]
    fn every_fault_of_a_set_is_found_at_its_place() {
        assert_eq!(
            fault("^[ST][b1]?[N1,Q]{:5}[SE]"),
            [
                "7: `b1` is no segment id",
                "10: `?` stands where a segment, a loop or a table belongs",
                "15: `Q` is no requirement: it is M, or O, or left out",
                "17: a loop must begin with a segment",
            ]
        );
        assert_eq!(fault("[ST]{:2[N1][SE]"), ["5: a `{` is not closed"]);
        assert_eq!(fault("^[ST]{:2[N1]^[SE]"), ["6: a `{` is not closed"]);
        assert_eq!(
            fault("[ST]{:2{:3[N1]}}[SE]").first().unwrap(),
            "8: a loop must begin with a segment"
        );
        assert_eq!(fault("[ST]-50[N1][SE]"), ["8: the position falls below zero"]);
        assert_eq!(fault("[ST][N1"), ["8: the end of the line stands where `]` belongs"]);
        assert_eq!(fault("[ST][N1]").len(), 1);
    }

    #[test]
    fn loops_in_loops_without_end_are_refused() {
        let text = format!("[ST]{}", "{[N1]".repeat(50_000));
        let faults = fault(&text);
        assert!(faults.iter().any(|f| f.ends_with("there are more than 16 loops in each other")));
        let text = format!("[ST]{}[SE]", "[N1]".repeat(50_000));
        assert_eq!(fault(&text).len(), 1);
    }

    #[test]
    fn a_loop_head_stands_once() {
        let (set, faults, warnings) = read("[ST]{:9[N1,,5]}[SE]");
        assert!(faults.is_empty());
        assert_eq!(warnings.len(), 1);
        assert_eq!(set.nodes[1].max, 1);
    }
}
