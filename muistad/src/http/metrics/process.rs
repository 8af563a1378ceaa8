//! The process itself, under the names that Prometheus' client libraries give it.

use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

use super::text::{Kind, Text};

/// Shows memory, processor time, files and threads.
pub(super) fn show(text: &mut Text, started: f64) {
    let cpu = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = cpu.tv_sec as f64 + cpu.tv_nsec as f64 / 1e9;
    text.single("process_cpu_seconds_total", Kind::Counter, "Processor time used, in seconds.", seconds);
    text.single("process_start_time_seconds", Kind::Gauge, "When the process began, in seconds since 1970.", started);
    // What the system does not tell is left out.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let number = |name: &str| -> Option<u64> {
        status.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
    };
    let mut gauge = |name: &str, help: &str, value: Option<u64>| {
        if let Some(value) = value {
            text.single(name, Kind::Gauge, help, value);
        }
    };
    let kilobytes = |name: &str| number(name).map(|kilobytes| kilobytes * 1024);
    gauge("process_resident_memory_bytes", "Memory in use.", kilobytes("VmRSS:"));
    gauge("process_virtual_memory_bytes", "Addresses in use.", kilobytes("VmSize:"));
    gauge("process_threads", "Threads.", number("Threads:"));
    // One of them is the folder that is being read.
    let files = std::fs::read_dir("/proc/self/fd").map(|files| files.count().saturating_sub(1) as u64);
    gauge("process_open_fds", "Open files and connections.", files.ok());
    gauge("process_max_fds", "How many may be open.", getrlimit(Resource::Nofile).current);
}
