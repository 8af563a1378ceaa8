//! [`TimedBody`]: the body of a request whose sender may not fall silent. How long a whole body may take is
//! the middleware stack's.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use hyper::body::{Body as _, Bytes, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

/// How long the next piece of a body may take to come.
const SILENCE: Duration = Duration::from_secs(10);

/// A body whose sender may not fall silent.
struct TimedBody {
    body: Incoming,
    /// Made when the first piece is waited for, which most bodies need not.
    silence: Option<Pin<Box<Sleep>>>,
    waiting: bool,
}

/// The sender fell silent.
#[derive(Debug)]
pub(crate) struct Silent;

impl fmt::Display for Silent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the body did not go on within {} s", SILENCE.as_secs())
    }
}

impl std::error::Error for Silent {}

/// Returns the body of a request that came.
pub(crate) fn with_read_timeout(body: Incoming) -> Body {
    if body.is_end_stream() {
        return Body::empty();
    }
    Body::new(TimedBody { body, silence: None, waiting: false })
}

/// Returns whether an error comes of a sender that fell silent.
pub(crate) fn is_silence(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.is::<Silent>())
}

impl hyper::body::Body for TimedBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            self.waiting = false;
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let begins = !std::mem::replace(&mut self.waiting, true);
        let silence = self.silence.get_or_insert_with(|| Box::pin(sleep(SILENCE)));
        if begins {
            silence.as_mut().reset(Instant::now() + SILENCE);
        }
        ready!(silence.as_mut().poll(cx));
        Poll::Ready(Some(Err(Silent.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
