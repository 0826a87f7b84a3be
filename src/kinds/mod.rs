//! The kinds of components: their attributes, operations, facets and resources.
//!
//! In: nothing. Out: static tables. A kind is one file here, one line in [`KINDS`], its page in the
//! reference and its tests; no other module matches on a kind's name. Never: a design.

mod balancer;
mod bucket;
mod cache;
mod calls;
mod cdn;
mod client;
mod common;
mod database;
mod external;
mod facets;
mod gateway;
mod monitor;
mod property;
mod queue;
mod service;
mod system;
mod timer;

/// Engines that archc ships: the path and text of `catalog/engines/NAME.arch`.
macro_rules! engines {
    ($($name:literal)*) => {
        &[$((
            concat!("catalog/engines/", $name, ".arch"),
            include_str!(concat!("../../catalog/engines/", $name, ".arch")),
        )),*]
    };
}
use engines;

pub use calls::{CALL, FLOW, METRICS, MODELS, Metric, MetricType, SCENARIO, metric};
pub use common::OP;
pub use facets::{Absorb, Bill, Facets, Op, Rents, Serve};
pub use property::{Property, Range, Type, prop};
pub use system::SYSTEM;

use crate::resource::{Health, Managed, Resource, Role, Service, View, Workload};

/// A kind of component.
#[derive(Debug)]
pub struct Kind {
    /// Its keyword.
    pub name: &'static str,
    /// One sentence for the reference.
    pub doc: &'static str,
    /// A valid declaration.
    pub example: &'static str,
    /// Operations; the first is the default.
    pub ops: &'static [Op],
    /// Attributes, in groups: its own, those of servers, those of all.
    pub groups: &'static [&'static [Property]],
    /// Its effect on traffic, time, failure, state and money.
    pub facets: Facets,
    /// The engines that archc ships for it: file name and text, in the language itself.
    pub engines: &'static [(&'static str, &'static str)],
    /// The resources that it lowers to.
    pub lower: fn(&View, &mut Vec<Resource>),
}

impl Kind {
    /// All its attributes; its own attribute hides a common one of the same name.
    pub fn properties(&self) -> impl Iterator<Item = &'static Property> + use<> {
        let groups = self.groups;
        groups.iter().enumerate().flat_map(move |(i, g)| {
            g.iter().filter(move |p| !groups.iter().take(i).any(|before| before.iter().any(|b| b.name == p.name)))
        })
    }

    /// The attribute of that name.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties().find(|p| p.name == name)
    }

    /// The operation of that name.
    #[must_use]
    pub fn op(&self, name: &str) -> Option<&'static Op> {
        self.ops.iter().find(|o| o.name == name)
    }
}

/// The workload of every program of the design.
fn workload(view: &View) -> Workload {
    Workload {
        name: view.name.to_owned(),
        doc: view.doc.map(str::to_owned),
        role: Role::Service,
        image: (view.word)("image"),
        replicas: view.replicas,
        cpus: view.cpus,
        memory: (view.number)("memory"),
        runs: view.runs.cloned(),
        port: view.port(8080),
        health: health(view),
        scale: None,
        serves: view.called,
    }
}

/// The managed resource of every server from a known image or from the provider.
fn managed(view: &View, service: Service, port: u16) -> Resource {
    Resource::Managed(Managed {
        name: view.name.to_owned(),
        doc: view.doc.map(str::to_owned),
        service,
        engine: view.engine.map(str::to_owned),
        replicas: view.replicas,
        shards: view.shards,
        nodes: view.nodes,
        runs: view.runs.cloned(),
        memory: (view.number)("memory"),
        port: view.port(port),
        encrypted: (view.flag)("encrypted").unwrap_or(true),
    })
}

/// Its own health check, or that of its load balancer.
fn health(view: &View) -> Option<Health> {
    let path = (view.word)("health_check.path").or_else(|| view.checked.map(|(p, _)| p.to_owned()))?;
    let every = (view.number)("health_check.every").or_else(|| view.checked.map(|(_, e)| e)).unwrap_or(10.0);
    Some(Health { path, every })
}

/// All kinds, in the order a request meets them.
pub static KINDS: &[&Kind] = &[
    &client::KIND,
    &timer::KIND,
    &cdn::KIND,
    &balancer::KIND,
    &gateway::KIND,
    &service::KIND,
    &cache::KIND,
    &queue::KIND,
    &database::KIND,
    &bucket::KIND,
    &external::KIND,
    &monitor::KIND,
];

/// The engines that archc ships: file name and text.
pub fn shipped_engines() -> impl Iterator<Item = (&'static str, &'static str)> {
    KINDS.iter().flat_map(|k| k.engines).copied()
}

/// The kind of that name.
#[must_use]
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|k| k.name == name).copied()
}

/// Words that start items other than components. No component and no `let` may use one as its name.
pub const ITEM_WORDS: [&str; 10] =
    ["arch", "system", "let", "use", "preset", "engine", "flow", "scenario", "rule", "allow"];

/// Whether a word is a keyword, which no component and no `let` may use as its name. Kinds are not
/// reserved.
#[must_use]
pub fn is_reserved(word: &str) -> bool {
    ITEM_WORDS.contains(&word)
}

/// Whether a word starts an item: a keyword or a kind.
#[must_use]
pub fn opens_item(word: &str) -> bool {
    is_reserved(word) || kind(word).is_some()
}
