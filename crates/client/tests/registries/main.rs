//! What every back end keeps of what the SDK promises: one function a claim, run against real servers.
//!
//! A bed (`beds`) is a server of one kind with a proxy in front of it, so that the connection can be
//! cut or fall silent. The claims (`claims`) know nothing of what kind it is. Services have names of
//! their own in each test, so that tests share a server that takes long to start.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]
#![expect(clippy::disallowed_methods, reason = "whoever waits for a server has a deadline of its own")]

mod beds;
mod claims;
mod credentials;
mod generator;
mod lubdub_sessions;

use std::future::Future;
use std::time::Duration;

/// Nothing takes longer on a busy machine; then a test fails rather than hang.
const PATIENCE: Duration = Duration::from_secs(180);

/// Fails what hangs.
async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("nothing came of it in time")
}

/// Each claim as a test of each bed.
macro_rules! keeps {
    ($bed:ident: $($group:ident::{$($claim:ident),* $(,)?}),* $(,)?) => {
        mod $bed {
            $($(
                #[tokio::test]
                async fn $claim() {
                    let bed = crate::beds::$bed().await;
                    crate::within(crate::claims::$group::$claim(&bed)).await;
                }
            )*)*
        }
    };
}

/// Everything that every registry must keep.
macro_rules! keep_all {
    ($($bed:ident),* $(,)?) => {
        $(keeps!($bed:
            switch::{
                what_is_unavailable_is_previewed_and_not_offered_until_it_is_opened,
                one_switch_moves_all_instances_and_another_client_changes_nothing,
                who_registers_while_the_switch_is_on_is_available_and_while_it_is_off_is_not,
            },
            facts::{
                what_an_instance_says_of_itself_comes_to_its_consumers,
                a_second_registration_replaces_the_first_without_a_gap,
            },
            beats::{
                beats_keep_an_instance_beyond_its_time_out_and_who_vanishes_is_gone,
                beats_pass_while_the_program_is_stuck_in_sending_a_hundred_megabytes,
                who_leaves_is_out_and_beats_no_more_while_others_do,
                what_the_registry_forgot_is_registered_again_with_its_former_availability,
                who_was_cut_off_beyond_its_time_out_is_back_with_its_former_availability,
            },
            outages::{
                a_registry_that_is_gone_stops_neither_providers_nor_consumers,
                a_connection_that_swallows_everything_is_noticed_and_outlived,
                what_cannot_be_reached_is_told_and_does_not_hang,
            },
            leaving::{
                who_stops_is_unavailable_first_finishes_its_calls_and_is_out_then,
                everything_that_is_provided_stops_with_one_call,
            },
            programs::{
                one_program_runs_on_every_registry_and_leaves_when_it_is_terminated,
                the_example_of_a_rolling_restart_fails_no_call,
            },
        );)*
    };
}

/// What takes a server of the test's own.
macro_rules! keep_alone {
    ($($bed:ident),* $(,)?) => {
        $(keeps!($bed:
            outages::{a_registry_that_is_killed_and_restarted_empties_nobody},
            leaving::{a_rolling_restart_under_load_fails_no_call},
        );)*
    };
}

keep_all!(lubdub, lubdub_grpc, spring, consul, etcd, zookeeper, motan);
keep_alone!(
    lubdub_of_its_own,
    lubdub_grpc_of_its_own,
    consul_of_its_own,
    etcd_of_its_own,
    zookeeper_of_its_own
);
