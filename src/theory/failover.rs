//! A primary with a standby: what failures, failovers and repairs leave.
//!
//! In: mean time between failures and to repair, time of a failover, seconds; failures a
//! year. Out: availability. Literature: K. Trivedi, *Probability and Statistics with
//! Reliability, Queuing and Computer Science Applications* (2002), ch. 8.

use super::numeric::positive;
use super::reliability::Availability;

/// Seconds in a year of 365 days.
pub const YEAR: f64 = 31_536_000.0;

/// Two machines, one serving, exponential times, one repair at a time. The states of the
/// Markov chain: both up; the primary failed and the standby not yet serving; one serving
/// while the other is repaired; both down. It is up in the first and the third.
///
/// `None` unless all times are finite and above 0.
#[must_use]
pub fn primary_standby(between_failures: f64, repair: f64, failover: f64) -> Option<Availability> {
    if !positive(between_failures) || !positive(repair) || !positive(failover) {
        return None;
    }
    let (fails, mends, takes_over) = (1.0 / between_failures, 1.0 / repair, 1.0 / failover);
    // Unnormalised, from the balance of the states, both up = 1:
    // over: both * fails = over * (takes_over + fails)
    let over = fails / (takes_over + fails);
    // both up: one * mends = both * 2 fails
    let one = 2.0 * fails / mends;
    // both down: none * mends = (over + one) * fails
    let none = (over + one) * fails / mends;
    let down = over + none;
    Availability::of_unavailability(down / (1.0 + one + down))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_primary_and_its_standby() {
        // Mean time between failures 720 h, repair 1 h, failover 60 s.
        let a = primary_standby(720.0 * 3600.0, 3600.0, 60.0).expect("valid");
        assert!((a.availability - 0.999_973_037_8).abs() < 5e-11, "{a:?}");
        // An instant failover leaves the double faults alone: 2 l^2 / (m^2 + 2 l m + 2 l^2).
        let (l, m) = (1.0 / 720.0, 1.0);
        let a = primary_standby(720.0 * 3600.0, 3600.0, 1e-9).expect("valid");
        let double = 2.0 * l * l / (m * m + 2.0 * l * m + 2.0 * l * l);
        assert!((a.unavailability - double).abs() < 1e-12, "{a:?}");
        assert_eq!(primary_standby(1.0, 0.0, 1.0), None);
    }

    #[test]
    fn failovers_of_a_year() {
        let a = failovers(4.0, 90.0).expect("valid");
        assert!((a.availability - 87_599.0 / 87_600.0).abs() < 1e-15);
        assert_eq!(failovers(1e9, 90.0), None);
        assert_eq!(failovers(-1.0, 90.0), None);
    }
}
