//! Ends a child process when the test process is gone, however it went. A killed process runs no
//! destructors, but the kernel closes its pipes: a small shell waits for that. It does not end a
//! child that its owner has already waited for.

use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// End of input means that the test process is gone; a line means that the child is.
const SCRIPT: &str = r#"read -r _ || kill -KILL "$1""#;

/// Kills the watched process unless dropped first.
pub(crate) struct Guard {
    shell: Child,
}

impl Guard {
    /// Watches over the process `pid`, a child of this one.
    pub(crate) fn over(pid: u32) -> io::Result<Self> {
        let shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "guard", &pid.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Outside the group that Ctrl-C or a timeout kills.
            .process_group(0)
            .spawn()?;
        Ok(Self { shell })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(mut stdin) = self.shell.stdin.take() {
            // A shell that is gone already needs no telling.
            let _ = stdin.write_all(b"done\n");
        }
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    fn sleeper() -> Child {
        Command::new("sleep").arg("600").spawn().unwrap()
    }

    #[test]
    fn the_end_of_the_pipe_kills() {
        let mut child = sleeper();
        let mut guard = Guard::over(child.id()).unwrap();
        // What the kernel does when this process dies.
        drop(guard.shell.stdin.take());
        assert_eq!(child.wait().unwrap().signal(), Some(9));
    }

    #[test]
    fn dropping_the_guard_spares() {
        let mut child = sleeper();
        drop(Guard::over(child.id()).unwrap());
        assert!(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
