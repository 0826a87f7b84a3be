//! Probability of a stale read from a partial quorum, in closed form.
//!
//! In: number of copies, and how many of them a read and a write use. Out: probabilities. Source: Bailis
//! et al., Probabilistically Bounded Staleness, VLDB 2012, with a correction of its formula for
//! t-visibility: the lower index is R, and the terms are those of exactly c
//! copies. With instant propagation it then gives 0. Never: strict quorums with failures.

/// The probability `C(n - w, r) / C(n, r)` that a read of `r` random copies misses all `w` written ones.
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

/// The probability that a session's read is older than its previous one. Others write `writes` times
/// a second, the session reads `reads` times; `strict` requires a newer version each time.
#[must_use]
pub fn goes_back(n: u32, r: u32, w: u32, writes: f64, reads: f64, strict: bool) -> f64 {
    stale(n, r, w).powf(if strict { writes / reads } else { 1.0 + writes / reads })
}

/// The probability that a read is stale `after` seconds from the acknowledgement. Each further copy
/// gets the write after an exponential time with `rate` per second.
#[must_use]
pub fn stale_after(n: u32, r: u32, w: u32, rate: f64, after: f64) -> f64 {
    let late = (-rate * after).exp();
    let others = n.saturating_sub(w);
    (0..=others)
        .map(|more| {
            // Binomial: exactly `more` of the other copies have the write.
            let ways: f64 = (0..more).map(|i| f64::from(others - i) / f64::from(i + 1)).product();
            let exactly = ways * (1.0 - late).powf(f64::from(more)) * late.powf(f64::from(others - more));
            stale(n, r, w + more) * exactly
        })
        .sum()
}

/// Seconds after which at most the share `left` of reads is stale.
#[must_use]
pub fn fresh_after(n: u32, r: u32, w: u32, rate: f64, left: f64) -> f64 {
    let now = stale(n, r, w);
    if now <= left { 0.0 } else { (now / left).ln() / (f64::from(r) * rate) }
}
