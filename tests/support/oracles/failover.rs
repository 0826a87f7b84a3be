//! A primary with a standby: what failures, failovers and repairs leave.
//!
//! In: mean time between failures and to repair, time of a failover, seconds; failures a
//! year. Out: availability. Literature: K. Trivedi, *Probability and Statistics with
//! Reliability, Queuing and Computer Science Applications* (2002), ch. 8.

use archc::theory::reliability::Availability;

/// Seconds in a year of 365 days.
pub const YEAR: f64 = 31_536_000.0;

/// What so many failovers a year, each of so many seconds, leave; double faults apart.
///
/// `None` if a number is negative or not finite, or they last longer than the year.
#[must_use]
pub fn failovers(a_year: f64, seconds: f64) -> Option<Availability> {
    let valid = a_year.is_finite() && seconds.is_finite() && a_year >= 0.0 && seconds >= 0.0;
    if !valid {
        return None;
    }
    Availability::of_unavailability(a_year * seconds / YEAR)
}
