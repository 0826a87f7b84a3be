//! Options of one component: values of its decision variables.
//!
//! In: the component, its variables, the cases. Out: values with their monthly cost, each with capacity in every
//! case; the most capable infeasible ones, with the reason. Counts go from the fewest with capacity (by bisection:
//! utilization never rises with a count) to twice that plus eight. An option is dropped if another is at least as
//! capable and costs no more. Never: a target (`targets`).

use super::cases::{Case, Shortage};
use super::memory::with_memory;
use crate::analysis::{Demand, component_cost, memory};
use crate::catalog;
use crate::kinds::Serve;
use crate::model::keys;
use crate::model::{Choice, Chosen, CompId, Component, Hole, Model, Origin, scaled};
use crate::resource::Replication;

/// Most that a count is tried up to.
pub(super) const MOST: f64 = 4096.0;
/// Counts tried one by one for each machine; larger ones in growing steps.
const EACH: f64 = 40.0;
/// Most of the cheapest options of a component; of the rest some are kept.
const MOST_OPTIONS: usize = 120;
/// Most replicas of a store tried until some have capacity.
const MOST_COPIES: f64 = 64.0;
/// Most values of one component tried in all cases.
const MOST_TRIED: usize = 3000;
/// Counts tried one by one if there is a single machine type.
const EACH_OF_ONE: f64 = 400.0;

/// An option: values of all variables of a component.
#[derive(Clone, Debug)]
pub(super) struct SizeOption {
    pub choice: Choice,
    /// US dollars a month; without a provider, cores.
    pub cost: f64,
    /// Machines.
    machines: f64,
    /// Capability: if each entry is at least as large, the option is at least as fast and as available.
    power: [f64; 6],
    /// Counts that must be equal to compare.
    same: f64,
}

/// The options of one component.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub id: CompId,
    /// The component with open variables.
    pub open: Component,
    /// Ascending by cost.
    pub list: Vec<SizeOption>,
    /// The last option without capacity, with the reason.
    pub short: Option<(Choice, String)>,
    /// Lower bound on the cost of untried options; `None` if all were tried.
    pub beyond: Option<f64>,
}

impl SizeOption {
    /// The memory that was chosen for it.
    fn memory(&self) -> f64 {
        match self.choice.get("memory") {
            Some(Chosen::Count(n)) => *n,
            _ => 0.0,
        }
    }

    /// Whether `other` is at least as fast and as available, whatever else is chosen.
    pub fn at_most(&self, other: &Self) -> bool {
        let same = (self.same - other.same).abs() < 1e-9;
        same && self.power.iter().zip(&other.power).all(|(a, b)| *a <= *b + 1e-12)
    }
}

/// Finds the options of a component.
///
/// # Errors
/// If a variable cannot be solved, if capacity is unknown, or if no option has capacity.
pub(super) fn options(
    model: &mut Model,
    demand: &Demand,
    id: CompId,
    cases: &mut [Case],
    spread: f64,
) -> Result<Options, Unsolved> {
    let open = model.component(id).clone();
    let (fixed, counts) = bases(model, &open)?;
    let mut found = Options { id, open: open.clone(), list: Vec::new(), short: None, beyond: None };
    let each = if fixed.len() > 1 { EACH } else { EACH_OF_ONE };
    let mut search = Search {
        each,
        tried: 0,
        model,
        demand,
        id,
        open: &open,
        cases,
        counts: &counts,
        spread,
        out: &mut found,
        unknown: None,
    };
    for base in &fixed {
        search.counts(base, 0);
    }
    let unknown = search.unknown.take();
    if let Some(slot) = model.components.get_mut(id.0) {
        slot.clone_from(&open);
    }
    if found.list.is_empty() {
        if let Some(e) = unknown {
            return Err(Unsolved::Unknown(e));
        }
        if found.beyond.is_some() {
            let why = format!("`{}` leaves more combinations open than are tried: fix some of them", open.name);
            return Err(Unsolved::Unknown(why));
        }
        let even = if is_closed(&open) { "" } else { " even" };
        let why = found.short.map_or_else(String::new, |(c, why)| format!("{even} with {}: {why}", words(&c)));
        return Err(Unsolved::Infeasible(format!("`{}` lacks capacity{why}", open.name)));
    }
    prune(&mut found.list);
    if found.list.len() > MOST_OPTIONS {
        // Of the rest evenly spaced ones up to the last: a few very capable options.
        let rest = found.list.split_off(MOST_OPTIONS);
        let next = rest.first().map_or(0.0, |o| o.cost);
        found.beyond = Some(found.beyond.map_or(next, |b| b.min(next)));
        let step = (rest.len() / 30).max(1);
        let last = rest.len() - 1;
        found.list.extend(rest.into_iter().enumerate().filter(|(i, _)| i % step == 0 || *i == last).map(|(_, o)| o));
    }
    Ok(found)
}

/// Combinations of the variables that are not counts, and the variables that are.
pub(super) type Bases = (Vec<Choice>, Vec<(&'static str, Hole)>);

/// The combinations of a component's variables that are not counts, and its variables that are.
///
/// # Errors
/// When its engine is open, nothing says how much memory it needs, or no machine fits.
pub(super) fn bases(model: &Model, open: &Component) -> Result<Bases, Unsolved> {
    let holes = open.holes();
    if !open.engine_hole.is_empty() {
        return Err(Unsolved::Unknown(format!(
            "its engine is open, and none of {} is chosen: `archc size` says why",
            open.engine_hole.join(", ")
        )));
    }
    let mut counts: Vec<(&'static str, Hole)> = Vec::new();
    let mut fixed: Vec<Choice> = vec![Choice::new()];
    for (name, hole) in &holes {
        match *name {
            // Chosen at the end, from the number of consumers.
            "partitions" => {}
            "instance" => {
                // A machine whose price is unknown would be taken as free.
                if let Hole::OneOf(names) = hole
                    && model.system.has_provider
                    && let Some(why) = names.iter().find_map(|n| open.hourly(n).err())
                {
                    return Err(Unsolved::Unknown(why.to_string()));
                }
                fixed = product(&fixed, name, &machines(open, hole));
            }
            // Of a machine that is open too, all cores: fewer cost the same.
            "cores" if holes.iter().any(|(n, _)| *n == "instance") => {
                let most = cores(hole).into_iter().next_back();
                fixed = product(&fixed, name, &most.into_iter().collect::<Vec<_>>());
            }
            "cores" => fixed = product(&fixed, name, &cores(hole)),
            "memory" => {}
            path if scaled(path).is_some() => {
                return Err(Unsolved::Unknown(format!(
                    "`{path}` follows the CPU of `{}`, which is not known or whose `replicas` are open too",
                    open.name
                )));
            }
            _ => match hole {
                Hole::Among(all) => {
                    let each: Vec<Chosen> = all.iter().map(|n| Chosen::Count(*n)).collect();
                    fixed = product(&fixed, name, &each);
                }
                _ => counts.push((name, hole.clone())),
            },
        }
    }
    let fixed = with_memory(model, open, fixed).map_err(Unsolved::Unknown)?;
    if fixed.is_empty() {
        return Err(Unsolved::Infeasible(format!("no machine of the catalog fits `{}`", open.name)));
    }
    Ok((fixed, counts))
}

/// Why a component has no options.
#[derive(Clone, Debug)]
pub(super) enum Unsolved {
    /// An attribute is missing.
    Unknown(String),
    /// No allowed value has capacity.
    Infeasible(String),
}

/// Values in words: `replicas = 3, shards = 2`.
#[must_use]
pub fn words(choice: &Choice) -> String {
    choice.iter().map(|(k, v)| format!("{k} = {}", v.words(k))).collect::<Vec<_>>().join(", ")
}

/// Whether each of its variables allows a single value.
pub(super) fn is_closed(c: &Component) -> bool {
    let one = |h: &Hole| h.only().is_some() || matches!(h, Hole::OneOf(names) if names.len() == 1);
    c.holes().iter().all(|(_, h)| one(h))
}

fn product(base: &[Choice], name: &str, values: &[Chosen]) -> Vec<Choice> {
    let mut out = Vec::new();
    for b in base {
        for v in values {
            let mut c = b.clone();
            c.insert(name.to_owned(), v.clone());
            out.push(c);
        }
    }
    out
}

/// Machines to try: those listed, or those that the service of its engine sells.
fn machines(c: &Component, hole: &Hole) -> Vec<Chosen> {
    if let Hole::OneOf(names) = hole {
        return names.iter().map(|n| Chosen::Name(n.clone())).collect();
    }
    let all = c.offers().filter(|(m, usd)| usd.is_ok() && m.speed.is_some() && !burstable(&m.name));
    all.map(|(m, _)| Chosen::Name(m.name.clone())).collect()
}

/// Whether a machine is slower once its CPU credits are used up.
fn burstable(name: &str) -> bool {
    name.split('.').any(|part| part.starts_with("t3") || part.starts_with("t4g"))
}

fn cores(hole: &Hole) -> Vec<Chosen> {
    if let Hole::Among(all) = hole {
        return all.iter().map(|n| Chosen::Count(*n)).collect();
    }
    if let Some(only) = hole.only() {
        return vec![Chosen::Count(only)];
    }
    let sold = catalog::CONTAINERS.iter().map(|c| Chosen::Count(c.vcpu));
    sold.filter(|c| hole.allows(c)).collect()
}

struct Search<'a> {
    /// Counts that are tried one by one.
    each: f64,
    tried: usize,
    model: &'a mut Model,
    demand: &'a Demand,
    id: CompId,
    open: &'a Component,
    cases: &'a mut [Case],
    counts: &'a [(&'static str, Hole)],
    spread: f64,
    out: &'a mut Options,
    unknown: Option<String>,
}

/// The least and the most of a count.
pub(super) fn ends(hole: &Hole) -> (f64, f64) {
    match hole {
        Hole::AtLeast(least) => (least.max(1.0), MOST),
        Hole::Between(least, most) => (*least, *most),
        Hole::Among(all) => (all.first().copied().unwrap_or(1.0), all.last().copied().unwrap_or(1.0)),
        Hole::OneOf(_) => (1.0, 1.0),
    }
}

impl Search<'_> {
    /// Tries all values of the counts from number `at` on.
    fn counts(&mut self, base: &Choice, at: usize) {
        let Some((name, hole)) = self.counts.get(at) else {
            if self.fits(base) {
                self.take(base);
            }
            return;
        };
        let (least, most) = ends(hole);
        let with = |n: f64| {
            let mut c = base.clone();
            c.insert((*name).to_owned(), Chosen::Count(n));
            c
        };
        if at + 1 < self.counts.len() {
            // An outer count: up to eight values with which the inner counts have options.
            let mut n = least;
            let mut found = 0.0;
            while n <= most && found <= 8.0 && self.tried <= MOST_TRIED {
                let before = self.out.list.len();
                self.counts(&with(n), at + 1);
                if self.unknown.is_some() {
                    return;
                }
                let new = self.out.list.get(before..).unwrap_or(&[]);
                if !new.is_empty() {
                    found += 1.0;
                }
                // Larger counts cost at least as much as the cheapest option with the last.
                if found > 8.0 && n < most {
                    let cheapest = new.iter().map(|o| o.cost).fold(f64::INFINITY, f64::min);
                    self.not_tried(cheapest);
                }
                n += 1.0;
            }
            return;
        }
        if *name == "replicas" && self.open.kind.facets.serve == Some(Serve::Copies) {
            self.copies(least, most, &with);
            return;
        }
        // The last count: the fewest with capacity, by doubling and bisection.
        let mut low = least - 1.0;
        let mut high = least;
        while !self.fits(&with(high)) {
            if self.unknown.is_some() || high >= most || self.tried > MOST_TRIED {
                return;
            }
            low = high;
            high = (high * 2.0).min(most);
        }
        while high - low > 1.0 {
            let mid = f64::midpoint(low, high).floor();
            if self.fits(&with(mid)) {
                high = mid;
            } else {
                low = mid;
            }
        }
        let last = (high * 2.0 * self.spread + 8.0 * self.spread).floor().min(most);
        let mut n = high;
        while n <= last {
            self.take(&with(n));
            let done = n - high;
            let step = if done < self.each { 1.0 } else { (done / 8.0).floor() };
            if step > 1.0 && done - self.each < 1.0 || n + step > last && last < most {
                let cost = self.out.list.last().map_or(f64::INFINITY, |o| o.cost);
                self.not_tried(cost);
            }
            n += step;
        }
    }

    /// Tries replicas of a store one by one: an even number may lose its majority where a smaller odd one does not.
    fn copies(&mut self, least: f64, most: f64, with: &dyn Fn(f64) -> Choice) {
        let (mut n, mut last) = (least, most.min(least + MOST_COPIES * self.spread));
        let mut first = true;
        while n <= last {
            if self.fits(&with(n)) {
                if first {
                    last = (n * 2.0 * self.spread + 8.0 * self.spread).floor().min(most);
                    first = false;
                }
                self.take(&with(n));
            }
            if self.unknown.is_some() || self.tried > MOST_TRIED {
                return;
            }
            n += 1.0;
        }
        if last < most {
            let cost = self.out.list.last().map_or(0.0, |o| o.cost);
            self.not_tried(cost);
        }
    }

    /// Notes that options of at least this cost were not tried.
    fn not_tried(&mut self, cost: f64) {
        self.out.beyond = Some(self.out.beyond.map_or(cost, |b| b.min(cost)));
    }

    fn fits(&mut self, choice: &Choice) -> bool {
        self.tried += 1;
        if self.tried > MOST_TRIED {
            // Untried options may have any cost.
            self.not_tried(0.0);
            return false;
        }
        for w in self.cases.iter_mut() {
            match w.capacity(self.id, choice) {
                Ok(()) => {}
                Err(Shortage::Unknown(e)) => {
                    self.unknown = Some(e);
                    return false;
                }
                Err(Shortage::Capacity(why)) => {
                    self.out.short = Some((choice.clone(), why));
                    return false;
                }
            }
        }
        true
    }

    fn take(&mut self, choice: &Choice) {
        let mut c = self.open.clone();
        c.fill(choice, &Origin::Solved);
        let count = |name: &'static str| crate::analysis::count(&c, name).unwrap_or(1.0);
        let (replicas, shards, nodes) = (count("replicas"), count("shards"), count("nodes"));
        let machines = if c.kind.facets.serve == Some(Serve::Processes) { replicas } else { nodes };
        let instance = c.machine(&self.model.system);
        let own = c.attrs.read(keys::CORES).map(|n| n.mid);
        let cores = own.or(instance.map(|m| m.vcpu)).unwrap_or(1.0);
        let speed = instance.and_then(|m| m.speed).unwrap_or(catalog::REFERENCE_SPEED);
        // Memory matters if data that does not fit is read from disk.
        let reads_disk = [keys::WORKING_SET, keys::SKEW].iter().any(|k| c.attrs.peek_at(*k).is_some());
        let memory = if reads_disk { memory(self.model, &c).unwrap_or(0.0) } else { 0.0 };
        let waits = c.replication().is_some_and(Replication::waits);
        // More copies that a commit waits for are not faster.
        let (same, power) =
            if waits && c.kind.facets.serve == Some(Serve::Copies) { (replicas, 0.0) } else { (0.0, replicas) };
        let id = self.id;
        if let Some(slot) = self.model.components.get_mut(id.0) {
            *slot = c;
        }
        let cost = if self.model.system.has_provider {
            component_cost(self.model, self.demand, id).at_least()
        } else {
            machines * cores
        };
        self.out.list.push(SizeOption {
            choice: choice.clone(),
            cost,
            machines,
            power: [power, shards, nodes, cores, speed, memory],
            same,
        });
    }
}

/// Sorts by cost, then fewest machines, then values; drops dominated options.
fn prune(list: &mut Vec<SizeOption>) {
    list.sort_by(|a, b| {
        a.cost
            .total_cmp(&b.cost)
            .then(a.machines.total_cmp(&b.machines))
            .then(a.memory().total_cmp(&b.memory()))
            .then_with(|| words(&a.choice).cmp(&words(&b.choice)))
    });
    let mut kept: Vec<SizeOption> = Vec::new();
    for o in list.drain(..) {
        if !kept.iter().any(|k| o.at_most(k)) {
            kept.push(o);
        }
    }
    *list = kept;
}
