//! Availability of unequal copies, of zones, of repairable and of standby systems.

use archc::theory::numeric::{non_negative, positive};
use archc::theory::reliability::{Availability, MINUTES_PER_YEAR, k_of_n};

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
