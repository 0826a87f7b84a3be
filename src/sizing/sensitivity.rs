//! What each demand costs: the design solved again with the demand a little tighter or easier.
//!
//! In: a solved design. Out: how its cost changes with one more nine or one less, with
//! 10 ms, with 10% of load, with what is to be survived. An integer program has no shadow
//! prices: these are exact differences of two solutions (finite differences).

use super::asks::{self, Ask};
use super::{Resize, Sizes, Status};
use crate::analysis::{Facts, Measure, many, value};
use crate::kinds::MetricType;
use crate::model::{Model, Origin, Slo};
use crate::units::show_ratio;

/// One demand changed by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensitivity {
    /// The demand as it is.
    pub constraint: String,
    /// How it is changed.
    pub change: String,
    /// What the whole costs more then, US dollars a month (without a provider, cores), or
    /// what cannot hold.
    pub cost_change: Result<f64, String>,
}

/// Most changes that are tried.
const MOST: usize = 60;

/// The demand, how it is changed in words, by how much the load is multiplied, what is changed.
type Change = (String, String, f64, Box<dyn Fn(&mut Model) + Sync>);

/// The price of each demand.
pub(super) fn sensitivity(resize: &Resize, sizes: &Sizes) -> Vec<Sensitivity> {
    let cost = sizes.cost;
    let mut all: Vec<Change> = Vec::new();
    let model = &resize.model;
    let mut solved = model.clone();
    solved.fill(&sizes.choices, &Origin::Solved);
    let facts = Facts::new(&solved, resize.load);
    for factor in [0.9, 1.1] {
        let word = if factor < 1.0 { "10% less" } else { "10% more" };
        all.push(("the load".to_owned(), word.to_owned(), factor, Box::new(|_| {})));
    }
    for ask in Ask::all(model) {
        let words = ask.words(model);
        match ask {
            Ask::Target(f, s) => {
                let Some((_, slo)) = asks::target(model, f, s) else { continue };
                if matches!(value(&facts, f, slo), Measure::Unknown(_)) {
                    // What is not known constrains no sizes, and its price would be a false 0.
                    continue;
                }
                for (change, to) in near(slo) {
                    all.push((words.clone(), change, 1.0, Box::new(move |m| asks::set_target(m, f, s, to))));
                }
            }
            Ask::Headroom => {
                let now = asks::headroom(model);
                for to in [now - 0.1, now + 0.1].into_iter().filter(|x| (0.0..0.95).contains(x)) {
                    let change = format!("`headroom = {}`", show_ratio(to));
                    all.push((words.clone(), change, 1.0, Box::new(move |m| asks::set_headroom(m, to))));
                }
            }
            Ask::Survive | Ask::Scenario(_) | Ask::Bound(..) => {
                all.push((words, "not asked".to_owned(), 1.0, Box::new(move |m| ask.drop_from(m))));
            }
        }
    }
    if asks::survive(model) == "none" && model.system.attrs.peek("survive").is_some() {
        for to in ["replica", "zone"] {
            let change = move |m: &mut Model| asks::set_survive(m, to);
            all.push(("`survive = none`".to_owned(), format!("`survive = {to}`"), 1.0, Box::new(change)));
        }
    }
    all.truncate(MOST);
    many(&all, &|(constraint, change, times, with)| {
        let sizes = resize.solve(*times, with);
        let cost_change = match sizes.status {
            Status::Infeasible => Err(sizes.conflict.into_iter().next().unwrap_or_default()),
            _ => Ok(sizes.cost - cost),
        };
        Sensitivity { constraint: constraint.clone(), change: change.clone(), cost_change }
    })
}

/// Targets a little tighter and easier than one: 10 ms, or a nine.
fn near(slo: &Slo) -> Vec<(String, f64)> {
    let words = |x: f64| format!("`{} {}`", slo.metric.name, asks::bound_words(slo, x));
    let all: Vec<f64> = match slo.metric.ty {
        MetricType::RatioAtLeast => {
            let fails = 1.0 - slo.target;
            vec![1.0 - fails * 10.0, 1.0 - fails / 10.0].into_iter().filter(|x| (0.5..1.0).contains(x)).collect()
        }
        MetricType::Time => {
            let step = if slo.target > 0.05 { 0.01 } else { slo.target / 10.0 };
            vec![slo.target + step, slo.target - step]
        }
        _ => vec![slo.target * 2.0, slo.target / 2.0],
    };
    all.into_iter().map(|x| (words(x), x)).collect()
}
