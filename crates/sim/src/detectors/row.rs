//! [`Row`]: what one detector showed on one network.

use std::time::Duration;

use lubdub_detect::traces::Replayed;

use super::reference::Reference;

/// What one detector showed on one network. Spans in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Where.
    pub network: &'static str,
    /// Which family of detectors.
    pub detector: &'static str,
    /// How it was set.
    pub setting: String,
    /// `T_D`, from a death to the suspicion that stays: on average, of 99 in a hundred, the longest.
    pub detection: [f64; 3],
    /// From the sending of the last beat to the suspicion, on average.
    pub from_last_beat: f64,
    /// How often the living peer was suspected.
    pub mistakes: u64,
    /// `λ_M`: the same, in an hour.
    pub mistakes_per_hour: f64,
    /// What that is below, with 95 % of confidence, where there were fewer than 30.
    pub at_most_per_hour: Option<f64>,
    /// `T_MR`, from one mistake to the next.
    pub recurrence: Option<f64>,
    /// `T_M`, how long a mistake lasted.
    pub duration: Option<f64>,
    /// `1 − P_A`, the share of time in which the living peer was suspected.
    pub inaccuracy: f64,
    /// What others found.
    pub reference: Option<Reference>,
}

impl Row {
    pub(super) fn of(
        network: &'static str,
        detector: &'static str,
        setting: String,
        replayed: &Replayed,
        reference: Option<Reference>,
    ) -> Self {
        let Replayed { figures, detection } = replayed;
        let secs = |span: Option<Duration>| span.unwrap_or_default().as_secs_f64();
        Self {
            network,
            detector,
            setting,
            detection: [detection.mean(), detection.within(990), detection.within(1_000)].map(secs),
            from_last_beat: secs(detection.from_last_beat),
            mistakes: figures.mistakes,
            mistakes_per_hour: figures.mistakes_per_hour(),
            at_most_per_hour: figures.few_mistakes().then(|| figures.most_mistakes_per_hour()),
            recurrence: figures.recurrence.map(|span| span.as_secs_f64()),
            duration: figures.duration.map(|span| span.as_secs_f64()),
            inaccuracy: figures.inaccuracy(),
            reference,
        }
    }
}
