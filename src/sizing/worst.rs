//! Sizes that hold at every end of the intervals, and whether given values hold in given cases.
//!
//! In: an uncertain design. Out: sizes for all its ends. If the ends are many, sizes for those that
//! earlier sizes miss (cutting sets, Mutapcic and Boyd 2009).

use super::options::words;
use super::robust::{Found, Uncertain};
use super::size::{any, size};
use super::sizes::{Sizes, Status};
use crate::analysis::many;
use crate::model::{Choices, Model};

/// Cases added at a time.
const AT_A_TIME: usize = 4;
/// The least share of samples in which a `p95` plan holds.
pub(super) const SHARE: f64 = 0.95;

/// Sizes that hold at every end.
pub(super) fn worst(design: &Uncertain, load: f64, why: bool) -> Found {
    let Uncertain { model, ends, .. } = design;
    let few = 1 << crate::analysis::MAX_LATENCY_CORNERS;
    let mut kept: Vec<usize> = if ends.len() <= few { (0..ends.len()).collect() } else { Vec::new() };
    loop {
        let mut cases: Vec<Model> = kept.iter().filter_map(|i| ends.get(*i).cloned()).collect();
        if cases.is_empty() {
            cases.push(model.clone());
        }
        let sizes = size(model, &cases, load, why && ends.len() <= few);
        let missed: Vec<usize> = if sizes.status == Status::Infeasible || ends.len() <= few {
            Vec::new()
        } else {
            let holds = holds(ends, &sizes.choices, load);
            (0..ends.len()).filter(|i| holds.get(*i) == Some(&false) && !kept.contains(i)).collect()
        };
        if missed.is_empty() {
            let sizes = if why && ends.len() > few { size(model, &cases, load, true) } else { sizes };
            return Found { sizes, kept: cases, value: None };
        }
        kept.extend(missed.iter().step_by(missed.len().div_ceil(AT_A_TIME)));
    }
}

/// A case with its variables fixed.
pub(super) fn fixed(case: &Model, choices: &Choices) -> Model {
    let mut out = case.clone();
    out.close(choices);
    out
}

/// Whether values hold, for each of some cases.
pub(super) fn holds(cases: &[Model], choices: &Choices, load: f64) -> Vec<bool> {
    many(cases, &|w: &Model| {
        let closed = fixed(w, choices);
        any(&closed, std::slice::from_ref(&closed), load)
    })
}

/// Lower bound on the cost of every plan for the same cases.
pub(super) fn at_least(sizes: &Sizes) -> f64 {
    match sizes.status {
        Status::Optimal => sizes.cost,
        Status::WithinGap(gap) => sizes.cost * (1.0 - gap),
        Status::Infeasible => f64::INFINITY,
    }
}

/// Values as text: equal values have equal text.
pub(super) fn key(choices: &Choices) -> String {
    choices.iter().map(|(name, c)| format!("{name}: {}", words(c))).collect::<Vec<_>>().join("; ")
}
