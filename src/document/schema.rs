//! The JSON Schemas of the documents.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::acknowledgment::{PurchaseOrderAcknowledgment, PurchaseOrderChangeAcknowledgment};
use super::canonical::DocumentKind;
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
