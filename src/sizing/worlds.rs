//! The worlds that sizes must hold in, and the check of one flow in one of them.
//!
//! In: the design at each corner of its intervals, as it is, with each loss of
//! `survive`, and in each scenario. Out: whether a component has capacity there with
//! given values, and whether a flow meets its targets. Rates do not depend on sizes, so
//! they are computed once a world, and response times are kept by component and option. Where
//! failures feed back into rates they do: then each choice is settled as a whole, and a flow
//! also misses what its retries overload.

use crate::analysis::{
    CacheLosses, Demand, Facts, Known, Measure, Policies, Station, Structure, Timed, Up, Zones, any_node_up, caches,
    component_up, couples, demand, followed, lag_of, latency_of, station, too_small, utilization, value,
};
use crate::kinds::MetricType;
use crate::model::{Choice, CompId, Component, Fault, FlowId, Hole, Left, Model, Origin, Place, Slo};
use std::collections::BTreeMap;

/// A load so small that nothing queues.
const QUIET: f64 = 1e-9;
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
    model: Model,
    /// Its components before anything is chosen.
    open: Vec<Component>,
    demand: Demand,
    /// By how much all rates are multiplied.
    load: f64,
    /// How its calls are tried.
    policies: Policies,
    /// Whether sizes are judged together: what some have changes what others are asked.
    together: bool,
    /// The last choice that was settled, and what it came to.
    settled: Option<(BTreeMap<CompId, usize>, Facts)>,
    losses: BTreeMap<CompId, Vec<Loss>>,
    /// Highest utilisation, and whether it may be reached.
    bound: (f64, bool),
    /// Response times by component and option.
    stations: Vec<BTreeMap<usize, Station>>,
    /// Availability by component and option, with the caches that it cannot do without.
    up: Vec<BTreeMap<usize, Ready>>,
    /// The states of the zones.
    zones: Zones,
    /// The demand without each cache of flows that promise availability.
    losses_of_caches: CacheLosses,
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

/// All worlds of a design: `at` are its models at the corners of the intervals.
pub(super) fn worlds(corners: Vec<Model>, load: f64) -> Vec<World> {
    let mut out = Vec::new();
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
                    Fault::Place(Place::Zone(z)) => {
                        (open.clone(), Loss::Zone(z.rsplit('.').next().unwrap_or(z).to_owned(), false))
                    }
                    Fault::Replicas(id, Some(n)) => (vec![*id], Loss::Pieces(*n)),
                    Fault::Primary(id) => (vec![*id], Loss::Pieces(1.0)),
                    Fault::Place(_) | Fault::Replicas(_, None) => continue,
                };
                ids.into_iter()
                    .filter(|id| open.contains(id))
                    .for_each(|id| losses.entry(id).or_default().push(loss.clone()));
            }
            out.push(World::new(format!(" in scenario `{}`", s.name), lossy.model, losses, (1.0, false), load));
        }
        match model.system.attrs.word("survive").unwrap_or("none") {
            "zone" => {
                for lossy in model.survivals() {
                    let zone = lossy.what.trim_start_matches("zone ").to_owned();
                    let losses = open.iter().map(|id| (*id, vec![Loss::Zone(zone.clone(), true)])).collect();
                    out.push(World::new(format!(" without {}", lossy.what), lossy.model, losses, (1.0, false), load));
                }
            }
            "replica" => {
                for lossy in model.survivals() {
                    let what = format!(" without {}", lossy.what);
                    out.push(World::new(what, lossy.model, BTreeMap::new(), (1.0, false), load));
                }
                for id in &open {
                    let what = format!(" without one replica of `{}`", model.component(*id).name);
                    let losses = BTreeMap::from([(*id, vec![Loss::Pieces(1.0)])]);
                    let mut without = model.clone();
                    without.scenarios.clear();
                    out.push(World::new(what, without, losses, (1.0, false), load));
                }
            }
            _ => {}
        }
        out.push(World::new(String::new(), model, BTreeMap::new(), bound, load));
    }
    out
}

impl World {
    fn new(what: String, model: Model, losses: BTreeMap<CompId, Vec<Loss>>, bound: (f64, bool), load: f64) -> Self {
        let mut model = model;
        model.components.iter_mut().for_each(unbound);
        let demand = demand(&model, load);
        let n = model.components.len();
        let open = model.components.clone();
        let policies = Policies::of(&model);
        let together = policies.feed_back() || couples(&model);
        let zones = Zones::new(&model);
        let promised = model.flows.iter().flat_map(|f| &f.slo).any(|s| s.metric.name == "availability");
        let caches = if promised { caches(&model) } else { std::collections::BTreeSet::new() };
        let losses_of_caches = CacheLosses::new(&model, load, &caches);
        Self {
            zones,
            losses_of_caches,
            what,
            model,
            open,
            demand,
            load,
            policies,
            together,
            settled: None,
            losses,
            bound,
            stations: vec![BTreeMap::new(); n],
            up: vec![BTreeMap::new(); n],
        }
    }

    /// Whether sizes can make a flow miss something.
    pub fn can_miss(&self, flow: usize) -> bool {
        self.together || !self.targets(flow).is_empty()
    }

    /// Whether a component can make a flow miss something: it asks it, or may need a cache that
    /// spares what it asks. Where failures change rates, any can: its callers' retries meet
    /// what they share with the flow.
    pub fn asks(&self, flow: usize, id: CompId) -> bool {
        if self.together || self.losses_of_caches.has(id) {
            return true;
        }
        let hops = self.demand.flows.get(flow).is_some_and(|f| f.hops.iter().any(|h| h.to == id));
        hops || self.model.flows.get(flow).is_some_and(|f| f.origin == id)
    }

    /// Its flows.
    pub fn flows(&self) -> usize {
        self.model.flows.len()
    }

    /// Puts values in, with what this world takes away.
    fn put(&mut self, id: CompId, choice: &Choice) -> bool {
        let zones = self.model.system.zones.clone();
        let Some(mut c) = self.open.get(id.0).cloned() else { return true };
        if self.losses.contains_key(&id) {
            // What is lost depends on the values, and is counted anew.
            c.lost = 0.0;
        }
        c.fill(choice, &Origin::Solved);
        let mut alive = true;
        for loss in self.losses.get(&id).into_iter().flatten() {
            let left = match loss {
                Loss::Zone(z, worst) => c.lose_zone(z, &zones, *worst),
                Loss::Pieces(n) => c.lose(*n),
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
            Ok(x) => {
                let of = u.binding.unwrap_or("capacity");
                let most = crate::units::show_ratio(self.bound.0);
                let asked =
                    if self.bound.1 { format!("{most} is the most") } else { format!("less than {most} is asked") };
                Err(Short::Capacity(format!(
                    "its {of} would be at {}{}, and {asked}",
                    crate::units::show_ratio(x),
                    self.what
                )))
            }
        }
    }

    /// Chooses for every open component: option index and values.
    pub fn choose(&mut self, all: &[(CompId, usize, &Choice)]) {
        for (id, option, choice) in all {
            self.put(*id, choice);
            if self.together {
                continue;
            }
            let known = self.stations.get(id.0).is_some_and(|s| s.contains_key(option));
            if !known {
                let s = station(&self.model, &self.demand, *id, None);
                let up = self.ready(*id);
                if let (Some(stations), Some(ups)) = (self.stations.get_mut(id.0), self.up.get_mut(id.0)) {
                    stations.insert(*option, s);
                    ups.insert(*option, up);
                }
            }
        }
    }

    /// The availability of a component as it is chosen.
    fn ready(&self, id: CompId) -> Ready {
        let c = self.model.component(id);
        let up = if c.kind.facets.misses {
            any_node_up(&self.model, &self.zones, c)
        } else {
            component_up(&self.model, &self.zones, c, &utilization(&self.model, &self.demand, id))
        };
        Ready { up, guards: self.losses_of_caches.guards(&self.model, id) }
    }

    /// Fills in what no choice changes.
    pub fn settle(&mut self, open: &[CompId]) {
        for i in 0..self.model.components.len() {
            if open.contains(&CompId(i)) {
                continue;
            }
            let s = station(&self.model, &self.demand, CompId(i), None);
            let up = self.ready(CompId(i));
            if let (Some(stations), Some(ups)) = (self.stations.get_mut(i), self.up.get_mut(i)) {
                stations.insert(0, s);
                ups.insert(0, up);
            }
        }
    }

    /// Targets of a flow that sizes can change.
    pub fn targets(&self, flow: usize) -> Vec<Slo> {
        let all = self.model.flows.get(flow).map(|f| f.slo.clone()).unwrap_or_default();
        all.into_iter().filter(constrains).collect()
    }

    /// The first target of a flow that the chosen values miss, in words; what is unknown is not missed.
    pub fn misses(&mut self, flow: usize, chosen: &BTreeMap<CompId, usize>) -> Option<String> {
        if self.together {
            return self.misses_settled(flow, chosen);
        }
        let targets = self.targets(flow);
        let option = |i: usize| chosen.get(&CompId(i)).copied().unwrap_or(0);
        let mut both: Option<(Timed, Known)> = None;
        for slo in &targets {
            let stations = || -> Vec<Station> {
                let each = self.stations.iter().enumerate();
                each.map(|(i, s)| s.get(&option(i)).cloned().unwrap_or_else(Station::none)).collect()
            };
            let (time, errors) = both.get_or_insert_with(|| {
                latency_of(&self.model, &self.demand.hits, FlowId(flow), &stations(), &self.policies)
            });
            let value = match slo.metric.name {
                "lag" => {
                    let Some(lag) = lag_of(&self.model, &self.demand, &stations(), &self.policies, FlowId(flow)) else {
                        continue;
                    };
                    lag.time.measure("p99")
                }
                "errors" => Measure::from(&*errors),
                "availability" => {
                    let mut now = Structure { zones: self.zones.clone(), ups: Vec::new(), guards: BTreeMap::new() };
                    for (i, u) in self.up.iter().enumerate() {
                        let ready = u.get(&option(i));
                        now.ups.push(ready.map_or_else(|| Err("not computed".to_owned()), |r| r.up.clone()));
                        if let Some(r) = ready.filter(|r| !r.guards.is_empty()) {
                            now.guards.insert(CompId(i), r.guards.clone());
                        }
                    }
                    let up = now.availability(&self.model, self.model.flow(FlowId(flow)));
                    Measure::from(&up.and_then(|a| errors.clone().map(|e| a * (1.0 - e))))
                }
                name => time.measure(name),
            };
            if let Some(why) = self.missed(flow, slo, &value) {
                return Some(why);
            }
        }
        None
    }

    /// The same where every choice has rates of its own.
    fn misses_settled(&mut self, flow: usize, chosen: &BTreeMap<CompId, usize>) -> Option<String> {
        if self.settled.as_ref().is_none_or(|(of, _)| of != chosen) {
            self.settled = Some((chosen.clone(), Facts::works(&self.model, self.load)));
        }
        let (_, facts) = self.settled.as_ref()?;
        let hops = facts.demand.flows.get(flow).into_iter().flat_map(|f| &f.hops);
        let used = hops.filter_map(|h| Some((h.to, facts.utilization.get(h.to.0)?)));
        for (id, u) in used {
            let Ok(x) = u.utilization else { continue };
            if x < self.bound.0 || self.bound.1 && x <= self.bound.0 + 1e-9 {
                continue;
            }
            let (name, of) = (&self.model.component(id).name, u.binding.unwrap_or("capacity"));
            let at = crate::units::show_ratio(x);
            return Some(format!("the {of} of `{name}` would be at {at} with all that is asked of it{}", self.what));
        }
        self.targets(flow).iter().find_map(|slo| self.missed(flow, slo, &value(facts, flow, slo)))
    }

    /// That a target is missed, in words.
    fn missed(&self, flow: usize, slo: &Slo, value: &Measure) -> Option<String> {
        if crate::analysis::met(slo, value) != Some(false) {
            return None;
        }
        let (name, f) = (slo.metric.name, self.model.flows.get(flow)?);
        Some(match value {
            Measure::Known(x) => format!(
                "{name} of flow `{}` would be {}{}, and {} is asked",
                f.name,
                shown(slo, *x),
                self.what,
                shown(slo, slo.target)
            ),
            _ => format!("{name} of flow `{}` would have no bound{}", f.name, self.what),
        })
    }

    /// Of the first time of a flow that is missed even without any queue: what network and
    /// service alone take. The chosen values stand.
    pub fn without_queues(&self, flow: usize) -> Option<String> {
        let quiet = demand(&self.model, QUIET);
        let stations: Vec<Station> = self.model.all().map(|(id, _)| station(&self.model, &quiet, id, None)).collect();
        let (time, _) = latency_of(&self.model, &quiet.hits, FlowId(flow), &stations, &self.policies);
        let nothing: Vec<Station> = self.model.all().map(|_| Station::none()).collect();
        let (network, _) = latency_of(&self.model, &quiet.hits, FlowId(flow), &nothing, &self.policies);
        self.targets(flow).iter().filter(|s| is_latency(s)).find_map(|slo| {
            let Measure::Known(least) = time.measure(slo.metric.name) else { return None };
            if least <= slo.target {
                return None;
            }
            let trips = match network.measure(slo.metric.name) {
                Measure::Known(x) if x > 0.0 => format!(" ({} of it network and waits)", shown(slo, x)),
                _ => String::new(),
            };
            Some(format!("; network and service alone, without any queue, take {}{trips}", shown(slo, least)))
        })
    }
}

/// Whether sizes are chosen so that a target is met.
pub(super) fn constrains(slo: &Slo) -> bool {
    is_latency(slo) || ["availability", "errors", "lag"].contains(&slo.metric.name)
}

/// Partitions that are open: as many as may be, for they are chosen after the slots they feed.
fn unbound(c: &mut Component) {
    let open = c.holes().into_iter().find(|(name, _)| *name == "partitions");
    if let Some((name, hole)) = open {
        let most = if let Hole::Between(_, most) = hole { most } else { MAX_PARTITIONS };
        c.set_count(name, most, &Origin::Solved);
    }
}

fn is_latency(slo: &Slo) -> bool {
    crate::analysis::LATENCY_METRICS.contains(&slo.metric.name)
}

fn shown(slo: &Slo, x: f64) -> String {
    match slo.metric.ty {
        MetricType::Time => crate::units::show_time(x),
        MetricType::RatioAtMost => crate::units::show_ratio(x),
        _ => crate::units::show_nines(x),
    }
}
