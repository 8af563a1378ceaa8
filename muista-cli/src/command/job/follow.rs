//! Reading what a run wrote, to its end or as far as it is now, and printing it where it belongs.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use muista_core::model::{Run, RunLogChunk, RunRef, Stream};
use muista_core::rpc::Client;

use crate::error::{CliError, Result};
use crate::output::safe;

/// How often a run that goes on is asked for more.
const POLL: Duration = Duration::from_millis(250);

/// How far to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// As far as it is now.
    Now,
    /// Until the run is over.
    Over,
}

/// Reads what a run wrote and hands it on, page by page; returns the run as it stood then.
///
/// # Errors
/// The service's and those of `each`.
pub(super) async fn read(
    client: &Client,
    run: RunRef,
    until: Until,
    mut each: impl FnMut(&[RunLogChunk]) -> Result<()>,
) -> Result<Run> {
    let (mut run, mut after) = (run, 0);
    loop {
        let page = client.run_log(run, after).await?;
        each(&page.items)?;
        after = page.items.last().map_or(after, |piece| piece.seq);
        if !page.more && (until == Until::Now || page.run.is_over()) {
            return Ok(page.run);
        }
        // A job's last run may be another one by now.
        run = RunRef::Id(page.run.id);
        if !page.more {
            tokio::time::sleep(POLL).await;
        }
    }
}

/// Prints pieces, each to the stream that it was written to: on a terminal made safe, elsewhere as they are.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn print(pieces: &[RunLogChunk]) -> Result<()> {
    for piece in pieces {
        if piece.omitted_bytes > 0 {
            put(io::stderr().lock(), io::stderr().is_terminal(), &piece.gap())?;
        }
        match piece.stream {
            Stream::Stdout => put(io::stdout().lock(), io::stdout().is_terminal(), &piece.text)?,
            Stream::Stderr => put(io::stderr().lock(), io::stderr().is_terminal(), &piece.text)?,
        }
    }
    Ok(())
}

fn put(mut out: impl Write, terminal: bool, text: &str) -> Result<()> {
    let text = if terminal { safe::block(text) } else { text.into() };
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| CliError::stdout(&e))
}
