//! Bytes from a channel into a session and back: many requests at a time, on a thread that may wait
//! for the disk.

use super::super::inbox::Inbox;
use super::packet;
use super::replies::Replies;
use super::session::Session;
use super::trouble::Trouble;
use bytes::{Bytes, BytesMut};
use russh::server::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Serves a session until either side ends it.
pub(super) async fn serve<I: Inbox>(
    channel: Channel<Msg>,
    session: Session<I>,
    stop: CancellationToken,
) {
    let (reader, writer) = channel.split();
    let (replies, queue) = mpsc::channel(REPLIES);
    let writing = write(writer, queue);
    let reading = read(reader, session, replies, stop);
    tokio::join!(writing, reading);
}

/// Sends replies as fast as the client takes them, and ends the channel after the last.
async fn write(writer: ChannelWriteHalf<Msg>, mut waiting: mpsc::Receiver<Vec<u8>>) {
    while let Some(replies) = waiting.recv().await {
        let sent = tokio::time::timeout(PATIENCE, writer.data_bytes(Bytes::from(replies))).await;
        if !matches!(sent, Ok(Ok(()))) {
            // Nobody listens any more; the reader sees that its replies go nowhere.
            waiting.close();
            break;
        }
    }
    // The connection may be gone.
    let _ended = writer.eof().await;
    let _ended = writer.exit_status(0).await;
    let _ended = writer.close().await;
}

async fn read<I: Inbox>(
    mut reader: ChannelReadHalf,
    session: Session<I>,
    replies: mpsc::Sender<Vec<u8>>,
    stop: CancellationToken,
) {
    let mut input = BytesMut::new();
    let mut session = Some(session);
    while let Some(mut at_work) = session.take() {
        let more = tokio::select! {
            biased;
            () = stop.cancelled() => false,
            () = replies.closed() => false,
            more = gather(&mut reader, &mut input) => more,
        };
        let requests = std::mem::take(&mut input);
        let served = tokio::task::spawn_blocking(move || {
            if !more {
                drop(at_work);
                return None;
            }
            let mut out = Replies::default();
            let done = at_work.serve(&requests, &mut out);
            Some((at_work, requests, out.into_bytes(), done))
        });
        let Ok(Some((back, requests, out, done))) = served.await else { return };
        if !out.is_empty() && replies.send(out).await.is_err() {
            return;
        }
        match done {
            Ok(done) => {
                input = requests;
                bytes::Buf::advance(&mut input, done);
                session = Some(back);
            }
            Err(trouble) => {
                tracing::info!(why = %trouble, "an SFTP session ends");
                // What is open is put away where the disk may be waited for.
                drop(tokio::task::spawn_blocking(move || drop(back)).await);
            }
        }
    }
}

/// Waits until a whole request is there, and takes along whatever else came; false: there is no
/// more.
async fn gather(reader: &mut ChannelReadHalf, input: &mut BytesMut) -> bool {
    loop {
        while input.len() < AT_ONCE {
            let message = tokio::select! {
                biased;
                message = reader.wait() => message,
                () = std::future::ready(()) => break,
            };
            if !take(message, input) {
                return false;
            }
        }
        match is_whole(input) {
            Ok(true) | Err(_) => return true,
            Ok(false) => {
                let message = reader.wait().await;
                if !take(message, input) {
                    return false;
                }
            }
        }
    }
}

fn take(message: Option<ChannelMsg>, input: &mut BytesMut) -> bool {
    match message {
        Some(ChannelMsg::Data { data }) => {
            input.extend_from_slice(&data);
            true
        }
        None | Some(ChannelMsg::Eof | ChannelMsg::Close) => false,
        Some(_) => true,
    }
}

fn is_whole(input: &[u8]) -> Result<bool, Trouble> {
    let length = packet::length(input)?;
    Ok(length.is_some_and(|length| input.len() >= 4 + length))
}

/// How many batches of replies may wait to be sent.
const REPLIES: usize = 4;

/// So many bytes of requests are worked on at a time.
const AT_ONCE: usize = 2 << 20;

/// How long a client may take no reply.
const PATIENCE: Duration = Duration::from_secs(120);
