//! M/M/c/K: `c` servers and room for `K` requests in all; arrivals that find it full are refused.
//!
//! In: arrival rate (per second), mean service time (seconds), servers, capacity. Out: blocking,
//! throughput, times (seconds). Literature: Gross and Harris, section 2.5; the state
//! probabilities by ratio recursion, scaled by the mode so that nothing overflows and the 0/0 of
//! the closed form at full load does not arise. Any load is stable here.

use archc::theory::numeric::{non_negative, positive};

/// The largest capacity taken; the recursion costs one step per place.
pub const MAX_CAPACITY: u32 = 10_000_000;

/// Steady state of an M/M/c/K queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FiniteQueue {
    /// Probability that an arrival is refused.
    pub blocking: f64,
    /// Accepted requests per second.
    pub throughput: f64,
    /// Mean number waiting or in service.
    pub mean_in_system: f64,
    /// Mean number waiting.
    pub mean_queue_length: f64,
    /// Mean response time of the accepted, seconds.
    pub mean_sojourn: f64,
    /// Mean wait of the accepted, seconds.
    pub mean_wait: f64,
    /// Utilisation of each server, `0..=1`.
    pub utilisation: f64,
}

/// Solves M/M/c/K.
///
/// `arrival_rate` per second, `service_time` in seconds, `capacity` counts those in service too
/// (below `servers`, it limits the servers). `None` for zero servers or capacity, a capacity
/// above [`MAX_CAPACITY`], or numbers that are not finite or of the wrong sign.
#[must_use]
pub fn mmck(arrival_rate: f64, service_time: f64, servers: u32, capacity: u32) -> Option<FiniteQueue> {
    let offered_load = arrival_rate * service_time;
    if !non_negative(arrival_rate) || !positive(service_time) || !offered_load.is_finite() {
        return None;
    }
    if servers == 0 || capacity == 0 || capacity > MAX_CAPACITY {
        return None;
    }
    if offered_load <= 0.0 {
        return Some(FiniteQueue {
            blocking: 0.0,
            throughput: arrival_rate,
            mean_in_system: 0.0,
            mean_queue_length: 0.0,
            mean_sojourn: service_time,
            mean_wait: 0.0,
            utilisation: 0.0,
        });
    }
    // All sums are relative to the newest state while the states grow, to the mode afterwards.
    let (mut newest, mut total, mut busy, mut waiting) = (1.0, 1.0, 0.0, 0.0);
    for present in 1..=capacity {
        let serving = f64::from(present.min(servers));
        let queued = f64::from(present.saturating_sub(servers));
        let ratio = offered_load / serving;
        if ratio >= 1.0 {
            total = total / ratio + 1.0;
            busy = busy / ratio + serving;
            waiting = waiting / ratio + queued;
        } else {
            newest *= ratio;
            total += newest;
            busy += newest * serving;
            waiting += newest * queued;
        }
    }
    let blocking = newest / total;
    let mean_busy = busy / total;
    let mean_queue_length = waiting / total;
    let throughput = mean_busy / service_time;
    if !positive(throughput) {
        return None;
    }
    let mean_wait = mean_queue_length / throughput;
    Some(FiniteQueue {
        blocking,
        throughput,
        mean_in_system: mean_busy + mean_queue_length,
        mean_queue_length,
        mean_sojourn: mean_wait + service_time,
        mean_wait,
        utilisation: mean_busy / f64::from(servers),
    })
}
