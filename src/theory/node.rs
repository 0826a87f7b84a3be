//! Parts of a distribution: laws known by their transform, their sums and mixtures.
//!
//! In: means (seconds), rates (per second). Out: transform, moments, distribution function: in closed
//! form if there is one, else inverted by [`super::transform`]. Never: a jump above zero.

use std::sync::Arc;

use super::complex::Complex;
use super::mmc::Mmc;
use super::numeric::normal_cdf;
use super::panels::Panels;
use super::table::SurvivalTable;
use super::transform::{invert, invert_long};

/// Ratio of mean to deviation above which a part uses the long sum.
const SHARP: f64 = 5.0;

/// Number of laws above which a part is memoized during one evaluation of a transform.
const LONG: usize = 8;

/// Memoized transforms of parts at one argument.
type Seen = Vec<(*const Node, Complex)>;

/// The sharpest component of a part: its position and its width, seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Peak {
    at: f64,
    width: f64,
}

impl Peak {
    fn sharpness(self) -> f64 {
        if self.width > 0.0 { self.at / self.width } else { 0.0 }
    }
}

/// One branch of a mixture: its weight, a delay, and the law after the delay (`None`: a constant).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Branch {
    pub weight: f64,
    pub delay: f64,
    pub node: Option<Arc<Node>>,
}

/// The part of a law above some time: its weight, a further delay (seconds), and the law after that (`None`: a constant).
pub(super) type Excess = (f64, f64, Option<Arc<Node>>);

/// The law of a part.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Exponential,
    Wait { probability: f64, rate: f64 },
    Sojourn(Mmc),
    Gamma { shape: f64, scale: f64 },
    LogNormal { location: f64, sigma: f64, doublings: u32, components: Vec<(f64, f64)> },
    Table(Arc<SurvivalTable>),
    Panels(Arc<Panels>),
    PollaczekKhinchine { arrival_rate: f64, utilization: f64, service: Vec<Branch> },
    Product(Vec<Arc<Node>>),
    Sum(Vec<Branch>),
    Scaled(Arc<Node>, f64),
}

/// A time known by its transform, with its moments.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    kind: Kind,
    /// Mean, seconds.
    pub mean: f64,
    /// Variance, seconds squared.
    pub variance: f64,
    /// Probability of exactly zero.
    pub atom: f64,
    /// Approximate number of laws that one evaluation of the transform visits.
    pub laws: usize,
    peak: Peak,
}

impl Node {
    fn leaf(kind: Kind, mean: f64, variance: f64, atom: f64) -> Arc<Self> {
        let peak = Peak { at: mean, width: variance.sqrt() };
        let laws = match &kind {
            Kind::Table(_) => 32,
            Kind::Panels(_) => 8,
            _ => 1,
        };
        Arc::new(Self { kind, mean, variance, atom, laws, peak })
    }

    /// Exponential law with a given mean.
    pub fn exponential(mean: f64) -> Arc<Self> {
        Self::leaf(Kind::Exponential, mean, mean * mean, 0.0)
    }

    /// Zero with probability `1 - probability`, else exponential at `rate`.
    pub fn wait(probability: f64, rate: f64) -> Arc<Self> {
        let mean = probability / rate;
        let variance = probability * (2.0 - probability) / rate / rate;
        Self::leaf(Kind::Wait { probability, rate }, mean, variance, 1.0 - probability)
    }

    /// Response time of an M/M/c queue.
    pub fn sojourn(queue: Mmc) -> Arc<Self> {
        Self::leaf(Kind::Sojourn(queue), queue.mean_sojourn(), queue.sojourn_variance(), 0.0)
    }

    /// Gamma law with a given mean and squared coefficient of variation.
    pub fn gamma(mean: f64, scv: f64) -> Arc<Self> {
        let kind = Kind::Gamma { shape: scv.recip(), scale: mean * scv };
        Self::leaf(kind, mean, mean * mean * scv, 0.0)
    }

    /// Log-normal law with a given mean and deviation of the logarithm.
    ///
    /// Its transform is that of a mixture of gammas of one shape (a power of two near `32 /
    /// sigma^2`, at
    /// least 32). The means of the gammas spread log-normally, so that mean and deviation of the
    /// logarithm are exact. The distribution function of the law by itself is exact.
    pub fn lognormal(location: f64, sigma: f64) -> Arc<Self> {
        let mut doublings = 5;
        while doublings < 25 && 2_f64.powi(doublings) < 32.0 / (sigma * sigma) {
            doublings += 1;
        }
        let shape = 2_f64.powi(doublings);
        // Mean and variance of the logarithm of a gamma of mean 1 and this shape.
        let bias = log_gamma_mean(shape);
        let kernel = log_gamma_variance(shape);
        let spread = (sigma * sigma - kernel).max(0.0).sqrt();
        let step = (1.4 * kernel.sqrt() / spread.max(f64::MIN_POSITIVE)).min(0.5);
        let mut components = Vec::new();
        let mut total = 0.0;
        let mut place = -5.5;
        while place <= 5.5 {
            let weight = (-0.5_f64 * place * place).exp();
            total += weight;
            components.push((weight, (location - bias + spread * place).exp()));
            place += step;
        }
        for (weight, _) in &mut components {
            *weight /= total;
        }
        let mean = (location + 0.5 * sigma * sigma).exp();
        let variance = mean * mean * (sigma * sigma).exp_m1();
        let doublings = doublings.unsigned_abs();
        let kind = Kind::LogNormal { location, sigma, doublings, components };
        let mut node = Self { kind, mean, variance, atom: 0.0, laws: 16, peak: Peak { at: 0.0, width: 0.0 } };
        let median = location.exp();
        node.peak = Peak { at: median, width: median * sigma };
        Arc::new(node)
    }

    /// A tabulated distribution without atoms.
    pub fn table(table: SurvivalTable) -> Arc<Self> {
        let (mean, variance) = table.moments();
        Self::leaf(Kind::Table(Arc::new(table)), mean, variance, 0.0)
    }

    /// Wait in M/G/1: `(1 - rho) s / (s - lambda (1 - S*(s)))`.
    pub fn pollaczek_khinchine(
        arrival_rate: f64,
        utilization: f64,
        service: Vec<Branch>,
        moments: (f64, f64),
    ) -> Arc<Self> {
        // The density may jump after the first service if the service is constant or nearly so.
        let sharp = |branch: &&Branch| {
            branch.node.as_ref().is_none_or(|node| node.peak.at + branch.delay > SHARP * node.peak.width)
        };
        let place = |branch: &Branch| branch.delay + branch.node.as_ref().map_or(0.0, |node| node.peak.at);
        let bend = service.iter().filter(sharp).map(place).reduce(f64::min).unwrap_or(0.0);
        let laws = laws_of(&service);
        let kind = Kind::PollaczekKhinchine { arrival_rate, utilization, service };
        let (mean, variance) = moments;
        let atom = 1.0 - utilization;
        let peak = Peak { at: bend, width: 0.01 * bend };
        Arc::new(Self { kind, mean, variance, atom, laws, peak })
    }

    /// The sum of two independent times.
    pub fn product(first: &Arc<Self>, second: &Arc<Self>) -> Arc<Self> {
        let mut factors = Vec::new();
        for node in [first, second] {
            if let Kind::Product(parts) = &node.kind {
                factors.extend(parts.iter().cloned());
            } else {
                factors.push(Arc::clone(node));
            }
        }
        let peak = Peak { at: first.peak.at + second.peak.at, width: first.peak.width.hypot(second.peak.width) };
        Arc::new(Self {
            kind: Kind::Product(factors),
            mean: first.mean + second.mean,
            variance: first.variance + second.variance,
            atom: first.atom * second.atom,
            laws: first.laws.saturating_add(second.laws),
            peak,
        })
    }

    /// A mixture; the weights sum to one.
    pub fn sum(branches: Vec<Branch>) -> Arc<Self> {
        let (mut mean, mut square, mut atom) = (0.0, 0.0, 0.0);
        let mut peak = Peak { at: 0.0, width: 0.0 };
        for branch in &branches {
            let part = branch.node.as_deref();
            let centre = branch.delay + part.map_or(0.0, |node| node.mean);
            mean += branch.weight * centre;
            square += branch.weight * (part.map_or(0.0, |node| node.variance) + centre * centre);
            if branch.delay <= 0.0 {
                atom += branch.weight * part.map_or(1.0, |node| node.atom);
            }
            if let Some(node) = part {
                let at = node.peak.at + branch.delay;
                let candidate = Peak { at, ..node.peak };
                if candidate.sharpness() > peak.sharpness() {
                    peak = candidate;
                }
            }
        }
        let variance = (square - mean * mean).max(0.0);
        let laws = laws_of(&branches);
        Arc::new(Self { kind: Kind::Sum(branches), mean, variance, atom, laws, peak })
    }

    /// A time multiplied by a positive factor.
    pub fn scaled(node: &Arc<Self>, factor: f64) -> Arc<Self> {
        Arc::new(Self {
            kind: Kind::Scaled(Arc::clone(node), factor),
            mean: node.mean * factor,
            variance: node.variance * factor * factor,
            atom: node.atom,
            laws: node.laws,
            peak: Peak { at: node.peak.at * factor, width: node.peak.width * factor },
        })
    }

    /// The Laplace-Stieltjes transform at `s`.
    pub fn lst(&self, s: Complex) -> Complex {
        self.seen(s, &mut Vec::new())
    }

    /// The transform at `s`; an expensive part that repeats is computed once.
    fn seen(&self, s: Complex, seen: &mut Seen) -> Complex {
        if self.laws < LONG || matches!(self.kind, Kind::Product(_)) {
            return self.value(s, seen);
        }
        if let Some((_, value)) = seen.iter().find(|(node, _)| std::ptr::eq(*node, self)) {
            return *value;
        }
        let value = self.value(s, seen);
        seen.push((std::ptr::from_ref(self), value));
        value
    }

    fn value(&self, s: Complex, seen: &mut Seen) -> Complex {
        match &self.kind {
            Kind::Exponential => (s * self.mean + 1.0).recip(),
            Kind::Wait { probability, rate } => (s * rate.recip() + 1.0).recip() * *probability + (1.0 - probability),
            Kind::Sojourn(queue) => queue.sojourn_lst(s),
            Kind::Gamma { shape, scale } => (s * *scale + 1.0).powf(-shape),
            Kind::LogNormal { doublings, components, .. } => {
                let share = 0.5_f64.powi(i32::try_from(*doublings).unwrap_or(0));
                let mut sum = Complex::ZERO;
                for &(weight, mean) in components {
                    let mut power = (s * (mean * share) + 1.0).recip();
                    for _ in 0..*doublings {
                        power = power * power;
                    }
                    sum = sum + power * weight;
                }
                sum
            }
            Kind::Table(table) => table.lst(s),
            Kind::Panels(table) => table.lst(s),
            Kind::PollaczekKhinchine { arrival_rate, utilization, service } => {
                let busy = Complex::ONE - mixture(service, s, seen);
                (Complex::ONE - busy * s.recip() * *arrival_rate).recip() * (1.0 - utilization)
            }
            Kind::Product(factors) => {
                let mut all = Complex::ONE;
                let mut last: Option<(&Arc<Self>, Complex)> = None;
                for node in factors {
                    let value = match last {
                        Some((same, value)) if Arc::ptr_eq(same, node) => value,
                        _ => node.seen(s, seen),
                    };
                    last = Some((node, value));
                    all = all * value;
                }
                all
            }
            Kind::Sum(branches) => mixture(branches, s, seen),
            // The argument differs, so the memoized values do not apply.
            Kind::Scaled(node, factor) => node.lst(s * *factor),
        }
    }

    /// The excess of this time over `age` (seconds, not negative): a measure whose mass is the survival
    /// at `age`. `None` if no closed form is known.
    pub fn excess(self: &Arc<Self>, age: f64) -> Option<Vec<Excess>> {
        let exponential = |weight: f64, rate: f64| (weight, 0.0, Some(Self::exponential(rate.recip())));
        match &self.kind {
            _ if age <= 0.0 && self.atom <= 0.0 => Some(vec![(1.0, 0.0, Some(Arc::clone(self)))]),
            Kind::Exponential => Some(vec![exponential((-age / self.mean).exp(), self.mean.recip())]),
            Kind::Wait { probability, rate } => Some(vec![exponential(probability * (-rate * age).exp(), *rate)]),
            Kind::Sojourn(queue) => {
                // The survival is a sum of two exponentials, of the service and of the spare rate.
                let (service, spare) = (queue.service_time().recip(), queue.spare_rate());
                let gap = spare / service - 1.0;
                if gap.abs() < 1e-8 {
                    // Equal rates: an exponential, and an Erlang of two stages.
                    let (delayed, alone) = (queue.wait_probability(), (-service * age).exp());
                    let first = exponential(alone * (1.0 + delayed * (service * age - 1.0)), service);
                    return Some(vec![first, (alone * delayed, 0.0, Some(Self::gamma(2.0 / service, 0.5)))]);
                }
                // Nearly equal rates give large weights of both signs, which make inversions
                // inaccurate.
                if gap.abs() < 1e-2 {
                    return None;
                }
                let queued = queue.wait_probability() / gap;
                let parts =
                    [((1.0 + queued) * (-service * age).exp(), service), (-queued * (-spare * age).exp(), spare)];
                let used = parts.into_iter().filter(|(weight, _)| weight.abs() > 1e-14);
                Some(used.map(|(weight, rate)| exponential(weight, rate)).collect())
            }
            Kind::Sum(branches) => {
                let mut all = Vec::new();
                for branch in branches {
                    if branch.delay > age {
                        all.push((branch.weight, branch.delay - age, branch.node.clone()));
                    } else if let Some(node) = &branch.node {
                        let parts = node.excess(age - branch.delay)?.into_iter();
                        all.extend(parts.map(|(weight, delay, node)| (weight * branch.weight, delay, node)));
                    }
                }
                Some(all)
            }
            _ => None,
        }
    }

    /// This time up to `age` (positive seconds) as a table with a smooth exponential continuation.
    ///
    /// The result is the weight of both, their law, and the continuation, which starts at `age`. The
    /// tolerance grows if the weight `weighs` is small. `None` if almost no mass lies before `age`.
    pub fn cut(&self, age: f64, weighs: f64) -> Option<(f64, Arc<Self>, Excess)> {
        let mass = self.cdf(age) - self.atom;
        let table = if mass > 1e-12 { Panels::sample(|t| self.cdf(t) - self.atom, age, weighs * mass) } else { None };
        let Some(table) = table else {
            return (self.atom > 0.0).then(|| (self.atom, Self::constant(), (0.0, 0.0, None)));
        };
        // The continuation has the density of the end, and its rate of decline if the density declines.
        let (density, slope) = table.end();
        let rate = (-slope / density.max(f64::MIN_POSITIVE)).clamp(age.recip(), 100.0 / age);
        let beyond = (mass * density / rate).max(0.0);
        let (mean, variance) = table.moments();
        let within = Self::leaf(Kind::Panels(Arc::new(table)), mean, variance, 0.0);
        let after = Self::exponential(rate.recip());
        let all = self.atom + mass + beyond;
        let branch = |weight: f64, delay: f64, node: Option<Arc<Self>>| Branch { weight: weight / all, delay, node };
        let mut branches = vec![branch(mass, 0.0, Some(within))];
        if self.atom > 0.0 {
            branches.push(branch(self.atom, 0.0, None));
        }
        if beyond > 0.0 {
            branches.push(branch(beyond, age, Some(Arc::clone(&after))));
        }
        Some((all, Self::sum(branches), (beyond, 0.0, Some(after))))
    }

    /// A time of 0 seconds.
    fn constant() -> Arc<Self> {
        Self::sum(vec![Branch { weight: 1.0, delay: 0.0, node: None }])
    }

    /// Probability of at most `seconds`.
    pub fn cdf(&self, seconds: f64) -> f64 {
        if seconds <= 0.0 {
            return if seconds < 0.0 { 0.0 } else { self.atom };
        }
        if let Some(exact) = self.closed_cdf(seconds) {
            return exact;
        }
        let sharpness = self.peak.sharpness();
        if sharpness > SHARP {
            // Frequencies up to about five over the width, at times near the peak.
            let reach = 4.0 * seconds.min(2.0 * self.peak.at) / self.peak.width + 16.0;
            // At least 16 and at most 20 000.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let terms = reach.min(20_000.0) as usize;
            return invert_long(|s| self.lst(s), self.atom, seconds, terms);
        }
        invert(|s| self.lst(s), self.atom, seconds)
    }

    /// The distribution function, if it has a closed form.
    fn closed_cdf(&self, seconds: f64) -> Option<f64> {
        match &self.kind {
            Kind::Exponential => Some(-(-seconds / self.mean).exp_m1()),
            Kind::Wait { probability, rate } => Some(1.0 - probability * (-rate * seconds).exp()),
            Kind::Sojourn(queue) => Some(1.0 - queue.sojourn_survival(seconds)),
            Kind::LogNormal { location, sigma, .. } => Some(normal_cdf((seconds.ln() - location) / sigma)),
            Kind::Table(table) => Some(1.0 - table.survival(seconds)),
            Kind::Panels(table) => Some(table.cdf(seconds)),
            Kind::Sum(branches) => {
                let mut sum = 0.0;
                for branch in branches {
                    let rest = seconds - branch.delay;
                    sum += branch.weight
                        * match &branch.node {
                            Some(node) if rest > 0.0 => node.closed_cdf(rest)?,
                            Some(node) if rest >= 0.0 => node.atom,
                            None if rest >= 0.0 => 1.0,
                            _ => 0.0,
                        };
                }
                Some(sum)
            }
            Kind::Scaled(node, factor) => node.closed_cdf(seconds / factor),
            _ => None,
        }
    }
}

/// Approximate number of laws that one evaluation of a mixture visits.
fn laws_of(branches: &[Branch]) -> usize {
    branches.iter().map(|b| b.node.as_ref().map_or(1, |n| n.laws)).fold(1, usize::saturating_add)
}

/// Transform of a mixture.
fn mixture(branches: &[Branch], s: Complex, seen: &mut Seen) -> Complex {
    let mut sum = Complex::ZERO;
    for branch in branches {
        let mut part = branch.node.as_deref().map_or(Complex::ONE, |node| node.seen(s, seen));
        if branch.delay > 0.0 {
            part = part * (-s * branch.delay).exp();
        }
        sum = sum + part * branch.weight;
    }
    sum
}

/// Mean of the logarithm of a gamma of mean 1: `digamma(shape) - ln shape`, `shape >= 4`.
fn log_gamma_mean(shape: f64) -> f64 {
    let square = (shape * shape).recip();
    -0.5 / shape - square * (1.0 / 12.0 - square * (1.0 / 120.0 - square / 252.0))
}

/// Variance of the logarithm of a gamma: `trigamma(shape)`, `shape >= 4`.
fn log_gamma_variance(shape: f64) -> f64 {
    let inverse = shape.recip();
    let square = inverse * inverse;
    inverse * (1.0 + 0.5 * inverse + square * (1.0 / 6.0 - square * (1.0 / 30.0 - square / 42.0)))
}
