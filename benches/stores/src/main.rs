//! Which embedded store should the journal use? The figures are in `docs/journal-store.md`.
//!
//! ```text
//! cargo run --release -- speed   <store> <dir> [records]   commit times, load, sizes, start
//! cargo run --release -- crash   <store> <dir> [records]   kill -9 while writing, ten times
//! cargo run --release -- corrupt <store> <dir>             flipped bits, cut files
//! cargo run --release -- full    <store> <dir>             a full disk: give it a small mount
//! cargo run --release -- lock    <store> <dir>             a second process opens the folder
//! ```
//!
//! A store is `redb`, `redb-quick`, `fjall`, `heed` or `sqlite`. `dir` is made, and what it holds
//! of an earlier run is removed; for `speed` and `crash` it should be on the disk that matters.
//! For `full`: `mount -t tmpfs -o size=8m none <dir>`.

mod fjall;
mod heed;
mod redb;
mod sqlite;
mod store;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use store::{META, Random, Result, Store, Write, index, version, writes};

/// Records per transaction while loading.
const LOAD: u64 = 10_000;

/// Batches written before a store is damaged.
const BATCHES: u64 = 200;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, name, dir, rest @ ..] = arguments.as_slice() else {
        return Err("usage: stores <speed|crash|corrupt|full|lock> <store> <dir> [records]".into());
    };
    let job = Job {
        name,
        dir: PathBuf::from(dir),
        records: rest.first().map_or(Ok(1_000_000), |text| text.parse())?,
    };
    match name.as_str() {
        "redb" => job.run::<redb::Redb<false>>(what),
        "redb-quick" => job.run::<redb::Redb<true>>(what),
        "fjall" => job.run::<fjall::Fjall>(what),
        "heed" => job.run::<heed::Heed>(what),
        "sqlite" => job.run::<sqlite::Sqlite>(what),
        _ => Err(format!("no store is called {name}").into()),
    }
}

struct Job<'a> {
    name: &'a str,
    dir: PathBuf,
    records: u64,
}

impl Job<'_> {
    fn run<S: Store>(&self, what: &str) -> Result<()> {
        match what {
            "speed" => self.speed::<S>(),
            "crash" => self.crash::<S>(),
            "corrupt" => self.corrupt::<S>(),
            "full" => self.full::<S>(),
            "lock" => self.lock::<S>(),
            "child-write" => self.child_write::<S>(),
            "child-open" => self.child_open::<S>(),
            "child-read" => self.child_read::<S>(),
            _ => Err(format!("there is no measurement {what}").into()),
        }
    }

    fn child(&self, what: &str) -> Result<Command> {
        let mut child = Command::new(std::env::current_exe()?);
        child.args([what, self.name]).arg(&self.dir).arg(self.records.to_string());
        Ok(child)
    }

    fn load<S: Store>(&self) -> Result<S> {
        empty(&self.dir)?;
        let mut store = S::open(&self.dir)?;
        for from in (0..self.records).step_by(LOAD as usize) {
            store.commit(writes(from..(from + LOAD).min(self.records), 0))?;
        }
        Ok(store)
    }

    fn speed<S: Store>(&self) -> Result<()> {
        let name = self.name;
        let records = self.records;
        let started = Instant::now();
        let mut store = self.load::<S>()?;
        println!("{name}: {records} loaded in {:.2?}, {}", started.elapsed(), size(&self.dir)?);

        let bare = File::create(self.dir.with_extension("bare"))?;
        let mut random = Random(1);
        for batch in [1, 64] {
            let (mut commits, mut bares, mut wrote) = (Vec::new(), Vec::new(), 0);
            let mut payload = 0;
            for block in 0..40u64 {
                let before = written()?;
                for number in 0..50 {
                    let batch = writes((0..batch).map(|_| random.below(records)), 1 + block * 50 + number);
                    payload += bytes(&batch).len() as u64;
                    let started = Instant::now();
                    store.commit(batch)?;
                    commits.push(started.elapsed());
                }
                wrote += written()? - before;
                for number in 0..50 {
                    let batch = bytes(&writes((0..batch).map(|_| random.below(records)), number));
                    let started = Instant::now();
                    (&bare).write_all(&batch)?;
                    bare.sync_data()?;
                    bares.push(started.elapsed());
                }
            }
            let (commit, bare) = (Quantiles::of(commits), Quantiles::of(bares));
            println!(
                "{name}: {records} records, batch {batch}: {commit}; bare {bare}; ratio {:.2} {:.2}; written {:.1} times",
                commit.p50.div_duration_f64(bare.p50),
                commit.p99.div_duration_f64(bare.p99),
                wrote as f64 / payload as f64,
            );
        }
        fs::remove_file(self.dir.with_extension("bare"))?;

        let started = Instant::now();
        for number in 0..200_000 / 64 {
            store.commit(writes((0..64).map(|_| random.below(records)), number))?;
        }
        println!("{name}: 200k further updates by 64 in {:.2?}, {}", started.elapsed(), size(&self.dir)?);

        drop(store);
        let started = Instant::now();
        let mut store = S::open(&self.dir)?;
        let opened = started.elapsed();
        let rows = count(&store)?;
        println!("{name}: after a clean end: open {opened:.2?}, all {rows} rows {:.2?}", started.elapsed());
        let started = Instant::now();
        let sound = store.check()?;
        println!("{name}: own check {sound:?} in {:.2?}; peak memory {}", started.elapsed(), peak()?);
        Ok(())
    }

    /// Kills a writing child and compares what is there with a replay of its batches.
    fn crash<S: Store>(&self) -> Result<()> {
        drop(self.load::<S>()?);
        let mut random = Random(7);
        for round in 1..=10 {
            let mut child = self.child("child-write")?.stdout(Stdio::piped()).spawn()?;
            let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
            let mut acknowledged = lines.next().ok_or("the child ended")??.parse()?;
            // Not in step with the batches, so that the end comes at any point of a commit.
            sleep(Duration::from_micros(300_000 + random.below(500_000)));
            child.kill()?;
            child.wait()?;
            for line in lines {
                acknowledged = line?.parse()?;
            }

            let started = Instant::now();
            let store = S::open(&self.dir)?;
            let opened = started.elapsed();
            let (mut found, mut last) = (vec![None; self.records as usize], None);
            store.scan(&mut |key, value| {
                if key == META {
                    last = value.try_into().ok().map(u64::from_le_bytes);
                } else if let Some(slot) = index(key).and_then(|at| found.get_mut(at as usize)) {
                    *slot = value.first_chunk().copied().map(u64::from_le_bytes);
                }
            })?;
            let read = started.elapsed();
            let last = last.ok_or("no meta row")?;
            let versions = replay(last, self.records);
            let wrong = versions.iter().zip(&found).filter(|(want, got)| Some(**want) != **got);
            println!(
                "{}: round {round}: acknowledged {acknowledged}, found {last}, wrong records {}; open {opened:.2?}, with reading {read:.2?}",
                self.name,
                wrong.count(),
            );
            if last < acknowledged {
                return Err("an acknowledged batch is lost".into());
            }
        }
        Ok(())
    }

    /// Commits batches of 64 for ever and prints the number of each once it is durable.
    fn child_write<S: Store>(&self) -> Result<()> {
        let mut store = S::open(&self.dir)?;
        let mut last = 0;
        store.scan(&mut |key, value| {
            if key == META {
                last = value.try_into().map_or(0, u64::from_le_bytes);
            }
        })?;
        let mut output = std::io::stdout();
        for number in last + 1.. {
            store.commit(writes(chosen(number, self.records), number))?;
            writeln!(output, "{number}")?;
        }
        Ok(())
    }

    fn corrupt<S: Store>(&self) -> Result<()> {
        const RECORDS: u64 = 50_000;
        let intact = self.dir.with_extension("intact");
        let job = Job { name: self.name, dir: intact.clone(), records: RECORDS };
        let mut store = job.load::<S>()?;
        for number in 1..=BATCHES {
            store.commit(writes(chosen(number, RECORDS), number))?;
        }
        drop(store);

        for damage in [Damage::Bit, Damage::Sector, Damage::CutPage, Damage::CutHalf, Damage::Empty] {
            let mut verdicts = BTreeMap::<String, u32>::new();
            for seed in 0..if damage.varies() { 40 } else { 1 } {
                empty(&self.dir)?;
                copy(&intact, &self.dir)?;
                damage.inflict(&self.dir, &mut Random(seed))?;
                let job = Job { name: self.name, dir: self.dir.clone(), records: RECORDS };
                let output = job.child("child-read")?.output()?;
                let verdict = if output.status.code() == Some(0) {
                    String::from_utf8(output.stdout)?.trim().to_owned()
                } else {
                    format!("died: {}", output.status)
                };
                *verdicts.entry(verdict).or_default() += 1;
            }
            for (verdict, times) in verdicts {
                println!("{}: {damage:?}: {times} x {verdict}", self.name);
            }
        }
        Ok(fs::remove_dir_all(intact)?)
    }

    /// Opens, reads, checks, writes; prints what went wrong.
    fn child_read<S: Store>(&self) -> Result<()> {
        std::panic::set_hook(Box::new(|_| ()));
        let expected = replay(BATCHES, self.records);
        let verdict = catch_unwind(|| {
            let mut store = match S::open(&self.dir) {
                Ok(store) => store,
                Err(fault) => return format!("open: {}", brief(&fault)),
            };
            let (mut right, mut old, mut wrong) = (0, 0, 0);
            let scan = store.scan(&mut |key, value| match version(key, value) {
                Some(found) if index(key).is_some_and(|at| expected[at as usize] == found) => {
                    right += 1;
                }
                Some(_) => old += 1,
                None if key == META => (),
                None => wrong += 1,
            });
            let mut verdict = match scan {
                Err(fault) => format!("read: {}", brief(&fault)),
                Ok(()) if right == self.records && wrong == 0 => "all right".to_owned(),
                Ok(()) if wrong > 0 => "NO ERROR, rows damaged".to_owned(),
                Ok(()) if old > 0 => "NO ERROR, newest batches lost".to_owned(),
                Ok(()) => "NO ERROR, rows missing".to_owned(),
            };
            match store.check() {
                Ok(None) => (),
                Ok(Some(sound)) => verdict += if sound { ", check: sound" } else { ", check: damaged" },
                Err(fault) => verdict += &format!(", check: {}", brief(&fault)),
            }
            if let Err(fault) = store.commit(writes(0..1, 1)) {
                verdict += &format!(", write: {}", brief(&fault));
            }
            verdict
        });
        println!("{}", verdict.unwrap_or_else(|_| "PANIC".to_owned()));
        Ok(())
    }

    /// Fills the disk, frees some of it, goes on, opens again.
    fn full<S: Store>(&self) -> Result<()> {
        let name = self.name;
        empty(&self.dir)?;
        let ballast = self.dir.join("ballast");
        fs::write(&ballast, vec![1; 2 << 20])?;
        let dir = self.dir.join("store");
        fs::create_dir(&dir)?;
        let mut store = S::open(&dir)?;
        let mut acknowledged = 0;
        let mut step = |store: &mut S, what: &str, limit: u64| {
            for _ in 0..limit {
                let number = acknowledged + 1;
                let batch = writes(number * 64..(number + 1) * 64, number);
                match catch_unwind(AssertUnwindSafe(|| store.commit(batch))) {
                    Ok(Ok(())) => acknowledged = number,
                    Ok(Err(fault)) => {
                        return println!("{name}: {what}: after {acknowledged} batches: {fault:?}");
                    }
                    Err(_) => return println!("{name}: {what}: PANIC"),
                }
            }
            println!("{name}: {what}: fine");
        };
        step(&mut store, "filling", 100_000);
        step(&mut store, "again", 1);
        println!("{name}: reading while full: {:?}", count(&store));
        fs::remove_file(&ballast)?;
        step(&mut store, "space freed", 5);
        drop(store);
        let mut store = S::open(&dir)?;
        step(&mut store, "opened again", 5);
        let (mut rows, mut last) = (0, 0);
        store.scan(&mut |key, value| match version(key, value) {
            Some(_) => rows += 1,
            None => last = value.try_into().map_or(0, u64::from_le_bytes),
        })?;
        println!("{name}: acknowledged {acknowledged}, found {last}, whole records {rows}");
        Ok(())
    }

    fn child_open<S: Store>(&self) -> Result<()> {
        println!("{:?}", S::open(&self.dir).err());
        Ok(())
    }

    fn lock<S: Store>(&self) -> Result<()> {
        let job = Job { name: self.name, dir: self.dir.clone(), records: 100 };
        let _store = job.load::<S>()?;
        let output = job.child("child-open")?.output()?;
        println!("{}: second process: {}", self.name, String::from_utf8(output.stdout)?.trim());
        let same = S::open(&self.dir).err();
        println!("{}: same process: {same:?}", self.name);
        Ok(())
    }
}

#[derive(Clone, Copy, Debug)]
enum Damage {
    /// One bit flips, somewhere.
    Bit,
    /// 512 bytes are inverted, somewhere.
    Sector,
    /// The largest file loses its last 4 KiB.
    CutPage,
    /// The largest file loses its second half.
    CutHalf,
    /// The largest file is empty.
    Empty,
}

impl Damage {
    fn varies(self) -> bool {
        matches!(self, Self::Bit | Self::Sector)
    }

    fn inflict(self, dir: &Path, random: &mut Random) -> Result<()> {
        let files = files(dir)?;
        let (largest, length) = files.iter().max_by_key(|(_, length)| length).ok_or("no files")?;
        let largest = File::options().write(true).open(largest)?;
        match self {
            Self::Bit | Self::Sector => loop {
                // Only where there is something: stores reserve space ahead.
                let mut at = random.below(files.iter().map(|(_, length)| length / 512).sum());
                let (file, _) = files
                    .iter()
                    .find(|(_, length)| {
                        let here = at < length / 512;
                        at -= if here { 0 } else { length / 512 };
                        here
                    })
                    .ok_or("no sector")?;
                let file = File::options().read(true).write(true).open(file)?;
                let mut sector = [0; 512];
                file.read_exact_at(&mut sector, at * 512)?;
                if sector == [0; 512] {
                    continue;
                }
                match self {
                    Self::Bit => sector[random.below(512) as usize] ^= 1 << random.below(8),
                    _ => sector.iter_mut().for_each(|byte| *byte = !*byte),
                }
                return Ok(file.write_all_at(&sector, at * 512)?);
            },
            Self::CutPage => largest.set_len(length - 4096)?,
            Self::CutHalf => largest.set_len(length / 2)?,
            Self::Empty => largest.set_len(0)?,
        }
        Ok(())
    }
}

struct Quantiles {
    p50: Duration,
    p99: Duration,
}

impl Quantiles {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        Self { p50: times[times.len() / 2], p99: times[times.len() * 99 / 100] }
    }
}

impl std::fmt::Display for Quantiles {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{:.2?} {:.2?}", self.p50, self.p99)
    }
}

/// The 64 records that batch `number` of a crash run writes.
fn chosen(number: u64, records: u64) -> impl Iterator<Item = u64> {
    let mut random = Random(number);
    (0..64).map(move |_| random.below(records))
}

/// The version of each record after `batches` batches of a crash run.
fn replay(batches: u64, records: u64) -> Vec<u64> {
    let mut versions = vec![0; records as usize];
    for number in 1..=batches {
        chosen(number, records).for_each(|index| versions[index as usize] = number);
    }
    versions
}

fn bytes(batch: &[Write]) -> Vec<u8> {
    batch.iter().flat_map(|row| row.key.iter().chain(row.value.iter().flatten())).copied().collect()
}

fn count<S: Store>(store: &S) -> Result<u64> {
    let mut rows = 0;
    store.scan(&mut |_, _| rows += 1)?;
    Ok(rows)
}

fn brief(fault: &store::Fault) -> String {
    let text = format!("{fault:?}");
    text.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default().chars().take(90).collect()
}

fn empty(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir)?;
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for (file, _) in files(from)? {
        let target = to.join(file.strip_prefix(from)?);
        fs::create_dir_all(target.parent().ok_or("no parent")?)?;
        fs::copy(file, target)?;
    }
    Ok(())
}

/// Every file below `dir` with its length, in a fixed order.
fn files(dir: &Path) -> Result<Vec<(PathBuf, u64)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let (path, about) = {
            let entry = entry?;
            (entry.path(), entry.metadata()?)
        };
        if about.is_dir() { found.extend(files(&path)?) } else { found.push((path, about.len())) }
    }
    found.sort();
    Ok(found)
}

fn size(dir: &Path) -> Result<String> {
    let mut blocks = 0;
    let mut length = 0;
    for (path, bytes) in files(dir)? {
        blocks += fs::metadata(path)?.blocks() * 512;
        length += bytes;
    }
    Ok(format!("{} MiB on disk ({} MiB long)", blocks >> 20, length >> 20))
}

/// Bytes that this process has handed to the system to write.
fn written() -> Result<u64> {
    field("/proc/self/io", "wchar:")
}

fn peak() -> Result<String> {
    Ok(format!("{} MiB", field("/proc/self/status", "VmHWM:")? >> 10))
}

fn field(file: &str, name: &str) -> Result<u64> {
    let text = fs::read_to_string(file)?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such field")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
