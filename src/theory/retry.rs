//! Retries: mean attempts per request.
//!
//! In: failure probabilities, maximum retries, a retry budget. Out: attempts. Never: a time.
//! Literature: geometric series; *Site Reliability Engineering* (2016), chapter 22.

/// Mean attempts per request: `(1 - p^(m+1)) / (1 - p)` for failure probability `p` of each
/// attempt and at most `max_retries` retries. `None` if `p` is outside `0..=1`.
#[must_use]
pub fn attempts(failure: f64, max_retries: u32) -> Option<f64> {
    if !(0.0..=1.0).contains(&failure) {
        return None;
    }
    let tries = f64::from(max_retries) + 1.0;
    if failure <= 0.0 {
        return Some(1.0);
    }
    if failure >= 1.0 {
        return Some(tries);
    }
    if max_retries <= 64 {
        return Some((0..max_retries).fold(1.0, |sum, _| 1.0 + failure * sum));
    }
    Some((-(tries * failure.ln()).exp_m1() / (1.0 - failure)).clamp(1.0, tries))
}

/// Mean attempts per request under a retry budget: retries are at most `budget` times the
/// requests, so the result is at most `1 + budget`. `None` as for [`attempts`], or if `budget < 0`.
#[must_use]
pub fn attempts_with_budget(failure: f64, max_retries: u32, budget: f64) -> Option<f64> {
    if budget.is_nan() || budget < 0.0 {
        return None;
    }
    Some(attempts(failure, max_retries)?.min(1.0 + budget))
}
