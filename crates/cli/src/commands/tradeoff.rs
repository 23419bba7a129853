//! The picture of `lubdub sim detectors`: what a shorter detection time costs in mistakes.

use std::path::Path;

use lubdub_sim::detectors::{Network, Row};
use plotters::prelude::*;

use crate::failure::Failure;

const SIZE: (u32, u32) = (760, 480);
const FONT: &str = "sans-serif";

/// Apart from each other also for those who see colours differently.
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(110, 110, 110),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(40, 40, 40),
];

/// A detector's settings: mean detection time and mistake recurrence, in seconds.
struct Line {
    detector: &'static str,
    points: Vec<(f64, f64)>,
}

/// Draws a line for each detector through its settings: further left is sooner, higher is more seldom wrong. A setting
/// without a second mistake has no recurrence, and no place in the picture; nor has one that is later than another and no
/// better.
pub(super) fn draw(file: &Path, network: &Network, rows: &[Row]) -> Result<(), Failure> {
    let lines = lines(rows);
    plot(file, network, &lines).map_err(|error| {
        Failure::new(
            format_args!("cannot draw {}: {error}", file.display()),
            "name a file that can be written with --svg FILE",
        )
    })
}

fn lines(rows: &[Row]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for row in rows {
        let Some(recurrence) = row.recurrence else { continue };
        let [detection, ..] = row.detection;
        let point = (detection, recurrence);
        match lines.iter_mut().find(|line| line.detector == row.detector) {
            Some(line) => line.points.push(point),
            None => lines.push(Line { detector: row.detector, points: vec![point] }),
        }
    }
    for line in &mut lines {
        line.points.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut best = 0.0;
        line.points.retain(|&(_, recurrence)| {
            let better = recurrence > best;
            best = recurrence.max(best);
            better
        });
    }
    lines
}

fn plot(file: &Path, network: &Network, lines: &[Line]) -> Result<(), Box<dyn std::error::Error>> {
    let points = || lines.iter().flat_map(|line| line.points.iter().copied());
    let (soonest, latest) = bounds(points().map(|point| point.0));
    let (least, greatest) = bounds(points().map(|point| point.1));
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(format!("{}: detection time and mistakes", network.name), (FONT, 18))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(70)
        .build_cartesian_2d(soonest * 0.8..latest * 1.1, (least * 0.6..greatest * 2.0).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("T_D: from a death to the suspicion, mean (s)")
        .y_desc("T_MR: from one mistake to the next, mean (s)")
        .light_line_style(RGBColor(240, 240, 240))
        .x_label_formatter(&|figure| label(*figure))
        .y_label_formatter(&|figure| label(*figure))
        .label_style((FONT, 13))
        .draw()?;
    for (line, &colour) in lines.iter().zip(COLOURS.iter().cycle()) {
        chart.draw_series([PathElement::new(line.points.clone(), colour.stroke_width(2))])?;
        chart
            .draw_series(line.points.iter().map(|&point| Circle::new(point, 3, colour.filled())))?
            .label(line.detector)
            .legend(move |(x, y)| Circle::new((x + 10, y), 4, colour.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .background_style(WHITE)
        .border_style(RGBColor(200, 200, 200))
        .label_font((FONT, 13))
        .draw()?;
    area.present()?;
    Ok(())
}

/// The least and the greatest; some range where there is none.
fn bounds(figures: impl Iterator<Item = f64>) -> (f64, f64) {
    figures
        .fold(None, |bounds: Option<(f64, f64)>, figure| {
            let (least, greatest) = bounds.unwrap_or((figure, figure));
            Some((least.min(figure), greatest.max(figure)))
        })
        .unwrap_or((1.0, 10.0))
}

fn label(figure: f64) -> String {
    if figure < 1.0 { format!("{figure:.2}") } else { format!("{figure:.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_detector_is_in_the_picture_with_the_settings_that_erred_twice() {
        let network = lubdub_sim::detectors::network("loss-10").unwrap();
        let rows = network.rows();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("loss.svg");
        draw(&file, network, &rows).unwrap();
        let svg = std::fs::read_to_string(&file).unwrap();
        for detector in ["fixed timeout", "NFD-E", "phi", "Bertier"] {
            assert!(svg.contains(detector), "{detector}");
        }
        // Cassandra's and chitchat's settings were not wrong once.
        assert!(!svg.contains("phi, exponential"));
        assert!(draw(folder.path(), network, &rows).is_err());
    }

    #[test]
    fn settings_that_are_later_and_no_better_are_left_out() {
        let rows = lubdub_sim::detectors::network("wide-area").unwrap().rows();
        let lines = lines(&rows);
        let phi = lines.iter().find(|line| line.detector == "phi").unwrap();
        let fixed = lines.iter().find(|line| line.detector == "fixed timeout").unwrap();
        assert_eq!(phi.points.len(), 11, "each level is better than the one before");
        assert!(fixed.points.is_sorted_by(|before, after| before.1 < after.1));
        assert!(fixed.points.len() < 11, "beyond 0.4 s the same outages are left");
    }

    #[test]
    fn a_network_without_mistakes_has_an_empty_picture() {
        assert_eq!(bounds([].into_iter()), (1.0, 10.0));
        assert_eq!(bounds([3.0, 1.0, 2.0].into_iter()), (1.0, 3.0));
    }
}
