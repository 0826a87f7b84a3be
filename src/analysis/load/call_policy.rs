//! How a call is tried: its timeout, retries, hedge, breaker and budget, and what that comes to.
//!
//! In: attributes of calls (and of the services that make them), the time of one attempt,
//! the probability of an error below. Out: attempts, probabilities of failure, the time
//! until the answer or the last failure ([`crate::theory::attempts`]). An attempt that is
//! given up is still served; attempts are independent; the wait before retry k is
//! `backoff 2^(k-1)`, with `jitter` its mean, the half. A budget lets through a share of
//! the retries of each call. Never: an outage of a component, which is `availability`.

use crate::analysis::ground::known::Known;
use crate::analysis::ground::time_value::Timed;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{Attrs, Call, CompId, Model, Step};
use crate::theory::attempts::{MOST_RETRIES, Outcome, Tried, Tries};
use crate::theory::{Distribution, retry};
use std::collections::BTreeMap;

/// Above this an attempt is sure to fail.
pub(in crate::analysis) const SURE: f64 = 1.0 - 1e-9;

/// How a call is tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// An attempt is given up after so many seconds.
    pub timeout: Option<f64>,
    /// Retries at most.
    pub retries: f64,
    /// Waits before each retry, seconds, in the mean.
    pub waits: Vec<f64>,
    /// Whether they are random, up to twice as long.
    pub jitter: bool,
    /// A second request is sent after so many seconds.
    pub hedge: Option<f64>,
    /// Whether the caller stops trying again when all fail.
    pub breaker: bool,
    /// Retries as a share of the calls, at most.
    pub budget: Option<f64>,
}

impl Policy {
    /// Of a call of a component: its own attributes, then those of the caller.
    #[must_use]
    pub fn of(model: &Model, owner: CompId, call: &Call) -> Option<Self> {
        if call.is_async {
            return None;
        }
        let own = &model.component(owner).attrs;
        let first = |name: &str| call.attrs.number(name).or_else(|| own.number(name)).map(|n| n.mid);
        let number = |attrs: &Attrs, name: &str| attrs.number(name).map(|n| n.mid);
        let (timeout, retries, hedge) =
            (first("timeout"), first("retries").unwrap_or(0.0).round(), number(&call.attrs, "hedge"));
        if timeout.is_none() && retries <= 0.0 && hedge.is_none() {
            return None;
        }
        let mut wait = first("backoff").unwrap_or(0.0);
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
        Some(Self { timeout, retries, waits, jitter, hedge, breaker, budget: number(own, "retry_budget") })
    }

    /// Attempts if all fail, without hedges.
    #[must_use]
    pub fn attempts(&self) -> f64 {
        if self.breaker {
            return 1.0;
        }
        1.0 + self.budget.map_or(self.retries, |b| self.retries.min(b))
    }

    /// Requests sent if all fail.
    #[must_use]
    pub fn most(&self) -> f64 {
        self.attempts() * if self.hedges() && !self.breaker { 2.0 } else { 1.0 }
    }

    /// The longest until it gives up for good, seconds; nothing without a timeout.
    #[must_use]
    pub fn longest(&self) -> Option<f64> {
        let waits = self.waits.iter().sum::<f64>() * if self.jitter { 2.0 } else { 1.0 };
        Some(self.timeout? * (1.0 + self.retries) + waits)
    }

    /// Whether a second request is ever sent.
    fn hedges(&self) -> bool {
        self.hedge.is_some_and(|h| self.timeout.is_none_or(|t| h < t))
    }

    /// Whether what it does depends on how long an attempt takes.
    #[must_use]
    pub fn watches(&self) -> bool {
        self.timeout.is_some() || self.hedge.is_some()
    }

    /// Whether more than one request may be sent.
    #[must_use]
    pub fn repeats(&self) -> bool {
        self.retries > 0.0 || self.hedges()
    }

    /// The same with its clock and its waits so many times as long.
    pub(in crate::analysis) fn stretched(&self, clock: f64, waits: f64) -> Self {
        let longer = |t: Option<f64>| t.map(|t| t * clock);
        Self {
            timeout: longer(self.timeout),
            hedge: longer(self.hedge),
            waits: self.waits.iter().map(|w| w * waits).collect(),
            ..self.clone()
        }
    }

    /// Whether time passes between its tries.
    pub(in crate::analysis) fn pauses(&self) -> bool {
        self.waits.iter().any(|w| *w > 0.0)
    }
}

/// What the tries of a call come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Mean requests sent for each call: attempts and hedges.
    pub attempts: Known,
    /// Probability that an attempt is given up.
    pub timed_out: Known,
    /// Probability that an attempt fails.
    pub fails: Known,
    /// Probability that all attempts of a call fail.
    pub residual: Known,
    /// Whether a breaker keeps it from being tried again.
    pub open: bool,
    /// Whether nothing is left of what is called.
    pub gone: bool,
}

/// A call with all its attempts.
pub(in crate::analysis) struct Tested {
    pub trial: Trial,
    /// Until the answer or the last failure.
    pub time: Timed,
    /// The same of what is answered, and of what fails.
    pub ends: (Timed, Timed),
}

/// Tries a call: `attempt` is the time of one, `error` the probability that it fails below.
/// How long it takes is left out, as no time, if nobody wants to know (`timed`).
pub(in crate::analysis) fn test(
    policy: Option<&Policy>,
    attempt: &Timed,
    error: &Known,
    (open, gone): (bool, bool),
    timed: bool,
) -> Tested {
    let endless = matches!(attempt, Timed::Unbounded(_));
    let Some(policy) = policy else {
        let lack = match attempt {
            Timed::Unbounded(e) => Err(Reason::new(
                ReasonKind::Contradiction,
                format!("{e}; how many requests are never answered is not known"),
            )),
            _ => error.clone(),
        };
        let trial =
            Trial { attempts: Ok(1.0), timed_out: Ok(0.0), fails: lack.clone(), residual: lack, open: false, gone };
        return Tested { trial, time: attempt.clone(), ends: (attempt.clone(), attempt.clone()) };
    };
    let mut attempt = attempt.clone();
    let mut sent = Ok(0.0);
    if let Some(after) = policy.hedge.filter(|_| policy.hedges() && !open && !gone) {
        (attempt, sent) = attempt.hedged(after);
    }
    // What never ends is given up at the timeout.
    if let (true, Some(t)) = (endless, policy.timeout) {
        attempt = Timed::constant(2.0 * t);
    }
    let waits = if open { Vec::new() } else { policy.waits.clone() };
    if waits.len() > MOST_RETRIES {
        let why = format!("more than {MOST_RETRIES} retries of a call are not computed");
        let why = Reason::new(ReasonKind::TooLarge, why);
        return unknown(&why, &Err(why.clone()), open, gone);
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
                return unknown(&why, &Err(why.clone()), open, gone);
            };
            Tested { trial: known(outcome, sent, open, gone), time, ends }
        }
        // Without a timeout the time does not matter for how often it is tried.
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
            let trial = Trial {
                attempts: sent.map(|s| attempts * (1.0 + s)),
                timed_out: Ok(0.0),
                fails: Ok(*e),
                residual,
                open,
                gone,
            };
            Tested { trial, time: lack.clone(), ends: (lack.clone(), lack.clone()) }
        }
        (lack, error) => {
            let why = match (lack, error) {
                (_, Err(e)) | (Timed::Unknown(e) | Timed::Unbounded(e), _) => e.clone(),
                (Timed::Known(_), Ok(_)) => unreachable!("both are known: an arm above"),
            };
            let why = why.under("how often a call fails is not known");
            let attempts = if policy.repeats() && !open { Err(why.clone()) } else { Ok(1.0) };
            unknown(&why, &attempts, open, gone)
        }
    }
}

fn unknown(why: &Reason, attempts: &Known, open: bool, gone: bool) -> Tested {
    let lack = || Err(why.clone());
    let trial = Trial { attempts: attempts.clone(), timed_out: lack(), fails: lack(), residual: lack(), open, gone };
    let time = Timed::Unknown(why.clone());
    Tested { trial, time: time.clone(), ends: (time.clone(), time) }
}

fn known(o: Outcome, sent: Known, open: bool, gone: bool) -> Trial {
    Trial {
        attempts: sent.map(|s| o.attempts * (1.0 + s)),
        timed_out: Ok(o.timed_out),
        fails: Ok(o.fails),
        residual: Ok(o.residual),
        open,
        gone,
    }
}

/// The policies of all calls of a design.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// By flow and number of the call.
    flows: Vec<BTreeMap<usize, Policy>>,
    feeds: bool,
}

impl Policies {
    /// Reads them.
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
            // Fallbacks are asked when something fails, which a timeout or a loss can do.
            out.feeds |= falls && (!mine.is_empty() || model.components.iter().any(|c| c.lost.any()));
            out.flows.push(mine);
        }
        out
    }

    /// Whether failures change how often anything is asked.
    #[must_use]
    pub fn feed_back(&self) -> bool {
        self.feeds
    }

    /// The policy of a call.
    #[must_use]
    pub fn get(&self, flow: usize, call: usize) -> Option<&Policy> {
        self.flows.get(flow)?.get(&call)
    }

    /// All of a flow, by number of the call.
    pub fn of_flow(&self, flow: usize) -> impl Iterator<Item = (usize, &Policy)> {
        self.flows.get(flow).into_iter().flatten().map(|(id, p)| (*id, p))
    }
}
