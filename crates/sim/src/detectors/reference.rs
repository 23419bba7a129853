//! [`Reference`]: what others published or computed, beside which a figure stands.

/// What others published or computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reference {
    /// From an independent model of a pair under loss: mistakes an hour, and seconds from the last beat to the suspicion.
    Pair {
        /// Mistakes an hour.
        mistakes_per_hour: f64,
        /// From the sending of the last beat to the suspicion, in seconds.
        from_last_beat: f64,
    },
    /// From Chen's exact formulas for NFD-S.
    Formula {
        /// The detection time that is never exceeded, in seconds.
        detection_bound: f64,
        /// From one mistake to the next, in seconds.
        recurrence: f64,
        /// How long a mistake lasts, in seconds.
        duration: f64,
        /// The share of time in which a living peer is suspected.
        inaccuracy: f64,
    },
}

/// Losses of the pair model, in percent.
pub(super) const LOSSES: [u32; 5] = [1, 5, 10, 20, 30];

/// Mistakes an hour and seconds from the last beat, at each of [`LOSSES`].
pub(super) type PairRow = [(f64, f64); 5];

pub(super) const FIXED_1500: PairRow = [(35.3, 1.6), (170.0, 1.6), (323.0, 1.6), (578.0, 1.6), (756.0, 1.6)];
pub(super) const FIXED_3500: PairRow = [(0.004, 3.6), (0.52, 3.6), (3.2, 3.6), (23.0, 3.6), (69.0, 3.6)];
pub(super) const FIXED_5500: PairRow = [(0.0, 5.6), (0.0, 5.6), (0.02, 5.6), (1.06, 5.6), (6.2, 5.6)];
pub(super) const PHI_8: PairRow = [(35.3, 1.75), (9.0, 2.4), (20.2, 3.1), (7.3, 4.3), (6.2, 5.65)];
pub(super) const PHI_8_PAUSE: PairRow = [(0.0, 4.75), (0.0, 5.4), (0.02, 6.1), (0.09, 7.3), (0.17, 8.65)];
pub(super) const CASSANDRA: PairRow = [(0.0, 18.7), (0.0, 19.5), (0.0, 20.6), (0.0, 23.2), (0.0, 26.5)];
pub(super) const CHITCHAT: PairRow = [(0.0, 8.2), (0.0, 8.5), (0.0, 9.0), (0.0, 10.1), (0.0, 11.5)];
pub(super) const BERTIER: PairRow =
    [(43.6, 1.26), (178.0, 1.26), (330.0, 1.26), (583.0, 1.26), (760.0, 1.26)];

/// Detection bound in milliseconds, recurrence and duration in seconds, inaccuracy: Chen's set-up.
pub(super) const STAIRCASE: [(u64, f64, f64, f64); 8] = [
    (1_100, 60.6, 0.566, 9.3e-3),
    (1_250, 101.0, 0.780, 7.7e-3),
    (1_500, 101.0, 0.530, 5.2e-3),
    (2_000, 101.0, 0.030, 3.0e-4),
    (2_100, 6_060.0, 0.566, 9.3e-5),
    (2_500, 10_100.0, 0.530, 5.2e-5),
    (3_000, 10_100.0, 0.030, 3.0e-6),
    (3_500, 1.01e6, 0.530, 5.2e-7),
];
