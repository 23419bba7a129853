//! A seeded world in which the real core lives through days of network, clock, disk and process
//! faults.
//!
//! What it is: [`World`], which lives a [`Plan`] from its beginning to its end, as a seed has it
//! happen. In it are thousands of providers that beat as real clients do, a network that loses,
//! delays, duplicates and cuts, machines that stand still, stop and come back, and one
//! [`lubdub_core::Registry`], driven as the runtime drives it. What it is not: it runs no thread, opens
//! no socket and reads no clock; it tests the core and the contract with its driver, not the
//! driver's own code.
//!
//! While a world lives, what the documentation promises is checked against what really
//! happened there ([`Invariant`]). A run ends at the first invariant that does not hold, and tells
//! its seed; the same seed and scenario tell the same story again. And for each invariant there is
//! a way to break the registry ([`Sabotage`]) that a test has it notice.
//!
//! ```
//! let scenario = lubdub_sim::scenario("kill-30-percent").expect("a scenario of that name");
//! let report = scenario.run(&lubdub_sim::Wish { providers: Some(100), ..Default::default() });
//! assert!(report.violation.is_none(), "{report}");
//! assert_eq!(report.figures.held, 30);
//! ```
//!
//! | module | its one idea |
//! | --- | --- |
//! | `chance`, `time`, `agenda` | accidents, and their order |
//! | `plan`, `scenario` | what a run is made of; the runs that have a name |
//! | `network`, `host`, `client`, `session`, `speech` | who lives there, and how they reach the registry |
//! | `server`, `driver`, `connections`, `disk` | the registry's process around the real core |
//! | `script`, `world` | what happens |
//! | `fact`, `truth`, `check`, `violation`, `sabotage` | what must hold, and whether we would notice |
//! | [`detectors`] | failure detectors beside each other, apart from the registry |
//! | `figures`, `tally`, `report`, `page` | what a run showed |

mod agenda;
mod chance;
mod check;
mod client;
mod connections;
pub mod detectors;
mod disk;
mod driver;
mod fact;
mod figures;
mod host;
mod network;
mod page;
mod plan;
mod report;
mod sabotage;
mod scenario;
mod script;
mod server;
mod session;
mod speech;
mod tally;
mod time;
mod truth;
mod violation;
mod world;

pub use client::Kind;
pub use figures::Figures;
pub use page::{MARK, table, with_table};
pub use plan::{Delay, DiskTerms, Fault, HostPlan, Plan, ProviderPlan, SessionPlan, Way, Weather};
pub use report::Report;
pub use sabotage::Sabotage;
pub use scenario::{Group, SCENARIOS, Scenario, Wish, scenario};
pub use tally::Tally;
pub use time::{MILLI, MINUTE, SECOND, Time};
pub use violation::{Invariant, Violation};
pub use world::{Inspect, World};
