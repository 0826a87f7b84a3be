//! Availability of redundant groups and what it means in minutes.
//!
//! In: availabilities (`0..=1`), counts, times (seconds). Out: availabilities, minutes of
//! downtime. Literature: R. Barlow and F. Proschan, *Statistical Theory of Reliability* (1975).
//!
//! Unavailability is kept beside availability: near 1 the difference has lost its digits.

use super::numeric::{non_negative, positive};

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

    /// Mean downtime, minutes per year of 365.25 days.
    #[must_use]
    pub fn downtime_minutes_per_year(&self) -> f64 {
        self.unavailability * MINUTES_PER_YEAR
    }

    /// Mean downtime, minutes per 30 days.
    #[must_use]
    pub fn downtime_minutes_per_month(&self) -> f64 {
        self.unavailability * MINUTES_PER_MONTH
    }
}

/// At least `needed` of `copies` independent copies up, each with probability `each`.
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

/// At least `needed` of independent copies of different availability up.
///
/// `None` if there are fewer copies than needed or a probability is outside `0..=1`.
#[must_use]
pub fn k_of_different(each: &[f64], needed: usize) -> Option<Availability> {
    if needed > each.len() || !each.iter().all(|up| (0.0..=1.0).contains(up)) {
        return None;
    }
    // alive[j]: probability of exactly j up so far, the last one for `needed` or more.
    let mut alive = vec![0.0; needed + 1];
    *alive.first_mut()? = 1.0;
    for &up in each {
        let mut below = 0.0;
        for (level, mass) in alive.iter_mut().enumerate() {
            let stays = if level == needed { 1.0 } else { 1.0 - up };
            let next = *mass * stays + below * up;
            below = *mass;
            *mass = next;
        }
    }
    let up = alive.pop()?;
    let down: f64 = alive.iter().sum();
    let availability = if down < 0.5 { 1.0 - down } else { up };
    Some(Availability { availability: availability.clamp(0.0, 1.0), unavailability: down.min(1.0) })
}

/// All of the components up: the product.
///
/// `None` if a probability is outside `0..=1`.
#[must_use]
pub fn series(each: &[f64]) -> Option<Availability> {
    if !each.iter().all(|up| (0.0..=1.0).contains(up)) {
        return None;
    }
    let availability = each.iter().product();
    let log: f64 = each.iter().map(|up| (up - 1.0).ln_1p()).sum();
    Some(Availability { availability, unavailability: -log.exp_m1() })
}

/// At least `needed` instances up in `zones` zones of `per_zone` instances, where a zone that is
/// down (up with probability `zone`) takes its instances (up with probability `each`) with it.
///
/// `None` if a probability is outside `0..=1` or more are needed than there are.
#[must_use]
pub fn k_of_zones(zone: f64, zones: u32, each: f64, per_zone: u32, needed: u32) -> Option<Availability> {
    if needed > zones.checked_mul(per_zone)? || !(0.0..=1.0).contains(&zone) {
        return None;
    }
    let mut down = 0.0;
    for alive in 0..=zones {
        let at_least = k_of_n(zone, alive, zones)?.unavailability;
        let exactly = if alive == zones {
            zone.powf(f64::from(zones))
        } else {
            k_of_n(zone, alive + 1, zones)?.unavailability - at_least
        };
        let instances = alive * per_zone;
        let lacking = if needed > instances { 1.0 } else { k_of_n(each, needed, instances)?.unavailability };
        down += exactly * lacking;
    }
    Availability::of_unavailability(down.clamp(0.0, 1.0))
}

/// A component that runs `mean_up` and is repaired in `mean_down`, same unit: `up / (up + down)`.
///
/// `None` unless `mean_up > 0` and `mean_down >= 0`, both finite.
#[must_use]
pub fn repairable(mean_up: f64, mean_down: f64) -> Option<Availability> {
    if !positive(mean_up) || !non_negative(mean_down) {
        return None;
    }
    Availability::of_unavailability(mean_down / (mean_up + mean_down))
}

/// Primary with a standby: each failure costs a failover, or with probability `1 - success` a
/// repair.
///
/// `failures` per year, `failover` and `repair` in seconds. `None` if a number is not finite or
/// of the wrong sign, or the downtime exceeds the year.
#[must_use]
pub fn active_passive(failures: f64, failover: f64, success: f64, repair: f64) -> Option<Availability> {
    let times = non_negative(failures) && non_negative(failover) && non_negative(repair);
    if !times || !(0.0..=1.0).contains(&success) {
        return None;
    }
    let down = failures * (success * failover + (1.0 - success) * repair);
    Availability::of_unavailability(down / (MINUTES_PER_YEAR * 60.0))
}
