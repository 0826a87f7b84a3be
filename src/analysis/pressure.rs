//! What depends on itself: a full queue refuses what others then are not asked, and a
//! thread is held as long as those below make it wait, for a thread of theirs.
//!
//! In: a model, a factor of its load. Out: demand, stations and latency that agree with each
//! other. A fixed point by repetition: rates, then response times, then what is refused and
//! what is waited for below, until neither changes by 1e-9. Without rings of calls it is
//! reached in as many rounds as calls are nested; with them changes are halved (damping 0.5)
//! after some rounds (layered queueing: Rolia and Sevcik, Method of Layers, 1995). A design
//! without `threads` and `max_queue` takes one round.

use super::Known;
use super::admission::{limited, refused};
use super::demand::Demand;
use super::latency::{FlowLatency, latencies};
use super::stations::{Station, stations};
use super::threads::{Below, below};
use crate::model::Model;

/// Rounds without damping.
const FREE: usize = 24;
/// Most rounds.
const ROUNDS: usize = 120;
/// Relative changes below this are none.
const SETTLED: f64 = 1e-9;

/// Rates and times that agree.
#[derive(Clone, Debug)]
pub struct Settled {
    /// Rates.
    pub demand: Demand,
    /// Response times, by component.
    pub stations: Vec<Station>,
    /// Latency, by flow.
    pub latency: Vec<FlowLatency>,
    /// Share that is refused, by component that may refuse any.
    pub refused: Vec<Option<Known>>,
}

/// Settles a model under its load times `load`.
#[must_use]
pub fn settle(model: &Model, load: f64) -> Settled {
    let any = |name: &str| model.components.iter().any(|c| c.attrs.get(name).is_some());
    let (threads, queues) = (any("threads"), any("max_queue"));
    let mut waits: Vec<Below> = Vec::new();
    let mut open: Vec<f64> = Vec::new();
    let mut round = 0;
    loop {
        let (demand, _) = limited(model, load, &open);
        let stations = stations(model, &demand, &waits);
        let latency = latencies(model, &demand.flows, &stations);
        let next_waits = if threads { below(model, &demand.flows, &latency) } else { Vec::new() };
        let next_open: Vec<f64> = if queues {
            stations.iter().map(|s| s.refused.as_ref().map_or(1.0, |r| 1.0 - r)).collect()
        } else {
            Vec::new()
        };
        let settled = !threads && !queues || round > 0 && same(&waits, &next_waits) && close(&open, &next_open);
        if settled || round >= ROUNDS {
            let each = model.all().zip(&stations);
            let refused = each.map(|((id, _), s)| refused(model, &demand, id, s)).collect();
            return Settled { demand, stations, latency, refused };
        }
        (waits, open) = if round < FREE {
            (next_waits, next_open)
        } else if round + 2 == ROUNDS {
            let never = "requests that wait for threads in a ring do not settle".to_owned();
            (next_waits.iter().map(|_| Err(never.clone())).collect(), next_open)
        } else {
            (halfway(&waits, next_waits), open.iter().zip(next_open).map(|(a, b)| f64::midpoint(*a, b)).collect())
        };
        round += 1;
    }
}

fn close(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| near(*a, *b))
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
