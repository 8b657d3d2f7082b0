//! `wharf schema`: the JSON Schemas of the documents.

use super::terms::{CommandError, Common, Outcome};
use crate::document::{self, DocumentKind};
use clap::Args;
use serde_json::json;
use std::io::{self, Write};

/// Arguments of `wharf schema`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wharf schema\n  wharf schema purchase-order > purchase-order.schema.json"
)]
pub(super) struct Arguments {
    /// The document, such as `purchase-order`; without it, the names of all
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

/// Prints one schema, or the names of all.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let mut out = io::stdout().lock();
    let text = match &arguments.name {
        None => names(common),
        Some(name) => {
            let kind: DocumentKind = name.parse().map_err(|error| {
                let known = DocumentKind::ALL.map(DocumentKind::name).join(", ");
                CommandError::Wrong(format!("{error}; there are {known}"))
            })?;
            let schema = document::schema(kind);
            if common.json { schema.to_string() } else { format!("{schema:#}") }
        }
    };
    writeln!(out, "{text}").map_err(CommandError::output)?;
    Ok(Outcome::Accepted)
}

/// The names of all documents, one a line.
fn names(common: &Common) -> String {
    let line = |kind: DocumentKind| {
        if common.json { json!({ "schema": kind.name() }).to_string() } else { kind.to_string() }
    };
    DocumentKind::ALL.map(line).join("\n")
}
