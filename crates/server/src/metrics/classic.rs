//! The older text format (`text/plain; version=0.0.4`), made from the newer one.
//!
//! They differ in the lines that describe a family: the older one names counters with their
//! `_total`, knows neither units nor the kind `info`, and has no mark at the end.

/// The same metrics in the older format.
pub(super) fn classic(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    let mut help = "";
    for line in open_metrics.lines() {
        if let Some(told) = line.strip_prefix("# HELP ") {
            // It names the family, whose kind comes in the next line.
            help = told.split_once(' ').map_or("", |(_, help)| help);
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|told| told.split_once(' '))
        {
            let (ending, kind) = match kind {
                "counter" => ("_total", kind),
                "info" => ("_info", "gauge"),
                _ => ("", kind),
            };
            text.extend(["# HELP ", name, ending, " ", help, "\n# TYPE ", name, ending, " ", kind, "\n"]);
        } else if !line.starts_with("# ") {
            text.extend([line, "\n"]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_described_by_the_names_of_their_samples() {
        let open_metrics = "# HELP beats Beats that came.\n# TYPE beats counter\nbeats_total{a=\"# x\"} 3\n\
             # HELP age_seconds How old.\n# TYPE age_seconds gauge\n# UNIT age_seconds seconds\nage_seconds 1.5\n\
             # HELP build Built.\n# TYPE build info\nbuild_info{v=\"1\"} 1\n# EOF\n";
        let expected = "# HELP beats_total Beats that came.\n# TYPE beats_total counter\nbeats_total{a=\"# x\"} 3\n\
             # HELP age_seconds How old.\n# TYPE age_seconds gauge\nage_seconds 1.5\n\
             # HELP build_info Built.\n# TYPE build_info gauge\nbuild_info{v=\"1\"} 1\n";
        assert_eq!(classic(open_metrics), expected);
    }
}
