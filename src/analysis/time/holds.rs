//! How long a visit holds the component that serves it.
//!
//! In: times of a visit. Out: their first two moments. Never: a distribution.

use crate::analysis::ground::time_value::Timed;
use crate::model::CompId;
use crate::model::Fact;

/// What one visit of a component holds beside its own work.
#[derive(Clone, Debug)]
pub struct Hold {
    /// The component.
    pub of: CompId,
    /// Who calls it, unless the flow starts there.
    pub from: Option<CompId>,
    /// Visits per start of the flow.
    pub visits: f64,
    /// Queueing and service there.
    pub own: Moments,
    /// All that it waits for below.
    pub below: Moments,
}

/// Mean and variance of a time, seconds.
pub type Moments = Fact<(f64, f64)>;

/// Mean and variance of a time.
pub(in crate::analysis) fn moments(time: &Timed) -> Moments {
    match time {
        Timed::Known(d) => Fact::Known((d.mean(), d.variance())),
        Timed::Unbounded(e) => Fact::Unbounded(e.clone()),
        Timed::Unknown(e) => Fact::Unknown(e.clone()),
    }
}
