//! `autoscale { min = ?, max = ?, target = ? }`: how a component follows its load.
//!
//! In: the design at the corners of its intervals. Out: sizes. Targets are tried from the highest down, in steps of
//! 5%. With each, `max` serves the highest load of any case and `min` the trough of the day (at least two with
//! `survive`); the rest is solved. The cheapest whole wins: cost at the mean of the day, capacity at the peak.
//! Never: a target between the steps, a scaler that follows anything but CPU.

use super::base::filled;
use super::cases::{models_of, overloads};
use super::options::words;
use super::program::Proof;
use super::sizes::{Aim, Sizes, Status, Why, nothing};
use crate::analysis::{component_cost, cost, count, demand, desired_at, followed};
use crate::model::keys;
use crate::model::{Choice, Choices, Chosen, CompId, Component, Hole, Model, Origin, scaled};
use crate::resource::Survive;

/// Highest and lowest target, and the step between two.
const TARGETS: (f64, f64, f64) = (0.9, 0.1, 0.05);
const MOST: f64 = 120.0;

/// Solves a design with one scaler less open.
pub(super) type Solve<'a> = dyn Fn(&Model, &[Model], f64, Aim) -> Sizes + 'a;

/// The open variables of a component's `autoscale`.
fn open(c: &Component) -> Vec<(&'static str, Hole)> {
    if c.attrs.hole_at(keys::REPLICAS).is_some() {
        return Vec::new();
    }
    c.holes().into_iter().filter(|(name, _)| scaled(name).is_some()).collect()
}

/// Whether a design has such a component.
pub(super) fn any(model: &Model) -> bool {
    model.components.iter().any(|c| !open(c).is_empty())
}

/// The sizes of a design with such a component. `None` if it has none, or if its work is unknown.
pub(super) fn size_with(model: &Model, corners: &[Model], load: f64, aim: Aim, solve: &Solve<'_>) -> Option<Sizes> {
    let (id, c) = model.all().find(|(_, c)| !open(c).is_empty())?;
    let scalers = model.components.iter().filter(|c| !open(c).is_empty()).count();
    let all = targets(c, scalers)?;
    let mut best: Option<(f64, Choice)> = None;
    let mut others: Vec<(f64, Choice)> = Vec::new();
    let mut missed: Option<(Choice, String)> = None;
    let (mut gap, mut proof) = (0.0_f64, Proof::Lagrange);
    let quick = if aim == Aim::Any { Aim::Any } else { Aim::Best { why: false } };
    for target in all {
        let choice = match choice(model, corners, load, id, target)? {
            Ok(choice) => choice,
            Err(why) => {
                missed.get_or_insert((Choice::new(), why));
                continue;
            }
        };
        let (now, ends) = filled(model, corners, &Choices::from([(c.name.clone(), choice.clone())]));
        let far = ends.iter().cloned().map(Model::at_horizon).collect();
        if let Some(why) = overloads(far, load, &[]).ok()?.get(&id) {
            if best.is_none() {
                missed = Some((choice, format!("`{}` lacks capacity: {why}", c.name)));
            }
            continue;
        }
        let sizes = solve(&now, &ends, load, quick);
        if sizes.status == Status::Infeasible {
            if best.is_none() {
                missed = Some((choice, sizes.conflict.into_iter().next().unwrap_or_default()));
            }
            continue;
        }
        if aim == Aim::Any {
            return Some(with(sizes, &c.name, choice, 0.0));
        }
        if let Status::WithinGap(g) = sizes.status {
            gap = gap.max(g);
        }
        proof = proof.and(sizes.proof.clone());
        let total = total(&now, &sizes, id, load);
        if best.as_ref().is_none_or(|(b, _)| total < b - 1e-9) {
            others.extend(best.replace((total, choice)));
        } else {
            others.push((total, choice));
        }
    }
    let Some((least, choice)) = best else {
        let why = missed.map_or_else(String::new, |(choice, why)| {
            if choice.is_empty() { why } else { format!("{why}, with {} of `{}`", words(&choice), c.name) }
        });
        return Some(Sizes { status: Status::Infeasible, conflict: vec![why], ..nothing() });
    };
    let (now, ends) = filled(model, corners, &Choices::from([(c.name.clone(), choice.clone())]));
    let sizes = solve(&now, &ends, load, aim);
    let own = own(&now, &sizes, id, load);
    let mut out = with(sizes, &c.name, choice, own);
    if gap > 0.0 {
        out.status = Status::WithinGap(gap);
    }
    out.proof = out.proof.and(proof);
    if aim == (Aim::Best { why: true }) {
        let mut binding: Vec<String> = Vec::new();
        binding.extend(missed.map(|(choice, why)| format!("with {}, {why}", words(&choice))));
        let mean = cost_words(&now, &out, id, load);
        binding.extend(mean);
        let other = others.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
        let runner_up = other.map(|(total, choice)| (choice, (total - least).max(0.0)));
        out.why.insert(c.name.clone(), Why { binding, runner_up, cost: own });
    }
    Some(out)
}

/// Targets to try, the highest first; `None` if `target` is not set.
fn targets(c: &Component, scalers: usize) -> Option<Vec<f64>> {
    let block = c.attrs.read(keys::AUTOSCALE)?;
    let Some(hole) = block.hole_at(keys::TARGET) else { return Some(vec![block.read(keys::TARGET)?.mid]) };
    if let Some(only) = hole.only() {
        return Some(vec![only]);
    }
    if let Hole::Among(all) = hole {
        return Some(all.iter().rev().copied().collect());
    }
    let (most, least, step) = TARGETS;
    // Several components share the limit.
    let few = MOST.powf(1.0 / crate::theory::numeric::count(scalers as u64)).floor().max(3.0);
    let steps = ((most - least) / step).round();
    let wide = (steps / (few - 1.0)).ceil().max(1.0) * step;
    let mut all = Vec::new();
    let mut x = most;
    while x > least - 1e-9 {
        all.push((x * 100.0).round() / 100.0);
        x -= wide;
    }
    if let Hole::Between(low, high) = hole {
        all.extend([*low, *high].into_iter().filter(|x| *x > 0.0));
    }
    all.retain(|x| hole.allows(&Chosen::Count(*x)));
    all.sort_by(|a, b| b.total_cmp(a));
    all.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
    Some(all)
}

/// `min`, `max` and `target`; `None` if the work is unknown, an error if a variable does not allow them.
fn choice(model: &Model, corners: &[Model], load: f64, id: CompId, target: f64) -> Option<Result<Choice, String>> {
    let c = model.component(id);
    let base = demand(model, load);
    let (_, trough) = desired_at(model, &base, id, target).ok()?;
    let mut peak = 1.0_f64;
    let far: Vec<Model> = corners.iter().cloned().map(Model::at_horizon).collect();
    for case in models_of(far, load) {
        peak = peak.max(desired_at(&case, &demand(&case, load), id, target).ok()?.0);
    }
    let survives = model.system.attrs.read(keys::SURVIVE).unwrap_or_default() != Survive::None;
    let floor = trough.max(if survives { 2.0 } else { 1.0 });
    let mut out = Choice::new();
    for (name, hole) in open(c) {
        let wanted = match name {
            "autoscale.min" => floor,
            "autoscale.max" => peak.max(floor),
            _ => target,
        };
        let value = match &hole {
            Hole::Among(all) => all.iter().copied().find(|n| *n >= wanted - 1e-9).unwrap_or(wanted),
            _ => wanted.max(hole.least().unwrap_or(0.0)),
        };
        // `min` may be lower than wanted: then it is the most that its variable allows.
        let value = match (&hole, name) {
            (Hole::Between(_, most), "autoscale.min") => value.min(*most),
            (Hole::Among(all), "autoscale.min") => all.last().map_or(value, |most| value.min(*most)),
            _ => value,
        };
        if !hole.allows(&Chosen::Count(value)) {
            let (attr, now) = (hole.words(name), Chosen::Count(value).words(name));
            return Some(Err(format!("`{}` would want `{name} = {now}`, outside of `{attr}`", c.name)));
        }
        out.insert(name.to_owned(), Chosen::Count(value));
    }
    Some(Ok(out))
}

/// The design with its sizes, autoscaled to its load.
fn done(now: &Model, sizes: &Sizes, load: f64) -> Model {
    let mut m = now.clone();
    m.fill(&sizes.choices, &Origin::Solved);
    followed(m, load)
}

/// The bill of the whole; without a provider, cores, at the peak.
fn total(now: &Model, sizes: &Sizes, id: CompId, load: f64) -> f64 {
    if !now.system.has_provider {
        return sizes.cost + own(now, sizes, id, load);
    }
    let m = done(now, sizes, load);
    cost(&m, &demand(&m, load)).at_least()
}

/// Cost of the component; without a provider, mean cores over the day.
fn own(now: &Model, sizes: &Sizes, id: CompId, load: f64) -> f64 {
    let m = done(now, sizes, load);
    let asked = demand(&m, load);
    if m.system.has_provider {
        return component_cost(&m, &asked, id).at_least();
    }
    let c = m.component(id);
    let replicas = crate::analysis::mean_replicas(&m, &asked, id).or_else(|| count(c, "replicas").ok());
    replicas.unwrap_or(1.0) * c.attrs.read(keys::CORES).map_or(1.0, |n| n.mid)
}

/// Peak and mean replicas, in words.
fn cost_words(now: &Model, sizes: &Sizes, id: CompId, load: f64) -> Option<String> {
    let m = done(now, sizes, load);
    let mean = crate::analysis::mean_replicas(&m, &demand(&m, load), id)?;
    let peak = count(m.component(id), "replicas").ok()?;
    Some(format!("{peak} replicas at the peak, {} on average over the day", crate::units::significant(mean, 3)))
}

fn with(rest: Sizes, name: &str, choice: Choice, own: f64) -> Sizes {
    let mut out = rest;
    out.cost += own;
    out.choices.entry(name.to_owned()).or_default().extend(choice);
    out
}
