//! `lubdub sim detectors`: tries all failure detectors on the same generated networks.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use lubdub_sim::detectors::{self, NETWORKS, Network, Reference, Row, secs, share};
use serde::Serialize;

use super::page::write_between;
use super::tradeoff;
use crate::failure::Failure;
use crate::output::{Paint, Table, note};

/// What is drawn where nothing else is asked for: the one network on which each detector is tried at many settings.
const DRAWN: &str = "wide-area";

#[derive(Debug, Args)]
#[command(after_help = "\
Each detector hears the same generated beats: with losses, bursts, pauses and jitter, from a seed. The table \
tells how soon a death is noticed (T_D) and what that costs in mistakes: how far they are apart (T_MR), how long \
they last (T_M), and the share of time in which a living peer is suspected (1 - P_A). Beside it stands what \
others published or computed.

Networks: loss-1, loss-5, loss-10, loss-20, loss-30, chen, wide-area, local-area, pauses

Examples:
  lubdub sim detectors loss-10
  lubdub sim detectors wide-area --svg tradeoff.svg
  lubdub sim detectors --json | jq 'select(.detector == \"phi\")'
  lubdub sim detectors --write docs/detectors.md")]
pub(super) struct Detectors {
    /// Only these networks
    #[arg(value_name = "NETWORK", value_parser = named)]
    networks: Vec<&'static Network>,

    /// One JSON document for each setting
    #[arg(long)]
    json: bool,

    /// Draw detection time against mistakes into this file: of the network that is named, or of wide-area
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    /// Write the figures of all networks into this page, between its two marks
    #[arg(long, value_name = "FILE", conflicts_with_all = ["networks", "json", "svg"])]
    write: Option<PathBuf>,
}

fn named(name: &str) -> Result<&'static Network, String> {
    detectors::network(name).ok_or_else(|| {
        let names: Vec<_> = NETWORKS.iter().map(|network| network.name).collect();
        format!("no such network; expected one of {}", names.join(", "))
    })
}

impl Detectors {
    pub(super) fn run(&self, paint: Paint) -> Result<(), Failure> {
        if let Some(page) = &self.write {
            let table = detectors::table(|network| note(format_args!("{network} …")));
            return write_between(page, detectors::MARK, &table);
        }
        let chosen = self.chosen();
        let drawn = self.drawn()?;
        let mut out = io::stdout().lock();
        for network in chosen {
            let rows = network.rows();
            if self.json {
                for row in &rows {
                    writeln!(out, "{}", json(row)?)?;
                }
            } else {
                writeln!(out, "{}: {}\n{}\n", network.name, network.about, shown(&rows, paint))?;
            }
            if let Some((file, name)) = &drawn
                && *name == network.name
            {
                tradeoff::draw(file, network, &rows)?;
                note(format_args!("{} is drawn in {}", network.name, file.display()));
            }
        }
        Ok(())
    }

    fn chosen(&self) -> Vec<&'static Network> {
        if !self.networks.is_empty() {
            return self.networks.clone();
        }
        NETWORKS.iter().collect()
    }

    /// Which file shows which network.
    fn drawn(&self) -> Result<Option<(&PathBuf, &'static str)>, Failure> {
        let Some(file) = &self.svg else { return Ok(None) };
        match self.networks.as_slice() {
            [] => Ok(Some((file, DRAWN))),
            [one] => Ok(Some((file, one.name))),
            several => Err(Failure::new(
                format_args!("--svg is given with {} networks; expected one at most", several.len()),
                "name one network, or none for wide-area",
            )),
        }
    }
}

fn shown(rows: &[Row], paint: Paint) -> Table {
    let head = [
        "DETECTOR",
        "SETTING",
        "T_D MEAN",
        "99 %",
        "LONGEST",
        "LAST BEAT",
        "MISTAKES/H",
        "T_MR",
        "T_M",
        "1 - P_A",
        "ELSEWHERE",
    ];
    let mut table = Table::new(paint, &head);
    let optional = |figure: Option<f64>| figure.map_or_else(|| "–".to_owned(), secs);
    for row in rows {
        let [mean, most, longest] = row.detection.map(secs);
        let cells = [
            row.detector.to_owned(),
            row.setting.clone(),
            mean,
            most,
            longest,
            secs(row.from_last_beat),
            row.rate(),
            optional(row.recurrence),
            optional(row.duration),
            share(row.inaccuracy),
            row.elsewhere(),
        ];
        table.row(cells.map(|cell| (cell, None)));
    }
    (2..=9).for_each(|column| table.align_right(column));
    table
}

/// A row as programs read it. All spans in seconds.
#[derive(Serialize)]
struct Shown<'a> {
    network: &'a str,
    detector: &'a str,
    setting: &'a str,
    detection_mean_s: f64,
    detection_99_percent_s: f64,
    detection_longest_s: f64,
    from_last_beat_s: f64,
    mistakes: u64,
    mistakes_per_hour: f64,
    mistakes_per_hour_at_most: Option<f64>,
    recurrence_s: Option<f64>,
    duration_s: Option<f64>,
    inaccuracy: f64,
    reference: Option<Elsewhere>,
}

/// What others found; which figures depends on who.
#[derive(Serialize)]
#[serde(untagged)]
enum Elsewhere {
    Pair { mistakes_per_hour: f64, from_last_beat_s: f64 },
    Formula { detection_bound_s: f64, recurrence_s: f64, duration_s: f64, inaccuracy: f64 },
}

impl From<Reference> for Elsewhere {
    fn from(reference: Reference) -> Self {
        match reference {
            Reference::Pair { mistakes_per_hour, from_last_beat } => {
                Self::Pair { mistakes_per_hour, from_last_beat_s: from_last_beat }
            }
            Reference::Formula { detection_bound, recurrence, duration, inaccuracy } => Self::Formula {
                detection_bound_s: detection_bound,
                recurrence_s: recurrence,
                duration_s: duration,
                inaccuracy,
            },
        }
    }
}

fn json(row: &Row) -> Result<String, Failure> {
    let [detection_mean_s, detection_99_percent_s, detection_longest_s] = row.detection;
    let shown = Shown {
        network: row.network,
        detector: row.detector,
        setting: &row.setting,
        detection_mean_s,
        detection_99_percent_s,
        detection_longest_s,
        from_last_beat_s: row.from_last_beat,
        mistakes: row.mistakes,
        mistakes_per_hour: row.mistakes_per_hour,
        mistakes_per_hour_at_most: row.at_most_per_hour,
        recurrence_s: row.recurrence,
        duration_s: row.duration,
        inaccuracy: row.inaccuracy,
        reference: row.reference.map(Elsewhere::from),
    };
    serde_json::to_string(&shown).map_err(|error| Failure::bare(format_args!("cannot write JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_one_line_of_json_with_what_others_found_beside_it() {
        let rows = detectors::network("loss-10").unwrap().rows();
        let shown: serde_json::Value = serde_json::from_str(&json(&rows[1]).unwrap()).unwrap();
        assert_eq!((&shown["detector"], &shown["setting"]), (&"fixed timeout".into(), &"3.5 s".into()));
        let [ours, theirs] =
            [&shown, &shown["reference"]].map(|of| of["mistakes_per_hour"].as_f64().unwrap());
        assert!((ours - theirs).abs() < 0.5, "{ours} and {theirs}");
    }

    #[test]
    fn the_help_names_every_network() {
        let help = <Detectors as Args>::augment_args(clap::Command::new("detectors"))
            .get_after_help()
            .unwrap()
            .to_string();
        for network in &NETWORKS {
            assert!(help.contains(network.name), "{}", network.name);
        }
        assert!(named("nowhere").unwrap_err().contains("expected one of loss-1, "));
    }
}
