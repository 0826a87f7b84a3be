//! Fixed points of an M/M/c queue whose timeouts cause retries.

use archc::theory::Mmc;
use archc::theory::numeric::{find_root, non_negative, positive};
use archc::theory::retry::attempts;

/// A load that reproduces itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FixedPoint {
    /// Attempts per second, retries included.
    pub effective_rate: f64,
    /// Probability that an attempt times out.
    pub timeout_probability: f64,
}

/// What a service with timeouts and retries settles at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// One state, below capacity, whatever the past.
    Stable,
    /// Stable when left alone, but an overload, once there, keeps itself up after its cause is
    /// gone.
    Metastable,
    /// No state below capacity: the retries alone overload it.
    Collapse,
}

/// Both ends of the feedback between timeouts and retries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Feedback {
    /// Reached from an idle start; `None` if it passes capacity.
    pub from_below: Option<FixedPoint>,
    /// Reached from the full retry load; saturated where that exceeds capacity.
    pub from_above: FixedPoint,
    /// Attempts per second if every attempt times out.
    pub saturated_rate: f64,
    /// The verdict.
    pub outcome: Outcome,
}

/// Solves `rate = base_rate * attempts(p(rate))` from below and from above.
///
/// `base_rate` requests per second; `timeout_probability` gives `p` of a rate (attempts per
/// second), `None` where the service is unstable, and must not fall as the rate grows. `None` if
/// `base_rate` is not finite or is negative.
pub fn feedback(
    base_rate: f64,
    max_retries: u32,
    timeout_probability: impl Fn(f64) -> Option<f64>,
) -> Option<Feedback> {
    let saturated_rate = base_rate * (f64::from(max_retries) + 1.0);
    if !non_negative(base_rate) || !saturated_rate.is_finite() {
        return None;
    }
    let chance = |rate: f64| timeout_probability(rate).map_or(1.0, |p| p.clamp(0.0, 1.0));
    let next = |rate: f64| attempts(chance(rate), max_retries).map_or(saturated_rate, |gain| base_rate * gain);
    let point = |rate: f64| FixedPoint { effective_rate: rate, timeout_probability: chance(rate) };
    let lower = settle(base_rate, saturated_rate, &next);
    let upper = settle(saturated_rate, base_rate, &next);
    let stable = |rate: &f64| timeout_probability(*rate).is_some();
    let from_below = lower.filter(stable).map(point);
    let from_above = point(upper.unwrap_or(saturated_rate));
    let outcome = match from_below {
        None => Outcome::Collapse,
        Some(low) => {
            let same = from_above.effective_rate <= low.effective_rate * (1.0 + 1e-6);
            if same { Outcome::Stable } else { Outcome::Metastable }
        }
    };
    Some(Feedback { from_below, from_above, saturated_rate, outcome })
}

/// First fixed point of the rising map `next` on the way from `start` towards `end`.
///
/// Substitution moves one way and never passes it; where it creeps, a scan of what is left.
fn settle(start: f64, end: f64, next: &impl Fn(f64) -> f64) -> Option<f64> {
    let mut rate = start;
    for _ in 0..400 {
        let after = next(rate);
        if (after - rate).abs() <= 1e-15 * rate {
            return Some(after);
        }
        rate = after;
    }
    let excess = |rate: f64| next(rate) - rate;
    let mut from = rate;
    let sign = excess(from) > 0.0;
    for step in 1..=1000_u32 {
        let to = rate + (end - rate) * f64::from(step) / 1000.0;
        let here = excess(to);
        if here.abs() <= 0.0 || (here > 0.0) != sign {
            return find_root(excess, from, to);
        }
        from = to;
    }
    None
}

/// [`feedback`] for an M/M/c service whose attempts time out after `timeout` seconds.
///
/// `base_rate` requests per second, `service_time` mean seconds. A timed-out attempt is still
/// served. `None` if a number is not finite or of the wrong sign.
#[must_use]
pub fn mmc_feedback(
    base_rate: f64,
    service_time: f64,
    servers: u32,
    timeout: f64,
    max_retries: u32,
) -> Option<Feedback> {
    if !positive(service_time) || !non_negative(timeout) || servers == 0 {
        return None;
    }
    feedback(base_rate, max_retries, |rate| {
        Mmc::new(rate, service_time, servers).map(|queue| queue.sojourn_survival(timeout))
    })
}
