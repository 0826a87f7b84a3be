//! What is known of a flow for the options of its components; no part of it depends on a target.

use crate::analysis::{Form, Known, LATENCY_METRICS, Measure, Timed};
use crate::model::Reason;
use crate::model::{CompId, Slo};

/// The availability formula of a flow. It holds while its components need the same parts.
pub(super) struct Formula {
    /// By component: whether reads and writes need all shards, the caches that it needs.
    pub of: Vec<(bool, bool, Vec<CompId>)>,
    /// The formula, or why there is none.
    pub form: Result<Form, Reason>,
}

/// A flow, and the option of each component that it depends on.
pub(super) type FlowKey = (usize, Vec<Option<usize>>);

/// The values of a flow that were computed.
#[derive(Default)]
pub(super) struct FlowValues {
    /// Response time and share of errors.
    pub time: Option<(Timed, Known)>,
    /// p99 of the lag, seconds; an error if the flow has none.
    pub lag: Option<Result<Measure, ()>>,
    /// Availability without errors of overload.
    pub up: Option<Known>,
}

/// Whether sizes must meet a target. More of anything never lowers cost, so cost targets do not count.
pub(super) fn constrains(slo: &Slo) -> bool {
    is_latency(slo) || ["availability", "errors", "lag"].contains(&slo.metric.name)
}

/// Whether a target is on the response time.
pub(super) fn is_latency(slo: &Slo) -> bool {
    LATENCY_METRICS.contains(&slo.metric.name)
}
