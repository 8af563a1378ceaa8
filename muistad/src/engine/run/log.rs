//! Writes down what a script writes while it runs, a batch at a time, beside the run itself. The runner bounds how much a
//! script may write, so what waits here while the database is away is bounded too.

use std::time::Duration;

use muista_core::service::Service;
use muista_core::service::engine::run::{Lease, Output, Renewal, append_run_log};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};

/// How long what is written is gathered.
const GATHER: Duration = Duration::from_millis(200);
/// How long until a batch that could not be written down is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// How large a piece becomes by what is written right behind it.
const PIECE: usize = 64 << 10;

/// Takes what a script writes. Dropping it gives up what was not written down yet.
pub(super) struct Log {
    send: UnboundedSender<Output>,
    task: JoinHandle<()>,
}

impl Log {
    /// The log of the run under this lease.
    pub(super) fn new(service: Service, lease: Lease) -> Self {
        let (send, receive) = unbounded_channel();
        Self { send, task: tokio::spawn(write(service, lease, receive)) }
    }

    /// Takes a piece.
    pub(super) fn write(&self, piece: Output) {
        // Nobody takes it once the lease is lost, and then it is to be discarded.
        let _ = self.send.send(piece);
    }

    /// Returns once everything is written down, or the lease is lost.
    pub(super) async fn ended(mut self) {
        self.send = unbounded_channel().0;
        if let Err(error) = (&mut self.task).await {
            tracing::error!(%error, "what a script wrote was lost by a fault of the daemon");
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn write(service: Service, lease: Lease, mut receive: UnboundedReceiver<Output>) {
    while let Some(first) = receive.recv().await {
        let mut batch = vec![first];
        let until = Instant::now() + GATHER;
        while let Ok(Some(piece)) = timeout_at(until, receive.recv()).await {
            add(&mut batch, piece);
        }
        loop {
            match append_run_log(&service, lease, batch.clone()).await {
                Ok(Renewal::Lost) => return,
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(run = %lease.run, %error, "what a script wrote cannot be kept; it is tried again");
                    sleep(PAUSE).await;
                }
            }
        }
    }
}

/// Adds a piece to the last one, where it was written to the same stream.
fn add(batch: &mut Vec<Output>, piece: Output) {
    match batch.last_mut() {
        Some(last)
            if last.stream == piece.stream && piece.omitted == 0 && last.data.len() + piece.data.len() <= PIECE =>
        {
            last.data.extend_from_slice(&piece.data);
        }
        _ => batch.push(piece),
    }
}

#[cfg(test)]
mod tests {
    use muista_core::model::Stream;

    use super::*;

    #[test]
    fn pieces_of_one_stream_become_one() {
        let piece = |stream, length: usize| Output { stream, data: vec![b'x'; length], omitted: 0 };
        let mut batch = vec![piece(Stream::Stdout, 3)];
        for next in [piece(Stream::Stdout, 4), piece(Stream::Stderr, 1), piece(Stream::Stdout, 1)] {
            add(&mut batch, next);
        }
        add(&mut batch, piece(Stream::Stdout, PIECE - 1));
        add(&mut batch, piece(Stream::Stdout, 1));
        let sizes: Vec<_> = batch.iter().map(|piece| (piece.stream, piece.data.len())).collect();
        assert_eq!(sizes, [(Stream::Stdout, 7), (Stream::Stderr, 1), (Stream::Stdout, PIECE), (Stream::Stdout, 1)]);
    }
}
