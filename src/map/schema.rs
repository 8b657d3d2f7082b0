//! The document's side of a map: whether its schema has a field, and of which shape.

use super::convert::Kind;
use super::error::{FaultKind, nearest};
use serde_json::Value;

/// A part of a document's JSON Schema.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schema<'s> {
    whole: &'s Value,
    here: &'s Value,
}

impl<'s> Schema<'s> {
    /// The schema of the document itself.
    pub(super) fn new(whole: &'s Value) -> Self {
        Self { whole, here: whole }
    }

    /// The field `name` of an object.
    pub(super) fn field(self, name: &str) -> Result<Self, FaultKind> {
        let properties = self.here.get("properties").and_then(Value::as_object);
        if let Some(found) = properties.and_then(|fields| fields.get(name)) {
            return Ok(self.resolved(found));
        }
        let names = properties.into_iter().flat_map(|fields| fields.keys().map(String::as_str));
        let nearest = nearest(name, names).map(str::to_owned);
        Err(FaultKind::NotInSchema { field: name.to_owned(), nearest })
    }

    /// Whether `field`, which this is, is a nested object.
    pub(super) fn object(self, field: &str) -> Result<Self, FaultKind> {
        if self.is("object") { Ok(self) } else { Err(self.other(field)) }
    }

    /// The members of the list that this is.
    pub(super) fn items(self, field: &str) -> Result<Self, FaultKind> {
        match self.here.get("items").filter(|_| self.is("array")) {
            Some(items) => Ok(self.resolved(items)),
            None => Err(self.other(field)),
        }
    }

    /// How an element of `kind` is converted for this: what is text in the document, such as a
    /// control number, stands as it is, though it be digits.
    pub(super) fn kind(self, kind: Kind) -> Kind {
        match kind {
            Kind::Decimal { .. } | Kind::Number { .. } if !self.is_number() => Kind::Text,
            Kind::Text
            | Kind::Date
            | Kind::ShortDate
            | Kind::Time
            | Kind::Decimal { .. }
            | Kind::Number { .. } => kind,
        }
    }

    /// Whether the values of an element suit: dates are dates and numbers are numbers.
    pub(super) fn value(self, field: &str, kind: Kind) -> Result<(), FaultKind> {
        let suits = match kind {
            Kind::Date | Kind::ShortDate => !self.is_number(),
            Kind::Decimal { .. } | Kind::Number { .. } => !self.is_date(),
            Kind::Text | Kind::Time => !self.is_date() && !self.is_number(),
        };
        if self.is("string") && suits { Ok(()) } else { Err(self.other(field)) }
    }

    fn is_date(self) -> bool {
        self.here.get("format").and_then(Value::as_str) == Some("date")
    }

    /// Numbers are strings with a pattern of digits.
    fn is_number(self) -> bool {
        self.here.get("pattern").is_some()
    }

    fn is(self, wanted: &str) -> bool {
        match self.here.get("type") {
            Some(Value::String(one)) => one == wanted,
            Some(Value::Array(several)) => several.iter().any(|one| one == wanted),
            _ => false,
        }
    }

    fn other(self, field: &str) -> FaultKind {
        let wanted = match () {
            () if self.is("array") => "a list",
            () if self.is("object") => "an object",
            () if self.is_date() => "a date",
            () if self.is_number() => "a number",
            () if self.is("string") => "text",
            () => "something else",
        };
        FaultKind::SchemaShape { field: field.to_owned(), wanted }
    }

    /// Follows references, and passes over the `null` of what may be absent.
    fn resolved(self, mut here: &'s Value) -> Self {
        // Each step goes into another definition; the bound is against schemas that turn in circles.
        for _ in 0..16 {
            if let Some(reference) = here.get("$ref").and_then(Value::as_str) {
                let target = reference.strip_prefix('#').and_then(|at| self.whole.pointer(at));
                let Some(target) = target else { break };
                here = target;
            } else if let Some(choices) = here.get("anyOf").and_then(Value::as_array) {
                let null = |one: &&Value| one.get("type").is_none_or(|kind| kind != "null");
                let Some(choice) = choices.iter().find(null) else { break };
                here = choice;
            } else {
                break;
            }
        }
        Self { whole: self.whole, here }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{DocumentKind, schema};

    const R: Kind = Kind::Decimal { min: 1, max: 9 };

    #[test]
    fn fields_are_found_through_references_and_lists() {
        let whole = schema(DocumentKind::PurchaseOrder);
        let order = Schema::new(&whole);
        assert_eq!(order.field("number").unwrap().value("number", Kind::Text), Ok(()));
        let line = order.field("lines").unwrap().items("lines").unwrap();
        assert_eq!(line.field("quantity").unwrap().value("quantity", R), Ok(()));
        let party = order.field("parties").unwrap().items("parties").unwrap();
        let address = party.field("address").unwrap().object("address").unwrap();
        assert_eq!(address.field("city").unwrap().value("city", Kind::Text), Ok(()));
    }

    #[test]
    fn other_fields_and_other_shapes_are_faults() {
        let whole = schema(DocumentKind::PurchaseOrder);
        let order = Schema::new(&whole);
        let unknown = order.field("numbr").unwrap_err().to_string();
        assert_eq!(unknown, "the document has no field `numbr` here; did you mean `number`?");
        let shape = |field: &str, kind| order.field(field).unwrap().value(field, kind).unwrap_err();
        assert_eq!(shape("lines", Kind::Text).to_string(), "in the document `lines` is a list");
        assert_eq!(shape("ordered_on", R).to_string(), "in the document `ordered_on` is a date");
        assert_eq!(
            shape("line_count", Kind::Text).to_string(),
            "in the document `line_count` is a number"
        );
        assert!(order.field("number").unwrap().items("number").is_err());
        assert!(order.field("lines").unwrap().object("lines").is_err());
    }
}
