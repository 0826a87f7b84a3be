//! The distribution of a time: parts in sequence, alternatives, the slowest of several.
//!
//! In: seconds, rates per second, probabilities. Out: distribution function, quantiles (seconds),
//! mean and variance. Parts are independent; for M/M/1 queues in a row that is exact (Burke 1956,
//! Reich 1957), for more servers an approximation.
//!
//! A distribution is a sum of groups: a weight, a constant shift, and a time without a jump above
//! zero, whose transform is inverted ([`super::transform`]). So a constant, or a mixture with a
//! constant branch, has its exact jump, and a quantile on the jump is exact. Never: dependent parts.
//!
//! Measured errors. The distribution function is within `2e-9` for exponential, gamma and M/M/c
//! parts and their sums and mixtures. A log-normal part by itself is exact; inside a sequence its
//! distribution function is within `3e-5` and its quantiles within 0.1%. [`Distribution::slowest`],
//! [`Distribution::fastest`] and [`Distribution::quorum`] are tabulated: quantiles within 0.02% and
//! means within 0.005% for exponential branches, the distribution function within `5e-4` for the most
//! skewed gammas. The wait for a constant service has a kink after one service, with an error of
//! `1e-4` there. Paths with more than 48 different sums of constants merge the lightest.

use std::sync::Arc;

use super::complex::Complex;
use super::gg::{Gim1, Interarrival, Station};
use super::groups::{Group, SAME, gather};
use super::mmc::Mmc;
use super::node::Node;
use super::numeric::{find_root_between, finite, non_negative, normal_quantile, positive};

/// Relative difference of tails within the error of an inversion.
const NOISE: f64 = 2e-10;
/// Smallest tail probability of a quantile.
const LEAST_TAIL: f64 = 1e-9;
/// Times with a squared coefficient of variation below this count as constant.
const CONSTANT_SCV: f64 = 1e-6;
/// Maximum number of laws to which mixtures in sequence multiply out.
const MOST_LAWS: usize = 256;
/// Maximum number of laws if parts are cut off at a time: a gamma fit would smooth their steps.
const MOST_LAWS_CUT: usize = 1024;
/// Maximum deviation of the logarithm of a log-normal law.
const WIDEST: f64 = 20.0;

/// The distribution of a time that is not negative, seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    pub(super) groups: Vec<Group>,
}

impl Distribution {
    fn single(shift: f64, node: Option<Arc<Node>>) -> Self {
        Self { groups: vec![Group { shift, weight: 1.0, node }] }
    }

    /// A part without shift, if its moments are finite.
    fn of_node(node: Arc<Node>) -> Option<Self> {
        let usable = positive(node.mean) && non_negative(node.variance);
        usable.then(|| Self::single(0.0, Some(node)))
    }

    /// A time of 0 seconds.
    #[must_use]
    pub fn zero() -> Self {
        Self::single(0.0, None)
    }

    /// A constant time of `seconds`. `None` if negative or not finite.
    #[must_use]
    pub fn constant(seconds: f64) -> Option<Self> {
        non_negative(seconds).then(|| Self::single(seconds, None))
    }

    /// Exponential law with mean `seconds`. `None` unless positive and finite.
    #[must_use]
    pub fn exponential(seconds: f64) -> Option<Self> {
        if !positive(seconds) {
            return None;
        }
        Self::of_node(Node::exponential(seconds))
    }

    /// Response time (wait and service) of an M/M/c queue.
    #[must_use]
    pub fn mmc_sojourn(queue: &Mmc) -> Self {
        Self::single(0.0, Some(Node::sojourn(*queue)))
    }

    /// Wait of an M/M/c queue: zero with probability `1 - C`, else exponential.
    #[must_use]
    pub fn mmc_wait(queue: &Mmc) -> Self {
        if queue.wait_probability() <= 0.0 {
            return Self::zero();
        }
        Self::single(0.0, Some(Node::wait(queue.wait_probability(), queue.spare_rate())))
    }

    /// Gamma of mean `seconds` and squared coefficient of variation `scv` (two-moment fit).
    ///
    /// Below an SCV of `1e-6` it is the constant. `None` if a number is not finite or of the
    /// wrong sign.
    #[must_use]
    pub fn gamma(seconds: f64, scv: f64) -> Option<Self> {
        if !non_negative(seconds) || !non_negative(scv) {
            return None;
        }
        if scv < CONSTANT_SCV || seconds <= 0.0 {
            return Self::constant(seconds);
        }
        Self::of_node(Node::gamma(seconds, scv))
    }

    /// Log-normal through its median `p50` and its 99th percentile `p99`, seconds.
    ///
    /// Equal percentiles give the constant. `None` unless `0 < p50 <= p99`, both finite and less
    /// than twenty orders of magnitude apart.
    #[must_use]
    pub fn lognormal(p50: f64, p99: f64) -> Option<Self> {
        if !positive(p50) || !positive(p99) || p99 < p50 {
            return None;
        }
        let sigma = (p99.ln() - p50.ln()) / normal_quantile(0.99)?;
        Self::lognormal_of(p50.ln(), sigma)
    }

    fn lognormal_of(location: f64, sigma: f64) -> Option<Self> {
        if sigma > WIDEST || !sigma.is_finite() {
            return None;
        }
        if sigma * sigma < CONSTANT_SCV {
            return Self::constant(location.exp());
        }
        Self::of_node(Node::lognormal(location, sigma))
    }

    /// Wait in M/G/1 (Pollaczek-Khinchine transform): `arrival_rate` per second, any `service`.
    ///
    /// Its variance comes from differences of the transform, good to about `1e-5`. `None` if
    /// unstable or not a number.
    #[must_use]
    pub fn mg1_wait(arrival_rate: f64, service: &Self) -> Option<Self> {
        let station = Station::poisson(arrival_rate, service.mean(), service.scv()?, 1);
        let mean = station.mean_wait()?;
        let utilization = arrival_rate * service.mean();
        if mean <= 0.0 {
            return Some(Self::zero());
        }
        let branches = || service.groups.iter().map(|group| group.branch(1.0, 0.0)).collect();
        let draft = Node::pollaczek_khinchine(arrival_rate, utilization, branches(), (mean, mean * mean));
        let scale = mean / utilization;
        let estimate = |step: f64| {
            let log = draft.lst(Complex::real(step / scale)).re.ln();
            2.0 * (log + mean / scale * step) / (step * step)
        };
        // Richardson extrapolation: each round eliminates the next power of the step.
        let mut rounds = [4e-2, 2e-2, 1e-2, 5e-3].map(estimate).to_vec();
        let mut power = 1.0;
        while rounds.len() > 1 {
            power *= 2.0;
            let pairs = rounds.iter().zip(rounds.iter().skip(1));
            rounds = pairs.map(|(wide, fine)| (power * fine - wide) / (power - 1.0)).collect();
        }
        let variance = rounds.first().copied().unwrap_or(0.0).max(0.0) * scale * scale;
        let moments = (mean, variance);
        Self::of_node(Node::pollaczek_khinchine(arrival_rate, utilization, branches(), moments))
    }

    /// Wait in G/G/c by two moments: zero with the probability of M/M/c, else exponential with
    /// the mean of Whitt (1993). Exact for M/M/c.
    ///
    /// `None` if unstable or not a number.
    #[must_use]
    pub fn ggc_wait(station: &Station) -> Option<Self> {
        let queue = Mmc::new(station.arrival_rate, station.service_time, station.servers)?;
        let (mean, probability) = (station.mean_wait()?, queue.wait_probability());
        let rate = probability / mean;
        if mean <= 0.0 || !positive(rate) {
            return Some(Self::zero());
        }
        Self::of_node(Node::wait(probability, rate))
    }

    /// Wait in GI/M/c: zero with some probability, else exponential at the rate `c mu (1 - sigma)`.
    ///
    /// The rate is exact; `sigma` is the root of GI/M/1 at `c mu` (Kleinrock, "Queueing Systems" I,
    /// 1975,
    /// section 6.4). The mean is that of Whitt (1993), which determines the probability of a wait. With
    /// one server the result is exact: a share `sigma` of the arrivals waits.
    ///
    /// `law` replaces the station's squared coefficient of variation of arrivals. `None` if unstable or
    /// not a number.
    #[must_use]
    pub fn gimc_wait(law: Interarrival, station: &Station) -> Option<Self> {
        let whole = Gim1::new(station.arrival_rate, law, station.service_time / f64::from(station.servers))?;
        let rate = whole.mean_sojourn().recip();
        let waits = match station.servers {
            1 => whole.wait_probability,
            _ => (station.mean_wait()? * rate).min(1.0),
        };
        if !positive(waits) {
            return Some(Self::zero());
        }
        Self::of_node(Node::wait(waits, rate))
    }

    /// The sum of this time and `next`, which are independent.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        let mut groups = Vec::with_capacity(self.groups.len() * next.groups.len());
        for first in &self.groups {
            for second in &next.groups {
                let node = match (&first.node, &second.node) {
                    (Some(one), Some(two)) => Some(Node::product(one, two)),
                    (one, two) => one.as_ref().or(two.as_ref()).cloned(),
                };
                let weight = first.weight * second.weight;
                groups.push(Group { shift: first.shift + second.shift, weight, node });
            }
        }
        Self { groups: gather(groups) }
    }

    /// Approximate number of laws that one evaluation visits: the cost of a quantile.
    fn laws(&self) -> usize {
        self.groups.iter().map(|g| g.node.as_ref().map_or(1, |n| n.laws)).fold(0, usize::saturating_add)
    }

    /// The sum of `parts` like [`Distribution::sequence`], but at bounded cost.
    ///
    /// Mixtures multiply out. If that would take more than a few hundred laws, only the parts of
    /// largest
    /// variance stay exact. The others together become the shifted gamma of their mean and variance.
    /// The mean stays exact; only the shape of the smaller parts is lost.
    #[must_use]
    pub fn path(parts: &[Self]) -> Self {
        let (simple, mut mixed): (Vec<&Self>, Vec<&Self>) = parts.iter().partition(|p| p.groups.len() <= 1);
        let plain = simple.into_iter().fold(Self::zero(), |sum, part| sum.then(part));
        mixed.sort_by(|a, b| b.variance().total_cmp(&a.variance()));
        let cut = mixed.iter().any(|part| part.groups.iter().any(|group| group.weight < 0.0));
        let most = if cut { MOST_LAWS_CUT } else { MOST_LAWS };
        let mut sum = Self::zero();
        let (mut least, mut mean, mut variance) = (0.0, 0.0, 0.0);
        for (i, part) in mixed.into_iter().enumerate() {
            let cost = sum.laws().saturating_mul(part.groups.len()) + part.laws().saturating_mul(sum.groups.len());
            if i == 0 || cost <= most {
                sum = sum.then(part);
            } else {
                least += part.minimum();
                mean += part.mean();
                variance += part.variance();
            }
        }
        let over = mean - least;
        let rest = if over > 0.0 { Self::gamma(over, variance / over / over) } else { None };
        let rest = rest.unwrap_or_else(|| Self::single(over.max(0.0), None));
        sum.then(&rest).then(&Self::single(least, None)).then(&plain)
    }

    /// The sum of independent `parts`; [`Distribution::zero`] if there are none.
    #[must_use]
    pub fn sequence(parts: &[Self]) -> Self {
        parts.iter().fold(Self::zero(), |sum, part| sum.then(part))
    }

    /// This time plus a constant `delay` in seconds. `None` if negative or not finite.
    #[must_use]
    pub fn shifted(&self, delay: f64) -> Option<Self> {
        Some(self.then(&Self::constant(delay)?))
    }

    /// This time multiplied by `factor`. `None` unless the factor is positive and finite.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Option<Self> {
        let node = |group: &Group| group.node.as_ref().map(|node| Node::scaled(node, factor));
        let each = self.groups.iter().map(|g| Group { shift: g.shift * factor, weight: g.weight, node: node(g) });
        positive(factor).then(|| Self { groups: each.collect() })
    }

    /// A mixture of times, each with its weight.
    ///
    /// The weights are scaled to sum to one. `None` if there are none, or one is negative or not
    /// finite.
    #[must_use]
    pub fn alternatives(branches: &[(f64, Self)]) -> Option<Self> {
        let total: f64 = branches.iter().map(|(weight, _)| weight).sum();
        if !positive(total) || !branches.iter().all(|(weight, _)| non_negative(*weight)) {
            return None;
        }
        let mut groups = Vec::new();
        for (weight, branch) in branches.iter().filter(|(weight, _)| *weight > 0.0) {
            for group in &branch.groups {
                let weight = group.weight * (weight / total);
                groups.push(Group { weight, ..group.clone() });
            }
        }
        Some(Self { groups: gather(groups) })
    }

    /// Mean, seconds.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.groups.iter().map(|group| group.weight * group.mean()).sum()
    }

    /// Variance, seconds squared.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        let part = |group: &Group| {
            let away = group.mean() - mean;
            group.weight * (group.node.as_ref().map_or(0.0, |node| node.variance) + away * away)
        };
        self.groups.iter().map(part).sum()
    }

    /// Squared coefficient of variation. `None` if the mean is zero or the variance infinite.
    #[must_use]
    pub fn scv(&self) -> Option<f64> {
        let mean = self.mean();
        if mean <= 0.0 {
            return None;
        }
        finite(self.variance() / mean / mean)
    }

    /// The least possible time, seconds.
    #[must_use]
    pub fn minimum(&self) -> f64 {
        self.groups.first().map_or(0.0, |group| group.shift)
    }

    /// Probability of at most `seconds`.
    #[must_use]
    pub fn cdf(&self, seconds: f64) -> f64 {
        let reached = self.groups.iter().take_while(|group| group.shift <= seconds);
        let part =
            |group: &Group| group.weight * group.node.as_ref().map_or(1.0, |node| node.cdf(seconds - group.shift));
        reached.map(part).sum::<f64>().clamp(0.0, 1.0)
    }

    /// Probability of less than `seconds`: differs from [`Distribution::cdf`] at a jump.
    #[must_use]
    pub fn cdf_before(&self, seconds: f64) -> f64 {
        let reached = self.groups.iter().take_while(|group| group.shift < seconds);
        let part =
            |group: &Group| group.weight * group.node.as_ref().map_or(1.0, |node| node.cdf(seconds - group.shift));
        reached.map(part).sum::<f64>().clamp(0.0, 1.0)
    }

    /// Probability of more than `seconds`.
    #[must_use]
    pub fn survival(&self, seconds: f64) -> f64 {
        1.0 - self.cdf(seconds)
    }

    /// Least time in seconds within which a share `probability` of the requests is done.
    ///
    /// Exact on a jump. `None` unless `0 <= probability <= 1 - 1e-9`; the highest (above
    /// `1 - 1e-7`) are only as good as the inversion.
    #[must_use]
    pub fn quantile(&self, probability: f64) -> Option<f64> {
        if !(0.0..=1.0).contains(&probability) {
            return None;
        }
        let enough = probability - SAME;
        let index = self.groups.partition_point(|group| self.cdf(group.shift) < enough);
        let below = index.checked_sub(1).and_then(|i| self.groups.get(i));
        let Some(below) = below else {
            return self.groups.first().map(|group| group.shift);
        };
        let mut high = match self.groups.get(index) {
            Some(next) if self.cdf_before(next.shift) < enough => return Some(next.shift),
            Some(next) => next.shift,
            None => below.shift.max(self.mean() + 3.0 * self.variance().sqrt()),
        };
        if 1.0 - probability < LEAST_TAIL {
            return None;
        }
        let tail = 1.0 - probability;
        // Values below the error of an inversion count as 0.
        let excess = |t: f64| {
            let x = ((self.survival(t) + 1e-13) / (tail + 1e-13)).ln();
            if x.abs() < NOISE { 0.0 } else { x }
        };
        let (mut low, mut at_low) = (0.0, None);
        let mut at_high = excess(high);
        let mut tries = 0;
        while at_high > 0.0 && index == self.groups.len() {
            (low, at_low) = (high - below.shift, Some(at_high));
            high += high - self.minimum();
            at_high = excess(high);
            tries += 1;
            if tries > 200 || !positive(high) {
                return None;
            }
        }
        // Parts far below the shift are lost in rounding: the quantile is the shift.
        let at_low = at_low.unwrap_or_else(|| excess(below.shift));
        let high = high - below.shift;
        find_root_between(|age| excess(below.shift + age), (low, at_low), (high, at_high), 1e-12)
            .map(|age| below.shift + age)
    }

    /// Laplace-Stieltjes transform `E[exp(-s T)]`, `s` in 1/seconds.
    #[must_use]
    pub fn lst(&self, s: Complex) -> Complex {
        let part = |group: &Group| {
            let node = group.node.as_ref().map_or(Complex::ONE, |node| node.lst(s));
            node * (-s * group.shift).exp() * group.weight
        };
        self.groups.iter().fold(Complex::ZERO, |sum, group| sum + part(group))
    }
}
