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
    /// It is not JSON.
    #[error("{0}")]
    Syntax(String),
    /// Lists and objects nest too deeply.
    #[error("the JSON nests deeper than {} levels", MAX_DEPTH)]
    TooDeep,
    /// An object has two members of one name.
    #[error("the name occurs twice in one object: `{0}`")]
    RepeatedKey(String),
    /// There is more of it than can be addressed.
    #[error("the JSON is larger than 4 GiB")]
    TooLarge,
}

impl TreeFault {
    /// A stable name, for events, interfaces and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "json_syntax",
            Self::TooDeep => "json_too_deep",
            Self::RepeatedKey(_) => "json_repeated_name",
            Self::TooLarge => "json_too_large",
        }
    }

    /// What `serde_json` says, without the position that it adds.
    pub(super) fn syntax(error: &serde_json::Error) -> Self {
        let mut said = error.to_string();
        let position = format!(" at line {} column {}", error.line(), error.column());
        said.truncate(said.strip_suffix(&position).map_or(said.len(), str::len));
        Self::Syntax(said)
    }
}
