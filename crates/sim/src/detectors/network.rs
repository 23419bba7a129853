//! [`Network`]: what is tried where.

use lubdub_detect::Tail;
use lubdub_detect::traces::{Pauses, Plan, local_area, lossy, of_chen, replay, wide_area};

use super::reference::{
    BERTIER, CASSANDRA, CHITCHAT, FIXED_1500, FIXED_3500, FIXED_5500, LOSSES, PHI_8, PHI_8_PAUSE, PairRow,
    Reference, STAIRCASE,
};
use super::row::Row;
use super::setting::{Setting, WINDOW};

/// Of every trace.
const SEED: u64 = 1;

/// Beats of a trace: four to five days with a beat each second.
const BEATS: u64 = 400_000;

/// A day of the wide area.
const DAY: u64 = 834_774;

/// Beats before a detector is judged: its window is full by then, and half of the estimates in it are its own.
const WARM: u64 = 2 * WINDOW as u64;

/// Generated arrivals, and the detectors that are tried on them.
#[derive(Debug)]
pub struct Network {
    /// What it is called.
    pub name: &'static str,
    /// What happens there.
    pub about: &'static str,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// A column of the pair model.
    Lossy(usize),
    Chen,
    WideArea,
    LocalArea,
    Pauses,
}

/// Every network, in the order of the table.
pub static NETWORKS: [Network; 9] = [
    lossy_network("loss-1", "a beat each second, 100 ± 50 ms late; 1 % are lost", 0),
    lossy_network("loss-5", "a beat each second, 100 ± 50 ms late; 5 % are lost", 1),
    lossy_network("loss-10", "a beat each second, 100 ± 50 ms late; 10 % are lost", 2),
    lossy_network("loss-20", "a beat each second, 100 ± 50 ms late; 20 % are lost", 3),
    lossy_network("loss-30", "a beat each second, 100 ± 50 ms late; 30 % are lost", 4),
    Network {
        name: "chen",
        about: "a beat each second with an exponential delay of 20 ms; 1 % are lost",
        kind: Kind::Chen,
    },
    Network {
        name: "wide-area",
        about: "a day from Japan to Switzerland: a beat each 103.5 ms, bursts of loss",
        kind: Kind::WideArea,
    },
    Network {
        name: "local-area",
        about: "a beat each 100 ms, 0.2 ms late; one in four thousand is lost",
        kind: Kind::LocalArea,
    },
    Network {
        name: "pauses",
        about: "a beat each second from a peer that stands still for 2 s of each ten minutes",
        kind: Kind::Pauses,
    },
];

const fn lossy_network(name: &'static str, about: &'static str, column: usize) -> Network {
    Network { name, about, kind: Kind::Lossy(column) }
}

/// The network of this name.
pub fn network(name: &str) -> Option<&'static Network> {
    NETWORKS.iter().find(|network| network.name == name)
}

impl Network {
    /// Replays every detector that is tried here.
    ///
    /// # Panics
    ///
    /// Never: plans and settings are this crate's own, and a test tries them all.
    pub fn rows(&self) -> Vec<Row> {
        let plan = self.plan();
        let trace = plan.trace().expect("the plans of this crate are sound");
        let try_one = |(setting, reference): (Setting, Option<Reference>)| {
            let detector = setting.detector(&plan, &trace);
            let mut detector = detector.expect("the settings of this crate are sound");
            let replayed = replay(&mut *detector, &trace, WARM);
            Row::of(self.name, setting.family(), setting.to_string(), &replayed, reference)
        };
        self.settings().into_iter().map(try_one).collect()
    }

    fn plan(&self) -> Plan {
        match self.kind {
            Kind::Lossy(column) => {
                let percent = LOSSES.get(column).copied().unwrap_or_default();
                lossy(SEED, BEATS, f64::from(percent) / 100.0)
            }
            Kind::Chen => of_chen(SEED, 4 * BEATS),
            Kind::WideArea => wide_area(SEED, DAY),
            Kind::LocalArea => local_area(SEED, DAY),
            Kind::Pauses => {
                let every = std::time::Duration::from_secs(600);
                let length = std::time::Duration::from_secs(2);
                Plan { pauses: Some(Pauses { every, length }), ..lossy(SEED, BEATS, 0.0) }
            }
        }
    }

    fn settings(&self) -> Vec<(Setting, Option<Reference>)> {
        match self.kind {
            Kind::Lossy(column) => of_pair_model(column),
            Kind::Chen => of_staircase(),
            Kind::WideArea => swept(),
            Kind::LocalArea => few(100),
            Kind::Pauses => few(1_000),
        }
    }
}

const fn phi(tail: Tail, threshold: f64, pause: u64) -> Setting {
    Setting::Phi { tail, threshold, pause }
}

fn of_pair_model(column: usize) -> Vec<(Setting, Option<Reference>)> {
    let chitchat = 8.0 / std::f64::consts::LN_10;
    let rows: [(Setting, Option<&PairRow>); 13] = [
        (Setting::Fixed { timeout: 1_500 }, Some(&FIXED_1500)),
        (Setting::Fixed { timeout: 3_500 }, Some(&FIXED_3500)),
        (Setting::Fixed { timeout: 5_500 }, Some(&FIXED_5500)),
        (Setting::NfdE { margin: 500 }, Some(&FIXED_1500)),
        (Setting::NfdE { margin: 2_500 }, Some(&FIXED_3500)),
        (Setting::NfdE { margin: 4_500 }, Some(&FIXED_5500)),
        (Setting::TwoWindows { margin: 2_500 }, None),
        (phi(Tail::Normal, 8.0, 0), None),
        (phi(Tail::Logistic, 8.0, 0), Some(&PHI_8)),
        (phi(Tail::Logistic, 8.0, 3_000), Some(&PHI_8_PAUSE)),
        (phi(Tail::Exponential, 8.0, 0), Some(&CASSANDRA)),
        (phi(Tail::Exponential, chitchat, 0), Some(&CHITCHAT)),
        (Setting::Bertier, Some(&BERTIER)),
    ];
    let reference = |row: &PairRow| {
        let &(mistakes_per_hour, from_last_beat) = row.get(column)?;
        Some(Reference::Pair { mistakes_per_hour, from_last_beat })
    };
    rows.into_iter().map(|(setting, row)| (setting, row.and_then(reference))).collect()
}

fn of_staircase() -> Vec<(Setting, Option<Reference>)> {
    let step = |&(bound, recurrence, duration, inaccuracy): &(u64, f64, f64, f64)| {
        let detection_bound = bound as f64 / 1_000.0;
        let reference = Reference::Formula { detection_bound, recurrence, duration, inaccuracy };
        // The same bound from the expected arrival, which is 20 ms after the sending.
        [
            (Setting::NfdS { margin: bound - 1_000 }, Some(reference)),
            (Setting::NfdE { margin: bound - 1_020 }, None),
        ]
    };
    STAIRCASE.iter().flat_map(step).collect()
}

/// Each family from hasty to patient.
fn swept() -> Vec<(Setting, Option<Reference>)> {
    let levels = [0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0];
    let margins = [20, 35, 50, 75, 100, 125, 150, 200, 300, 500, 1_000];
    let phis = levels.map(|level| phi(Tail::Normal, level, 0));
    let fixed = margins.map(|margin| Setting::Fixed { timeout: margin + 104 });
    let nfd_e = margins.map(|margin| Setting::NfdE { margin });
    let two = margins.map(|margin| Setting::TwoWindows { margin });
    let all = phis.into_iter().chain(nfd_e).chain(two).chain(fixed).chain([Setting::Bertier]);
    all.map(|setting| (setting, None)).collect()
}

/// One of each for beats of this interval, and two fixed timeouts: without patience, and with that of three beats. Those who take a
/// margin have the same patience.
fn few(interval: u64) -> Vec<(Setting, Option<Reference>)> {
    let (short, long) = (interval * 3 / 2, interval * 7 / 2);
    let margin = long - interval;
    let all = [
        Setting::Fixed { timeout: short },
        Setting::Fixed { timeout: long },
        phi(Tail::Normal, 8.0, 0),
        phi(Tail::Normal, 8.0, 2 * interval),
        Setting::NfdE { margin },
        Setting::TwoWindows { margin },
        Setting::Bertier,
    ];
    all.map(|setting| (setting, None)).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_network_is_found_by_its_name_and_all_its_settings_are_sound() {
        for known in &NETWORKS {
            assert_eq!(network(known.name).map(|found| found.name), Some(known.name));
            let plan = Plan { beats: 100, ..known.plan() };
            let trace = plan.trace().unwrap();
            for (setting, _) in known.settings() {
                assert!(setting.detector(&plan, &trace).is_ok(), "{}: {setting:?}", known.name);
            }
        }
        assert!(network("nowhere").is_none());
    }
}
