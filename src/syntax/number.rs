//! Number literals: digits, unit, SI value.
//!
//! In: the text of a literal. Out: a quantity, or the reason why there is none. Never: an
//! expression.

use crate::units::{Dim, Flavor, Quantity, unit};

/// The reason why a number literal is invalid.
#[derive(Debug, PartialEq, Eq)]
pub enum BadNumber {
    /// The suffix is not a unit; with help if a suggestion is likely.
    Unit { suffix: String, help: String },
    /// The number is too large.
    Overflow,
}

/// The quantity of a literal: `1_000`, `3ms`, `$40k`, `1.5k rps`, `2e9`.
///
/// # Errors
/// An unknown unit, or an infinite value.
pub fn number(text: &str) -> Result<Quantity, BadNumber> {
    let (money, rest) = text.strip_prefix('$').map_or((false, text), |r| (true, r));
    let digits_end = rest.find(|c: char| !(c.is_ascii_digit() || c == '_' || c == '.')).unwrap_or(rest.len());
    let mut end = digits_end;
    // An exponent needs a digit after the e and its sign; `3e` has a misspelled unit.
    let after = rest.get(digits_end..).unwrap_or("");
    if let Some(exponent) = after.strip_prefix(['e', 'E']) {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let digits = unsigned.find(|c: char| !c.is_ascii_digit()).unwrap_or(unsigned.len());
        if digits > 0 {
            end = rest.len() - unsigned.len() + digits;
        }
    }
    let plain: String = rest.get(..end).unwrap_or("").chars().filter(|c| *c != '_').collect();
    let value: f64 = plain.parse().map_err(|_| BadNumber::Overflow)?;
    let mut words = rest.get(end..).unwrap_or("").split_whitespace();
    let (first, second) = (words.next().unwrap_or(""), words.next());
    let attached = rest.get(end..).is_some_and(|r| !r.starts_with(' '));
    let (suffix, blank) = if attached { (first, second) } else { ("", Some(first).filter(|f| !f.is_empty())) };

    let mut quantity = if money {
        let scale = match suffix {
            "" => 1.0,
            "k" => 1e3,
            "M" => 1e6,
            "G" => 1e9,
            _ => return Err(bad_unit(suffix, true, &plain)),
        };
        Quantity::new(value * scale, Dim::MONEY)
    } else {
        let u = unit(suffix).ok_or_else(|| bad_unit(suffix, false, &plain))?;
        Quantity { value: scale(value, u.factor), dim: u.dim, flavor: u.flavor }
    };
    if let Some(word) = blank {
        let u = unit(word).ok_or_else(|| bad_unit(word, false, &plain))?;
        if quantity.dim != Dim::NONE || quantity.flavor != Flavor::Plain {
            let help = format!("`{suffix}` and `{word}` are two units; a number has one");
            return Err(BadNumber::Unit { suffix: word.to_owned(), help });
        }
        quantity = Quantity { value: scale(quantity.value, u.factor), dim: u.dim, flavor: u.flavor };
    }
    if quantity.value.is_finite() { Ok(quantity) } else { Err(BadNumber::Overflow) }
}

/// `value * factor`, by division if the factor is the inverse of a whole number: 99.95% is 99.95 /
/// 100, which rounds once.
fn scale(value: f64, factor: f64) -> f64 {
    if factor < 1.0 { value / (1.0 / factor).round() } else { value * factor }
}

fn bad_unit(suffix: &str, money: bool, digits: &str) -> BadNumber {
    BadNumber::Unit { suffix: suffix.to_owned(), help: unit_help(suffix, money, digits) }
}

/// The replacement for an unknown unit.
#[must_use]
pub fn unit_help(suffix: &str, money: bool, digits: &str) -> String {
    if money {
        "money is written `$12`, `$14k/month`, `$0.08/h` or `$0.40 per 1M`".to_owned()
    } else {
        match suffix {
            "Ki" | "Mi" | "Gi" | "Ti" => format!("a size ends in `B` here: `{digits}{suffix}B`"),
            "m" => {
                let share = digits.parse::<f64>().map_or(0.5, |n| n / 1000.0);
                format!(
                    "`{digits}ms` is milliseconds, `{digits}min` minutes, `{digits}M` millions; in thousandths of a core it is `{share}`"
                )
            }
            "K" => format!("a thousand is a small `k`: `{digits}k`; a size is `{digits}KB` or `{digits}KiB`"),
            "mb" | "Mb" => format!("a size is `{digits}MB` or `{digits}MiB`; a bandwidth in bits `{digits}Mbps`"),
            "gb" | "Gb" | "g" => format!("a size is `{digits}GB` or `{digits}GiB`; a bandwidth in bits `{digits}Gbps`"),
            "kb" | "Kb" => format!("a size is `{digits}KB` or `{digits}KiB`"),
            "msec" | "msecs" | "millis" | "millisecond" | "milliseconds" | "MS" | "mS" => {
                format!("a millisecond is `ms`: `{digits}ms`")
            }
            "usec" | "micros" | "microseconds" | "μs" => format!("a microsecond is `us`: `{digits}us`"),
            "nines" | "9s" => "nines are written out: three of them are `99.9%`".to_owned(),
            "sec" | "secs" | "S" => format!("a second is `s`: `{digits}s`"),
            "mins" | "m/s" => format!("a minute is `min`: `{digits}min`"),
            "hr" | "hrs" | "H" => format!("an hour is `h`: `{digits}h`"),
            "d" | "D" => format!("a day is written out: `{digits} days`"),
            "w" => format!("a week is written out: `{digits} weeks`"),
            "y" => format!("a year is written out: `{digits} years`"),
            "mo" => format!("a month is written out: `{digits} months`"),
            "rpm" => format!("per minute is written `{digits} / min`"),
            "qps" | "tps" | "rp" | "req" | "reqs" | "ps" | "RPS" | "requests" | "request" => {
                format!("requests per second are `rps`: `{digits} rps`")
            }
            "usd" | "USD" | "eur" | "EUR" => format!("money is in dollars, sign first: `${digits}`"),
            "pct" | "percent" => format!("a percentage is `{digits}%`"),
            "b" => format!("a byte is a capital `B`: `{digits}B`"),
            "million" | "millions" | "mio" | "mln" | "MM" | "mm" => format!("a million is `M`: `{digits}M`"),
            "billion" | "bn" => format!("a billion is `G`: `{digits}G`"),
            "vCPU" | "vcpu" | "cpu" => format!("cores have no unit: `{digits}`"),
            _ => {
                if let Some(help) = hex_or_sum(suffix, digits) {
                    return help;
                }
                let all = [
                    "ms", "us", "ns", "s", "min", "h", "days", "weeks", "months", "years", "KB", "MB", "GB", "TB",
                    "KiB", "MiB", "GiB", "rps", "Gbps", "Mbps",
                ];
                crate::base::nearest(suffix, all).map_or_else(
                    || {
                        "units are `ms s min h days`, `KB MB GB KiB MiB GiB`, `rps`, `%`, `x`, and `k M G` for counts"
                            .to_owned()
                    },
                    |near| format!("did you mean `{digits}{near}`?"),
                )
            }
        }
    }
}

/// `0x1f90` in decimal; `1m30s` as a sum.
fn hex_or_sum(suffix: &str, digits: &str) -> Option<String> {
    if digits == "0"
        && let Some(n) = suffix.strip_prefix(['x', 'X']).and_then(|h| u64::from_str_radix(h, 16).ok())
    {
        return Some(format!("numbers are decimal: `{n}`"));
    }
    let (first, rest) = suffix.split_at(suffix.find(|c: char| c.is_ascii_digit())?);
    let (number, second) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
    let name = |u: &str| match u {
        "m" => Some("min"),
        "d" => Some(" days"),
        _ => None,
    };
    let known = |u: &str| {
        name(u).map_or_else(|| unit(u).filter(|k| k.dim == Dim::TIME).map(|_| u.to_owned()), |n| Some(n.to_owned()))
    };
    Some(format!("a number has one unit; add the two: `{digits}{} + {number}{}`", known(first)?, known(second)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> f64 {
        number(text).expect(text).value
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "literals are exact")]
    fn literals() {
        assert_eq!(value("1_000"), 1000.0);
        assert_eq!(value("2e9"), 2e9);
        assert_eq!(value("$40k"), 40_000.0);
        assert_eq!(value("1.5k rps"), 1500.0);
        assert_eq!(value("30 days"), 2_592_000.0);
        assert_eq!(value("1Gbps"), 125e6);
        assert_eq!(value("512MiB"), 536_870_912.0);
        assert_eq!(number("85%").expect("ratio").flavor, Flavor::Percent);
        assert_eq!(number("5x").expect("factor").flavor, Flavor::Factor);
        assert!(matches!(number("512Mi"), Err(BadNumber::Unit { .. })));
        assert!(matches!(number("3ms rps"), Err(BadNumber::Unit { .. })));
        assert_eq!(number("1e999"), Err(BadNumber::Overflow));
    }
}
