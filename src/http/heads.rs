//! Request heads as they come by: one that says its length in two ways is noticed, and the lines that
//! the first one folds are made one.
//!
//! # Why not by the headers of the request
//!
//! Whoever sends both `Content-Length` and `Transfer-Encoding` hopes that the proxy before us goes by
//! the one and we by the other, so that what is a body there is a request here. hyper goes by the
//! second and takes the first away before anyone sees it. So the names of headers are looked at as
//! they pass, without a thought to where a request begins: a body that has both in one block of
//! lines, as no document has, is refused with the same right.

use super::unfold::Unfold;
use memchr::memchr;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection whose heads are looked at.
pub(super) struct Watched<S> {
    stream: S,
    unfold: Unfold,
    heads: Heads,
    seen: Arc<Seen>,
}

/// What was seen on a connection, before the request that has it is read.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// A head that says two lengths.
    pub(super) twofold: AtomicBool,
    /// A first head with folded lines.
    pub(super) folded: AtomicBool,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, seen: Arc<Seen>) -> Self {
        Self { stream, unfold: Unfold::new(), heads: Heads::default(), seen }
    }
}

impl<S: AsyncRead + Unpin> Watched<S> {
    /// Reads what is left of the beginning, a folded line as one.
    fn poll_beginning(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if self.unfold.give(buffer) || self.unfold.is_over() {
                return Poll::Ready(Ok(()));
            }
            let mut space = [0; 4_096];
            let mut came = ReadBuf::new(&mut space);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut came))?;
            self.unfold.pass(came.filled());
            if self.unfold.has_folded() {
                self.seen.folded.store(true, Ordering::Relaxed);
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let this = &mut *self;
        if this.unfold.is_over() {
            ready!(Pin::new(&mut this.stream).poll_read(cx, buffer))?;
        } else {
            ready!(this.poll_beginning(cx, buffer))?;
        }
        let came = buffer.filled().get(before..).unwrap_or_default();
        if self.heads.pass(came) {
            self.seen.twofold.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The lines that came by, as far as they matter.
#[derive(Default)]
struct Heads {
    /// The beginning of the line in hand.
    line: Vec<u8>,
    /// Which of the two stand in the block in hand.
    length: bool,
    coding: bool,
}

impl Heads {
    /// Looks at what comes by; whether a block with both ended or went on in it.
    fn pass(&mut self, mut bytes: &[u8]) -> bool {
        let mut twofold = false;
        while let Some(end) = memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(end);
            if !self.line.is_empty() || may_matter(line) {
                self.add(line);
                twofold |= self.end_line();
            }
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.add(bytes);
        twofold
    }

    fn add(&mut self, bytes: &[u8]) {
        let room = CODING.len().saturating_sub(self.line.len());
        self.line.extend(bytes.iter().take(room));
    }

    fn end_line(&mut self) -> bool {
        let begins = |name: &[u8]| {
            self.line.get(..name.len()).is_some_and(|line| line.eq_ignore_ascii_case(name))
        };
        if matches!(self.line.as_slice(), b"" | b"\r") {
            (self.length, self.coding) = (false, false);
        } else {
            self.length |= begins(LENGTH);
            self.coding |= begins(CODING);
        }
        self.line.clear();
        self.length && self.coding
    }
}

/// Whether a line could be empty or name a length: of a body, hardly any could.
fn may_matter(line: &[u8]) -> bool {
    matches!(line.first(), None | Some(b'\r' | b'c' | b'C' | b't' | b'T'))
}

const LENGTH: &[u8] = b"content-length:";

const CODING: &[u8] = b"transfer-encoding:";

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &str =
        "POST / HTTP/1.1\r\nContent-Length: 5\r\nHost: a\r\nTransfer-Encoding: chunked";

    #[test]
    fn both_in_one_head_are_noticed_however_it_is_cut() {
        let whole = format!("{BOTH}\r\n\r\n0\r\n\r\n");
        for at in 0..=whole.len() {
            let mut heads = Heads::default();
            let (first, second) = whole.split_at(at);
            let seen = [heads.pass(first.as_bytes()), heads.pass(second.as_bytes())];
            assert!(seen.contains(&true), "{at}");
        }
        for other in [whole.to_ascii_uppercase(), whole.replace('\r', "")] {
            assert!(Heads::default().pass(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn one_in_each_of_two_heads_is_in_order() {
        let two = BOTH.replace("Host: a", "\r\n12345POST / HTTP/1.1\r\nHost: a");
        assert!(!Heads::default().pass(format!("{two}\r\n\r\n").as_bytes()));
        let mime = "Content-Length: 5\r\nContent-Transfer-Encoding: binary\r\n\r\n";
        assert!(!Heads::default().pass(mime.as_bytes()));
    }
}
