//! A listener on 127.0.0.1 that hands each connection to a thread; stopped, it closes them all. What is said on a
//! connection is its user's.

use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// The listener; dropping it stops it.
pub(crate) struct Serving {
    port: u16,
    open: Arc<Open>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Open {
    stopped: AtomicBool,
    streams: Mutex<Vec<TcpStream>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Serving {
    /// Listens on `port`, or on a free one for 0.
    pub(crate) fn start(port: u16, talk: impl Fn(TcpStream) + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let port = listener.local_addr()?.port();
        let open = Arc::new(Open::default());
        let (shared, talk) = (Arc::clone(&open), Arc::new(talk));
        let accepting = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if shared.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(kept) = stream.try_clone() else {
                    return;
                };
                lock(&shared.streams).push(kept);
                let talk = Arc::clone(&talk);
                let thread = std::thread::spawn(move || {
                    let ended = stream.try_clone();
                    talk(stream);
                    // The listener keeps a copy, so dropping the stream would not close it.
                    let _ = ended.map(|stream| stream.shutdown(Shutdown::Both));
                });
                lock(&shared.threads).push(thread);
            }
        });
        Ok(Self { port, open, accepting: Some(accepting) })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.open.stopped.store(true, Ordering::SeqCst);
        // Ends the wait for the next connection.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
        for stream in lock(&self.open.streams).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let threads: Vec<_> = lock(&self.open.threads).drain(..).collect();
        for thread in threads {
            let _ = thread.join();
        }
    }
}

/// The lock, also after a thread that held it has panicked.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
