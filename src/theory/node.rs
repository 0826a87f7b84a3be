//! The parts a distribution is made of: laws known by their transform, their sums and mixtures.
//!
//! In: means (seconds), rates (per second). Out: transform, moments, distribution function: closed
//! where there is one, else inverted by [`super::transform`].

use std::sync::Arc;

use super::complex::Complex;
use super::mmc::Mmc;
use super::numeric::normal_cdf;
use super::table::SurvivalTable;
use super::transform::{invert, invert_long};

/// Mean over deviation above which a part gets the long sum.
const SHARP: f64 = 5.0;

/// The sharpest component of a part: where it lies and how wide it is, seconds.
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

/// One branch of a mixture: its weight, a delay before it, and what follows (nothing: a constant).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Branch {
    pub weight: f64,
    pub delay: f64,
    pub node: Option<Arc<Node>>,
}

/// The law of a part.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Exponential,
    Wait { probability: f64, rate: f64 },
    Sojourn(Mmc),
    Gamma { shape: f64, scale: f64 },
    LogNormal { location: f64, sigma: f64, doublings: u32, components: Vec<(f64, f64)> },
    Table(Arc<SurvivalTable>),
    PollaczekKhinchine { arrival_rate: f64, utilisation: f64, service: Vec<Branch> },
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
    /// How many laws one evaluation of the transform takes, about.
    pub laws: usize,
    peak: Peak,
}

impl Node {
    fn leaf(kind: Kind, mean: f64, variance: f64, atom: f64) -> Arc<Self> {
        let peak = Peak { at: mean, width: variance.sqrt() };
        let laws = if matches!(kind, Kind::Table(_)) { 32 } else { 1 };
        Arc::new(Self { kind, mean, variance, atom, laws, peak })
    }

    /// Exponential of a mean.
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

    /// Gamma of a mean and a squared coefficient of variation.
    pub fn gamma(mean: f64, scv: f64) -> Arc<Self> {
        let kind = Kind::Gamma { shape: scv.recip(), scale: mean * scv };
        Self::leaf(kind, mean, mean * mean * scv, 0.0)
    }

    /// Log-normal of the logarithm's mean and deviation.
    ///
    /// Its transform is that of a mixture of gammas of one shape (a power of two near
    /// `32 / sigma^2`, at least 32), means spread log-normally so that mean and deviation of the logarithm are
    /// the exact ones; its distribution function, alone, is exact.
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
        utilisation: f64,
        service: Vec<Branch>,
        moments: (f64, f64),
    ) -> Arc<Self> {
        // Where the density may jump: after the first service that is constant or nearly so.
        let sharp = |branch: &&Branch| {
            branch.node.as_ref().is_none_or(|node| node.peak.at + branch.delay > SHARP * node.peak.width)
        };
        let place = |branch: &Branch| branch.delay + branch.node.as_ref().map_or(0.0, |node| node.peak.at);
        let bend = service.iter().filter(sharp).map(place).reduce(f64::min).unwrap_or(0.0);
        let laws = laws_of(&service);
        let kind = Kind::PollaczekKhinchine { arrival_rate, utilisation, service };
        let (mean, variance) = moments;
        let atom = 1.0 - utilisation;
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
            Kind::PollaczekKhinchine { arrival_rate, utilisation, service } => {
                let busy = Complex::ONE - mixture(service, s);
                (Complex::ONE - busy * s.recip() * *arrival_rate).recip() * (1.0 - utilisation)
            }
            Kind::Product(factors) => factors.iter().fold(Complex::ONE, |product, node| product * node.lst(s)),
            Kind::Sum(branches) => mixture(branches, s),
            Kind::Scaled(node, factor) => node.lst(s * *factor),
        }
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

    /// The distribution function where it has a closed form.
    fn closed_cdf(&self, seconds: f64) -> Option<f64> {
        match &self.kind {
            Kind::Exponential => Some(-(-seconds / self.mean).exp_m1()),
            Kind::Wait { probability, rate } => Some(1.0 - probability * (-rate * seconds).exp()),
            Kind::Sojourn(queue) => Some(1.0 - queue.sojourn_survival(seconds)),
            Kind::LogNormal { location, sigma, .. } => Some(normal_cdf((seconds.ln() - location) / sigma)),
            Kind::Table(table) => Some(1.0 - table.survival(seconds)),
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

/// How many laws one evaluation of a mixture takes.
fn laws_of(branches: &[Branch]) -> usize {
    branches.iter().map(|b| b.node.as_ref().map_or(1, |n| n.laws)).fold(1, usize::saturating_add)
}

/// Transform of a mixture.
fn mixture(branches: &[Branch], s: Complex) -> Complex {
    let mut sum = Complex::ZERO;
    for branch in branches {
        let mut part = branch.node.as_deref().map_or(Complex::ONE, |node| node.lst(s));
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
