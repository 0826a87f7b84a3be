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
//! [`FREE`] rounds the changes are halved (damping 0.5; layered queueing: Rolia and Sevcik, "The
//! Method of Layers", 1995). A design without `threads` and `max_queue`, whose limits admit all
//! requests, takes one round.

use crate::analysis::ground::known::Known;
use crate::analysis::load::demand::Demand;
use crate::analysis::load::state::{Below, Pressure};
use crate::analysis::steady::admission::{admitted, refused};
use crate::analysis::steady::fixed_point::{Settled, rise, settled_demand};
use crate::analysis::time::in_progress::below;
use crate::model::Model;
use crate::model::Reason;
use crate::model::ReasonKind;
use std::sync::Arc;

/// Number of rounds without damping.
const FREE: usize = 24;
/// Maximum number of rounds.
const ROUNDS: usize = 30;
/// Relative change below which the iteration has converged.
const SETTLED: f64 = 1e-9;

/// Whether a component sets `threads`, `max_queue` or `pool`: components then affect each other, and
/// sizing judges them together.
#[must_use]
pub fn couples(model: &Model) -> bool {
    ["threads", "max_queue", "pool"].iter().any(|name| says(model, name))
}

fn says(model: &Model, name: &str) -> bool {
    model.components.iter().any(|c| c.attrs.get(name).is_some())
}

/// Computes the steady state of a model, the share that each component rejects, and whether the
/// iteration did not converge.
pub(in crate::analysis) fn settle(model: &Model, load: f64) -> (Settled, Vec<Option<Known>>, bool) {
    let (threads, queues) = (says(model, "threads"), says(model, "max_queue"));
    let mut pressure = Arc::new(Pressure::default());
    let mut before: Vec<Arc<Pressure>> = Vec::new();
    for round in 0.. {
        let risen = rise(model, load, &pressure);
        let open = |s: &crate::analysis::Station| s.refused.as_ref().map_or(1.0, |r| 1.0 - r);
        let open = if queues { risen.stations.iter().map(open).collect() } else { Vec::new() };
        let latency = threads.then(|| risen.latencies());
        let next = Pressure {
            below: latency.as_ref().map_or_else(Vec::new, |l| below(model, &risen.demand.flows, l)),
            admission: admitted(model, &risen.demand, open),
        };
        let still = same(&pressure.below, &next.below) && pressure.admission.near(&next.admission, SETTLED);
        if round >= ROUNDS || still {
            let settled = risen.settled(latency);
            let each = model.all().zip(&settled.stations);
            let refused = each.map(|((id, _), s)| refused(model, &settled.demand, id, s)).collect();
            return (settled, refused, round >= ROUNDS);
        }
        before.push(Arc::clone(&pressure));
        let ahead = match before.as_slice() {
            [first, second] if round > 2 => next.ahead(second, first),
            _ => None,
        };
        if before.len() >= 2 {
            before.clear();
        }
        pressure = Arc::new(match ahead {
            Some(ahead) if round < FREE => ahead,
            _ if round < FREE => next,
            _ => slowly(&pressure, next, round),
        });
    }
    unreachable!("the rounds are bounded")
}

/// The demand of the steady state under rate limits alone, without threads, queues and latency.
pub(in crate::analysis) fn limited_demand(model: &Model, load: f64) -> Demand {
    let mut pressure = Arc::new(Pressure::default());
    let mut demand = settled_demand(model, load, &pressure);
    for _ in 0..ROUNDS {
        let admission = admitted(model, &demand, Vec::new());
        if admission.near(&pressure.admission, SETTLED) {
            break;
        }
        pressure = Arc::new(Pressure { below: Vec::new(), admission });
        demand = settled_demand(model, load, &pressure);
    }
    demand
}

/// The mean of the last two iterates. In the last rounds the waits become unknown: they do not
/// converge.
fn slowly(now: &Pressure, next: Pressure, round: usize) -> Pressure {
    let admission = now.admission.halfway(next.admission);
    if round + 2 < ROUNDS {
        return Pressure { below: halfway(&now.below, next.below), admission };
    }
    let never = Reason::new(
        ReasonKind::NotConverged,
        "how long requests wait for threads does not settle: a little more load is a collapse, or callers wait for each other in a ring",
    );
    Pressure { below: next.below.iter().map(|_| Err(never.clone())).collect(), admission }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= SETTLED * a.abs().max(b.abs())
}

fn same(a: &[Below], b: &[Below]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|pair| match pair {
            (Ok(a), Ok(b)) => near(a.0, b.0) && near(a.1, b.1),
            (Err(a), Err(b)) => a == b,
            _ => false,
        })
}

fn halfway(a: &[Below], b: Vec<Below>) -> Vec<Below> {
    let each = a.iter().zip(b);
    each.map(|(a, b)| match (a, &b) {
        (Ok(a), Ok(b)) => Ok((f64::midpoint(a.0, b.0), f64::midpoint(a.1, b.1))),
        _ => b,
    })
    .collect()
}
