//! Certificates that end are noticed by whoever runs the gateway, in time.

use super::super::cert::named::development;
use super::settings::clock;
use crate::console::Check;
use crate::gateway::{Gateway, lasting};
use crate::partner::NamedCertificate;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// What the listeners show beside what the files name.
pub(super) fn shown(house: &Gateway, certs: &Path) -> Vec<NamedCertificate> {
    development(house.partners().us(), certs).into_iter().collect()
}

/// Looks at them now, every day, and whenever the files were read again.
pub(super) async fn watch(
    house: Arc<Gateway>,
    shown: Vec<NamedCertificate>,
    again: Arc<Notify>,
    stop: CancellationToken,
) {
    loop {
        if let Err(error) = house.watch_certificates(&shown, clock()).await {
            // The next look tells it.
            tracing::error!(code = error.code(), %error, "that certificates end cannot be told");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = again.notified() => {}
            () = tokio::time::sleep(A_DAY) => {}
        }
    }
}

/// What ends soon, for whoever asks whether we are ready. It never makes us unready: a gateway that
/// is taken out of service helps nobody to a new certificate.
pub(super) fn note(house: &Gateway, shown: &[NamedCertificate]) -> Check {
    let now = clock().at;
    let mut named = house.partners().certificates();
    named.extend_from_slice(shown);
    let near: Vec<String> = lasting(&named)
        .iter()
        .filter(|lasting| lasting.nearness(now).is_some())
        .map(|lasting| lasting.words(now))
        .collect();
    let detail = if near.is_empty() {
        "none ends within 60 days".to_owned()
    } else {
        format!("note: {}", near.join("; "))
    };
    Check { name: "certificates".to_owned(), holds: true, detail }
}

const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);
