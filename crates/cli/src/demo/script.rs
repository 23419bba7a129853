//! What the demo does, in which order, and what it expects.

use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::fleet::{Fleet, INTERVAL_SECS, TTL_SECS, names};
use super::happening::Happening;
use super::ledger::Page;
use super::picture::Fate;
use super::screen::Screen;
use super::stage::{Stage, Waited};
use super::summary::{Finding, table};
use crate::client::{Client, News};
use crate::failure::Failure;
use crate::output::Paint;

const TTL: Duration = Duration::from_secs(TTL_SECS);
const INTERVAL: Duration = Duration::from_secs(INTERVAL_SECS);

/// How long anything may take before the demo stops waiting for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long after each other providers are started.
const APART: Duration = Duration::from_millis(150);

/// How long one that left stays away before it goes on.
const AWAY: Duration = Duration::from_secs(1);

/// Who is killed, and who is stopped: with three providers both are there.
const KILLED: &str = "orders-2";
const STOPPED: &str = "payments-1";

/// Plays the demo. With `exit` it ends after the summary.
pub(super) fn play(providers: usize, exit: bool, paint: Paint) -> Result<(), Failure> {
    let registry = super::registry::Registry::start()?;
    let url = registry.url().to_owned();
    let (sender, inbox) = mpsc::channel();
    registry.on_interrupt(sender.clone())?;
    listen(&Client::new(&url, None)?, sender.clone())?;
    let mut stage = Stage::new(inbox, Screen::new(paint), TTL);
    let mut fleet = Fleet::default();

    let played = act(&mut stage, &mut fleet, &url, providers, &sender);
    let ended = match played {
        Ok(Some(findings)) => tell_end(&mut stage, &url, &findings, exit),
        Ok(None) if exit => Err(Failure::bare("interrupted before the end")),
        Ok(None) => Ok(()),
        Err(failure) => Err(failure),
    };
    if ended.is_ok() {
        stage.tell("providers say goodbye, the registry stops")?;
    }
    fleet.end();
    registry.stop();
    ended
}

/// What is done. None: the person wanted it to end.
fn act(
    stage: &mut Stage,
    fleet: &mut Fleet,
    url: &str,
    providers: usize,
    sender: &Sender<Happening>,
) -> Result<Option<Vec<Finding>>, Failure> {
    stage.write(&format!(
        "A registry in this process listens at {url}, in memory.\n\
         {providers} provider processes register there over Eureka's protocol. Each beats every {INTERVAL_SECS} s, and its\n\
         lease allows {TTL_SECS} s of silence (real Eureka clients: 30 s and 90 s).\n"
    ))?;
    for (service, name) in names(providers) {
        let process = fleet.start(url, service, &name, sender.clone())?;
        stage.enter(&name, process)?;
        // Not all at the same moment, so that their beats can be told apart.
        if stage.wait(Some(APART), |_| false)? == Waited::Interrupted {
            return Ok(None);
        }
    }
    let beating = |page: &Page| !page.arrivals.is_empty() && page.beats >= 2;
    match stage.wait(Some(PATIENCE), |ledger| ledger.pages().iter().all(beating))? {
        Waited::Done => {}
        Waited::InVain => {
            return Err(Failure::bare(format_args!(
                "not every provider was registered and beating after {} s",
                PATIENCE.as_secs()
            )));
        }
        Waited::Interrupted => return Ok(None),
    }

    fleet.kill(KILLED)?;
    stage.act(KILLED, Fate::Killed, &format!("{KILLED} is killed (SIGKILL): it cannot say goodbye"))?;
    if stage.wait(Some(PATIENCE), |ledger| has_left(ledger.page(KILLED)))? == Waited::Interrupted {
        return Ok(None);
    }

    fleet.stop(STOPPED)?;
    stage.act(STOPPED, Fate::Stopped, &format!("{STOPPED} is stopped (SIGSTOP): alive, but silent"))?;
    if stage.wait(Some(PATIENCE), |ledger| has_left(ledger.page(STOPPED)))? == Waited::Interrupted {
        return Ok(None);
    }
    if stage.wait(Some(AWAY), |_| false)? == Waited::Interrupted {
        return Ok(None);
    }

    let arrivals = stage.ledger().page(STOPPED).map_or(0, |page| page.arrivals.len());
    let went_on = Instant::now();
    fleet.go_on(STOPPED)?;
    stage.act(STOPPED, Fate::Running, &format!("{STOPPED} goes on (SIGCONT)"))?;
    let back = |page: Option<&Page>| page.and_then(|page| page.arrivals.get(arrivals).copied());
    if stage.wait(Some(PATIENCE), |ledger| back(ledger.page(STOPPED)).is_some())? == Waited::Interrupted {
        return Ok(None);
    }
    let returned = back(stage.ledger().page(STOPPED)).map(|at| at.duration_since(went_on));
    // One more beat, to see that it stays.
    if stage.wait(Some(INTERVAL), |_| false)? == Waited::Interrupted {
        return Ok(None);
    }
    Ok(Some(findings(stage, returned)))
}

fn has_left(page: Option<&Page>) -> bool {
    page.is_some_and(|page| !page.departures.is_empty())
}

fn findings(stage: &Stage, returned: Option<Duration>) -> Vec<Finding> {
    let ledger = stage.ledger();
    let departure = |name| ledger.page(name).and_then(|page| page.departures.first());
    let was_refused = ledger.page(STOPPED).is_some_and(|page| page.unknown > 0);
    let others = || ledger.pages().iter().filter(|page| page.name != KILLED && page.name != STOPPED);
    let left: Vec<&str> =
        others().filter(|page| has_left(Some(page))).map(|page| page.name.as_str()).collect();
    vec![
        Finding::of_kill("killed (SIGKILL)", KILLED, departure(KILLED), INTERVAL),
        Finding::of_departure("stopped (SIGSTOP)", STOPPED, departure(STOPPED), TTL),
        Finding::of_return(STOPPED, returned, was_refused, INTERVAL),
        Finding::of_others(others().count(), others().map(|page| page.beats).sum(), &left),
    ]
}

/// The summary, and what to look at next.
fn tell_end(stage: &mut Stage, url: &str, findings: &[Finding], exit: bool) -> Result<(), Failure> {
    let paint = stage.paint();
    stage.keep_chart()?;
    stage.write(&format!("\n{}\n", table(findings, paint)))?;
    if !exit {
        stage.write(&look_around(url, &program()))?;
        stage.wait(None, |_| false)?;
    }
    if findings.iter().all(Finding::is_kept) {
        return Ok(());
    }
    Err(Failure::new(
        "not everything was as promised",
        "a machine that is very busy can be the reason: run it again; if it stays so, it is a fault of lubdub",
    ))
}

fn look_around(url: &str, program: &str) -> String {
    format!(
        "The registry and its providers stay up until Ctrl-C. Look around from another terminal:\n\
         \n  {program} services --server {url}\
         \n  {program} instances orders --server {url}\
         \n  {program} why orders {KILLED} --server {url}\
         \n  {program} watch --server {url}\
         \n  curl -s {url}/api/v1/services\
         \n  curl -s -H 'Accept: application/json' {url}/eureka/apps\n\
         \nA Spring program joins with eureka.client.service-url.defaultZone={url}/eureka\n"
    )
}

/// How this program was called, so that what is shown can be pasted.
fn program() -> String {
    std::env::args().next().filter(|name| !name.contains(' ')).unwrap_or_else(|| "lubdub".to_owned())
}

/// Reads the registry's events on a thread of its own. Whatever happens after this returns is
/// told.
fn listen(client: &Client, inbox: Sender<Happening>) -> Result<(), Failure> {
    let events = client.events(None, client.place()?)?;
    thread::spawn(move || {
        for watched in events.map_while(Result::ok) {
            let News::Change(event) = watched.news else { continue };
            let happening = Happening::Told { event, seen: Timestamp::now(), at: Instant::now() };
            if inbox.send(happening).is_err() {
                return;
            }
        }
        let _ = inbox.send(Happening::Deaf);
    });
    Ok(())
}
