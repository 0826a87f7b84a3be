//! Caches under independent requests with Zipf popularity: hit ratio of a size, size of a hit ratio.
//!
//! In: number of items, Zipf exponent, entries of the cache, rates (per second), lifetimes
//! (seconds). Out: hit ratios, entries. Never: correlated requests.
//!
//! Literature: H. Che, Y. Tung, Z. Wang, *IEEE JSAC* 20 (2002); C. Fricker, P. Robert, J. Roberts, "A
//! versatile and accurate approximation for LRU cache performance" (2012); W. King 1971 (exact LRU);
//! J. Jung et al. 2003 (TTL).
//!
//! A catalog of ten million items is summed by rank: the first thousand one by one, the rest by
//! Gauss-Legendre in the logarithm of the rank (error of a sum below `1e-10`). Against simulation,
//! Che's approximation is within `5e-5` for a thousand items and more. For a handful of items it is
//! low by up to a point; [`lru_exact`] serves those.

use super::numeric::{GAUSS_LEGENDRE, count, find_root_within, finite, non_negative, positive};

/// Ranks summed one by one.
const EXACT_RANKS: u64 = 1000;

/// `1^-a + 2^-a + ... + n^-a` by Euler-Maclaurin; relative error about `1e-15`.
///
/// `None` if `exponent` is negative or not finite.
#[must_use]
pub fn zipf_harmonic(items: u64, exponent: f64) -> Option<f64> {
    if !non_negative(exponent) {
        return None;
    }
    let head = items.min(32);
    let mut sum: f64 = (1..=head).rev().map(|rank| count(rank).powf(-exponent)).sum();
    if items > head {
        let (low, high) = (count(head), count(items));
        let value = |x: f64| x.powf(-exponent);
        sum += power_integral(low, high, exponent) + 0.5 * (value(high) - value(low));
        // Bernoulli terms B_2k / (2k)! times the odd derivatives.
        let mut rising = exponent;
        let mut order = 1.0;
        for factor in [1.0 / 12.0, -1.0 / 720.0, 1.0 / 30_240.0, -1.0 / 1_209_600.0] {
            let derivative = |x: f64| -rising * x.powf(-exponent - order);
            sum += factor * (derivative(high) - derivative(low));
            rising *= (exponent + order) * (exponent + order + 1.0);
            order += 2.0;
        }
    }
    finite(sum)
}

/// Integral of `x^-exponent` over `low..high`.
fn power_integral(low: f64, high: f64, exponent: f64) -> f64 {
    let log = (high / low).ln();
    let power = (1.0 - exponent) * log;
    let ratio = if power.abs() < 1e-8 { 1.0 + 0.5 * power } else { power.exp_m1() / power };
    low.powf(1.0 - exponent) * log * ratio
}

/// Eviction policy of a full cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Evicts the least recently used item.
    Lru,
    /// Evicts the oldest item, or a random one: both have the same hit ratio.
    FifoOrRandom,
    /// Evicts the least popular item, with known popularity.
    Lfu,
}

/// Hit ratio and characteristic time of a cache.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CacheFit {
    /// Share of requests answered, `0..=1`.
    pub hit_ratio: f64,
    /// Time for which an item stays, in requests (divide by requests per second for seconds); infinite
    /// without eviction, and for LFU.
    pub characteristic_time: f64,
}

/// A catalog of items with Zipf popularity: requests for rank `i` are proportional to `i^-a`.
#[derive(Clone, Debug, PartialEq)]
pub struct Zipf {
    items: u64,
    exponent: f64,
    total: f64,
    /// Probability of an item, and the number of such items.
    bins: Vec<(f64, f64)>,
}

impl Zipf {
    /// `items` items and exponent `exponent` (0 uniform, typically 0.6 to 1.2).
    ///
    /// `None` for no items or an exponent negative, not finite or above 50.
    #[must_use]
    pub fn new(items: u64, exponent: f64) -> Option<Self> {
        let total = zipf_harmonic(items, exponent)?;
        if items == 0 || exponent > 50.0 || !positive(total) {
            return None;
        }
        let head = items.min(EXACT_RANKS);
        let mass = |rank: f64| rank.powf(-exponent) / total;
        let mut bins: Vec<(f64, f64)> = (1..=head).map(|rank| (mass(count(rank)), 1.0)).collect();
        if items > head {
            // Ranks head+1..=items as the integral over head + 1/2 .. items + 1/2.
            let (low, high) = ((count(head) + 0.5).ln(), (count(items) + 0.5).ln());
            let panels = ((high - low) / 0.8).ceil().max(1.0);
            let width = (high - low) / panels;
            let mut from = low;
            while from < high - 0.5 * width {
                for (node, weight) in GAUSS_LEGENDRE {
                    for side in [-node, node] {
                        let rank = (from + 0.5 * width * (1.0 + side)).exp();
                        bins.push((mass(rank), 0.5 * width * weight * rank));
                    }
                }
                from += width;
            }
        }
        Some(Self { items, exponent, total, bins })
    }

    /// Number of items.
    #[must_use]
    pub fn items(&self) -> u64 {
        self.items
    }

    /// Share of all requests that go to the `entries` most popular items; a fraction of an item
    /// counts as that fraction.
    #[must_use]
    pub fn top_share(&self, entries: f64) -> f64 {
        if entries.is_nan() || entries <= 0.0 {
            return 0.0;
        }
        if entries >= count(self.items) {
            return 1.0;
        }
        // Below the number of items.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let whole = entries.floor() as u64;
        let sum = zipf_harmonic(whole, self.exponent).unwrap_or(0.0);
        let next = count(whole + 1).powf(-self.exponent);
        ((sum + (entries - entries.floor()) * next) / self.total).clamp(0.0, 1.0)
    }

    /// Occupied entries and hit ratio when an item stays for `time` requests.
    fn at_time(&self, policy: Policy, time: f64) -> (f64, f64) {
        let (mut entries, mut hits) = (0.0, 0.0);
        for &(mass, number) in &self.bins {
            let asked = mass * time;
            let present = match policy {
                Policy::Lru => -(-asked).exp_m1(),
                _ => asked / (1.0 + asked),
            } * number;
            entries += present;
            hits += mass * present;
        }
        (entries, hits.min(1.0))
    }

    /// Hit ratio of a cache of `entries` entries: Che's approximation for LRU, its analog for
    /// FIFO and RANDOM, the exact top share for LFU.
    ///
    /// `None` if `entries` is negative or not a number.
    #[must_use]
    pub fn fit(&self, policy: Policy, entries: f64) -> Option<CacheFit> {
        if entries.is_nan() || entries < 0.0 {
            return None;
        }
        if entries >= count(self.items) {
            return Some(CacheFit { hit_ratio: 1.0, characteristic_time: f64::INFINITY });
        }
        if entries <= 0.0 {
            return Some(CacheFit { hit_ratio: 0.0, characteristic_time: 0.0 });
        }
        if policy == Policy::Lfu {
            let hit_ratio = self.top_share(entries);
            return Some(CacheFit { hit_ratio, characteristic_time: f64::INFINITY });
        }
        let time = self.solve_time(entries, |time| self.at_time(policy, time).0)?;
        let hit_ratio = self.at_time(policy, time).1;
        Some(CacheFit { hit_ratio, characteristic_time: time })
    }

    /// Hit ratio of a cache of `entries` entries whose items expire `lifetime` requests after their
    /// fetch.
    ///
    /// The smaller limit binds, item by item. Between two fetches an item of probability `p` has `p L`
    /// hits by its lifetime, or `exp(p T) - 1` hits by LRU with Che's `T` of the size alone. For FIFO
    /// and RANDOM it has `p min(T, L)` hits. LFU keeps the most popular items for their lifetime.
    /// `m` hits per fetch give a hit ratio of `m / (1 + m)`. If both limits bind, the result is within
    /// 1% of simulation. `None` if a number is negative or `NaN`.
    #[must_use]
    pub fn limited(&self, policy: Policy, entries: f64, lifetime: f64) -> Option<CacheFit> {
        if lifetime.is_nan() || lifetime < 0.0 {
            return None;
        }
        let by_size = self.fit(policy, entries)?;
        if lifetime.is_infinite() || by_size.hit_ratio <= 0.0 {
            return Some(by_size);
        }
        let time = by_size.characteristic_time;
        let characteristic_time = time.min(lifetime);
        if policy == Policy::Lfu && entries < count(self.items) {
            // Below the number of items.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let kept = Self::new((entries.floor() as u64).max(1), self.exponent)?;
            let share = by_size.hit_ratio;
            let (hits, _) = kept.ttl(share, lifetime, false)?;
            return Some(CacheFit { hit_ratio: share * hits, characteristic_time });
        }
        let hits = self.bins.iter().map(|&(mass, number)| {
            let often = match policy {
                Policy::Lru => (mass * lifetime).min((mass * time).exp_m1()),
                _ => mass * characteristic_time,
            };
            mass * number * often / (1.0 + often)
        });
        Some(CacheFit { hit_ratio: hits.sum::<f64>().min(1.0), characteristic_time })
    }

    /// Time at which the rising `function` reaches `target`.
    fn solve_time(&self, target: f64, function: impl Fn(f64) -> f64) -> Option<f64> {
        let excess = |log: f64| function(log.exp()) - target;
        // From one request in 1e6 up.
        let low = -14.0;
        let mut high = count(self.items).ln() + 1.0;
        while excess(high) < 0.0 {
            high += 4.0;
            if high > 700.0 {
                return None;
            }
        }
        // Bracket from the top down, close to the answer.
        let mut near = high - 4.0;
        while near > low && excess(near) > 0.0 {
            high = near;
            near -= 4.0;
        }
        if near <= low {
            near = -600.0;
        }
        find_root_within(excess, near, high, 1e-14).map(f64::exp)
    }

    /// Fewest entries for a hit ratio of `hit_ratio` (not rounded; round up).
    ///
    /// `None` unless `0 <= hit_ratio < 1` (the whole catalog gives 1).
    #[must_use]
    pub fn entries_for(&self, policy: Policy, hit_ratio: f64) -> Option<f64> {
        if !(0.0..1.0).contains(&hit_ratio) {
            return None;
        }
        if hit_ratio <= 0.0 {
            return Some(0.0);
        }
        let items = count(self.items);
        if policy == Policy::Lfu {
            let excess = |entries: f64| self.top_share(entries) - hit_ratio;
            return find_root_within(excess, 0.0, items, 1e-12);
        }
        // Only the whole catalog gives so high a ratio.
        let solved = self.solve_time(hit_ratio, |time| self.at_time(policy, time).1);
        Some(solved.map_or(items, |time| self.at_time(policy, time).0.min(items)))
    }

    /// Hit ratio and mean entries of a cache of unlimited size whose items live `lifetime`
    /// seconds, at `rate` requests per second. With `reset` a hit restarts the lifetime.
    ///
    /// `None` if a number is negative or not finite.
    #[must_use]
    pub fn ttl(&self, rate: f64, lifetime: f64, reset: bool) -> Option<(f64, f64)> {
        if !non_negative(rate) || !non_negative(lifetime) || !(rate * lifetime).is_finite() {
            return None;
        }
        let policy = if reset { Policy::Lru } else { Policy::FifoOrRandom };
        let (entries, hits) = self.at_time(policy, rate * lifetime);
        Some((hits, entries))
    }
}
