//! A caller's connection, which does not wait for ever for someone to read, and ends politely.
//!
//! # Why we listen on after our last word
//!
//! Whoever is answered before they sent everything (413 to a large body, 401 to anyone) has bytes on
//! the way. If we closed at once, the system would tell them that the connection broke, and they
//! would never see the answer.

use super::limits::Limits;
use std::future::Future as _;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// A connection from outside.
pub(super) struct Stream {
    tcp: TcpStream,
    unread: Duration,
    linger: Duration,
    /// Runs while the caller does not read.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Runs after our last word.
    lingering: Option<Pin<Box<Sleep>>>,
    written: Arc<AtomicU64>,
}

impl Stream {
    /// The connection, which counts what goes out by it in `written`.
    pub(super) fn new(tcp: TcpStream, limits: &Limits, written: Arc<AtomicU64>) -> Self {
        let Limits { unread, linger, .. } = *limits;
        Self { tcp, unread, linger, stalled: None, lingering: None, written }
    }

    fn wrote(
        &mut self,
        cx: &mut Context<'_>,
        wrote: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(result) = wrote {
            self.stalled = None;
            let count = result.as_ref().ok().and_then(|count| u64::try_from(*count).ok());
            self.written.fetch_add(count.unwrap_or(0), Ordering::Relaxed);
            return Poll::Ready(result);
        }
        let unread = self.unread;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(unread)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.tcp).poll_write(cx, bytes);
        self.wrote(cx, wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.tcp).poll_write_vectored(cx, slices);
        self.wrote(cx, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(Pin::new(&mut self.tcp).poll_shutdown(cx))?;
            self.lingering = Some(Box::pin(sleep(self.linger)));
        }
        let this = &mut *self;
        let mut scrap = [0; 4_096];
        loop {
            if this.lingering.as_mut().is_none_or(|timer| timer.as_mut().poll(cx).is_ready()) {
                return Poll::Ready(Ok(()));
            }
            let mut scrap = ReadBuf::new(&mut scrap);
            match ready!(Pin::new(&mut this.tcp).poll_read(cx, &mut scrap)) {
                Ok(()) if !scrap.filled().is_empty() => {}
                Ok(()) | Err(_) => return Poll::Ready(Ok(())),
            }
        }
    }
}
