//! A folder of scripts for one test, and runs of them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use muista_core::model::Stream;
use muista_core::script::ScriptCommand;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use crate::script::{Chunk, Ended, Runner, Running, Spec};

/// Longer than anything here takes: what is not there by then will not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A folder of scripts. Its name is a mark that no other process carries.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::Builder::new().prefix("muista-script-").rand_bytes(12).tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// What every process of the test's scripts has on its command line, when the script hands it on as `"$1"`.
    pub(crate) fn mark(&self) -> String {
        self.path().file_name().unwrap().to_str().unwrap().to_owned()
    }

    /// Puts a file there that may run.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// A run of a bash script, which is given the mark as its first argument.
    pub(crate) fn bash(&self, text: &str) -> Spec {
        self.spec(self.file("script", &format!("#!/bin/bash\n{text}\n")))
    }

    pub(crate) fn spec(&self, path: PathBuf) -> Spec {
        Spec {
            command: ScriptCommand { path, args: vec![self.mark()], env: [].into() },
            env: Vec::new(),
            timeout: PATIENCE,
            grace: PATIENCE,
            output_max: 1024 * 1024,
        }
    }

    /// The processes that carry the mark.
    pub(crate) fn running(&self) -> Vec<String> {
        let mark = self.mark();
        let lines =
            fs::read_dir("/proc").unwrap().filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok());
        let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
        lines.filter(|line| line.contains(&mark)).collect()
    }

    /// Waits until so many processes carry the mark.
    pub(crate) async fn until_running(&self, count: usize) {
        let until = Instant::now() + PATIENCE;
        while self.running().len() != count {
            assert!(Instant::now() < until, "not {count}: {:?}", self.running());
            sleep(Duration::from_millis(5)).await;
        }
    }

    #[track_caller]
    pub(crate) fn nothing_runs(&self) {
        assert_eq!(self.running(), [""; 0]);
    }
}

/// A run, and what it has written so far.
pub(crate) struct Run {
    pub(crate) running: Running,
    output: mpsc::Receiver<Chunk>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// Where something of stdout was left out, and how much.
    pub(crate) gaps: Vec<(usize, u64)>,
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) ended: Ended,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// Where something of stdout was left out, and how much.
    pub(crate) gaps: Vec<(usize, u64)>,
}

impl Done {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// The script ran to its end, with success, and left nothing behind.
    #[track_caller]
    pub(crate) fn fine(self) -> Self {
        assert_eq!(self.ended, Ended { exit_code: Some(0), ..Ended::default() }, "{self:?}");
        self
    }

    /// The script was not started, for a reason with these words.
    #[track_caller]
    pub(crate) fn refused(self, words: &[&str]) {
        let error = self.ended.error.clone().unwrap_or_else(|| panic!("it ran: {self:?}"));
        for word in words {
            assert!(error.contains(word), "no {word:?} in {error:?}");
        }
        assert_eq!(self.ended, Ended { error: Some(error), ..Ended::default() });
        assert!(self.stdout.is_empty(), "{self:?}");
    }
}

pub(crate) fn runner() -> Runner {
    Runner { program: env!("CARGO_BIN_EXE_muistad").into(), renewal: PATIENCE }
}

impl Run {
    pub(crate) async fn start(spec: Spec) -> Self {
        Self::start_by(&runner(), spec).await
    }

    pub(crate) async fn start_by(runner: &Runner, spec: Spec) -> Self {
        let (sender, output) = mpsc::channel(4);
        let running = runner.start(spec, sender).await.unwrap();
        Self { running, output, stdout: Vec::new(), stderr: Vec::new(), gaps: Vec::new() }
    }

    /// Reads until the script has written `text` to stdout.
    pub(crate) async fn until(&mut self, text: &str) {
        let holds = |all: &[u8]| String::from_utf8_lossy(all).contains(text);
        while !holds(&self.stdout) {
            assert!(self.read().await, "ended before {text:?}: {:?}", String::from_utf8_lossy(&self.stdout));
        }
    }

    /// Reads one piece. False: there is no more.
    async fn read(&mut self) -> bool {
        let Some(chunk) = timeout(PATIENCE, self.output.recv()).await.unwrap() else {
            return false;
        };
        assert!(!chunk.data.is_empty() && chunk.data.len() <= 64 * 1024);
        if chunk.omitted > 0 && chunk.stream == Stream::Stdout {
            self.gaps.push((self.stdout.len(), chunk.omitted));
        }
        match chunk.stream {
            Stream::Stdout => self.stdout.extend(chunk.data),
            Stream::Stderr => self.stderr.extend(chunk.data),
        }
        true
    }

    /// Reads all, and waits for the end.
    pub(crate) async fn done(mut self) -> Done {
        while self.read().await {}
        let ended = timeout(PATIENCE, self.running.ended()).await.unwrap();
        assert_eq!(self.running.ended().await, ended, "the end is told again");
        Done { ended, stdout: self.stdout, stderr: self.stderr, gaps: self.gaps }
    }
}

pub(crate) async fn run(spec: Spec) -> Done {
    Run::start(spec).await.done().await
}
