//! The lots of a ship notice: which batch of which item is on its way, and until when it is good.

use jiff::civil;

use super::common::{Date, Identifier, Reference};
use super::number::Number;
use super::ship_notice::{Level, ShipNotice};
use super::udi::Udi;

/// A batch of an item in a shipment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot<'n> {
    /// The order that it was ordered with.
    pub order: Option<&'n str>,
    /// The line's number.
    pub line_number: Option<&'n str>,
    /// The item by each of its numbers.
    pub item_ids: &'n [Identifier],
    /// The lot's number; absent where only serial numbers or dates are given.
    pub lot: Option<String>,
    /// The serial numbers of its pieces.
    pub serials: Vec<String>,
    /// The last day of use.
    pub expires_on: Option<civil::Date>,
    /// The day of manufacture.
    pub manufactured_on: Option<civil::Date>,
    /// How much of it; absent where the quantity given is that of several lots.
    pub quantity: Option<Number>,
    /// The unit of measure of the quantity.
    pub unit: Option<&'n str>,
}

impl ShipNotice {
    /// The lots in it, in order, wherever the supplier wrote them: among the numbers of an item,
    /// among references and dates, in a device identification, on the item or on a level inside it.
    pub fn lots(&self) -> Vec<Lot<'_>> {
        let mut lots = Vec::new();
        // A stack instead of recursion: levels may nest as deep as whoever made them wished.
        let mut open =
            self.levels.iter().rev().map(|level| (level, Around::default())).collect::<Vec<_>>();
        while let Some((level, around)) = open.pop() {
            let around = around.with(level);
            lots.extend(around.lots(level));
            open.extend(level.contents.iter().rev().map(|inner| (inner, around)));
        }
        lots
    }
}

/// What a level has from itself or from the levels around it.
#[derive(Clone, Copy, Default)]
struct Around<'n> {
    order: Option<&'n str>,
    line_number: Option<&'n str>,
    item_ids: &'n [Identifier],
}

impl<'n> Around<'n> {
    fn with(self, level: &'n Level) -> Self {
        let names_item = level.item_ids.iter().any(|id| id.scheme != LOT && id.scheme != SERIAL);
        Self {
            order: level.order.as_ref().and_then(|order| order.number.as_deref()).or(self.order),
            line_number: level.line_number.as_deref().or(self.line_number),
            item_ids: if names_item { &level.item_ids } else { self.item_ids },
        }
    }

    fn lots(self, level: &'n Level) -> Vec<Lot<'n>> {
        let carriers = carriers(level);
        let named = |scheme| {
            let ids = level.item_ids.iter().filter(move |id| id.scheme == scheme);
            let references = level.references.iter().filter(move |one| one.scheme == scheme);
            let values = ids.map(|id| &id.value);
            values.chain(references.filter_map(|one| one.value.as_ref())).cloned()
        };
        let mut numbers =
            named(LOT).chain(carriers.iter().filter_map(|udi| udi.lot.clone())).collect();
        let mut serials =
            named(SERIAL).chain(carriers.iter().filter_map(|udi| udi.serial.clone())).collect();
        once(&mut numbers);
        once(&mut serials);
        let day = |kinds: &[&str]| kinds.iter().find_map(|kind| Date::find(&level.dates, kind));
        let expires_on = day(&EXPIRES).or(carriers.iter().find_map(|udi| udi.expires_on));
        let manufactured_on = day(&MADE).or(carriers.iter().find_map(|udi| udi.manufactured_on));
        let alone = numbers.len() <= 1;
        let lot = |lot: Option<String>, serials: Vec<String>| Lot {
            order: self.order,
            line_number: self.line_number,
            item_ids: self.item_ids,
            lot,
            serials,
            expires_on,
            manufactured_on,
            quantity: level.quantity.filter(|_| alone),
            unit: level.unit.as_deref().filter(|_| alone),
        };
        if !numbers.is_empty() {
            // Which serial is of which lot is not said where there are several.
            let serials = if alone { serials } else { Vec::new() };
            numbers.into_iter().map(|number| lot(Some(number), serials.clone())).collect()
        } else if !serials.is_empty() || expires_on.is_some() {
            vec![lot(None, serials)]
        } else {
            Vec::new()
        }
    }
}

/// The device identifications on a level.
fn carriers(level: &Level) -> Vec<Udi> {
    let ids = level.item_ids.iter().map(|id| id.value.as_str());
    let references =
        level.references.iter().filter_map(|reference: &Reference| reference.value.as_deref());
    let marks = level.marks.iter().map(|mark| mark.value.as_str());
    ids.chain(references).chain(marks).filter_map(|value| value.parse().ok()).collect()
}

/// Leaves the first of each value.
fn once(values: &mut Vec<String>) {
    let mut seen = std::collections::HashSet::new();
    values.retain(|value| seen.insert(value.clone()));
}

const LOT: &str = "lot";
const SERIAL: &str = "serial";
const EXPIRES: [&str; 3] = ["expiration", "lot_expiration", "shelf_life_expiration"];
const MADE: [&str; 2] = ["manufacture", "production"];

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn notice(levels: &str) -> ShipNotice {
        let json = format!(r#"{{"number":"S1","levels":{levels}}}"#);
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn a_lot_takes_order_line_and_item_from_around_it() {
        let notice = notice(
            r#"[{"level":"shipment","contents":[{"level":"order","order":{"number":"PO7"},"contents":[
                {"level":"item","line_number":"1","item_ids":[{"scheme":"vendor_item","value":"V1"}],
                 "quantity":"5","unit":"BX","contents":[
                    {"level":"pack","item_ids":[{"scheme":"lot","value":"L1"}],"quantity":"3","unit":"BX",
                     "dates":[{"kind":"expiration","date":"2027-01-31"}]},
                    {"level":"pack","references":[{"scheme":"lot","value":"L2"}],"quantity":"2","unit":"BX"}]}]}]}]"#,
        );
        let lots = notice.lots();
        assert_eq!(lots.len(), 2);
        assert_eq!((lots[0].order, lots[0].line_number), (Some("PO7"), Some("1")));
        assert_eq!(Identifier::find(lots[1].item_ids, "vendor_item"), Some("V1"));
        assert_eq!(lots[0].expires_on, Some(date(2027, 1, 31)));
        assert_eq!((lots[1].lot.as_deref(), lots[1].quantity), (Some("L2"), Some(2.into())));
    }

    #[test]
    fn a_device_identification_fills_what_is_not_written_apart() {
        let notice = notice(
            r#"[{"level":"item","quantity":"1","unit":"EA","references":[{"scheme":"ZZ",
                "value":"(01)51022222233336(11)141231(17)270707(10)A213B1(21)1234"},
                {"scheme":"serial","value":"1234"}]}]"#,
        );
        let lots = notice.lots();
        assert_eq!(lots.len(), 1);
        assert_eq!(lots[0].lot.as_deref(), Some("A213B1"));
        assert_eq!(lots[0].serials, ["1234"]);
        assert_eq!(lots[0].expires_on, Some(date(2027, 7, 7)));
        assert_eq!(lots[0].manufactured_on, Some(date(2014, 12, 31)));
    }

    #[test]
    fn several_lots_on_one_level_have_no_quantity_of_their_own() {
        let notice = notice(
            r#"[{"level":"item","quantity":"5","unit":"BX","references":[
                {"scheme":"lot","value":"L1"},{"scheme":"lot","value":"L2"},
                {"scheme":"lot","value":"L1"}]}]"#,
        );
        let lots = notice.lots();
        let numbers = lots.iter().map(|lot| lot.lot.as_deref()).collect::<Vec<_>>();
        assert_eq!(numbers, [Some("L1"), Some("L2")]);
        assert!(lots.iter().all(|lot| lot.quantity.is_none() && lot.unit.is_none()));
    }

    #[test]
    fn a_level_without_lot_serial_or_expiry_has_none() {
        assert!(notice(r#"[{"level":"item","quantity":"5","unit":"BX"}]"#).lots().is_empty());
    }
}
