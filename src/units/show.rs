//! Numbers as text: three significant digits, a fitting unit.
//!
//! In: numbers in SI units. Out: text. Never: text parsed back into a number.

use super::{DAY, Dim, MONTH};

/// Numbers from this one on are written with an exponent.
const MOST_WRITTEN_OUT: f64 = 1e15;

/// `value` rounded to `digits` significant digits, as [`significant`] shows it.
#[must_use]
pub fn round_to(value: f64, digits: usize) -> f64 {
    // Through the exponent form, so that 999.6 rounds up to 1000 and not to "1e3".
    format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value)
}

/// `value` to `digits` significant digits, without trailing zeros, and below 1e15 without exponent.
#[must_use]
pub fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return if value.is_nan() { "unknown".to_owned() } else { "unbounded".to_owned() };
    }
    // Through the exponent form, so that 999.6 rounds up to 1000 and not to "1e3".
    let text = format!("{value:.*e}", digits.saturating_sub(1));
    let rounded: f64 = text.parse().unwrap_or(value);
    if rounded.abs() >= MOST_WRITTEN_OUT
        && let Some((mantissa, exponent)) = text.split_once('e')
    {
        let mantissa = if mantissa.contains('.') { mantissa.trim_end_matches('0') } else { mantissa };
        return format!("{}e{exponent}", mantissa.trim_end_matches('.'));
    }
    let text = format!("{rounded:.12}");
    let text = text.trim_end_matches('0').trim_end_matches('.').to_owned();
    if text.is_empty() || text == "0" || text == "-0" { format!("{value:.1e}") } else { text }
}

fn scaled(value: f64, steps: &[(f64, &str)]) -> String {
    if !value.is_finite() {
        return significant(value, 3);
    }
    let mut chosen = steps.first().copied().unwrap_or((1.0, ""));
    for step in steps {
        if value.abs() >= step.0 * 0.9995 {
            chosen = *step;
        }
    }
    format!("{}{}", significant(value / chosen.0, 3), chosen.1)
}

/// A time: `3ms`, `1.5s`, `30 days`.
#[must_use]
pub fn show_time(seconds: f64) -> String {
    let day_steps =
        [(1e-9, "ns"), (1e-6, "us"), (1e-3, "ms"), (1.0, "s"), (60.0, "min"), (3600.0, "h"), (2.0 * DAY, "")];
    if seconds.abs() >= 2.0 * DAY && seconds.is_finite() {
        let (n, unit) = if seconds >= 2.0 * MONTH { (seconds / MONTH, "months") } else { (seconds / DAY, "days") };
        return format!("{} {unit}", significant(n, 3));
    }
    scaled(seconds, day_steps.get(..6).unwrap_or(&day_steps))
}

/// A count: `3`, `10k`, `2.5M`.
fn show_count(value: f64) -> String {
    if value.abs() < 10_000.0 {
        return significant(value, if value.abs() >= 1000.0 { 4 } else { 3 });
    }
    scaled(value, &[(1e3, "k"), (1e6, "M"), (1e9, "G")])
}

/// A rate: `400 rps`, `1.5k rps`, `2 per day`.
#[must_use]
pub fn show_rate(per_second: f64) -> String {
    if shows_rps(per_second) {
        return format!("{} rps", show_count(per_second));
    }
    if per_second.abs() * 3600.0 >= 1.0 {
        return format!("{}/h", significant(per_second * 3600.0, 3));
    }
    format!("{}/day", significant(per_second * DAY, 3))
}

/// Whether a rate is shown in requests per second; lower ones are shown per hour or day.
#[must_use]
pub fn shows_rps(per_second: f64) -> bool {
    per_second == 0.0 || per_second.abs() >= 0.01
}

/// A size, in powers of 1024 from KiB on.
#[must_use]
pub fn show_size(bytes: f64) -> String {
    let k = 1024.0_f64;
    scaled(
        bytes,
        &[(1.0, " B"), (k, " KiB"), (k * k, " MiB"), (k.powi(3), " GiB"), (k.powi(4), " TiB"), (k.powi(5), " PiB")],
    )
}

/// Cores: `1 core`, `2.09 cores`.
#[must_use]
pub fn show_cores(n: f64) -> String {
    let digits = significant(n, 4);
    let word = if digits == "1" { "core" } else { "cores" };
    format!("{digits} {word}")
}

/// Money: `$14.2k`, `$0.40`.
#[must_use]
pub fn show_money(dollars: f64) -> String {
    if dollars.is_finite() && dollars.abs() < 1000.0 && (dollars.abs() >= 0.01 || dollars == 0.0) {
        return format!("${dollars:.2}");
    }
    format!("${}", show_count(dollars))
}

/// An availability with the digits that matter near one: `99.95%`, `99.8671%`.
#[must_use]
pub fn show_nines(share: f64) -> String {
    let percent = share * 100.0;
    let (mut text, mut digits) = (format!("{percent:.6}"), 6);
    // A value below 1 never shows as 100%: it gets enough digits to differ from 1.
    while share < 1.0 && digits < 14 && near_all(&text, percent) {
        digits += 1;
        text = format!("{percent:.digits$}");
    }
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if share < 1.0 && text == "100" { "above 99.9999999999999%".to_owned() } else { format!("{text}%") }
}

/// Whether a text rounds a percentage up to 100, or shows its distance from 100 too roughly.
fn near_all(text: &str, percent: f64) -> bool {
    let (back, lacks) = (text.parse().unwrap_or(percent), 100.0 - percent);
    percent > 99.999 && (back - percent).abs() > lacks * 0.05
}

/// The number of nines of a share: 3 for 99.95%; `None` for 1.
#[must_use]
pub fn nines(share: f64) -> Option<u32> {
    let down = 1.0 - share;
    if down <= 0.0 {
        return None;
    }
    // 1 - 0.999 is a little more than 0.001.
    let n = (-down.log10() + 1e-9).floor().clamp(0.0, 16.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let n = n as u32;
    Some(n)
}

/// A ratio as a percentage; nines are kept: `99.95%`.
#[must_use]
pub fn show_ratio(ratio: f64) -> String {
    let percent = ratio * 100.0;
    if (99.0..100.0).contains(&percent) {
        // The nines and one more digit.
        for digits in 1..10 {
            let text = format!("{percent:.digits$}");
            let back: f64 = text.parse().unwrap_or(percent);
            if back < 100.0 && (back - percent).abs() <= (100.0 - percent) * 0.05 {
                return format!("{}%", text.trim_end_matches('0').trim_end_matches('.'));
            }
        }
    }
    format!("{}%", significant(percent, 3))
}

/// Any quantity, by its dimension.
#[must_use]
pub fn show(value: f64, dim: Dim) -> String {
    match dim {
        Dim::TIME => show_time(value),
        Dim::RATE => show_rate(value),
        Dim::SIZE => show_size(value),
        Dim::BANDWIDTH => format!("{}/s", show_size(value)),
        Dim::MONEY => show_money(value),
        Dim::MONEY_RATE => format!("{}/month", show_money(value * MONTH)),
        _ => show_count(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(show_time(0.003), "3ms");
        assert_eq!(show_time(1.5), "1.5s");
        assert_eq!(show_time(90.0), "1.5min");
        assert_eq!(show_time(30.0 * DAY), "30 days");
        assert_eq!(show_time(0.0), "0ns");
        assert_eq!(show_rate(1500.0), "1500 rps");
        assert_eq!(show_rate(92_592.6), "92.6k rps");
        assert_eq!(show_rate(1.0 / 3600.0), "1/h");
        assert_eq!(show_ratio(0.9995), "99.95%");
        assert_eq!(show_ratio(0.85), "85%");
        assert_eq!(show_money(14_200.0), "$14.2k");
        assert_eq!(show_money(0.4), "$0.40");
        assert_eq!(show_size(512.0 * 1024.0 * 1024.0), "512 MiB");
        assert_eq!(significant(999.6, 3), "1000");
        assert_eq!(significant(4.996e14, 2), "500000000000000");
        assert_eq!(significant(-5e297, 3), "-5e297");
        assert_eq!(significant(1.251e15, 4), "1.251e15");
    }
}
