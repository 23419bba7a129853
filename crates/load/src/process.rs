//! What the system says of processor time and memory: of the generator's thread, and of a server
//! that runs on this machine.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::Error;

/// Processor time of the calling thread.
pub(crate) fn own_cpu() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// What a process has used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Used {
    /// User and system time since its start, in seconds.
    pub(crate) cpu_s: f64,
    /// Memory that is in use.
    pub(crate) rss_bytes: u64,
}

/// Looks at a process of this machine.
///
/// # Errors
///
/// There is none of this id, or the system does not tell.
#[cfg(target_os = "linux")]
pub(crate) fn used(pid: i32) -> Result<Used, Error> {
    let stat = procfs::process::Process::new(pid).and_then(|process| process.stat());
    let stat = stat.map_err(|error| Error::Process { pid, reason: error.to_string() })?;
    Ok(Used {
        cpu_s: (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64,
        rss_bytes: stat.rss * procfs::page_size(),
    })
}

/// Only Linux tells.
#[cfg(not(target_os = "linux"))]
pub(crate) fn used(pid: i32) -> Result<Used, Error> {
    Err(Error::Process { pid, reason: "only Linux tells what another process uses".to_owned() })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_is_there_is_told_of_and_one_that_is_not_is_named() {
        let own = used(i32::try_from(std::process::id()).expect("ids are small")).expect("we are here");
        assert!(own.rss_bytes > 100_000);
        let told = used(i32::MAX).expect_err("there is none").to_string();
        assert!(told.contains("2147483647") && told.contains("--pid"), "{told}");
    }
}
