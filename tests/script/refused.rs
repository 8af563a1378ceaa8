//! Scripts that must not run, or cannot: each says why and what to do.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::support::{Folder, run};

#[tokio::test]
async fn a_script_that_is_not_there() {
    let folder = Folder::new();
    run(folder.spec(folder.path().join("gone"))).await.refused(&["no script", "gone", "script ls"]);
}

#[tokio::test]
async fn a_link_out_of_the_folder() {
    let folder = Folder::new();
    symlink("/bin/echo", folder.path().join("out")).unwrap();
    run(folder.spec(folder.path().join("out"))).await.refused(&["is a link"]);
}

#[tokio::test]
async fn a_script_that_others_may_change() {
    let folder = Folder::new();
    let spec = folder.bash("echo ran");
    std::fs::set_permissions(&spec.command.path, Permissions::from_mode(0o777)).unwrap();
    run(spec).await.refused(&["others may change", "chmod go-w"]);
}

#[tokio::test]
async fn a_folder_that_others_may_change() {
    let folder = Folder::new();
    let spec = folder.bash("echo ran");
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    run(spec).await.refused(&["the folder", "chmod go-w"]);
}

#[tokio::test]
async fn a_script_that_may_not_be_executed() {
    let folder = Folder::new();
    let spec = folder.bash("echo ran");
    std::fs::set_permissions(&spec.command.path, Permissions::from_mode(0o644)).unwrap();
    run(spec).await.refused(&["cannot be executed", "chmod u+x"]);
}

#[tokio::test]
async fn a_script_that_does_not_say_what_runs_it() {
    let folder = Folder::new();
    run(folder.spec(folder.file("plain", "echo ran\n"))).await.refused(&["cannot execute", "#!/bin/sh"]);
}

#[tokio::test]
async fn a_script_whose_interpreter_is_missing() {
    let folder = Folder::new();
    run(folder.spec(folder.file("perl9", "#!/usr/bin/perl9\n"))).await.refused(&["cannot execute", "first line"]);
}
