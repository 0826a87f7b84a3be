//! Violation: how far a target is missed, on a scale that is smooth in the inputs.
//!
//! In: a target, a response time or a value. Out: a number that is positive if the target is missed
//! and 0 at the target. For a percentile `ln(P(T > target) / tail)`, which takes one transform
//! inversion and no quantile; for other values `1 - target / value`. Never: a verdict.

use crate::analysis::facts::Facts;
use crate::analysis::ground::time_value::{LATENCY_METRICS, Measure, Timed, percentile};
use crate::analysis::verdicts::slo::value;
use crate::kinds::MetricType;
use crate::model::Reason;
use crate::model::Slo;

/// Whether a target limits the flow's response time.
pub(in crate::analysis) fn is_latency(slo: &Slo) -> bool {
    LATENCY_METRICS.contains(&slo.metric.name)
}

/// How far a flow misses a target; positive if missed.
///
/// # Errors
/// The reason why its value is unknown.
pub(in crate::analysis) fn violation(facts: &Facts, flow: usize, slo: &Slo) -> Result<f64, Reason> {
    match facts.latency.get(flow) {
        Some(l) if is_latency(slo) => of_time(slo, &l.time),
        _ => of_value(slo, &value(facts, flow, slo)),
    }
}

/// How far a response time misses a latency target; positive if missed.
///
/// # Errors
/// The reason why the time is unknown.
pub(in crate::analysis) fn of_time(slo: &Slo, time: &Timed) -> Result<f64, Reason> {
    match (time, percentile(slo.metric.name)) {
        (Timed::Unknown(e), _) => Err(e.clone()),
        // The maximum of the scale: P(T > target) = 1.
        (Timed::Unbounded(_), Some(p)) => Ok(-(1.0 - p).ln()),
        (Timed::Known(d), Some(p)) => Ok(((d.survival(slo.target) + 1e-12) / (1.0 - p + 1e-12)).ln()),
        _ => of_value(slo, &time.measure(slo.metric.name)),
    }
}

/// How far a value misses a target, between -1 and 1; positive if missed.
///
/// # Errors
/// The reason why the value is unknown.
pub(in crate::analysis) fn of_value(slo: &Slo, value: &Measure) -> Result<f64, Reason> {
    match (value, slo.metric.ty) {
        (Measure::Unknown(e), _) => Err(e.clone()),
        (Measure::Unbounded(_), _) => Ok(1.0),
        (Measure::Known(x), MetricType::RatioAtLeast) => Ok(slo.target - x),
        (Measure::Known(x), _) if *x > 0.0 => Ok((1.0 - slo.target / x).max(-1.0)),
        (Measure::Known(_), _) => Ok(-1.0),
    }
}
