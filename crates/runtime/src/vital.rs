//! [`Vital`]: a thread without which the registry must not go on.
//!
//! Without its driver, a registry would answer renewals for ever and notice nobody's end;
//! without its pacer it would never dare to judge anybody. Either is worse than a restart,
//! which brings everything back.

/// Held by a thread; ends the process if that thread panics.
#[derive(Debug)]
pub(crate) struct Vital(pub(crate) &'static str);

impl Drop for Vital {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(
                thread = self.0,
                "a thread that the registry cannot do without has panicked, which is a defect of lubdub; \
                 the process ends rather than go on deaf"
            );
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;

    /// Says to the process that this test starts which part it plays.
    const CHILD: &str = "LUBDUB_TEST_VITAL_CHILD";

    #[test]
    fn a_panic_of_a_vital_thread_ends_the_process_and_an_ordinary_end_does_not() {
        if std::env::var_os(CHILD).is_some() {
            std::thread::spawn(|| drop(Vital("ordinary"))).join().unwrap();
            eprintln!("lived on");
            let _ = std::thread::spawn(|| {
                let _vital = Vital("driver");
                panic!("as a defect would");
            })
            .join();
            std::process::exit(0);
        }
        let name = "vital::tests::a_panic_of_a_vital_thread_ends_the_process_and_an_ordinary_end_does_not";
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(CHILD, "1")
            .output()
            .unwrap();
        assert!(String::from_utf8_lossy(&child.stderr).contains("lived on"));
        // SIGABRT
        assert_eq!(child.status.signal(), Some(6), "{:?}", child.status);
    }
}
