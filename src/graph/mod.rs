//! Topology: callers and callees, and the components that a flow requires.
//!
//! In: the model. Out: neighbors in a fixed order, cycles, dominators. Never: a rate, a time, a
//! price. The only module that imports petgraph.

use crate::model::keys;
use crate::model::{CompId, Flow, Model, Step};
use petgraph::algo::{dominators, tarjan_scc};
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{BTreeMap, BTreeSet};

/// A directed edge between two components.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The caller; a queue for its consumers.
    pub from: CompId,
    /// The callee; a consumer for its queue.
    pub to: CompId,
    /// Whether the caller waits.
    pub sync: bool,
}

/// Calls between components, over all flows.
#[derive(Clone, Debug, Default)]
pub struct CallGraph {
    edges: BTreeSet<Edge>,
}

impl CallGraph {
    /// Builds the graph of all flows.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let mut graph = Self::default();
        for flow in &model.flows {
            Self::walk(flow.origin, &flow.steps, &mut |from, to, sync| {
                graph.edges.insert(Edge { from, to, sync });
            });
        }
        graph
    }

    /// Visits every call: caller, callee, whether the caller waits.
    pub fn walk(owner: CompId, steps: &[Step], visit: &mut dyn FnMut(CompId, CompId, bool)) {
        for step in steps {
            match step {
                Step::Call(c) => {
                    visit(owner, c.target, !c.is_async);
                    Self::walk(c.target, &c.body, visit);
                    Self::walk(owner, &c.on_miss, visit);
                    Self::walk(owner, &c.fallback, visit);
                }
                Step::Parallel(inner) => Self::walk(owner, inner, visit),
                Step::Choose(arms) => arms.iter().for_each(|(_, inner)| Self::walk(owner, inner, visit)),
            }
        }
    }

    /// All edges, ordered.
    pub fn edges(&self) -> impl Iterator<Item = Edge> + '_ {
        self.edges.iter().copied()
    }

    /// The callees of a component.
    pub fn callees(&self, from: CompId) -> impl Iterator<Item = Edge> + '_ {
        let low = Edge { from, to: CompId(0), sync: false };
        self.edges.range(low..).take_while(move |e| e.from == from).copied()
    }

    /// Cycles of calls, each as its members in order; only synchronous calls if `sync`.
    #[must_use]
    pub fn cycles(&self, sync_only: bool) -> Vec<Vec<CompId>> {
        let mut graph: DiGraph<CompId, ()> = DiGraph::new();
        let mut nodes: BTreeMap<CompId, NodeIndex> = BTreeMap::new();
        for e in self.edges.iter().filter(|e| e.sync || !sync_only) {
            let a = *nodes.entry(e.from).or_insert_with(|| graph.add_node(e.from));
            let b = *nodes.entry(e.to).or_insert_with(|| graph.add_node(e.to));
            graph.add_edge(a, b, ());
        }
        let mut out: Vec<Vec<CompId>> = Vec::new();
        for scc in tarjan_scc(&graph) {
            let members: BTreeSet<CompId> = scc.iter().filter_map(|n| graph.node_weight(*n)).copied().collect();
            let Some(start) = members.first().copied() else { continue };
            let looped = members.len() > 1
                || self.edges.contains(&Edge { from: start, to: start, sync: true })
                || (!sync_only && self.edges.contains(&Edge { from: start, to: start, sync: false }));
            if looped {
                out.push(self.ring(start, &members, sync_only));
            }
        }
        out.sort();
        out
    }

    /// A shortest cycle through `start` inside `members` (breadth first).
    fn ring(&self, start: CompId, members: &BTreeSet<CompId>, sync_only: bool) -> Vec<CompId> {
        let mut before: BTreeMap<CompId, CompId> = BTreeMap::new();
        let mut wave = vec![start];
        while !wave.is_empty() {
            let mut next = Vec::new();
            for at in wave {
                for e in self.callees(at).filter(|e| (e.sync || !sync_only) && members.contains(&e.to)) {
                    if e.to == start {
                        let mut ring = vec![at];
                        let mut here = at;
                        while here != start {
                            here = before.get(&here).copied().unwrap_or(start);
                            ring.push(here);
                        }
                        ring.reverse();
                        return ring;
                    }
                    before.entry(e.to).or_insert_with(|| {
                        next.push(e.to);
                        at
                    });
                }
            }
            wave = next;
        }
        members.iter().copied().collect()
    }
}

/// Components without which a flow cannot respond, in the order of the flow.
///
/// The structure function of the flow is a reliability block diagram. Steps in sequence are in series. A fallback is in
/// parallel with the call that it replaces. A cache look-up is replaced by its miss path, because
/// calls to a lost cache are misses. Asynchronous calls and cache writes are left out. A component
/// that occurs once is a single point of failure if it dominates the end (Lengauer and Tarjan;
/// petgraph's `simple_fast`). One that occurs several times is one if the end cannot be reached
/// without all its nodes.
#[must_use]
pub fn single_points(model: &Model, flow: &Flow) -> Vec<CompId> {
    let mut d = Diagram { graph: DiGraph::new(), order: Vec::new(), model };
    let start = d.graph.add_node(None);
    let origin_end = d.steps(&flow.steps, start);
    let end = d.graph.add_node(None);
    d.graph.add_edge(origin_end, end, ());

    let tree = dominators::simple_fast(&d.graph, start);
    let dominating: BTreeSet<CompId> = tree
        .strict_dominators(end)
        .into_iter()
        .flatten()
        .filter_map(|n| d.graph.node_weight(n).copied().flatten())
        .collect();
    let mut count: BTreeMap<CompId, usize> = BTreeMap::new();
    for w in d.graph.node_weights().flatten() {
        *count.entry(*w).or_default() += 1;
    }
    let mut seen = BTreeSet::new();
    d.order
        .iter()
        .copied()
        .filter(|c| seen.insert(*c))
        .filter(|c| dominating.contains(c) || (count.get(c).copied().unwrap_or(0) > 1 && !d.reaches(start, end, *c)))
        .collect()
}

struct Diagram<'a> {
    graph: DiGraph<Option<CompId>, ()>,
    order: Vec<CompId>,
    model: &'a Model,
}

impl Diagram<'_> {
    /// Adds steps after a node; returns the node at their end.
    fn steps(&mut self, steps: &[Step], mut at: NodeIndex) -> NodeIndex {
        for step in steps {
            at = match step {
                Step::Call(c) => {
                    let facets = self.model.component(c.target).kind.facets;
                    if c.is_async || c.attrs.read(keys::OPTIONAL) == Some(true) {
                        continue;
                    }
                    if facets.misses {
                        // Calls to a lost cache are misses, and a working cache has misses too: the
                        // miss path is required, the cache is not.
                        at = self.steps(&c.on_miss, at);
                        continue;
                    }
                    let node = self.graph.add_node(Some(c.target));
                    self.order.push(c.target);
                    self.graph.add_edge(at, node, ());
                    let done = self.steps(&c.body, node);
                    let end = self.graph.add_node(None);
                    self.graph.add_edge(done, end, ());
                    if !c.fallback.is_empty() {
                        let instead = self.steps(&c.fallback, at);
                        self.graph.add_edge(instead, end, ());
                    }
                    end
                }
                Step::Parallel(inner) => self.steps(inner, at),
                // Each arm carries some of the requests: all arms are required.
                Step::Choose(arms) => arms.iter().fold(at, |at, (_, inner)| self.steps(inner, at)),
            };
        }
        at
    }

    fn reaches(&self, start: NodeIndex, end: NodeIndex, without: CompId) -> bool {
        let mut seen = BTreeSet::from([start]);
        let mut stack = vec![start];
        while let Some(n) = stack.pop() {
            if n == end {
                return true;
            }
            for next in self.graph.neighbors(n) {
                if self.graph.node_weight(next).copied().flatten() != Some(without) && seen.insert(next) {
                    stack.push(next);
                }
            }
        }
        false
    }
}

/// Strongly connected components of a graph on `0..n`, each after all that feed it. Members are in
/// ascending order.
#[must_use]
pub fn ordered_groups(n: usize, edges: impl Iterator<Item = (usize, usize)>) -> Vec<Vec<usize>> {
    let mut graph: DiGraph<usize, ()> = DiGraph::new();
    let nodes: Vec<NodeIndex> = (0..n).map(|i| graph.add_node(i)).collect();
    for (a, b) in edges {
        if let (Some(a), Some(b)) = (nodes.get(a), nodes.get(b)) {
            graph.add_edge(*a, *b, ());
        }
    }
    // Tarjan's algorithm returns the components in reverse topological order.
    let mut groups: Vec<Vec<usize>> =
        tarjan_scc(&graph).into_iter().map(|g| g.into_iter().map(NodeIndex::index).collect()).collect();
    groups.reverse();
    for g in &mut groups {
        g.sort_unstable();
    }
    groups
}
