//! Erlang's loss and delay formulas.
//!
//! In: servers `c` and the offered load `a = arrival rate * service time` (erlangs, no unit).
//! Out: probabilities. Never: a time. Literature: A. K. Erlang 1917; recursion as in R. B. Cooper,
//! *Introduction to Queueing Theory* (1981), section 3.4.
//!
//! The recursion needs no factorials: `B(0) = 1; B(k) = a B(k-1) / (k + a B(k-1))`. Its relative error
//! shrinks by `k/a` per step. So it starts `12 sqrt(min(a, c))` servers below the smaller of `a` and
//! `c`, and is still exact to the last digit. The cost is `O(sqrt(a))`.

use super::numeric::{non_negative, positive};

/// Erlang B: the probability that an arrival finds all `servers` busy when none may wait.
///
/// `offered_load` in erlangs. `None` if the load is negative or not finite.
#[must_use]
pub fn erlang_b(servers: u32, offered_load: f64) -> Option<f64> {
    if !non_negative(offered_load) {
        return None;
    }
    let lesser = f64::from(servers).min(offered_load);
    let start = (lesser - 12.0 * lesser.sqrt() - 16.0).max(0.0).floor();
    // `start` is an integer between 0 and `servers`.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let first = start as u32;
    let mut blocking = 1.0;
    for busy in first..servers {
        blocking = step(blocking, offered_load, busy + 1);
        if blocking <= f64::MIN_POSITIVE {
            return Some(0.0);
        }
    }
    Some(blocking)
}

/// One step of the recursion: the blocking of `servers` from that of one server fewer.
///
/// `blocking` is a probability, `offered_load` is in erlangs.
#[must_use]
pub fn step(blocking: f64, offered_load: f64, servers: u32) -> f64 {
    let loaded = offered_load * blocking;
    loaded / (f64::from(servers) + loaded)
}

/// Erlang C: the probability that an arrival must wait, with no limit on the queue.
///
/// `offered_load` in erlangs. `C = B / (1 - rho (1 - B))`, `rho = a / c`. `None` if the queue is
/// unstable (`a >= c`) or the load is not a number.
#[must_use]
pub fn erlang_c(servers: u32, offered_load: f64) -> Option<f64> {
    let capacity = f64::from(servers);
    if !non_negative(offered_load) || offered_load >= capacity {
        return None;
    }
    delay_from_blocking(erlang_b(servers, offered_load)?, servers, offered_load)
}

/// Erlang C from a known Erlang B of the same `servers` and `offered_load` (erlangs).
///
/// `None` if `offered_load >= servers`.
#[must_use]
pub fn delay_from_blocking(blocking: f64, servers: u32, offered_load: f64) -> Option<f64> {
    let capacity = f64::from(servers);
    if !positive(capacity) || offered_load.is_nan() || offered_load >= capacity {
        return None;
    }
    let idle = (capacity - offered_load) / capacity;
    Some((blocking / (idle + (1.0 - idle) * blocking)).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::{erlang_b, erlang_c, step};

    #[test]
    fn the_short_start_equals_the_full_recursion() {
        for (servers, load) in [(400, 395.0), (2000, 1900.0), (3000, 9000.0), (50_000, 49_900.0)] {
            let mut full = 1.0;
            for servers in 1..=servers {
                full = step(full, load, servers);
            }
            let short = erlang_b(servers, load).unwrap_or(f64::NAN);
            assert!(((short - full) / full).abs() < 1e-13, "{servers} {load}: {short} {full}");
        }
    }

    #[test]
    fn edges() {
        assert_eq!(erlang_b(0, 3.0), Some(1.0));
        assert_eq!(erlang_b(3, 0.0), Some(0.0));
        assert_eq!(erlang_c(4, 4.0), None);
        assert_eq!(erlang_c(0, 0.0), None);
        assert_eq!(erlang_b(u32::MAX, 1.0), Some(0.0));
        assert!(erlang_b(u32::MAX, 1e300).is_some_and(|blocking| blocking > 0.999));
    }
}
