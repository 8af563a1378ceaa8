//! The duty of what is old: it is deleted some minutes after the start, when nothing waits for the daemon, and then a few
//! times a day.

use std::time::Duration;

use muista_core::error::Result;
use muista_core::service::Service;
use muista_core::service::engine::clean;
use muista_core::time::Instant;

use super::duty::{Duty, More};

/// How long after the start it is done first.
const FIRST: Duration = Duration::from_secs(5 * 60);
/// How long until it is done again.
const EVERY: Duration = Duration::from_secs(6 * 3600);

/// Deletes what is old.
pub(super) struct Clean {
    service: Service,
    at: Instant,
}

impl Clean {
    pub(super) fn new(service: Service) -> Self {
        Self { at: service.now().plus(FIRST), service }
    }
}

impl Duty for Clean {
    const NAME: &'static str = "clean";

    async fn run_once(&mut self) -> Result<More> {
        let now = self.service.now();
        if now >= self.at {
            let gone = clean(&self.service).await?;
            if gone > 0 {
                tracing::info!(rows = gone, "old records were deleted");
            }
            self.at = now.plus(EVERY);
        }
        Ok(More::At(Some(self.at)))
    }
}
