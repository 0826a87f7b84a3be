//! Exact waits: M/D/1 and M/D/c, and M/G/1 of several classes.

use archc::theory::erlang::erlang_c;
use archc::theory::mg::mg1_mean_wait;
use archc::theory::numeric::{count, find_root, finite, non_negative, positive};

/// One class of requests at a shared server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceClass {
    /// Arrivals per second.
    pub arrival_rate: f64,
    /// Mean service time, seconds.
    pub service_time: f64,
    /// Squared coefficient of variation of the service time.
    pub service_scv: f64,
}

/// Several classes seen as one stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceMix {
    /// Arrivals per second, all classes.
    pub arrival_rate: f64,
    /// Mean service time over all requests, seconds.
    pub service_time: f64,
    /// Squared coefficient of variation of the mixture (not the average of the classes').
    pub service_scv: f64,
}

impl ServiceMix {
    /// Merges `classes` by their rates: moments of a mixture.
    ///
    /// `None` if the total rate is zero or a number is not finite or of the wrong sign.
    #[must_use]
    pub fn of(classes: &[ServiceClass]) -> Option<Self> {
        let (mut rate, mut first, mut second) = (0.0, 0.0, 0.0);
        for class in classes {
            let usable =
                non_negative(class.arrival_rate) && non_negative(class.service_time) && non_negative(class.service_scv);
            if !usable {
                return None;
            }
            let square = class.service_time * class.service_time * (1.0 + class.service_scv);
            rate += class.arrival_rate;
            first += class.arrival_rate * class.service_time;
            second += class.arrival_rate * square;
        }
        if !positive(rate) || !positive(first) || !second.is_finite() {
            return None;
        }
        let mean = first / rate;
        let service_scv = (second / rate / mean / mean - 1.0).max(0.0);
        finite(service_scv)?;
        Some(Self { arrival_rate: rate, service_time: mean, service_scv })
    }

    /// Mean wait of every class in one first-come-first-served M/G/1 queue, seconds.
    ///
    /// `None` if unstable.
    #[must_use]
    pub fn mean_wait(&self) -> Option<f64> {
        mg1_mean_wait(self.arrival_rate, self.service_time, self.service_scv)
    }
}

/// Waits of M/D/1: Poisson arrivals, a constant service time, one server.
#[derive(Clone, Debug, PartialEq)]
pub struct Md1 {
    service_time: f64,
    utilisation: f64,
    /// `queue_cdf[n]`: probability that at most `n` requests wait.
    queue_cdf: Vec<f64>,
    /// Rate of the exponential tail, per service time.
    decay: f64,
}

/// Most service times over which the M/D/1 wait is computed exactly.
const EXACT_SPAN: usize = 400;

impl Md1 {
    /// The queue of `arrival_rate` (per second) and constant `service_time` (seconds).
    ///
    /// `None` if unstable or not a number.
    #[must_use]
    pub fn new(arrival_rate: f64, service_time: f64) -> Option<Self> {
        let utilisation = arrival_rate * service_time;
        if !non_negative(arrival_rate) || !positive(service_time) || utilisation >= 1.0 {
            return None;
        }
        // more[j]: probability of more than j arrivals during a service.
        let mut arrivals = (-utilisation).exp();
        let none = arrivals;
        let mut pmf = Vec::with_capacity(EXACT_SPAN + 2);
        for j in 0..EXACT_SPAN + 2 {
            pmf.push(arrivals);
            arrivals *= utilisation / count(j as u64 + 1);
        }
        let mut more = vec![0.0; pmf.len()];
        let mut above = 0.0;
        for (tail, mass) in more.iter_mut().zip(&pmf).rev() {
            *tail = above;
            above += mass;
        }
        // Cut equations: p(n+1) a(0) = p(0) more(n) + sum over 1..=n of p(i) more(n+1-i).
        let mut present: Vec<f64> = vec![1.0 - utilisation];
        let mut queue_cdf = Vec::with_capacity(EXACT_SPAN);
        let mut total = 1.0 - utilisation;
        for n in 0..EXACT_SPAN {
            let empty = present.first().zip(more.get(n)).map_or(0.0, |(p, m)| p * m);
            let others: f64 = present
                .iter()
                .skip(1)
                .rev()
                .zip(more.iter().skip(1))
                .map(|(probability, tail)| probability * tail)
                .sum();
            let next = (empty + others) / none;
            total += next;
            present.push(next);
            queue_cdf.push(total.min(1.0));
        }
        Some(Self { service_time, utilisation, queue_cdf, decay: decay(utilisation) })
    }

    /// Probability that the wait is at most `seconds`.
    ///
    /// Exact to 400 service times (Franx), by the exponential tail beyond.
    #[must_use]
    pub fn wait_cdf(&self, seconds: f64) -> f64 {
        if seconds < 0.0 || seconds.is_nan() {
            return 0.0;
        }
        let services = seconds / self.service_time;
        let exact_end = count(EXACT_SPAN as u64) - 1.0;
        if services > exact_end {
            let tail = 1.0 - self.within(exact_end);
            return 1.0 - tail * (-self.decay * (services - exact_end)).exp();
        }
        self.within(services)
    }

    /// Franx's sum for a wait of at most `services` service times.
    fn within(&self, services: f64) -> f64 {
        // Whole number of service times, between 1 and EXACT_SPAN.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let rounds = (services.floor() as usize).saturating_add(1).min(EXACT_SPAN);
        let missing = self.utilisation * (count(rounds as u64) - services);
        let mut arrivals = (-missing).exp();
        let mut sum = 0.0;
        for (j, queue) in self.queue_cdf.iter().take(rounds).rev().enumerate() {
            sum += queue * arrivals;
            arrivals *= missing / count(j as u64 + 1);
        }
        sum.clamp(0.0, 1.0)
    }

    /// Quantile of the wait, seconds. `None` unless `0 <= probability < 1`.
    #[must_use]
    pub fn wait_quantile(&self, probability: f64) -> Option<f64> {
        if !(0.0..1.0).contains(&probability) {
            return None;
        }
        if probability <= self.wait_cdf(0.0) {
            return Some(0.0);
        }
        let mut high = self.service_time;
        for _ in 0..200 {
            if self.wait_cdf(high) >= probability {
                return find_root(|t| self.wait_cdf(t) - probability, 0.0, high);
            }
            high *= 2.0;
        }
        None
    }
}

/// Decay rate per service time of the M/D/1 wait: the positive root of `rho (e^x - 1) = x`.
fn decay(utilisation: f64) -> f64 {
    if utilisation <= 0.0 {
        return f64::MAX.ln();
    }
    let excess = |x: f64| utilisation * x.exp_m1() - x;
    // The root lies above the minimum at -ln rho and below twice it plus a constant.
    let low = -utilisation.ln();
    let mut high = 2.0 * low + 1e-9;
    while excess(high) < 0.0 {
        high *= 2.0;
    }
    find_root(excess, low, high).unwrap_or(low)
}

/// Exact mean wait in M/D/c, seconds, up to a utilisation of 0.95 (the sum grows long beyond).
///
/// Crommelin's sum: over `i >= 1`, `E[(N(i a) - i c)+] / (i a)` service times, `N` Poisson.
/// `None` if unstable, above that utilisation, or with more than 10 000 servers.
#[must_use]
pub fn mdc_mean_wait(arrival_rate: f64, service_time: f64, servers: u32) -> Option<f64> {
    let offered_load = arrival_rate * service_time;
    let capacity = f64::from(servers);
    // The checks of the arguments are those of Erlang C.
    erlang_c(servers, offered_load)?;
    if !positive(service_time) || offered_load > 0.95 * capacity || servers > 10_000 {
        return None;
    }
    if offered_load <= 0.0 {
        return Some(0.0);
    }
    // ln of the Poisson probability of exactly `rounds * c` arrivals, by Stirling.
    let mut sum = 0.0;
    for round in 1..=200_000_u32 {
        let load = f64::from(round) * offered_load;
        let level = f64::from(round) * capacity;
        let mut pmf = (level * (load / level).ln() + level - load - stirling(level)).exp();
        let mut excess = 0.0;
        let mut above = 0.0;
        while pmf > 1e-18 * excess && pmf > 0.0 {
            above += 1.0;
            pmf *= load / (level + above);
            excess += pmf * above;
        }
        let term = excess / load;
        sum += term;
        if term < 1e-16 * sum || sum <= 0.0 {
            break;
        }
    }
    finite(sum * service_time)
}

/// `ln n! - n ln n + n` for `n >= 1`.
fn stirling(n: f64) -> f64 {
    if n < 20.0 {
        let mut log = 0.0;
        let mut factor = 2.0;
        while factor <= n + 0.5 {
            log += f64::ln(factor);
            factor += 1.0;
        }
        return log - n * n.ln() + n;
    }
    let square = n * n;
    0.5 * (2.0 * std::f64::consts::PI * n).ln() + (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / square) / square) / n
}
