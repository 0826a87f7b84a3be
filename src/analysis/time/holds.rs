//! How long a visit holds the component that serves it.
//!
//! In: times of a visit. Out: their first two moments. Never: a distribution.

use crate::analysis::ground::time_value::Timed;
use crate::model::CompId;

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
    pub own: Span,
    /// All that it waits for below.
    pub below: Span,
}

/// The first moments of a time.
#[derive(Clone, Debug)]
pub enum Span {
    /// Mean and variance, in seconds.
    Known(f64, f64),
    /// It grows as long as the load lasts, and why.
    Unbounded(String),
    /// Why it is unknown.
    Unknown(String),
}

impl From<&Timed> for Span {
    fn from(time: &Timed) -> Self {
        match time {
            Timed::Known(d) => Self::Known(d.mean(), d.variance()),
            Timed::Unbounded(e) => Self::Unbounded(e.clone()),
            Timed::Unknown(e) => Self::Unknown(e.clone()),
        }
    }
}
