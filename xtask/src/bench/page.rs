//! `BENCHMARKS.md`: what was measured, with everything that one must know to believe it.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};

use super::long;
use super::measured::{Measured, Outcome, Series};
use super::picture;
use super::programs::RNACOS;
use super::rounds::{CONNECTIONS, INSTANCES, MANY, READERS};
use super::running::{JVM_WARM_UP_SECS, Server};
use super::spread::Spread;
use crate::project::Project;

/// With more than this share of the cores in use by others, in percent, no budget is judged.
const QUIET: f64 = 5.0;

/// Where the pictures are.
const PICTURES: &str = "docs/benchmarks";

/// Writes the page and its pictures.
pub(super) fn write(project: &Project, measured: &Measured) -> Result<()> {
    let folder = project.path(PICTURES);
    fs::create_dir_all(&folder)?;
    let per_100k: Vec<_> = measured
        .fast
        .iter()
        .filter_map(|series| Some((series.name, series.spread(|it| it.server.cpu_s_per_100k)?)))
        .collect();
    picture::bars(
        &folder.join("renewal-cpu.svg"),
        "Server CPU for 100 000 renewals",
        "seconds; bar: median, line: least to greatest",
        &per_100k,
    )?;
    let latencies: Vec<_> = measured
        .paced
        .iter()
        .filter_map(|series| {
            let figures = [
                series.spread(|it| it.latency_us.p50)?,
                series.spread(|it| it.latency_us.p90)?,
                series.spread(|it| it.latency_us.p99)?,
                series.spread(|it| it.latency_us.p999)?,
            ];
            Some((series.name, figures.map(|spread| spread.median).to_vec()))
        })
        .collect();
    picture::ranges(
        &folder.join("renewal-latency.svg"),
        &format!("Latency of a renewal at {} per second", measured.rate),
        "microseconds from when it was due; medians of the rounds",
        &["50 %", "90 %", "99 %", "99.9 %"],
        &latencies,
    )?;
    let page = text(measured)?;
    fs::write(project.path("BENCHMARKS.md"), page).context("BENCHMARKS.md")?;
    println!("\nBENCHMARKS.md and {PICTURES}/*.svg are written");
    Ok(())
}

fn text(measured: &Measured) -> Result<String> {
    let mut page = String::new();
    head(measured, &mut page)?;
    renewals(measured, &mut page)?;
    reads(measured, &mut page)?;
    memory(measured, &mut page)?;
    if let Some(measured) = &measured.long {
        long::write(measured, &mut page)?;
    }
    repeat(measured, &mut page)?;
    Ok(page)
}

fn head(measured: &Measured, page: &mut String) -> Result<()> {
    let machine = &measured.machine;
    let rounds = measured.fast.first().map_or(0, |series| series.rounds.len());
    let others = Spread::of(measured.others.iter().map(|share| share * 100.0)).context("no round")?;
    let void: usize = every(measured).map(Series::void).sum();
    writeln!(
        page,
        "\
# Benchmarks

Written by `cargo xtask bench`; what is changed here by hand is lost with the next run. Every figure is the median of
{rounds} rounds (least–greatest).

| | |
| --- | --- |
| measured | {} |
| lubdub | {} |
| machine | {}, {} cores, {:.0} GiB |
| system | {} |
| compiler | {}, profile `{}` for lubdub, the bare servers and the generator |
| in use by others | {others:.0} % of the cores in the half second before each measurement |
| void | {void} measurements, in which the generator was late; they count nowhere |
",
        machine.date,
        machine.revision,
        machine.processor,
        machine.cores,
        machine.memory_gib,
        machine.system,
        machine.compiler,
        measured.profile,
    )?;
    if others.median > QUIET {
        writeln!(
            page,
            "**The machine was not quiet.** Throughputs and latencies say little then. Processor time is counted for the \
             server's process alone, and ratios are of measurements that were made one after the other: they \
             hold better, but are no substitute for a run on a quiet machine.\n"
        )?;
    }
    writeln!(
        page,
        "\
Server and generator share the cores, over loopback; nothing is pinned. In each round every server is measured
once, while the others are stopped, and every second round goes backwards, so that what drifts meets all alike. A ratio is of two figures of the same round.
The generator is `lubdub bench`, for all servers; one thread. The server's processor time is user and system
time of its process, read before and after the requests that are measured: registering the instances before and
deregistering them after is not in it. It is the fairest figure here, as the generator takes part of the same cores.

| server | what it is |
| --- | --- |
| lubdub | `lubdub serve --ephemeral`: a renewal finds its lease, stamps it, and is counted; on mimalloc |
| empty axum handler | matches the path, takes both names out of it, stores nothing; on the system's allocator (`benches/peers`) |
| bare hyper handler | answers everything with an empty 200; on the system's allocator (`benches/peers`) |"
    )?;
    if measured.servers.contains(&Server::Spring) {
        writeln!(
            page,
            "| Spring Cloud Eureka | the server of `conformance/record/spring-server`, on the JVM's own settings, warmed up by {JVM_WARM_UP_SECS} s of renewals |"
        )?;
    }
    if measured.servers.contains(&Server::Rnacos) {
        writeln!(
            page,
            "| r-nacos | {RNACOS}, as `cargo install --locked` builds it, logging warnings only; its own beat with JSON, as Nacos' clients send it |"
        )?;
    }
    Ok(())
}

fn renewals(measured: &Measured, page: &mut String) -> Result<()> {
    writeln!(
        page,
        "
## Renewals, as fast as they go

{INSTANCES} instances over {CONNECTIONS} connections, {} s each; each connection sends its next renewal when the last was answered.

| server | server CPU s per 100 000 | lubdub's over it | renewals/s | lubdub's over it | generator CPU µs each |
| --- | --- | --- | --- | --- | --- |",
        measured.seconds
    )?;
    let cpu = |it: &Outcome| it.server.cpu_s_per_100k;
    let pace = |it: &Outcome| it.throughput_per_s;
    let own = measured.fast.first();
    let ratio = |of: &Series, figure: &dyn Fn(&Outcome) -> f64| {
        Spread::of_ratios(&own?.figures(figure), &of.figures(figure))
    };
    for series in &measured.fast {
        writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} |",
            series.name,
            shown(series.spread(cpu), 3),
            shown(ratio(series, &cpu), 2),
            shown(series.spread(pace), 0),
            shown(ratio(series, &pace), 2),
            shown(series.spread(|it| it.generator.cpu_us_per_request), 2),
        )?;
    }
    if let Some(over) = measured.fast.get(1).and_then(|axum| ratio(axum, &cpu)) {
        let others = Spread::of(measured.others.iter().map(|share| share * 100.0));
        let met = match others {
            Some(others) if others.median <= QUIET && over.median < 1.0 => "met",
            Some(others) if others.median <= QUIET => "not met",
            _ => "not decided by this run",
        };
        writeln!(
            page,
            "\nThe budget is to take less than the empty axum handler: **{met}**, at {over:.2} of it.\n\n\
             ![Server CPU for 100 000 renewals]({PICTURES}/renewal-cpu.svg)"
        )?;
    }
    writeln!(
        page,
        "
## Renewals, at {} per second

The same instances and connections. A latency counts from the time at which the renewal was due, so a server that stalls is
charged with everything that had to wait. Microseconds.

| server | 50 % | 90 % | 99 % | 99.9 % | server CPU s per 100 000 | kept up |
| --- | --- | --- | --- | --- | --- | --- |",
        measured.rate
    )?;
    for series in &measured.paced {
        let unsent: u64 = series.rounds.iter().flatten().map(|it| it.unsent).sum();
        let kept_up = match unsent {
            _ if series.void() == series.rounds.len() => "void".to_owned(),
            0 => "yes".to_owned(),
            _ => format!("no: {unsent} unsent"),
        };
        writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {kept_up} |",
            series.name,
            shown(series.spread(|it| it.latency_us.p50), 0),
            shown(series.spread(|it| it.latency_us.p90), 0),
            shown(series.spread(|it| it.latency_us.p99), 0),
            shown(series.spread(|it| it.latency_us.p999), 0),
            shown(series.spread(cpu), 2),
        )?;
    }
    writeln!(page, "\n![Latency of a renewal]({PICTURES}/renewal-latency.svg)")?;
    Ok(())
}

fn reads(measured: &Measured, page: &mut String) -> Result<()> {
    writeln!(
        page,
        "
## Reads of lubdub

{INSTANCES} instances in applications of ten, {READERS} connections, gzipped JSON, as fast as it goes; nothing changes meanwhile.

| what is read | reads/s | 50 % µs | 99 % µs | server CPU s per 100 000 | bytes each |
| --- | --- | --- | --- | --- | --- |"
    )?;
    for series in &measured.reads {
        writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} |",
            series.name,
            shown(series.spread(|it| it.throughput_per_s), 0),
            shown(series.spread(|it| it.latency_us.p50), 0),
            shown(series.spread(|it| it.latency_us.p99), 0),
            shown(series.spread(|it| it.server.cpu_s_per_100k), 2),
            series
                .spread(|it| it.body_bytes_per_request)
                .map_or_else(|| "–".to_owned(), |it| format!("{:.0}", it.median)),
        )?;
    }
    Ok(())
}

fn memory(measured: &Measured, page: &mut String) -> Result<()> {
    let mebibytes = |bytes: f64| bytes / f64::from(1 << 20);
    let each = |it: &Outcome| (it.server.rss_bytes.prepared - it.server.rss_bytes.empty) / f64::from(MANY);
    let series = &measured.memory;
    writeln!(
        page,
        "
## Memory of lubdub

{MANY} instances as Eureka's clients register them, ten to an application, with ten metadata entries each, kept in memory only;
{CONNECTIONS} connections. Memory is what the system says that the process has in use (RSS), so it holds the history of the
registrations, what changed in the last three minutes, and what the allocator keeps, too. The core alone: `cargo bench -p
lubdub-core --bench memory`.

The budget is 700 bytes for an instance.

| empty, MiB | registered, MiB | after renewing, MiB | bytes per instance |
| --- | --- | --- | --- |
| {} | {} | {} | {} |",
        shown(series.spread(|it| mebibytes(it.server.rss_bytes.empty)), 1),
        shown(series.spread(|it| mebibytes(it.server.rss_bytes.prepared)), 1),
        shown(series.spread(|it| mebibytes(it.server.rss_bytes.measured)), 1),
        shown(series.spread(each), 0),
    )?;
    Ok(())
}

fn repeat(measured: &Measured, page: &mut String) -> Result<()> {
    let rounds = measured.fast.first().map_or(0, |series| series.rounds.len());
    let named: Vec<_> = measured.peers.iter().map(|peer| format!(" {}", peer.name())).collect();
    let mut peers = if named.is_empty() { String::new() } else { format!(" --peers{}", named.concat()) };
    if measured.long.is_none() {
        peers.push_str(" --no-long");
    }
    writeln!(
        page,
        "
## Again

```sh
cargo xtask bench --no-micro --profile {} --rounds {rounds} --seconds {} --rate {}{peers}
```

`cargo xtask bench` alone runs the benches of single crates too; `--peers` adds Spring Cloud's Eureka server and ZooKeeper (JDK and
Maven), etcd (Debian's package) and r-nacos (built once, ten minutes). One measurement by hand: `lubdub help bench`.",
        measured.profile, measured.seconds, measured.rate
    )?;
    Ok(())
}

fn every(measured: &Measured) -> impl Iterator<Item = &Series> {
    let Measured { fast, paced, reads, memory, .. } = measured;
    fast.iter().chain(paced).chain(reads).chain([memory])
}

pub(super) fn shown(spread: Option<Spread>, digits: usize) -> String {
    spread.map_or_else(|| "void".to_owned(), |spread| format!("{spread:.digits$}"))
}
