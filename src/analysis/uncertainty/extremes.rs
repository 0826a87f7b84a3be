//! Cases of an uncertain design: values of its intervals to evaluate.
//!
//! In: the source locations of its intervals. Out: lists of values: all corners, each interval alone,
//! all jointly, points spread evenly inside, and random samples. The number of cases depends on the
//! size of the design only, never on elapsed time, so results are equal on every machine.

use crate::analysis::load::call_policy::Policies;
use crate::analysis::steady::feedback::couples;
use crate::base::Span;
use crate::model::{End, Ends, Model, Step};
use crate::theory::halton::{DIMENSIONS, halton, turned};
use std::collections::BTreeSet;

/// Work limit: components and calls, times cases.
const WORK: usize = 80_000;
/// Approximate passes to the fixed point of a design with admission feedback (threads or full queues).
const PASSES_COUPLED: usize = 24;
/// Approximate passes to the fixed point of a design whose only feedback is retries.
const PASSES_RETRIED: usize = 6;

/// The number of cases to evaluate for a model, at most `most`.
#[must_use]
pub fn affordable(model: &Model, most: usize) -> usize {
    let mut size = model.components.len();
    for flow in &model.flows {
        Step::walk(&flow.steps, &mut |_| size += 1);
    }
    if couples(model) {
        size *= PASSES_COUPLED;
    } else if Policies::of(model).feed_back() {
        size *= PASSES_RETRIED;
    }
    (WORK / size.max(1)).min(most)
}

/// All corners of up to `most` intervals: an empty list without intervals, none if there are more.
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

/// Each interval at its low end, then at its high end, the others at midpoint.
#[must_use]
pub fn one_by_one(intervals: &BTreeSet<Span>) -> Vec<Ends> {
    let pair = |s: &Span| [End::Low, End::High].map(|e| Ends::from([(*s, e)]));
    intervals.iter().flat_map(pair).collect()
}

/// All intervals low, and all high.
#[must_use]
pub fn jointly(intervals: &BTreeSet<Span>) -> Vec<Ends> {
    let all = |e: End| intervals.iter().map(|s| (*s, e)).collect();
    vec![all(End::Low), all(End::High)]
}

/// `points` low-discrepancy (Halton) points inside; empty for more than [`DIMENSIONS`] intervals.
#[must_use]
pub fn spread(intervals: &BTreeSet<Span>, points: usize) -> Vec<Ends> {
    if intervals.len() > DIMENSIONS {
        return Vec::new();
    }
    let end = |i: usize, k: usize| End::Part(halton(i as u64, k).unwrap_or(0.5));
    (0..points).map(|i| intervals.iter().enumerate().map(|(k, s)| (*s, end(i, k))).collect()).collect()
}

/// `points` randomly shifted low-discrepancy points inside; a seed determines the shift.
#[must_use]
pub fn drawn(intervals: &BTreeSet<Span>, seed: u64, points: usize) -> Vec<Ends> {
    let one = |i: u64| intervals.iter().enumerate().map(|(k, s)| (*s, End::Part(turned(i, k, seed)))).collect();
    (0..points as u64).map(one).collect()
}
