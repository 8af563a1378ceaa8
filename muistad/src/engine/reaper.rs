//! The duty of runs whose lease has expired, since their daemon is gone: they wait again.

use std::time::Duration;

use muista_core::error::Result;
use muista_core::service::Service;
use muista_core::service::engine::run::rescue_runs;

use super::duty::{Duty, More};

/// How often they are looked for.
const EVERY: Duration = Duration::from_secs(10);

/// Reclaims runs with expired leases.
pub(super) struct Reaper {
    service: Service,
}

impl Reaper {
    pub(super) fn new(service: Service) -> Self {
        Self { service }
    }
}

impl Duty for Reaper {
    const NAME: &'static str = "rescue";

    async fn run_once(&mut self) -> Result<More> {
        let rescued = rescue_runs(&self.service).await?;
        if rescued > 0 {
            tracing::warn!(runs = rescued, "runs were taken over from a daemon that is gone");
            return Ok(More::Now);
        }
        Ok(More::At(Some(self.service.now().plus(EVERY))))
    }
}
