//! Where commands go: to a daemon on another machine, to the one at a socket, or to wherever the settings keep the data.
//! The dialling is `client`'s.

use std::path::PathBuf;

use muista_core::config::{Config, RemoteAddress, Source, Sources};
use muista_core::error::Error;
use muista_core::model::Secret;

use crate::credentials;

/// Where commands go.
#[derive(Debug, Clone)]
pub(crate) enum ConnectionTarget {
    /// To the daemon at the socket that a flag names; nothing else will do.
    Socket,
    /// To the daemon at the usual socket; where none answers for our database, the database is opened here.
    Default,
    /// To this daemon of another machine; nothing else will do.
    Remote(Remote),
}

/// A daemon of another machine.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    /// Where it is.
    pub(crate) address: RemoteAddress,
    /// What is shown to it; none where nobody logged in.
    pub(crate) token: Option<Secret>,
    /// The authority of its certificate; none: the system's.
    pub(crate) ca: Option<PathBuf>,
}

/// The settings that say where this machine's data are.
const LOCAL: &[&str] = &["socket", "data_dir", "database_url"];

/// Returns where commands go. Flags go before variables, these before the file, and that before what `login` stored;
/// among those of one kind, another machine goes first. That a file says where the local data are does not undo a
/// login.
///
/// # Errors
/// When what `login` stored cannot be read.
pub(crate) fn choose(sources: &Sources, config: &Config) -> Result<ConnectionTarget, Error> {
    for kind in [Kind::Flag, Kind::Variable, Kind::File] {
        if is_set(config, "remote.address", kind) {
            return remote(sources, config);
        }
        if kind == Kind::Flag && is_set(config, "socket", kind) {
            return Ok(ConnectionTarget::Socket);
        }
        if kind != Kind::File && LOCAL.iter().any(|key| is_set(config, key, kind)) {
            return Ok(ConnectionTarget::Default);
        }
    }
    let stored = credentials::load(sources)?;
    Ok(stored.map_or(ConnectionTarget::Default, |stored| {
        let ca = config.remote.ca.clone().or(stored.ca);
        ConnectionTarget::Remote(Remote { address: stored.address, token: Some(stored.token), ca })
    }))
}

/// Returns the daemon that the settings name. A stored token is shown to nobody but to whom it is for.
fn remote(sources: &Sources, config: &Config) -> Result<ConnectionTarget, Error> {
    let Some(address) = config.remote.address.clone() else {
        return Ok(ConnectionTarget::Default);
    };
    let ca = config.remote.ca.clone();
    if let Some(token) = &config.remote.token {
        return Ok(ConnectionTarget::Remote(Remote { address, token: Some(Secret::new(&*token.reveal()?)), ca }));
    }
    let stored = credentials::load(sources)?.filter(|stored| stored.address == address);
    let (token, stored_ca) = stored.map_or((None, None), |stored| (Some(stored.token), stored.ca));
    Ok(ConnectionTarget::Remote(Remote { address, token, ca: ca.or(stored_ca) }))
}

/// Where a setting can stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Flag,
    Variable,
    File,
}

fn is_set(config: &Config, key: &str, kind: Kind) -> bool {
    let entry = config.entries().iter().find(|entry| entry.key.name == key);
    entry.is_some_and(|entry| match entry.source {
        Source::Flag(_) => kind == Kind::Flag,
        Source::Environment(_) => kind == Kind::Variable,
        Source::File(..) => kind == Kind::File,
        Source::Default => false,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::path::Path;

    use muista_core::config::Flags;

    use super::*;
    use crate::credentials::Credentials;

    /// A home with a configuration file, and maybe with a login.
    struct Home(tempfile::TempDir);

    impl Home {
        fn new(file: &str) -> Self {
            let home = tempfile::tempdir().unwrap();
            std::fs::create_dir_all(home.path().join(".config/muista")).unwrap();
            std::fs::write(home.path().join(".config/muista/config.toml"), file).unwrap();
            Self(home)
        }

        fn logged_in(self, address: &str) -> Self {
            let stored = Credentials {
                address: address.parse().unwrap(),
                token: Secret::new("stored"),
                ca: Some("/stored.pem".into()),
                key: None,
            };
            credentials::store(&self.sources(Flags::default(), &[]), &stored).unwrap();
            self
        }

        fn sources(&self, flags: Flags, variables: &[(&str, &str)]) -> Sources {
            let home = ("HOME".into(), self.0.path().into());
            let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
            Sources::new(flags, variables.chain([home]), "/".into())
        }

        /// Returns where commands go, in short: the address, the token, the authority.
        fn goes(&self, flags: Flags, variables: &[(&str, &str)]) -> String {
            let sources = self.sources(flags, variables);
            match choose(&sources, &Config::load(&sources).unwrap()).unwrap() {
                ConnectionTarget::Socket => "socket".to_owned(),
                ConnectionTarget::Default => "default".to_owned(),
                ConnectionTarget::Remote(Remote { address, token, ca }) => {
                    let token = token.as_ref().map_or("-", Secret::reveal);
                    format!("{address} {token} {}", ca.as_deref().unwrap_or(Path::new("-")).display())
                }
            }
        }
    }

    fn remote_flag(address: &str) -> Flags {
        Flags { remote: Some(address.to_owned()), ..Flags::default() }
    }

    #[test]
    fn flags_go_before_variables_and_these_before_the_file_and_that_before_a_login() {
        let home = Home::new("[remote]\naddress = \"file.example\"").logged_in("login.example");
        let env: &[_] = &[("MUISTA_REMOTE_ADDRESS", "env.example"), ("MUISTA_REMOTE_TOKEN", "env")];
        assert_eq!(home.goes(remote_flag("flag.example:1"), env), "flag.example:1 env -");
        assert_eq!(home.goes(Flags::default(), env), "env.example:7333 env -");
        assert_eq!(home.goes(Flags::default(), &[]), "file.example:7333 - -");
        let home = Home::new("").logged_in("login.example");
        assert_eq!(home.goes(Flags::default(), &[]), "login.example:7333 stored /stored.pem");
        assert_eq!(
            home.goes(Flags::default(), &[("MUISTA_REMOTE_CA", "/env.pem")]),
            "login.example:7333 stored /env.pem"
        );
        assert_eq!(Home::new("").goes(Flags::default(), &[]), "default");
    }

    #[test]
    fn local_data_that_are_named_go_before_a_login() {
        let home = Home::new("data_dir = \"/data\"").logged_in("login.example");
        assert!(home.goes(Flags::default(), &[]).starts_with("login.example"), "a file does not undo a login");
        let socket = Flags { socket: Some("/a.sock".into()), ..Flags::default() };
        let data = || Flags { data_dir: Some("/b".into()), ..Flags::default() };
        assert_eq!(home.goes(socket, &[]), "socket");
        assert_eq!(home.goes(data(), &[]), "default");
        assert_eq!(home.goes(data(), &[("MUISTA_REMOTE_ADDRESS", "env.example")]), "default");
        for variable in ["MUISTA_SOCKET", "MUISTA_DATA_DIR"] {
            assert_eq!(home.goes(Flags::default(), &[(variable, "/c")]), "default");
            let both: &[_] = &[(variable, "/c"), ("MUISTA_REMOTE_ADDRESS", "env.example")];
            assert_eq!(home.goes(Flags::default(), both), "env.example:7333 - -");
        }
    }

    #[test]
    fn a_stored_token_is_shown_to_nobody_else() {
        let home = Home::new("").logged_in("login.example:7333");
        assert_eq!(home.goes(remote_flag("other.example"), &[]), "other.example:7333 - -");
        assert_eq!(home.goes(remote_flag("login.example:7334"), &[]), "login.example:7334 - -");
        assert_eq!(home.goes(remote_flag("Login.Example"), &[]), "login.example:7333 stored /stored.pem");
    }
}
