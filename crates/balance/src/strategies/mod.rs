//! The strategies, one a file, and [`Strategies`], where they are found by name.

mod hashed;
mod kept_by;
mod named;
mod p2c_peak_ewma;
mod random;

pub use named::{Named, Strategies, UnknownStrategy};
