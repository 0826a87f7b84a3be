//! The frontier of cost and latency: the least cost at each bound on a flow's latency.
//!
//! In: a design, one of its flows. Out: bounds, from one that is infeasible to one from which more time saves
//! nothing, each with the least cost of the design with that bound. Never: an interpolated point.

use super::resize::Resize;
use super::sizes::{Aim, Sizes, Status};
use crate::kinds::MetricType;
use crate::model::{Model, Slo};
use crate::units::round_to;

/// Ratio of two successive bounds.
const STEP: f64 = 1.2;
/// Most bounds on each side of the design's own.
const MOST: usize = 12;
/// Bounds between the last feasible one and the first infeasible one.
const HALVINGS: usize = 4;
/// Costs that differ by less are equal, US dollars.
const SAME: f64 = 1e-6;

/// One bound with its least cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Seconds.
    pub target: f64,
    /// The least cost of the sizes, US dollars a month (without a provider, cores), or why it is infeasible.
    pub cost: Result<f64, String>,
}

/// The frontier of one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Frontier {
    /// The flow.
    pub flow: String,
    /// `p99`, `mean` and so on.
    pub metric: String,
    /// By target, the tightest first.
    pub points: Vec<Point>,
}

/// Two digits are what a target has.
fn rounded(seconds: f64) -> f64 {
    round_to(seconds, 2)
}

impl Resize {
    /// The frontier of a flow's first target of latency.
    ///
    /// # Errors
    /// In words, if there is no such flow or target.
    pub fn frontier(&self, flow: &str, sizes: &Sizes) -> Result<Frontier, String> {
        let Some(id) = self.model.find_flow(flow) else {
            return Err(format!("no flow is named `{flow}`"));
        };
        let is_time = |s: &Slo| s.metric.ty == MetricType::Time && super::flow_values::constrains(s);
        let all = &self.model.flow(id).slo;
        let Some((index, slo)) = all.iter().enumerate().find(|(_, s)| is_time(s)) else {
            return Err(format!("flow `{flow}` has no target of latency, such as `p99 <= 200ms`"));
        };
        let at = |target: f64| -> Point {
            let constraint = |m: &mut Model| {
                if let Some(slo) = m.flows.get_mut(id.0).and_then(|f| f.slo.get_mut(index)) {
                    slo.target = target;
                }
            };
            let found = self.with_targets(&constraint, Aim::Best { why: false });
            let cost = match found.status {
                Status::Infeasible => Err(found.conflict.into_iter().next().unwrap_or_default()),
                _ => Ok(found.cost),
            };
            Point { target, cost }
        };
        let own = match sizes.status {
            Status::Infeasible => Err(sizes.conflict.first().cloned().unwrap_or_default()),
            _ => Ok(sizes.cost),
        };
        let mut points = vec![Point { target: slo.target, cost: own }];
        let mut target = slo.target;
        for _ in 0..MOST {
            if points.first().is_some_and(|p| p.cost.is_err()) {
                break;
            }
            target = rounded(target / STEP);
            points.insert(0, at(target));
        }
        // The cost is steep between the last feasible bound and the first infeasible one: bisect a few times.
        for _ in 0..HALVINGS {
            let [lost, held, ..] = points.as_slice() else { break };
            if lost.cost.is_ok() {
                break;
            }
            let middle = at(round_to((lost.target * held.target).sqrt(), 3));
            if middle.cost.is_ok() {
                points.insert(1, middle);
            } else if let Some(first) = points.first_mut() {
                *first = middle;
            }
        }
        target = slo.target;
        let mut flat = 0;
        for _ in 0..MOST {
            target = rounded(target * STEP);
            let next = at(target);
            let saves = match (points.last().map(|p| &p.cost), &next.cost) {
                (Some(Ok(before)), Ok(now)) => *now < before - SAME,
                _ => true,
            };
            points.push(next);
            flat = if saves { 0 } else { flat + 1 };
            if flat >= 2 {
                break;
            }
        }
        Ok(Frontier { flow: flow.to_owned(), metric: slo.metric.name.to_owned(), points })
    }
}
