//! Topology: callers and callees, and the components that a flow requires.
//!
//! In: the model. Out: neighbors in a fixed order, cycles, dominators. Never: a rate, a time, a
//! price. The only module that imports petgraph.

use crate::model::keys;
use crate::model::{CompId, Flow, Model, Step};
use petgraph::algo::{dominators, has_path_connecting, tarjan_scc};
use petgraph::graph::{DiGraph, EdgeReference, NodeIndex};
use petgraph::unionfind::UnionFind;
use petgraph::visit::{EdgeFiltered, EdgeRef, IntoNeighbors, NodeFiltered};
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

/// Calls between components, over all flows: one graph, built once. Nodes are the components in
/// the order of their ids; edges are sorted and carry whether the caller waits.
#[derive(Clone, Debug, Default)]
pub struct CallGraph {
    graph: DiGraph<CompId, bool>,
}

impl CallGraph {
    /// Builds the graph of all flows.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let mut edges = BTreeSet::new();
        for flow in &model.flows {
            Self::walk(flow.origin, &flow.steps, &mut |from, to, sync| {
                edges.insert(Edge { from, to, sync });
            });
        }
        let mut graph = DiGraph::new();
        model.all().for_each(|(id, _)| {
            graph.add_node(id);
        });
        for e in edges {
            graph.add_edge(NodeIndex::new(e.from.0), NodeIndex::new(e.to.0), e.sync);
        }
        Self { graph }
    }

    /// Visits every call with its caller, its callee, and whether the caller waits.
    pub fn walk(owner: CompId, steps: &[Step], visit: &mut dyn FnMut(CompId, CompId, bool)) {
        Step::descend(owner, steps, &(), &mut |caller, call, ()| visit(caller, call.target, !call.is_async));
    }

    /// All edges, ordered by caller, callee, and whether the caller waits.
    pub fn edges(&self) -> impl Iterator<Item = Edge> + '_ {
        let edge = |e: EdgeReference<'_, bool>| Edge {
            from: CompId(e.source().index()),
            to: CompId(e.target().index()),
            sync: *e.weight(),
        };
        self.graph.edge_references().map(edge)
    }

    /// The calls of a component, ordered.
    pub fn callees(&self, from: CompId) -> impl Iterator<Item = Edge> + '_ {
        let mut out: Vec<Edge> = self
            .graph
            .edges(NodeIndex::new(from.0))
            .map(|e| Edge { from, to: CompId(e.target().index()), sync: *e.weight() })
            .collect();
        out.sort();
        out.into_iter()
    }

    /// Cycles of calls, each with its members in order. `sync_only` ignores asynchronous calls.
    #[must_use]
    pub fn cycles(&self, sync_only: bool) -> Vec<Vec<CompId>> {
        let edges = EdgeFiltered::from_fn(&self.graph, |e| *e.weight() || !sync_only);
        let mut out: Vec<Vec<CompId>> = Vec::new();
        for group in tarjan_scc(&edges) {
            let Some(start) = group.iter().copied().min() else { continue };
            let members: BTreeSet<NodeIndex> = group.into_iter().collect();
            if members.len() > 1 || edges.neighbors(start).any(|n| n == start) {
                out.push(self.ring(start, &members, sync_only));
            }
        }
        out.sort();
        out
    }

    /// A shortest ring through `start` inside `members`: a breadth-first search in the order of ids.
    fn ring(&self, start: NodeIndex, members: &BTreeSet<NodeIndex>, sync_only: bool) -> Vec<CompId> {
        let mut before: BTreeMap<CompId, CompId> = BTreeMap::new();
        let start = CompId(start.index());
        let mut wave = vec![start];
        while !wave.is_empty() {
            let mut next = Vec::new();
            for at in wave {
                let inside = |e: &Edge| (e.sync || !sync_only) && members.contains(&NodeIndex::new(e.to.0));
                for e in self.callees(at).filter(inside) {
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
        members.iter().map(|n| CompId(n.index())).collect()
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
            at = match step.call() {
                Some(c) => {
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
                // Each arm of a choice carries some of the requests: all arms are required.
                None => step.blocks().fold(at, |at, (_, inner)| self.steps(inner, at)),
            };
        }
        at
    }

    /// Whether a path from `start` to `end` avoids every node of the component `without`.
    fn reaches(&self, start: NodeIndex, end: NodeIndex, without: CompId) -> bool {
        let left =
            NodeFiltered::from_fn(&self.graph, |n| self.graph.node_weight(n).copied().flatten() != Some(without));
        has_path_connecting(&left, start, end, None)
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

/// The connected parts of the numbers below `n` that `groups` join: members in ascending order,
/// the part of the least number first.
#[must_use]
pub fn joined(n: usize, groups: impl Iterator<Item = Vec<usize>>) -> Vec<Vec<usize>> {
    let mut parts = UnionFind::new(n);
    for group in groups {
        for pair in group.windows(2) {
            if let [a, b] = pair
                && *a < n
                && *b < n
            {
                parts.union(*a, *b);
            }
        }
    }
    let mut place: BTreeMap<usize, usize> = BTreeMap::new();
    let mut out: Vec<Vec<usize>> = Vec::new();
    for i in 0..n {
        let at = *place.entry(parts.find(i)).or_insert_with(|| {
            out.push(Vec::new());
            out.len() - 1
        });
        if let Some(part) = out.get_mut(at) {
            part.push(i);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn groups_join_what_they_share() {
        let parts = joined(7, [vec![5, 1], vec![2, 6], vec![1, 3], vec![9, 0]].into_iter());
        assert_eq!(parts, [vec![0], vec![1, 3, 5], vec![2, 6], vec![4]]);
    }
}
