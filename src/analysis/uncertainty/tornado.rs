//! Tornado: what each input alone does to cost and to latency.
//!
//! In: inputs with the two worlds they may be in, a way to build a world. Out: cost and p99 of
//! each flow in both, the input of the largest swing first. One input moves at a time, the
//! others stay: what two do together is not seen. An input that moves nothing is left out.

use crate::analysis::facts::Facts;
use crate::analysis::ground::known::Known;
use crate::analysis::ground::parallel;
use crate::analysis::ground::time_value::Measure;
use crate::model::{Ends, Model};

/// One input.
#[derive(Clone, Debug)]
pub struct Input {
    /// `cart.cpu`.
    pub name: String,
    /// `shop.arch:22`.
    pub place: String,
    /// Its values at both ends, as a person reads them.
    pub values: (String, String),
    /// Both worlds.
    pub ends: [Ends; 2],
}

/// What an input does.
#[derive(Clone, Debug)]
pub struct Swing {
    /// The input.
    pub input: Input,
    /// US dollars a month, at the low end and at the high one.
    pub cost: [Known; 2],
    /// p99 of each flow, seconds.
    pub p99: Vec<[Measure; 2]>,
    /// The largest relative change of any of them.
    pub size: f64,
}

/// What each input does; `at` builds a world, if the design may be so.
pub fn swings(inputs: &[Input], load: f64, at: &(dyn Fn(&Ends) -> Option<Model> + Sync)) -> Vec<Swing> {
    let worlds: Vec<&Ends> = inputs.iter().flat_map(|i| &i.ends).collect();
    let seen = parallel::each(&worlds, &|ends: &&Ends| {
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
    // The sort keeps the order of the design among equals.
    out.sort_by(|a, b| b.size.total_cmp(&a.size));
    out
}

fn relative(a: f64, b: f64) -> f64 {
    let middle = f64::midpoint(a.abs(), b.abs());
    if middle > 0.0 { (a - b).abs() / middle } else { 0.0 }
}
