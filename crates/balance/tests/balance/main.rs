//! What a balancer promises, whatever its strategy, and what each strategy promises beside.

mod availability;
mod names;
mod scene;
mod sets;
mod slow_start;
