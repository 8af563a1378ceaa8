//! [`Activity`]: what a connection is doing. A request counts from its head to its answer's last byte, so a stream of events
//! does too. Answers leave in small pieces, and what waits to be sent is bounded, so that a client that reads slowly, or not
//! at all, holds little and not for long. The bodies of requests are `read_timeout`'s.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::Response;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use muista_core::error::Error;
use pin_project_lite::pin_project;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::http::app::App;
use crate::http::asset::Shared;
use crate::http::problem::Problem;

/// The most bytes that are handed over at a time.
const PIECE: usize = 16 << 10;
/// While the answers of a connection that wait to be sent take more bytes than this, its next requests wait.
const HELD_MAX: usize = 1 << 20;
/// The most requests without a valid token that one connection may have in flight.
const ANONYMOUS_MAX: usize = 8;

/// What a connection is doing.
pub(crate) struct Activity {
    app: App,
    began: Instant,
    in_flight: AtomicUsize,
    /// When the last request ended, in milliseconds from the beginning.
    ended: AtomicU64,
    /// How many of the requests show no valid token.
    anonymous: AtomicUsize,
    /// How many bytes of answers wait to be sent.
    held: AtomicUsize,
    released: Notify,
    /// Since when the client has taken nothing of each answer; none where it waits for this daemon instead.
    untaken: Mutex<Vec<Option<Instant>>>,
}

impl Activity {
    /// Of a connection that begins.
    pub(crate) fn new(app: App) -> Arc<Self> {
        Arc::new(Self {
            app,
            began: Instant::now(),
            in_flight: AtomicUsize::new(0),
            ended: AtomicU64::new(0),
            anonymous: AtomicUsize::new(0),
            held: AtomicUsize::new(0),
            released: Notify::new(),
            untaken: Mutex::default(),
        })
    }

    /// Begins a request.
    pub(crate) fn begin(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Relaxed);
        self.app.metrics.traffic.in_flight.fetch_add(1, Relaxed);
        InFlight { activity: Arc::clone(self), answered: false, held: 0, waits: None, _anonymous: None }
    }

    /// Lets a request without a valid token be worked on; it counts until its answer is sent.
    ///
    /// # Errors
    /// The problem 429 where too many of this connection are.
    pub(crate) fn admit_anonymous(self: &Arc<Self>) -> Result<Arc<AnonymousPermit>, Problem> {
        let before = self.anonymous.fetch_add(1, Relaxed);
        let admitted = Arc::new(AnonymousPermit(Arc::clone(self)));
        if before < ANONYMOUS_MAX {
            return Ok(admitted);
        }
        let message = format!("more than {ANONYMOUS_MAX} requests without a token at once on one connection");
        Err(Error::rate_limited(message, 1).hint("read the answers first").into())
    }

    /// Returns once there was no request for `limit`.
    pub(crate) async fn idle(&self, limit: Duration) {
        loop {
            let busy = self.in_flight.load(Relaxed) > 0;
            let since =
                if busy { Instant::now() } else { self.began + Duration::from_millis(self.ended.load(Relaxed)) };
            if !busy && since.elapsed() >= limit {
                return;
            }
            tokio::time::sleep_until(since + limit).await;
        }
    }

    /// Returns once the client has taken nothing of an answer for `limit`.
    pub(crate) async fn stalled(&self, limit: Duration) {
        loop {
            let oldest = self.untaken().iter().flatten().min().copied();
            let since = oldest.unwrap_or_else(Instant::now);
            if since.elapsed() >= limit {
                return;
            }
            tokio::time::sleep_until(since + limit).await;
        }
    }

    fn untaken(&self) -> std::sync::MutexGuard<'_, Vec<Option<Instant>>> {
        self.untaken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn release(&self, bytes: usize) {
        let before = self.held.fetch_sub(bytes, Relaxed);
        if before > HELD_MAX && before - bytes <= HELD_MAX {
            self.released.notify_waiters();
        }
    }
}

/// The permit of a request without a valid token, which others get once this is dropped.
pub(crate) struct AnonymousPermit(Arc<Activity>);

impl Drop for AnonymousPermit {
    fn drop(&mut self) {
        self.0.anonymous.fetch_sub(1, Relaxed);
    }
}

/// A request that is in flight.
pub(crate) struct InFlight {
    activity: Arc<Activity>,
    answered: bool,
    /// How many bytes of its answer are held until they are sent.
    held: usize,
    /// Its place among those that the client has to take.
    waits: Option<usize>,
    _anonymous: Option<Arc<AnonymousPermit>>,
}

impl InFlight {
    /// Returns once little enough of the connection's answers waits to be sent.
    pub(crate) async fn turn(&self) {
        loop {
            let released = self.activity.released.notified();
            if self.activity.held.load(Relaxed) <= HELD_MAX {
                return;
            }
            released.await;
        }
    }

    /// Returns the answer, with which the request ends.
    pub(crate) fn answer<B: Body<Data = Bytes>>(mut self, mut response: Response<B>) -> Response<Sent<B>> {
        self.answered = true;
        self._anonymous = response.extensions_mut().remove();
        if !response.body().is_end_stream() {
            let shared = response.extensions().get::<Shared>().is_some();
            // A body of no known size comes piece by piece.
            let size = response.body().size_hint().exact().map_or(PIECE, |size| usize::try_from(size).unwrap_or(PIECE));
            self.held = if shared { 0 } else { size };
            self.activity.held.fetch_add(self.held, Relaxed);
            self.theirs();
        }
        response.map(|body| Sent { body, rest: Bytes::new(), request: self })
    }

    /// It is for the client to take more.
    fn theirs(&mut self) {
        let (now, mut untaken) = (Instant::now(), self.activity.untaken());
        let place = self.waits.unwrap_or_else(|| untaken.iter().position(Option::is_none).unwrap_or(untaken.len()));
        if place == untaken.len() {
            untaken.push(None);
        }
        untaken[place] = Some(now);
        drop(untaken);
        self.waits = Some(place);
    }

    /// It is for this daemon to say more.
    fn ours(&mut self) {
        if let Some(place) = self.waits.take() {
            self.activity.untaken()[place] = None;
        }
    }

    /// So much of the answer is on its way.
    fn sent(&mut self, bytes: usize) {
        let bytes = bytes.min(self.held);
        self.held -= bytes;
        self.activity.release(bytes);
        self.theirs();
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.ours();
        self.activity.release(self.held);
        let (activity, traffic) = (&self.activity, &self.activity.app.metrics.traffic);
        let now = u64::try_from(activity.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        activity.ended.store(now, Relaxed);
        activity.in_flight.fetch_sub(1, Relaxed);
        traffic.in_flight.fetch_sub(1, Relaxed);
        if !self.answered {
            traffic.abandoned.fetch_add(1, Relaxed);
        }
    }
}

pin_project! {
    /// The body of an answer, which ends its request. It is handed over in pieces, so that it lasts until the client has
    /// taken nearly all of it.
    pub(crate) struct Sent<B> {
        #[pin]
        body: B,
        // What is left of the last piece that the body gave.
        rest: Bytes,
        request: InFlight,
    }
}

impl<B: Body<Data = Bytes>> Body for Sent<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        if this.rest.is_empty() {
            let polled = this.body.poll_frame(cx);
            if polled.is_pending() {
                this.request.ours();
            }
            match ready!(polled) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => *this.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                ended => return Poll::Ready(ended),
            }
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE));
        this.request.sent(piece.len());
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (mut hint, rest) = (self.body.size_hint(), self.rest.len() as u64);
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint.set_lower(hint.lower().saturating_add(rest));
        hint
    }
}
