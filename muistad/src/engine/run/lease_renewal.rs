//! Keeps the lease of one run, beside the run itself: renews it, hears of a request to stop, and gives it up where it
//! could not be renewed in time, so that two daemons never work on the run at once.

use std::time::Duration;

use muista_core::error::Result;
use muista_core::service::engine::run::{Lease, Renewal, check_run, renew_run};
use muista_core::service::{Service, Subscription};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout_at};

/// How often the lease is renewed.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How long the run is worked on without renewal: the lease itself lasts longer, by what killing a script may take.
const UNSURE: Duration = Duration::from_secs(20);
/// How long until a renewal that failed is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// What can be done with a lease.
pub(super) trait Holder: Send + 'static {
    /// Has it last longer.
    fn renew(&self) -> impl Future<Output = Result<Renewal>> + Send;
    /// Looks how it stands.
    fn check(&self) -> impl Future<Output = Result<Renewal>> + Send;
    /// Returns when it may stand otherwise.
    fn woken(&mut self) -> impl Future<Output = ()> + Send;
}

/// The lease in the database.
pub(super) struct InDatabase {
    pub(super) service: Service,
    pub(super) lease: Lease,
    pub(super) wake: Subscription,
}

impl Holder for InDatabase {
    async fn renew(&self) -> Result<Renewal> {
        renew_run(&self.service, self.lease).await
    }

    async fn check(&self) -> Result<Renewal> {
        check_run(&self.service, self.lease).await
    }

    async fn woken(&mut self) {
        self.wake.woken().await;
    }
}

/// Keeps a lease that was given not before `since`, until it is lost. Each renewal is told, and each request to stop.
pub(super) async fn renew_lease(mut holder: impl Holder, since: Instant, tell: watch::Sender<Renewal>) {
    let mut unsure = since + UNSURE;
    let mut next = since + HEARTBEAT;
    loop {
        let renews = tokio::select! {
            () = sleep_until(next.min(unsure)) => true,
            () = holder.woken() => false,
        };
        let began = Instant::now();
        let asked = async { if renews { holder.renew().await } else { holder.check().await } };
        match timeout_at(unsure, asked).await {
            Ok(Ok(Renewal::Lost)) | Err(_) => break,
            Ok(Ok(standing)) if renews => {
                (unsure, next) = (began + UNSURE, began + HEARTBEAT);
                tell.send_replace(standing);
            }
            Ok(Ok(standing)) => {
                tell.send_if_modified(|told| std::mem::replace(told, standing) != standing);
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "the lease of a run could not be renewed; it is tried again");
                next = next.max(Instant::now() + PAUSE);
            }
        }
        if Instant::now() >= unsure {
            break;
        }
    }
    tell.send_replace(Renewal::Lost);
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::sync::{Arc, Mutex};

    use muista_core::error::Error;
    use tokio::sync::Notify;

    use super::*;

    /// A lease by hand; each renewal is noted with the seconds since the start.
    #[derive(Clone)]
    struct ByHand {
        start: Instant,
        answer: Arc<Mutex<Option<Result<Renewal>>>>,
        renewed: Arc<Mutex<Vec<u64>>>,
        wake: Arc<Notify>,
    }

    impl ByHand {
        fn new() -> Self {
            let answer = Arc::new(Mutex::new(Some(Ok(Renewal::Held))));
            Self { start: Instant::now(), answer, renewed: Arc::default(), wake: Arc::default() }
        }

        /// None: there is no answer at all.
        fn answers(&self, answer: Option<Result<Renewal>>) {
            *self.answer.lock().unwrap() = answer;
        }

        async fn answer(&self) -> Result<Renewal> {
            let answer = self.answer.lock().unwrap().clone();
            match answer {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        }

        fn keep(&self) -> watch::Receiver<Renewal> {
            let (tell, told) = watch::channel(Renewal::Held);
            tokio::spawn(renew_lease(self.clone(), Instant::now(), tell));
            told
        }

        fn seconds(&self) -> u64 {
            self.start.elapsed().as_secs()
        }
    }

    impl Holder for ByHand {
        async fn renew(&self) -> Result<Renewal> {
            self.renewed.lock().unwrap().push(self.seconds());
            self.answer().await
        }

        async fn check(&self) -> Result<Renewal> {
            self.answer().await
        }

        async fn woken(&mut self) {
            self.wake.notified().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_renewed_every_ten_seconds_and_each_time_that_is_told() {
        let lease = ByHand::new();
        let mut told = lease.keep();
        for seconds in [10, 20, 30] {
            told.changed().await.unwrap();
            assert_eq!((*told.borrow_and_update(), lease.seconds()), (Renewal::Held, seconds));
        }
        assert_eq!(*lease.renewed.lock().unwrap(), [10, 20, 30]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_to_stop_is_heard_at_once_and_the_lease_kept() {
        let lease = ByHand::new();
        let mut told = lease.keep();
        tokio::time::sleep(Duration::from_secs(3)).await;
        lease.wake.notify_one();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!told.has_changed().unwrap(), "nothing was asked for");
        lease.answers(Some(Ok(Renewal::CancelRequested)));
        lease.wake.notify_one();
        told.changed().await.unwrap();
        assert_eq!((*told.borrow_and_update(), lease.seconds()), (Renewal::CancelRequested, 4));
        told.changed().await.unwrap();
        assert_eq!((*told.borrow_and_update(), lease.seconds()), (Renewal::CancelRequested, 10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_that_somebody_else_has_is_lost_at_once() {
        let lease = ByHand::new();
        let mut told = lease.keep();
        lease.answers(Some(Ok(Renewal::Lost)));
        lease.wake.notify_one();
        told.changed().await.unwrap();
        assert_eq!((*told.borrow_and_update(), lease.seconds()), (Renewal::Lost, 0));
        assert!(told.changed().await.is_err(), "nobody keeps it any more");
    }

    #[tokio::test(start_paused = true)]
    async fn without_renewal_it_is_given_up_after_twenty_seconds() {
        for answer in [None, Some(Err(Error::unavailable("the database is away")))] {
            let lease = ByHand::new();
            let mut told = lease.keep();
            told.changed().await.unwrap();
            lease.answers(answer);
            told.borrow_and_update();
            told.changed().await.unwrap();
            assert_eq!(
                (*told.borrow_and_update(), lease.seconds()),
                (Renewal::Lost, 30),
                "20 s after the last renewal"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_outage_is_survived() {
        let lease = ByHand::new();
        let mut told = lease.keep();
        lease.answers(Some(Err(Error::unavailable("the database is away"))));
        tokio::time::sleep(Duration::from_millis(15_500)).await;
        lease.answers(Some(Ok(Renewal::Held)));
        told.changed().await.unwrap();
        assert_eq!((*told.borrow_and_update(), lease.seconds()), (Renewal::Held, 16));
    }
}
