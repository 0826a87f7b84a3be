//! Points that fill a box evenly: the scrambled Halton sequence.
//!
//! In: the number of a point and of a dimension. Out: a number in `0..1`. Never: a random source; the
//! points are the same on every machine.
//!
//! Each dimension writes the number of the point in a prime base and reverses the digits behind the
//! point. A permutation `a d + b mod p` of its place maps each digit (linear scrambling; Matousek, "On
//! the L2-discrepancy for anchored boxes", *J. Complexity* 14, 1998). This breaks the correlation of
//! high dimensions.

use super::numeric::count;
use std::sync::LazyLock;

/// Maximum number of dimensions.
pub const DIMENSIONS: usize = 128;

/// The first primes, one base for each dimension.
static PRIMES: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut out: Vec<u64> = Vec::with_capacity(DIMENSIONS);
    let mut next = 2;
    while out.len() < DIMENSIONS {
        if !out.iter().any(|p| next % p == 0) {
            out.push(next);
        }
        next += 1;
    }
    out
});

/// Mixes a number well (`SplitMix64`).
fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Coordinate `dimension` of point `index`. `None` past [`DIMENSIONS`].
#[must_use]
pub fn halton(index: u64, dimension: usize) -> Option<f64> {
    let base = *PRIMES.get(dimension)?;
    let (mut rest, mut scale, mut sum) = (index, 1.0, 0.0);
    for place in 0..64_u64 {
        scale /= count(base);
        if scale < 1e-15 {
            break;
        }
        let seed = mix(base << 8 | place);
        let (a, b) = (1 + seed % (base - 1).max(1), mix(seed) % base);
        sum += count((a * (rest % base) + b) % base) * scale;
        rest /= base;
    }
    Some(sum.min(1.0 - f64::EPSILON))
}

/// A Halton coordinate, shifted modulo 1 by a pseudo-random amount for each dimension (Cranley and
/// Patterson 1976). Each seed gives different points of equal evenness. Past [`DIMENSIONS`] the
/// coordinate is pseudo-random.
#[must_use]
pub fn turned(index: u64, dimension: usize, seed: u64) -> f64 {
    let unit = |n: u64| count(mix(n) >> 11) / count(1 << 53);
    let of = mix(seed).wrapping_add(dimension as u64);
    match halton(index, dimension) {
        Some(x) => (x + unit(of)).fract(),
        None => unit(mix(of) ^ index),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dimension_is_even() {
        // As many points as a power of the base: one in each equal part.
        for dimension in [0, 1, 5, 30, 127] {
            let parts = PRIMES[dimension].pow(if dimension < 2 { 5 } else { 2 });
            let mut seen = vec![0; usize::try_from(parts).expect("small")];
            for i in 0..parts {
                let x = halton(i, dimension).expect("a dimension");
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let part = (x * count(parts)) as usize;
                seen[part] += 1;
            }
            assert!(seen.iter().all(|n| *n == 1), "{dimension}");
        }
        assert_eq!(halton(0, 128), None);
    }

    #[test]
    fn dimensions_are_independent() {
        // The mean of a product is that of its factors, in high dimensions too.
        for (a, b) in [(0, 1), (20, 21), (60, 61), (126, 127)] {
            let n = 1000;
            let product = |i| halton(i, a).expect("one") * halton(i, b).expect("two");
            let mean = (0..n).map(product).sum::<f64>() / count(n);
            assert!((mean - 0.25).abs() < 0.01, "{a} {b}: {mean}");
        }
    }
}
