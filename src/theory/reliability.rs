//! Availability of redundant groups, and its downtime in minutes.
//!
//! In: availabilities (`0..=1`), counts, times (seconds). Out: availabilities, minutes of downtime.
//! Never: dependent failures. Literature: R. Barlow and F. Proschan, *Statistical Theory of
//! Reliability* (1975).
//!
//! Unavailability is stored beside availability, because near 1 the difference has lost its digits.

use super::numeric::positive;

/// Minutes in a year of 365.25 days.
pub const MINUTES_PER_YEAR: f64 = 525_960.0;
/// Minutes in 30 days.
pub const MINUTES_PER_MONTH: f64 = 43_200.0;

/// A probability of being up and its complement, each to its own precision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Availability {
    /// Probability of being up.
    pub availability: f64,
    /// Probability of being down.
    pub unavailability: f64,
}

impl Availability {
    /// From the probability of being up. `None` outside `0..=1`.
    #[must_use]
    pub fn of(availability: f64) -> Option<Self> {
        let valid = (0.0..=1.0).contains(&availability);
        valid.then_some(Self { availability, unavailability: 1.0 - availability })
    }

    /// From the probability of being down. `None` outside `0..=1`.
    #[must_use]
    pub fn of_unavailability(unavailability: f64) -> Option<Self> {
        let valid = (0.0..=1.0).contains(&unavailability);
        valid.then_some(Self { availability: 1.0 - unavailability, unavailability })
    }
}

/// Probability that at least `needed` of `copies` independent replicas are up, each with probability
/// `each`.
///
/// Binomial by ratios from the mode, so both tails keep their digits. `needed = 0` is always up;
/// `None` if `needed > copies`, `each` is outside `0..=1`, or above ten million copies.
#[must_use]
pub fn k_of_n(each: f64, needed: u32, copies: u32) -> Option<Availability> {
    if !(0.0..=1.0).contains(&each) || needed > copies || copies > 10_000_000 {
        return None;
    }
    if needed == 0 || each >= 1.0 {
        return Availability::of_unavailability(0.0);
    }
    if each <= 0.0 {
        return Availability::of(0.0);
    }
    let odds = each / (1.0 - each);
    let size = f64::from(copies);
    // Between 0 and `copies`.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let mode = ((size + 1.0) * each).floor().min(size) as u32;
    let (mut up, mut down) = (0.0, 0.0);
    let mut add = |alive: u32, mass: f64| {
        if alive >= needed {
            up += mass;
        } else {
            down += mass;
        }
    };
    let mut mass = 1.0;
    add(mode, mass);
    for alive in mode + 1..=copies {
        mass *= odds * f64::from(copies - alive + 1) / f64::from(alive);
        add(alive, mass);
    }
    mass = 1.0;
    for alive in (0..mode).rev() {
        mass *= f64::from(alive + 1) / f64::from(copies - alive) / odds;
        add(alive, mass);
    }
    let total = up + down;
    if !positive(total) {
        return None;
    }
    let unavailability = down / total;
    let availability = if unavailability < 0.5 { 1.0 - unavailability } else { up / total };
    Some(Availability { availability, unavailability })
}
