//! The daemon from start to stop, in order: settings, lock, database, sockets, HTTP, ready; then in reverse.

use std::sync::Arc;
use std::time::Duration;

use muista_core::clock::{Clock, SystemClock};
use muista_core::config::{Config, Role};
use muista_core::error::{Error, Result};
use muista_core::service::backup::left_in_sqlite;
use muista_core::service::engine::release_deliveries;
use muista_core::service::engine::run::release_runs;
use muista_core::service::{Service, Settings, notification};
use muista_core::store::{Database, Migrate, Options, Store, Workers};
use rustix::fs::Mode;

use crate::config::Args;
use crate::http::{self, Address};
use crate::lock::Lock;
use crate::log::Log;
use crate::notify::Notifiers;
use crate::reload::{self, Parts, Reload};
use crate::remote::{Endpoint, Remote};
use crate::rpc::Socket;
use crate::{engine, heap, log, madvise, ready, signal, trace};

/// The threads that serve connections. The database has threads of its own, so these only move bytes and JSON.
const WORKERS: usize = 2;
/// How long calls in flight may take once the daemon is asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Runs the daemon until it is asked to stop.
///
/// # Errors
/// When it cannot start; after that, nothing but a signal ends it.
pub(crate) fn run(args: &Args) -> Result<()> {
    // Whatever the daemon makes is its user's alone: database, socket, lock.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    if args.new_session {
        // Refused only to the first process of a group, which a program that starts others never makes the daemon.
        rustix::process::setsid().map_err(|e| Error::conflict(format!("cannot leave the session: {e}")))?;
    }
    let config = args.load()?;
    let log = log::start(&config, args.log_file.as_deref())?;
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    for error in config.unreadable() {
        tracing::warn!(key = error.field, "a secret cannot be read; what needs it fails: {}", error.message);
    }
    let address = Address::new(&config)?;
    let remote = Endpoint::new(&config.server)?;
    config.listening_socket()?;
    let mut lock = Lock::take(&config.data_dir)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let options = options(args, &config)?;
    let store = Store::open(&options, &clock)?;
    if let Some(left) = left_in_sqlite(&options, &config.data_dir) {
        tracing::warn!(
            "{} is empty, and {} is not: `muista daemon stop`, then `muista move --to '{}'` brings over what is there",
            store.name(),
            left.display(),
            store.name()
        );
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .map_err(|e| Error::unavailable(format!("cannot start the daemon's threads: {e}")))?;
    let service = Service::new(store, clock).with_settings(Settings::of(&config));
    let started = Started { args, config: &config, address, remote, log, lock: &mut lock };
    runtime.block_on(serve(started, service.clone()))?;
    service.close();
    tracing::info!("stopped");
    Ok(())
}

fn options(args: &Args, config: &Config) -> Result<Options> {
    Ok(Options {
        database: config.database()?,
        ca: config.database_ca.clone(),
        migrate: if args.no_migrate { Migrate::Refuse } else { Migrate::Run },
        workers: Workers::Daemon,
        usage: config.database_usage(),
    })
}

/// What the daemon has before it serves anybody.
struct Started<'a> {
    args: &'a Args,
    config: &'a Config,
    address: Address,
    remote: Option<Endpoint>,
    log: Log,
    lock: &'a mut Lock,
}

async fn serve(started: Started<'_>, service: Service) -> Result<()> {
    let Started { args, config, address, remote, log, lock } = started;
    let stop = signal::watch()?;
    // Commands go to the daemon that answers; one that only works has no socket.
    let answers = config.role != Role::Worker;
    let socket = answers.then(|| config.listening_socket().and_then(Socket::listen)).transpose()?;
    let remote = match remote.filter(|_| answers) {
        Some(endpoint) => Some(endpoint.listen().await?),
        None => None,
    };
    let listener = address.listen().await?;
    let http = listener.local_addr().map_err(|e| Error::internal(format!("cannot tell the HTTP address: {e}")))?;
    let service = service.with_http(&http.to_string());
    reload::adopt_zone(config, &service).await?;
    let traces = config.server.otlp_url.as_deref().map(trace::start).transpose()?;
    let notifiers = (config.role != Role::Server).then(|| Notifiers::new(config)).transpose()?;
    tokio::spawn(give_up_at(stop.clone(), service.clone()));
    let engine = start_engine(config, &service, notifiers.clone(), &stop).await?;
    let watchdog = engine.as_ref().map(engine::Engine::watchdog);
    let vitals = http::Vitals::new(watchdog, stop.clone());
    let (stack, tls) = (http::middleware_stack(config, &service, vitals).await?, http::acceptor(config)?);
    signal::on_user_signal(log.clone())?;
    let parts = Parts { service: service.clone(), notifiers, http: http::Live::of(&stack), log };
    let reload = Reload::new(args, config, parts);
    reload.on_hangup()?;
    service.set_control(reload);
    if let Some(socket) = &socket {
        lock.leave_address(socket.path())?;
    }
    ready::tell(socket.as_ref().map(Socket::path), http, remote.as_ref().map(Remote::address));

    let commands = async {
        if let Some(socket) = socket {
            socket.serve(service.clone(), stop.clone()).await;
        }
    };
    let web = http::serve(listener, tls, stack, stop.clone());
    let remote_commands = async {
        if let Some(remote) = remote {
            remote.serve(service.clone(), stop.clone()).await;
        }
    };
    madvise::let_go_of_code();
    let calls = async { tokio::join!(commands, remote_commands, web) };
    // The engine ends by itself, and hands back what it cannot finish.
    let work = async {
        if let Some(engine) = engine {
            engine.ended().await;
        }
    };
    tokio::select! {
        _ = async { tokio::join!(within_grace(calls, &stop), work) } => {}
        () = heap::release_after_peaks() => {}
    }
    if let Some(traces) = traces {
        traces.end().await;
    }
    Ok(())
}

/// Gives up what takes long once the daemon is asked to stop.
async fn give_up_at(stop: signal::Stop, service: Service) {
    stop.asked().await;
    service.give_up();
}

/// Waits for calls to end; once the daemon is asked to stop, no longer than [`GRACE`].
async fn within_grace(calls: impl Future, stop: &signal::Stop) {
    let late = async {
        stop.asked().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        _ = calls => {}
        () = late => tracing::warn!(seconds = GRACE.as_secs(), "calls still in flight are given up"),
    }
}

/// Starts the engine, unless this daemon only answers.
async fn start_engine(
    config: &Config,
    service: &Service,
    notifiers: Option<Notifiers>,
    stop: &signal::Stop,
) -> Result<Option<engine::Engine>> {
    let Some(notifiers) = notifiers else {
        return Ok(None);
    };
    notification::send_held_of_local(service).await?;
    // Nobody else delivers from the database that lies in the folder whose lock is held: what a daemon that died had
    // taken is free at once.
    if config.database_url.is_none() && matches!(config.database()?, Database::Sqlite(_)) {
        let freed = release_deliveries(service).await?;
        if freed > 0 {
            tracing::info!(messages = freed, "messages of a daemon that is gone were taken over");
        }
        let freed = release_runs(service).await?;
        if freed > 0 {
            tracing::warn!(runs = freed, "runs were taken over from a daemon that is gone");
        }
    }
    let engine = engine::start(service, notifiers, stop);
    Ok(Some(engine.with_scripts(service, engine::Processes::new(service.clone()), stop)))
}
