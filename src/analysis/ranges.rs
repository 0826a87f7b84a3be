//! Ranges: the extremes of rates and utilisation over the ends of all intervals.
//!
//! Every figure here is a sum of products of the inputs, so it is monotone or
//! multilinear in each interval and takes its extremes at corners. All corners
//! are evaluated for up to [`MAX_CORNERS`] intervals; beyond, ranges are not given.

use super::{Facts, Known};
use crate::base::Span;
use crate::model::{End, Ends, Model};
use std::collections::BTreeSet;

/// Most intervals of which all corners are evaluated.
pub const MAX_CORNERS: usize = 8;

/// Lowest and highest of what analyze shows.
#[derive(Clone, Debug, Default)]
pub struct Ranges {
    /// Rate of each component.
    pub rate: Vec<Option<(f64, f64)>>,
    /// Utilisation of each component.
    pub utilization: Vec<Option<(f64, f64)>>,
    /// Rate of each flow.
    pub flow_rate: Vec<Option<(f64, f64)>>,
    /// Intervals that were too many to evaluate.
    pub skipped: usize,
}

/// Evaluates the corners; `at` builds the model of a world.
pub fn ranges(intervals: &BTreeSet<Span>, load: f64, at: &dyn Fn(&Ends) -> Model) -> Ranges {
    let list: Vec<Span> = intervals.iter().copied().collect();
    let mut out = Ranges::default();
    if list.is_empty() {
        return out;
    }
    if list.len() > MAX_CORNERS {
        out.skipped = list.len();
        return out;
    }
    for bits in 0..(1_u32 << list.len()) {
        let ends: Ends =
            list.iter().enumerate().map(|(i, s)| (*s, if bits >> i & 1 == 1 { End::High } else { End::Low })).collect();
        let facts = Facts::new(&at(&ends), load);
        widen(&mut out.rate, facts.demand.components.iter().map(|c| &c.rate));
        widen(&mut out.utilization, facts.utilization.iter().map(|u| &u.utilization));
        widen(&mut out.flow_rate, facts.demand.flows.iter().map(|f| &f.rate));
    }
    out
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
