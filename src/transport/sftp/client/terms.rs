//! What we agree to with a partner's host, and how long it may take.

use crate::partner::PublicKey;
use async_ssh2_tokio::Config;
use std::borrow::Cow;
use std::time::Duration;

pub(super) fn config() -> Config {
    Config {
        window_size: WINDOW,
        channel_buffer_size: 1_000,
        inactivity_timeout: Some(SILENCE),
        nodelay: true,
        ..Config::default()
    }
}

/// What we agree to; of host keys only the sort that is pinned, or else the host shows another.
pub(super) fn preferred(pinned: Option<&PublicKey>) -> russh_client::Preferred {
    let usual = russh_client::Preferred::default();
    let line = pinned.map(ToString::to_string);
    let sort = line.as_deref().and_then(|line| line.split(' ').next());
    let fits = |name: &str| match sort {
        // Signatures with SHA-1 are not among them.
        Some("ssh-rsa") => name.starts_with("rsa-sha2-"),
        Some(sort) => name == sort,
        None => name != "ssh-rsa",
    };
    let key = usual.key.iter().filter(|key| fits(key.as_str())).cloned().collect::<Vec<_>>();
    // The first two are as good as each other, and processors do this one themselves.
    let mut cipher = usual.cipher.to_vec();
    cipher.sort_by_key(|name| *name != russh_client::cipher::AES_256_GCM);
    russh_client::Preferred { key: Cow::Owned(key), cipher: Cow::Owned(cipher), ..usual }
}

/// How long a host may take until we are in.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// A connection on which nothing comes for so long is given up.
const SILENCE: Duration = Duration::from_secs(60);

/// How much of theirs may be on its way to us.
const WINDOW: u32 = 4 << 20;
