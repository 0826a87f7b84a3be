//! How probable a stale read of a partial quorum is, in closed form.
//!
//! In: copies, and how many a read and a write touch. Out: probabilities. Source: Bailis
//! et al., Probabilistically Bounded Staleness, VLDB 2012, with its formula for
//! t-visibility corrected (the lower index is R, the terms are those of exactly c
//! copies): with instant propagation it then gives 0.

/// `C(n - w, r) / C(n, r)`: a read of `r` random copies misses all `w` that were written.
#[must_use]
pub fn stale(n: u32, r: u32, w: u32) -> f64 {
    if r == 0 || w > n || r > n || n - w < r {
        return 0.0;
    }
    // (n-w)! (n-r)! / ((n-w-r)! n!) as a product of r ratios.
    (0..r).map(|i| f64::from(n - w - i) / f64::from(n - i)).product()
}

/// The probability that a read is within the last `k` versions.
#[must_use]
pub fn within_versions(n: u32, r: u32, w: u32, k: u32) -> f64 {
    1.0 - stale(n, r, w).powf(f64::from(k))
}

/// The probability that a session's read is older than its last, with `writes` per second
/// by others and `reads` by itself; `strict` asks for a newer one each time.
#[must_use]
pub fn goes_back(n: u32, r: u32, w: u32, writes: f64, reads: f64, strict: bool) -> f64 {
    stale(n, r, w).powf(if strict { writes / reads } else { 1.0 + writes / reads })
}

/// The probability that a read `after` seconds from the acknowledgement is stale, where
/// each further copy follows after an exponential time of that rate.
#[must_use]
pub fn stale_after(n: u32, r: u32, w: u32, rate: f64, after: f64) -> f64 {
    let late = (-rate * after).exp();
    let others = n.saturating_sub(w);
    (0..=others)
        .map(|more| {
            // Binomial: exactly `more` of the others have it.
            let ways: f64 = (0..more).map(|i| f64::from(others - i) / f64::from(i + 1)).product();
            let exactly = ways * (1.0 - late).powf(f64::from(more)) * late.powf(f64::from(others - more));
            stale(n, r, w + more) * exactly
        })
        .sum()
}

/// The seconds after which at most a share `left` of the reads is stale.
#[must_use]
pub fn fresh_after(n: u32, r: u32, w: u32, rate: f64, left: f64) -> f64 {
    let now = stale(n, r, w);
    if now <= left { 0.0 } else { (now / left).ln() / (f64::from(r) * rate) }
}
