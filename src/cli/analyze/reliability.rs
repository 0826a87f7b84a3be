//! How much fails, what to mend first, what stops a flow: the text and the JSON of it.

use crate::theory::reliability::{MINUTES_PER_MONTH, MINUTES_PER_YEAR};
use crate::units::show_time;

/// What an availability leaves a month of 30 days and a year.
pub(super) fn budget(availability: f64) -> String {
    let down = 1.0 - availability;
    if down <= 0.0 {
        return String::new();
    }
    let of = |minutes: f64| show_time(down * minutes * 60.0);
    format!(", down {} a month, {} a year", of(MINUTES_PER_MONTH), of(MINUTES_PER_YEAR))
}
