//! What a server's answer means: its SQLSTATE (PostgreSQL's appendix A) alone decides, since its texts are in the server's
//! language. Behind a pooler they may be the pooler's own.

use tokio_postgres::Error as Pg;

use super::connection::Failure;
use crate::error::{Error, Trouble};
use crate::store::error::changed_meanwhile;

/// What is said of a connection that is gone.
const CLOSED: &str = "the database closed the connection";

const AGAIN: &str = "try again in a moment";

/// States in which the database can do nothing at all now: what they begin with, what that means, the remedy, and what is
/// the matter with the database, if it is more than this statement. The first that fits counts.
const STATES: &[(&str, &str, &str, Option<Trouble>)] = &[
    ("25006", "the database is read-only", READ_ONLY, Some(Trouble::ReadOnly)),
    ("57014", "the statement took longer than the database allows", TOO_LONG, None),
    ("55P03", "another change holds what this one needs", TOO_LONG, None),
    ("25P03", "the transaction waited longer than the database allows", TOO_LONG, None),
    ("57P01", "the database server is shutting down", AGAIN, Some(Trouble::Unreachable)),
    ("57P02", "the database server has crashed", AGAIN, Some(Trouble::Unreachable)),
    ("57P03", "the database server is starting up, or shutting down", AGAIN, Some(Trouble::Unreachable)),
    ("57P", CLOSED, AGAIN, Some(Trouble::Unreachable)),
    ("08", CLOSED, AGAIN, Some(Trouble::Unreachable)),
    ("53100", "the disk is full", DISK, Some(Trouble::DiskFull)),
    ("53200", "the database server is out of memory", AGAIN, Some(Trouble::Unreachable)),
    ("53300", "the database takes no more connections", CROWDED, Some(Trouble::Unreachable)),
    ("53", "the database server lacks a resource", "look into its log", Some(Trouble::Unreachable)),
    ("40", "another change came between", AGAIN, None),
    ("26000", POOLED, POOLING, None),
    ("42P05", POOLED, POOLING, None),
    ("42501", "the database's role lacks a privilege", GRANT, Some(Trouble::ReadOnly)),
    (
        "28",
        "the database does not let this role in",
        "check the role and the server's pg_hba.conf",
        Some(Trouble::Unreachable),
    ),
    (
        "58",
        "the database server's disk reported an error",
        "look into its log, and check the disk",
        Some(Trouble::Damaged),
    ),
    ("XX001", "the database is damaged", RESTORE, Some(Trouble::Damaged)),
    ("XX002", "the database is damaged", RESTORE, Some(Trouble::Damaged)),
];

const DISK: &str = "free some space on the database's disk; nothing was changed";

const CROWDED: &str = "lower `database_connections`, or raise its max_connections";

const GRANT: &str = "give it the schema's tables: GRANT, or ALTER … OWNER TO";

const RESTORE: &str = "look into the server's log, and restore a backup";

/// The remedy where a server takes no writes.
pub(super) const READ_ONLY: &str = "connect to the primary server, not a standby; else look at \
    default_transaction_read_only of the role, the database and the server, which some set when a disk is full";

const TOO_LONG: &str =
    "try again in a moment; if it stays so, look for long transactions (pg_stat_activity) and for timeouts of the role";

const POOLED: &str = "the database's pooler changed the server between two statements";

const POOLING: &str = "set database_pooling = \"transaction\"";

/// The error for what a query met.
pub(in crate::store) fn of_query(error: &Pg) -> Error {
    let Some(said) = error.as_db_error() else {
        return Error::unavailable(format!("{CLOSED}: {}", chain(error))).hint(AGAIN).of_trouble(Trouble::Unreachable);
    };
    let code = said.code().code();
    match code {
        // A unique or foreign key, an exclusion: what was checked before has changed since.
        "23505" | "23503" | "23P01" | "23001" => changed_meanwhile(said.message()),
        // What a pooler says of itself.
        "08P01" => Error::unavailable(format!("the database's pooler refused: {}", said.message()))
            .hint("have it lend its servers for a session or a transaction, and raise its limits")
            .of_trouble(Trouble::Unreachable),
        _ => state(code)
            .unwrap_or_else(|| Error::internal(format!("the database answered: {} ({code})", said.message()))),
    }
}

/// The error for a server that a connection cannot be made to, which `name` names without a password.
pub(super) fn of_connection(error: &Pg, name: &str, hosts: usize) -> Error {
    let Some(said) = error.as_db_error() else {
        return no_answer(error, name, hosts);
    };
    let code = said.code().code();
    let (meaning, remedy) = match code {
        "3D000" => ("the database does not exist".to_owned(), format!("make it: {}", bring_over(name))),
        "28P01" => (
            "the password was refused".to_owned(),
            "check the password in `database_url`; an administrator can set it: ALTER ROLE … PASSWORD".to_owned(),
        ),
        "28000" => (
            "the server does not let this role in".to_owned(),
            "make the role (createuser), and let it in by the server's pg_hba.conf".to_owned(),
        ),
        "08P01" => (
            format!("the database's pooler refused: {}", said.message()),
            "look into the pooler's log, and check its limits and the server behind it".to_owned(),
        ),
        _ => match state(code) {
            Some(error) => (error.message, error.hint.unwrap_or_default()),
            None => (format!("{} ({code})", said.message()), "look into the server's log".to_owned()),
        },
    };
    let trouble = state(code).and_then(|error| error.trouble).unwrap_or(Trouble::Unreachable);
    Error::unavailable(format!("cannot open {name}: {meaning}")).hint(remedy).of_trouble(trouble)
}

/// The error where nobody has answered, or not as a server does.
fn no_answer(error: &Pg, name: &str, hosts: usize) -> Error {
    let reason = chain(error);
    let io = std::iter::successors(std::error::Error::source(error), |e| e.source())
        .find_map(|e| e.downcast_ref::<std::io::Error>())
        .map(std::io::Error::kind);
    use std::io::ErrorKind;
    // What tokio-postgres says where a server is not the one that `target_session_attrs` asks for.
    let read_only = io == Some(ErrorKind::PermissionDenied) && hosts > 0;
    let remedy = match io {
        _ if read_only => READ_ONLY.to_owned(),
        Some(ErrorKind::ConnectionRefused | ErrorKind::NotFound) => format!(
            "start the server, or check the host and the port in `database_url`; where it is new, make the database: {}",
            bring_over(name)
        ),
        Some(ErrorKind::TimedOut) => {
            "check the host in `database_url`, and the network and firewalls between".to_owned()
        }
        _ => "check `database_url`, and whether the server is a PostgreSQL server that can be reached from here"
            .to_owned(),
    };
    let trouble = if read_only { Trouble::ReadOnly } else { Trouble::Unreachable };
    Error::unavailable(format!("cannot open {name}: {reason}")).hint(remedy).of_trouble(trouble)
}

/// The commands that make the database of a URL, and bring over what is in SQLite.
fn bring_over(name: &str) -> String {
    format!("{}; `muista move --to '{name}'` then brings over what is in SQLite", create(name))
}

/// The command that makes the database of a URL.
fn create(name: &str) -> String {
    let config: Option<tokio_postgres::Config> = name.parse().ok();
    let database = config.as_ref().and_then(|config| config.get_dbname().or(config.get_user()).map(str::to_owned));
    let owner = config.and_then(|config| config.get_user().map(str::to_owned));
    let database = database.unwrap_or_else(|| "muista".to_owned());
    match owner {
        Some(owner) => format!("createdb --encoding=UTF8 --template=template0 --owner={owner} {database}"),
        None => format!("createdb --encoding=UTF8 --template=template0 {database}"),
    }
}

fn state(code: &str) -> Option<Error> {
    let known = STATES.iter().find(|(prefix, ..)| code.starts_with(prefix));
    known.map(|&(_, meaning, remedy, trouble)| Error::unavailable(meaning).hint(remedy).of_trouble(trouble))
}

/// What an error says, and what caused it.
fn chain(error: &Pg) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |e| e.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

impl Failure {
    /// Whether the same work may do when it is run again: somebody else's transaction was let through first.
    pub(super) fn may_pass(&self) -> bool {
        self.is(&["40001", "40P01"])
    }

    /// Whether the connection is of no more use: it has ended, will end, or leads to a server that takes no writes.
    pub(super) fn is_of_the_connection(&self) -> bool {
        *self == Self::Connection || self.is(&["08", "57P", "25006", "25P03", "53300", "26000", "42P05", "XX"])
    }

    /// Whether the server changed its part or its process: other connections to it may be as old.
    pub(super) fn is_of_the_server(&self) -> bool {
        *self == Self::Connection || self.is(&["08", "57P", "25006"])
    }

    /// Whether somebody between lent another server for this statement than for those before.
    pub(super) fn is_of_a_pooler(&self) -> bool {
        self.is(&["26000", "42P05"])
    }

    fn is(&self, prefixes: &[&str]) -> bool {
        match self {
            Self::State(state) => prefixes.iter().any(|prefix| state.code().starts_with(prefix)),
            Self::Connection => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio_postgres::error::SqlState;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn every_state_has_a_meaning_and_a_remedy() {
        for (code, words) in [
            ("25006", "read-only"),
            ("57P01", "shutting down"),
            ("57P05", "closed the connection"),
            ("08P01", "closed the connection"),
            ("53300", "no more connections"),
            ("53400", "lacks a resource"),
            ("40001", "came between"),
            ("40P01", "came between"),
            ("57014", "longer"),
            ("55P03", "holds"),
        ] {
            let error = state(code).unwrap_or_else(|| Error::internal(code));
            assert!(error.message.contains(words) && error.kind == ErrorKind::Unavailable, "{code}: {error}");
            assert!(error.hint.is_some(), "{code}");
        }
        assert_eq!(state("42601"), None, "a fault of Muista's own");
    }

    #[test]
    fn what_a_failure_asks_for() {
        let failure = |code: &str| Failure::State(SqlState::from_code(code));
        assert!(failure("40P01").may_pass() && !failure("23505").may_pass());
        assert!(failure("25006").is_of_the_server() && failure("25006").is_of_the_connection());
        assert!(!failure("57014").is_of_the_connection() && Failure::Connection.is_of_the_connection());
        assert!(failure("26000").is_of_a_pooler() && !failure("08006").is_of_a_pooler());
    }
}
