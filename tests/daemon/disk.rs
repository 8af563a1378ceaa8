//! A disk that fills up or may not be written: a clear error, nothing half-done, and work goes on afterwards. Needs to
//! mount file systems; says so and passes where that is not allowed.

use std::fs::{DirBuilder, File};
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use muista_core::error::ErrorKind;
use test_common::sandbox::Sandbox;

use crate::support::{all, by_number, dial, done, run, sqlite_is_whole, task};

/// A small file system in memory. Unmounted when dropped.
struct Disk(PathBuf);

impl Disk {
    /// Mounts one of so many bytes; none, with the reason on stderr, where that is not allowed.
    fn mount(path: &Path, bytes: usize) -> Option<Self> {
        DirBuilder::new().mode(0o700).create(path).unwrap();
        let options = format!("size={bytes},mode=0700");
        let output = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(path).output();
        match output {
            Ok(Output { status, .. }) if status.success() => Some(Self(path.to_owned())),
            Ok(Output { stderr, .. }) => skip(&String::from_utf8_lossy(&stderr)),
            Err(error) => skip(&error.to_string()),
        }
    }

    fn remount(&self, how: &str) {
        done(Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&self.0));
    }

    /// Takes all the space that is left; gives it back when the file is removed.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[0; 512]).is_ok() {}
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // A daemon that still runs would keep it busy; lazily it goes in any case.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).output();
    }
}

fn skip(reason: &str) -> Option<Disk> {
    eprintln!("skipped: cannot mount a tmpfs: {}", reason.trim());
    None
}

#[tokio::test]
async fn a_full_disk_under_a_daemon() {
    let sandbox = Sandbox::new();
    let Some(disk) = Disk::mount(&sandbox.path().join("disk"), 4 << 20) else {
        return;
    };
    let data_dir = disk.0.clone();
    let daemon = sandbox.daemon([Path::new("--data-dir"), &data_dir]);
    let client = dial(daemon.socket()).await;
    let big = |number: usize| {
        let mut new = task(&format!("add {number}"));
        new.note = muista_core::model::Text::parse("note", &"x".repeat(20_000)).unwrap();
        new
    };
    let mut kept = vec![client.add_task(big(0)).await.unwrap().value.title];
    let filler = disk.fill();
    let error = loop {
        match client.add_task(big(kept.len())).await {
            Ok(answer) => kept.push(answer.value.title),
            Err(error) => break error,
        }
        assert!(kept.len() < 1000, "the disk never fills");
    };
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Unavailable, "the disk is full"), "{error:?}");
    assert!(error.hint.as_deref().unwrap_or_default().contains("free"), "{error:?}");
    run(sandbox.muista().args(["add", "by a command", "--note", &"x".repeat(20_000), "--data-dir"]).arg(&data_dir))
        .refused(5, &["the disk is full"]);
    assert_eq!(by_number(&all(&client).await).len(), kept.len(), "nothing of what failed");

    std::fs::remove_file(filler).unwrap();
    kept.push(client.add_task(big(kept.len())).await.unwrap().value.title);
    let mut titles: Vec<String> = all(&client).await.into_iter().map(|task| task.title).collect();
    titles.sort();
    kept.sort();
    assert_eq!(titles, kept);
    assert_eq!(daemon.terminate().code(), Some(0));
    sqlite_is_whole(&data_dir.join("muista.db"));
}

#[test]
fn a_full_disk_under_a_command() {
    let sandbox = Sandbox::new();
    let Some(disk) = Disk::mount(&sandbox.path().join("disk"), 4 << 20) else {
        return;
    };
    let muista = || {
        let mut command = sandbox.muista();
        command.arg("--data-dir").arg(&disk.0);
        command
    };
    let filler = disk.fill();
    run(muista().args(["add", "too early"])).refused(5, &["disk is full"]);
    std::fs::remove_file(&filler).unwrap();
    done(muista().args(["add", "kept"]));
    let filler = disk.fill();
    run(muista().args(["add", "lost", "--note", &"x".repeat(60_000)])).refused(5, &["disk is full"]);
    std::fs::remove_file(&filler).unwrap();
    done(muista().args(["add", "after"]));
    let listed = done(muista().args(["ls", "--json"])).json();
    let titles: Vec<&str> = listed.as_array().unwrap().iter().filter_map(|task| task["title"].as_str()).collect();
    assert_eq!(titles, ["kept", "after"]);
    sqlite_is_whole(&disk.0.join("muista.db"));
}

#[test]
fn a_disk_that_may_not_be_written() {
    let sandbox = Sandbox::new();
    let Some(disk) = Disk::mount(&sandbox.path().join("disk"), 4 << 20) else {
        return;
    };
    let muista = || {
        let mut command = sandbox.muista();
        command.arg("--data-dir").arg(&disk.0);
        command
    };
    done(muista().args(["add", "kept"]));
    disk.remount("ro");
    run(muista().args(["add", "lost"])).refused(5, &["owner and mode"]);
    let mut daemon = sandbox.muistad();
    daemon.args(["--http", "127.0.0.1:0", "--data-dir"]).arg(&disk.0);
    crate::support::fails_to_start(&mut daemon).refused(5, &["Read-only file system"]);
    disk.remount("rw");
    done(muista().args(["add", "after"]));
    let listed = done(muista().args(["ls", "--json"])).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
}
