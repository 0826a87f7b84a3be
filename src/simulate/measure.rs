//! What is counted while a simulation runs.
//!
//! In: times of requests, in seconds. Out: counts, sums, histograms with bins of 1/256 of their
//! value, so that a quantile is told to 0.4%. Never: an interval.

use super::program::ROLES;

/// Bins of one power of two.
const PER_OCTAVE: usize = 256;
/// The exponent of the shortest time that is told apart: 2^-40 s, about a picosecond.
const LEAST: i32 = -40;
/// Powers of two: up to 2^30 s, 34 years.
const OCTAVES: usize = 70;

/// A histogram of times.
#[derive(Clone, Debug, Default)]
pub(super) struct Histogram {
    bins: Vec<u32>,
    zeros: u64,
    count: u64,
    sum: f64,
}

/// A count as a number.
#[allow(clippy::cast_precision_loss)] // counts stay below 2^53
pub(super) fn real(n: u64) -> f64 {
    n as f64
}

impl Histogram {
    /// Adds a time.
    #[inline]
    pub fn add(&mut self, seconds: f64) {
        self.count += 1;
        self.sum += seconds;
        if seconds <= 0.0 {
            self.zeros += 1;
            return;
        }
        if self.bins.is_empty() {
            self.bins = vec![0; PER_OCTAVE * OCTAVES];
        }
        // The exponent and the first eight bits of the mantissa are the number of the bin.
        let top = (seconds.to_bits() >> 44).cast_signed();
        let first = i64::from(1023 + LEAST) << 8;
        let last = self.bins.len() - 1;
        let bin = usize::try_from(top - first).unwrap_or(0).min(last);
        if let Some(slot) = self.bins.get_mut(bin) {
            *slot += 1;
        }
    }

    /// The number of times.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean; `None` without times.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / real(self.count))
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        self.zeros += other.zeros;
        self.count += other.count;
        self.sum += other.sum;
        if self.bins.is_empty() {
            self.bins.clone_from(&other.bins);
        } else {
            self.bins.iter_mut().zip(&other.bins).for_each(|(a, b)| *a += b);
        }
    }

    /// The quantile; `None` without times. Times are taken as even within a bin.
    pub fn quantile(&self, probability: f64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        let wanted = probability * real(self.count);
        let mut below = real(self.zeros);
        if wanted <= below {
            return Some(0.0);
        }
        for (i, n) in self.bins.iter().enumerate().filter(|(_, n)| **n > 0) {
            let here = f64::from(*n);
            if below + here >= wanted {
                let (low, high) = edges(i);
                return Some(low + (high - low) * (wanted - below) / here);
            }
            below += here;
        }
        None
    }
}

/// The edges of a bin, seconds.
fn edges(bin: usize) -> (f64, f64) {
    let first = u64::from(1023_u32.wrapping_add_signed(LEAST)) << 8;
    let at = |i: usize| f64::from_bits((first + i as u64) << 44);
    (at(bin), at(bin + 1))
}

/// What is counted of a flow.
#[derive(Clone, Debug, Default)]
pub(super) struct FlowCount {
    /// Times of answered requests, or from publish to done.
    pub times: Histogram,
    /// Times until requests failed.
    pub failed: Histogram,
    /// Requests that started.
    pub started: u64,
}

/// What is in progress at one time.
#[derive(Clone, Debug, Default)]
pub(super) struct Crowd {
    /// The time, seconds.
    pub time: f64,
    /// By flow: requests in progress, and messages that wait.
    pub flows: Vec<f64>,
    /// By station: requests that wait for a core or a thread.
    pub stations: Vec<f64>,
}

/// What is counted of a station.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StationCount {
    /// Busy core seconds, by role.
    pub busy: [f64; ROLES],
    /// Requests that arrived.
    pub arrived: u64,
    /// Requests that it refused.
    pub refused: u64,
    /// Lookups, and those that found their entry.
    pub lookups: u64,
    /// Lookups that found their entry.
    pub hits: u64,
}

#[cfg(test)]
mod tests {
    use super::Histogram;

    #[test]
    fn quantiles_are_told_to_a_bin() {
        let mut h = Histogram::default();
        for i in 1..=100_000_u32 {
            h.add(f64::from(i) * 1e-6);
        }
        for p in [0.01, 0.5, 0.9, 0.99, 0.999] {
            let (got, want) = (h.quantile(p).unwrap(), p * 0.1);
            assert!((got / want - 1.0).abs() < 0.002, "{p}: {got}, want {want}");
        }
        assert!((h.mean().unwrap() / 0.050_000_5 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn extremes_do_not_break_it() {
        let mut h = Histogram::default();
        for x in [0.0, 1e-30, 1e30, f64::MIN_POSITIVE, 1.0] {
            h.add(x);
        }
        assert_eq!(h.count(), 5);
        assert!(h.quantile(0.1).unwrap() <= 0.0);
        assert!(h.quantile(1.0).unwrap() > 1e6);
        assert!(Histogram::default().quantile(0.5).is_none());
    }

    #[test]
    fn merged_is_as_if_added_to_one() {
        let (mut a, mut b, mut all) = (Histogram::default(), Histogram::default(), Histogram::default());
        for i in 1..1000_u32 {
            let x = f64::from(i * i);
            if i % 3 == 0 {
                a.add(x)
            } else {
                b.add(x)
            }
            all.add(x);
        }
        a.merge(&b);
        assert_eq!(a.quantile(0.9).unwrap().to_bits(), all.quantile(0.9).unwrap().to_bits());
        assert_eq!(a.count(), all.count());
    }
}
