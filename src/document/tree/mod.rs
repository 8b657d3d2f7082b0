//! JSON text as a flat tree: what the writer of documents reads from.

mod build;
mod error;
mod nodes;
mod value;

pub use error::{TreeError, TreeFault};
pub use nodes::Kind;
pub use value::{Tree, Value};
