//! How much patience a listener has.

use std::time::Duration;

/// How long callers may take, and how many may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long a new connection may take to send the whole head of a request.
    pub head: Duration,
    /// How long a connection may be quiet between requests, and take for the head of the next one.
    pub idle: Duration,
    /// How long a body may take whatever its size.
    pub body: Duration,
    /// How many bytes of a body have to come in each second after that, on the average.
    pub body_rate: u64,
    /// How long a caller may leave an answer unread.
    pub unread: Duration,
    /// How long we listen to a caller whom we answered before they had finished.
    pub linger: Duration,
    /// Connections at the same time.
    pub connections: usize,
    /// Connections from one address at the same time.
    pub connections_of_one: usize,
    /// Requests at the same time in one HTTP/2 connection.
    pub streams: u32,
    /// The largest head of a request, in bytes.
    pub head_size: u32,
    /// How long open requests may go on when we stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            body: Duration::from_secs(30),
            body_rate: 1_000,
            unread: Duration::from_secs(30),
            linger: Duration::from_secs(2),
            connections: 2_000,
            connections_of_one: 256,
            streams: 100,
            head_size: 32_768,
            grace: Duration::from_secs(30),
        }
    }
}
