//! M/M/c: Poisson arrivals, exponential service, `c` servers, one queue, first come first served.
//!
//! In: arrival rate (per second), mean service time (seconds), servers. Out: waits and response
//! times (seconds), probabilities. Never: an unstable queue. Literature: L. Kleinrock, *Queueing
//! Systems* I (1975), section 3.5; D. Gross and C. Harris, *Fundamentals of Queueing Theory*, section
//! 2.4.
//!
//! With `theta = c mu - lambda` and Erlang's `C`: the wait is 0 with probability `1 - C`, else
//! exponential at rate `theta`; the response time is that plus an independent service.

use super::complex::Complex;
use super::erlang::erlang_c;
use super::numeric::{find_root, non_negative, positive};

/// A stable M/M/c queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mmc {
    arrival_rate: f64,
    service_rate: f64,
    servers: u32,
    wait_probability: f64,
    spare_rate: f64,
}

impl Mmc {
    /// The queue of `arrival_rate` (per second), mean `service_time` (seconds) and `servers`.
    ///
    /// `None` if it is unstable (`arrival_rate * service_time >= servers`) or an input is not a
    /// finite number of the right sign.
    #[must_use]
    pub fn new(arrival_rate: f64, service_time: f64, servers: u32) -> Option<Self> {
        let service_rate = service_time.recip();
        if !non_negative(arrival_rate) || !positive(service_time) || !positive(service_rate) {
            return None;
        }
        let offered_load = arrival_rate * service_time;
        let wait_probability = erlang_c(servers, offered_load)?;
        let spare_rate = (f64::from(servers) - offered_load) * service_rate;
        let queue = Self { arrival_rate, service_rate, servers, wait_probability, spare_rate };
        let usable = positive(spare_rate) && positive(queue.mean_sojourn());
        (usable && queue.sojourn_variance().is_finite()).then_some(queue)
    }

    /// Arrivals per second.
    #[must_use]
    pub fn arrival_rate(&self) -> f64 {
        self.arrival_rate
    }

    /// Mean service time, seconds.
    #[must_use]
    pub fn service_time(&self) -> f64 {
        self.service_rate.recip()
    }

    /// Number of servers.
    #[must_use]
    pub fn servers(&self) -> u32 {
        self.servers
    }

    /// Offered load `a`, erlangs (mean busy servers).
    #[must_use]
    pub fn offered_load(&self) -> f64 {
        self.arrival_rate / self.service_rate
    }

    /// Utilization of each server, `0..1`.
    #[must_use]
    pub fn utilization(&self) -> f64 {
        self.offered_load() / f64::from(self.servers)
    }

    /// Probability that an arrival waits (Erlang C).
    #[must_use]
    pub fn wait_probability(&self) -> f64 {
        self.wait_probability
    }

    /// Spare service rate `theta = c mu - lambda`, per second.
    #[must_use]
    pub fn spare_rate(&self) -> f64 {
        self.spare_rate
    }

    /// Mean wait in the queue, seconds: `C / theta`.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.wait_probability / self.spare_rate
    }

    /// Variance of the wait, seconds squared: `C (2 - C) / theta^2`.
    #[must_use]
    pub fn wait_variance(&self) -> f64 {
        self.wait_probability * (2.0 - self.wait_probability) / self.spare_rate / self.spare_rate
    }

    /// Mean response time (wait and service), seconds.
    #[must_use]
    pub fn mean_sojourn(&self) -> f64 {
        self.mean_wait() + self.service_rate.recip()
    }

    /// Variance of the response time, seconds squared.
    #[must_use]
    pub fn sojourn_variance(&self) -> f64 {
        let service_time = self.service_rate.recip();
        self.wait_variance() + service_time * service_time
    }

    /// Mean number waiting (Little's law).
    #[must_use]
    pub fn mean_queue_length(&self) -> f64 {
        self.arrival_rate * self.mean_wait()
    }

    /// Mean number waiting or in service (Little's law).
    #[must_use]
    pub fn mean_in_system(&self) -> f64 {
        self.mean_queue_length() + self.offered_load()
    }

    /// Probability that the wait exceeds `seconds`: `C exp(-theta t)`; 1 below zero.
    #[must_use]
    pub fn wait_survival(&self, seconds: f64) -> f64 {
        if seconds < 0.0 {
            return 1.0;
        }
        self.wait_probability * (-self.spare_rate * seconds).exp()
    }

    /// Quantile of the wait, seconds. `None` unless `0 <= probability < 1`.
    #[must_use]
    pub fn wait_quantile(&self, probability: f64) -> Option<f64> {
        if !(0.0..1.0).contains(&probability) {
            return None;
        }
        let ratio = self.wait_probability / (1.0 - probability);
        Some(if ratio <= 1.0 { 0.0 } else { ratio.ln() / self.spare_rate })
    }

    /// Probability that the response time exceeds `seconds`.
    ///
    /// With `k = c - 1 - a` (any sign): `exp(-mu t) (1 + C (1 - exp(-mu k t)) / k)`, by `expm1`
    /// near `k = 0`.
    #[must_use]
    pub fn sojourn_survival(&self, seconds: f64) -> f64 {
        if seconds <= 0.0 {
            return 1.0;
        }
        let services = self.service_rate * seconds;
        let spare = self.spare_rate * seconds;
        if services.min(spare) > 750.0 {
            return 0.0; // below the least positive number
        }
        let gap = spare - services; // mu k t
        let alone = (-services).exp();
        let queued = if gap.abs() < 1e-6 {
            alone * services * (1.0 - gap / 2.0 + gap * gap / 6.0)
        } else if gap.abs() < 0.5 {
            alone * services * (-(-gap).exp_m1() / gap)
        } else {
            (alone - (-spare).exp()) / (self.spare_rate / self.service_rate - 1.0)
        };
        (alone + self.wait_probability * queued).clamp(0.0, 1.0)
    }

    /// Quantile of the response time, seconds. `None` unless `0 <= probability < 1`.
    #[must_use]
    pub fn sojourn_quantile(&self, probability: f64) -> Option<f64> {
        if !(0.0..1.0).contains(&probability) {
            return None;
        }
        if probability <= 0.0 {
            return Some(0.0);
        }
        let target = -(-probability).ln_1p();
        // Both the wait and the service alone are below the sum, and their quantiles bound it.
        let low = target / self.service_rate;
        let mut high = low.max(self.mean_sojourn());
        let mut doublings = 0;
        while self.log_survival(high) > -target {
            high *= 2.0;
            doublings += 1;
            if doublings > 100 || !high.is_finite() {
                return None;
            }
        }
        find_root(|t| self.log_survival(t) + target, low * (1.0 - 1e-9), high)
    }

    /// Logarithm of the survival function; finite for any time.
    fn log_survival(&self, seconds: f64) -> f64 {
        let survival = self.sojourn_survival(seconds);
        if survival > 1e-290 { survival.ln() } else { -1000.0 }
    }

    /// Laplace-Stieltjes transform of the wait: `(1 - C) + C theta / (theta + s)`.
    #[must_use]
    pub fn wait_lst(&self, s: Complex) -> Complex {
        let delayed = (s * self.spare_rate.recip() + 1.0).recip();
        delayed * self.wait_probability + (1.0 - self.wait_probability)
    }

    /// Laplace-Stieltjes transform of the response time.
    #[must_use]
    pub fn sojourn_lst(&self, s: Complex) -> Complex {
        self.wait_lst(s) * (s * self.service_rate.recip() + 1.0).recip()
    }
}
