//! What a script writes, on its way from the pipe to the engine: collected for a moment, and cut at a limit, where the
//! beginning and the end are kept and what is between is dropped. The end is handed on when there is no more to come.

use std::collections::VecDeque;
use std::time::Duration;

use muista_core::model::Stream;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// The most that is handed on at once, and read at once.
const CHUNK: usize = 64 * 1024;
/// How long output is collected before it is handed on.
const COLLECT: Duration = Duration::from_millis(200);
/// How long a pipe is listened to after the run's end, in case a process that could not be ended holds it open.
const QUIET: Duration = Duration::from_millis(500);
/// The most that is read after the run's end: what a pipe may hold, see pipe(7).
const LEFT_MAX: usize = 1024 * 1024;

/// A piece of what the script wrote, as it wrote it: not always text, and cut anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// Where.
    pub(crate) stream: Stream,
    /// What; never empty.
    pub(crate) data: Vec<u8>,
    /// How many bytes were dropped just before it.
    pub(crate) omitted: u64,
}

/// One pipe of a script.
pub(super) struct Forward {
    pub(super) stream: Stream,
    /// How many bytes are kept. Of more, those between the first and the last half of it are read and dropped.
    pub(super) max: usize,
    pub(super) output: mpsc::Sender<Chunk>,
    /// Turns true when the run has ended.
    pub(super) ended: watch::Receiver<bool>,
}

impl Forward {
    /// Hands on what comes from `pipe` until its end, and returns how many bytes were dropped. A slow receiver slows the
    /// script down; one that is gone does not.
    pub(super) async fn run(mut self, mut pipe: impl AsyncRead + Unpin) -> u64 {
        let mut buffer = vec![0; CHUNK];
        let mut pending = Vec::new();
        let mut hand_on_at = Instant::now();
        let (mut head, mut left) = (self.max / 2, 0);
        let mut tail = Tail::of(self.max - head);
        loop {
            let read = tokio::select! {
                read = pipe.read(&mut buffer) => read.unwrap_or(0),
                () = tokio::time::sleep_until(hand_on_at), if !pending.is_empty() => {
                    self.hand_on(&mut pending, 0).await;
                    continue;
                }
                () = quiet(&mut self.ended) => 0,
            };
            if *self.ended.borrow() {
                left += read;
            }
            if read == 0 || left > LEFT_MAX {
                break;
            }
            let (first, rest) = buffer[..read].split_at(read.min(head));
            head -= first.len();
            tail.add(rest);
            if pending.is_empty() {
                hand_on_at = Instant::now() + COLLECT;
            }
            pending.extend_from_slice(first);
            if pending.len() >= CHUNK {
                self.hand_on(&mut pending, 0).await;
            }
        }
        self.hand_on(&mut pending, 0).await;
        self.hand_on(&mut tail.bytes.into(), tail.dropped).await;
        tail.dropped
    }

    /// Sends what is pending, in pieces of the usual size; `omitted` bytes were dropped before the first of them.
    async fn hand_on(&self, pending: &mut Vec<u8>, mut omitted: u64) {
        let all = std::mem::take(pending);
        for piece in all.chunks(CHUNK) {
            let chunk = Chunk { stream: self.stream, data: piece.to_vec(), omitted: std::mem::take(&mut omitted) };
            // Nobody listens any more: the script may go on all the same.
            let _ = self.output.send(chunk).await;
        }
    }
}

/// The last bytes of a stream.
struct Tail {
    bytes: VecDeque<u8>,
    max: usize,
    dropped: u64,
}

impl Tail {
    fn of(max: usize) -> Self {
        Self { bytes: VecDeque::new(), max, dropped: 0 }
    }

    fn add(&mut self, more: &[u8]) {
        // Of more than there is room for, all but the end would go again at once.
        let useless = more.len().saturating_sub(self.max);
        let over = (self.bytes.len() + more.len() - useless).saturating_sub(self.max);
        self.bytes.drain(..over);
        self.bytes.extend(&more[useless..]);
        self.dropped += (useless + over) as u64;
    }
}

/// Returns when the run has ended and a while has passed.
async fn quiet(ended: &mut watch::Receiver<bool>) {
    // An error means that the task which tells it is gone, which is an end too.
    let _ = ended.wait_for(|ended| *ended).await;
    tokio::time::sleep(QUIET).await;
}
