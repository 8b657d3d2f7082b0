//! The JSON Schemas of the documents.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::acknowledgment::{PurchaseOrderAcknowledgment, PurchaseOrderChangeAcknowledgment};
use super::canonical::DocumentKind;
use super::functional_acknowledgment::FunctionalAcknowledgment;
use super::invoice::Invoice;
use super::purchase_order::PurchaseOrder;
use super::purchase_order_change::PurchaseOrderChange;
use super::ship_notice::ShipNotice;

/// The JSON Schema of a sort of document, in the draft of 2020-12.
///
/// Unknown names are refused; what may be absent is not required; shared parts stand under `$defs`.
pub fn schema(kind: DocumentKind) -> Value {
    let generated = match kind {
        DocumentKind::PurchaseOrder => of::<PurchaseOrder>(),
        DocumentKind::PurchaseOrderChange => of::<PurchaseOrderChange>(),
        DocumentKind::PurchaseOrderAcknowledgment => of::<PurchaseOrderAcknowledgment>(),
        DocumentKind::PurchaseOrderChangeAcknowledgment => {
            of::<PurchaseOrderChangeAcknowledgment>()
        }
        DocumentKind::ShipNotice => of::<ShipNotice>(),
        DocumentKind::Invoice => of::<Invoice>(),
        DocumentKind::FunctionalAcknowledgment => of::<FunctionalAcknowledgment>(),
    };
    named(generated.to_value(), kind)
}

fn of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>()
}

/// Adds what ties the schema to its sort of document: its id and the member that comes first.
fn named(generated: Value, kind: DocumentKind) -> Value {
    let Value::Object(mut generated) = generated else { return generated };
    let mut schema = Map::new();
    for key in ["$schema", "title", "description", "type"] {
        if let Some(value) = generated.shift_remove(key) {
            schema.insert(key.to_owned(), value);
        }
        if key == "$schema" {
            schema.insert("$id".to_owned(), json!(format!("urn:wharf:schema:{}:v1", kind.name())));
        }
    }
    let mut properties = Map::new();
    let tag = json!({ "const": kind.name(), "description": "Which sort of document it is." });
    properties.insert("document".to_owned(), tag);
    if let Some(Value::Object(generated)) = generated.shift_remove("properties") {
        properties.extend(generated);
    }
    let mut required = vec![json!("document")];
    if let Some(Value::Array(generated)) = generated.shift_remove("required") {
        required.extend(generated);
    }
    schema.insert("properties".to_owned(), Value::Object(properties));
    schema.insert("required".to_owned(), Value::Array(required));
    schema.extend(generated);
    Value::Object(schema)
}

#[cfg(test)]
mod tests {
    use super::super::canonical::Document;
    use super::*;

    /// Holds a value against a schema, as far as our schemas go; any other keyword is a fault, so
    /// that this cannot pass over a rule.
    fn faults(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let Value::Object(rules) = schema else { return Vec::new() };
        let mut found = Vec::new();
        for (keyword, rule) in rules {
            let inner = match keyword.as_str() {
                "$schema" | "$id" | "$defs" | "title" | "description" | "format" => Vec::new(),
                "$ref" => {
                    let target = rule.as_str().unwrap().trim_start_matches('#');
                    faults(root, root.pointer(target).unwrap(), value, at)
                }
                "anyOf" => {
                    let any = rule.as_array().unwrap();
                    let fits = any.iter().any(|one| faults(root, one, value, at).is_empty());
                    wrong(fits, at, "fits no alternative")
                }
                "const" => wrong(rule == value, at, "is another word"),
                "type" => wrong(is_of(rule, value), at, "is of another type"),
                "pattern" => {
                    let pattern = regex::Regex::new(rule.as_str().unwrap()).unwrap();
                    wrong(value.as_str().is_none_or(|text| pattern.is_match(text)), at, "pattern")
                }
                "items" => {
                    let items = value.as_array().into_iter().flatten().enumerate();
                    items
                        .flat_map(|(n, item)| faults(root, rule, item, &format!("{at}/{n}")))
                        .collect()
                }
                "properties" => rule
                    .as_object()
                    .unwrap()
                    .iter()
                    .filter_map(|(name, rule)| Some((name, rule, value.get(name)?)))
                    .flat_map(|(name, rule, member)| {
                        faults(root, rule, member, &format!("{at}/{name}"))
                    })
                    .collect(),
                "additionalProperties" => {
                    let known = rules["properties"].as_object().unwrap();
                    let names = value.as_object().into_iter().flat_map(Map::keys);
                    let unknown = names.filter(|name| !known.contains_key(*name));
                    unknown.map(|name| format!("{at}/{name}: unknown")).collect()
                }
                "required" => {
                    let names = rule.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                    let missing = names.filter(|name| value.get(name).is_none());
                    missing.map(|name| format!("{at}/{name}: missing")).collect()
                }
                other => vec![format!("{at}: the test does not know `{other}`")],
            };
            found.extend(inner);
        }
        found
    }

    fn wrong(right: bool, at: &str, what: &str) -> Vec<String> {
        if right { Vec::new() } else { vec![format!("{at}: {what}")] }
    }

    fn is_of(types: &Value, value: &Value) -> bool {
        let one = |name: &Value| match name.as_str().unwrap() {
            "string" => value.is_string(),
            "object" => value.is_object(),
            "array" => value.is_array(),
            "null" => value.is_null(),
            other => panic!("the test does not know the type `{other}`"),
        };
        types.as_array().map_or_else(|| one(types), |all| all.iter().any(one))
    }

    /// A value with every member that the schema has, lists with one member each.
    fn fullest(root: &Value, schema: &Value, depth: usize) -> Value {
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let target = target.trim_start_matches('#');
            return fullest(root, root.pointer(target).unwrap(), depth);
        }
        if let Some(word) = schema.get("const") {
            return word.clone();
        }
        if let Some(any) = schema.get("anyOf").and_then(Value::as_array) {
            return fullest(root, &any[0], depth);
        }
        let of = schema.get("type").map(|types| types.get(0).unwrap_or(types));
        match of.and_then(Value::as_str) {
            Some("object") => {
                let members = schema["properties"].as_object().unwrap().iter();
                Value::Object(
                    members
                        .map(|(name, rule)| (name.clone(), fullest(root, rule, depth)))
                        .collect(),
                )
            }
            // One more level of those that hold themselves; then a value that stays in a list.
            Some("array") if depth == 0 => json!([]),
            Some("array") => json!([fullest(root, &schema["items"], depth - 1)]),
            Some("string") if schema.get("format").is_some() => json!("2026-03-02"),
            Some("string") if schema.get("pattern").is_some() => json!("12.50"),
            Some("string") => json!("word"),
            _ => json!({ "segment": "X" }),
        }
    }

    fn without_empty_lists(value: Value) -> Value {
        match value {
            Value::Object(members) => Value::Object(
                members
                    .into_iter()
                    .filter(|(_, value)| *value != json!([]))
                    .map(|(name, value)| (name, without_empty_lists(value)))
                    .collect(),
            ),
            Value::Array(items) => items.into_iter().map(without_empty_lists).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
        }
    }

    #[test]
    fn every_field_of_every_schema_comes_back_from_the_typed_document() {
        for kind in DocumentKind::ALL {
            let schema = schema(kind);
            let full = without_empty_lists(fullest(&schema, &schema, 4));
            let document = Document::from_json(full.to_string().as_bytes()).unwrap();
            assert_eq!(document.kind(), kind);
            let again = serde_json::from_slice::<Value>(&document.to_json()).unwrap();
            assert_eq!(again, full, "{kind}");
            assert_eq!(faults(&schema, &schema, &again, ""), [""; 0], "{kind}");
        }
    }

    #[test]
    fn unknown_names_missing_numbers_and_json_numbers_are_refused_by_schema_and_types_alike() {
        for (case, json) in [
            ("unknown name", r#"{"document":"invoice","number":"1","totl":"5"}"#),
            ("unknown name inside", r#"{"document":"invoice","number":"1","lines":[{"qty":"5"}]}"#),
            ("no number", r#"{"document":"invoice","total":"5"}"#),
            ("no sort", r#"{"number":"1"}"#),
            ("a JSON number", r#"{"document":"invoice","number":"1","total":5}"#),
            ("an exponent", r#"{"document":"invoice","number":"1","total":"5e1"}"#),
            ("a list for an object", r#"{"document":"invoice","number":"1","order":[]}"#),
        ] {
            let schema = schema(DocumentKind::Invoice);
            let value = serde_json::from_str::<Value>(json).unwrap();
            assert_ne!(faults(&schema, &schema, &value, ""), [""; 0], "{case}");
            assert!(Document::from_json(json.as_bytes()).is_err(), "{case}");
        }
    }

    #[test]
    fn each_schema_has_an_id_and_describes_each_field() {
        for kind in DocumentKind::ALL {
            let schema = schema(kind);
            assert_eq!(schema["$id"], json!(format!("urn:wharf:schema:{kind}:v1")));
            let parts = schema["$defs"].as_object().unwrap().values();
            for part in parts.chain([&schema]).filter(|part| part.get("properties").is_some()) {
                for (name, rule) in part["properties"].as_object().unwrap() {
                    assert!(rule.get("description").is_some(), "{kind}: {name}");
                }
            }
        }
    }
}
