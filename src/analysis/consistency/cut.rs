//! Scenarios that cut the network: what flows answer on each side, against what is expected.
//!
//! In: a scenario's groups, faults and expectations. Out: each side's answer. Groups do not
//! reach each other; a zone that is in no group reaches all. A minority is a group without
//! more than half of the zones (of the regions, if regions are cut); a side that no
//! expectation names must answer as ever.

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

/// One side of a cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// How it is called.
    pub name: String,
    /// Its zones.
    pub places: Vec<Place>,
    /// Whether it has more than half of them.
    pub majority: bool,
    /// Whether it is a group of the cut, not what no group names.
    pub group: bool,
}

/// One answer that is expected, with what comes.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The flow.
    pub flow: FlowId,
    /// The side.
    pub side: String,
    /// What is expected.
    pub want: Outcome,
    /// What comes, or what the design does not say.
    pub got: Result<Outcome, Reason>,
    /// What happens to data.
    pub flags: BTreeSet<Flag>,
    /// Why.
    pub why: Vec<String>,
    /// What comes before.
    pub first: Vec<String>,
}

/// A cut scenario, ready to be asked.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The network.
    pub net: Net,
    /// Groups of components that do not reach each other.
    pub apart: Vec<BTreeSet<CompId>>,
    /// Components of which nothing is left.
    pub gone: BTreeSet<CompId>,
    /// Stores whose primary is lost.
    pub headless: BTreeSet<CompId>,
    /// Its sides.
    pub parts: Vec<Part>,
}

/// The word of an outcome.
#[must_use]
pub fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Stale => "stale",
        Outcome::Error => "error",
    }
}

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
    /// When it fails what is not placed: some of a component's replicas.
    pub fn new(places: &Locations, s: &Scenario) -> Result<Self, Reason> {
        let mut net = Net::default();
        let (mut apart, mut parts) = (Vec::new(), Vec::new());
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
            apart.push(components);
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
        let (mut gone, mut headless) = (BTreeSet::new(), BTreeSet::new());
        for f in &s.faults {
            match f {
                Fault::Place(model::Place::Zone(z)) => net.lost.extend(places.zone(z)),
                Fault::Place(model::Place::Region(r)) => net.lost.extend(places.in_region(r)),
                Fault::Place(model::Place::Component(id)) | Fault::Replicas(id, None) => {
                    gone.insert(*id);
                }
                Fault::Primary(id) => {
                    headless.insert(*id);
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
        Ok(Self { net, apart, gone, headless, parts })
    }

    /// What a flow's clients in one side get: the worst over its zones.
    #[must_use]
    pub fn fate(&self, ground: &Ground, flow: FlowId, part: &Part) -> Option<Fated> {
        let broken = Broken { net: &self.net, apart: &self.apart, gone: &self.gone };
        part.places
            .iter()
            .map(|p| ground.fate(flow, &broken, *p))
            .max_by(|a, b| (&a.worst, &a.best).cmp(&(&b.worst, &b.best)))
    }

    /// All expected answers of a scenario, with what comes.
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

/// What a flow's promises come to on all sides of a cut.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// The worst fate with the side where it is.
    pub worst: Option<(Fate, String)>,
    /// What happens to data.
    pub flags: BTreeSet<Flag>,
    /// What the design does not say.
    pub doubt: Option<Reason>,
}

/// What a flow comes to over all sides.
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
