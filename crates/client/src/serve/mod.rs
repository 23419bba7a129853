//! A gRPC server whose services are provided as they are mounted: nobody keeps a list of them.
//!
//! | file | its one idea |
//! | --- | --- |
//! | `setup` | what is said before it starts |
//! | `place` | where it listens |
//! | `serving` | it runs: services are mounted, and it leaves |
//! | `table` | which service a call is for |
//! | `elsewhere` | a call runs on another runtime than its connection |
//! | `answer` | a call counts until its answer has ended |
//! | `health` | `grpc.health.v1`, as the switches stand |

mod answer;
mod elsewhere;
mod health;
mod place;
mod serving;
mod setup;
mod table;

pub use place::Place;
pub use serving::Serving;
pub use setup::ServeSetup;
pub use table::Mountable;
