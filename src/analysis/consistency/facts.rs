//! Consistency facts of a design: guarantees of flows, labels and outcomes of stores, outcomes of flows.
//!
//! In: the model, its numbers. Out: [`Consistency`], and the values of the targets `consistency`
//! (number of missing properties), `staleness` and `rpo`. Never: a verdict.

use super::copies::Answer;
use super::guarantee::named_model;
use super::guarantee::strongest;
use super::labels::StoreFacts;
use super::labels::store_facts;
use super::outcome::Broken;
use super::outcome::Ground;
use super::outcome::pieces;
use super::outcome::stores;
use super::patterns::Patterns;
use super::patterns::patterns;
use super::sides::PartitionCase;
use super::sides::links;
use super::sides::losses;
use super::sides::sides;
use super::timeline::breaks_after;
use super::typing::Guarantee;
use super::typing::Shared;
use crate::analysis::facts::Facts;
use crate::analysis::ground::time_value::Measure;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{CompId, FlowId, Locations, Model, Slo};
use crate::resource::{Acks, Replication};
use std::collections::{BTreeMap, BTreeSet};

/// The outcome of a flow under one network failure.
#[derive(Clone, Debug)]
pub struct FlowRow {
    /// The network failure.
    pub at: PartitionCase,
    /// The answer to clients on that side, or the missing attribute that decides it.
    pub answer: Result<Answer, Reason>,
    /// Reasons for any outcome other than normal, as text.
    pub why: Vec<String>,
    /// Transient behavior before the steady state, as text.
    pub first: Vec<String>,
    /// Seconds until its staleness target is missed, if it answers stale data. Assumes typical
    /// replica lag when the partition begins.
    pub violated_after: Option<f64>,
}

/// Consistency of a whole design.
#[derive(Clone, Debug, Default)]
pub struct Consistency {
    /// Guarantees by flow.
    pub flows: Vec<Option<Guarantee>>,
    /// Outcomes by flow: on each side, without each zone, and with cut links if these change it.
    pub rows: Vec<Vec<FlowRow>>,
    /// Labels and outcomes of stores and queues.
    pub stores: Vec<StoreFacts>,
    /// The zones and regions.
    pub places: Locations,
}

/// Computes the consistency facts of a design, at `load` times the load.
#[must_use]
pub fn consistency(model: &Model, facts: &Facts, load: f64) -> Consistency {
    let calls = patterns(model);
    let flows = guarantees(model, &calls);
    let used = used(model, &calls);
    let labelled = model
        .all()
        .filter(|(_, c)| c.kind.facets.stores)
        .map(|(id, _)| store_facts(model, id, used.get(&id).unwrap_or(&BTreeSet::new())));
    let stores_facts: Vec<StoreFacts> = labelled.collect();
    let (stores, pieces) = (stores(model), pieces(model));
    let ground = Ground::new(model, (facts, load), &stores, &pieces);
    let cases: Vec<PartitionCase> = sides(&model.system).into_iter().chain(losses(&model.system)).collect();
    // With cut links, the outcome depends on the client's zone.
    let each = |at: PartitionCase| {
        at.entries.clone().into_iter().map(move |p| PartitionCase { entries: vec![p], ..at.clone() })
    };
    let cut: Vec<PartitionCase> = links(&model.system).into_iter().flat_map(each).collect();
    let none = BTreeSet::new();
    let mut rows = Vec::new();
    for (i, flow) in model.flows.iter().enumerate() {
        let tolerance = flow.slo.iter().find(|s| s.metric.name == "staleness").map(|s| s.target);
        let paths = flows.get(i).and_then(Option::as_ref).map_or(&[][..], |g| g.paths.as_slice());
        let age = paths.iter().map(|p| p.usual).fold(0.0, f64::max);
        let row = |at: &PartitionCase| {
            let broken = Broken { net: &at.net, separated: &[], lost: &none };
            let fate = ground.fate(FlowId(i), &broken, at.entries.first().copied().unwrap_or(0));
            let answer = fate.known().cloned();
            let old = matches!(&answer, Ok(a) if a.fate == super::copies::Fate::Stale);
            let violated_after = tolerance.filter(|_| old && age.is_finite()).map(|t| breaks_after(t, age));
            FlowRow { at: at.clone(), answer, why: fate.why, first: fate.first, violated_after }
        };
        let mut mine: Vec<FlowRow> = cases.iter().map(row).collect();
        // An unknown outcome with cut links adds nothing: the single sides report the missing attribute.
        mine.extend(cut.iter().map(row).filter(|r| r.answer.as_ref().is_ok_and(|a| !a.plain())));
        rows.push(mine);
    }
    Consistency { flows, rows, stores: stores_facts, places: model.system.locations.clone() }
}

/// The guarantees of all flows.
fn guarantees(model: &Model, calls: &Patterns) -> Vec<Option<Guarantee>> {
    let shared = Shared::new(model, calls);
    (0..model.flows.len()).map(|i| shared.guarantee(FlowId(i))).collect()
}

/// By store: the operations that flows call, whether each writes, and its `from`.
fn used(model: &Model, calls: &Patterns) -> BTreeMap<CompId, BTreeSet<(String, bool, Option<String>)>> {
    let mut out: BTreeMap<CompId, BTreeSet<_>> = BTreeMap::new();
    for a in calls.all().filter(|a| model.component(a.call.target).kind.facets.stores) {
        let from = a.call.attrs.read(keys::FROM).map(str::to_owned);
        out.entry(a.call.target).or_default().insert((a.call.op.clone(), a.call.writes, from));
    }
    out
}

/// Whether a metric is a consistency metric: `consistency`, `staleness` or `rpo`.
#[must_use]
pub fn needs(metric: &str) -> bool {
    ["consistency", "staleness", "rpo"].contains(&metric)
}

/// Guarantees of a design, computed on first use.
pub struct Needed<'m> {
    model: &'m Model,
    flows: std::cell::OnceCell<Vec<Option<Guarantee>>>,
}

impl<'m> Needed<'m> {
    /// For a design.
    #[must_use]
    pub fn new(model: &'m Model) -> Self {
        Self { model, flows: std::cell::OnceCell::new() }
    }

    /// The guarantee of a flow.
    pub fn flow(&self, flow: usize) -> Option<&Guarantee> {
        self.flows.get_or_init(|| guarantees(self.model, &patterns(self.model))).get(flow)?.as_ref()
    }

    /// The value of a consistency target, and the strongest model that holds; none for other metrics.
    pub fn value(&self, flow: usize, slo: &Slo) -> Option<(Measure, Option<&'static str>)> {
        if !needs(slo.metric.name) {
            return None;
        }
        let g = self.flow(flow);
        let holds = g.filter(|g| !g.paths.is_empty()).and_then(|g| strongest(g.level.bits, g.level.staleness));
        Some((slo_value(self.model, flow, g, slo), holds))
    }
}

/// The value of a target: number of missing properties, staleness in seconds, or seconds of lost
/// writes.
#[must_use]
pub fn slo_value(model: &Model, flow: usize, g: Option<&Guarantee>, slo: &Slo) -> Measure {
    let name = model.flows.get(flow).map_or("", |f| f.name.as_str());
    let nothing = || {
        Measure::Unknown(Reason::new(
            ReasonKind::NotApplicable,
            format!("flow `{name}` reads and writes nothing that is kept"),
        ))
    };
    match slo.metric.name {
        "rpo" => match g.map_or(&Ok(0.0), |g| &g.rpo) {
            Err(e) => Measure::Unknown(e.clone()),
            Ok(x) if x.is_infinite() => Measure::Unbounded(Reason::new(
                ReasonKind::Lost,
                g.and_then(|g| g.rpo_at).map_or_else(String::new, |id| why_rpo(model, id)),
            )),
            Ok(x) => Measure::Known(*x),
        },
        "staleness" => {
            let Some(g) = g.filter(|g| !g.paths.is_empty()) else { return nothing() };
            if g.level.staleness.is_infinite() {
                let (at, why) = match &g.endless {
                    Some((at, why)) => (Some(*at), why.clone()),
                    None => (None, String::new()),
                };
                return match g.open.iter().find(|(id, _)| Some(*id) == at) {
                    Some((_, open)) => Measure::Unknown(open.clone()),
                    None => Measure::Unbounded(Reason::new(ReasonKind::NotApplicable, why)),
                };
            }
            match &g.unknown_age {
                Some(e) if g.level.staleness <= slo.target => Measure::Unknown(e.clone()),
                _ => Measure::Known(g.level.staleness),
            }
        }
        _ => {
            let Some(g) = g.filter(|g| !g.paths.is_empty()) else { return nothing() };
            let Some(model) = slo.model.as_deref().and_then(named_model) else { return nothing() };
            let (missing, unbounded) = model.missing(g.level.bits, g.level.staleness);
            let lacks = f64::from(missing.count()) + if unbounded { 1.0 } else { 0.0 };
            if lacks > 0.0 {
                // A property that some hop drops for certain is missing, whatever the missing attributes are.
                let open = |at: CompId| g.open.iter().find(|(id, _)| *id == at);
                let mut blamed = g.blame.iter().filter(|b| b.lost.meet(missing).count() > 0).peekable();
                let some = blamed.peek().is_some();
                let certain = blamed.any(|b| open(b.at).is_none());
                let age = unbounded && g.endless.as_ref().is_some_and(|(at, _)| open(*at).is_none());
                if !(certain || age)
                    && (some || unbounded)
                    && let Some((_, why)) = g.open.first()
                {
                    return Measure::Unknown(why.clone());
                }
            } else if model.bounded
                && let Some(e) = &g.unknown_age
            {
                return Measure::Unknown(e.clone());
            }
            Measure::Known(lacks)
        }
    }
}

/// The reason why the acknowledged-write loss of a store is unbounded, as text.
#[must_use]
pub fn why_rpo(model: &Model, id: CompId) -> String {
    let c = model.component(id);
    let name = &c.name;
    let facets = c.kind.facets;
    if facets.misses {
        return format!("`{name}` keeps writes back and does not set its `flush`");
    }
    if facets.buffers {
        return match (c.attrs.read(keys::ACKS), c.attrs.read(keys::CONFIRMS), c.attrs.read(keys::UNCLEAN_ELECTION)) {
            (Some(Acks::None), _, _) | (_, Some(false), _) => format!("nobody confirms what `{name}` has"),
            (_, _, Some(true)) => format!("a stale replica of `{name}` may become the leader (`unclean_election`)"),
            (Some(Acks::Leader), _, _) => format!("`{name}` confirms what its leader alone has (`acks = leader`)"),
            _ => format!("`{name}` confirms what one copy alone has"),
        };
    }
    match c.replication() {
        Some(Replication::Quorum) => format!("one copy of `{name}` is enough for a write"),
        Some(Replication::Async | Replication::MultiPrimary) if c.replicas().is_ok_and(|n| n > 1.0) => {
            format!("copies of `{name}` follow later, and nothing bounds how much (`max_lag`)")
        }
        _ => format!("`{name}` has one copy and no `backup`"),
    }
}
