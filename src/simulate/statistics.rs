//! Statistics of replications.
//!
//! In: one value of each replication, series of windows. Out: a 95% interval, the end of the warm-up. Never: a request.

/// Quantile 0.975 of Student's t law, by degrees of freedom from 1 (Abramowitz and Stegun 1964, table 26.10).
const T: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/// Windows that are taken together before the warm-up is looked for.
const BATCH: usize = 5;

/// Half of the width of the 95% interval of the mean of independent values; infinite for fewer than two.
pub(super) fn half_width(values: &[f64]) -> f64 {
    let n = values.len();
    let Some(t) = n.checked_sub(2).map(|i| T.get(i).copied().unwrap_or(1.96)) else { return f64::INFINITY };
    // A few dozen replications.
    #[allow(clippy::cast_precision_loss)]
    let count = n as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (count - 1.0);
    t * (variance / count).sqrt()
}

/// The number of windows at the start that belong to the warm-up: MSER-5 (White 1997). `None` if
/// the series has not settled: the minimum of the rule lies in its second half, or it is too short.
///
/// The windows are sums and counts; windows without requests are left out.
pub(super) fn warm_up(series: &[(f64, f64)]) -> Option<usize> {
    let mut batches = Vec::new();
    for chunk in series.chunks_exact(BATCH) {
        let (sum, count) = chunk.iter().fold((0.0, 0.0), |(s, c), (a, b)| (s + a, c + b));
        batches.push((count > 0.0).then(|| sum / count));
    }
    let n = batches.len();
    if n < 8 {
        return None;
    }
    // From the end: the mean of what is left, and the sum of squares around it (Welford).
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    let mut best = (f64::INFINITY, 0);
    for (i, y) in batches.iter().enumerate().rev() {
        if let Some(y) = y {
            count += 1.0;
            let step = y - mean;
            mean += step / count;
            squares += step * (y - mean);
        }
        // The rule says nothing about the last few.
        let score = squares / (count * count);
        if i + 5 <= n && count > 0.0 && score <= best.0 {
            best = (score, i);
        }
    }
    (best.1 * 2 <= n).then_some(best.1 * BATCH)
}

/// Whether the second quarter of a series and its second half have the same mean, as far as noise
/// tells: within two standard errors. MSER-5 alone often finds its minimum late in a series that has
/// long been level.
pub(super) fn is_level(series: &[(f64, f64)]) -> bool {
    let part = |from: usize, to: usize| {
        let windows = series.get(from..to).unwrap_or_default().chunks(BATCH);
        let batches = windows.map(|w| w.iter().fold((0.0, 0.0), |(s, n), (a, b)| (s + a, n + b)));
        let means: Vec<f64> = batches.filter(|(_, n)| *n > 0.0).map(|(s, n)| s / n).collect();
        // A series has a few thousand windows.
        #[allow(clippy::cast_precision_loss)]
        let n = means.len() as f64;
        let mean = means.iter().sum::<f64>() / n;
        let variance = means.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0) / n;
        (n, mean, variance)
    };
    let n = series.len();
    let ((few, a, v), (more, b, w)) = (part(n / 4, n / 2), part(n / 2, n));
    few >= 5.0 && more >= 10.0 && (a - b) * (a - b) <= 4.0 * (v + w)
}

#[cfg(test)]
mod tests {
    use super::{half_width, is_level, warm_up};

    #[test]
    fn a_level_series_is_told_from_a_rising_one() {
        let noise = |i: u32| f64::from(i * 7919 % 97) / 97.0;
        let level: Vec<(f64, f64)> = (0..400).map(|i| (5.0 + noise(i), 1.0)).collect();
        let rising: Vec<(f64, f64)> = (0..400).map(|i| (5.0 + noise(i) + f64::from(i) / 200.0, 1.0)).collect();
        assert!(is_level(&level));
        assert!(!is_level(&rising));
        assert!(!is_level(&level[..40]), "too short");
    }

    #[test]
    fn the_interval_is_students() {
        // Mean 3, deviation sqrt(2.5), t of 4 degrees 2.776.
        let got = half_width(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert!((got - 2.776 * (2.5_f64 / 5.0).sqrt()).abs() < 1e-9);
        assert!(half_width(&[1.0]).is_infinite());
        assert!(half_width(&[2.0, 2.0]).abs() < 1e-12);
    }

    #[test]
    fn a_rising_start_is_cut_off() {
        let noise = |i: u32| f64::from(i * 7919 % 97) / 970.0;
        let settled: Vec<(f64, f64)> =
            (0..200).map(|i| (if i < 40 { f64::from(i) / 40.0 } else { 1.0 } + noise(i), 1.0)).collect();
        let cut = warm_up(&settled).unwrap();
        assert!((25..=60).contains(&cut), "{cut}");
        let rising: Vec<(f64, f64)> = (0..200).map(|i| (f64::from(i) + noise(i), 1.0)).collect();
        assert_eq!(warm_up(&rising), None, "it never settles");
        assert_eq!(warm_up(&settled[..20]), None, "too short");
    }
}
