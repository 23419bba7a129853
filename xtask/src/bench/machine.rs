//! [`Machine`]: on what it was measured, and how busy that was with other things.

use std::fs;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::project::Project;

/// How long is looked at what others do.
const GLANCE: Duration = Duration::from_millis(500);

/// What a reader wants to know of it.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) processor: String,
    pub(super) cores: usize,
    pub(super) memory_gib: f64,
    pub(super) system: String,
    pub(super) compiler: String,
    pub(super) date: String,
    /// The project's own revision.
    pub(super) revision: String,
}

impl Machine {
    /// # Errors
    ///
    /// It does not tell; only Linux is asked.
    pub(super) fn here(project: &Project) -> Result<Self> {
        if !cfg!(target_os = "linux") {
            bail!("rounds need Linux, which tells what a process used; see --no-rounds");
        }
        let said = |program: &str, arguments: &[&str]| -> String {
            let mut command = project.program(program);
            command.args(arguments);
            process::answer(command).unwrap_or_default().trim().to_owned()
        };
        let revision = said("git", &["rev-parse", "--short=12", "HEAD"]);
        let changed = !said("git", &["status", "--porcelain"]).is_empty();
        let memory = field("/proc/meminfo", "MemTotal")?;
        let memory_kib: f64 = memory.trim_end_matches(" kB").parse().context("the memory of this machine")?;
        Ok(Self {
            processor: field("/proc/cpuinfo", "model name")?,
            cores: thread::available_parallelism()?.get(),
            memory_gib: memory_kib / f64::from(1 << 20),
            system: said("uname", &["-sr"]),
            compiler: said("rustc", &["--version"]),
            date: said("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
            revision: format!("{revision}{}", if changed { ", with changes" } else { "" }),
        })
    }
}

/// The share of all cores that is in use now, from 0 to 1.
pub(super) fn busy() -> Result<f64> {
    let before = Ticks::now()?;
    thread::sleep(GLANCE);
    let after = Ticks::now()?;
    let all = after.all.saturating_sub(before.all).max(1);
    Ok(1.0 - after.idle.saturating_sub(before.idle) as f64 / all as f64)
}

/// What all cores together have done since the start, in ticks.
struct Ticks {
    all: u64,
    idle: u64,
}

impl Ticks {
    fn now() -> Result<Self> {
        let text = fs::read_to_string("/proc/stat").context("/proc/stat")?;
        let line = text.lines().next().unwrap_or_default();
        let ticks: Vec<u64> = line.split_whitespace().skip(1).filter_map(|word| word.parse().ok()).collect();
        // user nice system idle iowait irq softirq steal; guests are in user already.
        let (all, idle) = (ticks.iter().take(8).sum(), ticks.iter().skip(3).take(2).sum());
        Ok(Self { all, idle })
    }
}

fn field(file: &str, name: &str) -> Result<String> {
    let text = fs::read_to_string(file).context(file.to_owned())?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
    Ok(value.with_context(|| format!("{file} has no {name}"))?.trim().to_owned())
}
