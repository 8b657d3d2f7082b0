//! An event as the ERP is told it: `CloudEvents` 1.0, structured JSON.

use crate::document::DocumentKind;
use crate::event::Notice;
use crate::spool::Cursor;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The content type of one event.
pub(super) const CONTENT_TYPE: &str = "application/cloudevents+json";

/// The text of an event. `sequence` is the place behind it in the feed; the data is embedded as it
/// stands, byte for byte.
pub(super) fn event(notice: &Notice, data: &[u8], sequence: Cursor) -> Vec<u8> {
    let json = serde_json::from_slice::<&RawValue>(data).ok();
    let cloud = Cloud {
        specversion: "1.0",
        id: &notice.id.0,
        source: format!("/partners/{}", notice.partner),
        kind: &notice.kind,
        subject: &notice.subject,
        time: notice.at.to_string(),
        datacontenttype: if json.is_some() {
            "application/json"
        } else {
            "application/octet-stream"
        },
        dataschema: document(data).map(schema_path),
        partner: notice.partner.as_str(),
        wireref: match notice.wire {
            Some((from, to)) => format!("{}#{from}-{to}", notice.message),
            None => notice.message.to_string(),
        },
        lineageid: notice.lineage().to_string(),
        sequence: sequence.to_string(),
        test: notice.test.then_some(true),
        possibleduplicateof: notice.possible_duplicate_of.map(|id| id.to_string()),
        data: json,
        data_base64: json.is_none().then(|| BASE64_STANDARD.encode(data)),
    };
    // Every name is a string and every number is written by us, so this cannot fail.
    serde_json::to_vec(&cloud).unwrap_or_default()
}

/// Where the schema of a document is served.
pub(super) fn schema_path(kind: DocumentKind) -> String {
    format!("/v1/schemas/{kind}.json")
}

#[derive(Serialize)]
struct Cloud<'n> {
    specversion: &'static str,
    id: &'n str,
    source: String,
    #[serde(rename = "type")]
    kind: &'n str,
    subject: &'n str,
    time: String,
    datacontenttype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dataschema: Option<String>,
    partner: &'n str,
    wireref: String,
    lineageid: String,
    sequence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    test: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    possibleduplicateof: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'n RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_base64: Option<String>,
}

/// The sort of canonical document that the data says it is.
fn document(data: &[u8]) -> Option<DocumentKind> {
    #[derive(Deserialize)]
    struct Sort<'d> {
        #[serde(borrow)]
        document: Cow<'d, str>,
    }
    serde_json::from_slice::<Sort<'_>>(data).ok()?.document.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventId;
    use crate::message::{MessageId, PartnerId};
    use serde_json::{Value, json};

    fn notice() -> Notice {
        Notice {
            id: EventId("evt_1".into()),
            kind: "wharf.invoice.received.v1".into(),
            subject: "INV \"7\"\n".into(),
            message: "01920000-0000-7000-8000-000000000001".parse().unwrap(),
            wire: Some((106, 400)),
            at: "2026-03-02T04:05:06.789Z".parse().unwrap(),
            test: false,
            partner: PartnerId::new("acme").unwrap(),
            possible_duplicate_of: None,
        }
    }

    fn told(notice: &Notice, data: &str) -> Value {
        let text = event(notice, data.as_bytes(), "12-3".parse().unwrap());
        serde_json::from_slice(&text).unwrap()
    }

    #[test]
    fn an_event_says_what_it_is_from_whom_and_where_it_stood() {
        let data = r#"{"document":"invoice","number":"7","total":"1.50"}"#;
        assert_eq!(
            told(&notice(), data),
            json!({
                "specversion": "1.0",
                "id": "evt_1",
                "source": "/partners/acme",
                "type": "wharf.invoice.received.v1",
                "subject": "INV \"7\"\n",
                "time": "2026-03-02T04:05:06.789Z",
                "datacontenttype": "application/json",
                "dataschema": "/v1/schemas/invoice.json",
                "partner": "acme",
                "wireref": "01920000-0000-7000-8000-000000000001#106-400",
                "lineageid": notice().lineage().as_str(),
                "sequence": "12-3",
                "data": { "document": "invoice", "number": "7", "total": "1.50" },
            })
        );
    }

    #[test]
    fn what_is_not_known_is_left_out_and_what_is_no_json_is_carried_as_bytes() {
        let id: MessageId = "01920000-0000-7000-8000-000000000002".parse().unwrap();
        let notice = Notice { wire: None, test: true, possible_duplicate_of: Some(id), ..notice() };
        let told = told(&notice, "{\"document\":\"poem\"");
        assert_eq!(told["wireref"], "01920000-0000-7000-8000-000000000001");
        assert_eq!(told["possibleduplicateof"], id.to_string());
        assert_eq!(told["test"], true);
        assert_eq!(told["data_base64"], "eyJkb2N1bWVudCI6InBvZW0i");
        assert!(told.get("data").is_none() && told.get("dataschema").is_none());
        assert!(self::told(&notice, "{\"document\":\"poem\"}").get("dataschema").is_none());
    }

    #[test]
    fn the_data_is_told_byte_for_byte() {
        let data = "{ \"b\" : 1.50,\"a\":[ ]}";
        let text = event(&notice(), data.as_bytes(), Cursor::default());
        assert!(String::from_utf8(text).unwrap().ends_with(&format!("\"data\":{data}}}")));
    }
}
