//! A picture of a design before it is drawn.
//!
//! In: the model, its graph and its facts. Out: a [`Scene`]: nodes, edges, a legend. The
//! backends read nothing else. Never: a decision by a kind's name, a computed number.

use crate::analysis::Facts;
use crate::emit::escape::comment;
use crate::graph::CallGraph;
use crate::kinds::Facets;
use crate::model::{CompId, Component, Model};
use crate::units::{show_rate, show_ratio, shows_rps};
use std::collections::{BTreeMap, BTreeSet};

/// Class of a node, by its effect on traffic and state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// A source of requests.
    Origin,
    /// A schedule.
    Timer,
    /// Forwards requests: networks, balancers, gateways.
    Router,
    /// Processes requests.
    Service,
    /// Keeps entries for some time.
    Cache,
    /// Keeps messages until they are consumed.
    Queue,
    /// Keeps data.
    Store,
    /// An external system.
    External,
    /// A monitor; nobody calls it.
    Watcher,
}

impl Shape {
    /// All classes, in the order in which a request passes them.
    pub const ALL: [Self; 9] = [
        Self::Origin,
        Self::Timer,
        Self::Router,
        Self::Service,
        Self::Cache,
        Self::Queue,
        Self::Store,
        Self::External,
        Self::Watcher,
    ];

    /// Its word in the legend.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Origin => "client",
            Self::Timer => "timer",
            Self::Router => "router",
            Self::Service => "service",
            Self::Cache => "cache",
            Self::Queue => "queue",
            Self::Store => "store",
            Self::External => "external",
            Self::Watcher => "monitor",
        }
    }

    fn of(f: Facets) -> Self {
        if f.origin {
            // A source that nothing can call back is a schedule.
            if f.target { Self::Origin } else { Self::Timer }
        } else if f.buffers {
            Self::Queue
        } else if f.stores {
            Self::Store
        } else if f.misses {
            Self::Cache
        } else if f.external {
            Self::External
        } else if f.calls && (f.balances || f.managed) {
            Self::Router
        } else if f.calls || f.serve.is_some() {
            Self::Service
        } else {
            Self::Watcher
        }
    }
}

/// A component in a picture. Its texts are those of the design: each backend escapes
/// them.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name.
    pub label: String,
    /// Its kind and engine.
    pub detail: String,
    /// Known facts: rate, utilization, attributes to solve (`?`).
    pub facts: String,
    /// Whether the facts have a rate in requests per second.
    pub rps: bool,
    /// Whether the facts have an attribute to solve.
    pub has_hole: bool,
    /// Its class.
    pub shape: Shape,
}

/// A call in a picture, between nodes by their index.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The caller; for consumed messages, the queue.
    pub from: usize,
    /// The callee.
    pub to: usize,
    /// Whether the caller waits.
    pub sync: bool,
    /// Its rate; empty if unknown.
    pub label: String,
    /// Whether the rate is in requests per second.
    pub rps: bool,
}

/// An entry of the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A shape.
    Shape(Shape),
    /// A solid (`true`) or dashed arrow.
    Arrow(bool),
    /// A text and its meaning.
    Text(&'static str, &'static str),
}

impl Key {
    /// The entry as a line of text, for languages whose nodes name their own shape.
    /// `broken` is the language's word for an arrow that is not solid, `is` stands between
    /// sign and meaning.
    pub(super) fn line(self, broken: &str, is: &str) -> Option<String> {
        match self {
            Self::Shape(_) => None,
            Self::Arrow(true) => Some(format!("solid{is} call, the caller waits")),
            Self::Arrow(false) => Some(format!("{broken}{is} message, the caller goes on")),
            Self::Text(sign, word) => Some(format!("{sign}{is} {word}")),
        }
    }
}

/// What there is to draw, without coordinates.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// The name of the system.
    pub title: String,
    /// Nodes in order of declaration.
    pub nodes: Vec<Node>,
    /// Edges in a fixed order. One without both nodes is not drawn.
    pub edges: Vec<Edge>,
}

impl Scene {
    /// The legend of what is in this picture.
    #[must_use]
    pub fn legend(&self) -> Vec<Key> {
        let used: BTreeSet<Shape> = self.nodes.iter().map(|n| n.shape).collect();
        let mut keys: Vec<Key> = Shape::ALL.into_iter().filter(|s| used.contains(s)).map(Key::Shape).collect();
        keys.extend([true, false].into_iter().filter(|s| self.edges.iter().any(|e| e.sync == *s)).map(Key::Arrow));
        if self.nodes.iter().any(|n| n.rps) || self.edges.iter().any(|e| e.rps) {
            keys.push(Key::Text("rps", "requests per second at the peak"));
        }
        if self.nodes.iter().any(|n| n.has_hole) {
            keys.push(Key::Text("?", "to be solved"));
        }
        keys
    }

    /// The picture in words, for screen readers.
    #[must_use]
    pub fn description(&self) -> String {
        let plural = |n: usize, word: &str| if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") };
        let edges: Vec<_> = self.drawn().collect();
        let mut out = format!("{}, {}.", plural(self.nodes.len(), "component"), plural(edges.len(), "call"));
        for (_, e, from, to) in edges {
            let verb = if e.sync { "calls" } else { "sends to" };
            let rate = if e.label.is_empty() { String::new() } else { format!(" at {}", e.label) };
            out.push_str(&format!(" {} {verb} {}{rate}.", from.label, to.label));
        }
        out
    }

    /// Edges whose ends exist, with their index and ends.
    pub(super) fn drawn(&self) -> impl Iterator<Item = (usize, &Edge, &Node, &Node)> {
        self.edges.iter().enumerate().filter_map(|(i, e)| Some((i, e, self.nodes.get(e.from)?, self.nodes.get(e.to)?)))
    }
}

/// The picture of a design.
#[must_use]
pub fn scene(model: &Model, graph: &CallGraph, facts: &Facts) -> Scene {
    let nodes = model
        .all()
        .map(|(id, c)| {
            let rate = rate_of(id, facts);
            let holes = holes(c);
            Node {
                label: c.name.clone(),
                detail: c.engine.as_ref().map_or_else(|| c.kind.name.to_owned(), |e| format!("{} {e}", c.kind.name)),
                rps: rate.is_some_and(shows_rps),
                has_hole: !holes.is_empty(),
                facts: facts_line(rate, id, facts, &holes),
                shape: Shape::of(c.kind.facets),
            }
        })
        .collect();
    let mut rates: BTreeMap<(CompId, CompId, bool), Option<f64>> = BTreeMap::new();
    for flow in &facts.demand.flows {
        for hop in &flow.hops {
            let rate = flow.rate.as_ref().ok().zip(hop.visits.as_ref().ok()).map(|(r, v)| r * v);
            let sum = rates.entry((hop.from, hop.to, !hop.is_async)).or_insert(Some(0.0));
            *sum = sum.zip(rate).map(|(a, b)| a + b);
        }
    }
    let edges = graph
        .edges()
        .map(|e| {
            let rate = rates.get(&(e.from, e.to, e.sync)).copied().flatten();
            Edge {
                from: e.from.0,
                to: e.to.0,
                sync: e.sync,
                label: rate.map_or_else(String::new, show_rate),
                rps: rate.is_some_and(shows_rps),
            }
        })
        .collect();
    Scene { title: model.system.name.clone().unwrap_or_default(), nodes, edges }
}

/// The rate of a component; none without requests.
fn rate_of(id: CompId, facts: &Facts) -> Option<f64> {
    facts.demand.components.get(id.0).and_then(|d| d.rate.clone().ok()).filter(|rate| *rate > 0.0)
}

/// The names of what is to be solved.
fn holes(c: &Component) -> Vec<String> {
    let attrs = c.holes().into_iter().map(|(name, _)| name.to_string());
    attrs.chain((!c.engine_hole.is_empty()).then(|| "engine".to_owned())).collect()
}

fn facts_line(rate: Option<f64>, id: CompId, facts: &Facts, holes: &[String]) -> String {
    let mut parts: Vec<String> = rate.map(show_rate).into_iter().collect();
    if let Some(u) = facts.utilization.get(id.0)
        && let (Ok(x), Some(of)) = (&u.utilization, u.binding)
        && *x > 0.0
    {
        let used = if *x < 0.001 { "<0.1%".to_owned() } else { show_ratio(*x) };
        parts.push(format!("{used} {of}"));
    }
    parts.extend(holes.iter().map(|name| format!("{name} ?")));
    parts.join(" · ")
}

/// The longest text that a picture shows; longer ones end in an ellipsis.
const LONGEST: usize = 32;

/// A text on one line of a picture, shortened to [`LONGEST`] characters.
pub(super) fn visible(text: &str) -> String {
    let clean = comment(text);
    if clean.chars().count() <= LONGEST {
        return clean;
    }
    clean.chars().take(LONGEST - 1).chain(['…']).collect()
}
