//! Traffic equations and open networks of queues.
//!
//! In: rates from outside (per second), mean calls from each node to each other, service times
//! (seconds). Out: rates, utilisations, residence times (seconds). Literature: J. R. Jackson,
//! *Management Science* 10 (1963); E. Lazowska et al., *Quantitative System Performance* (1984),
//! chapter 7 (several classes).
//!
//! The equations `rate = external + rate * routing` are solved by elimination with pivots on the
//! diagonal: the matrix is `I - routing` with `routing` not negative, and all pivots are positive
//! exactly when the gain of every ring is below 1.

use super::mmc::Mmc;
use super::numeric::{finite, non_negative, positive};

/// Why the traffic equations have no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrafficError {
    /// A rate or a number of calls is negative or not finite, or the shapes do not fit.
    Input,
    /// These nodes call each other in a ring whose gain is 1 or more: the traffic has no bound.
    Loop(Vec<usize>),
    /// This node gets more than it can serve.
    Saturated(usize),
}

impl std::fmt::Display for TrafficError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Input => write!(formatter, "a rate is negative or not finite"),
            Self::Loop(nodes) => write!(formatter, "calls in a ring grow without bound: {nodes:?}"),
            Self::Saturated(node) => write!(formatter, "node {node} gets more than it can serve"),
        }
    }
}

impl std::error::Error for TrafficError {}

/// Element `(row, column)` of a square matrix, 0 outside.
fn at(matrix: &[Vec<f64>], row: usize, column: usize) -> f64 {
    matrix.get(row).and_then(|line| line.get(column)).copied().unwrap_or(0.0)
}

/// Nodes that traffic from `sources` reaches along positive entries.
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
/// per visit of `i` (may exceed 1). Nodes that no traffic reaches get 0, rings among them do not
/// matter.
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

/// The ring that made the last pivot of `done` vanish: the nodes eliminated so far that reach
/// it and that it reaches, in order.
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

/// Steady state of one node of a Jackson network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NodeState {
    /// Requests per second.
    pub arrival_rate: f64,
    /// Mean visits per request from outside.
    pub visits: f64,
    /// Utilisation of each server, `0..1`.
    pub utilisation: f64,
    /// Mean time in the node over all visits of a request, seconds.
    pub residence_time: f64,
    /// Mean number in the node.
    pub mean_in_system: f64,
}

/// Solves an open Jackson network: each node an M/M/c at its total rate.
///
/// `external` and `routing` as for [`traffic`]; `stations[i]`: mean service time (seconds) and
/// servers of node `i`. Gives the nodes and the mean time of a request in the network, seconds.
///
/// # Errors
///
/// As [`traffic`], and [`TrafficError::Saturated`] for the first node that is not stable.
pub fn jackson(
    external: &[f64],
    routing: &[Vec<f64>],
    stations: &[(f64, u32)],
) -> Result<(Vec<NodeState>, f64), TrafficError> {
    let rates = traffic(external, routing)?;
    let total: f64 = external.iter().sum();
    if stations.len() != rates.len() || !positive(total) {
        return Err(TrafficError::Input);
    }
    let mut states = Vec::with_capacity(rates.len());
    for (node, (&arrival_rate, &(service_time, servers))) in rates.iter().zip(stations).enumerate() {
        if !positive(service_time) || servers == 0 {
            return Err(TrafficError::Input);
        }
        let queue = Mmc::new(arrival_rate, service_time, servers).ok_or(TrafficError::Saturated(node))?;
        let visits = arrival_rate / total;
        states.push(NodeState {
            arrival_rate,
            visits,
            utilisation: queue.utilisation(),
            residence_time: visits * queue.mean_sojourn(),
            mean_in_system: queue.mean_in_system(),
        });
    }
    let response = states.iter().map(|state| state.residence_time).sum();
    Ok((states, response))
}

/// What each class of an open network of shared nodes sees.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenNetwork {
    /// `utilisation[class][node]`: share of the node's servers that the class keeps busy.
    pub utilisation: Vec<Vec<f64>>,
    /// `residence_time[class][node]`: seconds over all visits.
    pub residence_time: Vec<Vec<f64>>,
    /// Mean response time of each class, seconds.
    pub response_time: Vec<f64>,
}

/// Solves an open network of several classes: `residence = demand (1 + C / (c - a))`, which for one
/// server is `demand / (1 - utilisation)`.
///
/// `arrival_rates[class]` per second; `demand[class][node]`: visits times mean service time, in
/// seconds; `servers[node]`. Exact for processor sharing, and for queues in order of arrival if
/// all classes have one service time there.
///
/// # Errors
///
/// [`TrafficError::Input`] for numbers or shapes that do not fit, [`TrafficError::Saturated`] for
/// the first node that is not stable.
pub fn open_network(arrival_rates: &[f64], demand: &[Vec<f64>], servers: &[u32]) -> Result<OpenNetwork, TrafficError> {
    let shape = demand.len() == arrival_rates.len() && demand.iter().all(|line| line.len() == servers.len());
    let numbers = arrival_rates.iter().chain(demand.iter().flatten());
    if !shape || !numbers.into_iter().all(|value| non_negative(*value)) || servers.contains(&0) {
        return Err(TrafficError::Input);
    }
    let mut growth = Vec::with_capacity(servers.len());
    for (node, &count) in servers.iter().enumerate() {
        let loads = arrival_rates.iter().zip(demand);
        let load: f64 = loads.map(|(rate, line)| rate * line.get(node).copied().unwrap_or(0.0)).sum();
        let queue = Mmc::new(load, 1.0, count).ok_or(TrafficError::Saturated(node))?;
        growth.push(queue.mean_sojourn());
    }
    let used = |(rate, line): (&f64, &Vec<f64>)| -> Vec<f64> {
        line.iter().zip(servers).map(|(demand, count)| rate * demand / f64::from(*count)).collect()
    };
    let utilisation = arrival_rates.iter().zip(demand).map(used).collect();
    let stay =
        |line: &Vec<f64>| -> Vec<f64> { line.iter().zip(&growth).map(|(demand, growth)| demand * growth).collect() };
    let residence_time: Vec<Vec<f64>> = demand.iter().map(stay).collect();
    let response_time = residence_time.iter().map(|line| line.iter().sum()).collect();
    Ok(OpenNetwork { utilisation, residence_time, response_time })
}
