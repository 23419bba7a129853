//! [`Network`]: what becomes of a message between a host and the registry.

use std::collections::{BTreeMap, BTreeSet};

use crate::chance::{Chance, Concern};
use crate::plan::{Delay, Way, Weather};
use crate::tally::Tally;
use crate::time::Time;

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    ToRegistry,
    FromRegistry,
}

/// Links, their weather, and who is cut off.
#[derive(Debug)]
pub(crate) struct Network {
    weather: Weather,
    /// Hosts with a weather of their own.
    local: BTreeMap<usize, Weather>,
    cut: BTreeMap<usize, Way>,
    /// Hosts whose messages are being lost in a burst, until their next message gets through.
    bursts: BTreeSet<usize>,
    /// When the last message of a host to the registry arrives: to notice overtaking.
    last: BTreeMap<usize, Time>,
    chance: Chance,
}

impl Network {
    pub(crate) fn new(seed: u64, weather: Weather) -> Self {
        Self {
            weather,
            local: BTreeMap::new(),
            cut: BTreeMap::new(),
            bursts: BTreeSet::new(),
            last: BTreeMap::new(),
            chance: Chance::of(seed, Concern::Network),
        }
    }

    pub(crate) fn change(&mut self, weather: Weather) {
        self.weather = weather;
        self.local.clear();
    }

    pub(crate) fn change_at(&mut self, host: usize, weather: Weather) {
        self.local.insert(host, weather);
    }

    pub(crate) fn cut(&mut self, host: usize, way: Way) {
        self.cut.insert(host, way);
    }

    pub(crate) fn heal(&mut self, host: usize) {
        self.cut.remove(&host);
    }

    /// Everything is as it should be again.
    pub(crate) fn calm(&mut self) {
        self.change(Weather::default());
        self.cut.clear();
        self.bursts.clear();
    }

    /// When the copies of a message arrive: none where it is lost, two where it is duplicated.
    pub(crate) fn carry(
        &mut self,
        now: Time,
        host: usize,
        direction: Direction,
        tally: &mut Tally,
    ) -> [Option<Time>; 2] {
        if let Some(way) = self.cut.get(&host)
            && way.stops(direction)
        {
            tally.count(match way {
                Way::Both => "cut off",
                Way::ToRegistry => "cut towards the registry",
                Way::FromRegistry => "cut from the registry",
            });
            return [None, None];
        }
        let weather = self.local.get(&host).unwrap_or(&self.weather).clone();
        if self.is_lost(host, &weather) {
            tally.count("lost");
            return [None, None];
        }
        let first = now.plus(self.delay(&weather.delay));
        let mut second = None;
        if direction == Direction::ToRegistry {
            if self.chance.happens(weather.duplicated) {
                tally.count("duplicated");
                second = Some(first.plus(self.delay(&weather.delay)));
            }
            let last = self.last.entry(host).or_default();
            if *last > first {
                tally.count("overtaken");
            }
            *last = first.max(*last);
        }
        [Some(first), second]
    }

    fn is_lost(&mut self, host: usize, weather: &Weather) -> bool {
        let Some(burst) = weather.burst else {
            return self.chance.happens(weather.loss);
        };
        // Gilbert and Elliott: a burst begins so often that the share of lost messages is `loss`.
        let begins = weather.loss / ((1.0 - weather.loss).max(0.01) * burst);
        let ends = 1.0 / burst;
        let in_burst = self.bursts.contains(&host);
        let turns = self.chance.happens(if in_burst { ends } else { begins });
        let lost = in_burst != turns;
        if lost {
            self.bursts.insert(host);
        } else {
            self.bursts.remove(&host);
        }
        lost
    }

    #[expect(clippy::cast_sign_loss, reason = "delays are sums and products of positive numbers")]
    fn delay(&mut self, delay: &Delay) -> u64 {
        let chance = &mut self.chance;
        match *delay {
            Delay::Constant(micros) => micros,
            Delay::Normal { mean, deviation } => {
                (mean as f64 + chance.normal() * deviation as f64).max(1.0) as u64
            }
            Delay::Exponential { least, mean } => least + chance.exponential(mean as f64) as u64,
            // No message is on its way for more than a minute.
            Delay::Heavy { least } => chance.heavy(least as f64).min(6e7) as u64,
        }
    }
}

impl Way {
    fn stops(self, direction: Direction) -> bool {
        match self {
            Self::Both => true,
            Self::ToRegistry => direction == Direction::ToRegistry,
            Self::FromRegistry => direction == Direction::FromRegistry,
        }
    }
}
