//! Limits: the load multiple at which each target is first missed, and each component saturates.
//!
//! In: a model, its facts at a load. Out: multiples of that load, each with a reason as text. A
//! percentile is missed if `P(T > target)` exceeds its tail, a mean if it exceeds the target: one
//! transform inversion a step, no quantile. The search goes from one saturation of the
//! flow's components to the next, then narrows to [`PRECISION`] (Chandrupatla 1997).
//! Intervals are at midpoint. Never: a verdict; a multiple of a target whose value
//! is unknown.

use crate::analysis::capacity::autoscale::followed;
use crate::analysis::capacity::utilization::utilization;
use crate::analysis::facts::Facts;
use crate::analysis::faults::availability::availability;
use crate::analysis::ground::known::Known;
use crate::analysis::ground::time_value::{Measure, Timed};
use crate::analysis::load::call_policy::Policies;
use crate::analysis::load::demand::{Demand, demand};
use crate::analysis::money::cost;
use crate::analysis::steady::feedback::couples;
use crate::analysis::time::latency::{FlowLatency, latency_of};
use crate::analysis::time::stations::{Station, station};
use crate::analysis::time::visit::Visit;
use crate::analysis::verdicts::loads::Loads;
use crate::analysis::verdicts::saturation::saturations;
use crate::analysis::verdicts::slo::value;
use crate::analysis::verdicts::violation::{is_latency, of_time, of_value, violation};
use crate::kinds::MetricType;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{CompId, FlowId, Model, Slo};
use crate::theory::numeric::find_root_within;
use crate::units::{show_money, show_nines, show_ratio, show_time};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Relative precision of a multiple.
pub const PRECISION: f64 = 2e-4;
/// Largest number of components for which every target is searched; above it, only the next limits.
pub const MAX_COMPONENTS: usize = 100;
/// Number of next limits that are listed.
pub const NEXT: usize = 3;
/// Search bound: this times the multiple of the last saturation.
const MOST: f64 = 1024.0;
/// The smallest multiple that is tried.
const LEAST: f64 = 1e-4;

/// The load multiple at which a target is first missed.
#[derive(Clone, Debug, PartialEq)]
pub enum At {
    /// At this multiple of the load; 0 if it is missed at any load.
    Known(f64),
    /// Met at every load.
    Never,
    /// The reason why it is unknown.
    Unknown(Reason),
}

/// What a limit belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Limited {
    /// A target of a flow: the flow, the metric.
    Target(String, &'static str),
    /// A resource of a component: the component, the resource.
    Resource(String, &'static str),
}

/// As `flow browse p99` or `component catalog cpu`.
impl std::fmt::Display for Limited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Target(flow, metric) => write!(f, "flow {flow} {metric}"),
            Self::Resource(component, resource) => write!(f, "component {component} {resource}"),
        }
    }
}

/// One of the next limits.
#[derive(Clone, Debug)]
pub struct Next {
    /// The target or resource.
    pub what: Limited,
    /// The multiple of the load.
    pub at: f64,
    /// The reason, as text.
    pub why: String,
}

/// The limits of a design.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// By flow, in the order of its targets.
    pub slo: Vec<Vec<At>>,
    /// By flow: the limit of the first of its targets to be missed.
    pub flows: Vec<At>,
    /// By component: the saturation multiple, infinite if it never saturates.
    pub saturates: Vec<Known>,
    /// The next limits, lowest multiple first.
    pub next: Vec<Next>,
}

impl Limits {
    /// The component with the lowest saturation multiple, and that multiple. Ties go to the first
    /// declared.
    #[must_use]
    pub fn bottleneck(&self) -> Option<(CompId, f64)> {
        let known = self.saturates.iter().enumerate().filter_map(|(i, at)| Some((CompId(i), *at.as_ref().ok()?)));
        known.filter(|(_, at)| at.is_finite()).min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// The limits of a model whose facts at `load` are given.
#[must_use]
pub fn limits(model: &Model, facts: &Facts, load: f64) -> Limits {
    let policies = Policies::of(model);
    let coupled = policies.feed_back() || couples(model);
    let loads = coupled.then(|| Loads::new(model, facts, load));
    let saturation = saturations(model, facts, load, loads.as_ref());
    let search = Search { model, facts, load, policies, loads: loads.as_ref(), saturation: &saturation };
    let all = || {
        let flows = model.flows.iter().enumerate();
        flows.flat_map(|(i, f)| f.slo.iter().enumerate().map(move |(k, s)| Target { flow: i, index: k, slo: s }))
    };
    let mut out = Limits { slo: model.flows.iter().map(|_| Vec::new()).collect(), ..Limits::default() };
    let few = model.components.len() <= MAX_COMPONENTS || coupled;
    let wanted: Vec<Target> = if few { all().collect() } else { search.candidates(&all().collect::<Vec<_>>()) };
    let mut found: Vec<(Target, f64)> = Vec::new();
    for target in all() {
        let at = if wanted.iter().any(|w| (w.flow, w.index) == (target.flow, target.index)) {
            search.find(&target)
        } else {
            let many = format!("it is not among the next {NEXT}, and a design of more than {MAX_COMPONENTS}");
            At::Unknown(Reason::new(ReasonKind::TooLarge, format!("{many} components is searched for these alone")))
        };
        if let At::Known(x) = at {
            found.push((target, x));
        }
        if let Some(list) = out.slo.get_mut(target.flow) {
            list.push(at);
        }
    }
    out.saturates.clone_from(&saturation);
    out.flows = out.slo.iter().map(|list| first(list)).collect();
    out.next = search.next(found);
    out
}

/// The lowest known multiple; without one, unknown if any is unknown.
fn first(all: &[At]) -> At {
    let known = all.iter().filter_map(|a| if let At::Known(x) = a { Some(*x) } else { None }).reduce(f64::min);
    let lack = all.iter().find(|a| matches!(a, At::Unknown(_)));
    match (known, lack) {
        (Some(x), _) => At::Known(x),
        (None, Some(lack)) => lack.clone(),
        (None, None) if all.is_empty() => At::Unknown(Reason::new(ReasonKind::NotApplicable, "it has no target")),
        (None, None) => At::Never,
    }
}

/// One target of one flow.
#[derive(Clone, Copy)]
struct Target<'a> {
    flow: usize,
    index: usize,
    slo: &'a Slo,
}

/// The search for the limits of all targets.
struct Search<'a> {
    model: &'a Model,
    facts: &'a Facts,
    load: f64,
    policies: Policies,
    /// If rates depend on times: memoized analyses, each a fixed point of the whole design.
    loads: Option<&'a Loads<'a>>,
    /// By component: the saturation multiple.
    saturation: &'a [Known],
}

impl<'a> Search<'a> {
    /// Saturation multiples of the flow's components, in ascending order.
    fn saturations(&self, flow: usize) -> Vec<f64> {
        let mut all: Vec<f64> = self
            .components(flow)
            .into_iter()
            .filter_map(|id| self.saturation.get(id.0)?.as_ref().ok().copied())
            .filter(|at| *at > 0.0 && at.is_finite())
            .collect();
        all.sort_by(f64::total_cmp);
        all.dedup();
        all
    }

    /// The components that a flow calls, and its origin.
    fn components(&self, flow: usize) -> BTreeSet<CompId> {
        let origin = self.model.flows.get(flow).map(|f| f.origin);
        let hops = self.facts.demand.flows.get(flow).map_or(&[][..], |d| d.hops.as_slice());
        hops.iter().map(|h| h.to).chain(origin).collect()
    }

    /// The design at a load, with autoscaled replicas at their count for it.
    fn model_at(&self, load: f64) -> Cow<'a, Model> {
        let follows = !self.facts.scaling.is_empty();
        if follows { Cow::Owned(followed(self.model.clone(), load)) } else { Cow::Borrowed(self.model) }
    }

    /// The facts that a target's metric requires, at a multiple of the load.
    fn at(&self, target: &Target, multiple: f64) -> Result<Rc<Facts>, Reason> {
        let load = self.load * multiple;
        let name = target.slo.metric.name;
        if name == "cost" {
            let model = &*self.model_at(load);
            let mut facts = Facts::loads(model, load);
            facts.cost = cost(model, &facts.demand);
            return Ok(Rc::new(facts));
        }
        if let Some(loads) = self.loads {
            return loads.works(multiple);
        }
        let model = &*self.model_at(load);
        // Failed requests count against availability.
        let of = BTreeSet::from([target.flow]);
        Ok(Rc::new(if name == "availability" {
            self.facts_without_feedback(model, load, &of)
        } else {
            Facts::works(model, load)
        }))
    }

    /// The response time of a flow at a multiple of the load.
    fn time(&self, flow: usize, multiple: f64) -> Result<Timed, Reason> {
        if let Some(loads) = self.loads {
            let facts = loads.works(multiple)?;
            return facts
                .latency
                .get(flow)
                .map(|l| l.time.clone())
                .ok_or_else(|| Reason::new(ReasonKind::Lost, "the flow is gone"));
        }
        let load = self.load * multiple;
        let model = &*self.model_at(load);
        let demand = demand(model, load);
        let stations = Self::stations(model, &demand, &self.components(flow));
        Ok(latency_of(model, &demand.hits, FlowId(flow), &stations, &self.policies).0)
    }

    /// The stations of the components in `used`; empty stations for the others.
    fn stations(model: &Model, demand: &Demand, used: &BTreeSet<CompId>) -> Vec<Station> {
        let one = |id: CompId| if used.contains(&id) { station(model, demand, id, None) } else { Station::none() };
        model.all().map(|(id, _)| one(id)).collect()
    }

    /// The facts of `flows`, if no rate depends on a time.
    fn facts_without_feedback(&self, model: &Model, load: f64, flows: &BTreeSet<usize>) -> Facts {
        let mut facts = Facts::loads(model, load);
        let used = flows.iter().flat_map(|f| self.components(*f)).collect();
        facts.stations = Self::stations(model, &facts.demand, &used);
        facts.availability = availability(model, &facts.utilization, load);
        facts.lag = crate::analysis::lags(model, &facts.demand, &facts.stations);
        let of = |f: usize| {
            if flows.contains(&f) {
                latency_of(model, &facts.demand.hits, FlowId(f), &facts.stations, &self.policies)
            } else {
                (Timed::zero(), Ok(0.0))
            }
        };
        facts.latency = (0..model.flows.len()).map(of).map(FlowLatency::of).collect();
        facts
    }

    /// The violation of a target (positive if missed) at a multiple, smooth in the load.
    fn violation(&self, target: &Target, multiple: f64) -> Result<f64, Reason> {
        if is_latency(target.slo) {
            return of_time(target.slo, &self.time(target.flow, multiple)?);
        }
        of_value(target.slo, &value(&*self.at(target, multiple)?, target.flow, target.slo))
    }

    /// The smallest multiple at which a target is missed.
    fn find(&self, target: &Target) -> At {
        if crate::analysis::consistency::needs(target.slo.metric.name) {
            return At::Unknown(Reason::new(ReasonKind::NotApplicable, "the load does not change it"));
        }
        let now = match violation(self.facts, target.flow, target.slo) {
            Ok(x) => x,
            Err(e) => return At::Unknown(e),
        };
        let saturations = self.saturations(target.flow);
        if now > 0.0 {
            return match self.violation(target, LEAST) {
                Ok(x) if x > 0.0 => At::Known(0.0),
                Ok(_) => self.narrow(target, LEAST, saturations.first().map_or(1.0, |s| s.min(1.0))),
                Err(e) => At::Unknown(e),
            };
        }
        let mut met = 1.0;
        for s in self.multiples_to_try(saturations) {
            // Just below the saturation, since the value may be unknown above it, and just above.
            let before = s * (1.0 - 1e-9);
            let sides: &[f64] = if is_latency(target.slo) { &[s] } else { &[before, s * (1.0 + 1e-9)] };
            for side in sides {
                match self.violation(target, *side) {
                    Ok(x) if x > 0.0 => return self.narrow(target, met, *side),
                    Ok(_) => met = *side,
                    Err(e) => {
                        let most = crate::units::significant(met, 3);
                        return At::Unknown(Reason::new(
                            ReasonKind::Contradiction,
                            format!("it is met up to {most}x this load; past that, {e}"),
                        ));
                    }
                }
            }
        }
        At::Never
    }

    /// The multiples to try: saturations above 1, then the search bound.
    fn multiples_to_try(&self, saturations: Vec<f64>) -> Vec<f64> {
        let far = saturations.last().copied().unwrap_or(1.0).max(1.0) * MOST;
        let mut all: Vec<f64> = saturations.into_iter().filter(|s| *s > 1.0).chain([far]).collect();
        if self.loads.is_some() {
            // Doubling steps: past a collapse all values are unknown.
            all.extend(std::iter::successors(Some(2.0), |x| Some(x * 2.0)).take_while(|x| *x < far));
            all.sort_by(f64::total_cmp);
        }
        all
    }

    /// Narrows the multiple between one where the target is met and one where it is missed.
    fn narrow(&self, target: &Target, met: f64, missed: f64) -> At {
        let mut lack = None;
        let violation = |m: f64| match self.violation(target, m) {
            // A value equal to its target counts as met.
            Ok(x) if x <= 0.0 => x.min(-1e-12),
            Ok(x) => x,
            Err(e) => {
                lack = Some(e);
                f64::NAN
            }
        };
        let root = find_root_within(violation, met, missed, PRECISION);
        root.map_or_else(
            || {
                At::Unknown(
                    lack.unwrap_or_else(|| Reason::new(ReasonKind::Contradiction, "its value jumps with the load")),
                )
            },
            At::Known,
        )
    }

    /// The targets that can be among the next limits: those missed at a multiple at which at least
    /// [`NEXT`] limits are passed. Bisection makes that multiple small.
    fn candidates(&self, all: &[Target<'a>]) -> Vec<Target<'a>> {
        let mut saturation: Vec<f64> = self.saturated().into_iter().map(|(_, at)| at).collect();
        saturation.sort_by(f64::total_cmp);
        let mut high = saturation.get(NEXT - 1).copied().unwrap_or(MOST);
        let mut missed = self.missed_at(all, high);
        let mut low = LEAST;
        for _ in 0..10 {
            if missed.len() <= 2 * NEXT || high / low < 1.0 + 1e-3 {
                break;
            }
            let middle = if low <= LEAST { high / 2.0 } else { (low * high).sqrt() };
            let fewer = self.missed_at(&missed, middle);
            if fewer.len() >= NEXT {
                (high, missed) = (middle, fewer);
            } else {
                low = middle;
            }
        }
        missed.truncate(4 * NEXT);
        missed
    }

    /// The targets in `some` that are missed at a multiple of the load, from one evaluation.
    fn missed_at(&self, some: &[Target<'a>], multiple: f64) -> Vec<Target<'a>> {
        let load = self.load * multiple;
        let model = &*self.model_at(load);
        let mut facts = self.facts_without_feedback(model, load, &some.iter().map(|t| t.flow).collect());
        facts.cost = cost(model, &facts.demand);
        let missed = |t: &&Target| {
            let violation = match facts.latency.get(t.flow) {
                Some(l) if is_latency(t.slo) => of_time(t.slo, &l.time),
                _ => of_value(t.slo, &value(&facts, t.flow, t.slo)),
            };
            violation.is_ok_and(|x| x > 0.0)
        };
        some.iter().filter(missed).copied().collect()
    }

    /// Components with a finite saturation multiple, and that multiple.
    fn saturated(&self) -> Vec<(CompId, f64)> {
        let each = self.saturation.iter().enumerate();
        each.filter_map(|(i, at)| Some((CompId(i), at.as_ref().ok().copied().filter(|at| at.is_finite())?))).collect()
    }

    /// The next limits, from the targets found and the components.
    fn next(&self, targets: Vec<(Target, f64)>) -> Vec<Next> {
        enum Thing<'a> {
            Flow(Target<'a>),
            Component(CompId),
        }
        let mut all: Vec<(f64, Thing)> = targets.into_iter().map(|(t, at)| (at, Thing::Flow(t))).collect();
        all.extend(self.saturated().into_iter().map(|(id, at)| (at, Thing::Component(id))));
        // Ties go to flows, then to the first declared.
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        all.truncate(NEXT);
        let words = |(at, thing): (f64, Thing)| match thing {
            Thing::Flow(t) => {
                let flow = self.model.flows.get(t.flow).map_or("", |f| f.name.as_str());
                Next { what: Limited::Target(flow.to_owned(), t.slo.metric.name), at, why: self.why(&t, at) }
            }
            Thing::Component(id) => {
                let name = &self.model.component(id).name;
                let of = self.facts.utilization.get(id.0).and_then(|u| u.binding).unwrap_or("capacity");
                let used = self.facts.utilization.get(id.0).and_then(|u| u.utilization.clone().ok());
                let used = show_ratio(used.unwrap_or(1.0 / at));
                let why = match () {
                    () if at <= 0.0 => format!("`{name}` is lost"),
                    () if at < 1.0 => format!("it is at {used} of its {of}"),
                    () => format!("it runs out of {of}: this load takes {used} of it"),
                };
                Next { what: Limited::Resource(name.clone(), of), at, why }
            }
        };
        all.into_iter().map(words).collect()
    }

    /// The reason why a target is missed at a multiple, as text.
    fn why(&self, target: &Target, at: f64) -> String {
        let slo = target.slo;
        let bound = match slo.metric.ty {
            MetricType::Time => show_time(slo.target),
            MetricType::RatioAtLeast => show_nines(slo.target),
            MetricType::Cost => format!("{} per 1k", show_money(slo.target * 1000.0)),
            _ => show_ratio(slo.target),
        };
        let passes = if slo.metric.ty == MetricType::RatioAtLeast { "falls below" } else { "passes" };
        if at <= 0.0 {
            return format!("it misses {bound} at any load");
        }
        let so = format!("it {passes} {bound}");
        match self.limiting_queue(target.flow, at) {
            Some((id, used)) if is_latency(slo) => {
                let name = &self.model.component(id).name;
                let of = self.facts.utilization.get(id.0).and_then(|u| u.binding).unwrap_or("capacity");
                let verb = if at < 1.0 { "is" } else { "grows" };
                let long = if at < 1.0 { "too long" } else { "" };
                let verb = format!("{verb} {long}").trim_end().to_owned();
                format!("{so} as the queue of `{name}` {verb}: `{name}` is at {} of its {of} then", show_ratio(used))
            }
            _ => so,
        }
    }

    /// The component whose queueing adds most to a flow's mean at that multiple, and its utilization there.
    fn limiting_queue(&self, flow: usize, at: f64) -> Option<(CompId, f64)> {
        let load = self.load * at * (1.0 - PRECISION);
        let model = &*self.model_at(load);
        let low = demand(model, self.load * LEAST);
        let high = match self.loads {
            Some(loads) => loads.works(at * (1.0 - PRECISION)).ok()?.demand.clone(),
            None => demand(model, load),
        };
        let mut sums: std::collections::BTreeMap<CompId, f64> = std::collections::BTreeMap::new();
        for hop in self.facts.demand.flows.get(flow)?.hops.iter().filter(|h| !h.is_async) {
            let mean = |d: &Demand| {
                let s = station(model, d, hop.to, None);
                match s.visit(model, hop.to, &Visit::of(hop)).measure("mean") {
                    Measure::Known(x) => x,
                    Measure::Unbounded(_) => f64::MAX,
                    Measure::Unknown(_) => 0.0,
                }
            };
            let visits = hop.visits.as_ref().map_or(0.0, |v| *v);
            *sums.entry(hop.to).or_default() += (mean(&high) - mean(&low)) * visits;
        }
        let mut most: Option<(CompId, f64)> = None;
        for (id, sum) in sums {
            if sum > 0.0 && most.is_none_or(|(_, best)| sum > best) {
                most = Some((id, sum));
            }
        }
        let (id, _) = most?;
        let used = utilization(model, &high, id).utilization.ok()?;
        Some((id, used.min(1.0)))
    }
}
