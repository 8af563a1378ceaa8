//! Hearing of what other processes commit on the same database, so that those who wait here are woken, and of a restore.
//! How a database tells is the store's.

use std::convert::Infallible;
use std::time::Duration;

use crate::error::Result;
use crate::service::{Service, Topic};
use crate::store::ChangeNotification;

/// How long until the database is listened to again after that has failed; it doubles up to [`LONGEST`].
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// Wakes those who wait in this process when another commits work for them. Never returns; dropping it ends it.
pub async fn listen(service: &Service) {
    let mut pause = PAUSE;
    loop {
        let heard = |heard: ChangeNotification<'_>| match heard {
            // What was said while nobody listened is not said again.
            ChangeNotification::Listening | ChangeNotification::Anything | ChangeNotification::Restored => {
                Topic::ALL.into_iter().for_each(|topic| service.bus.publish(topic));
                let service = service.clone();
                // Where it fails, the next change that goes by an entity tag finds it out.
                tokio::spawn(async move { drop(service.look_up_epoch().await) });
            }
            ChangeNotification::Said(payload) => service.bus.receive(payload),
        };
        let begun = std::time::Instant::now();
        let Err(error): Result<Infallible> = service.store.listen(heard).await;
        if begun.elapsed() > LONGEST {
            pause = PAUSE;
        }
        tracing::warn!(%error, "other processes cannot be heard; work is found within 30 seconds meanwhile");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
}
