//! A body on its way out, read from where it is kept as fast as the other side takes it.

use crate::message::Content;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::task::{JoinHandle, spawn_blocking};

/// Some [`Content`] as the body of a request or an answer.
pub(crate) struct Outflow {
    content: Content,
    at: u64,
    piece: Option<JoinHandle<io::Result<Bytes>>>,
}

impl Outflow {
    /// All of `content`.
    pub(crate) fn of(content: Content) -> Self {
        Self { content, at: 0, piece: None }
    }

    fn left(&self) -> u64 {
        self.content.length().saturating_sub(self.at)
    }
}

impl Body for Outflow {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let (left, at) = (self.left(), self.at);
        if left == 0 {
            return Poll::Ready(None);
        }
        let piece = if let Content::Bytes(bytes) = &self.content {
            Ok(bytes.clone())
        } else {
            let content = &self.content.clone();
            let read = self.piece.get_or_insert_with(|| {
                let content = content.clone();
                spawn_blocking(move || piece(&content, at, left))
            });
            let read = ready!(Pin::new(read).poll(cx));
            self.piece = None;
            read.unwrap_or_else(|lost| Err(io::Error::other(lost)))
        };
        let length =
            piece.as_ref().map_or(left, |piece| u64::try_from(piece.len()).unwrap_or(left));
        self.at += length;
        Poll::Ready(Some(piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left())
    }
}

fn piece(content: &Content, at: u64, left: u64) -> io::Result<Bytes> {
    let length = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
    let mut piece = vec![0; length];
    if content.read_at(at, &mut piece)? < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(piece.into())
}

/// So much is read at a time.
const PIECE: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Digest;
    use http_body_util::BodyExt as _;
    use std::io::Write as _;
    use std::sync::Arc;

    fn file(bytes: &[u8], length: u64) -> Content {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        Content::File { file: Arc::new(file), length, digest: Digest::of(bytes) }
    }

    #[tokio::test]
    async fn all_of_it_comes_in_order_and_its_length_is_known_before() {
        for length in [0, 1, PIECE, PIECE + 1, 3 * PIECE - 1] {
            let bytes = (0..=u8::MAX).cycle().take(length).collect::<Vec<_>>();
            let length = u64::try_from(length).unwrap();
            for content in [Content::from(bytes.clone()), file(&bytes, length)] {
                let flow = Outflow::of(content);
                assert_eq!(flow.size_hint().exact(), Some(length));
                assert_eq!(flow.collect().await.unwrap().to_bytes(), bytes);
            }
        }
    }

    #[tokio::test]
    async fn a_file_that_breaks_off_breaks_the_body() {
        assert!(Outflow::of(file(b"123", 4)).collect().await.is_err());
    }
}
