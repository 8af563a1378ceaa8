//! A throw-away PostgreSQL cluster for one test binary, and a fresh database for each test.
//!
//! The server listens on a Unix socket in its temporary folder only. It stops, and the folder
//! goes, when the test process ends, also by a signal: a shell that owns the server waits for the
//! end of its input.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// `$1` is the folder of PostgreSQL's programs, `$2` the cluster's own, which this removes however
/// it ends. Only the server keeps the stderr it was given: its end is seen as that stream's end.
///
/// SIGQUIT stops the server at once, but a shell's background process ignores it until the server
/// has its own handler; SIGTERM ends the process before that, and after it asks for a slow stop.
///
/// With a `$3`, the folder of another server's socket, it is a standby that follows that one.
const KEEPER: &str = r#"
trap 'rm -rf "$2"' EXIT
if [ -n "$3" ]; then
    "$1/pg_basebackup" --no-sync -U postgres -h "$3" -c fast -R -D "$2/data" >/dev/null || exit
else
    "$1/initdb" --no-sync -A trust -U postgres -E UTF8 --locale=C -D "$2/data" >/dev/null || exit
fi
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=200 \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c lc_messages=C &
exec 2>/dev/null
read -r _
kill -TERM $!
kill -QUIT $!
wait
"#;

/// What the log of a server says once it answers, of a standby once it answers what reads.
const READY: [&str; 2] =
    ["database system is ready to accept connections", "database system is ready to accept read-only connections"];

/// A running server. Dropping it stops it.
pub struct Server {
    keeper: Child,
    folder: PathBuf,
    programs: PathBuf,
    databases: AtomicU32,
}

/// An empty database on a [`Server`].
#[derive(Clone, Debug)]
pub struct Database {
    /// `postgres://postgres@/NAME?host=/folder/of/the/socket`, for tokio-postgres, libpq and
    /// Muista's `--database-url`.
    pub url: String,
}

/// The server of this test process, started at the first call.
///
/// # Panics
/// When no server can be started; the message says what is missing.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| match Server::start() {
        Ok(server) => server,
        Err(error) => panic!("no PostgreSQL server for the tests: {error}"),
    })
}

impl Server {
    /// Makes a cluster in a temporary folder and starts its server; returns once it answers.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start; the text holds what it printed.
    pub fn start() -> io::Result<Self> {
        Self::start_following(None)
    }

    /// Starts a standby that copies this server, and follows it until it is promoted.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn standby(&self) -> io::Result<Self> {
        Self::start_following(Some(&self.folder))
    }

    /// Makes a standby the primary; returns once it takes writes.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn promote(&self) {
        self.execute("postgres", "SELECT pg_promote(wait => true)");
    }

    /// Runs SQL on one of the server's databases.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn run(&self, database: &str, sql: &str) {
        self.execute(database, sql);
    }

    fn start_following(primary: Option<&Path>) -> io::Result<Self> {
        let programs = find_programs()?;
        let account = Account::to_run_as()?;
        let temporary = tempfile::Builder::new().prefix("muista-pg-").tempdir()?;
        if let Some(account) = &account {
            chown(temporary.path(), Some(account.uid), Some(account.gid))?;
        }

        let mut command = Command::new("/bin/sh");
        command.args(["-c", KEEPER, "keeper"]);
        command.arg(&programs).arg(temporary.path()).args(primary);
        let mut keeper = run_as(&mut command, account.as_ref())
            .current_dir(temporary.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // Outside the group that Ctrl-C or a timeout kills.
            .process_group(0)
            .spawn()
            .map_err(|error| {
                let folder = temporary.path().display();
                io::Error::other(format!(
                    "{folder} as the server's user: {error}; set TMPDIR to a folder for all users"
                ))
            })?;
        // From here the keeper removes the folder.
        let folder = temporary.keep();
        let stderr = keeper.stderr.take();
        let server = Self { keeper, folder, programs, databases: AtomicU32::new(0) };
        wait_until_ready(stderr)?;
        Ok(server)
    }

    /// A new, empty database.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn database(&self) -> Database {
        self.database_with("")
    }

    /// A new, empty database made with some options of `CREATE DATABASE`.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn database_with(&self, options: &str) -> Database {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.execute("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0 {options}"));
        self.at(&name)
    }

    /// A new database with the tables and rows of `template`, to which nobody may be connected.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn database_like(&self, template: &Database) -> Database {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let template = template.name();
        self.execute("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}"));
        self.at(&name)
    }

    /// The folder that holds the server's socket.
    pub fn socket_folder(&self) -> &Path {
        &self.folder
    }

    fn at(&self, name: &str) -> Database {
        Database { url: format!("postgres://postgres@/{name}?host={}", self.host()) }
    }

    /// The folder of the socket as it stands in a URL's `host=`.
    pub fn host(&self) -> String {
        percent_encode(self.folder.as_os_str().as_encoded_bytes())
    }

    fn execute(&self, database: &str, sql: &str) {
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-q", "-U", "postgres", "-d", database, "-c", sql, "-h"])
            .arg(&self.folder)
            .stdin(Stdio::null())
            .output();
        match output {
            Ok(output) if output.status.success() => {}
            Ok(output) => panic!("{sql}: {}", String::from_utf8_lossy(&output.stderr)),
            Err(error) => panic!("psql: {error}"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // The keeper ends by itself; nothing is left to do if it can't be waited for.
        let _ = self.keeper.wait();
    }
}

impl Database {
    /// Its name on the server.
    pub fn name(&self) -> &str {
        let path = self.url.split('?').next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default()
    }
}

/// The account that the server runs under when that is not the tests' own.
pub(crate) struct Account {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Account {
    /// `postgres` for root, which PostgreSQL refuses to run as; else none.
    pub(crate) fn to_run_as() -> io::Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let passwd = fs::read_to_string("/etc/passwd")?;
        passwd
            .lines()
            .find_map(Self::parse)
            .map(Some)
            .ok_or_else(|| io::Error::other("no user `postgres` to run it as: `apt-get install postgresql`"))
    }

    /// Reads a line of passwd(5), if it is the one of `postgres`.
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
        let uid = fields.next()?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Self { uid, gid })
    }
}

pub(crate) fn run_as<'a>(command: &'a mut Command, account: Option<&Account>) -> &'a mut Command {
    match account {
        Some(account) => command.uid(account.uid).gid(account.gid),
        None => command,
    }
}

/// Reads the server's log up to the line that says it answers, and keeps a thread reading: a full
/// pipe would stop the server.
fn wait_until_ready(stderr: Option<ChildStderr>) -> io::Result<()> {
    let Some(stderr) = stderr else {
        return Err(io::Error::other("the server has no log"));
    };
    let mut log = BufReader::new(stderr);
    let mut seen = Vec::new();
    loop {
        let from = seen.len();
        if log.read_until(b'\n', &mut seen)? == 0 {
            let seen = String::from_utf8_lossy(&seen);
            return Err(io::Error::other(format!("it did not start: {seen}")));
        }
        if String::from_utf8_lossy(seen.get(from..).unwrap_or_default())
            .lines()
            .any(|line| READY.iter().any(|ready| line.ends_with(ready)))
        {
            break;
        }
    }
    thread::spawn(move || io::copy(&mut log.by_ref(), &mut io::sink()));
    Ok(())
}

/// The folder with `initdb`, `postgres` and `psql`: on PATH, or Debian's, where the newest version
/// wins.
fn find_programs() -> io::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .collect();
    versions.sort();
    folders.extend(versions.into_iter().rev().map(|(_, folder)| folder.join("bin")));
    folders
        .into_iter()
        .find(|folder| ["initdb", "postgres", "psql"].iter().all(|it| folder.join(it).is_file()))
        .ok_or_else(|| io::Error::other("no `initdb` on PATH or in /usr/lib/postgresql: `apt-get install postgresql`"))
}

/// Encodes all but unreserved characters and `/` (RFC 3986 §2.3).
pub(crate) fn percent_encode(bytes: &[u8]) -> String {
    let mut encoded = String::new();
    for &byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_are_apart_and_copies_alike() {
        let first = server().database();
        server().execute(first.name(), "CREATE TABLE only_here (id int)");
        let copy = server().database_like(&first);
        assert_ne!(first.url, copy.url);
        server().execute(copy.name(), "SELECT id FROM only_here");

        let other = server().database();
        server().execute(other.name(), "CREATE TABLE only_here (id int)");
    }

    #[test]
    fn a_server_leaves_nothing_behind() {
        let server = Server::start().unwrap_or_else(|error| panic!("{error}"));
        let folder = server.socket_folder().to_owned();
        assert!(folder.join("data").is_dir());
        drop(server);
        assert!(!folder.exists());
    }

    #[test]
    fn reads_the_account_from_passwd() {
        let account = Account::parse("postgres:x:105:110:PostgreSQL:/var/lib/postgresql:/bin/bash");
        assert_eq!(account.map(|it| (it.uid, it.gid)), Some((105, 110)));
        assert!(Account::parse("root:x:0:0::/root:/bin/sh").is_none());
    }

    #[test]
    fn a_folder_with_odd_characters_fits_the_url() {
        assert_eq!(percent_encode(b"/tmp/a b&c"), "/tmp/a%20b%26c");
    }
}
