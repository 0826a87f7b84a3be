//! The units of edition 1.
//!
//! In: nothing. Out: units by name. Never: a number.

use super::{DAY, Dim, Flavor, MONTH};

/// A unit: its size in SI, its dimension, and its flavor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// SI value of one.
    pub factor: f64,
    /// Its dimension.
    pub dim: Dim,
    /// Its flavor: percent and factor have no dimension, but are not counts.
    pub flavor: Flavor,
}

const fn of(factor: f64, dim: Dim) -> Unit {
    Unit { factor, dim, flavor: Flavor::Plain }
}

/// Units that may stand after a blank (`400 rps`, `30 days`), longest first.
pub const BLANK_UNITS: [&str; 31] = [
    "minutes", "minute", "seconds", "second", "months", "month", "hours", "weeks", "years", "hour", "week", "year",
    "days", "Gbps", "Mbps", "Kbps", "day", "rps", "min", "KiB", "MiB", "GiB", "TiB", "KB", "MB", "GB", "TB", "ms",
    "us", "ns", "s",
];

/// The unit of that name, case-sensitive: `ms`, `MiB`, `rps`, `%`, `x`, `k`.
#[must_use]
pub fn unit(name: &str) -> Option<Unit> {
    Some(match name {
        "" => of(1.0, Dim::NONE),
        "k" => of(1e3, Dim::NONE),
        "M" => of(1e6, Dim::NONE),
        "G" => of(1e9, Dim::NONE),
        "%" => Unit { factor: 0.01, dim: Dim::NONE, flavor: Flavor::Percent },
        "x" => Unit { factor: 1.0, dim: Dim::NONE, flavor: Flavor::Factor },
        "ns" => of(1e-9, Dim::TIME),
        "us" | "µs" => of(1e-6, Dim::TIME),
        "ms" => of(1e-3, Dim::TIME),
        "s" | "second" | "seconds" => of(1.0, Dim::TIME),
        "min" | "minute" | "minutes" => of(60.0, Dim::TIME),
        "h" | "hour" | "hours" => of(3600.0, Dim::TIME),
        "day" | "days" => of(DAY, Dim::TIME),
        "week" | "weeks" => of(7.0 * DAY, Dim::TIME),
        "month" | "months" => of(MONTH, Dim::TIME),
        "year" | "years" => of(12.0 * MONTH, Dim::TIME),
        "B" => of(1.0, Dim::SIZE),
        "KB" => of(1e3, Dim::SIZE),
        "MB" => of(1e6, Dim::SIZE),
        "GB" => of(1e9, Dim::SIZE),
        "TB" => of(1e12, Dim::SIZE),
        "PB" => of(1e15, Dim::SIZE),
        "KiB" => of(1024.0, Dim::SIZE),
        "MiB" => of(1024.0 * 1024.0, Dim::SIZE),
        "GiB" => of(1024.0 * 1024.0 * 1024.0, Dim::SIZE),
        "TiB" => of(1024.0 * 1024.0 * 1024.0 * 1024.0, Dim::SIZE),
        "PiB" => of(1024.0 * 1024.0 * 1024.0 * 1024.0 * 1024.0, Dim::SIZE),
        "rps" => of(1.0, Dim::RATE),
        "bps" => of(0.125, Dim::BANDWIDTH),
        "Kbps" => of(125.0, Dim::BANDWIDTH),
        "Mbps" => of(125e3, Dim::BANDWIDTH),
        "Gbps" => of(125e6, Dim::BANDWIDTH),
        "Tbps" => of(125e9, Dim::BANDWIDTH),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_that_may_follow_a_blank_is_a_unit() {
        for name in BLANK_UNITS {
            assert!(unit(name).is_some(), "{name}");
        }
    }
}
