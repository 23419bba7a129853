//! What is told of the process, under the names that every Prometheus client gives it. Only Linux
//! tells them all; elsewhere these metrics are missing.

use std::fmt;

use super::exposition::{Exposition, Family};

/// What the system says of this process.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Process {
    cpu_seconds: f64,
    resident_bytes: u64,
    virtual_bytes: u64,
    threads: u64,
    open_files: u64,
    /// None: there is no limit.
    most_files: Option<u64>,
    /// Since the epoch.
    started_seconds: f64,
}

/// What the system says of this process, if it does.
pub(super) fn process(to: &mut Exposition<'_>) -> fmt::Result {
    match read() {
        Some(process) => write(to, &process),
        None => Ok(()),
    }
}

fn write(to: &mut Exposition<'_>, process: &Process) -> fmt::Result {
    to.counter(&Family::of_seconds("process_cpu", "Processor time that was used."), process.cpu_seconds)?;
    to.gauge(&Family::of_bytes("process_resident_memory", "Memory that is in use."), process.resident_bytes)?;
    to.gauge(
        &Family::of_bytes("process_virtual_memory", "Addresses that are reserved."),
        process.virtual_bytes,
    )?;
    to.gauge(&Family::of("process_threads", "Threads of the process."), process.threads)?;
    to.gauge(&Family::of("process_open_fds", "Files and sockets that are open."), process.open_files)?;
    if let Some(most) = process.most_files {
        to.gauge(&Family::of("process_max_fds", "How many may be open."), most)?;
    }
    to.gauge(
        &Family::of_seconds("process_start_time", "When the process began, since the epoch."),
        process.started_seconds,
    )
}

#[cfg(target_os = "linux")]
fn read() -> Option<Process> {
    use procfs::process::LimitValue;
    use procfs::{WithCurrentSystemInfo, boot_time_secs, ticks_per_second};

    let process = procfs::process::Process::myself().ok()?;
    let stat = process.stat().ok()?;
    let seconds = |ticks: u64| ticks as f64 / ticks_per_second() as f64;
    let most_files = match process.limits().ok()?.max_open_files.soft_limit {
        LimitValue::Unlimited => None,
        LimitValue::Value(most) => Some(most),
    };
    Some(Process {
        cpu_seconds: seconds(stat.utime + stat.stime),
        resident_bytes: stat.rss_bytes().get(),
        virtual_bytes: stat.vsize,
        threads: u64::try_from(stat.num_threads).ok()?,
        open_files: process.fd_count().ok()? as u64,
        most_files,
        started_seconds: boot_time_secs().ok()? as f64 + seconds(stat.starttime),
    })
}

#[cfg(not(target_os = "linux"))]
fn read() -> Option<Process> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use super::*;

    #[test]
    fn the_system_tells_of_this_very_process() {
        let process = read().unwrap();
        assert!(process.resident_bytes > 100_000 && process.virtual_bytes >= process.resident_bytes);
        assert!(process.threads >= 1 && process.open_files >= 3, "{process:?}");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
        assert!(process.started_seconds <= now + 1.0 && process.started_seconds > now - 86_400.0);
        let file = std::fs::File::open("/proc/self/stat").unwrap();
        let more = read().unwrap();
        assert!(more.open_files > process.open_files - 1 && more.cpu_seconds >= process.cpu_seconds);
        drop(file);
    }
}
