//! Which worlds of an uncertain design are looked at.
//!
//! In: the places of its intervals. Out: lists of ends: all corners, each interval alone, all
//! at once, and points spread evenly inside. How many worlds a design may have is a matter of
//! its size, never of the time that a machine takes, so that the answer is the same anywhere.

use crate::analysis::load::call_policy::Policies;
use crate::analysis::steady::feedback::couples;
use crate::base::Span;
use crate::model::{End, Ends, Model, Step};
use crate::theory::halton::{DIMENSIONS, halton, turned};
use std::collections::BTreeSet;

/// Components and calls times worlds that are evaluated at most.
const WORK: usize = 80_000;
/// Passes that a design takes to settle, about, whose threads or full queues press on each other.
const PASSES_COUPLED: usize = 24;
/// The same where only its retries do.
const PASSES_RETRIED: usize = 6;

/// How many worlds of a model are looked at, at most `most`.
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

/// Each interval at its low end, then at its high end, the others in the middle.
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

/// So many points inside, spread evenly; none for more intervals than there are dimensions.
#[must_use]
pub fn spread(intervals: &BTreeSet<Span>, points: usize) -> Vec<Ends> {
    if intervals.len() > DIMENSIONS {
        return Vec::new();
    }
    let end = |i: usize, k: usize| End::Part(halton(i as u64, k).unwrap_or(0.5));
    (0..points).map(|i| intervals.iter().enumerate().map(|(k, s)| (*s, end(i, k))).collect()).collect()
}

/// So many points inside, drawn by a seed.
#[must_use]
pub fn drawn(intervals: &BTreeSet<Span>, seed: u64, points: usize) -> Vec<Ends> {
    let one = |i: u64| intervals.iter().enumerate().map(|(k, s)| (*s, End::Part(turned(i, k, seed)))).collect();
    (0..points as u64).map(one).collect()
}
