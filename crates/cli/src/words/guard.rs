//! The guard: its scopes, its arithmetic, and its word about one lease.

use std::time::Duration;

use super::cause::{asked_by, unknown};
use super::span::span;
use crate::client::wire::{Arithmetic, GuardWord, Scope};

/// `the registry`, `zone eu-1`, `service orders`.
pub(crate) fn scope(scope: &Scope) -> String {
    match (scope.kind.as_str(), &scope.name) {
        ("registry", None) => "the registry".to_owned(),
        (kind, None) => unknown(kind),
        (kind, Some(name)) => format!("{} {name}", unknown(kind)),
    }
}

/// What made the guard hold, or not: `12 of 40 hosts fell silent within one lease time, …`.
pub(super) fn arithmetic(figures: &Arithmetic) -> String {
    let Arithmetic { hosts, silent, tolerated } = figures;
    format!("{silent} of {hosts} hosts fell silent within one lease time, up to {tolerated} are tolerated")
}

/// What the guard said when a lease was lost; none where it was not asked.
pub(super) fn word(guard: &GuardWord) -> Option<String> {
    let GuardWord { hosts, silent, tolerated, .. } = guard;
    Some(match guard.word.as_str() {
        "" | "off" => return None,
        "unheard" => "the guard does not hold what was not heard since the registry started".to_owned(),
        "too_few_hosts" if *hosts == 1 => "not guarded (1 host is too few)".to_owned(),
        "too_few_hosts" => format!("not guarded ({hosts} hosts are too few)"),
        "open" => format!("guard open ({silent} of {hosts} hosts silent, up to {tolerated} tolerated)"),
        "released" => released(guard),
        other => format!("guard: {}", unknown(other)),
    })
}

fn released(guard: &GuardWord) -> String {
    let mut said = match &guard.scope {
        Some(place) => format!("the guard of {} held it", scope(place)),
        None => "the guard held it".to_owned(),
    };
    if let Some(held) = guard.held_ms {
        said = format!("{said} for {}", span(Duration::from_millis(held)));
    }
    let until = match (guard.reason.as_deref(), guard.kept_percent) {
        (Some("others_heard"), Some(kept)) => {
            format!("until it was clear that the others are heard well ({kept} % of their beats came)")
        }
        (Some("others_heard"), None) => "until it was clear that the others are heard well".to_owned(),
        (Some("held_long_enough"), _) => "which is as long as its rules allow".to_owned(),
        (Some("by_hand"), _) => {
            let by = guard.by.as_ref().map(asked_by).filter(|by| !by.is_empty());
            by.map_or_else(
                || "until an operator released it".to_owned(),
                |by| format!("until it was released {by}"),
            )
        }
        (Some(other), _) => format!("until {}", unknown(other)),
        (None, _) => return said,
    };
    format!("{said}, {until}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::wire::Sender;

    fn eu_1() -> Scope {
        Scope { kind: "zone".to_owned(), name: Some("eu-1".to_owned()) }
    }

    fn spoken(word: &str) -> GuardWord {
        GuardWord { word: word.to_owned(), hosts: 4, ..GuardWord::default() }
    }

    fn let_go(reason: Option<&str>, kept_percent: Option<u8>, by: Option<Sender>) -> String {
        let word = GuardWord {
            scope: Some(eu_1()),
            held_ms: Some(9_040),
            reason: reason.map(str::to_owned),
            kept_percent,
            by,
            ..spoken("released")
        };
        super::word(&word).unwrap()
    }

    #[test]
    fn a_scope_is_called_by_its_kind_and_name() {
        assert_eq!(scope(&Scope { kind: "registry".to_owned(), name: None }), "the registry");
        assert_eq!(scope(&eu_1()), "zone eu-1");
        assert_eq!(scope(&Scope { kind: "data_centre".to_owned(), name: None }), "data centre");
    }

    #[test]
    fn a_guard_that_had_nothing_to_say_is_passed_over_and_others_are_told() {
        assert_eq!(word(&spoken("off")), None);
        assert_eq!(word(&GuardWord::default()), None);
        assert_eq!(word(&spoken("too_few_hosts")).unwrap(), "not guarded (4 hosts are too few)");
        assert!(word(&spoken("unheard")).unwrap().contains("not heard since the registry started"));
        assert_eq!(word(&spoken("of_new_kind")).unwrap(), "guard: of new kind");
    }

    #[test]
    fn a_lease_that_was_let_go_is_told_with_how_long_it_was_held_and_why_no_longer() {
        assert_eq!(
            let_go(Some("others_heard"), Some(98), None),
            "the guard of zone eu-1 held it for 9.0 s, until it was clear that the others are heard well \
             (98 % of their beats came)"
        );
        assert!(
            let_go(Some("held_long_enough"), None, None)
                .ends_with("9.0 s, which is as long as its rules allow")
        );
        let alice = Sender {
            operator: Some("alice".to_owned()),
            face: Some("rest".to_owned()),
            address: Some("10.0.0.9".to_owned()),
        };
        assert!(
            let_go(Some("by_hand"), None, Some(alice))
                .ends_with("9.0 s, until it was released by alice through rest from 10.0.0.9")
        );
        assert!(let_go(Some("by_hand"), None, None).ends_with("until an operator released it"));
        assert!(let_go(Some("of_new_kind"), None, None).ends_with(", until of new kind"));
        assert!(let_go(None, None, None).ends_with("held it for 9.0 s"));
    }
}
