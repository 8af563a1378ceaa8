//! The file in which `muista login` keeps where it logged in and with which token. Only its owner may read it.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use muista_core::config::{RemoteAddress, Sources};
use muista_core::error::Error;
use muista_core::model::{Id, Secret};
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

/// What stands before everything else in the file.
const HEAD: &str = "# Written by `muista login`. Whoever reads it can do what you can do there.\n";

/// Where commands go, and what they show there.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    /// The daemon.
    pub(crate) address: RemoteAddress,
    /// What is shown to it, and to no other.
    pub(crate) token: Secret,
    /// The authority of its certificate; none: the system's.
    pub(crate) ca: Option<PathBuf>,
    /// The key that the token is, where `login` had it made.
    pub(crate) key: Option<Id>,
}

/// The file's content.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    address: String,
    token: Secret,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<Id>,
}

/// What `login` stored; none where it stored nothing.
///
/// # Errors
/// `Forbidden` when others may read the file, `Invalid` when it is not as `login` writes it.
pub(crate) fn load(sources: &Sources) -> Result<Option<Credentials>, Error> {
    // Without a home folder nobody has logged in.
    let Ok(path) = sources.credentials_file() else {
        return Ok(None);
    };
    let failed = |e: &std::io::Error| {
        Error::unavailable(format!("cannot read {}: {e}", path.display())).hint("make it yours, or remove it")
    };
    let mut file = match OpenOptions::new().read(true).custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(&path) {
        Ok(file) => file,
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(e) => return Err(failed(&e)),
    };
    private(&file, &path)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|e| failed(&e))?;
    parse(&text, &path).map(Some)
}

/// Whether the file is ours alone.
pub(crate) fn private(file: &File, path: &Path) -> Result<(), Error> {
    let metadata = file.metadata();
    let ours =
        metadata.is_ok_and(|found| found.mode() & 0o077 == 0 && found.uid() == rustix::process::geteuid().as_raw());
    if ours {
        return Ok(());
    }
    Err(Error::forbidden(format!("{} may be read by others, so it is not used", path.display())).hint(format!(
        "chmod 600 {0}; where others may have read it, `muista logout` and log in again",
        path.display()
    )))
}

fn parse(text: &str, path: &Path) -> Result<Credentials, Error> {
    let bad = |why: &str| {
        Error::invalid("credentials", format!("{} cannot be used: {why}", path.display()))
            .hint("remove it, and log in again: `muista login HOST:PORT`")
    };
    // Only the message: what is shown beside it is a line of the file, which may be the token's.
    let content: Content = toml::from_str(text).map_err(|e| bad(e.message()))?;
    let address = content.address.parse().map_err(|e: Error| bad(&e.message))?;
    Ok(Credentials { address, token: content.token, ca: content.ca, key: content.key })
}

/// Stores them in place of what was stored before; returns where.
///
/// # Errors
/// `Unavailable` when the file cannot be written.
pub(crate) fn store(sources: &Sources, credentials: &Credentials) -> Result<PathBuf, Error> {
    let path = sources.credentials_file()?;
    let Credentials { address, token, ca, key } = credentials.clone();
    let content = Content { address: address.to_string(), token, ca, key };
    let text = toml::to_string(&content).map_err(|e| Error::internal(format!("cannot write credentials: {e}")))?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let write = || -> std::io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        // Made with mode 0600, and renamed when it is whole.
        let mut file = tempfile::Builder::new().prefix(".credentials-").tempfile_in(folder)?;
        file.write_all(HEAD.as_bytes())?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|e| e.error)?;
        Ok(())
    };
    write().map_err(|e| {
        Error::unavailable(format!("cannot write {}: {e}", path.display())).hint("make its folder writable for you")
    })?;
    Ok(path)
}

/// Removes the file, if it is there.
///
/// # Errors
/// `Unavailable` when it cannot be removed.
pub(crate) fn remove(sources: &Sources) -> Result<(), Error> {
    let path = sources.credentials_file()?;
    match std::fs::remove_file(&path) {
        Err(e) if e.kind() != ErrorKind::NotFound => {
            Err(Error::unavailable(format!("cannot remove {}: {e}", path.display())).hint("remove it by hand"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use muista_core::config::Flags;
    use muista_core::error::ErrorKind as Kind;

    use super::*;

    fn sources(home: &Path) -> Sources {
        Sources::new(Flags::default(), [("HOME".into(), home.into())], "/".into())
    }

    fn credentials() -> Credentials {
        Credentials {
            address: "muista.example.org:7333".parse().unwrap(),
            token: Secret::new("muista_secret"),
            ca: Some("/etc/ca.pem".into()),
            key: None,
        }
    }

    #[test]
    fn what_is_stored_comes_back_and_is_nobody_elses() {
        let home = tempfile::tempdir().unwrap();
        let sources = sources(home.path());
        assert!(load(&sources).unwrap().is_none());
        let path = store(&sources, &credentials()).unwrap();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(path.parent().unwrap().metadata().unwrap().mode() & 0o777, 0o700);
        let found = load(&sources).unwrap().unwrap();
        assert_eq!((found.address.port, found.token.reveal()), (7333, "muista_secret"));
        assert_eq!(found.ca.as_deref(), Some(Path::new("/etc/ca.pem")));
        remove(&sources).unwrap();
        remove(&sources).unwrap();
        assert!(load(&sources).unwrap().is_none());
    }

    #[test]
    fn a_file_that_others_may_read_is_not_used() {
        let home = tempfile::tempdir().unwrap();
        let sources = sources(home.path());
        let path = store(&sources, &credentials()).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o666] {
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let error = load(&sources).unwrap_err();
            assert_eq!(error.kind, Kind::Forbidden, "{mode:o}");
            assert!(error.hint.unwrap().contains("chmod 600"));
        }
    }

    #[test]
    fn a_broken_file_is_told_of_without_what_stands_in_it() {
        let home = tempfile::tempdir().unwrap();
        let sources = sources(home.path());
        let path = store(&sources, &credentials()).unwrap();
        for text in ["address = \"a:1\"\ntoken = muista_secret", "token = \"muista_secret\"", "muista_secret"] {
            std::fs::write(&path, text).unwrap();
            let error = load(&sources).unwrap_err();
            assert_eq!(error.kind, Kind::Invalid);
            assert!(!format!("{error:?}").contains("muista_secret"), "{error:?}");
        }
    }
}
