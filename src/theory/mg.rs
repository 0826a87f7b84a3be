//! Poisson arrivals, one server, general service times: M/G/1.
//!
//! In: arrival rates (per second), mean service times (seconds), squared coefficients of variation
//! (variance over squared mean: 0 constant, 1 exponential). Out: mean waits (seconds). Never: several
//! servers, which are in [`super::gg`]. Literature: Pollaczek 1930 and Khinchine 1932.

use super::numeric::{finite, non_negative, positive};

/// Mean wait in M/G/1, seconds: `rho / (1 - rho) * (1 + cs2) / 2 * E[S]` (Pollaczek-Khinchine).
///
/// `arrival_rate` per second, `service_time` mean seconds, `service_scv` its squared coefficient
/// of variation. `None` if unstable or not a number.
#[must_use]
pub fn mg1_mean_wait(arrival_rate: f64, service_time: f64, service_scv: f64) -> Option<f64> {
    let utilization = arrival_rate * service_time;
    if !non_negative(arrival_rate) || !positive(service_time) || !non_negative(service_scv) {
        return None;
    }
    if utilization >= 1.0 {
        return None;
    }
    finite(utilization / (1.0 - utilization) * f64::midpoint(1.0, service_scv) * service_time)
}
