//! The design, understood: names to ids, dimensions checked, every value with
//! its origin.
//!
//! In: the ASTs of all files. Out: a [`Model`], whole however broken the source,
//! and findings. Never: reading a file, judging whether the design is good.

pub mod attrs;
mod bases;
mod build;
mod calls;
mod deployment;
mod digest;
mod eval;
mod fill;
mod flows;
mod growth;
pub mod keys;
mod locations;
mod loss;
mod misfits;
mod numbers;
mod placed;
mod placement;
mod reason;
mod rules;
mod runtime;
mod scenarios;
mod scope;
mod slos;
pub mod trace;
mod value;
mod values;
mod walk;
mod world;

pub use build::{LoadedFile, build};
pub use deployment::{Deployment, Rented, Runs, Sold};
pub use eval::{End, Ends, LetValue, Lets, qualify};
pub use fill::{Choice, Choices, Chosen, SCALED};
pub use locations::{Location, Locations};
pub use loss::{Left, Lossy};
pub use misfits::Misfit;
pub use placement::{Basis, Lost, Placement, Primary};
pub use reason::{Fact, Known, Reason, ReasonKind, Subject};
pub use rules::{Allow, Matcher, Rule, Statement};
pub use runtime::Runtime;
pub use scenarios::{Expectation, Fault, Outcome, Place, Scenario, Side};
pub use value::{Attr, Attrs, Hole, Interval, Latency, Law, Origin, Value};

use crate::base::Span;
use crate::kinds::{Kind, Metric};
use std::collections::{BTreeMap, BTreeSet};

/// A component, by its order of declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CompId(pub usize);

/// A flow, by its order of declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowId(pub usize);

/// A component.
#[derive(Clone, Debug)]
pub struct Component {
    /// Its full name (`pay.orders` in a file used as `pay`).
    pub name: String,
    /// What it is.
    pub kind: &'static Kind,
    /// Its engine: the shipped or own engine at the end of its bases.
    pub engine: Option<String>,
    /// The shipped engine behind it: its own, or that at the end of its bases.
    pub product: Option<String>,
    /// Engines to choose from, where the engine is a hole.
    pub engine_hole: Vec<String>,
    /// Attributes: its own, then those of its bases, then defaults of its kind.
    pub attrs: Attrs,
    /// Seconds that a scenario adds to each of its answers.
    pub slow: f64,
    /// Replicas, copies of each shard or nodes that a loss has taken.
    pub lost: Lost,
    /// Its doc comment.
    pub doc: Option<String>,
    /// Where its name stands.
    pub span: Span,
}

/// What a flow must reach.
#[derive(Clone, Debug)]
pub struct Slo {
    /// What is bounded.
    pub metric: &'static Metric,
    /// The bound in SI units; for a consistency model 0.
    pub target: f64,
    /// The consistency model asked for.
    pub model: Option<String>,
    /// Where.
    pub span: Span,
}

/// A flow of requests.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Its full name.
    pub name: String,
    /// Where it starts.
    pub origin: CompId,
    /// Its attributes.
    pub attrs: Attrs,
    /// Requests per second at the peak that the flow itself says, users multiplied in.
    pub rate: Option<Interval>,
    /// Requests per second in the mean that the flow itself says.
    pub volume: Option<Interval>,
    /// By how much a scenario multiplies its rate.
    pub load: f64,
    /// What it must reach.
    pub slo: Vec<Slo>,
    /// What the origin does.
    pub steps: Vec<Step>,
    /// Its doc comment.
    pub doc: Option<String>,
    /// Where its name stands.
    pub span: Span,
    /// Where its origin is named.
    pub origin_span: Span,
}

/// One step of what a component does.
#[derive(Clone, Debug)]
pub enum Step {
    /// A call.
    Call(Box<Call>),
    /// All at once.
    Parallel(Vec<Step>),
    /// One of them, by share.
    Choose(Vec<(f64, Vec<Step>)>),
}

/// A call of a component.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its number in its flow, in order of the text; losses keep it.
    pub id: usize,
    /// Who is called.
    pub target: CompId,
    /// The operation.
    pub op: String,
    /// Whether the operation changes what is kept.
    pub writes: bool,
    /// `~>`: the caller does not wait.
    pub is_async: bool,
    /// How many times, one after another.
    pub times: f64,
    /// With which probability.
    pub share: f64,
    /// Its attributes.
    pub attrs: Attrs,
    /// What the target does, in order.
    pub body: Vec<Step>,
    /// What the caller does on a miss.
    pub on_miss: Vec<Step>,
    /// What the caller does on an error.
    pub fallback: Vec<Step>,
    /// Where.
    pub span: Span,
    /// Where the target is named.
    pub target_span: Span,
}

impl Call {
    /// Whether it is made at all: neither `x0` nor with probability 0.
    #[must_use]
    pub fn happens(&self) -> bool {
        self.share > 0.0 && self.times > 0.0
    }
}

/// Facts about the whole system.
#[derive(Clone, Debug, Default)]
pub struct System {
    /// Its name, if there is a `system` item.
    pub name: Option<String>,
    /// Its attributes, defaults included.
    pub attrs: Attrs,
    /// Names of the zones of a region.
    pub zones: Vec<String>,
    /// Names of the regions.
    pub regions: Vec<String>,
    /// The zones of all regions.
    pub locations: Locations,
    /// Locations that a loss has taken.
    pub lost: BTreeSet<Location>,
    /// Whether a provider's machines, prices and network are meant.
    pub has_provider: bool,
    /// Peak rate over mean rate.
    pub peak_to_mean: f64,
    /// Lowest rate over mean rate.
    pub trough: f64,
    /// When the peak is, seconds after midnight.
    pub peak_hour: f64,
    /// Where its name stands.
    pub span: Option<Span>,
}

impl System {
    /// The zones of a region that are left, by their order: those that are not lost in every
    /// region.
    #[must_use]
    pub fn live_zones(&self) -> Vec<usize> {
        let left: BTreeSet<usize> = (0..self.locations.count())
            .filter(|at| !self.lost.contains(at))
            .map(|at| self.locations.zone_of(at))
            .collect();
        left.into_iter().collect()
    }
}

/// A whole design.
#[derive(Clone, Debug)]
pub struct Model {
    /// The system.
    pub system: System,
    /// Components in order of declaration.
    pub components: Vec<Component>,
    /// Flows in order of declaration.
    pub flows: Vec<Flow>,
    /// Scenarios.
    pub scenarios: Vec<Scenario>,
    /// Rules of one's own.
    pub rules: Vec<Rule>,
    /// Suppressions.
    pub allows: Vec<Allow>,
    /// All intervals that the design's numbers depend on.
    pub intervals: BTreeSet<Span>,
    by_name: BTreeMap<String, CompId>,
    flow_by_name: BTreeMap<String, FlowId>,
}

impl Model {
    /// The component of that id.
    #[must_use]
    pub fn component(&self, id: CompId) -> &Component {
        self.components.get(id.0).unwrap_or_else(|| unreachable!("ids are only made for components of this model"))
    }

    /// The component of that full name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<CompId> {
        self.by_name.get(name).copied()
    }

    /// The flow of that full name.
    #[must_use]
    pub fn find_flow(&self, name: &str) -> Option<FlowId> {
        self.flow_by_name.get(name).copied()
    }

    /// The flow of that id.
    #[must_use]
    pub fn flow(&self, id: FlowId) -> &Flow {
        self.flows.get(id.0).unwrap_or_else(|| unreachable!("ids are only made for flows of this model"))
    }

    /// All components with their ids.
    pub fn all(&self) -> impl Iterator<Item = (CompId, &Component)> {
        self.components.iter().enumerate().map(|(i, c)| (CompId(i), c))
    }
}
