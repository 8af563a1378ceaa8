//! The processes that a script started, found in `/proc` and signalled together.

use std::collections::BTreeSet;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::time::Instant;

use super::wire::GIVE_UP;

/// How often the processes are looked through while they are killed.
const PASS: Duration = Duration::from_millis(10);

/// A process that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: Pid,
    parent: i32,
    group: i32,
    session: i32,
}

/// Every process below `ancestor`. One that has ended but was not waited for yet counts only as a link to those below.
pub(super) fn descendants(ancestor: Pid) -> Vec<Process> {
    let all = processes();
    let mut found = BTreeSet::from([ancestor.as_raw_nonzero().get()]);
    loop {
        let more = all
            .iter()
            .filter(|(process, _)| found.contains(&process.parent))
            .map(|(p, _)| p.pid.as_raw_nonzero().get());
        let more: Vec<_> = more.filter(|pid| !found.contains(pid)).collect();
        if more.is_empty() {
            break;
        }
        found.extend(more);
    }
    found.remove(&ancestor.as_raw_nonzero().get());
    let alive =
        all.into_iter().filter(|(process, alive)| *alive && found.contains(&process.pid.as_raw_nonzero().get()));
    alive.map(|(process, _)| process).collect()
}

/// Returns the name of a process, of which proc_pid_comm(5) has 15 bytes. It may choose it freely, so nothing that a
/// terminal could trip over is taken from it.
pub(super) fn name(pid: Pid) -> String {
    let name = std::fs::read(format!("/proc/{}/comm", pid.as_raw_nonzero())).unwrap_or_default();
    let name = String::from_utf8_lossy(name.trim_ascii_end()).replace(|c: char| c.is_control() || is_hidden(c), "?");
    if name.is_empty() { "?".to_owned() } else { name }
}

/// Returns whether a character turns text around or is not seen at all.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Sends a signal to all of them. Whole groups get it at once, so that none slips through by forking meanwhile; the
/// group of this process is spared.
pub(super) fn signal(members: &[Process], signal: Signal) {
    let own = rustix::process::getpgrp().as_raw_nonzero().get();
    let groups: BTreeSet<i32> = members.iter().map(|process| process.group).filter(|group| *group != own).collect();
    // That one of them has ended meanwhile is the aim. Those that changed their user cannot be signalled, which the
    // callers notice, since they are still there.
    for group in groups.into_iter().filter_map(Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, signal);
    }
    for process in members.iter().filter(|process| process.group == own) {
        let _ = rustix::process::kill_process(process.pid, signal);
    }
}

/// Ends a run whose supervisor does not do its work any more, then the supervisor, which has not been waited for yet.
/// Returns how many processes could not be ended.
pub(super) async fn end_lost(supervisor: Pid) -> usize {
    let until = Instant::now() + GIVE_UP;
    let mut is_there = true;
    loop {
        // What lost its parent with the supervisor is still of the supervisor's session, unless it made its own.
        let mut members = descendants(supervisor);
        let session = processes().into_iter().filter(|(process, alive)| *alive && belongs(process, supervisor));
        members.extend(session.map(|(process, _)| process));
        if members.is_empty() && !is_there {
            return 0;
        }
        signal(&members, Signal::KILL);
        if members.is_empty() {
            let _ = rustix::process::kill_process(supervisor, Signal::KILL);
            is_there = false;
        }
        if Instant::now() >= until {
            let _ = rustix::process::kill_process(supervisor, Signal::KILL);
            return members.len();
        }
        tokio::time::sleep(PASS).await;
    }
}

fn belongs(process: &Process, supervisor: Pid) -> bool {
    process.session == supervisor.as_raw_nonzero().get() && process.pid != supervisor
}

/// Every process that can be seen, and whether it is alive.
fn processes() -> Vec<(Process, bool)> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let pids = entries.filter_map(|entry| Pid::from_raw(entry.ok()?.file_name().to_str()?.parse().ok()?));
    pids.filter_map(|pid| parse(pid, &std::fs::read(format!("/proc/{pid}/stat")).ok()?)).collect()
}

/// Reads a line of proc_pid_stat(5). The program's name stands in brackets and may hold anything, brackets included.
fn parse(pid: Pid, stat: &[u8]) -> Option<(Process, bool)> {
    let name_end = stat.iter().rposition(|byte| *byte == b')')?;
    let mut fields = str::from_utf8(&stat[name_end + 1..]).ok()?.split_ascii_whitespace();
    let state = fields.next()?;
    let mut number = || fields.next()?.parse::<i32>().ok();
    let process = Process { pid, parent: number()?, group: number()?, session: number()? };
    Some((process, !matches!(state, "Z" | "X" | "x")))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn pid(raw: i32) -> Pid {
        Pid::from_raw(raw).unwrap()
    }

    #[test]
    fn a_line_is_read_whatever_the_program_is_called() {
        let expected = Process { pid: pid(7), parent: 1, group: 5, session: 4 };
        for name in ["sh", "a b", ") R 9 9 9 (", "\u{fffd}x)"] {
            let line = format!("7 ({name}) S 1 5 4 0 -1 4194560");
            assert_eq!(parse(pid(7), line.as_bytes()), Some((expected, true)), "{name:?}");
        }
        assert_eq!(parse(pid(7), b"7 (\xff\xfe) Z 1 5 4 0"), Some((expected, false)));
        assert_eq!(parse(pid(7), b"7 (sh"), None);
    }

    #[test]
    fn a_child_is_a_descendant_until_it_has_ended() {
        let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let own = rustix::process::getpid();
        let is_listed =
            |id: u32| descendants(own).iter().any(|process| process.pid.as_raw_nonzero().get() as u32 == id);
        assert!(is_listed(child.id()));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!is_listed(child.id()));
    }
}
