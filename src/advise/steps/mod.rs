//! The steps of the scaling ladder, one file a step.
//!
//! In: a draft, its limiting components. Out: edits that apply the step, and its assumptions about
//! the environment; or the reason why the step is not applicable. Sizes are left open (`?`) and
//! solved by sizing. Never: a judgement whether the step is enough.

mod cache;
mod cdn;
mod copies;
mod machine;
mod promised;
mod queue;
mod replicas;
mod shards;
mod split;

use super::draft::Draft;
use super::edit::Edit;
use super::judged_draft::JudgedDraft;
use super::limiting::{Cause, Limiting};
use crate::catalog;
use crate::kinds::Serve;
use crate::model::keys;
use crate::model::{CompId, Component, Model};
use crate::units::{show_cores, significant};

/// Least share of the work that the flows of a step must have.
const MOST: f64 = 0.9;

/// The input of a step.
pub(super) struct At<'a> {
    pub draft: &'a Draft,
    /// The unchanged design, judged: failed checks, and the work of each flow.
    pub state: &'a JudgedDraft,
    pub limiting: &'a [Limiting],
    /// The share of requests that a new cache serves, if one is added.
    pub hit: f64,
}

/// An applied step.
#[derive(Clone, Debug, Default)]
pub(super) struct Made {
    pub edits: Vec<Edit>,
    /// The changes, as sentences.
    pub done: Vec<String>,
    /// Assumptions about the environment, as sentences.
    pub assumed: Vec<String>,
    /// The requests that the new cache serves a share of: `` the reads of `open` ``.
    pub answers: Option<String>,
}

impl<'a> At<'a> {
    /// A component of the solved and judged design; a new component as written.
    fn was(&self, id: CompId) -> &'a Component {
        let c = self.draft.model.component(id);
        self.state.model.find(&c.name).map_or(c, |old| self.state.model.component(old))
    }

    /// Core seconds per second that a flow uses on a component with the counted operations, at the
    /// reference speed. If none has a known CPU time: calls per second.
    fn work(&self, flow: &str, id: CompId, counts: &dyn Fn(&str) -> bool) -> f64 {
        let c = self.was(id);
        let Some(old) = self.state.model.find(&c.name) else { return 0.0 };
        let demand = &self.state.facts.demand;
        let fd = self.state.model.find_flow(flow).and_then(|f| demand.flows.get(f.0));
        let Some(fd) = fd else { return 0.0 };
        let rate = fd.rate.clone().unwrap_or(0.0);
        let hops = fd.hops.iter().filter(|h| h.to == old && counts(&h.op));
        hops.map(|h| {
            let own = c.attrs.op(&h.op).and_then(|o| o.read(keys::CPU)).or_else(|| c.attrs.read(keys::CPU));
            let cpu = h.cpu.or(own).map_or(1.0, |l| l.mean.mid);
            rate * h.visits.clone().unwrap_or(0.0) * cpu
        })
        .sum()
    }
}

/// The first flows by work that together have nine tenths of it.
fn most(mut flows: Vec<(String, f64)>) -> Vec<String> {
    flows.retain(|(_, work)| *work > 0.0);
    flows.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let all: f64 = flows.iter().map(|(_, w)| w).sum();
    let mut sum = 0.0;
    let mut out = Vec::new();
    for (name, work) in flows {
        if sum >= MOST * all {
            break;
        }
        sum += work;
        out.push(name);
    }
    out
}

/// Whether an operation of a component changes stored data.
fn writes(c: &Component, op: &str) -> bool {
    c.kind.op(op).is_some_and(|o| o.writes)
}

impl Made {
    pub fn add(&mut self, other: Self) {
        self.edits.extend(other.edits);
        self.done.extend(other.done);
        self.assumed.extend(other.assumed);
        self.answers = other.answers.or(self.answers.take());
    }
}

/// A step of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The design's own variables, solved for this load.
    Sizes,
    /// Those variables, with faster and larger machines.
    Machines,
    /// More replicas, with a balancer.
    Replicas,
    /// A content delivery network before the clients' requests.
    Cdn,
    /// A cache before a store's reads.
    Cache,
    /// Replicas of a store that serve reads.
    Copies,
    /// A store split into shards.
    Shards,
    /// Work moved behind a queue.
    Queue,
    /// A service split into two.
    Split,
}

impl Step {
    /// All steps, in the order of trial.
    pub const LADDER: [Self; 9] = [
        Self::Sizes,
        Self::Machines,
        Self::Replicas,
        Self::Cdn,
        Self::Cache,
        Self::Copies,
        Self::Shards,
        Self::Queue,
        Self::Split,
    ];

    /// Whether it adds a cache or a CDN, which serves a share of the requests.
    pub(super) fn answers(self) -> bool {
        matches!(self, Self::Cdn | Self::Cache)
    }

    /// Its name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sizes => "sizes",
            Self::Machines => "bigger_machines",
            Self::Replicas => "more_replicas",
            Self::Cdn => "cdn",
            Self::Cache => "cache",
            Self::Copies => "read_replicas",
            Self::Shards => "shards",
            Self::Queue => "queue",
            Self::Split => "split_service",
        }
    }

    /// Its title in text output.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Sizes => "sizes left open, solved anew",
            Self::Machines => "bigger machines",
            Self::Replicas => "more replicas",
            Self::Cdn => "a CDN",
            Self::Cache => "a cache",
            Self::Copies => "read replicas",
            Self::Shards => "shards",
            Self::Queue => "work behind a queue",
            Self::Split => "a service split",
        }
    }

    /// Applies the step alone.
    pub(super) fn make(self, at: &At) -> Result<Made, String> {
        match self {
            Self::Sizes => Ok(Made::default()),
            Self::Machines => machine::make(at),
            Self::Replicas => replicas::make(at),
            Self::Cdn => cdn::make(at),
            Self::Cache => cache::make(at),
            Self::Copies => copies::make(at),
            Self::Shards => shards::make(at),
            Self::Queue => queue::make(at),
            Self::Split => split::make(at),
        }
    }

    /// Sizes that go with a step: more replicas for components that have them, else larger
    /// machines.
    pub(super) fn sizes(self, at: &At) -> Made {
        match self {
            Self::Sizes | Self::Machines | Self::Replicas => Made::default(),
            Self::Split => machine::make(at).unwrap_or_default(),
            _ => replicas::make_where_it_can(at),
        }
    }
}

/// Applies an edit to several components; the reasons, if it applies to none.
fn each(at: &At, apply: &dyn Fn(&At, &Limiting) -> Result<Made, String>) -> Result<Made, String> {
    let mut out = Made::default();
    let mut why: Vec<String> = Vec::new();
    for component in at.limiting {
        match apply(at, component) {
            Ok(made) => out.add(made),
            Err(e) if why.contains(&e) => {}
            Err(e) => why.push(e),
        }
    }
    if out.edits.is_empty() { Err(reasons(&why)) } else { Ok(out) }
}

/// Like `each`, but only for stores, if any limiting component is one.
fn each_store(at: &At, apply: &dyn Fn(&At, &Limiting) -> Result<Made, String>) -> Result<Made, String> {
    let store = |p: &Limiting| at.draft.model.component(p.id).kind.facets.serve == Some(Serve::Copies);
    if at.limiting.iter().any(store) { each(at, apply) } else { Err("no store is limiting".to_owned()) }
}

/// A store that is limiting by load, and its name; or the reason why it is not.
fn loaded_store<'a>(at: &At<'a>, component: &Limiting) -> Result<(String, &'a Component), String> {
    let model = &at.draft.model;
    let (name, c) = (quoted(model, component.id), model.component(component.id));
    if c.kind.facets.serve != Some(Serve::Copies) {
        return Err(format!("{name} is no store"));
    }
    if component.causes == [Cause::Down] || component.causes == [Cause::Time] {
        return Err(format!("{name} is {}: that is not its load", component.why));
    }
    Ok((name, c))
}

fn reasons(why: &[String]) -> String {
    if why.is_empty() { "nothing presses that it could ease".to_owned() } else { why.join("; ") }
}

/// The load of writes on limiting stores, if it is most of the capacity of their largest machine:
/// neither a cache nor a replica removes it.
pub(super) fn writes_alone(at: &At) -> Option<String> {
    let model = &at.draft.model;
    let mut out: Vec<String> = Vec::new();
    for component in at.limiting {
        let c = at.was(component.id);
        let Some(now) = c.attrs.read(keys::INSTANCE).filter(|_| c.kind.facets.serve == Some(Serve::Copies)) else {
            continue;
        };
        let name = machine::largest(c, now);
        let Some(m) = catalog::machine(&name) else { continue };
        let has = m.vcpu * m.speed? / catalog::REFERENCE_SPEED;
        let asked: f64 = model.flows.iter().map(|f| at.work(&f.name, component.id, &|op| writes(c, op))).sum();
        if asked >= has / 2.0 {
            let (asked, has) = (show_cores(asked), significant(has, 3));
            out.push(format!(
                "its writes alone ask for {asked}, and `{name}`, the largest machine of its family, has {has}"
            ));
        }
    }
    (!out.is_empty()).then(|| out.join("; "))
}

/// The name of a component, quoted.
fn quoted(model: &Model, id: CompId) -> String {
    format!("`{}`", model.component(id).name)
}

/// Names in a list: `` `a`, `b` ``.
fn list(names: &[String]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}
