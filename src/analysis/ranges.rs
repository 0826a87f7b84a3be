//! Ranges: the extremes of rates, utilisation, hit ratios, latency and cost over the ends of all intervals.
//!
//! Rates and utilisation are sums of products of the inputs, so they are monotone or
//! multilinear in each interval and take their extremes at corners; latency is monotone
//! in rates, times and hit ratios alike, and so is cost. All corners
//! are evaluated for up to [`MAX_CORNERS`] intervals; beyond, ranges are not given.

use super::timed::{LATENCY_METRICS, Measure};
use super::{Facts, Known};
use crate::base::Span;
use crate::model::{CompId, End, Ends, Model};
use std::collections::BTreeSet;

/// Most intervals of which all corners are evaluated.
pub const MAX_CORNERS: usize = 8;

/// Most intervals of which all corners are evaluated for latency and verdicts, which
/// cost more.
pub const MAX_LATENCY_CORNERS: usize = 4;

/// Lowest and highest of what analyze shows.
#[derive(Clone, Debug, Default)]
pub struct Ranges {
    /// Rate of each component.
    pub rate: Vec<Option<(f64, f64)>>,
    /// Utilisation of each component.
    pub utilization: Vec<Option<(f64, f64)>>,
    /// Hit ratio of each component that has one.
    pub hit: Vec<Option<(f64, f64)>>,
    /// US dollars a month of each component.
    pub cost: Vec<Option<(f64, f64)>>,
    /// US dollars a month of the whole.
    pub total: Option<(f64, f64)>,
    /// US dollars a month of each flow.
    pub flow_cost: Vec<Option<(f64, f64)>>,
    /// US dollars per 1000 requests of each flow.
    pub per_1k: Vec<Option<(f64, f64)>>,
    /// Rate of each flow.
    pub flow_rate: Vec<Option<(f64, f64)>>,
    /// Of each flow, in the order of [`LATENCY_METRICS`].
    pub latency: Vec<[Option<(f64, f64)>; 6]>,
    /// Intervals that were too many to evaluate.
    pub skipped: usize,
}

/// Evaluates the corners; `at` builds the model of a world.
pub fn ranges(intervals: &BTreeSet<Span>, load: f64, at: &dyn Fn(&Ends) -> Model) -> Ranges {
    let mut out = Ranges::default();
    let Some(corners) = corners(intervals, MAX_CORNERS) else {
        out.skipped = intervals.len();
        return out;
    };
    for ends in corners {
        let world = super::followed(at(&ends), load);
        let few = intervals.len() <= MAX_LATENCY_CORNERS;
        let mut facts = if few { Facts::new(&world, load) } else { Facts::loads(&world, load) };
        if !few {
            facts.cost = super::cost(&world, &facts.demand);
        }
        widen(&mut out.rate, facts.demand.components.iter().map(|c| &c.rate));
        widen(&mut out.utilization, facts.utilization.iter().map(|u| &u.utilization));
        widen(&mut out.flow_rate, facts.demand.flows.iter().map(|f| &f.rate));
        let hits: Vec<Known> = world.all().map(|(id, _)| hit(&facts, id)).collect();
        widen(&mut out.hit, hits.iter());
        let bills: Vec<Known> = facts.cost.components.iter().map(super::Bill::total).collect();
        widen(&mut out.cost, bills.iter());
        widen(&mut out.flow_cost, facts.cost.flows.iter().map(|f| &f.usd));
        widen(&mut out.per_1k, facts.cost.flows.iter().map(|f| &f.per_1k));
        if let Ok(x) = facts.cost.total() {
            out.total = Some(out.total.map_or((x, x), |(a, b)| (a.min(x), b.max(x))));
        }
        out.latency.resize(facts.latency.len(), [None; 6]);
        for (slots, l) in out.latency.iter_mut().zip(&facts.latency) {
            for (slot, name) in slots.iter_mut().zip(LATENCY_METRICS) {
                if let Measure::Known(x) = l.time.measure(name) {
                    *slot = Some(slot.map_or((x, x), |(a, b)| (a.min(x), b.max(x))));
                }
            }
        }
    }
    out
}

/// All corners of up to `most` intervals; none where there is no interval.
#[must_use]
pub fn corners(intervals: &BTreeSet<Span>, most: usize) -> Option<Vec<Ends>> {
    let list: Vec<Span> = intervals.iter().copied().collect();
    if list.len() > most {
        return None;
    }
    if list.is_empty() {
        return Some(Vec::new());
    }
    let end = |high: bool| if high { End::High } else { End::Low };
    let all = 0..(1_u32 << list.len());
    Some(all.map(|bits| list.iter().enumerate().map(|(i, s)| (*s, end(bits >> i & 1 == 1))).collect()).collect())
}

fn hit(facts: &Facts, id: CompId) -> Known {
    facts.demand.hits.of(id).map_or_else(|| Err(String::new()), |h| h.value.clone())
}

fn widen<'a>(into: &mut Vec<Option<(f64, f64)>>, values: impl Iterator<Item = &'a Known>) {
    for (i, v) in values.enumerate() {
        if into.len() <= i {
            into.push(None);
        }
        if let (Ok(x), Some(slot)) = (v, into.get_mut(i)) {
            *slot = Some(slot.map_or((*x, *x), |(a, b)| (a.min(*x), b.max(*x))));
        }
    }
}
