//! One accept loop for every listener: a bounded number of connections, each in a task of its own, and an end that
//! waits for them. What a connection says is its protocol's.

use std::time::Duration;

use tokio::task::{JoinError, JoinSet};

use crate::signal::Stop;

/// How long to wait after a failed accept: the process is out of files, and asking again at once would not help.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts until asked to stop, then drops `accept`, which owns the listener, and waits until the last connection has
/// ended; each watches `stop` itself. So who comes meanwhile is refused at once, and need not wait for others' answers.
/// Not more than `most` are served at a time, the next ones wait in the listener's queue.
pub(crate) async fn serve<S, F>(
    what: &'static str,
    most: usize,
    accept: impl AsyncFn() -> std::io::Result<S>,
    connection: impl Fn(S) -> F,
    stop: Stop,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    let mut asked = std::pin::pin!(stop.asked());
    loop {
        tokio::select! {
            () = &mut asked => break,
            Some(ended) = connections.join_next() => log_panic(what, ended),
            accepted = accept(), if connections.len() < most => match accepted {
                Ok(stream) => {
                    connections.spawn(connection(stream));
                }
                Err(error) => {
                    tracing::warn!(what, %error, "cannot accept a connection");
                    tokio::time::sleep(PAUSE).await;
                }
            },
        }
    }
    drop(accept);
    while let Some(ended) = connections.join_next().await {
        log_panic(what, ended);
    }
}

/// A connection that panicked took nothing with it but itself.
fn log_panic(what: &'static str, ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(what, %error, "a connection was lost by a fault of the daemon");
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

    use std::sync::Arc;

    use tokio::sync::{Mutex, Notify, mpsc};
    use tokio::task::LocalSet;

    use super::*;

    /// Serves numbers as if they were connections, and panics at 0. To be used within a `LocalSet`.
    struct Trial {
        connect: mpsc::UnboundedSender<u32>,
        begun: mpsc::UnboundedReceiver<u32>,
        finish: Arc<Notify>,
        stop: tokio::sync::watch::Sender<bool>,
        served: tokio::task::JoinHandle<()>,
    }

    fn trial(most: usize) -> Trial {
        let (connect, incoming) = mpsc::unbounded_channel();
        let (tell, begun) = mpsc::unbounded_channel();
        let finish = Arc::new(Notify::new());
        let (stop, asked) = Stop::by_hand();
        let incoming = Arc::new(Mutex::new(incoming));
        let end = Arc::clone(&finish);
        let served = tokio::task::spawn_local(async move {
            let accept = async move || match incoming.lock().await.recv().await {
                Some(number) => Ok(number),
                None => std::future::pending().await,
            };
            let connection = |number| {
                let (tell, end) = (tell.clone(), Arc::clone(&end));
                async move {
                    if number == 0 {
                        panic!("a fault");
                    }
                    tell.send(number).unwrap();
                    end.notified().await;
                }
            };
            serve("trial", most, accept, connection, asked).await;
        });
        Trial { connect, begun, finish, stop, served }
    }

    #[tokio::test]
    async fn a_stop_waits_for_the_connections_that_are_open() {
        let test = async {
            let mut trial = trial(8);
            trial.connect.send(1).unwrap();
            assert_eq!(trial.begun.recv().await, Some(1));
            trial.stop.send(true).unwrap();
            tokio::task::yield_now().await;
            assert!(!trial.served.is_finished());
            assert!(trial.connect.is_closed(), "nobody else is let in");
            trial.finish.notify_one();
            trial.served.await.unwrap();
        };
        LocalSet::new().run_until(test).await;
    }

    #[tokio::test]
    async fn a_connection_that_panics_takes_no_other_with_it() {
        let test = async {
            let mut trial = trial(8);
            for number in [1, 0, 2] {
                trial.connect.send(number).unwrap();
            }
            assert_eq!((trial.begun.recv().await, trial.begun.recv().await), (Some(1), Some(2)));
        };
        LocalSet::new().run_until(test).await;
    }

    #[tokio::test]
    async fn connections_beyond_the_most_wait() {
        let test = async {
            let mut trial = trial(1);
            trial.connect.send(1).unwrap();
            trial.connect.send(2).unwrap();
            assert_eq!(trial.begun.recv().await, Some(1));
            tokio::task::yield_now().await;
            assert!(trial.begun.try_recv().is_err(), "the second waits");
            trial.finish.notify_one();
            assert_eq!(trial.begun.recv().await, Some(2));
        };
        LocalSet::new().run_until(test).await;
    }
}
