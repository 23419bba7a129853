//! Pictures of figures, as SVG.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::coord::ranged1d::SegmentValue;
use plotters::prelude::*;

use super::spread::Spread;

const WIDTH: u32 = 760;

/// A bar takes this, with its room.
const ROW: u32 = 44;

/// Title and axis.
const REST: u32 = 96;

/// Room for names.
const NAMES: u32 = 180;

const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(40, 40, 40);
const BAR: RGBColor = RGBColor(110, 150, 190);
const OWN_BAR: RGBColor = RGBColor(200, 80, 80);

/// A bar for each name, as long as its median, with a line from the least to the greatest. The
/// first is ours and has a colour of its own.
pub(super) fn bars(file: &Path, title: &str, axis: &str, rows: &[(&str, Spread)]) -> Result<()> {
    let longest = rows.iter().map(|(_, spread)| spread.greatest).fold(0.0, f64::max);
    let names: Vec<_> = rows.iter().rev().map(|(name, _)| *name).collect();
    let draw = || -> Result<(), Box<dyn std::error::Error>> {
        let area = SVGBackend::new(file, (WIDTH, height(rows.len()))).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = builder(&area, title)
            .build_cartesian_2d(0.0..longest * 1.2, (0..last(&names)).into_segmented())?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .light_line_style(WHITE)
            .x_desc(axis)
            .y_labels(names.len())
            .y_label_formatter(&|row| name_of(row, &names))
            .label_style((FONT, 14))
            .draw()?;
        for (row, (_, spread)) in (0..).zip(rows.iter().rev()) {
            let colour = if row == last(&names) { OWN_BAR } else { BAR };
            let (low, high) = (SegmentValue::Exact(row), SegmentValue::Exact(row + 1));
            let mut bar = Rectangle::new([(0.0, low), (spread.median, high)], colour.filled());
            bar.set_margin(8, 8, 0, 0);
            let middle = || SegmentValue::CenterOf(row);
            let whisker = [(spread.least, middle()), (spread.greatest, middle())];
            chart.draw_series([bar])?;
            chart.draw_series([PathElement::new(whisker, INK.stroke_width(2))])?;
            let text = format!("  {}", short(spread.median));
            chart.draw_series([Text::new(text, (spread.greatest, middle()), (FONT, 14).into_font())])?;
        }
        area.present()?;
        Ok(())
    };
    draw().map_err(|error| anyhow!("cannot draw {}: {error}", file.display()))
}

/// For each name a line from its first to its last figure on a logarithmic axis, with a dot and a
/// word at each.
pub(super) fn ranges(
    file: &Path,
    title: &str,
    axis: &str,
    words: &[&str],
    rows: &[(&str, Vec<f64>)],
) -> Result<()> {
    let all = || rows.iter().flat_map(|(_, figures)| figures.iter().copied());
    let (least, greatest) = (all().fold(f64::MAX, f64::min), all().fold(1.0, f64::max));
    let names: Vec<_> = rows.iter().rev().map(|(name, _)| *name).collect();
    let draw = || -> Result<(), Box<dyn std::error::Error>> {
        let area = SVGBackend::new(file, (WIDTH, height(rows.len()))).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = builder(&area, title).build_cartesian_2d(
            (least * 0.7..greatest * 1.4).log_scale(),
            (0..last(&names)).into_segmented(),
        )?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .light_line_style(WHITE)
            .x_desc(axis)
            .y_labels(names.len())
            .y_label_formatter(&|row| name_of(row, &names))
            .x_label_formatter(&|figure| short(*figure))
            .label_style((FONT, 14))
            .draw()?;
        for (row, (_, figures)) in (0..).zip(rows.iter().rev()) {
            let colour = if row == last(&names) { OWN_BAR } else { BAR };
            let points: Vec<_> =
                figures.iter().map(|figure| (*figure, SegmentValue::CenterOf(row))).collect();
            chart.draw_series([PathElement::new(points.clone(), colour.stroke_width(3))])?;
            for (point, word) in points.into_iter().zip(words) {
                chart.draw_series([Circle::new(point.clone(), 5, colour.filled())])?;
                let dot = EmptyElement::at(point)
                    + Text::new((*word).to_owned(), (-8, -20), (FONT, 12).into_font());
                chart.draw_series([dot])?;
            }
        }
        area.present()?;
        Ok(())
    };
    draw().map_err(|error| anyhow!("cannot draw {}: {error}", file.display()))
}

fn builder<'a, 'b>(
    area: &'a DrawingArea<SVGBackend<'b>, plotters::coord::Shift>,
    title: &str,
) -> ChartBuilder<'a, 'b, SVGBackend<'b>> {
    let mut builder = ChartBuilder::on(area);
    builder.caption(title, (FONT, 18)).margin(10).x_label_area_size(44).y_label_area_size(NAMES);
    builder
}

/// The number of the last row, which is on top.
fn last(names: &[&str]) -> i32 {
    i32::try_from(names.len()).unwrap_or(i32::MAX) - 1
}

fn height(rows: usize) -> u32 {
    REST + ROW * rows as u32
}

fn name_of(row: &SegmentValue<i32>, names: &[&str]) -> String {
    let (SegmentValue::CenterOf(row) | SegmentValue::Exact(row)) = row else { return String::new() };
    usize::try_from(*row).ok().and_then(|row| names.get(row)).map(ToString::to_string).unwrap_or_default()
}

/// A figure with as many digits as a picture needs.
fn short(figure: f64) -> String {
    match figure {
        0.0..10.0 => format!("{figure:.2}"),
        10.0..100.0 => format!("{figure:.1}"),
        _ => format!("{figure:.0}"),
    }
}
