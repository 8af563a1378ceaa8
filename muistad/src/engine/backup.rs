//! The duty of backups: makes and tries them when their schedules say so. The work itself, which takes long, is done
//! beside the duty, which holds it meanwhile.

use std::time::Duration;

use muista_core::error::Result;
use muista_core::service::Service;
use muista_core::service::engine::{BackupKind, BackupTurn, Performed, claim_backup, perform_backup, renew_backup};
use muista_core::time::Instant;
use tokio::task::JoinHandle;

use super::duty::{Duty, More};

/// How often what is being done is held for longer, and looked at.
const HOLD: Duration = Duration::from_secs(5);

/// Makes and tries backups.
pub(super) struct Backups {
    service: Service,
    at_work: Option<(BackupKind, JoinHandle<Result<Performed>>)>,
}

impl Backups {
    pub(super) fn new(service: Service) -> Self {
        Self { service, at_work: None }
    }

    /// Takes the first of both that is due; returns when the next one is.
    async fn begin(&mut self) -> Result<Option<Instant>> {
        let mut next: Option<Instant> = None;
        for kind in BackupKind::ALL {
            match claim_backup(&self.service, kind).await? {
                BackupTurn::Now => {
                    let service = self.service.clone();
                    let work = tokio::spawn(async move { perform_backup(&service, kind).await });
                    self.at_work = Some((kind, work));
                    return Ok(Some(self.service.now().plus(HOLD)));
                }
                BackupTurn::Later(at) => next = next.into_iter().chain(at).min(),
            }
        }
        Ok(next)
    }
}

impl Duty for Backups {
    const NAME: &'static str = "backup";

    async fn run_once(&mut self) -> Result<More> {
        if let Some((kind, work)) = self.at_work.take() {
            if !work.is_finished() {
                self.at_work = Some((kind, work));
                renew_backup(&self.service, kind).await?;
                return Ok(More::At(Some(self.service.now().plus(HOLD))));
            }
            ended(kind, work).await?;
        }
        Ok(More::At(self.begin().await?))
    }

    async fn end(self) {
        if let Some((kind, work)) = self.at_work
            && let Err(error) = ended(kind, work).await
        {
            tracing::warn!(?kind, %error, "it is not known how it ended; it is done again");
        }
    }
}

/// Tells how it ended.
async fn ended(kind: BackupKind, work: JoinHandle<Result<Performed>>) -> Result<()> {
    match work.await {
        Ok(Ok(Performed::Done)) => tracing::info!(?kind, "done by schedule"),
        Ok(Ok(Performed::Failed(error))) => tracing::error!(?kind, %error, "failed; a task tells of it"),
        Ok(Ok(Performed::GivenUp)) => tracing::info!(?kind, "given up, as the daemon stops; it is due as before"),
        Ok(Err(error)) => return Err(error),
        Err(error) => tracing::error!(?kind, %error, "lost by a fault of the daemon; it is done again"),
    }
    Ok(())
}
