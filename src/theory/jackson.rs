//! Traffic equations of an open network of queues.
//!
//! In: rates from outside (per second), mean calls from each node to each other. Out: the arrival
//! rate of each node. Never: a wait. Literature: J. R. Jackson, *Management Science* 10 (1963).
//!
//! The equations `rate = external + rate * routing` are solved by elimination with pivots on the
//! diagonal. The matrix is `I - routing` with `routing` not negative. All pivots are positive if and
//! only if the gain of every ring is below 1.

use super::numeric::{finite, non_negative};

/// Why the traffic equations have no solution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrafficError {
    /// A rate or a number of calls is negative or not finite, or the shapes do not fit.
    Input,
    /// These nodes call each other in a ring whose gain is 1 or more: the traffic has no bound.
    Loop(Vec<usize>),
}

impl std::fmt::Display for TrafficError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Input => write!(formatter, "a rate is negative or not finite"),
            Self::Loop(nodes) => write!(formatter, "calls in a ring grow without bound: {nodes:?}"),
        }
    }
}

impl std::error::Error for TrafficError {}

/// Element `(row, column)` of a square matrix, 0 outside.
fn at(matrix: &[Vec<f64>], row: usize, column: usize) -> f64 {
    matrix.get(row).and_then(|line| line.get(column)).copied().unwrap_or(0.0)
}

/// Nodes that are reachable from `sources` along positive entries.
fn reached(routing: &[Vec<f64>], sources: impl Iterator<Item = usize>) -> Vec<bool> {
    let mut seen = vec![false; routing.len()];
    let mut open: Vec<usize> = sources.collect();
    while let Some(node) = open.pop() {
        let Some(mark) = seen.get_mut(node) else {
            continue;
        };
        if std::mem::replace(mark, true) {
            continue;
        }
        let calls = routing.get(node).into_iter().flatten().enumerate();
        open.extend(calls.filter(|(_, calls)| **calls > 0.0).map(|(next, _)| next));
    }
    seen
}

/// Solves the traffic equations: the rate of each node, per second.
///
/// `external[i]`: arrivals from outside at node `i`, per second; `routing[i][j]`: mean calls to `j`
/// per visit of `i` (may exceed 1). Nodes without traffic get 0, even in a ring of gain 1 or more.
///
/// # Errors
///
/// [`TrafficError::Input`] for numbers or shapes that do not fit, [`TrafficError::Loop`] for a
/// ring whose gain is 1 or more.
pub fn traffic(external: &[f64], routing: &[Vec<f64>]) -> Result<Vec<f64>, TrafficError> {
    let size = external.len();
    let square = routing.len() == size && routing.iter().all(|line| line.len() == size);
    if !square || !external.iter().chain(routing.iter().flatten()).all(|value| non_negative(*value)) {
        return Err(TrafficError::Input);
    }
    let sources = external.iter().enumerate().filter(|(_, rate)| **rate > 0.0);
    let live = reached(routing, sources.map(|(node, _)| node));
    let nodes: Vec<usize> = (0..size).filter(|node| live.get(*node) == Some(&true)).collect();
    // Row of node j: rate(j) - sum over i of rate(i) routing(i, j) = external(j).
    let row = |&node: &usize| {
        let own = |&from: &usize| f64::from(u8::from(from == node)) - at(routing, from, node);
        let outside = external.get(node).copied().unwrap_or(0.0);
        nodes.iter().map(own).chain([outside]).collect::<Vec<f64>>()
    };
    let mut rows: Vec<Vec<f64>> = nodes.iter().map(row).collect();
    let mut left: Vec<usize> = (0..nodes.len()).collect();
    let mut done: Vec<usize> = Vec::with_capacity(nodes.len());
    while !left.is_empty() {
        let diagonal = |index: &usize| at(&rows, *index, *index);
        let best = left.iter().enumerate().max_by(|(_, a), (_, b)| diagonal(a).total_cmp(&diagonal(b)).then(b.cmp(a)));
        let Some((place, &index)) = best else { break };
        let pivot = diagonal(&index);
        left.swap_remove(place);
        done.push(index);
        if pivot <= 1e-12 {
            let ring = loop_through(routing, &nodes, &done);
            return Err(TrafficError::Loop(ring));
        }
        let Some(source) = rows.get(index).cloned() else {
            break;
        };
        for &other in &left {
            let factor = at(&rows, other, index) / pivot;
            if let Some(line) = rows.get_mut(other).filter(|_| factor.abs() > 0.0) {
                for (value, from) in line.iter_mut().zip(&source) {
                    *value -= factor * from;
                }
            }
        }
    }
    let mut solved = vec![0.0; nodes.len()];
    for (position, &index) in done.iter().enumerate().rev() {
        let known = done.iter().skip(position + 1);
        let sum: f64 = known.map(|&k| at(&rows, index, k) * solved.get(k).copied().unwrap_or(0.0)).sum();
        let rate = (at(&rows, index, nodes.len()) - sum) / at(&rows, index, index);
        if let Some(slot) = solved.get_mut(index) {
            *slot = finite(rate).ok_or(TrafficError::Input)?.max(0.0);
        }
    }
    let mut rates = vec![0.0; size];
    for (node, rate) in nodes.iter().zip(solved) {
        if let Some(slot) = rates.get_mut(*node) {
            *slot = rate;
        }
    }
    Ok(rates)
}

/// The ring that made the last pivot of `done` vanish: the eliminated nodes in a common cycle with
/// it, in order.
fn loop_through(routing: &[Vec<f64>], nodes: &[usize], done: &[usize]) -> Vec<usize> {
    let members: Vec<usize> = done.iter().filter_map(|index| nodes.get(*index)).copied().collect();
    let Some(&last) = members.last() else {
        return Vec::new();
    };
    let inside = |node: &usize| members.contains(node);
    let flow = |from: usize, to: usize| {
        if inside(&from) && inside(&to) { at(routing, from, to) } else { 0.0 }
    };
    let size = routing.len();
    let table = |flip: bool| -> Vec<Vec<f64>> {
        let line = |i: usize| (0..size).map(|j| if flip { flow(j, i) } else { flow(i, j) }).collect();
        (0..size).map(line).collect()
    };
    let forward = reached(&table(false), std::iter::once(last));
    let backward = reached(&table(true), std::iter::once(last));
    let both = forward.into_iter().zip(backward).enumerate();
    both.filter(|(_, (there, back))| *there && *back).map(|(node, _)| node).collect()
}
