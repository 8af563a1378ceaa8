//! [`Activity`]: whether a connection is in use. A request counts from its head to its answer's last byte, so a stream of
//! events does too.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Response;
use hyper::body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::Instant;

use super::app::App;

/// Whether a connection is in use.
pub(super) struct Activity {
    app: App,
    began: Instant,
    in_flight: AtomicUsize,
    /// When the last request ended, in milliseconds from the beginning.
    ended: AtomicU64,
}

/// A request that is in flight.
pub(super) struct InFlight {
    activity: Arc<Activity>,
    answered: bool,
}

impl Activity {
    /// Of a connection that begins.
    pub(super) fn new(app: App) -> Arc<Self> {
        Arc::new(Self { app, began: Instant::now(), in_flight: AtomicUsize::new(0), ended: AtomicU64::new(0) })
    }

    /// A request begins.
    pub(super) fn begin(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Relaxed);
        self.app.metrics.traffic.in_flight.fetch_add(1, Relaxed);
        InFlight { activity: Arc::clone(self), answered: false }
    }

    /// Returns once there was no request for `limit`.
    pub(super) async fn idle(&self, limit: Duration) {
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
}

impl InFlight {
    /// The answer, with which the request ends.
    pub(super) fn answer<B>(mut self, response: Response<B>) -> Response<Sent<B>> {
        self.answered = true;
        response.map(|body| Sent { body, _request: self })
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
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
    /// The body of an answer, which ends its request.
    pub(super) struct Sent<B> {
        #[pin]
        body: B,
        _request: InFlight,
    }
}

impl<B: Body> Body for Sent<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().body.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
