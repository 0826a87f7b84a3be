//! Admission feedback: rejections and waits for threads change the load.
//!
//! In: a model, a load multiple. Out: the fixed point ([`crate::analysis::steady::fixed_point`]) under
//! its own rejections and waits. Never: retries, which the inner fixed point covers.
//!
//! A rejected request makes no downstream calls. A thread is held while downstream components wait
//! for their threads. The fixed point is found by iteration: the rejections and waits of one state are
//! the [`Backpressure`] of the next, until the relative change is below 1e-9. Without rings of calls
//! the number of rounds is the depth of nested calls. Near a collapse convergence is slow, so every
//! third round extrapolates from the last two (Aitken's delta squared, by component). After
//! [`UNDAMPED_ROUNDS`] rounds the changes are halved (damping 0.5; layered queueing: Rolia and Sevcik, "The
//! Method of Layers", 1995). A design without `threads` and `max_queue`, whose limits admit all
//! requests, takes one round.

use crate::analysis::ground::known::Known;
use crate::analysis::load::demand::Demand;
use crate::analysis::load::state::{Backpressure, DownstreamWait};
use crate::analysis::steady::admission::{admitted, rejected};
use crate::analysis::steady::fixed_point::{FixedPoint, least_demand, least_fixed_point};
use crate::analysis::time::in_progress::downstream_waits;
use crate::model::Model;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys::{self, Key, Number};
use std::sync::Arc;

/// Number of rounds without damping.
const UNDAMPED_ROUNDS: usize = 24;
/// Maximum number of rounds.
const MAX_ROUNDS: usize = 30;
/// Relative change below which the iteration has converged.
const CONVERGED: f64 = 1e-9;

/// Whether a component sets `threads`, `max_queue` or `pool`: components then affect each other, and
/// sizing judges them together.
#[must_use]
pub fn couples(model: &Model) -> bool {
    [keys::THREADS, keys::MAX_QUEUE, keys::POOL].into_iter().any(|key| is_set(model, key))
}

fn is_set(model: &Model, key: Key<Number>) -> bool {
    model.components.iter().any(|c| c.attrs.attr(key).is_some())
}

/// Computes the steady state of a model, the share that each component rejects, and whether the
/// iteration did not converge.
pub(in crate::analysis) fn steady_state(model: &Model, load: f64) -> (FixedPoint, Vec<Option<Known>>, bool) {
    let (threads, queues) = (is_set(model, keys::THREADS), is_set(model, keys::MAX_QUEUE));
    let mut backpressure = Arc::new(Backpressure::default());
    let mut before: Vec<Arc<Backpressure>> = Vec::new();
    for round in 0.. {
        let least = least_fixed_point(model, load, &backpressure);
        let open = |s: &crate::analysis::Station| s.refused.as_ref().map_or(1.0, |r| 1.0 - r);
        let open = if queues { least.stations.iter().map(open).collect() } else { Vec::new() };
        let latency = threads.then(|| least.latencies());
        let next = Backpressure {
            downstream: latency.as_ref().map_or_else(Vec::new, |l| downstream_waits(model, &least.demand.flows, l)),
            admission: admitted(model, &least.demand, open),
        };
        let converged =
            same(&backpressure.downstream, &next.downstream) && backpressure.admission.near(&next.admission, CONVERGED);
        if round >= MAX_ROUNDS || converged {
            let fixed = least.with_latency(latency);
            let each = model.all().zip(&fixed.stations);
            let rejected = each.map(|((id, _), s)| rejected(model, &fixed.demand, id, s)).collect();
            return (fixed, rejected, round >= MAX_ROUNDS);
        }
        before.push(Arc::clone(&backpressure));
        let extrapolated = match before.as_slice() {
            [first, second] if round > 2 => next.extrapolated(second, first),
            _ => None,
        };
        if before.len() >= 2 {
            before.clear();
        }
        backpressure = Arc::new(match extrapolated {
            Some(extrapolated) if round < UNDAMPED_ROUNDS => extrapolated,
            _ if round < UNDAMPED_ROUNDS => next,
            _ => damped(&backpressure, next, round),
        });
    }
    unreachable!("the rounds are bounded")
}

/// The demand of the steady state under rate limits alone, without threads, queues and latency.
pub(in crate::analysis) fn limited_demand(model: &Model, load: f64) -> Demand {
    let mut backpressure = Arc::new(Backpressure::default());
    let mut demand = least_demand(model, load, &backpressure);
    for _ in 0..MAX_ROUNDS {
        let admission = admitted(model, &demand, Vec::new());
        if admission.near(&backpressure.admission, CONVERGED) {
            break;
        }
        backpressure = Arc::new(Backpressure { downstream: Vec::new(), admission });
        demand = least_demand(model, load, &backpressure);
    }
    demand
}

/// The mean of the last two iterates. In the last rounds the waits become unknown: they do not
/// converge.
fn damped(now: &Backpressure, next: Backpressure, round: usize) -> Backpressure {
    let admission = now.admission.halfway(next.admission);
    if round + 2 < MAX_ROUNDS {
        return Backpressure { downstream: halfway(&now.downstream, next.downstream), admission };
    }
    let never = Reason::new(
        ReasonKind::NotConverged,
        "the waits for threads do not converge: a little more load is a collapse, or callers wait for each other in a ring",
    );
    Backpressure { downstream: next.downstream.iter().map(|_| Err(never.clone())).collect(), admission }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= CONVERGED * a.abs().max(b.abs())
}

fn same(a: &[DownstreamWait], b: &[DownstreamWait]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|pair| match pair {
            (Ok(a), Ok(b)) => near(a.0, b.0) && near(a.1, b.1),
            (Err(a), Err(b)) => a == b,
            _ => false,
        })
}

fn halfway(a: &[DownstreamWait], b: Vec<DownstreamWait>) -> Vec<DownstreamWait> {
    let each = a.iter().zip(b);
    each.map(|(a, b)| match (a, &b) {
        (Ok(a), Ok(b)) => Ok((f64::midpoint(a.0, b.0), f64::midpoint(a.1, b.1))),
        _ => b,
    })
    .collect()
}
