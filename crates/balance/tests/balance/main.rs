//! What a balancer promises, whatever its strategy, and what each strategy promises beside.

mod availability;
mod hashes;
mod least;
mod names;
mod p2c;
mod random;
mod rings;
mod rotation;
mod scene;
mod sets;
mod slow_start;
mod zones;
