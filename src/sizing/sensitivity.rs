//! What each demand costs: the design solved again with the demand a little tighter or easier.
//!
//! In: a solved design. Out: how its cost changes with one more nine or one less, with
//! 10 ms, with 10% of load, with what is to be survived. An integer program has no shadow
//! prices: these are exact differences of two solutions (finite differences).

use super::constraints::{self, Constraint};
use super::resize::Resize;
use super::sizes::{Aim, Sizes, Status};
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
/// Changes that are not looked at together first: each by itself takes no longer.
const FEW: usize = 8;
/// Costs that differ by less are the same, US dollars.
const SAME: f64 = 1e-6;

/// One demand, changed.
struct Change {
    /// The demand in words.
    constraint: String,
    /// How it is changed, in words.
    how: String,
    /// By how much the load is multiplied.
    times: f64,
    /// Whether less is asked: then nothing that held before fails.
    easier: bool,
    /// Whether it is of a target: then rates and options are as they were.
    of_target: bool,
    with: With,
}

/// What is done to a design.
type With = Box<dyn Fn(&mut Model) + Sync>;

/// The price of each demand.
pub(super) fn sensitivity(resize: &Resize, sizes: &Sizes) -> Vec<Sensitivity> {
    let all = changes(resize, sizes);
    let some = |is: &dyn Fn(&Change) -> bool| -> Vec<usize> {
        all.iter().enumerate().filter(|(_, c)| is(c)).map(|(i, _)| i).collect()
    };
    let mut costs: Vec<Option<Result<f64, String>>> = vec![None; all.len()];
    ease(resize, sizes.cost, &all, &some(&|c| c.easier && c.of_target), &mut costs);
    let others = some(&|c| c.easier && !c.of_target);
    let mut alone = some(&|c| !c.easier);
    if others.len() <= FEW {
        alone.splice(0..0, others);
    } else {
        ease(resize, sizes.cost, &all, &others, &mut costs);
    }
    // Those that take longest first.
    alone.sort_by_key(|i| all.get(*i).is_some_and(|c| c.of_target));
    let found = many(&alone, &|i: &usize| all.get(*i).map(|c| one(resize, sizes, c)));
    for (i, cost) in alone.into_iter().zip(found) {
        if let Some(slot) = costs.get_mut(i) {
            *slot = cost;
        }
    }
    let each = all.into_iter().zip(costs);
    each.map(|(c, cost)| Sensitivity {
        constraint: c.constraint,
        change: c.how,
        cost_change: cost.unwrap_or(Ok(0.0)).map(|x| x - sizes.cost),
    })
    .collect()
}

/// The cost with each of some demands eased. Where all of them eased together bring
/// nothing, none does alone: most designs are bound by few demands, which halving finds.
fn ease(resize: &Resize, cost: f64, all: &[Change], some: &[usize], out: &mut [Option<Result<f64, String>>]) {
    if some.is_empty() {
        return;
    }
    let chosen = || some.iter().filter_map(|i| all.get(*i));
    let times = chosen().map(|c| c.times).fold(1.0, f64::min);
    let with = |m: &mut Model| chosen().for_each(|c| (c.with)(m));
    let together =
        if chosen().all(|c| c.of_target) { resize.cost_with_targets(&with) } else { resize.cost(times, &with) };
    let nothing = together.is_some_and(|c| c >= cost - SAME);
    for i in some.iter().filter(|_| nothing || some.len() == 1) {
        if let Some(slot) = out.get_mut(*i) {
            *slot = Some(together.filter(|_| !nothing).map_or(Ok(cost), Ok));
        }
    }
    if !nothing && some.len() > 1 {
        let (left, right) = some.split_at(some.len() / 2);
        ease(resize, cost, all, left, out);
        ease(resize, cost, all, right, out);
    }
}

/// The cost with a demand changed: of one tightened the same if the sizes found keep it too.
fn one(resize: &Resize, sizes: &Sizes, c: &Change) -> Result<f64, String> {
    let found = if c.of_target {
        resize.with_targets(&*c.with, Aim::Best { why: false })
    } else {
        let fixed = |m: &mut Model| {
            m.close(&sizes.choices);
            (c.with)(m);
        };
        if !c.easier && resize.holds(c.times, &fixed) {
            return Ok(sizes.cost);
        }
        resize.solve(c.times, &*c.with)
    };
    match found.status {
        Status::Infeasible => Err(found.conflict.into_iter().next().unwrap_or_default()),
        // More asked never costs less, whatever the gap of the two.
        _ if !c.easier => Ok(found.cost.max(sizes.cost)),
        _ => Ok(found.cost),
    }
}

/// All changes that are tried.
fn changes(resize: &Resize, sizes: &Sizes) -> Vec<Change> {
    let mut all: Vec<Change> = Vec::new();
    let model = &resize.model;
    let mut solved = model.clone();
    solved.fill(&sizes.choices, &Origin::Solved);
    let facts = Facts::new(&solved, resize.load);
    let add = |all: &mut Vec<Change>, constraint: &str, change: String, times: f64, easier: bool, with: With| {
        all.push(Change { constraint: constraint.to_owned(), how: change, times, easier, of_target: false, with });
    };
    add(&mut all, "the load", "10% less".to_owned(), 0.9, true, Box::new(|_| {}));
    add(&mut all, "the load", "10% more".to_owned(), 1.1, false, Box::new(|_| {}));
    for constraint in Constraint::all(model) {
        let words = constraint.words(model);
        match constraint {
            Constraint::Target(f, s) => {
                let Some((_, slo)) = constraints::target(model, f, s) else { continue };
                if matches!(value(&facts, f, slo), Measure::Unknown(_)) {
                    // What is not known constrains no sizes, and its price would be a false 0.
                    continue;
                }
                for (how, to, easier) in near(slo) {
                    let with = Box::new(move |m: &mut Model| constraints::set_target(m, f, s, to));
                    all.push(Change { constraint: words.clone(), how, times: 1.0, easier, of_target: true, with });
                }
            }
            Constraint::Headroom => {
                let now = constraints::headroom(model);
                for to in [now - 0.1, now + 0.1].into_iter().filter(|x| (0.0..0.95).contains(x)) {
                    let change = format!("`headroom = {}`", show_ratio(to));
                    add(&mut all, &words, change, 1.0, to < now, Box::new(move |m| constraints::set_headroom(m, to)));
                }
            }
            Constraint::Survive | Constraint::Scenario(_) | Constraint::Bound(..) => {
                add(&mut all, &words, "not asked".to_owned(), 1.0, true, Box::new(move |m| constraint.drop_from(m)));
            }
        }
    }
    if constraints::survive(model) == "none" && model.system.attrs.peek("survive").is_some() {
        for to in ["replica", "zone"] {
            let change = move |m: &mut Model| constraints::set_survive(m, to);
            add(&mut all, "`survive = none`", format!("`survive = {to}`"), 1.0, false, Box::new(change));
        }
    }
    all.truncate(MOST);
    all
}

/// Targets a little tighter and easier than one: 10 ms, or a nine.
fn near(slo: &Slo) -> Vec<(String, f64, bool)> {
    let words = |x: f64| format!("`{} {}`", slo.metric.name, constraints::bound_words(slo, x));
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
    let least = slo.metric.ty == MetricType::RatioAtLeast;
    all.into_iter().map(|x| (words(x), x, (x < slo.target) == least)).collect()
}
