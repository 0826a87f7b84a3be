//! Bounds of a structure's availability: under unknown dependence, or if the exact value is too
//! expensive.
//!
//! In: availabilities (`0..=1`), cut sets, path sets. Out: a lower and an upper bound. Never: an
//! estimate between them. Literature: Fréchet 1935; J. Esary and F. Proschan 1963.

use std::collections::BTreeSet;

/// Probability that all components are up, under any dependence: `max(0, 1 - sum of (1 - a))` to
/// `min a`.
#[must_use]
pub fn frechet_series(each: &[(f64, f64)]) -> (f64, f64) {
    let down: f64 = each.iter().map(|(low, _)| 1.0 - low).sum();
    (1.0 - down.min(1.0), each.iter().fold(1.0, |best, (_, high)| best.min(*high)))
}

/// Probability that at least one component is up, under any dependence: `max a` to
/// `min(1, sum of a)`.
#[must_use]
pub fn frechet_parallel(each: &[(f64, f64)]) -> (f64, f64) {
    let up: f64 = each.iter().map(|(_, high)| *high).sum();
    (each.iter().fold(0.0, |best, (low, _)| best.max(*low)), up.min(1.0))
}

/// Bounds for independent components: the lower from all minimal cut sets, the upper from all
/// minimal path sets. A missing set makes the bound of its side wrong.
#[must_use]
pub fn esary_proschan(cuts: &[BTreeSet<u32>], paths: &[BTreeSet<u32>], p: &dyn Fn(u32) -> f64) -> (f64, f64) {
    let holds = |cut: &BTreeSet<u32>| 1.0 - cut.iter().map(|v| 1.0 - p(*v)).product::<f64>();
    let breaks = |path: &BTreeSet<u32>| 1.0 - path.iter().map(|v| p(*v)).product::<f64>();
    (cuts.iter().map(holds).product(), 1.0 - paths.iter().map(breaks).product::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_bounds() {
        let fixed = |all: &[f64]| all.iter().map(|a| (*a, *a)).collect::<Vec<_>>();
        let (low, high) = frechet_series(&fixed(&[0.9999, 0.9999, 0.9995]));
        assert!((low - 0.9993).abs() < 1e-12 && (high - 0.9995).abs() < 1e-15);
        assert_eq!(frechet_parallel(&fixed(&[0.999, 0.999])), (0.999, 1.0));
        assert_eq!(frechet_series(&fixed(&[0.2, 0.3])).0, 0.0);
        // The bridge of p = 0.9: exactly 0.97848.
        let sets = |all: &[&[u32]]| all.iter().map(|s| s.iter().copied().collect()).collect::<Vec<BTreeSet<u32>>>();
        let cuts = sets(&[&[0, 1], &[3, 4], &[0, 2, 4], &[1, 2, 3]]);
        let paths = sets(&[&[0, 3], &[1, 4], &[0, 2, 4], &[1, 2, 3]]);
        let (low, high) = esary_proschan(&cuts, &paths, &|_| 0.9);
        assert!((low - 0.978_140_780_099_9).abs() < 1e-12, "{low}");
        assert!((high - 0.997_348_779_9).abs() < 1e-9, "{high}");
    }
}
