//! The resolved design: names to ids, dimensions checked, every value with its origin.
//!
//! In: the ASTs of all files. Out: a [`Model`], complete even for a broken source, and findings.
//! Never: reading a file, judging whether the design is good.

mod arithmetic;
pub mod attrs;
mod bases;
mod build;
mod calls;
mod deployment;
mod digest;
mod edition;
mod eval;
mod expressions;
mod fill;
mod flows;
mod growth;
mod interval_sites;
pub mod keys;
mod let_items;
mod let_order;
mod loaded;
mod locations;
mod loss;
mod missing;
mod numbers;
mod placed;
mod placement;
mod plan_mismatch;
mod reason;
mod rules;
mod runtime;
mod scenario_case;
mod scenarios;
mod scope;
mod slos;
mod system;
pub mod trace;
mod value;
mod values;
mod variables;
mod walk;

pub use arithmetic::{End, Ends};
pub use build::build;
pub use deployment::{Deployment, Processor, Rented, Runs, Sold};
pub use eval::Lets;
pub use expressions::qualify;
pub use fill::{Choice, Choices, Chosen};
pub use let_order::LetValue;
pub use loaded::LoadedFile;
pub use locations::{Location, Locations};
pub use loss::{Left, Lossy};
pub use placement::{Basis, Lost, Placement, Primary};
pub use plan_mismatch::PlanMismatch;
pub use reason::{Fact, Known, Reason, ReasonKind, Subject, sum};
pub use rules::{Allow, Matcher, Rule, Statement};
pub use runtime::Runtime;
pub use scenarios::{Expectation, Fault, Outcome, Place, Scenario, Side};
pub use value::{Attr, Attrs, Hole, Interval, Latency, Law, Origin, Value, scaled};

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
    /// Its kind.
    pub kind: &'static Kind,
    /// Its engine: the engine at the end of its bases, shipped or declared.
    pub engine: Option<String>,
    /// The catalog engine behind it: its own, or the one at the end of its bases.
    pub product: Option<String>,
    /// Engines to choose from, if the engine is a variable.
    pub engine_hole: Vec<String>,
    /// Attributes: its own, then those of its bases, then defaults of its kind.
    pub attrs: Attrs,
    /// Seconds that a scenario adds to the time of each of its responses.
    pub slow: f64,
    /// Lost replicas, copies of each shard or nodes.
    pub lost: Lost,
    /// Its doc comment.
    pub doc: Option<String>,
    /// The source location of its name.
    pub span: Span,
}

/// A target of a flow.
#[derive(Clone, Debug)]
pub struct Slo {
    /// The bounded metric.
    pub metric: &'static Metric,
    /// The bound in SI units; for a consistency model 0.
    pub target: f64,
    /// The required consistency model.
    pub model: Option<String>,
    /// Its source location.
    pub span: Span,
}

/// A flow of requests.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Its full name.
    pub name: String,
    /// The component that it starts at.
    pub origin: CompId,
    /// Its attributes.
    pub attrs: Attrs,
    /// Peak requests per second that the flow itself sets, multiplied by its users.
    pub rate: Option<Interval>,
    /// Mean requests per second that the flow itself sets.
    pub volume: Option<Interval>,
    /// The factor of a scenario on its rate.
    pub load: f64,
    /// Its targets.
    pub slo: Vec<Slo>,
    /// Steps of the origin.
    pub steps: Vec<Step>,
    /// Its doc comment.
    pub doc: Option<String>,
    /// The source location of its name.
    pub span: Span,
    /// The source location of its origin.
    pub origin_span: Span,
}

/// One step of a component.
#[derive(Clone, Debug)]
pub enum Step {
    /// A call.
    Call(Box<Call>),
    /// All of them, in parallel.
    Parallel(Vec<Step>),
    /// One of them, by share.
    Choose(Vec<(f64, Vec<Step>)>),
}

/// A call of a component.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its number in its flow, in text order; a loss does not change it.
    pub id: usize,
    /// The callee.
    pub target: CompId,
    /// The operation.
    pub op: String,
    /// Whether the operation changes stored data.
    pub writes: bool,
    /// `~>`: the caller does not wait.
    pub is_async: bool,
    /// The number of calls, one after another.
    pub times: f64,
    /// The probability of the call.
    pub share: f64,
    /// Its attributes.
    pub attrs: Attrs,
    /// Steps of the callee, in order.
    pub body: Vec<Step>,
    /// Steps of the caller after a miss.
    pub on_miss: Vec<Step>,
    /// Steps of the caller after an error.
    pub fallback: Vec<Step>,
    /// Its source location.
    pub span: Span,
    /// The source location of the callee's name.
    pub target_span: Span,
}

impl Call {
    /// Whether it is made: neither `x0` nor with probability 0.
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
    /// Lost locations.
    pub lost: BTreeSet<Location>,
    /// Whether the design has the machines, prices and network of a provider.
    pub has_provider: bool,
    /// Peak rate over mean rate, of the daily profile.
    pub peak_to_mean: f64,
    /// Lowest rate over mean rate.
    pub trough: f64,
    /// The time of the peak, seconds after midnight.
    pub peak_hour: f64,
    /// The source location of its name.
    pub span: Option<Span>,
}

impl System {
    /// The zones of a region that remain, by index: those that are not lost in every region.
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
    /// Rules that the design declares.
    pub rules: Vec<Rule>,
    /// Suppressions.
    pub allows: Vec<Allow>,
    /// All intervals that the design's numbers depend on, by source location.
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
