//! Seeded random numbers: one stream for each purpose.
//!
//! In: a seed, the number of a replication, the name of a stream. Out: uniform numbers, times by
//! their law. Two designs that have a stream of the same name draw the same numbers from it
//! (common random numbers). The generator is xoshiro256++ (Blackman and Vigna 2021). Never: a clock
//! or the system's own randomness.

use crate::model::{Latency, Law};
use rand_distr::{Distribution, Exp1, Gamma, LogNormal, Zipf};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// The 99th percentile of the standard normal law.
const Z99: f64 = 2.326_347_874_040_841;

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub(super) struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The stream of a name in one replication.
    pub fn new(seed: u64, replication: u64, name: &str) -> Self {
        // FNV-1a of the name; the generator's own seeding mixes the bits further.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in name.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let mixed = hash ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ replication.wrapping_mul(0xd1b5_4a32_d192_ed03);
        Self(Xoshiro256PlusPlus::seed_from_u64(mixed))
    }

    /// A number in [0, 1).
    #[inline]
    pub fn unit(&mut self) -> f64 {
        // 53 bits: all that a double holds below 1.
        #[allow(clippy::cast_precision_loss)]
        let x = (self.0.next_u64() >> 11) as f64;
        x * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Whether an event of that probability happens.
    #[inline]
    pub fn happens(&mut self, probability: f64) -> bool {
        probability >= 1.0 || self.unit() < probability
    }

    /// A whole number below `n`, which is at least 1 (Lemire 2019, without rejection: the bias is below n / 2^32).
    #[inline]
    pub fn below(&mut self, n: u32) -> u32 {
        // The product of two 32-bit numbers, shifted by 32, is below `n`.
        #[allow(clippy::cast_possible_truncation)]
        let out = ((u64::from(n) * (self.0.next_u64() >> 32)) >> 32) as u32;
        out
    }

    /// An exponential number of mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        Exp1.sample(&mut self.0)
    }
}

/// A random time in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Time {
    /// Always the same; 0 takes no time at all.
    Constant(f64),
    /// Exponential, by its mean.
    Exponential(f64),
    /// Gamma.
    Gamma(Gamma<f64>),
    /// Log-normal.
    LogNormal(LogNormal<f64>),
}

impl Time {
    /// No time.
    pub const ZERO: Self = Self::Constant(0.0);

    /// The law of a design, of work done `speed` times as fast.
    pub fn of(latency: Latency, speed: f64) -> Self {
        let mean = latency.mean.mid / speed;
        if mean <= 0.0 {
            return Self::ZERO;
        }
        match latency.law {
            Law::Exponential => Self::Exponential(mean),
            Law::Constant => Self::Constant(mean),
            Law::Cv(cv) => {
                let scv = cv * cv;
                // A shape above 1e9 is a constant to nine digits.
                Gamma::new(1.0 / scv, mean * scv).ok().filter(|_| scv > 1e-9).map_or(Self::Constant(mean), Self::Gamma)
            }
            Law::LogNormal { p50, p99 } => {
                let (p50, p99) = (p50 / speed, p99 / speed);
                let sigma = (p99 / p50).ln() / Z99;
                LogNormal::new(p50.ln(), sigma).map_or(Self::Constant(mean), Self::LogNormal)
            }
        }
    }

    /// Whether it is always 0.
    #[inline]
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Constant(c) if *c <= 0.0)
    }

    /// A drawn time.
    #[inline]
    pub fn draw(&self, stream: &mut Stream) -> f64 {
        match self {
            Self::Constant(c) => *c,
            Self::Exponential(mean) => mean * stream.exponential(),
            Self::Gamma(law) => law.sample(&mut stream.0),
            Self::LogNormal(law) => law.sample(&mut stream.0),
        }
    }
}

/// Popularity of keys: key 0 is the most popular.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys {
    law: Option<Zipf<f64>>,
    count: u32,
}

impl Keys {
    /// `count` keys whose popularity falls with exponent `skew`; 0 is uniform.
    pub fn new(count: u32, skew: f64) -> Self {
        Self { law: Zipf::new(f64::from(count), skew).ok().filter(|_| skew > 0.0), count }
    }

    /// The number of keys.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// A drawn key.
    #[inline]
    pub fn draw(&self, stream: &mut Stream) -> u32 {
        match &self.law {
            None => stream.below(self.count),
            // The law gives whole numbers from 1 to `count`.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Some(law) => (law.sample(&mut stream.0) as u32).clamp(1, self.count) - 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Keys, Stream, Time};
    use crate::model::{Interval, Latency, Law};

    fn moments(time: Time) -> (f64, f64) {
        let mut stream = Stream::new(1, 0, "test");
        let (n, mut sum, mut squares) = (400_000, 0.0, 0.0);
        for _ in 0..n {
            let x = time.draw(&mut stream);
            sum += x;
            squares += x * x;
        }
        let mean = sum / f64::from(n);
        (mean, squares / f64::from(n) - mean * mean)
    }

    #[test]
    fn laws_have_their_mean_and_variance() {
        let law = |law| Time::of(Latency { mean: Interval::fixed(2.0), law }, 1.0);
        for (time, variance) in [
            (law(Law::Constant), 0.0),
            (law(Law::Exponential), 4.0),
            (law(Law::Cv(0.5)), 1.0),
            (law(Law::Cv(2.0)), 16.0),
        ] {
            let (mean, found) = moments(time);
            assert!((mean / 2.0 - 1.0).abs() < 0.02, "mean {mean}");
            assert!((found - variance).abs() <= 0.05 * variance, "variance {found}, want {variance}");
        }
    }

    #[test]
    fn a_log_normal_has_its_percentiles() {
        let time = Time::of(Latency { mean: Interval::fixed(1.0), law: Law::LogNormal { p50: 0.18, p99: 0.65 } }, 1.0);
        let mut stream = Stream::new(1, 0, "test");
        let mut all: Vec<f64> = (0..200_000).map(|_| time.draw(&mut stream)).collect();
        all.sort_by(f64::total_cmp);
        assert!((all[100_000] / 0.18 - 1.0).abs() < 0.01);
        assert!((all[198_000] / 0.65 - 1.0).abs() < 0.02);
    }

    #[test]
    fn keys_follow_zipfs_law() {
        let keys = Keys::new(1000, 0.9);
        let mut stream = Stream::new(1, 0, "test");
        let mut counts = vec![0.0; 1000];
        for _ in 0..1_000_000 {
            counts[keys.draw(&mut stream) as usize] += 1.0;
        }
        for (a, b) in [(0, 1), (0, 9), (1, 99)] {
            let want = (f64::from(b + 1) / f64::from(a + 1)).powf(0.9);
            let found: f64 = counts[a as usize] / counts[b as usize];
            assert!((found / want - 1.0).abs() < 0.05, "{a} to {b}: {found}, want {want}");
        }
    }

    #[test]
    fn streams_repeat_and_differ() {
        let draw = |seed, replication, name: &str| {
            let mut stream = Stream::new(seed, replication, name);
            (stream.unit().to_bits(), stream.below(1000))
        };
        assert_eq!(draw(1, 0, "db"), draw(1, 0, "db"));
        for other in [draw(2, 0, "db"), draw(1, 1, "db"), draw(1, 0, "app")] {
            assert_ne!(draw(1, 0, "db"), other);
        }
    }
}
