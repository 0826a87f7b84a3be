//! Holding time: how long a visit occupies the component that serves it.
//!
//! In: times of a visit. Out: their first two moments. Never: a distribution.

use crate::analysis::ground::time_value::Timed;
use crate::model::CompId;
use crate::model::Fact;

/// The holding time of a visit of a component, in two parts.
#[derive(Clone, Debug)]
pub struct HoldingTime {
    /// The component.
    pub of: CompId,
    /// The caller; `None` if the flow starts at the component.
    pub from: Option<CompId>,
    /// Visits per start of the flow.
    pub visits: f64,
    /// Queueing and service at the component.
    pub own: Moments,
    /// Wait for downstream components.
    pub downstream: Moments,
}

/// Mean in seconds and variance in seconds squared.
pub type Moments = Fact<(f64, f64)>;

/// Mean and variance of a time value.
pub(in crate::analysis) fn moments(time: &Timed) -> Moments {
    match time {
        Timed::Known(d) => Fact::Known((d.mean(), d.variance())),
        Timed::Unbounded(e) => Fact::Unbounded(e.clone()),
        Timed::Unknown(e) => Fact::Unknown(e.clone()),
    }
}
