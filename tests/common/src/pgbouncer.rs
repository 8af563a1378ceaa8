//! pgbouncer before the server of [`crate::postgres`], for tests of what is behind a pooler.

use std::fs;
use std::io;
use std::os::unix::fs::chown;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::postgres::{Account, Database, Server, percent_encode, run_as};

const PORT: u16 = 6432;

/// Runs `$1` with the settings of the folder `$2`, which this removes however it ends: with the test process, whose end is
/// that of its input.
const KEEPER: &str = r#"
trap 'rm -rf "$2"' EXIT
"$1" -q "$2/pgbouncer.ini" &
read -r _
kill -TERM $! 2>/dev/null
wait
"#;

/// A running pgbouncer. Dropping it stops it.
pub struct Pooler {
    keeper: Child,
    folder: PathBuf,
}

impl Pooler {
    /// Starts pgbouncer in a `pool_mode` before a server, with so many of its connections for each database.
    ///
    /// # Errors
    /// When pgbouncer is not installed or does not start.
    pub fn start(server: &Server, mode: &str, size: u16) -> io::Result<Self> {
        let program = find()?;
        let account = Account::to_run_as()?;
        let folder = tempfile::Builder::new().prefix("muista-pgb-").tempdir()?;
        let (here, there) = (folder.path().display(), server.socket_folder().display());
        let users = folder.path().join("users");
        fs::write(&users, "\"postgres\" \"\"\n")?;
        let settings = folder.path().join("pgbouncer.ini");
        fs::write(
            &settings,
            format!(
                "[databases]\n* = host={there}\n[pgbouncer]\nlisten_addr =\nlisten_port = {PORT}\nunix_socket_dir = {here}\n\
                 auth_type = trust\nauth_file = {}\npool_mode = {mode}\ndefault_pool_size = {size}\n\
                 max_client_conn = 500\nserver_idle_timeout = 3\nlogfile = {here}/log\n",
                users.display()
            ),
        )?;
        if let Some(account) = &account {
            for path in [folder.path(), &users, &settings] {
                chown(path, Some(account.uid), Some(account.gid))?;
            }
        }
        let mut command = Command::new("/bin/sh");
        command.args(["-c", KEEPER, "keeper"]).arg(program).arg(folder.path());
        let keeper = run_as(&mut command, account.as_ref())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        // From here the keeper removes the folder.
        let pooler = Self { keeper, folder: folder.keep() };
        pooler.wait()?;
        Ok(pooler)
    }

    /// Returns the same database through the pooler.
    pub fn before(&self, database: &Database) -> Database {
        let base = database.url.split('?').next().unwrap_or_default();
        let host = percent_encode(self.folder.as_os_str().as_encoded_bytes());
        Database { url: format!("{base}?host={host}&port={PORT}") }
    }

    /// The socket that it listens on.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(format!(".s.PGSQL.{PORT}"))
    }

    fn wait(&self) -> io::Result<()> {
        let socket = self.socket();
        let began = Instant::now();
        while UnixStream::connect(&socket).is_err() {
            if began.elapsed() > Duration::from_secs(20) {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                return Err(io::Error::other(format!("pgbouncer does not listen: {log}")));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // The keeper ends by itself; nothing is left to do if it can't be waited for.
        let _ = self.keeper.wait();
    }
}

/// Returns the URL of a database past the pooler.
pub fn past(url: &str, server: &Server) -> String {
    let base = url.split('?').next().unwrap_or_default();
    format!("{base}?host={}", server.host())
}

fn find() -> io::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.push(Path::new("/usr/sbin").to_owned());
    let program = folders.into_iter().map(|folder| folder.join("pgbouncer")).find(|program| program.is_file());
    program.ok_or_else(|| io::Error::other("no `pgbouncer` on PATH or in /usr/sbin: `apt-get install pgbouncer`"))
}
