//! An irreducible infeasible set of constraints, and relaxations of it.
//!
//! In: an infeasible design. Out: constraints that are infeasible together, none of which can be left out
//! (deletion filter of Chinneck and Dravnieks 1991; a single one if it is impossible alone); and for each the
//! least change that is feasible, found by bisection and solved again, the cheapest first.

use super::constraints::{self, Constraint};
use super::resize::Resize;
use super::sizes::{Aim, Status};
use crate::kinds::MetricType;
use crate::model::Model;
use crate::resource::Survive;
use crate::units::show_ratio;

/// A relaxed constraint, and the cost of the design with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Relaxation {
    /// In words.
    pub change: String,
    /// US dollars a month of the whole design; without a provider, cores of what is sized.
    pub cost: f64,
    /// Whether `cost` is complete; if not, it is a lower bound.
    pub all: bool,
}

/// Most constraints for which an irreducible set is searched.
const MOST_CONSTRAINTS: usize = 200;
/// Steps of a bisection: a bound to a hundredth of a percent.
const STEPS: usize = 16;

/// An irreducible infeasible set. Empty if the design is infeasible without any constraint.
pub(super) fn smallest(resize: &Resize) -> Vec<Constraint> {
    let all = Constraint::all(&resize.model);
    if all.len() > MOST_CONSTRAINTS || !resize.holds(1.0, &|m| all.iter().for_each(|a| a.drop_from(m))) {
        return Vec::new();
    }
    // Whether the design is infeasible with these constraints alone.
    let fails = |kept: &[Constraint]| {
        let dropped = |m: &mut Model| all.iter().filter(|a| !kept.contains(a)).for_each(|a| a.drop_from(m));
        !resize.holds(1.0, &dropped)
    };
    if let Some(one) = all.iter().find(|a| fails(std::slice::from_ref(*a))) {
        return vec![one.clone()];
    }
    let mut kept = all.clone();
    // Bounds of variables last: people relax targets first.
    for constraint in &all {
        let without: Vec<Constraint> = kept.iter().filter(|a| *a != constraint).cloned().collect();
        if fails(&without) {
            kept = without;
        }
    }
    kept
}

/// Relaxations of a conflict, each alone, the cheapest first.
pub(super) fn relaxations(resize: &Resize, conflict: &[Constraint]) -> Vec<Relaxation> {
    let mut out: Vec<Relaxation> = conflict.iter().filter_map(|constraint| relax(resize, constraint)).collect();
    if let Some(t) = least(&|t| resize.holds(power(t), &|_| {})) {
        let x = down(power(t));
        out.extend(eased(resize, x, &|_| {}, format!("carry {x}x of the load")));
    }
    out.sort_by(|a, b| a.cost.total_cmp(&b.cost).then_with(|| a.change.cmp(&b.change)));
    out
}

fn relax(resize: &Resize, constraint: &Constraint) -> Option<Relaxation> {
    let model = &resize.model;
    match constraint {
        Constraint::Target(f, s) => {
            let (flow, slo) = constraints::target(model, *f, *s)?;
            // Times grow, shares shrink.
            let at = |t: f64| match slo.metric.ty {
                MetricType::RatioAtLeast => 1.0 - shown(up((1.0 - slo.target).max(1e-9) / power(t)).min(1.0)),
                _ => up(slo.target / power(t)),
            };
            let holds = |t: f64| resize.with_targets(&|m| constraints::set_target(m, *f, *s, at(t)), Aim::Any);
            let t = least(&|t| holds(t).status != Status::Infeasible)?;
            let mut now = slo.clone();
            now.target = at(t);
            let asked = constraints::bound_words(slo, slo.target);
            let change = format!("ask {} ({asked} now)", constraints::slo_words(flow, &now));
            eased(resize, 1.0, &|m| constraints::set_target(m, *f, *s, at(t)), change)
        }
        Constraint::Headroom => {
            let now = constraints::headroom(model);
            let at = |t: f64| ((now * (1.0 - t)) * 1000.0).floor() / 1000.0;
            let t = least(&|t| resize.holds(1.0, &|m| constraints::set_headroom(m, at(t))))?;
            let change = format!("ask `headroom = {}` ({} now)", show_ratio(at(t)), show_ratio(now));
            eased(resize, 1.0, &|m| constraints::set_headroom(m, at(t)), change)
        }
        Constraint::Survive => {
            let now = constraints::survive(model);
            let weaker: &[Survive] =
                if now == Survive::Replica { &[Survive::None] } else { &[Survive::Replica, Survive::None] };
            weaker.iter().find_map(|to| {
                let change = format!("ask `survive = {}` (`{}` now)", to.word(), now.word());
                eased(resize, 1.0, &|m| constraints::set_survive(m, *to), change)
            })
        }
        Constraint::Scenario(name) => {
            eased(resize, 1.0, &|m| constraint.drop_from(m), format!("give up scenario `{name}`"))
        }
        Constraint::Bound(id, attr) => {
            let sizes = resize.solve(1.0, &|m| constraint.drop_from(m));
            let name = &model.component(*id).name;
            let to = sizes.choices.get(name).and_then(|c| c.get(*attr))?;
            let change = format!("allow `{attr} = {}` for `{name}`", to.words(attr));
            let (cost, all) = resize.whole(1.0, &|m| constraint.drop_from(m), &sizes)?;
            Some(Relaxation { change, cost, all })
        }
    }
}

/// The relaxation by a change, if the design is feasible with it.
fn eased(resize: &Resize, times: f64, with: &dyn Fn(&mut Model), change: String) -> Option<Relaxation> {
    let (cost, all) = resize.whole(times, with, &resize.solve(times, with))?;
    Some(Relaxation { change, cost, all })
}

/// `1000^-t`: from 1 at 0 to a thousandth at 1.
fn power(t: f64) -> f64 {
    1000.0_f64.powf(-t)
}

/// A share of failures rounded up to six places of a percentage.
fn shown(fails: f64) -> f64 {
    (fails * 1e8 - 1e-6).ceil() / 1e8
}

/// Rounded up to three digits.
fn up(x: f64) -> f64 {
    digits(x, f64::ceil)
}

/// Rounded down to three digits.
fn down(x: f64) -> f64 {
    digits(x, f64::floor)
}

fn digits(x: f64, to: fn(f64) -> f64) -> f64 {
    if x <= 0.0 || !x.is_finite() {
        return x;
    }
    let unit = 10.0_f64.powf(x.log10().floor() - 2.0);
    // A number of three digits stays unchanged.
    let n = x / unit;
    let n = if (n - n.round()).abs() < 1e-9 { n.round() } else { to(n) };
    n * unit
}

/// The least `t` from 0 to 1 at which something holds, by bisection; `None` if it does not hold at 1.
fn least(holds: &dyn Fn(f64) -> bool) -> Option<f64> {
    if !holds(1.0) {
        return None;
    }
    let (mut bad, mut good) = (0.0, 1.0);
    for _ in 0..STEPS {
        let mid = f64::midpoint(bad, good);
        if holds(mid) {
            good = mid;
        } else {
            bad = mid;
        }
    }
    Some(good)
}
