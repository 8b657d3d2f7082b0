//! The one table from what went wrong to what whoever asked hears.

use crate::gateway::operator::OperatorError;
use crate::http::Problem;
use crate::spool::SpoolError;
use axum::http::StatusCode;

/// What whoever asked hears of `error`.
pub(super) fn problem(error: &OperatorError) -> Problem {
    let status = match error {
        OperatorError::Spool(error) => spool(error),
        OperatorError::NotAnId(_)
        | OperatorError::Unsaid(_)
        | OperatorError::Lengthy { .. }
        | OperatorError::NotNarrowed
        | OperatorError::TooMany(_) => StatusCode::UNPROCESSABLE_ENTITY,
        OperatorError::NothingFound(_)
        | OperatorError::NoPart { .. }
        | OperatorError::NoPartner(_) => StatusCode::NOT_FOUND,
        OperatorError::NotNow { .. } => StatusCode::CONFLICT,
        OperatorError::Broken { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Problem::new(status, error.code(), error.told())
}

fn spool(error: &SpoolError) -> StatusCode {
    match error {
        SpoolError::Unknown(_) => StatusCode::NOT_FOUND,
        SpoolError::NotNow { .. }
        | SpoolError::LeaseEnded(_)
        | SpoolError::Taken { .. }
        | SpoolError::NumberBehind { .. } => StatusCode::CONFLICT,
        SpoolError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        SpoolError::Full => StatusCode::INSUFFICIENT_STORAGE,
        SpoolError::Unavailable { .. } | SpoolError::Stopped { .. } => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        SpoolError::InUse { .. }
        | SpoolError::Newer { .. }
        | SpoolError::Io { .. }
        | SpoolError::Damaged { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
