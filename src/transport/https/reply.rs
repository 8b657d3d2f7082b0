//! What the house says, as it is heard over HTTP, by partners and by the ERP: one table.

use super::super::inbox::{FieldFault, Refusal, RefusalKind};
use crate::http::{FieldProblem, Problem};
use axum::http::StatusCode;
use std::time::Duration;

impl From<Refusal> for Problem {
    /// A refusal as problem+json.
    fn from(refusal: Refusal) -> Self {
        let (status, wait) = status(refusal.kind);
        let field =
            |FieldFault { pointer, code, text }| FieldProblem { pointer, code, detail: text };
        let fields = refusal.fields.into_iter().map(field).collect();
        let problem = Self::new(status, refusal.code, refusal.text).with_errors(fields);
        match wait {
            Some(wait) => problem.retry_after(wait),
            None => problem,
        }
    }
}

/// The status of each sort of no, and when to come back, if that helps.
fn status(kind: RefusalKind) -> (StatusCode, Option<Duration>) {
    match kind {
        RefusalKind::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, None),
        RefusalKind::Unknown => (StatusCode::NOT_FOUND, None),
        RefusalKind::Conflict => (StatusCode::CONFLICT, None),
        RefusalKind::NotAgreed => (StatusCode::FORBIDDEN, None),
        RefusalKind::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, None),
        RefusalKind::Full => (StatusCode::INSUFFICIENT_STORAGE, Some(FULL)),
        RefusalKind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, Some(SOON)),
    }
}

/// A message of that id does not exist, or is another partner's: nobody can tell which.
pub(super) fn unknown_message() -> Problem {
    let text =
        "there is no message of this id for you; ids are given out by POST and GET /v1/outbox";
    Problem::new(StatusCode::NOT_FOUND, "unknown_message", text)
}

/// The request itself cannot be read.
pub(super) fn bad_request(code: &'static str, text: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, code, text)
}

const SOON: Duration = Duration::from_secs(5);

const FULL: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse as _;

    #[test]
    fn each_sort_of_no_has_its_status() {
        for (kind, status, wait) in [
            (RefusalKind::Invalid, 422, None),
            (RefusalKind::Unknown, 404, None),
            (RefusalKind::Conflict, 409, None),
            (RefusalKind::NotAgreed, 403, None),
            (RefusalKind::TooLarge, 413, None),
            (RefusalKind::Full, 507, Some("60")),
            (RefusalKind::Unavailable, 503, Some("5")),
        ] {
            let field = FieldFault {
                pointer: "/lines/0".to_owned(),
                code: "missing".to_owned(),
                text: "a line has a quantity".to_owned(),
            };
            let text = "no".to_owned();
            let problem = Problem::from(Refusal { kind, code: "no", text, fields: vec![field] });
            let json = serde_json::to_value(&problem).unwrap();
            assert_eq!(json["errors"][0]["pointer"], "/lines/0");
            let response = problem.into_response();
            assert_eq!(response.status().as_u16(), status);
            let after = response.headers().get("retry-after").map(|value| value.to_str().unwrap());
            assert_eq!(after, wait);
        }
    }
}
