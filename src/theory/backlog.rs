//! Fluid queues: what piles up while more comes in than goes out, and how long it takes to drain.
//!
//! In: rates (per second), times (seconds). Out: backlog (requests), times (seconds). Literature:
//! L. Kleinrock, *Queueing Systems* II (1976), section 2.7; J.-Y. Le Boudec and P. Thiran,
//! *Network Calculus* (2001), chapter 1.

use super::numeric::{finite, non_negative, positive};

/// An overload and its aftermath.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overload {
    /// Requests waiting at the end of the overload.
    pub backlog: f64,
    /// Seconds from then until none wait; `None` if it never drains.
    pub drain_time: Option<f64>,
    /// Longest delay at the later capacity, seconds; `None` if that is zero.
    pub max_delay: Option<f64>,
    /// Seconds with a backlog, from the start; `None` if it never drains.
    pub total_time: Option<f64>,
}

/// A constant `arrival_rate` against `capacity_during` for `duration` seconds, then
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

/// The worst of a daily wave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wave {
    /// Seconds after the mean is crossed upwards at which the backlog starts.
    pub overload_start: f64,
    /// Seconds at which the rate falls back to the capacity: the backlog is then at its peak.
    pub overload_end: f64,
    /// Requests waiting at the peak.
    pub peak_backlog: f64,
}

/// The rate `base + amplitude sin(2 pi t / period)` (per second) against a constant `capacity`.
///
/// `Some(None)` if it never exceeds the capacity. `None` if a number is not finite or of the
/// wrong sign, or the capacity does not exceed `base - amplitude` (the rate is always above).
#[must_use]
#[allow(clippy::option_option)] // "no answer" and "no overload" differ
pub fn sine_wave(base: f64, amplitude: f64, period: f64, capacity: f64) -> Option<Option<Wave>> {
    if !non_negative(base) || !non_negative(amplitude) || !positive(period) {
        return None;
    }
    if !non_negative(capacity) || capacity <= base - amplitude {
        return None;
    }
    if capacity >= base + amplitude {
        return Some(None);
    }
    let angle = ((capacity - base) / amplitude).asin();
    let per_radian = period / (2.0 * std::f64::consts::PI);
    let overload_start = angle * per_radian;
    let overload_end = 0.5 * period - overload_start;
    let swing = 2.0 * angle.cos() * amplitude * per_radian;
    let peak_backlog = (base - capacity) * (overload_end - overload_start) + swing;
    finite(peak_backlog)?;
    Some(Some(Wave { overload_start, overload_end, peak_backlog }))
}

/// A stretch of time in which the rates change linearly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Length, seconds.
    pub duration: f64,
    /// Arrivals per second at its start and end.
    pub arrival_rate: (f64, f64),
    /// Capacity per second at its start and end.
    pub capacity: (f64, f64),
}

/// A backlog over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Course {
    /// Most requests waiting.
    pub peak_backlog: f64,
    /// When, seconds from the start.
    pub peak_time: f64,
    /// Requests waiting at the end.
    pub final_backlog: f64,
    /// Seconds with a backlog.
    pub busy_time: f64,
}

/// Follows the backlog over `stretches`, from `initial` requests waiting: exact, since the
/// backlog is a parabola between the points where it touches zero.
///
/// `None` if a number is negative or not finite.
#[must_use]
pub fn course(initial: f64, stretches: &[Stretch]) -> Option<Course> {
    if !non_negative(initial) {
        return None;
    }
    let mut backlog = initial;
    let mut clock = 0.0;
    let mut course = Course { peak_backlog: initial, peak_time: 0.0, final_backlog: initial, busy_time: 0.0 };
    for stretch in stretches {
        let (a, b, c, d) = (stretch.arrival_rate.0, stretch.arrival_rate.1, stretch.capacity.0, stretch.capacity.1);
        if ![stretch.duration, a, b, c, d].into_iter().all(non_negative) {
            return None;
        }
        let slope = if stretch.duration > 0.0 { ((b - a) - (d - c)) / stretch.duration } else { 0.0 };
        let (mut time, mut growth) = (0.0, a - c);
        // At most three phases: down to zero, idle, up again (or up, down, idle).
        for _ in 0..4 {
            let left = stretch.duration - time;
            if left <= 0.0 {
                break;
            }
            if backlog <= 0.0 && (growth < 0.0 || (growth <= 0.0 && slope <= 0.0)) {
                // Idle until the rate exceeds the capacity.
                let wake = if slope > 0.0 { -growth / slope } else { left };
                let idle = wake.min(left);
                time += idle;
                growth = if wake <= left { 0.0 } else { growth + slope * idle };
                continue;
            }
            let crest = if growth > 0.0 && slope < 0.0 { -growth / slope } else { left };
            let top = crest.min(left);
            let height = backlog + growth * top + 0.5 * slope * top * top;
            if height > course.peak_backlog {
                course.peak_backlog = height;
                course.peak_time = clock + time + top;
            }
            let empty = first_zero(backlog, growth, slope).filter(|after| *after <= left);
            let busy = empty.unwrap_or(left);
            course.busy_time += busy;
            backlog =
                if empty.is_some() { 0.0 } else { (backlog + growth * left + 0.5 * slope * left * left).max(0.0) };
            time += busy;
            growth += slope * busy;
        }
        clock += stretch.duration;
    }
    course.final_backlog = finite(backlog)?;
    Some(course)
}

/// First time after the start at which `level + growth t + slope t^2 / 2` falls to zero.
fn first_zero(level: f64, growth: f64, slope: f64) -> Option<f64> {
    if slope.abs() <= 0.0 {
        return if growth < 0.0 { Some(-level / growth) } else { None };
    }
    let square = growth * growth - 2.0 * slope * level;
    if square < 0.0 {
        return None;
    }
    // The falling root, in the form that does not cancel.
    let root = square.sqrt();
    let time = if growth < 0.0 { 2.0 * level / (root - growth) } else { -(growth + root) / slope };
    (time > 0.0 && time.is_finite()).then_some(time)
}

/// Longest delay behind a token bucket of `burst` requests served at `capacity` per second.
///
/// `burst / capacity`, seconds. `None` if the sustained `rate` exceeds the capacity or a number
/// is not finite or of the wrong sign.
#[must_use]
pub fn token_bucket_delay(burst: f64, rate: f64, capacity: f64) -> Option<f64> {
    if !non_negative(burst) || !non_negative(rate) || !positive(capacity) || rate > capacity {
        return None;
    }
    finite(burst / capacity)
}
