//! What depends on itself beside failures: a limit or a full queue refuses what others then
//! are not asked, and a thread is held as long as those below make it wait, for a thread
//! of theirs.
//!
//! In: a model, a factor of its load. Out: where it settles ([`crate::analysis::steady::fixed_point`]) under what is
//! refused and waited for there. A fixed point by repetition: what the settled state refuses
//! and waits for is the pressure of the next, until it changes by less than 1e-9. Without
//! rings of calls it is reached in as many rounds as calls are nested. Where it creeps, which
//! it does near a collapse, every third round goes on to where the last two lead (Aitken's
//! delta squared, by component); after some rounds changes are halved (damping 0.5; layered
//! queueing: Rolia and Sevcik, "The Method of Layers", 1995). A design whose limits let all in, without `threads` and `max_queue`,
//! takes one round.

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

/// Rounds without damping.
const FREE: usize = 24;
/// Most rounds.
const ROUNDS: usize = 30;
/// Relative changes below this are none.
const SETTLED: f64 = 1e-9;

/// Whether anything of a design waits for threads, refuses, or shares connections: its
/// sizes are then judged together.
#[must_use]
pub fn couples(model: &Model) -> bool {
    ["threads", "max_queue", "pool"].iter().any(|name| says(model, name))
}

fn says(model: &Model, name: &str) -> bool {
    model.components.iter().any(|c| c.attrs.get(name).is_some())
}

/// Settles a model, and gives the share that each component refuses, if it may refuse any,
/// and whether it did not settle.
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

/// Rates where a design settles behind its limits, without its latency.
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

/// Halfway on; what does not settle at all is unknown.
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
