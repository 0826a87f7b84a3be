//! Order statistics: the first `k` of `n` equal branches.
//!
//! In: a probability, counts. Out: a probability. Never: branches of different laws, for which
//! [`super::distribution::Distribution::slowest`] exists. Literature: H. David, *Order Statistics*.

use super::reliability::k_of_n;

/// Probability that at least `needed` of `copies` independent copies are done, each with
/// probability `probability`: the distribution function of the order statistic.
///
/// `None` unless `1 <= needed <= copies` and `probability` is in `0..=1`.
#[must_use]
pub fn order_statistic_cdf(probability: f64, needed: u32, copies: u32) -> Option<f64> {
    if needed == 0 || needed > copies || !(0.0..=1.0).contains(&probability) {
        return None;
    }
    if needed == copies {
        return Some(probability.powf(f64::from(copies)));
    }
    k_of_n(probability, needed, copies).map(|group| group.availability)
}
