//! What `BENCHMARKS.md` tells of long connections.

use std::fmt::Write as _;

use anyhow::Result;

use super::measured::{Deaths, Long, Of, Sessions};
use super::rounds::{FLEET, KILLS, MANY, SESSIONS, TIMEOUT};
use crate::bench::page::shown;
use crate::bench::running::Server;
use crate::bench::spread::Spread;

/// Appends it.
pub(in crate::bench) fn write(long: &Long, page: &mut String) -> Result<()> {
    beats(long, page)?;
    idle(long, page)?;
    watches(long, page)?;
    deaths(long, page)
}

fn beats(long: &Long, page: &mut String) -> Result<()> {
    writeln!(
        page,
        "
## Beats on sessions, as fast as they go

{SESSIONS} sessions of one instance; each sends its next beat when the last was answered. A beat is what keeps a registry's own clients
alive: a message on lubdub's Session stream, a keep-alive on the stream of an etcd lease, ZooKeeper's ping, a health check of
Nacos 2. \"bare tonic\" answers the messages of lubdub's clients at once and does nothing else (`benches/peers`). Each measurement
has a server of its own.
"
    )?;
    for (how, all) in
        [("Each on a connection of its own", &long.own), ("All over one connection", &long.shared)]
    {
        writeln!(
            page,
            "{how}:

| server | beats/s | lubdub's over it | server CPU s per 100 000 | lubdub's over it | 50 % µs | 99 % µs | generator CPU µs each |
| --- | --- | --- | --- | --- | --- | --- | --- |"
        )?;
        let Some(own) = all.first() else { continue };
        for of in all {
            let pace = |it: &Sessions| it.beats_per_s;
            let cpu = |it: &Sessions| it.server.cpu_s_per_100k;
            writeln!(
                page,
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                of.name,
                shown(of.spread(pace), 0),
                shown(own.over(of, pace), 2),
                shown(of.spread(cpu), 3),
                shown(own.over(of, cpu), 2),
                shown(of.spread(|it| it.latency_us.p50), 0),
                shown(of.spread(|it| it.latency_us.p99), 0),
                shown(of.spread(|it| it.generator.cpu_us_per_request), 2),
            )?;
        }
        if let Some(over) = all.get(1).and_then(|tonic| own.over(tonic, |it| it.beats_per_s)) {
            writeln!(
                page,
                "\nThe budget is 0.8 of the beats of bare tonic: **{}**, at {over:.2}.\n",
                verdict(over.median >= 0.8)
            )?;
        }
    }
    let renewals = |it: &Sessions| it.renewals_per_s / 1e6;
    let per_core = |it: &Sessions| {
        let instances = it.renewals_per_s / it.beats_per_s.max(f64::MIN_POSITIVE);
        instances / (it.server.cpu_s_per_100k * 10.0)
    };
    let core = long.batched.spread(per_core);
    writeln!(
        page,
        "One session of {MANY} instances, of which one beat renews all: {} million renewals per second, {} million for each second of
the server's processor time. The budget is 2 million per second and core: **{}**. (A session's beat stamps the session, not
each lease; the leases look there.)",
        shown(long.batched.spread(renewals), 1),
        shown(core, 1),
        verdict(core.is_some_and(|core| core.median >= 2.0)),
    )?;
    Ok(())
}

fn idle(long: &Long, page: &mut String) -> Result<()> {
    writeln!(
        page,
        "
## Memory of open sessions

{MANY} sessions of one instance, each with a beat every 10 s. Memory (RSS) is what the server has more than before they were opened, so
it holds their connections, their instances and their history.

| server | KiB a session | of all, MiB |
| --- | --- | --- |"
    )?;
    for of in &long.idle {
        let mebibytes = |it: &Sessions| it.server.rss_bytes.prepared / f64::from(1 << 20);
        writeln!(
            page,
            "| {} | {} | {} |",
            of.name,
            shown(of.spread(|it| it.bytes_per_session / 1024.0), 1),
            shown(of.spread(mebibytes), 0),
        )?;
    }
    let spread = |of: Option<&Of<Sessions>>| of.and_then(|of| of.spread(|it| it.bytes_per_session / 1024.0));
    let (own, shared) = (spread(long.idle.first()), spread(long.idle.last()));
    let within = |spread: Option<Spread>| verdict(spread.is_some_and(|it| it.median < 20.0));
    writeln!(
        page,
        "
The budget is 20 KiB: **{}** for a session beside others on its connection, **{}** with a connection of its own, which is
most of it: h2 keeps 16 KiB to write from and a table of headers for each, and what hyper and tokio hold comes on top. lubdub's allocator
asks the system for huge pages, so all of that is in memory, where \"bare tonic\" touches a part of it: with `MIMALLOC_ALLOW_THP=0` in
its environment it is 33 KiB, and a renewal among many instances takes up to a fifth more of the processor.",
        within(shared),
        within(own),
    )?;
    Ok(())
}

fn watches(long: &Long, page: &mut String) -> Result<()> {
    writeln!(
        page,
        "
## News for {MANY} watches

All watch one service, and one of its instances changes, 20 times. Milliseconds from when the change was sent until so many were told; medians of
the changes, and the worst of them. lubdub's and etcd's watches are streams, a hundred on each connection, ZooKeeper's have a connection
each, and read the node again before they know. One thread of the generator reads it all, which is a part of each figure
but the first.

| server | first | half | all | all, at worst | server CPU s per 100 000 told | KiB a watch | generator CPU µs each |
| --- | --- | --- | --- | --- | --- | --- | --- |"
    )?;
    for of in &long.watches {
        writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            of.name,
            shown(of.spread(|it| it.median.first), 1),
            shown(of.spread(|it| it.median.p50), 0),
            shown(of.spread(|it| it.median.all), 0),
            shown(of.spread(|it| it.worst.all), 0),
            shown(of.spread(|it| it.server.cpu_s_per_100k), 2),
            shown(of.spread(|it| it.bytes_per_watch / 1024.0), 1),
            shown(of.spread(|it| it.generator.cpu_us_per_request), 2),
        )?;
    }
    if let Some(own) = long.watches.first() {
        let all = own.spread(|it| it.median.all);
        let memory = own.spread(|it| it.bytes_per_watch / 1024.0);
        writeln!(
            page,
            "\nThe budgets are that all are told within 150 ms: **{}**, and 20 KiB a watch: **{}**.",
            verdict(all.is_some_and(|it| it.median <= 150.0)),
            verdict(memory.is_some_and(|it| it.median < 20.0)),
        )?;
    }
    Ok(())
}

fn deaths(long: &Long, page: &mut String) -> Result<()> {
    let table = |all: &[Of<Deaths>], page: &mut String| -> Result<()> {
        writeln!(
            page,
            "| server | deaths a round | time-out s | 50 % ms | 99 % ms | longest ms |\n| --- | --- | --- | --- | --- | --- |"
        )?;
        for of in all {
            let deaths = of.rounds.first().map_or(0, |it| it.told_ms.count);
            writeln!(
                page,
                "| {} | {deaths} | {} | {} | {} | {} |",
                of.name,
                of.rounds.first().map_or_else(String::new, |it| format!("{}", it.timeout_s)),
                shown(of.spread(|it| it.told_ms.p50), 1),
                shown(of.spread(|it| it.told_ms.p99), 1),
                shown(of.spread(|it| it.told_ms.max), 1),
            )?;
        }
        Ok(())
    };
    writeln!(
        page,
        "
## Deaths

A provider is a process with lubdub's SDK, the consumer is the SDK's, on every registry; {FLEET} others of the service live on. Killed by SIGKILL, from the signal to the consumer's
callback; {KILLS} of lubdub's a round:
"
    )?;
    table(&long.killed, page)?;
    let own = long.killed.first().filter(|of| of.name == Server::Lubdub.name());
    let p99 = own.and_then(|of| of.spread(|it| it.told_ms.p99));
    writeln!(
        page,
        "
The budget is 5 ms for 99 in 100: **{}**.

Silent, with the connection left open, as one whose machine lost its network: how long after the end of the time-out ({TIMEOUT}), which begins
when the last beat was sent that was answered. Less than nothing is before.
",
        verdict(p99.is_some_and(|it| it.median < 5.0)),
    )?;
    table(&long.silent, page)?;
    let latest = long.silent.first().and_then(|of| of.spread(|it| it.told_ms.max));
    writeln!(
        page,
        "\nThe budget is at most 50 ms: **{}**.",
        verdict(latest.is_some_and(|it| it.greatest <= 50.0))
    )?;
    Ok(())
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "not met" }
}
