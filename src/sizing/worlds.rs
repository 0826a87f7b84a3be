//! The worlds that sizes must hold in, and the check of one flow in one of them.
//!
//! In: the design at each corner of its intervals, as it is, with each loss of
//! `survive`, and in each scenario. Out: whether a component has capacity there with
//! given values, and whether a flow meets its targets. Rates do not depend on sizes, so
//! they are computed once a world, and response times are kept by component and option. Where
//! failures feed back into rates they do: then each choice is settled as a whole, and a flow
//! also misses what its retries overload.

use super::targets::{Chosen, Formula, Seen, constrains};
use crate::analysis::{
    CacheLosses, Demand, Facts, Policies, Station, Structure, Up, Zones, any_node_up, caches, component_up, count,
    couples, demand, followed, station, too_small, utilization,
};
use crate::model::{Choice, CompId, Component, Fault, Hole, Left, Lost, Model, Origin, Place, Step};
use std::collections::{BTreeMap, BTreeSet};

/// Partitions of a log that leaves them open, while sizes are tried.
const MAX_PARTITIONS: f64 = 1e6;

/// What a world takes away from a component whose size is open.
#[derive(Clone, Debug, PartialEq)]
enum Loss {
    /// A zone, and whether it is the worst for whoever does not name his primary's.
    Zone(String, bool),
    Pieces(f64),
}

/// One world.
pub(super) struct World {
    /// In words: nothing for the design as it is, `without zone a`, `in scenario sale`.
    pub what: String,
    /// The design there, as far as it is chosen.
    pub(super) model: Model,
    /// Its components before anything is chosen.
    open: Vec<Component>,
    pub(super) demand: Demand,
    /// By how much all rates are multiplied.
    pub(super) load: f64,
    /// How its calls are tried.
    pub(super) policies: Policies,
    /// Whether sizes are judged together: what some have changes what others are asked.
    pub(super) together: bool,
    /// Whether more of something may be too much for something else: connections.
    pub(super) crowds: bool,
    /// The last choice that was settled, and what it came to.
    pub(super) settled: Option<(Vec<Option<usize>>, Facts)>,
    losses: BTreeMap<CompId, Vec<Loss>>,
    /// Highest utilisation, and whether it may be reached.
    pub(super) bound: (f64, bool),
    /// Response times by component and option.
    stations: Vec<BTreeMap<usize, Station>>,
    /// Availability by component and option, with the caches that it cannot do without.
    up: Vec<BTreeMap<usize, Ready>>,
    /// The option that each component has now, if it was chosen by its number.
    pub(super) now: Vec<Option<usize>>,
    /// The response times of these.
    pub(super) stations_now: Vec<Station>,
    /// What the availability of flows is computed from, of these.
    pub(super) ups_now: Structure,
    /// What the last answer of a flow was computed of, and its formula.
    pub(super) forms: BTreeMap<usize, Formula>,
    /// What was computed of flows.
    pub(super) seen: BTreeMap<Chosen, Seen>,
    /// The components that a flow asks.
    pub(super) depends: BTreeMap<usize, Vec<usize>>,
    /// The demand without each cache of flows that promise availability.
    losses_of_caches: CacheLosses,
    /// What may need each of these caches, for it is behind it.
    behind: BTreeMap<CompId, BTreeSet<CompId>>,
}

/// What a component with some values is for the availability of flows.
#[derive(Clone, Debug)]
struct Ready {
    up: Result<Up, String>,
    guards: Vec<CompId>,
}

/// Why a component's values do not do in a world.
#[derive(Clone, Debug)]
pub(super) enum Short {
    /// Too little capacity, in words.
    Capacity(String),
    /// Whether it is enough is not known.
    Unknown(String),
}

/// A world before anything is computed of it.
struct Plan {
    what: String,
    model: Model,
    losses: BTreeMap<CompId, Vec<Loss>>,
    bound: (f64, bool),
    /// What the world is without by name.
    named: Vec<CompId>,
}

/// All worlds of a design: `corners` are its models at the corners of the intervals.
pub(super) fn worlds(corners: Vec<Model>, load: f64) -> Vec<World> {
    plans(corners, load).into_iter().map(|p| World::new(p, load)).collect()
}

/// Puts other targets in the place of those of worlds that were made of the same design.
pub(super) fn retarget(worlds: &mut [World], corners: Vec<Model>, load: f64) {
    for (world, plan) in worlds.iter_mut().zip(plans(corners, load)) {
        for (flow, new) in world.model.flows.iter_mut().zip(plan.model.flows) {
            flow.slo = new.slo;
        }
    }
}

fn plans(corners: Vec<Model>, load: f64) -> Vec<Plan> {
    let mut out = Vec::new();
    let mut add = |what, model, losses, bound, named| out.push(Plan { what, model, losses, bound, named });
    for model in corners {
        let model = followed(model, load);
        let open: Vec<CompId> = model.all().filter(|(_, c)| !c.holes().is_empty()).map(|(id, _)| id).collect();
        let headroom = model.system.attrs.number("headroom").map_or(0.0, |h| h.mid);
        let bound = if headroom > 0.0 { (1.0 - headroom, true) } else { (1.0, false) };
        for s in &model.scenarios {
            let Ok(lossy) = followed(model.in_scenario(s), load).with_faults(&s.faults) else { continue };
            if !s.cut.is_empty() {
                continue;
            }
            let mut losses: BTreeMap<CompId, Vec<Loss>> = BTreeMap::new();
            for fault in &s.faults {
                let (ids, loss) = match fault {
                    Fault::Place(Place::Zone(z)) => (open.clone(), Loss::Zone(z.clone(), false)),
                    Fault::Replicas(id, Some(n)) => (vec![*id], Loss::Pieces(*n)),
                    Fault::Primary(id) => (vec![*id], Loss::Pieces(1.0)),
                    Fault::Place(_) | Fault::Replicas(_, None) => continue,
                };
                ids.into_iter()
                    .filter(|id| open.contains(id))
                    .for_each(|id| losses.entry(id).or_default().push(loss.clone()));
            }
            let gone = |f: &Fault| if let Fault::Replicas(id, None) = f { Some(*id) } else { None };
            let named = s.faults.iter().filter_map(gone).collect();
            add(format!(" in scenario `{}`", s.name), lossy.model, losses, (1.0, false), named);
        }
        match model.system.attrs.word("survive").unwrap_or("none") {
            "zone" => {
                for lossy in model.survivals() {
                    let zone = lossy.what.trim_start_matches("zone ").to_owned();
                    let losses = open.iter().map(|id| (*id, vec![Loss::Zone(zone.clone(), true)])).collect();
                    add(format!(" without {}", lossy.what), lossy.model, losses, (1.0, false), Vec::new());
                }
            }
            "replica" => {
                for lossy in model.survivals() {
                    let what = format!(" without {}", lossy.what);
                    add(what, lossy.model, BTreeMap::new(), (1.0, false), Vec::new());
                }
                for id in &open {
                    let what = format!(" without one replica of `{}`", model.component(*id).name);
                    let losses = BTreeMap::from([(*id, vec![Loss::Pieces(1.0)])]);
                    let mut without = model.clone();
                    without.scenarios.clear();
                    add(what, without, losses, (1.0, false), Vec::new());
                }
            }
            _ => {}
        }
        add(String::new(), model, BTreeMap::new(), bound, Vec::new());
    }
    out
}

/// The design in all worlds.
pub(super) fn plans_of(corners: Vec<Model>, load: f64) -> Vec<Model> {
    plans(corners, load).into_iter().map(|p| p.model).collect()
}

/// What is asked for more than it may be, of components without holes, each with its reason; of
/// `kept` also that nothing is left of them, and what is not known.
pub(super) fn overloads(corners: Vec<Model>, load: f64, kept: &[CompId]) -> Result<BTreeMap<CompId, String>, String> {
    let mut out: BTreeMap<CompId, String> = BTreeMap::new();
    for Plan { what, model, bound: (most, reached), named, .. } in plans(corners, load) {
        let demand = demand(&model, load);
        for (id, c) in model.all().filter(|(_, c)| c.holes().is_empty() && c.kind.facets.serve.is_some()) {
            if out.contains_key(&id) || named.contains(&id) {
                continue;
            }
            let keep = kept.contains(&id);
            if keep && count(c, "nodes").value.is_ok_and(|n| n - c.missing(&model.system) < 1.0) {
                out.insert(id, format!("nothing is left of it{what}"));
                continue;
            }
            let mut u = utilization(&model, &demand, id);
            if u.resources.get("connections").is_some_and(|r| r.utilization.is_err()) {
                u = u.but("connections");
            }
            match u.utilization {
                Ok(x) if x < most || reached && x <= most + 1e-9 => {}
                Ok(x) => {
                    out.insert(id, over(u.binding, x, (most, reached), &what));
                }
                Err(e) if keep => return Err(e),
                Err(_) => {}
            }
        }
    }
    Ok(out)
}

/// That a resource would be over its limit.
fn over(binding: Option<&'static str>, x: f64, (most, reached): (f64, bool), what: &str) -> String {
    let (of, limit) = (binding.unwrap_or("capacity"), crate::units::show_ratio(most));
    let asked = if reached { format!("{limit} is the most") } else { format!("less than {limit} is asked") };
    format!("its {of} would be at {}{what}, and {asked}", crate::units::show_ratio(x))
}

impl World {
    fn new(plan: Plan, load: f64) -> Self {
        let Plan { what, mut model, losses, bound, .. } = plan;
        model.components.iter_mut().for_each(unbound);
        let demand = demand(&model, load);
        let n = model.components.len();
        let open = model.components.clone();
        let policies = Policies::of(&model);
        let together = policies.feed_back() || couples(&model);
        let crowds = together && model.components.iter().any(|c| c.attrs.get("pool").is_some());
        let zones = Zones::new(&model);
        let promised = model.flows.iter().flat_map(|f| &f.slo).any(|s| s.metric.name == "availability");
        let caches = if promised { caches(&model) } else { BTreeSet::new() };
        let losses_of_caches = CacheLosses::new(&model, load, &caches);
        let behind = caches.iter().map(|id| (*id, behind(&model, *id))).collect();
        let ups = vec![Err("not computed".to_owned()); n];
        Self {
            losses_of_caches,
            behind,
            what,
            model,
            open,
            demand,
            load,
            policies,
            together,
            crowds,
            settled: None,
            losses,
            bound,
            stations: vec![BTreeMap::new(); n],
            up: vec![BTreeMap::new(); n],
            now: vec![None; n],
            stations_now: vec![Station::none(); n],
            ups_now: Structure { zones, ups, guards: BTreeMap::new() },
            forms: BTreeMap::new(),
            seen: BTreeMap::new(),
            depends: BTreeMap::new(),
        }
    }

    /// Whether sizes can make a flow miss something.
    pub fn can_miss(&self, flow: usize) -> bool {
        self.together || self.model.flows.get(flow).is_some_and(|f| f.slo.iter().any(constrains))
    }

    /// Whether a component can make a flow miss something: it asks it, or may need a cache that
    /// spares what it asks. Where failures change rates, any can: its callers' retries meet
    /// what they share with the flow.
    pub fn asks(&self, flow: usize, id: CompId) -> bool {
        if self.together {
            return true;
        }
        let behind = self.behind.get(&id);
        let asks = |to: CompId| to == id || behind.is_some_and(|b| b.contains(&to));
        let hops = self.demand.flows.get(flow).is_some_and(|f| f.hops.iter().any(|h| asks(h.to)));
        hops || self.model.flows.get(flow).is_some_and(|f| f.origin == id)
    }

    /// Its flows.
    pub fn flows(&self) -> usize {
        self.model.flows.len()
    }

    /// Puts values in, with what this world takes away.
    fn put(&mut self, id: CompId, choice: &Choice) -> bool {
        let system = &self.model.system;
        let Some(mut c) = self.open.get(id.0).cloned() else { return true };
        if self.losses.contains_key(&id) {
            // What is lost depends on the values, and is counted anew.
            c.lost = Lost::default();
        }
        c.fill(choice, &Origin::Solved);
        let mut alive = true;
        for loss in self.losses.get(&id).into_iter().flatten() {
            let left = match loss {
                Loss::Zone(z, worst) => c.lose_zone(z, system, *worst),
                Loss::Pieces(n) => c.lose(*n, system),
            };
            alive &= left != Left::Nothing;
        }
        if let Some(slot) = self.model.components.get_mut(id.0) {
            *slot = c;
        }
        alive
    }

    /// Whether a component has capacity with some values.
    pub fn capacity(&mut self, id: CompId, choice: &Choice) -> Result<(), Short> {
        if let Some(slot) = self.now.get_mut(id.0) {
            *slot = None;
        }
        let alive = self.put(id, choice);
        if !alive {
            return Err(Short::Capacity(format!("nothing is left of it{}", self.what)));
        }
        let mut u = utilization(&self.model, &self.demand, id);
        if u.resources.get("connections").is_some_and(|r| r.utilization.is_err()) {
            // Pools of callers that are chosen too: judged when all are.
            u = u.but("connections");
        }
        match u.utilization {
            Err(e) => Err(Short::Unknown(e)),
            Ok(x) if x < self.bound.0 || self.bound.1 && x <= self.bound.0 + 1e-9 => {
                match too_small(&self.model, &self.demand, id) {
                    Some(why) => Err(Short::Capacity(format!("{why}{}", self.what))),
                    None => Ok(()),
                }
            }
            Ok(x) => Err(Short::Capacity(over(u.binding, x, self.bound, &self.what))),
        }
    }

    /// Chooses for open components: option index and values.
    pub fn choose<'a>(&mut self, all: impl Iterator<Item = (CompId, usize, &'a Choice)>) {
        for (id, option, choice) in all {
            if self.now.get(id.0) == Some(&Some(option)) {
                continue;
            }
            self.put(id, choice);
            if !self.together {
                let known = self.stations.get(id.0).is_some_and(|s| s.contains_key(&option));
                if !known {
                    self.learn(id, option);
                }
                self.take(id, option);
            }
            if let Some(slot) = self.now.get_mut(id.0) {
                *slot = Some(option);
            }
        }
    }

    /// Keeps what a component is, as it is now, for an option.
    fn learn(&mut self, id: CompId, option: usize) {
        let s = station(&self.model, &self.demand, id, None);
        let up = self.ready(id);
        if let (Some(stations), Some(ups)) = (self.stations.get_mut(id.0), self.up.get_mut(id.0)) {
            stations.insert(option, s);
            ups.insert(option, up);
        }
    }

    /// Puts what is kept of an option in the place of what is there now.
    fn take(&mut self, id: CompId, option: usize) {
        let kept = self.stations.get(id.0).and_then(|s| s.get(&option));
        if let (Some(kept), Some(slot)) = (kept, self.stations_now.get_mut(id.0)) {
            slot.clone_from(kept);
        }
        let Some(ready) = self.up.get(id.0).and_then(|u| u.get(&option)) else { return };
        if let Some(slot) = self.ups_now.ups.get_mut(id.0) {
            slot.clone_from(&ready.up);
        }
        if ready.guards.is_empty() {
            self.ups_now.guards.remove(&id);
        } else {
            self.ups_now.guards.insert(id, ready.guards.clone());
        }
    }

    /// The availability of a component as it is chosen.
    fn ready(&self, id: CompId) -> Ready {
        let c = self.model.component(id);
        let up = if c.kind.facets.misses {
            any_node_up(&self.model, &self.ups_now.zones, c)
        } else {
            component_up(&self.model, &self.ups_now.zones, c, &utilization(&self.model, &self.demand, id))
        };
        Ready { up, guards: self.losses_of_caches.guards(&self.model, id) }
    }

    /// Fills in what no choice changes.
    pub fn settle(&mut self, open: &[CompId]) {
        self.now.fill(None);
        self.seen.clear();
        self.depends.clear();
        for i in (0..self.model.components.len()).map(CompId).filter(|i| !open.contains(i)) {
            self.learn(i, 0);
            self.take(i, 0);
            // What is too small as it is needs every cache that it would need anyway.
            for cache in self.ups_now.guards.get(&i).into_iter().flatten() {
                self.behind.entry(*cache).or_default().insert(i);
            }
        }
    }
}

/// Partitions that are open: as many as may be, for they are chosen after the slots they feed.
fn unbound(c: &mut Component) {
    let open = c.holes().into_iter().find(|(name, _)| *name == "partitions");
    if let Some((name, hole)) = open {
        let most = match hole {
            Hole::Between(_, most) => most,
            Hole::Among(all) => all.last().copied().unwrap_or(MAX_PARTITIONS),
            _ => MAX_PARTITIONS,
        };
        c.set_count(name, most, &Origin::Solved);
    }
}

/// What may be asked more when a cache is lost: what its misses call, and what those do in turn.
pub(super) fn behind(model: &Model, cache: CompId) -> BTreeSet<CompId> {
    let mut out = BTreeSet::new();
    let mut caches = vec![cache];
    while let Some(lost) = caches.pop() {
        for flow in &model.flows {
            Step::walk(&flow.steps, &mut |call| {
                if call.target != lost {
                    return;
                }
                Step::walk(&call.on_miss, &mut |below| {
                    if out.insert(below.target) && !below.on_miss.is_empty() {
                        caches.push(below.target);
                    }
                });
            });
        }
    }
    out
}
