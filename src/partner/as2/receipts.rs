//! Receipts (MDNs): which we ask for, and where theirs may go.

use super::super::endpoint::Endpoint;
use super::super::fault::FaultKind;
use super::super::quantity::Length;
use super::super::word::words;
use super::super::written::Table;
use super::http::url_of;
use serde::Serialize;

/// Which receipts we ask for, and where theirs may go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipts {
    /// What we ask for.
    pub ask: AskFor,
    /// Whether a receipt of theirs must be signed.
    pub signed: bool,
    /// How long one that comes by itself may take.
    pub within: Length,
    /// Where it is to come, with us.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where they may have receipts sent to: this address, and those below its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theirs: Option<Endpoint>,
}

words! {
    /// What we ask for.
    pub enum AskFor {
        /// The receipt as the answer to what we send.
        Sync = "sync",
        /// The receipt by itself, later.
        Async = "async",
        /// None: that it arrived is all we know.
        None = "none",
    }
}

impl Receipts {
    /// Reads `[as2.mdn]`.
    pub(super) fn read(table: Option<Table<'_>>, ours: Option<&str>, plain: bool) -> Self {
        let usual = Self {
            ask: AskFor::Sync,
            signed: true,
            within: Length::seconds(HOUR),
            url: ours.map(str::to_owned),
            theirs: None,
        };
        let Some(mut table) = table else { return usual };
        let ask = table.placed::<AskFor>("ask");
        let signed = table.or("signed", usual.signed);
        let within = table.or("within", usual.within);
        let url = table.get::<Endpoint>("url").map(|url| url.to_string()).or(usual.url);
        if let Some(ask) = ask.as_ref().filter(|ask| ask.value == AskFor::Async)
            && url.is_none()
        {
            table.fault(ask.place, FaultKind::NoReceiptUrl);
        }
        let theirs = url_of(&mut table, "theirs", plain);
        table.finish();
        Self { ask: ask.map_or(usual.ask, |ask| ask.value), signed, within, url, theirs }
    }

    /// Whether they may have a receipt sent to an address.
    pub fn may_go_to(&self, address: &str) -> bool {
        self.theirs.as_ref().is_some_and(|theirs| theirs.covers(address))
    }
}

const HOUR: u32 = 3_600;
