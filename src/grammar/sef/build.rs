//! From records to rules: the whole standard, and each of its sets.

use super::super::rules::{Node, SetRules, Standard, Usage};
use super::at::At;
use super::conditions::Places;
use super::dictionary::Dictionary;
use super::element_rules::Elements;
use super::fault::Faults;
use super::kind::SefFaultKind;
use super::masks::Masks;
use super::model::{Model, RuleRecord, SetRecord, Spot};
use super::names::plain;
use super::narrow::{Tied, Ties};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Looks up whatever the records refer to.
pub(super) fn standard(
    model: &Model<'_>,
    base: Option<&Standard>,
    faults: &mut Faults,
) -> Standard {
    let release = release(model, base, faults);
    let elements = Elements::of(model, base, faults);
    let mut ties = Ties::of(model, &elements, faults);
    let mut dictionary = Dictionary::new(elements);
    dictionary.fill(model, base, &ties.everywhere, faults);
    for tied in &ties.in_segments {
        let Spot::InSegment { segment, .. } = tied.place.spot else { continue };
        if let Some(segment) = dictionary.segment_mut(segment) {
            tied.apply(segment, faults);
        } else {
            let text = tied.place.text.to_owned();
            faults.refuse(tied.place.at, SefFaultKind::LocationEmpty(text));
        }
    }
    let mut masks = Masks::new(dictionary);
    let mut sets = BTreeMap::new();
    let mut rules = rules_by_set(model, faults);
    for record in &model.sets {
        let ties = ties.in_sets.remove(record.id).unwrap_or_default();
        let conditions = rules.remove(record.id).unwrap_or_default();
        let mut set = nodes(record, &mut masks, faults);
        title(&mut set, record.id, model, base);
        // Without every segment, ordinals lead astray; the file is refused anyway.
        if !record.broken && set.nodes.len() == record.nodes.len() {
            let ordinals = ordinals(record, faults);
            narrow(&mut set, &ties, &ordinals, &mut masks, faults);
            rename(&mut set, &ordinals, model, &mut masks, record.at, faults);
            set.conditions = {
                let places = Places { id: record.id, nodes: &set.nodes, ordinals: &ordinals };
                places.conditions(&conditions, &model.variables, faults)
            };
        }
        if sets.insert(record.id.to_owned(), Arc::new(set)).is_some() {
            faults.repeated(record.at, "the set", record.id);
        }
    }
    let narrowed = ties.in_sets.values().flatten().map(|tied| &tied.place);
    let governed = rules.values().flatten().map(|rule| &rule.place);
    for place in narrowed.chain(governed) {
        faults.warn(place.at, SefFaultKind::LocationElsewhere(place.text.to_owned()));
    }
    let title = model.header.as_ref().map(|header| plain(header.title).into_owned());
    let (segments, elements) = masks.into_dictionary().finish();
    Standard { release, title: title.unwrap_or_default(), sets, segments, elements }
}

fn release(model: &Model<'_>, base: Option<&Standard>, faults: &mut Faults) -> String {
    let Some(header) = &model.header else { return String::new() };
    let first = |release: &str| release.get(..6).unwrap_or(release).to_owned();
    if let Some(base) = base.filter(|base| first(&base.release) != first(&header.release)) {
        let (guide, base) = (header.release.clone(), base.release.clone());
        faults.warn(header.at, SefFaultKind::ReleaseDiffers { guide, base });
    }
    header.release.clone()
}

/// The places for segments, each with its segment through its mask.
fn nodes(record: &SetRecord<'_>, masks: &mut Masks<'_>, faults: &mut Faults) -> SetRules {
    let mut rules = SetRules { loops: record.loops.clone(), ..SetRules::default() };
    rules.nodes.reserve(record.nodes.len());
    // How far the loop reaches that is not used.
    let mut unused_to = 0;
    let mut heads = record.loops.iter().peekable();
    for (index, node) in record.nodes.iter().enumerate() {
        while let Some(inner) = heads.next_if(|inner| inner.head <= index) {
            if node.usage == Usage::NotUsed {
                unused_to = unused_to.max(inner.end);
            }
        }
        let Some(segment) = masks.masked(node.id, node.mask, node.at, faults) else {
            continue;
        };
        rules.nodes.push(Node {
            id: node.id,
            segment,
            requirement: node.requirement,
            usage: if index < unused_to { Usage::NotUsed } else { node.usage },
            max: node.max,
            table: node.table,
            position: node.position,
            ordinal: node.ordinal,
            parent: node.parent,
        });
    }
    rules
}

/// Works in what is tied to places of the set.
fn narrow(
    rules: &mut SetRules,
    ties: &[Tied<'_>],
    ordinals: &HashMap<u32, usize>,
    masks: &mut Masks<'_>,
    faults: &mut Faults,
) {
    for tied in ties {
        let Spot::InSet { ordinal, .. } = tied.place.spot else { continue };
        let index = ordinals.get(&ordinal).copied();
        let Some(node) = index.and_then(|index| rules.nodes.get_mut(index)) else {
            let text = tied.place.text.to_owned();
            faults.refuse(tied.place.at, SefFaultKind::LocationEmpty(text));
            continue;
        };
        if masks.copy(node.segment.elements.len(), tied.place.at, faults) {
            tied.apply(Arc::make_mut(&mut node.segment), faults);
        }
    }
}

/// Names that the guide gives to segments of the set.
fn rename(
    rules: &mut SetRules,
    ordinals: &HashMap<u32, usize>,
    model: &Model<'_>,
    masks: &mut Masks<'_>,
    at: At,
    faults: &mut Faults,
) {
    for (ordinal, name) in model.names.places.get(rules.id.as_str()).into_iter().flatten() {
        let index = ordinals.get(ordinal).copied();
        let Some(node) = index.and_then(|index| rules.nodes.get_mut(index)) else { continue };
        if masks.copy(node.segment.elements.len(), at, faults) {
            Arc::make_mut(&mut node.segment).name = plain(name).into_owned();
        }
    }
}

fn title(rules: &mut SetRules, id: &str, model: &Model<'_>, base: Option<&Standard>) {
    let old = base.and_then(|base| base.sets.get(id));
    let names = &model.names;
    let text = |text: Option<&&str>, old: Option<&String>| {
        text.map(|text| plain(text).into_owned()).or_else(|| old.cloned()).unwrap_or_default()
    };
    id.clone_into(&mut rules.id);
    rules.title = text(names.titles.get(id), old.map(|old| &old.title));
    rules.functional_id = text(names.groups.get(id), old.map(|old| &old.functional_id));
}

/// The nodes by ordinal.
fn ordinals(record: &SetRecord<'_>, faults: &mut Faults) -> HashMap<u32, usize> {
    let mut ordinals = HashMap::with_capacity(record.nodes.len());
    for (index, node) in record.nodes.iter().enumerate() {
        if ordinals.insert(node.ordinal, index).is_some() {
            faults.repeated(node.at, "the ordinal", &node.ordinal.to_string());
        }
    }
    ordinals
}

/// The rules of type USAGE, by set; they hold for places of sets only.
fn rules_by_set<'m>(
    model: &'m Model<'m>,
    faults: &mut Faults,
) -> HashMap<&'m str, Vec<&'m RuleRecord<'m>>> {
    let mut rules: HashMap<_, Vec<_>> = HashMap::new();
    for rule in &model.rules {
        match rule.place.spot {
            Spot::InSet { set, .. } => rules.entry(set).or_default().push(rule),
            Spot::InSegment { .. } | Spot::Element(_) => {
                let text = rule.place.text.to_owned();
                faults.refuse(rule.place.at, SefFaultKind::LocationInvalid(text));
            }
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::super::super::rules::{Location, Test, UNLIMITED};
    use super::super::sample::{BASE, base, faults, guide, place, warnings};
    use super::*;

    /// The set of the small guide that the format's description ends with.
    const SMALL: &str = ".SETS
850=^[ST,M][BEG*1,M]+30[!REF*1,,>1]{:200+260[N1*1]+10[.N2,,2][N3,,2][N4]}^{:100000[PO1*1,M]}^{:1[CTT][.AMT]}[SE,M]
.SEGS
BEG=[353,M][92,M][324,M][328][373,M],...#.
REF=[128,M][127][352][C040]+R0203,.!
N1=[98,M][93][66][67]+R0203P0304,....
PO1=[350][330][355][212][639]{2[235][234]}+C0302P0607P0809,.......
.CODES
128=DP,VN%[DP]+850/3///1
";

    #[test]
    fn a_guide_keeps_its_own_structure_and_takes_the_rest_from_the_base() {
        let loaded = guide(SMALL);
        assert_eq!(warnings(&loaded), Vec::<String>::new());
        let standard = loaded.standard;
        assert_eq!((standard.release.as_str(), standard.sets.len()), ("004010", 1));
        assert_eq!(standard.title, "Acme purchase order");
        let set = &standard.sets["850"];
        assert_eq!((set.title.as_str(), set.functional_id.as_str()), ("Purchase Order", "PO"));
        let placed: Vec<_> = set.nodes.iter().map(|n| (n.id.to_string(), n.position)).collect();
        let ids = ["ST", "BEG", "REF", "N1", "N2", "N3", "N4", "PO1", "CTT", "AMT", "SE"];
        let positions = [10, 20, 50, 310, 320, 330, 340, 10, 10, 20, 30];
        let expected: Vec<_> =
            ids.iter().zip(positions).map(|(id, at)| ((*id).to_owned(), at)).collect();
        assert_eq!(placed, expected);
        assert_eq!((set.nodes[2].usage, set.nodes[2].max), (Usage::Must, UNLIMITED));
        assert_eq!(set.nodes[4].usage, Usage::NotUsed);
        assert_eq!(set.nodes[1].segment.name, "Beginning");
        assert_eq!(standard.segments.len(), base().segments.len());
        assert_eq!(set.nodes[0].segment.elements[0].max, 3);
        let qualifier = place(&standard, 3, 1);
        assert!(qualifier.codes_of_guide);
        let codes = qualifier.codes.as_ref().unwrap();
        assert_eq!(codes.iter().collect::<Vec<_>>(), ["DP"]);
        let usages: Vec<_> =
            set.nodes[2].segment.elements.iter().map(|element| element.usage).collect();
        assert_eq!(usages, [Usage::AsStandard, Usage::Must, Usage::NotUsed, Usage::NotUsed]);
        assert_eq!(place(&standard, 2, 4).usage, Usage::NotUsed);
        assert_eq!(place(&standard, 8, 8).usage, Usage::NotUsed);
    }

    #[test]
    fn a_loop_whose_first_segment_is_not_used_is_not_used_at_all() {
        let loaded = guide(".SETS\n850=[ST,M]{:5[.N1]{:2[N2][N3]}[!N4]}{:2[N1][N3]}[SE,M]\n");
        let usages: Vec<_> =
            loaded.standard.sets["850"].nodes.iter().map(|node| node.usage).collect();
        let (used, not) = (Usage::AsStandard, Usage::NotUsed);
        assert_eq!(usages, [used, not, not, not, not, used, used, used]);
    }

    #[test]
    fn the_same_segment_twice_stays_two_places() {
        let loaded = guide(
            ".SETS\n850=[ST,M][!REF][REF,,5][SE,M]\n.CODES\n128=%[DP]+850/2///1[VN]+850/3///1\n",
        );
        let codes = |ordinal| place(&loaded.standard, ordinal, 1).codes.clone().unwrap();
        assert_eq!(codes(2).iter().collect::<Vec<_>>(), ["DP"]);
        assert_eq!(codes(3).iter().collect::<Vec<_>>(), ["VN"]);
    }

    #[test]
    fn a_segment_of_a_set_may_have_a_name_of_its_own() {
        let loaded = guide(
            ".SETS\n850=[ST,M]{:2[N1]}{:2[N1]}[SE,M]\n.TEXT,SETS\n850~3,3,Bill To\n850,0,Ours\n.TEXT,SEGS\nN1,3,Party\n",
        );
        let set = &loaded.standard.sets["850"];
        assert_eq!((set.nodes[1].segment.name.as_str(), set.title.as_str()), ("Party", "Ours"));
        assert_eq!(set.nodes[2].segment.name, "Bill To");
    }

    #[test]
    fn conditions_look_at_places_of_the_same_set() {
        let rules = ".SETS\n850=[ST,M][REF][N1][SE,M]\n.OBJVARS\n850/2///1=Qualifier\n850/2///4-1=Inner\n.SEMREFS\n850/2///2=[Qualifier'EQ'DP|Inner'NE'X:USAGE:2:]\n850/3///=[:USAGE:1:]\n";
        let loaded = guide(rules);
        let [first, second] = &loaded.standard.sets["850"].conditions[..] else { panic!("two") };
        let at = |ordinal, element, component| Location { ordinal, element, component };
        assert_eq!((first.governs, first.usage), (at(2, 2, 0), Usage::Must));
        let [one, other] = &first.when[..] else { panic!("or") };
        let [Test { location, equal: true, value }] = &one[..] else { panic!("one") };
        assert_eq!((*location, value.as_str()), (at(2, 1, 0), "DP"));
        let [Test { location, equal: false, value }] = &other[..] else { panic!("one") };
        assert_eq!((*location, value.as_str()), (at(2, 4, 1), "X"));
        assert_eq!((second.governs, second.usage), (at(3, 0, 0), Usage::NotUsed));
        assert!(second.when.is_empty());
    }

    #[test]
    fn conditions_that_lead_nowhere_are_refused() {
        let head = ".SETS\n850=[ST,M][REF][SE,M]\n855=[ST,M][SE,M]\n.OBJVARS\n855/1///1=Other\n850/9///1=Off\n.SEMREFS\n";
        let faults = faults(&format!(
            "{head}850/2///9=[:USAGE:1:]\n850/2///2=[None'EQ'1|Other'EQ'1&Off'EQ'2:USAGE:2:]\n///127/=[:USAGE:1:]\n"
        ));
        assert_eq!(
            faults,
            [
                "8:1: nothing stands at `850/2///9`",
                "9:12: the variable `None` is not defined",
                "9:22: the variable `Other` is not a place in the set of this rule",
                "9:33: the variable `Off` is not a place in the set of this rule",
                "10:1: `///127/` is no location",
            ]
        );
        let loaded = guide(".SETS\n850=[ST,M][SE,M]\n.SEMREFS\n855/2///2=[:USAGE:1:]\n");
        assert_eq!(
            warnings(&loaded),
            ["4:1: `855/2///2` is in a set that this file does not have"]
        );
    }

    #[test]
    fn every_fault_of_a_file_is_found_at_once() {
        let text = BASE
            .replace("[N4]}^", "[N4}^")
            .replace("[CTT]", "[ZZZ*7]")
            .replace("ST=[143,M]", "ST=[1430,M]")
            .replace("92=ID,2,2", "92=IX,2,2")
            .replace("66=1:9", "66=1:90")
            .replace("997=", "850=");
        let faults = super::super::load::read("b.sef", text.as_bytes(), None).unwrap_err();
        let words: Vec<_> = faults.0.iter().map(ToString::to_string).collect();
        assert_eq!(
            words,
            [
                "b.sef:5:64: `}` stands where `]` belongs",
                "b.sef:5:86: the segment `ZZZ` is not defined",
                "b.sef:6:1: the set `850` is defined twice",
                "b.sef:8:4: the element or composite `1430` is not defined",
                "b.sef:9:12: the element or composite `92` is not defined",
                "b.sef:26:4: `IX` is no element type of X12",
                "b.sef:55:4: `1:90` is no range of codes",
            ]
        );
        assert_eq!(faults.to_string().lines().count(), 7);
    }

    #[test]
    fn ordinals_lead_to_one_place_each() {
        let found = faults(".SETS\n850=[ST,M][REF@3][N1][SE,M]\n");
        assert_eq!(found, ["2:18: the ordinal `3` is defined twice"]);
    }

    #[test]
    fn a_guide_for_another_release_is_taken_with_a_warning() {
        let text = ".INI\nX,,005 010,X,,\n.SETS\n997=[ST,M][SE,M]\n";
        let loaded = super::super::load::read("g.sef", text.as_bytes(), Some(&base())).unwrap();
        assert_eq!(loaded.warnings.len(), 1);
        assert_eq!(
            loaded.warnings[0].to_string(),
            "g.sef:2:4: this guide is for release 005010, but is laid over 004010"
        );
    }
}
