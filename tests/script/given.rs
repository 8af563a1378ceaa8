//! What a script is given: arguments, environment, input, folder, limits.

use crate::support::{Folder, run};

#[tokio::test]
async fn an_argument_stays_one_argument() {
    let folder = Folder::new();
    let mut spec = folder.bash("shift\nprintf '<%s>' \"$@\"");
    std::fs::write(folder.path().join("precious"), "").unwrap();
    let hostile = ["; rm -rf precious", "$(touch made)", "`id`", "", "a  b", "*", "-x", "\n", "ä'\"\\"];
    spec.command.args.extend(hostile.map(str::to_owned));
    let done = run(spec).await.fine();
    assert_eq!(done.text(), hostile.map(|arg| format!("<{arg}>")).concat());
    assert!(folder.path().join("precious").exists() && !folder.path().join("made").exists());
}

#[tokio::test]
async fn the_environment_holds_what_is_declared_and_nothing_else() {
    let folder = Folder::new();
    let mut spec = folder.spec("/usr/bin/env".into());
    spec.command.args = vec!["-0".to_owned()];
    spec.command.env = [("LEVEL".to_owned(), "3".to_owned()), ("MUISTA_JOB".to_owned(), "no".to_owned())].into();
    spec.env = vec![("MUISTA_JOB".to_owned(), "a b\nc".to_owned())];
    let done = run(spec).await.fine();
    let lines: Vec<_> = done.text().split_terminator('\0').collect();
    let mut names: Vec<_> = lines.iter().map(|line| line.split_once('=').unwrap().0).collect();
    // Those are only there when this test has them itself.
    names.retain(|name| !["HOME", "USER", "LANG", "TZ"].contains(name));
    assert_eq!(names, ["LEVEL", "MUISTA_JOB", "PATH"]);
    for line in ["LEVEL=3", "MUISTA_JOB=a b\nc", "PATH=/usr/local/bin:/usr/bin:/bin"] {
        assert!(lines.contains(&line), "no {line:?} in {lines:?}");
    }
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some(), "this test has something to hide");
}

#[tokio::test]
async fn there_is_no_input_and_no_terminal() {
    let folder = Folder::new();
    let done = run(folder.bash("cat; read -r line || echo end\n(: </dev/tty) 2>/dev/null || echo no terminal")).await;
    assert_eq!(done.fine().text(), "end\nno terminal\n");
}

#[tokio::test]
async fn a_script_runs_in_its_own_folder_and_knows_its_name() {
    let folder = Folder::new();
    let done = run(folder.bash("pwd -P; basename \"$0\"")).await.fine();
    assert_eq!(done.text(), format!("{}\nscript\n", folder.path().canonicalize().unwrap().display()));
}

#[tokio::test]
async fn a_script_is_the_head_of_its_group_and_inherits_no_files() {
    let folder = Folder::new();
    let done = run(folder.bash("ls /proc/self/fd | xargs; [[ $(ps -o pgid= $$) -eq $$ ]] && echo head")).await.fine();
    // 3 is the folder that `ls` reads.
    assert_eq!(done.text(), "0 1 2 3\nhead\n");
}

#[tokio::test]
async fn limits_and_the_mask_are_set() {
    let folder = Folder::new();
    let done = run(folder.bash("umask; ulimit -c; ulimit -n; trap")).await.fine();
    assert_eq!(done.text(), "0077\n0\n1024\n", "and no signal is ignored");
}
