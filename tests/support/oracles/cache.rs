//! Hit ratios of one item with a time to live, and of LRU by its Markov chain.

use archc::theory::numeric::{non_negative, positive};

/// Hit ratio of one item asked for `rate` times a second (Poisson) that lives `lifetime` seconds.
///
/// From its fetch: `r L / (1 + r L)`; with `reset` at every hit: `1 - exp(-r L)`. `None` if a
/// number is negative or not finite.
#[must_use]
pub fn ttl_hit_ratio(rate: f64, lifetime: f64, reset: bool) -> Option<f64> {
    let asked = rate * lifetime;
    if !non_negative(rate) || !non_negative(lifetime) || !asked.is_finite() {
        return None;
    }
    Some(if reset { -(-asked).exp_m1() } else { asked / (1.0 + asked) })
}

/// Fetches per second of one item behind a lifetime without reset: `r / (1 + r L)`.
///
/// `None` if a number is negative or not finite.
#[must_use]
pub fn ttl_origin_rate(rate: f64, lifetime: f64) -> Option<f64> {
    ttl_hit_ratio(rate, lifetime, false)?;
    Some(rate / (1.0 + rate * lifetime))
}

/// Exact hit ratio of LRU with `entries` entries over a few items of the given `popularity`
/// (any positive weights): King's sum, over sets of items instead of orders.
///
/// `None` above 20 items, with no items, or if a weight is not positive and finite.
#[must_use]
pub fn lru_exact(popularity: &[f64], entries: usize) -> Option<f64> {
    let total: f64 = popularity.iter().sum();
    let items = popularity.len();
    if items == 0 || items > 20 || !popularity.iter().all(|p| positive(*p)) || !positive(total) {
        return None;
    }
    if entries >= items {
        return Some(1.0);
    }
    let sets = 1_usize << items;
    let mut chance = vec![0.0; sets]; // that the set is the most recently used
    *chance.first_mut()? = 1.0;
    let mut hit_ratio = 0.0;
    for set in 0..sets {
        let here = *chance.get(set)?;
        let size = set.count_ones() as usize;
        if size > entries {
            continue;
        }
        let outside = popularity.iter().enumerate().filter(|(item, _)| set >> item & 1 == 0);
        let missing = outside.clone().map(|(_, p)| p).sum::<f64>();
        if size == entries {
            hit_ratio += here * (1.0 - missing / total);
            continue;
        }
        for (item, p) in outside {
            if let Some(next) = chance.get_mut(set | 1 << item) {
                *next += here * p / missing;
            }
        }
    }
    Some(hit_ratio)
}
