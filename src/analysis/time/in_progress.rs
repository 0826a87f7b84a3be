//! Requests in progress: what they wait for downstream, and how many there are.
//!
//! In: latency of the flows, rates. Out: moments of the wait downstream by component, and
//! the mean number in progress (Little 1961). Never: a queue.

use crate::analysis::ground::known::Known;
use crate::analysis::load::demand::{Demand, FlowDemand};
use crate::analysis::load::state::DownstreamWait;
use crate::analysis::time::holds::Moments;
use crate::analysis::time::latency::FlowLatency;
use crate::model::Reason;
use crate::model::{CompId, Model};

/// The wait of requests for downstream components, by component.
/// Unknown if a downstream time is unknown or unbounded.
#[must_use]
pub fn downstream_waits(model: &Model, demands: &[FlowDemand], latency: &[FlowLatency]) -> Vec<DownstreamWait> {
    let mut sums = vec![(0.0, 0.0, 0.0); model.components.len()];
    let mut lacks: Vec<Option<Reason>> = vec![None; model.components.len()];
    for (fd, l) in demands.iter().zip(latency) {
        let Ok(rate) = fd.rate else { continue };
        for h in l.holds.iter().filter(|h| h.visits * rate > 0.0) {
            match (&h.downstream, sums.get_mut(h.of.0), lacks.get_mut(h.of.0)) {
                (Moments::Known((mean, variance)), Some((weight, first, second)), _) => {
                    let w = rate * h.visits;
                    *weight += w;
                    *first += w * mean;
                    *second += w * (variance + mean * mean);
                }
                (Moments::Unbounded(e) | Moments::Unknown(e), _, Some(lack)) => {
                    lack.get_or_insert_with(|| e.clone());
                }
                _ => {}
            }
        }
    }
    let each = sums.into_iter().zip(lacks);
    each.map(|((weight, first, second), lack)| match lack {
        Some(e) => Err(e),
        None if weight > 0.0 => {
            let mean = first / weight;
            Ok((mean, (second / weight - mean * mean).max(0.0)))
        }
        None => Ok((0.0, 0.0)),
    })
    .collect()
}

/// Mean number of requests in a component, including those that wait for downstream components.
/// Little's law: rate times time.
///
/// # Errors
/// The reason why a rate or a time is unknown.
pub fn in_flight(id: CompId, demand: &Demand, latency: &[FlowLatency]) -> Known {
    let Some(rate) = demand.components.get(id.0).map(|c| c.rate.clone()) else { return Ok(0.0) };
    let rate = rate?;
    // The mean time of a visit, weighted by the rates of the flows.
    let (mut weight, mut sum) = (0.0, 0.0);
    for (fd, l) in demand.flows.iter().zip(latency) {
        for h in l.holds.iter().filter(|h| h.of == id && h.visits > 0.0) {
            let visits = fd.rate.clone()? * h.visits;
            if visits <= 0.0 {
                continue;
            }
            weight += visits;
            for part in [&h.own, &h.downstream] {
                match part {
                    Moments::Known((mean, _)) => sum += visits * mean,
                    Moments::Unbounded(_) => sum = f64::INFINITY,
                    Moments::Unknown(e) => return Err(e.clone()),
                }
            }
        }
    }
    Ok(if weight > 0.0 { rate * sum / weight } else { 0.0 })
}
