//! The strategies, one a file, and [`Strategies`], where they are found by name.

mod alias;
mod bounded_consistent_hash;
mod by_load;
mod consistent_hash;
mod cycle;
mod hashed;
mod kept_by;
mod least;
mod named;
mod p2c_peak_ewma;
mod random;
mod ring;
mod round_robin;
mod weighted_hash;
mod weighted_random;
mod weighted_round_robin;

pub use named::{Named, Strategies, UnknownStrategy};
