//! OpenSSH's own server and client, which ours are held against.

use super::servers::{Server, options};
use super::sshd::Sshd;
use std::time::Instant;

impl Server for Sshd {
    fn options(&self) -> Vec<String> {
        options(self.port, &self.path("client"))
    }
}

/// How long something takes.
pub(super) fn seconds(run: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    run();
    begun.elapsed().as_secs_f64()
}
