//! Numbers as whole numbers.
//!
//! In: a number, its bounds. Out: the nearest whole number within them. Never: a bound of its own.

/// The nearest whole number within the bounds.
#[must_use]
pub fn whole(n: f64, low: u32, high: u32) -> u32 {
    // Between two whole numbers.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let n = n.round().clamp(f64::from(low), f64::from(high)) as u32;
    n
}
