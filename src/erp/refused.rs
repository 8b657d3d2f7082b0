//! What the house says to the ERP, over HTTP: one table.

use crate::gateway::{FieldFault, Refusal, RefusalKind};
use crate::http::{FieldProblem, Problem};
use axum::http::StatusCode;
use std::time::Duration;

/// A refusal as problem+json.
pub(super) fn refused(refusal: Refusal) -> Problem {
    let (status, wait) = status(refusal.kind);
    let field = |FieldFault { pointer, code, text }| FieldProblem { pointer, code, detail: text };
    let fields = refusal.fields.into_iter().map(field).collect();
    let problem = Problem::new(status, refusal.code, refusal.text).with_errors(fields);
    match wait {
        Some(wait) => problem.retry_after(wait),
        None => problem,
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

const SOON: Duration = Duration::from_secs(5);

const FULL: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse as _;

    #[test]
    fn each_sort_of_no_has_its_status_and_says_when_to_come_back() {
        for (kind, status, wait) in [
            (RefusalKind::Invalid, 422, None),
            (RefusalKind::Unknown, 404, None),
            (RefusalKind::Conflict, 409, None),
            (RefusalKind::NotAgreed, 403, None),
            (RefusalKind::TooLarge, 413, None),
            (RefusalKind::Full, 507, Some("60")),
            (RefusalKind::Unavailable, 503, Some("5")),
        ] {
            let fault = FieldFault {
                pointer: "/lines/0".to_owned(),
                code: "missing".to_owned(),
                text: "say how many".to_owned(),
            };
            let text = "no".to_owned();
            let problem = refused(Refusal { kind, code: "no", text, fields: vec![fault] });
            let json = serde_json::to_value(&problem).unwrap();
            assert_eq!(json["errors"][0]["pointer"], "/lines/0");
            let response = problem.into_response();
            assert_eq!(response.status().as_u16(), status);
            let after = response.headers().get("retry-after").map(|after| after.to_str().unwrap());
            assert_eq!(after, wait);
        }
    }
}
