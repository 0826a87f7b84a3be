//! Partition scenarios: the answers of flows on each side, compared with expectations.
//!
//! In: a scenario's groups, faults and expectations. Out: the answer on each side. Groups do not
//! reach each other; a zone in no group reaches all. A minority is a group without
//! more than half of the zones (of the regions, if the scenario cuts regions). A side without an
//! expectation must answer normally. Never: transient states; answers are those of the steady state.

use super::copies::Answer;
use super::copies::Fate;
use super::copies::Flag;
use super::net::Net;
use super::net::Place;
use super::outcome::Broken;
use super::outcome::Fated;
use super::outcome::Ground;
use crate::model;
use crate::model::CompId;
use crate::model::Expectation;
use crate::model::Fault;
use crate::model::FlowId;
use crate::model::Locations;
use crate::model::Outcome;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::Scenario;
use crate::model::Side;
use std::collections::BTreeSet;

/// One side of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its zones.
    pub places: Vec<Place>,
    /// Whether it has more than half of all zones (or regions).
    pub majority: bool,
    /// Whether it is a group of the scenario; false for the zones in no group.
    pub group: bool,
}

/// An expected answer, with the actual one.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The flow.
    pub flow: FlowId,
    /// The side.
    pub side: String,
    /// The expected answer.
    pub want: Outcome,
    /// The actual answer, or the missing attribute that decides it.
    pub got: Result<Outcome, Reason>,
    /// Effects on data.
    pub flags: BTreeSet<Flag>,
    /// Reasons, as text.
    pub why: Vec<String>,
    /// Transient behavior before the steady state, as text.
    pub first: Vec<String>,
}

/// A partition scenario, ready for evaluation.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The network.
    pub net: Net,
    /// Groups of components that do not reach each other.
    pub separated: Vec<BTreeSet<CompId>>,
    /// Components that are lost as a whole.
    pub lost: BTreeSet<CompId>,
    /// Stores whose primary is lost.
    pub without_primary: BTreeSet<CompId>,
    /// Its sides.
    pub parts: Vec<Part>,
}

/// The word of the language for an outcome.
#[must_use]
pub fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Stale => "stale",
        Outcome::Error => "error",
    }
}

/// The outcome of an answer, without its effects on data.
fn outcome(answer: &Answer) -> Outcome {
    match answer.fate {
        Fate::Works => Outcome::Ok,
        Fate::Stale => Outcome::Stale,
        Fate::Fails => Outcome::Error,
    }
}

impl Cut {
    /// Reads a scenario.
    ///
    /// # Errors
    /// The scenario fails some replicas of a component whose zones are not declared.
    pub fn new(places: &Locations, s: &Scenario) -> Result<Self, Reason> {
        let mut net = Net::default();
        let (mut separated, mut parts) = (Vec::new(), Vec::new());
        let regions = s.cut.iter().flatten().any(|p| matches!(p, model::Place::Region(_)));
        for (i, group) in s.cut.iter().enumerate() {
            let (mut here, mut components, mut names) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
            for p in group {
                match p {
                    model::Place::Zone(z) => {
                        here.extend(places.zone(z));
                        names.push(format!("zone {z}"));
                    }
                    model::Place::Region(r) => {
                        here.extend(places.in_region(r));
                        names.push(format!("region {r}"));
                    }
                    model::Place::Component(id) => {
                        components.insert(*id);
                    }
                }
            }
            for p in &here {
                net.groups.insert(*p, i);
            }
            separated.push(components);
            if !here.is_empty() {
                let (mine, all) = if regions {
                    let of: BTreeSet<usize> = here.iter().filter_map(|p| places.region.get(*p).copied()).collect();
                    (of.len(), places.regions.len())
                } else {
                    (here.len(), places.count())
                };
                let places = here.into_iter().collect();
                parts.push(Part { name: names.join(", "), places, majority: 2 * mine > all, group: true });
            }
        }
        let (mut lost, mut without_primary) = (BTreeSet::new(), BTreeSet::new());
        for f in &s.faults {
            match f {
                Fault::Place(model::Place::Zone(z)) => net.lost.extend(places.zone(z)),
                Fault::Place(model::Place::Region(r)) => net.lost.extend(places.in_region(r)),
                Fault::Place(model::Place::Component(id)) | Fault::Replicas(id, None) => {
                    lost.insert(*id);
                }
                Fault::Primary(id) => {
                    without_primary.insert(*id);
                }
                Fault::Replicas(..) => {
                    return Err(Reason::new(
                        ReasonKind::Missing,
                        "where a lost replica was is not known: name its zone in `fail`",
                    ));
                }
            }
        }
        let named: BTreeSet<Place> = parts.iter().flat_map(|p: &Part| p.places.iter().copied()).collect();
        let others: Vec<Place> = (0..places.count()).filter(|p| !named.contains(p) && !net.lost.contains(p)).collect();
        if !others.is_empty() {
            let name = if parts.is_empty() { "everywhere".to_owned() } else { "elsewhere".to_owned() };
            parts.push(Part { name, majority: 2 * others.len() > places.count(), group: false, places: others });
        }
        for p in &mut parts {
            p.places.retain(|x| !net.lost.contains(x));
        }
        parts.retain(|p| !p.places.is_empty());
        Ok(Self { net, separated, lost, without_primary, parts })
    }

    /// The outcome of a flow for clients on one side: the worst over its zones.
    #[must_use]
    pub fn fate(&self, ground: &Ground, flow: FlowId, part: &Part) -> Option<Fated> {
        let broken = Broken { net: &self.net, separated: &self.separated, lost: &self.lost };
        part.places
            .iter()
            .map(|p| ground.fate(flow, &broken, *p))
            .max_by(|a, b| (&a.worst, &a.best).cmp(&(&b.worst, &b.best)))
    }

    /// The answers of all flows with an expectation, on every side; the default expectation is `ok`.
    #[must_use]
    pub fn expected(&self, ground: &Ground, places: &Locations, s: &Scenario) -> Vec<Expected> {
        let mut flows: Vec<FlowId> = Vec::new();
        for e in &s.expect {
            if let Expectation::Answer(id, ..) = e
                && !flows.contains(id)
            {
                flows.push(*id);
            }
        }
        let mut out = Vec::new();
        for flow in flows {
            for part in &self.parts {
                let wants = s.expect.iter().rev().find_map(|e| match e {
                    Expectation::Answer(id, want, side, _) if *id == flow && covers(side, part, places) => Some(*want),
                    _ => None,
                });
                let want = wants.unwrap_or(Outcome::Ok);
                let Some(f) = self.fate(ground, flow, part) else { continue };
                let got =
                    if outcome(&f.worst) == outcome(&f.best) { Ok(outcome(&f.worst)) } else { f.known().map(outcome) };
                out.push(Expected {
                    flow,
                    side: part.name.clone(),
                    want,
                    got,
                    flags: f.worst.flags.clone(),
                    why: f.why,
                    first: f.first,
                });
            }
        }
        out
    }
}

/// Whether an expectation for `side` applies to a part.
fn covers(side: &Side, part: &Part, places: &Locations) -> bool {
    match side {
        Side::All => true,
        Side::Minority => part.group && !part.majority,
        Side::Majority => part.majority,
        Side::Place(model::Place::Zone(z)) => places.zone(z).iter().any(|p| part.places.contains(p)),
        Side::Place(model::Place::Region(r)) => places.in_region(r).iter().any(|p| part.places.contains(p)),
        Side::Place(model::Place::Component(_)) => false,
    }
}

/// The behavior of a flow over all sides of a partition.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// The worst outcome, and the side that has it.
    pub worst: Option<(Fate, String)>,
    /// Effects on data.
    pub flags: BTreeSet<Flag>,
    /// The missing attribute that decides, if any.
    pub doubt: Option<Reason>,
}

/// Evaluates a flow on all sides.
#[must_use]
pub fn kept(cut: &Cut, ground: &Ground, flow: FlowId) -> Kept {
    let mut out = Kept::default();
    for part in &cut.parts {
        let Some(f) = cut.fate(ground, flow, part) else { continue };
        if let Err(e) = f.known() {
            out.doubt.get_or_insert(e);
        }
        out.flags.extend(&f.worst.flags);
        if out.worst.as_ref().is_none_or(|(w, _)| *w < f.worst.fate) {
            out.worst = Some((f.worst.fate, part.name.clone()));
        }
    }
    out
}
