//! Sensitivity: the cost of each constraint, as the difference of two solutions.
//!
//! In: a solved design. Out: the change of its cost with one more or one less nine, with 10 ms, with 10% of load,
//! with another `survive`. These are exact finite differences. Never: a dual; the rows of the selection program are
//! cuts, and no constraint of the design is the right side of one.

use super::constraints::{self, Constraint};
use super::resize::Resize;
use super::sizes::{Aim, Sizes, Status};
use crate::analysis::{Facts, Measure, many, value};
use crate::kinds::MetricType;
use crate::model::keys;
use crate::model::{Model, Origin, Slo};
use crate::resource::Survive;
use crate::units::show_ratio;

/// One changed constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensitivity {
    /// The constraint, unchanged.
    pub constraint: String,
    /// The changed constraint.
    pub change: String,
    /// The changed value alone: `20%` of `headroom = 20%`.
    pub to: String,
    /// Extra cost of the whole, US dollars a month (without a provider, cores), or why it is infeasible.
    pub cost_change: Result<f64, String>,
}

/// Most changes tried.
const MOST: usize = 60;
/// Groups of at most so many changes are solved one by one.
const FEW: usize = 8;
/// Costs that differ by less are equal, US dollars.
const SAME: f64 = 1e-6;

/// A change of one constraint.
struct Change {
    /// The constraint in words.
    constraint: String,
    /// The change in words.
    how: String,
    /// The changed value alone.
    to: String,
    /// Factor on the load.
    times: f64,
    /// Whether it is a relaxation: every feasible plan stays feasible.
    easier: bool,
    /// Whether it changes a target: rates and options stay unchanged.
    of_target: bool,
    with: With,
}

/// A change of a design.
type With = Box<dyn Fn(&mut Model) + Sync>;

/// The sensitivity of the cost to each constraint.
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
    // The slowest first.
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
        to: c.to,
        cost_change: cost.unwrap_or(Ok(0.0)).map(|x| x - sizes.cost),
    })
    .collect()
}

/// The cost with each of some constraints relaxed. If all relaxed together save nothing, none does alone: few
/// constraints bind, and halving finds them.
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

/// The cost with a changed constraint. A tightened one costs the same if the sizes meet it already.
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
        // A tightened constraint never costs less, whatever the gaps of the two solutions.
        _ if !c.easier => Ok(found.cost.max(sizes.cost)),
        _ => Ok(found.cost),
    }
}

/// All changes to try.
fn changes(resize: &Resize, sizes: &Sizes) -> Vec<Change> {
    let mut all: Vec<Change> = Vec::new();
    let model = &resize.model;
    let mut solved = model.clone();
    solved.fill(&sizes.choices, &Origin::Solved);
    let facts = Facts::new(&solved, resize.load);
    let add = |all: &mut Vec<Change>, constraint: &str, (how, to): (String, String), times, easier, with: With| {
        all.push(Change { constraint: constraint.to_owned(), how, to, times, easier, of_target: false, with });
    };
    let plain = |change: &str| (change.to_owned(), change.to_owned());
    let set = |attribute: &str, to: String| (format!("`{attribute} = {to}`"), to);
    add(&mut all, "the load", plain("10% less"), 0.9, true, Box::new(|_| {}));
    add(&mut all, "the load", plain("10% more"), 1.1, false, Box::new(|_| {}));
    for constraint in Constraint::all(model) {
        let words = constraint.words(model);
        match constraint {
            Constraint::Target(f, s) => {
                let Some((_, slo)) = constraints::target(model, f, s) else { continue };
                if matches!(value(&facts, f, slo), Measure::Unknown(_)) {
                    // An unknown value constrains no sizes; its price would be a false 0.
                    continue;
                }
                for (bound, easier) in near(slo) {
                    let to = constraints::bound_words(slo, bound);
                    let how = format!("`{} {to}`", slo.metric.name);
                    let with = Box::new(move |m: &mut Model| constraints::set_target(m, f, s, bound));
                    all.push(Change { constraint: words.clone(), how, to, times: 1.0, easier, of_target: true, with });
                }
            }
            Constraint::Headroom => {
                let now = constraints::headroom(model);
                for to in [now - 0.1, now + 0.1].into_iter().filter(|x| (0.0..0.95).contains(x)) {
                    let change = set("headroom", show_ratio(to));
                    add(&mut all, &words, change, 1.0, to < now, Box::new(move |m| constraints::set_headroom(m, to)));
                }
            }
            Constraint::Survive | Constraint::Scenario(_) | Constraint::Bound(..) => {
                add(&mut all, &words, plain("not asked"), 1.0, true, Box::new(move |m| constraint.drop_from(m)));
            }
        }
    }
    if constraints::survive(model) == Survive::None && model.system.attrs.peek_at(keys::SURVIVE).is_some() {
        for to in [Survive::Replica, Survive::Zone] {
            let change = move |m: &mut Model| constraints::set_survive(m, to);
            add(&mut all, "`survive = none`", set("survive", to.word().to_owned()), 1.0, false, Box::new(change));
        }
    }
    all.truncate(MOST);
    all
}

/// Bounds slightly tighter and looser than one: by 10 ms, or by a nine.
fn near(slo: &Slo) -> Vec<(f64, bool)> {
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
    all.into_iter().map(|x| (x, (x < slo.target) == least)).collect()
}
