//! [`CommandContext`]: what a verb has at hand — configuration, clock, zone, output, connection — each made when it is
//! first asked for. It knows no verb.

use std::cell::{Cell, OnceCell, RefCell};
use std::io::{IsTerminal, Write};

use muista_core::clock::{Clock, SystemClock};
use muista_core::config::{Config, Flags, Sources, system_runtime_dir};
use muista_core::model::{Id, RecordKind, RecordRef};
use muista_core::rpc::Client;
use muista_core::store::Database;
use muista_core::time::{self, Context};

use crate::client::Session;
use crate::connection_target::{self, ConnectionTarget};
use crate::error::{CliError, Result};
use crate::globals::Globals;
use crate::output::{Output, Screen, View, safe};

/// What a verb has at hand.
pub(crate) struct CommandContext {
    globals: Globals,
    sources: Sources,
    config: OnceCell<Config>,
    /// The zone that the account has, once it was asked.
    account_zone: OnceCell<Option<String>>,
    context: OnceCell<Context>,
    session: RefCell<Option<Session>>,
    told_of_daemon: Cell<bool>,
}

impl CommandContext {
    /// Makes a context that has done nothing yet.
    ///
    /// # Errors
    /// When there is no current folder, from which relative paths would begin.
    pub(crate) fn new(globals: Globals) -> Result<Self> {
        let folder =
            std::env::current_dir().map_err(|e| CliError::failed(format!("cannot tell the current folder: {e}")))?;
        let flags = Flags {
            config: globals.config.clone(),
            data_dir: globals.data_dir.clone(),
            socket: globals.socket.clone(),
            remote: globals.remote.clone(),
            color: globals.color.map(|color| color.name().to_owned()),
            ..Flags::default()
        };
        Ok(Self {
            globals,
            sources: Sources::new(flags, std::env::vars_os(), folder).with_runtime_dir(system_runtime_dir()),
            config: OnceCell::new(),
            account_zone: OnceCell::new(),
            context: OnceCell::new(),
            session: RefCell::new(None),
            told_of_daemon: Cell::new(false),
        })
    }

    /// Asks for the account's zone, in which dates are read where the configuration names none.
    ///
    /// # Errors
    /// When the configuration cannot be read or the service cannot be reached.
    pub(crate) async fn learn_zone(&self) -> Result<()> {
        if self.config()?.timezone.is_some() || self.nothing_is_kept_yet()? {
            return Ok(());
        }
        let identity = self.client().await?.whoami().await?;
        // It is asked once, before anything else.
        let _ = self.account_zone.set(identity.timezone);
        Ok(())
    }

    /// Returns whether there is no database yet, whose making is for the verb itself.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub(crate) fn nothing_is_kept_yet(&self) -> Result<bool> {
        Ok(matches!(self.target()?, ConnectionTarget::Default)
            && matches!(self.config()?.database(), Ok(Database::Sqlite(path)) if !path.exists()))
    }

    /// Runs a future to its end on this thread.
    ///
    /// # Errors
    /// When the system gives no event queue, and the future's own.
    pub(crate) fn block_on<T>(&self, future: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| CliError::failed(format!("cannot start the runtime: {e}")))?
            .block_on(future)
    }

    /// Returns the flags that every verb takes.
    pub(crate) fn globals(&self) -> &Globals {
        &self.globals
    }

    /// Returns where the configuration comes from.
    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Returns the configuration.
    ///
    /// # Errors
    /// When the file, a variable or a flag holds what cannot be read.
    pub(crate) fn config(&self) -> Result<&Config> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let config = Config::load(&self.sources)?;
        config.warnings().iter().for_each(|warning| self.note(warning));
        Ok(self.config.get_or_init(|| config))
    }

    /// Returns what dates are read and shown against: now, when it was first asked for, and the user's zone, which is
    /// the configuration's, else the account's, else the machine's.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub(crate) fn context(&self) -> Result<&Context> {
        if let Some(context) = self.context.get() {
            return Ok(context);
        }
        let config = self.config()?;
        let of_account = self.account_zone.get().and_then(Option::as_deref);
        let zone = time::zone(config.timezone.as_deref().or(of_account).unwrap_or("system"))?;
        let context = Context { now: SystemClock.now(), zone, date_order: config.date_order };
        Ok(self.context.get_or_init(|| context))
    }

    /// Returns where results go.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub(crate) fn out(&self) -> Result<Output> {
        let screen = Screen::of_stdout(self.config()?.color);
        Ok(Output {
            format: self.globals.format(),
            quiet: self.globals.quiet,
            view: View { context: self.context()?.clone(), screen },
            formulas: self.globals.formulas(),
            pager: self.globals.pager(),
        })
    }

    /// Returns where commands go.
    ///
    /// # Errors
    /// When the configuration, or what `login` stored, cannot be read.
    pub(crate) fn target(&self) -> Result<ConnectionTarget> {
        Ok(connection_target::choose(&self.sources, self.config()?)?)
    }

    /// Returns the service, in the daemon or in this process.
    ///
    /// # Errors
    /// `Unavailable` when neither the daemon nor the database can be reached.
    pub(crate) async fn client(&self) -> Result<Client> {
        if let Some(session) = &*self.session.borrow() {
            return Ok(session.client());
        }
        let config = self.config()?;
        let zone = time::zone(config.timezone.as_deref().unwrap_or("system"))?;
        let session = Session::open(config, &self.target()?, &zone, None).await?;
        self.detail(session.endpoint());
        self.tell_made(&session);
        let client = session.client();
        self.session.replace(Some(session));
        Ok(client)
    }

    /// Returns the id of a record that is named by it, or by what a table shows of it.
    ///
    /// # Errors
    /// `NotFound` where nothing has that id, `Conflict` where several begin so.
    pub(crate) async fn id_of(&self, kind: RecordKind, named: RecordRef) -> Result<Id> {
        match named {
            RecordRef::Id(id) => Ok(id),
            RecordRef::Short(short) => Ok(self.client().await?.find_id(kind, short).await?),
        }
    }

    /// Returns the ids of records, each once.
    ///
    /// # Errors
    /// Those of [`Self::id_of`].
    pub(crate) async fn ids_of(&self, kind: RecordKind, named: Vec<RecordRef>) -> Result<Vec<Id>> {
        let mut ids = Vec::with_capacity(named.len());
        for name in named {
            let id = self.id_of(kind, name).await?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    /// Says where the tasks are kept when that is new: whoever meant other data sees it at once.
    pub(crate) fn tell_made(&self, session: &Session) {
        if let Some(path) = session.made() {
            self.note(&format!("Made a new database: {}", path.display()));
        }
    }

    /// Says where what was kept so far is, where a PostgreSQL database was empty until now.
    fn tell_left(&self, session: &Session) {
        let Ok(config) = self.config() else { return };
        let Ok(database @ Database::Postgres(_)) = config.database() else { return };
        let left = config.data_dir.join("muista.db");
        if session.has_made_tables() && left.exists() {
            self.note(&format!(
                "{database} was empty. What is in {} is not there; it goes into an empty database by: muista move --to \
                 '{database}'",
                left.display()
            ));
        }
    }

    /// Returns whether a daemon answers the calls, rather than this process. Known once there is a client.
    pub(crate) fn has_daemon(&self) -> bool {
        self.session.borrow().as_ref().is_some_and(Session::is_daemon)
    }

    /// Says once that what was stored waits for a daemon, where none answers. To be called once there is a client.
    pub(crate) fn needs_daemon(&self) {
        if !self.has_daemon() && !self.told_of_daemon.replace(true) {
            self.note("Reminders and jobs need the daemon, which is not running. Start it with: muista daemon start");
        }
    }

    /// Ends the connection; a database that was opened in this process is closed.
    pub(crate) fn close(&self) {
        if let Some(session) = self.session.take() {
            self.tell_left(&session);
            session.close();
        }
    }

    /// Says a line on stderr, unless `--quiet`.
    pub(crate) fn note(&self, line: &str) {
        if !self.globals.quiet {
            stderr(line);
        }
    }

    /// Says on stderr, even with `--quiet`, that something was not read as it was probably meant.
    pub(crate) fn warn(&self, line: &str) {
        stderr(line);
    }

    /// Says what the service told beside its answer.
    pub(crate) fn notices(&self, notices: &[String]) {
        notices.iter().for_each(|notice| self.note(notice));
    }

    /// Says a line on stderr with `--verbose`.
    pub(crate) fn detail(&self, line: &str) {
        if self.globals.verbose {
            stderr(line);
        }
    }

    /// Returns whether somebody sits there to be asked, and may be.
    pub(crate) fn can_ask(&self) -> bool {
        !self.globals.yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }
}

fn stderr(line: &str) {
    // Nobody is left to tell when stderr itself cannot be written.
    let _ = writeln!(std::io::stderr().lock(), "{}", safe::block(line));
}
