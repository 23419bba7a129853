//! For each invariant a registry that breaks it, and the proof that the world notices.

use std::collections::BTreeSet;

use lubdub_sim::{Invariant, Report, Sabotage, Wish, scenario};

/// Which way to break it is noticed where, by which invariant.
const NOTICED: [(Sabotage, &str, usize, Invariant); 18] = [
    (Sabotage::JudgeWithoutProof, "registry-deaf", 100, Invariant::NothingIsJudgedUnheard),
    (Sabotage::ForgetExcuse, "registry-deaf", 100, Invariant::TheLivingStay),
    (Sabotage::JudgeAStaleBeat, "loss-5", 100, Invariant::RenewedMeansRenewed),
    (Sabotage::HoldForEver, "all-dead", 50, Invariant::TheDeadGo),
    (Sabotage::ReleaseAllAtOnce, "kill-30-percent", 100, Invariant::AHoldEndsAsDocumented),
    (Sabotage::GuardAsleep, "kill-30-percent", 100, Invariant::TheGuardHoldsAMass),
    (Sabotage::CountInstances, "crowded-rack", 190, Invariant::TheGuardHoldsAMass),
    (Sabotage::DampForTooLong, "flapping", 100, Invariant::DampingIsBounded),
    (Sabotage::LoseTombstone, "kill-14-percent", 100, Invariant::ReadersAgree),
    (Sabotage::SkipFeedEntry, "kill-14-percent", 100, Invariant::ReadersAgree),
    (Sabotage::ChangeInSecret, "kill-14-percent", 100, Invariant::ReplayEqualsLive),
    (Sabotage::ForgetToWrite, "kill-14-percent", 100, Invariant::TheDiskHoldsWhatIsTrue),
    (Sabotage::AnswerEarly, "quiet", 20, Invariant::AnsweredMeansVisible),
    (Sabotage::FallBack, "clock-set", 20, Invariant::RevisionsNeverFall),
    (Sabotage::IgnoreBudget, "expiry-burst", 4_000, Invariant::ATickKeepsItsBudget),
    (Sabotage::ForgetClosing, "sessions", 100, Invariant::ASessionEndsAsDocumented),
    (Sabotage::GuardAsleep, "proxy-reloaded", 200, Invariant::AReloadLosesNobody),
    (Sabotage::ResumeAnother, "proxy-reloaded", 100, Invariant::ATokenIsOneSession),
];

fn live(name: &str, providers: usize, sabotage: Option<Sabotage>) -> Report {
    let wish = Wish { providers: Some(providers), sabotage, ..Wish::default() };
    scenario(name).expect("a scenario of that name").run(&wish)
}

#[test]
fn each_way_to_break_the_registry_is_noticed_where_it_shows() {
    for (sabotage, name, providers, invariant) in NOTICED {
        let whole = live(name, providers, None);
        assert!(whole.violation.is_none(), "{whole}");
        let broken = live(name, providers, Some(sabotage));
        let noticed = broken.violation.as_ref().map(|violation| violation.invariant);
        assert_eq!(noticed, Some(invariant), "{sabotage:?}: {broken}");
    }
}

#[test]
fn every_way_that_is_known_is_tried() {
    let tried: BTreeSet<_> = NOTICED.iter().map(|(sabotage, ..)| *sabotage).collect();
    assert_eq!(tried, Sabotage::ALL.into_iter().collect());
}

#[test]
fn a_seed_and_a_scenario_tell_the_same_story_again() {
    let story = |seed| {
        let wish = Wish { seed: Some(seed), providers: Some(60), ..Wish::default() };
        let report = scenario("anything").expect("it has that name").run(&wish);
        (report.to_string(), report.figures)
    };
    assert_eq!(story(3), story(3));
    assert_ne!(story(3).0, story(4).0);
}
