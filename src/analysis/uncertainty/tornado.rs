//! Tornado chart: the effect of each input alone on cost and latency.
//!
//! In: inputs with two cases each, a function that builds a case. Out: cost and p99 of
//! each flow in both cases, largest swing first. One input changes at a time, so joint effects do
//! not appear. An input without effect is left out. Never: a verdict.

use crate::analysis::facts::Facts;
use crate::analysis::ground::known::Known;
use crate::analysis::ground::parallel;
use crate::analysis::ground::time_value::Measure;
use crate::model::{Ends, Model};

/// One uncertain input of the design.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name, as `cart.cpu`.
    pub name: String,
    /// Its source location, as `shop.arch:22`.
    pub place: String,
    /// Its values at both ends, as text.
    pub values: (String, String),
    /// The cases at its low and at its high end.
    pub ends: [Ends; 2],
}

/// The effect of one input.
#[derive(Clone, Debug)]
pub struct Swing {
    /// The input.
    pub input: Input,
    /// US dollars a month at the low end and at the high end.
    pub cost: [Known; 2],
    /// p99 of each flow at both ends, seconds.
    pub p99: Vec<[Measure; 2]>,
    /// The largest relative change of any figure; infinite if only one end is unbounded.
    pub size: f64,
}

/// The effect of each input; `at` builds a case; `None` if the design does not allow it.
pub fn swings(inputs: &[Input], load: f64, at: &(dyn Fn(&Ends) -> Option<Model> + Sync)) -> Vec<Swing> {
    let cases: Vec<&Ends> = inputs.iter().flat_map(|i| &i.ends).collect();
    let seen = parallel::each(&cases, &|ends: &&Ends| {
        let facts = Facts::new(&crate::analysis::followed(at(ends)?, load), load);
        let p99: Vec<Measure> = facts.latency.iter().map(|l| l.time.measure("p99")).collect();
        Some((facts.cost.total(), p99))
    });
    let mut out: Vec<Swing> = Vec::new();
    for (input, pair) in inputs.iter().zip(seen.chunks(2)) {
        let [Some((low_cost, low)), Some((high_cost, high))] = pair else { continue };
        let p99: Vec<[Measure; 2]> = low.iter().zip(high).map(|(a, b)| [a.clone(), b.clone()]).collect();
        let mut size = match (low_cost, high_cost) {
            (Ok(a), Ok(b)) => relative(*a, *b),
            _ => 0.0,
        };
        for ends in &p99 {
            size = size.max(match ends {
                [Measure::Known(a), Measure::Known(b)] => relative(*a, *b),
                [Measure::Unbounded(_), Measure::Known(_)] | [Measure::Known(_), Measure::Unbounded(_)] => {
                    f64::INFINITY
                }
                _ => 0.0,
            });
        }
        if size > 1e-6 {
            let cost = [low_cost.clone(), high_cost.clone()];
            out.push(Swing { input: input.clone(), cost, p99, size });
        }
    }
    // The sort is stable: ties keep the order of the inputs.
    out.sort_by(|a, b| b.size.total_cmp(&a.size));
    out
}

/// The difference of two values relative to their mean magnitude.
fn relative(a: f64, b: f64) -> f64 {
    let middle = f64::midpoint(a.abs(), b.abs());
    if middle > 0.0 { (a - b).abs() / middle } else { 0.0 }
}
