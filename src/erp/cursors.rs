//! Cursors as the ERP writes them.

use super::desk::bad_request;
use crate::http::Problem;
use crate::spool::{Cursor, Spool};

/// Reads a cursor that may lie in this spool.
pub(super) fn cursor(text: &str, spool: &Spool) -> Result<Cursor, Problem> {
    let cursor: Cursor = text.parse().map_err(|_| {
        let text = "a cursor is written as this feed gave it out, such as 1234-5; `after=end` \
                    begins with what happens from now on, and without it you begin at the start";
        bad_request("cursor_invalid", text)
    })?;
    if cursor > spool.end() {
        let text = format!(
            "this cursor is ahead of all that happened here, so it is of another gateway, or this \
             one was restored from a backup; the end is {}",
            spool.end()
        );
        return Err(bad_request("cursor_ahead", text));
    }
    Ok(cursor)
}
