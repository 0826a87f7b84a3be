//! How many servers a target needs, and how far a group of servers may be loaded.
//!
//! In: arrival rates (per second), times (seconds), probabilities. Out: servers, utilisations.
//! Literature: S. Halfin and W. Whitt, *Operations Research* 29 (1981); S. Borst, A. Mandelbaum,
//! M. Reiman, *Operations Research* 52 (2004).

use super::erlang::erlang_c;
use super::mmc::Mmc;
use super::numeric::{find_root, non_negative, normal_cdf, normal_density, positive};

/// Most servers considered.
pub const MAX_SERVERS: u32 = 10_000_000;

/// Least number above `floor` for which the rising condition `holds`, up to [`MAX_SERVERS`].
fn least(floor: f64, holds: impl Fn(u32) -> bool) -> Option<u32> {
    if !non_negative(floor) || floor >= f64::from(MAX_SERVERS) {
        return None;
    }
    // Below MAX_SERVERS.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let mut fails = floor.floor() as u32; // too few: unstable, or none at all
    let mut reach = 1;
    let mut works = fails + 1;
    while !holds(works) {
        fails = works;
        if works >= MAX_SERVERS {
            return None;
        }
        reach *= 2;
        works = works.saturating_add(reach).min(MAX_SERVERS);
    }
    while works - fails > 1 {
        let middle = fails + (works - fails) / 2;
        if holds(middle) {
            works = middle;
        } else {
            fails = middle;
        }
    }
    Some(works)
}

/// Least servers so that an M/M/c answers within `target` seconds with `probability`.
///
/// `arrival_rate` per second, `service_time` mean seconds. `None` if no number of servers does
/// (the service alone is too slow) or a number is not finite or of the wrong sign.
#[must_use]
pub fn servers_for_response(arrival_rate: f64, service_time: f64, target: f64, probability: f64) -> Option<u32> {
    if !non_negative(target) || !(0.0..1.0).contains(&probability) || !positive(service_time) {
        return None;
    }
    let allowed = 1.0 - probability;
    if (-target / service_time).exp() > allowed {
        return None;
    }
    least(arrival_rate * service_time, |servers| {
        Mmc::new(arrival_rate, service_time, servers).is_some_and(|queue| queue.sojourn_survival(target) <= allowed)
    })
}

/// Least servers so that an M/M/c lets a request wait longer than `target` seconds with at most
/// probability `1 - probability`.
///
/// `None` if a number is not finite or of the wrong sign.
#[must_use]
pub fn servers_for_wait(arrival_rate: f64, service_time: f64, target: f64, probability: f64) -> Option<u32> {
    if !non_negative(target) || !(0.0..1.0).contains(&probability) {
        return None;
    }
    least(arrival_rate * service_time, |servers| {
        Mmc::new(arrival_rate, service_time, servers)
            .is_some_and(|queue| queue.wait_survival(target) <= 1.0 - probability)
    })
}

/// Least servers for which Erlang C of `offered_load` (erlangs) is at most `probability`.
///
/// `None` if the probability is not above 0 or a number is not finite.
#[must_use]
pub fn servers_for_delay(offered_load: f64, probability: f64) -> Option<u32> {
    if probability.is_nan() || probability <= 0.0 {
        return None;
    }
    least(offered_load, |servers| erlang_c(servers, offered_load).is_some_and(|delay| delay <= probability))
}

/// Halfin-Whitt delay probability of a quality `beta`: `1 / (1 + beta Phi(beta) / phi(beta))`.
///
/// `None` if `beta` is negative or not a number.
#[must_use]
pub fn halfin_whitt_delay(beta: f64) -> Option<f64> {
    if !non_negative(beta) {
        return None;
    }
    let density = normal_density(beta);
    Some(density / (density + beta * normal_cdf(beta)))
}

/// The quality `beta` whose Halfin-Whitt delay probability is `probability`.
///
/// `None` unless `0 < probability <= 1`.
#[must_use]
pub fn halfin_whitt_beta(probability: f64) -> Option<f64> {
    if !(probability > 0.0 && probability <= 1.0) {
        return None;
    }
    let excess = |beta: f64| halfin_whitt_delay(beta).unwrap_or(0.0).ln() - probability.ln();
    find_root(excess, 0.0, 38.0)
}

/// Square-root staffing: `ceil(a + beta sqrt(a))` servers for `offered_load` erlangs.
///
/// `None` if a number is negative or not finite, or the result exceeds [`MAX_SERVERS`].
#[must_use]
pub fn square_root_staffing(offered_load: f64, beta: f64) -> Option<u32> {
    let servers = (offered_load + beta * offered_load.sqrt()).ceil();
    if !non_negative(offered_load) || !non_negative(beta) || servers > f64::from(MAX_SERVERS) {
        return None;
    }
    // Between 0 and MAX_SERVERS.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some(servers as u32)
}

/// The utilisation at which Erlang C of `servers` servers is `probability`.
///
/// `None` for no servers or unless `0 < probability < 1`.
#[must_use]
pub fn utilisation_for_delay(servers: u32, probability: f64) -> Option<f64> {
    if servers == 0 || !(probability > 0.0 && probability < 1.0) {
        return None;
    }
    let capacity = f64::from(servers);
    let excess = |utilisation: f64| erlang_c(servers, utilisation * capacity).unwrap_or(1.0) - probability;
    find_root(excess, 0.0, 1.0)
}

/// Share of `cpus` to keep free so that about 30 % of requests wait: `0.712 / cpus^0.448`.
///
/// A published fit (Netflix service capacity modelling) to [`utilisation_for_delay`] at 0.3;
/// within a percentage point from 2 to 64. `None` for no CPUs.
#[must_use]
pub fn headroom_fit(cpus: u32) -> Option<f64> {
    (cpus > 0).then(|| 0.712 / f64::from(cpus).powf(0.448))
}
