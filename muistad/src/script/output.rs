//! What a script writes, on its way from the pipe to the engine: collected for a moment, cut off at a limit.

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
}

/// One pipe of a script.
pub(super) struct Forward {
    pub(super) stream: Stream,
    /// Bytes beyond these are read and dropped.
    pub(super) max: usize,
    pub(super) output: mpsc::Sender<Chunk>,
    /// Turns true when the run has ended.
    pub(super) ended: watch::Receiver<bool>,
}

impl Forward {
    /// Hands on what comes from `pipe` until its end, and returns whether some was dropped. A slow receiver slows the
    /// script down; one that is gone does not.
    pub(super) async fn run(mut self, mut pipe: impl AsyncRead + Unpin) -> bool {
        let mut buffer = vec![0; CHUNK];
        let mut pending = Vec::new();
        let mut hand_on_at = Instant::now();
        let (mut kept, mut left) = (0, 0);
        let mut truncated = false;
        loop {
            let read = tokio::select! {
                read = pipe.read(&mut buffer) => read.unwrap_or(0),
                () = tokio::time::sleep_until(hand_on_at), if !pending.is_empty() => {
                    self.hand_on(&mut pending).await;
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
            let taken = read.min(self.max - kept);
            truncated |= taken < read;
            kept += taken;
            if pending.is_empty() {
                hand_on_at = Instant::now() + COLLECT;
            }
            pending.extend_from_slice(&buffer[..taken]);
            if pending.len() >= CHUNK {
                self.hand_on(&mut pending).await;
            }
        }
        self.hand_on(&mut pending).await;
        truncated
    }

    /// Sends what is pending, in pieces of the usual size.
    async fn hand_on(&self, pending: &mut Vec<u8>) {
        let all = std::mem::take(pending);
        for piece in all.chunks(CHUNK) {
            // Nobody listens any more: the script may go on all the same.
            let _ = self.output.send(Chunk { stream: self.stream, data: piece.to_vec() }).await;
        }
    }
}

/// Returns when the run has ended and a while has passed.
async fn quiet(ended: &mut watch::Receiver<bool>) {
    // An error means that the task which tells it is gone, which is an end too.
    let _ = ended.wait_for(|ended| *ended).await;
    tokio::time::sleep(QUIET).await;
}
