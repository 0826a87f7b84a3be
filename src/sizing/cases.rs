//! The cases in which sizes must hold.
//!
//! In: the design at each corner of its intervals: unchanged, after each loss of `survive`, and in
//! each scenario. Out: whether given values of a component have capacity there. Rates do not depend
//! on sizes, so each case computes them once; response times are stored by component and option. If
//! failures feed back into rates, each choice is evaluated as a whole. Never: a flow (`targets`).

use super::flow_values::{FlowKey, FlowValues, Formula, constrains};
use crate::analysis::{
    CacheLosses, Demand, Facts, Policies, Station, Structure, Up, Zones, any_node_up, caches, component_up, count,
    couples, demand, followed, station, too_small, utilization,
};
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{Choice, CompId, Component, Fault, Hole, Left, Lost, Model, Origin, Place, Step};
use crate::resource::Survive;
use std::collections::{BTreeMap, BTreeSet};

/// Partitions of a log with open `partitions`, while sizes are tried.
const MAX_PARTITIONS: f64 = 1e6;

/// What a case removes from a component with an open size.
#[derive(Clone, Debug, PartialEq)]
enum Loss {
    /// Zone lost; `true`: an unplaced primary was in it.
    Zone(String, bool),
    Pieces(f64),
}

/// One case: a design with a loss or a scenario, evaluated for many choices.
pub(super) struct Case {
    /// Suffix of messages: empty, ` without zone a` or ` in scenario sale`.
    pub what: String,
    /// The design in this case, with the current choice.
    pub(super) model: Model,
    /// Its components with their variables open.
    open: Vec<Component>,
    pub(super) demand: Demand,
    /// Multiple of all rates.
    pub(super) load: f64,
    /// Call policies: timeouts, retries, hedges.
    pub(super) policies: Policies,
    /// Whether the sizes of some components change the load of others, so that choices are evaluated as a whole.
    pub(super) together: bool,
    /// Whether more replicas of a caller may exceed the connections of a callee.
    pub(super) crowds: bool,
    /// The last choice evaluated as a whole, with its facts.
    pub(super) settled: Option<(Vec<Option<usize>>, Facts)>,
    losses: BTreeMap<CompId, Vec<Loss>>,
    /// Highest utilization, and whether it may be reached.
    pub(super) bound: (f64, bool),
    /// Response times by component and option.
    stations: Vec<BTreeMap<usize, Station>>,
    /// Availability by component and option, with the critical caches.
    up: Vec<BTreeMap<usize, Ready>>,
    /// Current option of each component, if set by `choose`.
    pub(super) now: Vec<Option<usize>>,
    /// Response times of the current options.
    pub(super) stations_now: Vec<Station>,
    /// Structure of availability with the current options.
    pub(super) ups_now: Structure,
    /// Availability formula by flow.
    pub(super) forms: BTreeMap<usize, Formula>,
    /// Computed values by flow and options.
    pub(super) flow_values: BTreeMap<FlowKey, FlowValues>,
    /// Components that a flow depends on, by flow.
    pub(super) depends: BTreeMap<usize, Vec<usize>>,
    /// The demand after the loss of each cache.
    losses_of_caches: CacheLosses,
    /// Components behind each of these caches.
    behind: BTreeMap<CompId, BTreeSet<CompId>>,
}

/// A component's part in the availability of flows.
#[derive(Clone, Debug)]
struct Ready {
    up: Result<Up, Reason>,
    guards: Vec<CompId>,
}

/// Why a component's values are infeasible in a case.
#[derive(Clone, Debug)]
pub(super) enum Shortage {
    /// Capacity is exceeded; the message.
    Capacity(String),
    /// Capacity or load is unknown; the reason.
    Unknown(String),
}

/// A case before any evaluation.
struct Plan {
    what: String,
    model: Model,
    losses: BTreeMap<CompId, Vec<Loss>>,
    bound: (f64, bool),
    /// Components that a scenario removes by name.
    named: Vec<CompId>,
}

/// All cases of a design; `corners` are its models at the corners of the intervals.
pub(super) fn cases(corners: Vec<Model>, load: f64) -> Vec<Case> {
    plans(corners, load).into_iter().map(|p| Case::new(p, load)).collect()
}

/// Replaces the targets of cases that were made from the same design.
pub(super) fn retarget(cases: &mut [Case], corners: Vec<Model>, load: f64) {
    for (case, plan) in cases.iter_mut().zip(plans(corners, load)) {
        for (flow, new) in case.model.flows.iter_mut().zip(plan.model.flows) {
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
        let headroom = model.system.attrs.read(keys::HEADROOM).map_or(0.0, |h| h.mid);
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
        match model.system.attrs.read(keys::SURVIVE).unwrap_or_default() {
            Survive::Zone => {
                for lossy in model.survivals() {
                    let Some(zone) = lossy.zone else { continue };
                    let losses = open.iter().map(|id| (*id, vec![Loss::Zone(zone.clone(), true)])).collect();
                    add(format!(" without {}", lossy.what), lossy.model, losses, (1.0, false), Vec::new());
                }
            }
            Survive::Replica => {
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
            Survive::None | Survive::Region => {}
        }
        add(String::new(), model, BTreeMap::new(), bound, Vec::new());
    }
    out
}

/// The models of all cases.
pub(super) fn models_of(corners: Vec<Model>, load: f64) -> Vec<Model> {
    plans(corners, load).into_iter().map(|p| p.model).collect()
}

/// Overloaded components without variables, each with its reason. Components of `kept` must also have a node
/// left and a known utilization.
pub(super) fn overloads(corners: Vec<Model>, load: f64, kept: &[CompId]) -> Result<BTreeMap<CompId, String>, String> {
    let mut out: BTreeMap<CompId, String> = BTreeMap::new();
    for Plan { what, model, bound: (most, reached), named, .. } in plans(corners, load) {
        let demand = demand(&model, load);
        for (id, c) in model.all().filter(|(_, c)| c.holes().is_empty() && c.kind.facets.serve.is_some()) {
            if out.contains_key(&id) || named.contains(&id) {
                continue;
            }
            let keep = kept.contains(&id);
            if keep && count(c, "nodes").is_ok_and(|n| n - c.missing(&model.system) < 1.0) {
                out.insert(id, format!("it is lost{what}"));
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
                Err(e) if keep => return Err(e.to_string()),
                Err(_) => {}
            }
        }
    }
    Ok(out)
}

/// Message: a resource exceeds its limit.
fn over(binding: Option<&'static str>, x: f64, (most, reached): (f64, bool), what: &str) -> String {
    let (of, limit) = (binding.unwrap_or("capacity"), crate::units::show_ratio(most));
    let asked = if reached { format!("at most {limit}") } else { format!("below {limit}") };
    format!("its {of} would be at {}{what} (limit: {asked})", crate::units::show_ratio(x))
}

impl Case {
    fn new(plan: Plan, load: f64) -> Self {
        let Plan { what, mut model, losses, bound, .. } = plan;
        model.components.iter_mut().for_each(unbound);
        let demand = demand(&model, load);
        let n = model.components.len();
        let open = model.components.clone();
        let policies = Policies::of(&model);
        let together = policies.feed_back() || couples(&model);
        let crowds = together && model.components.iter().any(|c| c.attrs.attr(keys::POOL).is_some());
        let zones = Zones::new(&model);
        let promised = model.flows.iter().flat_map(|f| &f.slo).any(|s| s.metric.name == "availability");
        let caches = if promised { caches(&model) } else { BTreeSet::new() };
        let losses_of_caches = CacheLosses::new(&model, load, &caches);
        let behind = caches.iter().map(|id| (*id, behind(&model, *id))).collect();
        let ups = vec![Err(Reason::new(ReasonKind::NotApplicable, "not computed")); n];
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
            flow_values: BTreeMap::new(),
            depends: BTreeMap::new(),
        }
    }

    /// Whether sizes can make a flow miss a target.
    pub fn can_miss(&self, flow: usize) -> bool {
        self.together || self.model.flows.get(flow).is_some_and(|f| f.slo.iter().any(constrains))
    }

    /// Whether a component can make a flow miss a target: the flow calls it, or it is a cache in front of a
    /// component that the flow calls. If failures change rates, every component can.
    pub fn asks(&self, flow: usize, id: CompId) -> bool {
        if self.together {
            return true;
        }
        let behind = self.behind.get(&id);
        let asks = |to: CompId| to == id || behind.is_some_and(|b| b.contains(&to));
        let hops = self.demand.flows.get(flow).is_some_and(|f| f.hops.iter().any(|h| asks(h.to)));
        hops || self.model.flows.get(flow).is_some_and(|f| f.origin == id)
    }

    /// Number of flows.
    pub fn flows(&self) -> usize {
        self.model.flows.len()
    }

    /// Sets the values of a component, minus this case's losses. Returns whether anything is left.
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

    /// Whether a component has capacity with these values.
    pub fn capacity(&mut self, id: CompId, choice: &Choice) -> Result<(), Shortage> {
        if let Some(slot) = self.now.get_mut(id.0) {
            *slot = None;
        }
        let alive = self.put(id, choice);
        if !alive {
            return Err(Shortage::Capacity(format!("it is lost{}", self.what)));
        }
        let mut u = utilization(&self.model, &self.demand, id);
        if u.resources.get("connections").is_some_and(|r| r.utilization.is_err()) {
            // Pools of callers with open sizes: evaluated with the whole choice.
            u = u.but("connections");
        }
        match u.utilization {
            Err(e) => Err(Shortage::Unknown(e.to_string())),
            Ok(x) if x < self.bound.0 || self.bound.1 && x <= self.bound.0 + 1e-9 => {
                match too_small(&self.model, &self.demand, id) {
                    Some(why) => Err(Shortage::Capacity(format!("{why}{}", self.what))),
                    None => Ok(()),
                }
            }
            Ok(x) => Err(Shortage::Capacity(over(u.binding, x, self.bound, &self.what))),
        }
    }

    /// Sets the options of open components, each by index and values.
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

    /// Stores response time and availability of a component under its option.
    fn learn(&mut self, id: CompId, option: usize) {
        let s = station(&self.model, &self.demand, id, None);
        let up = self.ready(id);
        if let (Some(stations), Some(ups)) = (self.stations.get_mut(id.0), self.up.get_mut(id.0)) {
            stations.insert(option, s);
            ups.insert(option, up);
        }
    }

    /// Makes the stored values of an option current.
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

    /// Availability of a component with its current values.
    fn ready(&self, id: CompId) -> Ready {
        let c = self.model.component(id);
        let up = if c.kind.facets.misses {
            any_node_up(&self.model, &self.ups_now.zones, c)
        } else {
            component_up(&self.model, &self.ups_now.zones, c, &utilization(&self.model, &self.demand, id))
        };
        Ready { up, guards: self.losses_of_caches.guards(&self.model, id) }
    }

    /// Fills in the components that no choice changes.
    pub fn settle(&mut self, open: &[CompId]) {
        self.now.fill(None);
        self.flow_values.clear();
        self.depends.clear();
        for i in (0..self.model.components.len()).map(CompId).filter(|i| !open.contains(i)) {
            self.learn(i, 0);
            self.take(i, 0);
            // An overloaded component needs every cache that it would need with capacity.
            for cache in self.ups_now.guards.get(&i).into_iter().flatten() {
                self.behind.entry(*cache).or_default().insert(i);
            }
        }
    }
}

/// Sets open `partitions` to the most: they are chosen after their consumers.
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

/// Components whose load may grow if a cache is lost: those that its misses reach.
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
