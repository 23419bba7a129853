//! The string by which clients tell whether they have everything.

use std::fmt::Write as _;

use lubdub_core::model::{Status, StatusCounts};

/// `NAME_count_` for each status that some instance has, in the order of the names; empty for
/// an empty registry. It counts all instances of all applications and ignores who they are.
pub(super) fn hash_code(counts: &StatusCounts) -> String {
    let mut code = String::new();
    for status in Status::ALL {
        let count = counts.of(status);
        if count > 0 {
            // Writing to a string cannot fail.
            let _ = write!(code, "{}_{count}_", status.name());
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn statuses_are_counted_in_the_order_of_their_names() {
        let mut counts = StatusCounts::default();
        assert_eq!(hash_code(&counts), "");
        for status in [Status::Up, Status::Down, Status::Up, Status::OutOfService] {
            counts.add(status);
        }
        assert_eq!(hash_code(&counts), "DOWN_1_OUT_OF_SERVICE_1_UP_2_");
    }

    proptest! {
        #[test]
        fn the_hash_is_what_a_client_computes_from_the_statuses(places in prop::collection::vec(0..5usize, 0..60)) {
            let mut counts = StatusCounts::default();
            let mut by_name = std::collections::BTreeMap::<&str, usize>::new();
            for place in places {
                counts.add(Status::ALL[place]);
                *by_name.entry(Status::ALL[place].name()).or_default() += 1;
            }
            let computed: Vec<String> = by_name.iter().map(|(name, count)| format!("{name}_{count}_")).collect();
            prop_assert_eq!(hash_code(&counts), computed.concat());
        }
    }
}
