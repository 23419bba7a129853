//! [`Exposition`]: families of metrics and their samples, in the `OpenMetrics` text format.

use std::fmt;

use lubdub_runtime::histogram::Durations;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, MetricEncoder, NoLabelSet,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

/// What a family is: its name without the ending that its kind or unit adds, and what it says.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) unit: Option<Unit>,
    /// A sentence; neither a backslash nor a line break is in it.
    pub(super) help: &'static str,
}

impl Family {
    /// A family of numbers without a unit.
    pub(super) const fn of(name: &'static str, help: &'static str) -> Self {
        Self { name, unit: None, help }
    }

    /// A family of seconds; the name goes on with `_seconds`.
    pub(super) const fn of_seconds(name: &'static str, help: &'static str) -> Self {
        Self { name, unit: Some(Unit::Seconds), help }
    }

    /// A family of bytes; the name goes on with `_bytes`.
    pub(super) const fn of_bytes(name: &'static str, help: &'static str) -> Self {
        Self { name, unit: Some(Unit::Bytes), help }
    }
}

/// Where metrics are written.
#[derive(Debug)]
pub(super) struct Exposition<'a>(pub(super) DescriptorEncoder<'a>);

impl Exposition<'_> {
    fn family<'s>(
        &'s mut self,
        family: &'s Family,
        kind: MetricType,
    ) -> Result<MetricEncoder<'s>, fmt::Error> {
        self.0.encode_descriptor(family.name, family.help, family.unit.as_ref(), kind)
    }

    /// A number that only grows.
    pub(super) fn counter(&mut self, family: &Family, value: impl EncodeCounterValue + Copy) -> fmt::Result {
        self.family(family, MetricType::Counter)?.encode_counter::<NoLabelSet, _, u64>(&value, None)
    }

    /// Numbers that only grow, by labels.
    pub(super) fn counters<const N: usize>(
        &mut self,
        family: &Family,
        labels: [&'static str; N],
        samples: impl IntoIterator<Item = ([&'static str; N], u64)>,
    ) -> fmt::Result {
        let mut encoder = self.family(family, MetricType::Counter)?;
        for (values, value) in samples {
            let set = pairs(labels, &values);
            encoder.encode_family(&set)?.encode_counter::<NoLabelSet, _, u64>(&value, None)?;
        }
        Ok(())
    }

    /// A number that grows and shrinks.
    pub(super) fn gauge(&mut self, family: &Family, value: impl EncodeGaugeValue + Copy) -> fmt::Result {
        self.family(family, MetricType::Gauge)?.encode_gauge(&value)
    }

    /// Numbers that grow and shrink, by labels.
    pub(super) fn gauges<const N: usize>(
        &mut self,
        family: &Family,
        labels: [&'static str; N],
        samples: impl IntoIterator<Item = ([&'static str; N], usize)>,
    ) -> fmt::Result {
        let mut encoder = self.family(family, MetricType::Gauge)?;
        for (values, value) in samples {
            encoder.encode_family(&pairs(labels, &values))?.encode_gauge(&value)?;
        }
        Ok(())
    }

    /// What does not change while the process runs.
    pub(super) fn info<const N: usize>(
        &mut self,
        family: &Family,
        labels: [(&'static str, &'static str); N],
    ) -> fmt::Result {
        self.family(family, MetricType::Info)?.encode_info(&labels)
    }

    /// How long things took.
    pub(super) fn histogram(&mut self, family: &Family, durations: &Durations) -> fmt::Result {
        durations_of(&mut self.family(family, MetricType::Histogram)?, durations)
    }

    /// How long things took, by labels.
    pub(super) fn histograms<const N: usize>(
        &mut self,
        family: &Family,
        labels: [&'static str; N],
        samples: impl IntoIterator<Item = ([String; N], Durations)>,
    ) -> fmt::Result {
        let mut encoder = self.family(family, MetricType::Histogram)?;
        for (values, durations) in samples {
            let values = values.each_ref().map(String::as_str);
            durations_of(&mut encoder.encode_family(&pairs(labels, &values))?, &durations)?;
        }
        Ok(())
    }
}

fn pairs<'a, const N: usize>(
    labels: [&'static str; N],
    values: &[&'a str; N],
) -> Vec<(&'static str, &'a str)> {
    labels.into_iter().zip(values.iter().copied()).collect()
}

fn durations_of(encoder: &mut MetricEncoder<'_>, durations: &Durations) -> fmt::Result {
    let buckets: Vec<_> = durations.buckets().collect();
    encoder.encode_histogram::<NoLabelSet>(durations.seconds(), durations.count(), &buckets, None)
}
