//! Call policies: timeout, retries, hedge, breaker and retry budget, and their effect on one call.
//!
//! In: attributes of calls and of the services that make them, the time of one attempt, the
//! probability that an attempt fails downstream. Out: attempts, probabilities of failure, the time
//! until the answer or the last failure ([`crate::theory::attempts`]). An attempt that times out is
//! still served. Attempts are independent. The wait before retry k is `backoff 2^(k-1)`; with
//! `jitter` its mean is half of that. A budget lets through a share of the retries of each call.
//! Never: an outage of a component, which is `availability`.

use crate::analysis::ground::known::Known;
use crate::analysis::ground::time_value::Timed;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys::{self, Key, Number};
use crate::model::{Call, CompId, Model, Step};
use crate::theory::attempts::{MOST_RETRIES, Outcome, Tried, Tries};
use crate::theory::{Distribution, retry};
use std::collections::BTreeMap;

/// Above this probability of failure every attempt counts as failed.
pub(in crate::analysis) const SURE: f64 = 1.0 - 1e-9;

/// The policy of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Seconds after which an attempt times out.
    pub timeout: Option<f64>,
    /// Maximum number of retries.
    pub retries: f64,
    /// Mean wait before each retry, seconds.
    pub waits: Vec<f64>,
    /// Whether the waits are random, at most twice the mean.
    pub jitter: bool,
    /// Seconds after which a second request is sent.
    pub hedge: Option<f64>,
    /// Whether the caller has a circuit breaker: it stops retries once every attempt fails.
    pub breaker: bool,
    /// Maximum ratio of retries to calls.
    pub budget: Option<f64>,
}

impl Policy {
    /// The policy of a call: the attributes of the call, then those of the caller.
    /// `None` for an asynchronous call and for a call without timeout, retries and hedge.
    #[must_use]
    pub fn of(model: &Model, owner: CompId, call: &Call) -> Option<Self> {
        if call.is_async {
            return None;
        }
        let own = &model.component(owner).attrs;
        let first = |key: Key<Number>| call.attrs.read(key).or_else(|| own.read(key)).map(|n| n.mid);
        let (timeout, retries) = (first(keys::TIMEOUT), first(keys::RETRIES).unwrap_or(0.0).round());
        let hedge = call.attrs.read(keys::HEDGE).map(|n| n.mid);
        if timeout.is_none() && retries <= 0.0 && hedge.is_none() {
            return None;
        }
        let mut wait = first(keys::BACKOFF).unwrap_or(0.0);
        let jitter = call.attrs.read(keys::JITTER) == Some(true);
        if jitter {
            wait /= 2.0;
        }
        let mut waits = Vec::new();
        let mut left = retries;
        while left > 0.0 && waits.len() <= MOST_RETRIES {
            waits.push(wait);
            wait *= 2.0;
            left -= 1.0;
        }
        let breaker = own.read(keys::BREAKER) == Some(true);
        let budget = own.read(keys::RETRY_BUDGET).map(|n| n.mid);
        Some(Self { timeout, retries, waits, jitter, hedge, breaker, budget })
    }

    /// Attempts of a call if every attempt fails, without hedges.
    #[must_use]
    pub fn attempts(&self) -> f64 {
        if self.breaker {
            return 1.0;
        }
        1.0 + self.budget.map_or(self.retries, |b| self.retries.min(b))
    }

    /// Requests sent for a call if every attempt fails.
    #[must_use]
    pub fn most(&self) -> f64 {
        self.attempts() * if self.hedges() && !self.breaker { 2.0 } else { 1.0 }
    }

    /// Longest time until the last attempt times out, seconds; `None` without a timeout.
    #[must_use]
    pub fn longest(&self) -> Option<f64> {
        let waits = self.waits.iter().sum::<f64>() * if self.jitter { 2.0 } else { 1.0 };
        Some(self.timeout? * (1.0 + self.retries) + waits)
    }

    /// Whether a hedge can be sent before the timeout.
    fn hedges(&self) -> bool {
        self.hedge.is_some_and(|h| self.timeout.is_none_or(|t| h < t))
    }

    /// Whether the policy depends on the time of an attempt.
    #[must_use]
    pub fn watches(&self) -> bool {
        self.timeout.is_some() || self.hedge.is_some()
    }

    /// Whether more than one request may be sent.
    #[must_use]
    pub fn repeats(&self) -> bool {
        self.retries > 0.0 || self.hedges()
    }

    /// The policy with timeout and hedge multiplied by `clock`, and the waits by `waits`.
    pub(in crate::analysis) fn stretched(&self, clock: f64, waits: f64) -> Self {
        let longer = |t: Option<f64>| t.map(|t| t * clock);
        Self {
            timeout: longer(self.timeout),
            hedge: longer(self.hedge),
            waits: self.waits.iter().map(|w| w * waits).collect(),
            ..self.clone()
        }
    }

    /// Whether the caller waits before a retry.
    pub(in crate::analysis) fn pauses(&self) -> bool {
        self.waits.iter().any(|w| *w > 0.0)
    }
}

/// The outcome of a call with all its attempts.
#[derive(Clone, Debug, PartialEq)]
pub struct CallOutcome {
    /// Mean number of requests sent for each call: attempts and hedges.
    pub attempts: Known,
    /// Probability that an attempt times out.
    pub timed_out: Known,
    /// Probability that an attempt fails.
    pub fails: Known,
    /// Probability that all attempts of a call fail.
    pub residual: Known,
    /// Whether an open circuit breaker stops the retries.
    pub open: bool,
    /// Whether the called component is lost.
    pub lost: bool,
}

/// The outcome and the time of a call with all its attempts.
pub(in crate::analysis) struct CallResult {
    pub outcome: CallOutcome,
    /// Time until the answer or the last failure.
    pub time: Timed,
    /// Time of answered calls, and of failed calls.
    pub ends: (Timed, Timed),
}

/// Computes a call under its policy.
///
/// `attempt` is the time of one attempt, `error` the probability that it fails downstream. Without
/// `timed` the times are not computed and 0.
pub(in crate::analysis) fn call_result(
    policy: Option<&Policy>,
    attempt: &Timed,
    error: &Known,
    (open, lost): (bool, bool),
    timed: bool,
) -> CallResult {
    let endless = matches!(attempt, Timed::Unbounded(_));
    let Some(policy) = policy else {
        let lack = match attempt {
            Timed::Unbounded(e) => Err(Reason::new(
                ReasonKind::Contradiction,
                format!("{e}; how many requests are never answered is not known"),
            )),
            _ => error.clone(),
        };
        let outcome = CallOutcome {
            attempts: Ok(1.0),
            timed_out: Ok(0.0),
            fails: lack.clone(),
            residual: lack,
            open: false,
            lost,
        };
        return CallResult { outcome, time: attempt.clone(), ends: (attempt.clone(), attempt.clone()) };
    };
    let mut attempt = attempt.clone();
    let mut sent = Ok(0.0);
    if let Some(after) = policy.hedge.filter(|_| policy.hedges() && !open && !lost) {
        (attempt, sent) = attempt.hedged(after);
    }
    // An unbounded attempt always times out.
    if let (true, Some(t)) = (endless, policy.timeout) {
        attempt = Timed::constant(2.0 * t);
    }
    let waits = if open { Vec::new() } else { policy.waits.clone() };
    if waits.len() > MOST_RETRIES {
        let why = format!("more than {MOST_RETRIES} retries of a call are not computed");
        let why = Reason::new(ReasonKind::TooLarge, why);
        return unknown(&why, &Err(why.clone()), open, lost);
    }
    match (&attempt, error) {
        (Timed::Known(d), Ok(e)) => {
            let tries = Tries { timeout: policy.timeout, error: *e, waits, budget: policy.budget };
            let ends = |tried: Tried| {
                let end = |d: Option<Distribution>| d.map_or_else(Timed::zero, Timed::Known);
                (tried.outcome, Timed::Known(tried.time), (end(tried.answered), end(tried.failed)))
            };
            let all = if timed {
                d.tried(&tries).map(ends)
            } else {
                d.outcome(&tries).map(|o| (o, Timed::zero(), (Timed::zero(), Timed::zero())))
            };
            let Some((outcome, time, ends)) = all else {
                let why = "the time of a call with its retries is beyond the range of numbers computed here";
                let why = Reason::new(ReasonKind::OutOfRange, why);
                return unknown(&why, &Err(why.clone()), open, lost);
            };
            CallResult { outcome: known(outcome, sent, open, lost), time, ends }
        }
        // Without a timeout the number of attempts does not depend on the time.
        (lack, Ok(e)) if policy.timeout.is_none() => {
            let m = u32::try_from(waits.len()).unwrap_or(u32::MAX);
            let attempts = match policy.budget {
                Some(b) => retry::attempts_with_budget(*e, m, b),
                None => retry::attempts(*e, m),
            };
            let attempts = attempts.unwrap_or(1.0);
            let residual = match lack {
                Timed::Unbounded(why) => Err(Reason::new(
                    ReasonKind::Contradiction,
                    format!("{why}; how many requests are never answered is not known"),
                )),
                _ => Ok((1.0 - attempts * (1.0 - e)).clamp(0.0, 1.0)),
            };
            let outcome = CallOutcome {
                attempts: sent.map(|s| attempts * (1.0 + s)),
                timed_out: Ok(0.0),
                fails: Ok(*e),
                residual,
                open,
                lost,
            };
            CallResult { outcome, time: lack.clone(), ends: (lack.clone(), lack.clone()) }
        }
        (lack, error) => {
            let why = match (lack, error) {
                (_, Err(e)) | (Timed::Unknown(e) | Timed::Unbounded(e), _) => e.clone(),
                (Timed::Known(_), Ok(_)) => unreachable!("both are known: an arm above"),
            };
            let why = why.under("how often a call fails is not known");
            let attempts = if policy.repeats() && !open { Err(why.clone()) } else { Ok(1.0) };
            unknown(&why, &attempts, open, lost)
        }
    }
}

fn unknown(why: &Reason, attempts: &Known, open: bool, lost: bool) -> CallResult {
    let lack = || Err(why.clone());
    let outcome =
        CallOutcome { attempts: attempts.clone(), timed_out: lack(), fails: lack(), residual: lack(), open, lost };
    let time = Timed::Unknown(why.clone());
    CallResult { outcome, time: time.clone(), ends: (time.clone(), time) }
}

fn known(o: Outcome, sent: Known, open: bool, lost: bool) -> CallOutcome {
    CallOutcome {
        attempts: sent.map(|s| o.attempts * (1.0 + s)),
        timed_out: Ok(o.timed_out),
        fails: Ok(o.fails),
        residual: Ok(o.residual),
        open,
        lost,
    }
}

/// The call policies of a design.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// By flow and call number.
    flows: Vec<BTreeMap<usize, Policy>>,
    feeds: bool,
}

impl Policies {
    /// Reads the policies of all calls.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let mut out = Self::default();
        for flow in &model.flows {
            let mut mine = BTreeMap::new();
            let mut falls = false;
            Step::descend(flow.origin, &flow.steps, &(), &mut |caller, call, ()| {
                if let Some(policy) = Policy::of(model, caller, call) {
                    mine.insert(call.id, policy);
                }
                falls |= !call.fallback.is_empty();
            });
            out.feeds |= mine.values().any(Policy::repeats);
            // Fallbacks run after a failure. A timeout or a loss can cause one.
            out.feeds |= falls && (!mine.is_empty() || model.components.iter().any(|c| c.lost.any()));
            out.flows.push(mine);
        }
        out
    }

    /// Whether failures change the arrival rates.
    #[must_use]
    pub fn feed_back(&self) -> bool {
        self.feeds
    }

    /// The policy of a call.
    #[must_use]
    pub fn get(&self, flow: usize, call: usize) -> Option<&Policy> {
        self.flows.get(flow)?.get(&call)
    }

    /// The policies of a flow, by call number.
    pub fn of_flow(&self, flow: usize) -> impl Iterator<Item = (usize, &Policy)> {
        self.flows.get(flow).into_iter().flatten().map(|(id, p)| (*id, p))
    }
}
