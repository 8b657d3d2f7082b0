//! Our own AS2: `[as2]` in us.toml, for every partner that names nothing else.

use super::super::endpoint::Endpoint;
use super::super::source::Source;
use super::super::written::Table;
use super::id::As2Id;
use super::keys::{OwnPair, keys};
use serde::Serialize;

/// Our own AS2.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OurAs2 {
    /// Our id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<As2Id>,
    /// Our key pairs.
    pub keys: Vec<OwnPair>,
    /// Where partners send the receipts that they send by themselves: our public address of `/as2`
    /// or `/as2/mdn`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mdn_url: Option<String>,
}

/// The same as it is written.
#[derive(Debug, Default)]
pub(in super::super) struct WrittenOurs(pub(in super::super) OurAs2);

impl WrittenOurs {
    pub(in super::super) fn read(table: Option<Table<'_>>, source: &dyn Source) -> Self {
        let Some(mut table) = table else { return Self::default() };
        let id = table.get("id");
        let keys = keys(&mut table, source);
        let mdn_url = table.get::<Endpoint>("mdn_url").map(|url| url.to_string());
        table.finish();
        Self(OurAs2 { id, keys, mdn_url })
    }
}
