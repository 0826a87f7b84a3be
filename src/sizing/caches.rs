//! Caches whose size is open and whose hit ratio follows from it.
//!
//! In: the design at the corners of its intervals. Out: sizes. What stands behind such a
//! cache is asked more or less by how much it holds, so the two are one choice: each size
//! of the cache that has capacity is filled in, cheapest first, the rest is solved, and
//! the cheapest whole wins; sizes that cost more than a whole already found are not tried.
//! Never: a hit ratio that the design gives.

use super::options::{Unsolved, options};
use super::worlds::worlds;
use super::{Sizes, Status, Why, size};
use crate::analysis::demand;
use crate::model::{Choice, Choices, CompId, Component, Hole, Model, Origin, Value};
use crate::units::show_ratio;

/// Most sizes of one cache that are tried.
const MOST: usize = 60;

/// The one count of a component that is open and that its hit ratio follows from.
fn open_count(c: &Component) -> Option<(&'static str, Hole)> {
    let says = |name: &str| c.attrs.peek(name).is_some();
    if !c.kind.facets.misses || says("hit") || !says("entries") || !says("skew") {
        return None;
    }
    match c.holes().as_slice() {
        [(name, hole)] if ["nodes", "shards", "replicas"].contains(name) => Some((name, hole.clone())),
        _ => None,
    }
}

/// The sizes of a design with such a cache; none if it has none, or if what it is asked is
/// not known.
pub(super) fn size_with(model: &Model, corners: &[Model], load: f64, why: bool) -> Option<Sizes> {
    let (id, c, name, hole) = model.all().find_map(|(id, c)| open_count(c).map(|(n, h)| (id, c, n, h)))?;
    let (least, most) = match hole {
        Hole::AtLeast(l) => (l.max(1.0), f64::INFINITY),
        Hole::Between(l, m) => (l, m),
        Hole::Among(_) | Hole::OneOf(_) => return None,
    };
    let filled = |choice: &Choice, why: bool| {
        let choices = Choices::from([(c.name.clone(), choice.clone())]);
        let put = |m: &Model| {
            let mut m = m.clone();
            m.fill(&choices, &Origin::Solved);
            m
        };
        let now = put(model);
        let sizes = size(&now, &corners.iter().map(put).collect::<Vec<_>>(), load, why);
        (sizes, now)
    };
    // The total, what the cache costs, its values.
    let mut best: Option<(f64, f64, Choice)> = None;
    let (mut short, mut first, mut left) = (None, None, None);
    let mut n = least;
    for tried in 0.. {
        if n > most {
            break;
        }
        let alone = narrowed(model, id, name, n);
        let far = corners.iter().map(|m| narrowed(m, id, name, n).at_horizon()).collect();
        let base = demand(&alone, load);
        let (cost, choice) = match options(&mut alone.clone(), &base, id, &mut worlds(far, load), 1.0) {
            Ok(found) => found.list.first().map(|o| (o.cost, o.choice.clone()))?,
            Err(Unsolved::Unknown(_)) => return None,
            Err(Unsolved::Infeasible(e)) => {
                short = Some(e);
                if tried >= MOST {
                    break;
                }
                n += 1.0;
                continue;
            }
        };
        if best.as_ref().is_some_and(|(total, ..)| cost >= *total) {
            break;
        }
        if tried >= MOST {
            left = Some(cost);
            break;
        }
        let (sizes, _) = filled(&choice, false);
        let total = cost + sizes.cost;
        if sizes.status == Status::Infeasible {
            first.get_or_insert(sizes);
        } else if best.as_ref().is_none_or(|(b, ..)| total < b - 1e-9) {
            best = Some((total, cost, choice));
        }
        n += 1.0;
    }
    let Some((total, cost, choice)) = best else { return first };
    let (mut sizes, now) = filled(&choice, why);
    sizes.cost = total;
    if let Some(least) = left.filter(|l| *l < total) {
        let gap = (total - least) / total;
        sizes.status = match sizes.status {
            Status::WithinGap(g) => Status::WithinGap(g.max(gap)),
            _ => Status::WithinGap(gap),
        };
    }
    if why {
        sizes.why.insert(c.name.clone(), reasons(&now, id, cost, short, load));
    }
    sizes.choices.entry(c.name.clone()).or_default().extend(choice);
    Some(sizes)
}

/// The design with one value alone allowed for a hole.
fn narrowed(model: &Model, id: CompId, name: &str, n: f64) -> Model {
    let mut out = model.clone();
    if let Some(c) = out.components.get_mut(id.0)
        && let Some(mut attr) = c.attrs.peek(name).cloned()
    {
        let one = Value::Hole(Hole::Between(n, n));
        attr.value = match attr.value {
            Value::Shards(_, by) => Value::Shards(Box::new(one), by),
            _ => one,
        };
        c.attrs.set(attr);
    }
    out
}

/// Why a cache has the size it has.
fn reasons(now: &Model, id: CompId, cost: f64, short: Option<String>, load: f64) -> Why {
    let hit = demand(now, load).hits.of(id).and_then(|h| h.value.clone().ok());
    let mut binding: Vec<String> = short.into_iter().collect();
    if let Some(h) = hit {
        binding.push(format!("its hit ratio is {}, and with what stands behind it this costs least", show_ratio(h)));
    }
    Why { binding, runner_up: None, cost }
}
