//! Quantities: numbers with a dimension, in SI units.
//!
//! In: a number's digits and its unit. Out: a [`Quantity`] (seconds, bytes, per second, dollars),
//! and its text in messages. Never: an attribute, a design.

mod dim;
mod show;
mod table;

pub use dim::{Dim, Flavor, Quantity};
pub use show::{
    nines, round_to, show, show_cores, show_money, show_nines, show_rate, show_ratio, show_size, show_time, shows_rps,
    significant,
};
pub use table::{BLANK_UNITS, Unit, unit};

/// Seconds in a month: 730 hours, as cloud bills count.
pub const MONTH: f64 = 730.0 * 3600.0;
/// Seconds in a day.
pub const DAY: f64 = 86_400.0;
