//! Eureka's documents ⇄ the registry's model. Pure: no handle, no clock.

mod names;
mod registration;
mod shown;

pub(crate) use names::{app_name, service_name};
pub(crate) use registration::registration;
pub(crate) use shown::{has_vip, shown};

/// The time-to-live of a lease where none, or none above zero, is asked for.
const DEFAULT_DURATION_SECS: u64 = 90;
/// The promised time between renewals where none, or none above zero, is told.
const DEFAULT_INTERVAL_SECS: u64 = 30;

#[cfg(test)]
mod tests;
