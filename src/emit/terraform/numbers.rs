//! Numbers as AWS takes them.
//!
//! In: numbers of a design, SI units. Out: whole numbers within the bounds of a service.

pub(super) use crate::base::whole;

/// Bytes of one GiB.
pub(super) const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
/// Bytes of one MiB.
pub(super) const MIB: f64 = 1024.0 * 1024.0;
/// Seconds of one day.
pub(super) const DAY: f64 = 86_400.0;

/// A number with at most six decimals and no trailing zeros.
pub(super) fn decimal(n: f64) -> String {
    let text = format!("{n:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
