//! Fluid queue: backlog of an overload and the time to drain it.
//!
//! In: rates (per second), times (seconds). Out: backlog (requests), times (seconds). Never: a random
//! wait. Literature: L. Kleinrock, *Queueing Systems* II (1976), section 2.7.

use super::numeric::{finite, non_negative};

/// An overload and its aftermath.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overload {
    /// Requests waiting at the end of the overload.
    pub backlog: f64,
    /// Seconds from the end of the overload until the queue is empty; `None` if it never drains.
    pub drain_time: Option<f64>,
    /// Longest delay at the capacity after the overload, seconds; `None` if that capacity is zero.
    pub max_delay: Option<f64>,
    /// Seconds with a backlog, from the start of the overload; `None` if it never drains.
    pub total_time: Option<f64>,
}

/// The backlog of a constant `arrival_rate` at `capacity_during` for `duration` seconds, then at
/// `capacity_after` (rates per second).
///
/// `None` if a number is negative or not finite.
#[must_use]
pub fn overload(arrival_rate: f64, capacity_during: f64, duration: f64, capacity_after: f64) -> Option<Overload> {
    if ![arrival_rate, capacity_during, duration, capacity_after].into_iter().all(non_negative) {
        return None;
    }
    let backlog = finite((arrival_rate - capacity_during).max(0.0) * duration)?;
    if backlog <= 0.0 {
        let nothing = Some(0.0);
        return Some(Overload { backlog: 0.0, drain_time: nothing, max_delay: nothing, total_time: nothing });
    }
    let spare = capacity_after - arrival_rate;
    let drain_time = if spare > 0.0 { finite(backlog / spare) } else { None };
    let max_delay = if capacity_after > 0.0 { finite(backlog / capacity_after) } else { None };
    let total_time = drain_time.map(|drain| duration + drain);
    Some(Overload { backlog, drain_time, max_delay, total_time })
}
