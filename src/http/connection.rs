//! The life of one connection: the handshake, requests, an end.

use super::arrival::Arrival;
use super::caller::Caller;
use super::heads::{Seen, Watched};
use super::limits::Limits;
use super::problem::Problem;
use super::stream::Stream;
use super::tls::H2;
use crate::message::Digest;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, Version, header};
use axum::response::{IntoResponse as _, Response};
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// What a connection needs to know.
#[derive(Clone)]
pub(super) struct House {
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) router: Router,
    pub(super) limits: Limits,
    pub(super) stop: CancellationToken,
}

/// Serves one connection to its end.
pub(super) async fn serve(house: House, tcp: TcpStream, address: SocketAddr) {
    let traffic = Traffic::default();
    let stream = Stream::new(tcp, &house.limits, Arc::clone(&traffic.written));
    let Some(acceptor) = &house.tls else {
        let caller = Caller { address, certificate: None };
        return speak(&house, Builder::new(TokioExecutor::new()), stream, caller, &traffic).await;
    };
    let shaken = tokio::select! {
        () = house.stop.cancelled() => return,
        shaken = timeout(house.limits.handshake, acceptor.accept(stream)) => shaken,
    };
    let stream = match shaken {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%address, %error, "no TLS handshake"),
        Err(_) => return tracing::debug!(%address, "the TLS handshake took too long"),
    };
    let (_, session) = stream.get_ref();
    let shown = session.peer_certificates().and_then(<[_]>::first);
    let certificate = shown.map(|certificate| Digest::of(certificate));
    let builder = Builder::new(TokioExecutor::new());
    let builder = match session.alpn_protocol() {
        Some(protocol) if protocol == H2 => builder.http2_only(),
        Some(_) | None => builder.http1_only(),
    };
    speak(&house, builder, stream, Caller { address, certificate }, &traffic).await;
}

/// What goes on in a connection.
#[derive(Clone, Default)]
struct Traffic {
    /// Requests that came.
    requests: Arc<AtomicU64>,
    /// Requests that are not answered yet.
    open: Arc<AtomicUsize>,
    /// Bytes that went out.
    written: Arc<AtomicU64>,
}

/// A request that is not answered yet.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Traffic {
    fn enter(&self) -> Open {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        Open(Arc::clone(&self.open))
    }

    /// How much went on until now.
    fn mark(&self) -> (u64, u64) {
        (self.requests.load(Ordering::Relaxed), self.written.load(Ordering::Relaxed))
    }

    fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed) > 0
    }
}

/// Speaks HTTP until either side has enough.
async fn speak<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    house: &House,
    mut builder: Builder<TokioExecutor>,
    stream: S,
    caller: Caller,
    traffic: &Traffic,
) {
    let (limits, stop) = (house.limits, &house.stop);
    settle(&mut builder, &limits);
    let (router, counted) = (house.router.clone(), traffic.clone());
    let seen = Arc::new(Seen::default());
    let stream = Watched::new(stream, Arc::clone(&seen));
    let service = service_fn(move |request: Request<Incoming>| {
        let (router, open) = (router.clone(), counted.enter());
        let version = request.version();
        let was = |what: &AtomicBool| version < Version::HTTP_2 && what.load(Ordering::Relaxed);
        let (refused, folded) = (was(&seen.twofold), was(&seen.folded));
        let arrive = |incoming| Body::new(Arrival::new(incoming, version, &limits));
        let mut request = request.map(arrive);
        request.extensions_mut().insert(caller);
        async move {
            let mut answer = if refused { two_lengths() } else { router.oneshot(request).await? };
            if folded {
                answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            drop(open);
            Ok::<_, Infallible>(answer)
        }
    });
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut due = Instant::now() + limits.head;
    let (mut ending, mut before) = (false, None);
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(address = %caller.address, %error, "a connection broke");
                }
                return;
            }
            () = stop.cancelled(), if !ending => {
                connection.as_mut().graceful_shutdown();
                (ending, due) = (true, Instant::now() + limits.grace);
            }
            () = sleep_until(due) => {
                let mark = traffic.mark();
                if ending || mark.0 == 0 {
                    return;
                }
                if !traffic.is_open() && before.is_some_and(|before| is_quiet(before, mark)) {
                    connection.as_mut().graceful_shutdown();
                    (ending, due) = (true, Instant::now() + limits.linger);
                } else {
                    (before, due) = (Some(mark), Instant::now() + limits.idle);
                }
            }
        }
    }
}

/// What whoever sends a request of two lengths is told; nothing more is heard of them.
fn two_lengths() -> Response {
    let text = "send either Content-Length or Transfer-Encoding, not both";
    let problem = Problem::new(StatusCode::BAD_REQUEST, "two_lengths", text);
    ([(header::CONNECTION, "close")], problem).into_response()
}

/// Whether nothing went on between two marks but the questions whether they are still there.
fn is_quiet(before: (u64, u64), now: (u64, u64)) -> bool {
    before.0 == now.0 && now.1.saturating_sub(before.1) < QUESTIONS
}

/// More bytes than the PING frames of HTTP/2 that we write while a connection is quiet.
const QUESTIONS: u64 = 1_024;

/// Tells hyper our limits.
fn settle(builder: &mut Builder<TokioExecutor>, limits: &Limits) {
    let head = usize::try_from(limits.head_size).unwrap_or(SMALLEST_BUFFER).max(SMALLEST_BUFFER);
    // hyper counts from the end of the request before: this is how long one may be quiet. Whoever sends
    // no first head in time is let go of above.
    let between = limits.idle.max(limits.head);
    builder.http1().timer(TokioTimer::new()).header_read_timeout(between).max_buf_size(head);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.unread)
        .keep_alive_timeout(limits.unread)
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(limits.head_size);
}

/// Less than this hyper does not take.
const SMALLEST_BUFFER: usize = 8_192;
