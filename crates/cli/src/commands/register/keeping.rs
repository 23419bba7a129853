//! [`keep`]: from the start of the command to its end, or to the signal that ends us.

use std::ffi::OsString;
use std::process::ExitStatus;
use std::time::Duration;

use lubdub_client::{Instance, Provider, Status, Switch};

use super::attempt::how;
use super::checking::{CheckPlan, Checking};
use super::command::Served;
use super::farewell::{Farewell, leave};
use super::health::Turn;
use super::passed_on::PassedOn;
use super::standing::{News, Standing};
use crate::commands::any_registry::{AnyRegistry, failure};
use crate::failure::Failure;
use crate::output::note;
use crate::signals::Stop;
use crate::words::count;

/// What is to be kept, and how.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) at: AnyRegistry,
    /// In front of the instance alone.
    pub(super) switch: Switch,
    pub(super) instance: Instance,
    pub(super) check: Option<CheckPlan>,
    /// A program and its arguments; empty where there is none to be run.
    pub(super) command: Vec<OsString>,
    /// So long consumers have to hear that it is unavailable.
    pub(super) notice: Duration,
    /// So long the command has to end.
    pub(super) stop_timeout: Duration,
}

/// Why it ends.
enum End {
    Asked(&'static str),
    Ended(ExitStatus),
}

/// Keeps an instance registered.
///
/// # Errors
///
/// The command cannot be started, or ended with another code than 0; without one, the registry will
/// not have the instance.
pub(super) async fn keep(plan: Plan) -> Result<(), Failure> {
    // Before anything runs, so that no signal leaves it half done.
    let mut stop = Stop::new()?;
    let who = format!("{}/{}", plan.instance.service, plan.instance.id);
    let mut passed_on = None;
    let mut served = None;
    if let Some((program, arguments)) = plan.command.split_first() {
        passed_on = Some(PassedOn::new()?);
        served = Some(Served::start(program, arguments, &plan.instance)?);
    }
    // An instance that is not checked is available when it is registered.
    plan.switch.turn(plan.check.is_none());
    let check = plan.check.clone();
    let mut checking = check.clone().map(Checking::start).transpose()?;
    let provider = plan.at.registry.provide_in_background(plan.instance).map_err(failure)?;
    let mut standing = Standing::BEGINNING;
    let end = loop {
        tokio::select! {
            status = changed(&provider, standing) => {
                let now = Standing::of(&status);
                if served.is_none() && !standing.was_registered() && let Some(error) = hopeless(&status) {
                    return Err(failure(error));
                }
                if let Some(news) = standing.news(now) {
                    tell(told(news, &status, &who, &plan.at.name, check.as_ref()));
                }
                standing = now;
            }
            (turn, why) = turned(&mut checking) => {
                plan.switch.turn(turn == Turn::Up);
                if let Some(check) = &check {
                    tell(judged(turn, &why, &who, check));
                }
            }
            signal = next(&mut passed_on) => if let Some(served) = &served {
                served.pass_on(signal);
            },
            ended = ended(&mut served) => break End::Ended(ended?),
            signal = stop.asked() => break End::Asked(signal),
        }
    };
    // What a check says does not count any more.
    drop(checking);
    let farewell = Farewell {
        who,
        provider,
        switch: plan.switch,
        patience: plan.at.registry.terms().patience,
        served,
        stop,
        notice: plan.notice,
        stop_timeout: plan.stop_timeout,
    };
    match end {
        End::Ended(status) => {
            let name = farewell.served.as_ref().map_or("", |served| &served.name);
            tell(format_args!("`{name}` ended ({}); {} leaves", how(status), farewell.who));
            farewell.out(Some(status)).await
        }
        End::Asked(signal) => leave(farewell, signal).await,
    }
}

/// Says something beside what the command writes.
pub(super) fn tell(text: impl std::fmt::Display) {
    note(format_args!("lubdub: {text}"));
}

/// Waits for the end of the command; for ever where there is none.
pub(super) async fn ended(served: &mut Option<Served>) -> Result<ExitStatus, Failure> {
    match served {
        Some(served) => served.ended().await,
        None => std::future::pending().await,
    }
}

async fn turned(checking: &mut Option<Checking>) -> (Turn, String) {
    match checking {
        Some(checking) => checking.turn().await,
        None => std::future::pending().await,
    }
}

async fn next(passed_on: &mut Option<PassedOn>) -> rustix::process::Signal {
    match passed_on {
        Some(passed_on) => passed_on.next().await,
        None => std::future::pending().await,
    }
}

async fn changed(provider: &Provider, standing: Standing) -> Status {
    provider.until(move |status| Standing::of(status) != standing).await
}

/// A failure that no further attempt mends.
fn hopeless(status: &Status) -> Option<lubdub_client::Error> {
    status.last_error.clone().filter(lubdub_client::Error::is_callers)
}

fn told(news: News, status: &Status, who: &str, registry: &str, check: Option<&CheckPlan>) -> String {
    let error = status.last_error.as_ref().map(ToString::to_string).unwrap_or_default();
    match (news, check) {
        (News::Registered, None) => format!("{who} is registered at {registry}"),
        (News::Registered, Some(plan)) => {
            format!("{who} is registered at {registry}; available while {} passes", plan.check)
        }
        (News::NotYet, _) => format!("{error}; {who} is not registered yet, and it goes on trying"),
        (News::Gone, _) => format!("{error}; it goes on, and tries again"),
        (News::Back, _) => format!("{registry} answers again"),
        (News::RegisteredAgain, _) => format!("{who} is registered again: {registry} had lost it"),
    }
}

fn judged(turn: Turn, why: &str, who: &str, plan: &CheckPlan) -> String {
    let check = &plan.check;
    match turn {
        Turn::StillAwaited => {
            format!("{check} does not pass yet ({why}); {who} is unavailable until it does")
        }
        Turn::Up => format!("{check} passes; {who} is available from now on"),
        Turn::Down => {
            let times = count(usize::try_from(plan.failures.get()).unwrap_or(usize::MAX), "time");
            format!("{check} failed {times} in a row ({why}); {who} is unavailable from now on")
        }
    }
}
