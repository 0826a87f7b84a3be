//! A time value: a distribution, unbounded, or unknown with its reason.
//!
//! In: distributions (seconds). Out: sequences, mixtures and maxima of time values. If any part is
//! unbounded, the whole is unbounded, even if other parts are unknown. Never: a queue.

use crate::analysis::ground::known::Known;
use crate::model::Fact;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{Latency, Law};
use crate::theory::Distribution;

/// A random time, seconds.
pub type Timed = Fact<Distribution>;

/// A statistic of a time value, in seconds.
pub type Measure = Fact<f64>;

/// Maximum number of repetitions that are convolved one by one.
const MAX_REPEATS: f64 = 32.0;
/// Names of the statistics that are shown.
pub const LATENCY_METRICS: [&str; 6] = ["mean", "p50", "p90", "p95", "p99", "p999"];

impl Timed {
    /// A time of 0 seconds.
    #[must_use]
    pub fn zero() -> Self {
        Self::Known(Distribution::zero())
    }

    /// The distribution, or unknown if the theory has none; `what` names it in the reason.
    #[must_use]
    pub fn of(distribution: Option<Distribution>, what: &str) -> Self {
        distribution.map_or_else(
            || {
                Self::Unknown(Reason::new(
                    ReasonKind::OutOfRange,
                    format!("{what} is beyond the range of numbers computed here"),
                ))
            },
            Self::Known,
        )
    }

    /// A constant time.
    #[must_use]
    pub fn constant(seconds: f64) -> Self {
        Self::of(Distribution::constant(seconds), "a constant time")
    }

    /// The distribution of a law at a speed; `mean 3ms cv 0.5` is a gamma law.
    pub(in crate::analysis) fn of_law(l: Latency, speed: f64) -> Self {
        let mean = l.mean.mid / speed;
        if mean <= 0.0 {
            return Self::zero();
        }
        let distribution = match l.law {
            Law::Exponential => Distribution::exponential(mean),
            Law::Constant => Distribution::constant(mean),
            Law::Cv(cv) => Distribution::gamma(mean, cv * cv),
            Law::LogNormal { p50, p99 } => Distribution::lognormal(p50 / speed, p99 / speed),
        };
        Self::of(distribution, "a time of the design")
    }

    /// This time multiplied by a positive factor.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        match &self {
            Self::Known(d) => Self::of(d.scaled(factor), "a multiple of a time"),
            _ => self,
        }
    }

    /// The unbounded part if there is one, else the first unknown part.
    fn lack<'a>(parts: impl Iterator<Item = &'a Self>) -> Option<Self> {
        let mut unknown = None;
        for part in parts {
            match part {
                Self::Known(_) => {}
                Self::Unbounded(_) => return Some(part.clone()),
                Self::Unknown(_) => unknown = unknown.or_else(|| Some(part.clone())),
            }
        }
        unknown
    }

    /// The sum of this time and `next`, which are independent.
    #[must_use]
    pub fn then(self, next: &Self) -> Self {
        match (&self, next) {
            (Self::Known(a), Self::Known(b)) => Self::Known(a.then(b)),
            _ => Self::lack([&self, next].into_iter()).unwrap_or(self),
        }
    }

    /// The sum of independent times.
    #[must_use]
    pub fn sequence(parts: &[Self]) -> Self {
        if let Some(lack) = Self::lack(parts.iter()) {
            return lack;
        }
        let known: Vec<Distribution> = parts
            .iter()
            .filter_map(|t| match t {
                Self::Known(d) => Some(d.clone()),
                _ => None,
            })
            .collect();
        Self::Known(Distribution::path(&known))
    }

    /// A mixture of times by weight. A branch of weight 0 does not count.
    #[must_use]
    pub fn mixture(branches: &[(f64, Self)]) -> Self {
        let used = || branches.iter().filter(|(weight, _)| *weight > 0.0);
        if let Some(lack) = Self::lack(used().map(|(_, t)| t)) {
            return lack;
        }
        let known: Vec<(f64, Distribution)> = used()
            .filter_map(|(weight, t)| match t {
                Self::Known(d) => Some((*weight, d.clone())),
                _ => None,
            })
            .collect();
        match known.as_slice() {
            [] => Self::zero(),
            [(_, only)] => Self::Known(only.clone()),
            _ => Self::of(Distribution::alternatives(&known), "a mixture"),
        }
    }

    /// The maximum of parallel branches, each with the number of its independent instances.
    #[must_use]
    pub fn slowest(branches: &[(Self, u32)]) -> Self {
        if let Some(lack) = Self::lack(branches.iter().filter(|(_, n)| *n > 0).map(|(t, _)| t)) {
            return lack;
        }
        let known: Vec<(Distribution, u32)> = branches
            .iter()
            .filter_map(|(t, n)| match t {
                Self::Known(d) => Some((d.clone(), *n)),
                _ => None,
            })
            .collect();
        Self::of(Distribution::slowest(&known), "the slowest of several")
    }

    /// The time until `needed` of `copies` parallel instances are done.
    #[must_use]
    pub fn quorum(self, needed: u32, copies: u32) -> Self {
        match &self {
            Self::Known(d) => Self::of(d.quorum(needed, copies), "a quorum"),
            _ => self,
        }
    }

    /// The time of a hedged call, and the probability that the second request is sent.
    ///
    /// The second request is sent `after` seconds; the sooner answer counts.
    pub fn hedged(self, after: f64) -> (Self, Known) {
        match &self {
            Self::Known(d) => match d.hedged(after) {
                Some((time, sent)) => (Self::Known(time), Ok(sent)),
                None => (
                    Self::of(None, "a hedged call"),
                    Err(Reason::new(ReasonKind::OutOfRange, "a hedged call is beyond the range of numbers")),
                ),
            },
            Self::Unbounded(_) => (self, Ok(1.0)),
            Self::Unknown(e) => {
                let why = e.clone();
                (
                    self,
                    Err(Reason::new(
                        ReasonKind::Contradiction,
                        format!("how often a second request is sent is not known: {why}"),
                    )),
                )
            }
        }
    }

    /// The sum of `times` independent repetitions. The fractional part is the probability of one more.
    ///
    /// Above 32 repetitions the sum is the gamma law of the same mean and variance (central limit).
    #[must_use]
    pub fn repeat(&self, times: f64) -> Self {
        let whole = times.floor();
        let mut all = match self {
            Self::Known(d) if whole > MAX_REPEATS => {
                let scv = d.scv().unwrap_or(0.0) / whole;
                Self::of(Distribution::gamma(d.mean() * whole, scv), "a sum of many times")
            }
            _ => {
                let mut parts = Vec::new();
                let mut done = 0.0;
                while done < whole.min(MAX_REPEATS) {
                    parts.push(self.clone());
                    done += 1.0;
                }
                Self::sequence(&parts)
            }
        };
        let rest = times - whole;
        if rest > 1e-12 {
            all = Self::sequence(&[all, Self::mixture(&[(1.0 - rest, Self::zero()), (rest, self.clone())])]);
        }
        all
    }

    /// The statistic of a name in [`LATENCY_METRICS`], in seconds.
    #[must_use]
    pub fn measure(&self, metric: &str) -> Measure {
        let d = match self {
            Self::Known(d) => d,
            Self::Unbounded(e) => return Measure::Unbounded(e.clone()),
            Self::Unknown(e) => return Measure::Unknown(e.clone()),
        };
        let mean = d.mean();
        let value = if metric == "mean" { Some(mean) } else { percentile(metric).and_then(|p| quantile(d, p)) };
        value.filter(|x| x.is_finite()).map_or_else(
            || {
                Measure::Unknown(Reason::new(
                    ReasonKind::OutOfRange,
                    format!("`{metric}` is beyond the range of numbers computed here"),
                ))
            },
            Measure::Known,
        )
    }
}

/// The probability of a percentile's name: 0.99 for `p99`.
#[must_use]
pub fn percentile(metric: &str) -> Option<f64> {
    match metric {
        "p50" => Some(0.5),
        "p90" => Some(0.9),
        "p95" => Some(0.95),
        "p99" => Some(0.99),
        "p999" => Some(0.999),
        _ => None,
    }
}

/// The quantile, if it satisfies Markov's inequality: at most the mean over the tail probability.
///
/// The numerical inversion fails for tails that span many orders of magnitude.
fn quantile(d: &Distribution, probability: f64) -> Option<f64> {
    let bound = d.mean() / (1.0 - probability) * (1.0 + 1e-6);
    d.quantile(probability).filter(|x| *x <= bound)
}
