//! Settings of a cache whose size determines its hit ratio.
//!
//! In: a cache with variables. Out: values of all of them, each with cost and capability. A setting is dropped if
//! another is at least as capable and costs no more. Counts go one by one at first, then in growing steps; the least
//! cost of untried ones is known. Never: whether a setting has capacity.

use super::options::{Unsolved, bases, ends, words};
use crate::analysis::{Demand, component_cost, count, memory};
use crate::catalog;
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::keys::{self, Key, Number};
use crate::model::{Choice, Chosen, CompId, Component, Hole, Model, Origin};

/// Counts tried one by one.
const EACH: f64 = 40.0;
/// Largest count tried.
const MOST: f64 = 512.0;
/// Largest value of a second count.
const FEW: f64 = 12.0;

/// One setting.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub choice: Choice,
    /// US dollars a month of its machines; without a provider, cores.
    pub own: f64,
    pub machines: f64,
    /// Entries of one replica, replicas, nodes, cores, speed. If each is at least as large, the components behind
    /// the cache cost no more.
    pub power: [f64; 5],
}

impl Setting {
    /// Whether another is at least as capable.
    pub fn at_most(&self, other: &Self) -> bool {
        self.power.iter().zip(&other.power).all(|(a, b)| *a <= *b + 1e-9)
    }
}

/// All settings of a cache.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub id: CompId,
    /// Ascending by cost.
    pub list: Vec<Setting>,
    /// Lower bound on the cost of untried settings.
    pub beyond: Option<f64>,
}

/// The caches of a design with variables that determine their hit ratio.
pub(super) fn open(model: &Model) -> Vec<CompId> {
    let has = |c: &Component, key: Key<Number>| c.attrs.peek_at(key).is_some();
    let decides = |c: &Component| {
        let sized = ["nodes", "shards", "replicas", "memory", "instance"];
        c.holes().iter().any(|(name, _)| sized.contains(name))
    };
    let all = model.all().filter(|(_, c)| {
        c.kind.facets.misses
            && !has(c, keys::HIT)
            && has(c, keys::ENTRIES)
            && has(c, keys::SKEW)
            && c.engine_hole.is_empty()
    });
    all.filter(|(_, c)| decides(c)).map(|(id, _)| id).collect()
}

/// The settings of a cache. `quiet` is the demand of a load so small that nothing is metered.
///
/// # Errors
/// If its capacity is unknown whatever its values, or if no machine fits.
pub(super) fn settings(model: &Model, quiet: &Demand, id: CompId) -> Result<Settings, Unsolved> {
    let c = model.component(id);
    let (bases, counts) = bases(model, c)?;
    let mut scratch = model.clone();
    let mut out = Settings { id, list: Vec::new(), beyond: None };
    for base in &bases {
        let mut all = vec![base.clone()];
        for (i, (name, hole)) in counts.iter().enumerate() {
            let last = i + 1 == counts.len();
            all = all.iter().flat_map(|b| with_each(b, name, hole, if last { EACH } else { FEW })).collect();
        }
        for choice in all {
            out.list.push(setting(&mut scratch, quiet, c, id, choice).map_err(|e| Unsolved::Unknown(e.to_string()))?);
        }
    }
    let most = |hole: &Hole| if counts.len() > 1 { FEW } else { MOST }.max(ends(hole).0);
    if counts.iter().any(|(_, hole)| ends(hole).1 > most(hole)) {
        // Larger counts cost more than the cheapest setting with the largest.
        let reached = |s: &&Setting| {
            counts.iter().any(|(name, hole)| matches!(s.choice.get(*name), Some(Chosen::Count(n)) if *n >= most(hole).min(ends(hole).1) * 0.8))
        };
        let least = out.list.iter().filter(reached).map(|s| s.own).fold(f64::INFINITY, f64::min);
        out.beyond = Some(least).filter(|x| x.is_finite());
    }
    prune(&mut out.list);
    if out.list.is_empty() {
        return Err(Unsolved::Infeasible(format!("no machine of the catalog fits `{}`", c.name)));
    }
    Ok(out)
}

fn with_each(base: &Choice, name: &str, hole: &Hole, each: f64) -> Vec<Choice> {
    let (least, most) = ends(hole);
    let most = most.min(if each < EACH { FEW } else { MOST }.max(least));
    let mut out = Vec::new();
    let mut n = least;
    while n <= most {
        let mut choice = base.clone();
        choice.insert(name.to_owned(), Chosen::Count(n));
        out.push(choice);
        let step = if n - least < each { 1.0 } else { (n / 8.0).floor() };
        // The largest count is always tried.
        n = if n < most && n + step > most { most } else { n + step };
    }
    out
}

fn setting(model: &mut Model, quiet: &Demand, open: &Component, id: CompId, choice: Choice) -> Result<Setting, Reason> {
    let mut c = open.clone();
    c.fill(&choice, &Origin::Solved);
    let number = |key: Key<Number>| c.attrs.read(key).map(|n| n.mid);
    let items = number(keys::ENTRIES).ok_or_else(|| Reason::missing(&c, "entries"))?;
    let size = number(keys::ENTRY_SIZE).ok_or_else(|| Reason::missing(&c, "entry_size"))?;
    let (nodes, copies) = (count(&c, "nodes")?, count(&c, "replicas")?);
    let entries = (memory(model, &c)? * nodes / copies.min(nodes.max(1.0)) / size).floor().min(items);
    let machine = c.machine(&model.system);
    let cores = number(keys::CORES).or(machine.map(|m| m.vcpu)).unwrap_or(1.0);
    let speed = machine.and_then(|m| m.speed).unwrap_or(catalog::REFERENCE_SPEED);
    let machines = if c.kind.facets.serve == Some(Serve::Processes) { copies } else { nodes };
    if let Some(slot) = model.components.get_mut(id.0) {
        *slot = c;
    }
    let own = if model.system.has_provider { component_cost(model, quiet, id).at_least() } else { machines * cores };
    Ok(Setting { choice, own, machines, power: [entries, copies, nodes, cores, speed] })
}

/// Sorts by cost, then fewest machines, then least memory; drops dominated settings.
fn prune(list: &mut Vec<Setting>) {
    let size = |s: &Setting| match s.choice.get("memory") {
        Some(Chosen::Count(n)) => *n,
        _ => 0.0,
    };
    list.sort_by(|a, b| {
        let by = a.own.total_cmp(&b.own).then(a.machines.total_cmp(&b.machines));
        by.then(size(a).total_cmp(&size(b))).then_with(|| words(&a.choice).cmp(&words(&b.choice)))
    });
    let mut kept: Vec<Setting> = Vec::new();
    for s in list.drain(..) {
        if !kept.iter().any(|k| s.at_most(k)) {
            kept.push(s);
        }
    }
    *list = kept;
}
