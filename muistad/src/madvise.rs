//! What the daemon holds of its own program: a start runs once through code all over the file, and what it has touched
//! counts as held for as long as the daemon runs, several times what serving needs. Memory that the daemon writes is not
//! this file's business.

use std::ops::Range;

use rustix::mm::{Advice, madvise};

/// Lets go of the program's code once the start is over. What is needed again is mapped again as it is run, from the file
/// or from what the system has kept of it: some hundred page faults in all. Where the system does not let it, the daemon
/// holds more, and nothing else is different.
pub(crate) fn let_go_of_code() {
    let here = let_go_of_code as *const () as usize;
    let mappings = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let Some(code) = code_around(&mappings, here) else { return };
    let start = std::ptr::with_exposed_provenance_mut(code.start);
    // SAFETY: the range is a whole mapping of this process that is private and that nothing in it can write to, so each of
    // its pages is as the file has it, and after MADV_DONTNEED the system reads it from there again (madvise(2)). What runs
    // there meanwhile waits for its page, as it did the first time. Only a debugger writes into such pages: breakpoints
    // that it has set before are lost.
    #[expect(unsafe_code, reason = "there is no safe way to tell the system that pages are not needed")]
    let told = unsafe { madvise(start, code.len(), Advice::LinuxDontNeed) };
    if let Err(error) = told {
        tracing::debug!(%error, "the code of the start is kept");
    }
}

/// Returns the mapping that holds an address, if it is code that nothing can write to, and private: read from a text as
/// in `/proc/self/maps` (proc_pid_maps(5)).
fn code_around(mappings: &str, address: usize) -> Option<Range<usize>> {
    mappings.lines().find_map(|line| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let range = usize::from_str_radix(start, 16).ok()?..usize::from_str_radix(end, 16).ok()?;
        (rest.starts_with("r-xp ") && range.contains(&address)).then_some(range)
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    const MAPPINGS: &str = "\
        55c0-55d0 r--p 00000000 fe:00 7 /usr/bin/muistad\n\
        55d0-56a0 r-xp 00010000 fe:00 7 /usr/bin/muistad (deleted)\n\
        56a0-56b0 rw-p 00000000 00:00 0 \n\
        7f00-7f10 rwxp 00000000 00:00 0 \n\
        no line of that kind\n";

    #[test]
    fn only_code_that_nothing_writes_to_is_let_go() {
        assert_eq!(code_around(MAPPINGS, 0x55d0), Some(0x55d0..0x56a0));
        assert_eq!(code_around(MAPPINGS, 0x569f), Some(0x55d0..0x56a0));
        for elsewhere in [0x55cf, 0x56a0, 0x7f01, 0] {
            assert_eq!(code_around(MAPPINGS, elsewhere), None, "{elsewhere:x}");
        }
        assert_eq!(code_around("", 0x55d0), None);
    }

    #[test]
    fn the_program_runs_on_with_less_of_itself() {
        // Begun together with the other tests of this program, which run meanwhile and must not notice.
        let held = || {
            let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
            statm.split(' ').nth(2).unwrap().parse::<usize>().unwrap()
        };
        let lets_go = |_| {
            let before = held();
            let_go_of_code();
            held() < before
        };
        assert!((0..100).any(lets_go));
    }
}
