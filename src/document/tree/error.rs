//! What is wrong with JSON text.

use thiserror::Error;

use super::nodes::MAX_DEPTH;

/// Why JSON text was not read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {fault}")]
pub struct TreeError {
    /// The line, from 1.
    pub line: usize,
    /// The byte within the line, from 1.
    pub column: usize,
    /// What is wrong there.
    pub fault: TreeFault,
}

/// What is wrong with JSON text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TreeFault {
    /// Something else must stand here.
    #[error("expected {0}")]
    Expected(&'static str),
    /// The text ends too early.
    #[error("the JSON is cut off")]
    CutOff,
    /// Bytes that are no text.
    #[error("the JSON is not UTF-8")]
    NotUtf8,
    /// Lists and objects nest too deeply.
    #[error("the JSON nests deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// An object has two members of one name.
    #[error("the name occurs twice in one object: `{0}`")]
    RepeatedKey(String),
    /// There is more of it than can be addressed.
    #[error("the JSON is larger than 2 GiB")]
    TooLarge,
}

impl TreeFault {
    /// A stable name, for events, interfaces and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Expected(_) => "json_syntax",
            Self::CutOff => "json_cut_off",
            Self::NotUtf8 => "json_not_utf8",
            Self::TooDeep => "json_too_deep",
            Self::RepeatedKey(_) => "json_repeated_name",
            Self::TooLarge => "json_too_large",
        }
    }
}
