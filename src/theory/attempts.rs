//! The time of a call with a timeout and retries.
//!
//! In: the law of one attempt, a timeout, waits before retries (seconds), the probability of an
//! error response, the share of retries that a budget admits. Out: the time until the answer or the
//! last failure, and the number of attempts. Never: an error probability that depends on the time.
//!
//! With timeout `t` an attempt of time `T` ends after `min(T, t)`. It fails with the probability
//! `p = 1 - (1 - P(T > t)) (1 - e)`, where `e` is the probability of an error response. Attempts are
//! independent. After `k` failures (`k <= m`) the answer takes `T | T <= t`. So the whole is
//! `sum_k bad^k (+) ok`, and `bad^(m+1)`, with the waits in between: `ok = (1 - e) (T; T <= t)`,
//! `bad = e (T; T <= t) + P(T > t) at t`, `(+)` the convolution.
//!
//! `(T; T <= t)` is `T` minus its part above `t`. That part is again a law after a shift by `t` if
//! [`super::node`] has it in closed form (exponential and M/M/c parts). Other laws are tabulated up to
//! `t` ([`super::panels`]) and continue smoothly as an exponential, which is subtracted again. So
//! every part has a transform, and no part ends with a kink, at which inversions oscillate.
//!
//! The result never falls, in the usual stochastic order, as `T` or `e` grow: each attempt ends later
//! and fails more often. Source: renewal argument; *Site Reliability Engineering* (2016), ch. 22.

use super::distribution::Distribution;
use super::groups::{Group, SAME, gather, heavy};
use super::node::Node;
use super::numeric::{find_root, non_negative};
use super::retry::{attempts, attempts_with_budget};
use std::sync::Arc;

/// Maximum number of retries.
pub const MOST_RETRIES: usize = 100;
/// Probabilities below this are within the error of an inversion.
const NOISE: f64 = 1e-9;
/// Branches with a weight below this are omitted.
const LIGHTEST: f64 = 1e-10;
/// Branches with a weight below this are merged: an inversion oscillates by less at their kinks.
const LIGHT: f64 = 1e-6;

/// Call policy: timeout, error probability, retries and their budget.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tries {
    /// Timeout of one attempt, seconds.
    pub timeout: Option<f64>,
    /// Probability that an attempt within the timeout answers an error.
    pub error: f64,
    /// Wait before each retry, seconds; one for each retry.
    pub waits: Vec<f64>,
    /// Maximum ratio of retries to calls.
    pub budget: Option<f64>,
}

/// Time and outcome of a call with its retries.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// Time until the answer or the last failure.
    pub time: Distribution,
    /// Time of calls that are answered; `None` if none is.
    pub answered: Option<Distribution>,
    /// Time of calls that fail; `None` if none does.
    pub failed: Option<Distribution>,
    /// Probabilities and mean attempts.
    pub outcome: Outcome,
}

/// Mean attempts of a call and its failure probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Probability that an attempt exceeds the timeout.
    pub timed_out: f64,
    /// Probability that an attempt fails.
    pub fails: f64,
    /// Mean attempts.
    pub attempts: f64,
    /// Probability that all attempts fail.
    pub residual: f64,
}

/// A measure: groups whose weights need not sum to one.
type Measure = Vec<Group>;

fn point(at: f64, weight: f64) -> Measure {
    vec![Group { shift: at, weight, node: None }]
}

fn scaled(of: &Measure, factor: f64) -> Measure {
    of.iter().map(|group| Group { weight: group.weight * factor, ..group.clone() }).collect()
}

fn later(of: &Measure, delay: f64) -> Measure {
    of.iter().map(|group| Group { shift: group.shift + delay, ..group.clone() }).collect()
}

fn convolved(a: &Measure, b: &Measure) -> Measure {
    let pairs = a.iter().flat_map(|x| b.iter().map(move |y| (x, y)));
    let all = pairs.map(|(x, y)| {
        let node = match (&x.node, &y.node) {
            (Some(one), Some(two)) => Some(Node::product(one, two)),
            (one, two) => one.as_ref().or(two.as_ref()).cloned(),
        };
        Group { shift: x.shift + y.shift, weight: x.weight * y.weight, node }
    });
    gather(all.filter(|group| group.weight.abs() > LIGHTEST).collect())
}

fn mass(of: &Measure) -> f64 {
    of.iter().map(|group| group.weight).sum()
}

/// The law of a measure; `None` if its mass is 0.
fn normal(of: &Measure) -> Option<Distribution> {
    let all = mass(of);
    (all > f64::MIN_POSITIVE).then(|| Distribution { groups: heavy(scaled(of, all.recip()), LIGHT) })
}

impl Distribution {
    /// Mean attempts and failure probabilities of a call, if this is the time of one attempt.
    ///
    /// `None` if a number is not finite or of the wrong sign, or there are more than
    /// [`MOST_RETRIES`] retries.
    #[must_use]
    pub fn outcome(&self, tries: &Tries) -> Option<Outcome> {
        let fine = tries.waits.iter().chain(&tries.timeout).all(|x| non_negative(*x));
        let retries = u32::try_from(tries.waits.len()).ok()?;
        if !fine || tries.waits.len() > MOST_RETRIES || !(0.0..=1.0).contains(&tries.error) {
            return None;
        }
        let mut timed_out = tries.timeout.map_or(0.0, |t| self.survival(t));
        if timed_out < NOISE {
            timed_out = 0.0;
        } else if timed_out > 1.0 - NOISE {
            timed_out = 1.0;
        }
        let fails = timed_out + tries.error * (1.0 - timed_out);
        let gain = match tries.budget {
            Some(budget) => attempts_with_budget(fails, retries, budget)?,
            None => attempts(fails, retries)?,
        };
        let residual = if fails <= 0.0 {
            0.0
        } else if tries.budget.is_none() {
            fails.powf(f64::from(retries) + 1.0)
        } else {
            // Each answered call ends with its answer.
            (1.0 - gain * (1.0 - fails)).clamp(0.0, 1.0)
        };
        Some(Outcome { timed_out, fails, attempts: gain, residual })
    }

    /// The time and outcome of a call under a policy, if this is the time of one attempt.
    ///
    /// `None` as for [`Distribution::outcome`].
    #[must_use]
    pub fn tried(&self, tries: &Tries) -> Option<Tried> {
        let outcome = self.outcome(tries)?;
        let Outcome { timed_out, fails, attempts: gain, .. } = outcome;
        let retries = u32::try_from(tries.waits.len()).ok()?;
        let e = tries.error;
        let again = let_through(fails, retries, gain);
        if fails <= 0.0 {
            let answered = Some(self.clone());
            return Some(Tried { time: self.clone(), answered, failed: None, outcome });
        }
        let within = match tries.timeout {
            Some(t) if timed_out > 0.0 => self.within(t, timed_out),
            _ => self.groups.clone(),
        };
        let ok = scaled(&within, 1.0 - e);
        let mut bad = scaled(&within, e);
        if let Some(t) = tries.timeout.filter(|_| timed_out > 0.0) {
            bad.extend(point(t, timed_out));
        }
        bad.retain(|group| group.weight.abs() > 0.0);
        let bad = gather(bad);
        let mut power = point(0.0, 1.0);
        let (mut good, mut lost): (Measure, Measure) = (Vec::new(), Vec::new());
        let mut waits = tries.waits.iter();
        loop {
            good.extend(convolved(&power, &ok));
            let failed = convolved(&power, &bad);
            match waits.next() {
                Some(wait) if mass(&failed) * again > LIGHTEST => {
                    lost.extend(scaled(&failed, 1.0 - again));
                    power = later(&scaled(&failed, again), *wait);
                }
                // The last attempt, or one with a negligible probability.
                _ => {
                    lost.extend(failed);
                    break;
                }
            }
        }
        good.retain(|group| group.weight.abs() > LIGHTEST);
        lost.retain(|group| group.weight.abs() > 0.0);
        let all = mass(&good) + mass(&lost);
        if all.is_nan() || (all - 1.0).abs() > 1e-6 {
            return None;
        }
        let (answered, failed) = (normal(&good), normal(&lost));
        good.extend(lost.into_iter().filter(|group| group.weight.abs() > LIGHTEST));
        let time = Self { groups: heavy(good, LIGHT) };
        Some(Tried { time, answered, failed, outcome })
    }

    /// The part of this time up to `limit`, which is exceeded with probability `over`: a measure
    /// of mass `1 - over`.
    fn within(&self, limit: f64, over: f64) -> Measure {
        if over >= 1.0 {
            return Vec::new();
        }
        let reached: Measure = self.groups.iter().filter(|group| group.shift <= limit).cloned().collect();
        let later: f64 = self.groups.iter().filter(|group| group.shift > limit).map(|group| group.weight).sum();
        if over - later < NOISE {
            return reached;
        }
        let mut out: Measure = Vec::new();
        for group in reached {
            let Some(node) = &group.node else {
                out.push(group);
                continue;
            };
            let age = limit - group.shift;
            if age <= SAME * limit {
                // Only the jump lies within the limit.
                if node.atom > 0.0 {
                    out.extend(point(group.shift, group.weight * node.atom));
                }
                continue;
            }
            let (kept, beyond) = match node.excess(age) {
                Some(beyond) => ((1.0, Arc::clone(node)), beyond),
                None => match node.cut(age, group.weight) {
                    Some((weight, law, beyond)) => ((weight, law), vec![beyond]),
                    None => continue,
                },
            };
            out.extend(
                beyond.into_iter().filter(|(weight, ..)| weight.abs() > 0.0).map(|(weight, delay, node)| Group {
                    shift: delay + limit,
                    weight: -weight * group.weight,
                    node,
                }),
            );
            out.push(Group { shift: group.shift, weight: group.weight * kept.0, node: Some(kept.1) });
        }
        gather(out)
    }

    /// The time of a hedged request: a second request of the same law is sent `after` seconds, and the
    /// sooner answer counts.
    ///
    /// The second value is the probability that it is sent. `None` if a number has the wrong sign.
    #[must_use]
    pub fn hedged(&self, after: f64) -> Option<(Self, f64)> {
        let second = self.shifted(after)?;
        let sent = self.survival(after);
        if sent < NOISE {
            return Some((self.clone(), 0.0));
        }
        Some((Self::fastest(&[self.clone(), second])?, sent))
    }
}

/// The probability that the budget admits a retry, such that the mean number of attempts is `gain`.
fn let_through(fails: f64, retries: u32, gain: f64) -> f64 {
    if retries == 0 || fails <= 0.0 || attempts(fails, retries).is_none_or(|all| all <= gain * (1.0 + 1e-15)) {
        return 1.0;
    }
    if gain <= 1.0 {
        return 0.0;
    }
    find_root(|share| attempts(fails * share, retries).unwrap_or(1.0) - gain, 0.0, 1.0).unwrap_or(0.0)
}
