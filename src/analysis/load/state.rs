//! The state of a design beside its rates: outcomes of calls, admission, waits downstream.
//!
//! In: results of an iteration. Out: the state that the next iteration starts from, and the distance
//! of two states. Never: how an iteration computes it ([`crate::analysis::steady`]).

use crate::analysis::ground::known::Known;
use crate::analysis::load::call_policy::{CallOutcome, Policies};
use crate::model::Reason;
use crate::model::{CompId, FlowId, Model};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything that changes the load of a design beside the rates of its flows.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Outcomes of calls, by flow and call number.
    pub(in crate::analysis) outcomes: Vec<BTreeMap<usize, CallOutcome>>,
    /// Calls whose circuit breaker is open.
    pub(in crate::analysis) open: BTreeSet<(FlowId, usize)>,
    /// Rejections, and waits of requests for downstream components.
    pub(in crate::analysis) backpressure: Arc<Backpressure>,
}

impl State {
    /// A state without failures, under a given backpressure.
    pub(in crate::analysis) fn under(backpressure: &Arc<Backpressure>) -> Self {
        Self { backpressure: Arc::clone(backpressure), ..Self::default() }
    }

    /// The outcome of a call; `None` if its first attempt always succeeds.
    #[must_use]
    pub fn outcome(&self, flow: FlowId, call: usize) -> Option<&CallOutcome> {
        self.outcomes.get(flow.0)?.get(&call)
    }

    /// Whether the circuit breaker of a call is open: every attempt fails, and there is no retry.
    #[must_use]
    pub fn is_open(&self, flow: FlowId, call: usize) -> bool {
        self.open.contains(&(flow, call))
    }

    /// The state in which every call makes all its attempts and runs its fallback.
    pub(in crate::analysis) fn full(model: &Model, policies: &Policies, like: &Self) -> Self {
        let all = model.flows.iter().enumerate().map(|(f, _)| {
            let each = policies.of_flow(f).map(|(id, policy)| {
                let most = if like.open.contains(&(FlowId(f), id)) { 1.0 } else { policy.most() };
                let sure = || Ok(1.0);
                let outcome = CallOutcome {
                    attempts: Ok(most),
                    timed_out: sure(),
                    fails: sure(),
                    residual: sure(),
                    open: false,
                    lost: false,
                };
                (id, outcome)
            });
            each.collect()
        });
        Self { outcomes: all.collect(), ..like.clone() }
    }

    /// The largest relative difference of attempts and residual failures between two states.
    pub(in crate::analysis) fn distance(&self, other: &Self) -> f64 {
        let mut most: f64 = 0.0;
        let none = BTreeMap::new();
        for f in 0..self.outcomes.len().max(other.outcomes.len()) {
            let (a, b) = (self.outcomes.get(f).unwrap_or(&none), other.outcomes.get(f).unwrap_or(&none));
            for id in a.keys().chain(b.keys()) {
                let value = |all: &BTreeMap<usize, CallOutcome>, of: fn(&CallOutcome) -> &Known, idle: f64| {
                    all.get(id).map_or(Ok(idle), |t| of(t).clone())
                };
                most = most.max(apart(&value(a, |t| &t.attempts, 1.0), &value(b, |t| &t.attempts, 1.0)));
                most = most.max(apart(&value(a, |t| &t.residual, 0.0), &value(b, |t| &t.residual, 0.0)));
            }
        }
        most
    }
}

/// The difference of two numbers, relative to the larger of both and 1.
fn apart(a: &Known, b: &Known) -> f64 {
    match (a, b) {
        (Ok(a), Ok(b)) => (a - b).abs() / a.abs().max(b.abs()).max(1.0),
        (Err(_), Err(_)) => 0.0,
        _ => 1.0,
    }
}

/// Backpressure: waits and rejections with which components slow down or shed their callers.
#[derive(Clone, Debug, Default)]
pub struct Backpressure {
    /// Waits for downstream components, by component; empty if no component sets `threads`.
    pub downstream: Vec<DownstreamWait>,
    /// Shares of requests that are admitted.
    pub admission: Admission,
}

impl Backpressure {
    /// All numbers as one vector; `None` if one is unknown.
    pub(in crate::analysis) fn numbers(&self) -> Option<Vec<f64>> {
        let downstream: Result<Vec<(f64, f64)>, ()> = self.downstream.iter().map(|b| b.clone().map_err(drop)).collect();
        Some(downstream.ok()?.into_iter().flat_map(|(a, b)| [a, b]).chain(self.admission.shares()).collect())
    }

    /// The limit that three iterates lead to (Aitken's delta squared): `first`, `second`, this.
    /// `None` if a number is unknown or the vectors differ in length.
    pub(in crate::analysis) fn extrapolated(&self, second: &Self, first: &Self) -> Option<Self> {
        let (a, b, c) = (first.numbers()?, second.numbers()?, self.numbers()?);
        if a.len() != c.len() || b.len() != c.len() {
            return None;
        }
        let each = a.iter().zip(&b).zip(&c).map(|((a, b), c)| {
            let (step, ratio) = (c - b, (c - b) / (b - a));
            let more = if (-4.0..0.9995).contains(&ratio) { step * ratio / (1.0 - ratio) } else { 0.0 };
            // At most twice the larger of the last two values, at least 0.
            (c + more).clamp(0.0, 2.0 * c.max(*b))
        });
        let mut each = each.collect::<Vec<f64>>().into_iter();
        let downstream: Option<Vec<DownstreamWait>> =
            self.downstream.iter().map(|_| Some(Ok((each.next()?, each.next()?)))).collect();
        let downstream = downstream?;
        Some(Self { downstream, admission: self.admission.with(each) })
    }
}

/// Shares of requests that limits and queues admit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Admission {
    /// Admitted by rate limits; only shares below 1.
    pub(in crate::analysis) limits: BTreeMap<(CompId, FlowId), f64>,
    /// Admitted by bounded queues, by component; 1 beyond the end of the list.
    pub queues: Vec<f64>,
}

impl Admission {
    /// The share of a flow's requests that a component admits.
    #[must_use]
    pub fn share(&self, id: CompId, flow: FlowId) -> f64 {
        let limit = self.limits.get(&(id, flow)).copied().unwrap_or(1.0);
        limit * self.queues.get(id.0).copied().unwrap_or(1.0)
    }
}

impl Admission {
    /// Whether two admissions are equal up to a relative difference of `most`.
    #[must_use]
    pub fn near(&self, other: &Self, most: f64) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() <= most * a.abs().max(b.abs());
        self.limits.len() == other.limits.len()
            && self.queues.len() == other.queues.len()
            && self.limits.iter().zip(&other.limits).all(|((k, a), (l, b))| k == l && near(*a, *b))
            && self.queues.iter().zip(&other.queues).all(|(a, b)| near(*a, *b))
    }

    /// All admitted shares.
    pub(in crate::analysis) fn shares(&self) -> impl Iterator<Item = f64> {
        self.limits.values().chain(&self.queues).copied()
    }

    /// This admission with other shares, in the order of [`Admission::shares`].
    pub(in crate::analysis) fn with(&self, mut shares: impl Iterator<Item = f64>) -> Self {
        let mut out = self.clone();
        for (slot, share) in out.limits.values_mut().chain(&mut out.queues).zip(&mut shares) {
            *slot = share.clamp(0.0, 1.0);
        }
        out
    }

    /// The mean of this admission and `other`. The limits are those of `other`.
    #[must_use]
    pub fn halfway(&self, other: Self) -> Self {
        let limits =
            other.limits.into_iter().map(|(k, b)| (k, f64::midpoint(self.limits.get(&k).copied().unwrap_or(1.0), b)));
        let queues = other.queues.into_iter().enumerate();
        Self {
            limits: limits.collect(),
            queues: queues.map(|(i, b)| f64::midpoint(self.queues.get(i).copied().unwrap_or(1.0), b)).collect(),
        }
    }
}

/// Wait of a request for downstream components: mean in seconds, variance in seconds squared.
pub type DownstreamWait = Result<(f64, f64), Reason>;
