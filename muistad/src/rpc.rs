//! The Unix socket on which this machine's commands reach the daemon: its file, its mode, its removal, and who is let
//! in. The calls themselves are the core's.

use std::fs::Permissions;
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream as Probe;
use std::path::{Path, PathBuf};

use muista_core::error::{Error, Result};
use muista_core::rpc;
use muista_core::service::Service;
use tokio::net::{UnixListener, UnixStream};

use crate::listen;
use crate::lock::private_dir;
use crate::signal::Stop;

/// The most commands that are served at a time.
const CONNECTIONS_MAX: usize = 1024;

/// The socket, listening. Its file goes when the value is dropped.
#[derive(Debug)]
pub(crate) struct Socket {
    listener: UnixListener,
    file: SocketFile,
}

/// The file, by name and by identity: another daemon's file of the same name is left alone.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl Socket {
    /// Listens at `path`, with mode 0600 in a folder of mode 0700. Must be called within a tokio runtime, and only by
    /// the daemon that holds the data folder's lock: a socket that nobody answers is taken for a dead daemon's.
    ///
    /// # Errors
    /// `Conflict` when somebody answers there or the path is no socket, `Unavailable` when it cannot be made.
    pub(crate) fn listen(path: &Path) -> Result<Self> {
        if let Some(folder) = path.parent() {
            private_dir(folder)?;
        }
        clear(path)?;
        let listener = UnixListener::bind(path).map_err(|e| unusable(path, &e))?;
        let listed = std::fs::set_permissions(path, Permissions::from_mode(0o600));
        let metadata = listed.and_then(|()| std::fs::symlink_metadata(path)).map_err(|e| unusable(path, &e))?;
        let file = SocketFile { path: path.to_owned(), identity: (metadata.dev(), metadata.ino()) };
        Ok(Self { listener, file })
    }

    /// Where it listens.
    pub(crate) fn path(&self) -> &Path {
        &self.file.path
    }

    /// Serves every command until asked to stop and the last call has been answered.
    pub(crate) async fn serve(self, service: Service, stop: Stop) {
        let Self { listener, file } = self;
        let connection = |stream| talk(stream, service.clone(), stop.clone());
        let accept = async move || listener.accept().await.map(|(stream, _)| stream);
        listen::serve("command", CONNECTIONS_MAX, accept, connection, stop.clone()).await;
        drop(file);
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let ours = std::fs::symlink_metadata(&self.path).is_ok_and(|now| (now.dev(), now.ino()) == self.identity);
        if ours && let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(socket = %self.path.display(), %error, "cannot remove the socket");
        }
    }
}

async fn talk(stream: UnixStream, service: Service, stop: Stop) {
    let peer = stream.peer_cred().ok();
    let asked = async move { stop.asked().await };
    if let Err(error) = rpc::serve_unix(stream, service, asked).await {
        let (uid, pid) = (peer.map(|peer| peer.uid()), peer.and_then(|peer| peer.pid()));
        tracing::warn!(uid, pid, code = error.kind.code(), error = error.message, "a command was refused");
    }
}

/// Removes the socket of a daemon that is gone.
fn clear(path: &Path) -> Result<()> {
    let metadata = match std::fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(unusable(path, &e)),
    };
    if !metadata.file_type().is_socket() {
        return Err(Error::conflict(format!("{} is there already and is no socket", path.display()))
            .hint("move it away, or choose another socket with --socket"));
    }
    match Probe::connect(path) {
        Ok(_) => Err(Error::conflict(format!("another daemon answers on {}", path.display()))
            .hint("`muista daemon stop` ends it; --socket chooses another socket")),
        Err(e) if e.kind() == ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path).map_err(|e| unusable(path, &e))
        }
        Err(e) => Err(unusable(path, &e)),
    }
}

fn unusable(path: &Path, error: &std::io::Error) -> Error {
    Error::unavailable(format!("cannot listen on {}: {error}", path.display()))
        .hint("make its folder writable for you, or choose another socket with --socket")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use muista_core::error::ErrorKind;

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn the_socket_is_private_and_goes_with_its_daemon() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run/muistad.sock");
        let socket = Socket::listen(&path).unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        drop(socket);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_dead_daemons_socket_is_replaced_and_a_living_ones_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("muistad.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists(), "left behind");
        let living = Socket::listen(&path).unwrap();
        let error = Socket::listen(&path).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert!(error.message.contains("answers"), "{error}");
        drop(living);
    }

    #[tokio::test]
    async fn a_file_that_is_no_socket_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notes.txt");
        std::fs::write(&path, "mine").unwrap();
        let error = Socket::listen(&path).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    }
}
