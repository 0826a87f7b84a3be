//! Single values as text: a measure, a target, money, a verdict.
//!
//! In: one value. Out: a few words. Never: a line of output.

use crate::analysis::{Known, Measure, SystemRequirement};
use crate::kinds::MetricType;
use crate::model::Slo;
use crate::units::{show_money, show_nines, show_ratio, show_time, significant};

/// A measure, with `show` for its unit.
pub(in crate::cli) fn measure(value: &Measure, show: fn(f64) -> String) -> String {
    match value {
        Measure::Known(x) => show(*x),
        Measure::Unbounded(_) => "unbounded".to_owned(),
        Measure::Unknown(_) => "unknown".to_owned(),
    }
}

/// A target as it is written.
pub(in crate::cli) fn asked(slo: &Slo) -> String {
    let name = slo.metric.name;
    match (slo.metric.ty, &slo.model) {
        (_, Some(model)) => format!("{name} = {model}"),
        (MetricType::Time, _) => format!("{name} <= {}", show_time(slo.target)),
        (MetricType::RatioAtLeast, _) => format!("{name} >= {}", show_nines(slo.target)),
        (MetricType::Cost, _) => format!("{name} <= {} per 1k", show_money(slo.target * 1000.0)),
        (_, None) => format!("{name} <= {}", show_ratio(slo.target)),
    }
}

/// A monthly cost, US dollars; its lower bound if a part is unknown.
pub(in crate::cli) fn money(total: &Known, at_least: f64) -> String {
    match total {
        Ok(usd) => show_money(*usd),
        Err(_) if at_least > 0.0 => format!("{} or more", show_money(at_least)),
        Err(_) => "unknown".to_owned(),
    }
}

/// A cost: US dollars per month, or cores if the design has no provider.
pub(in crate::cli) fn amount(x: f64, has_provider: bool) -> String {
    if has_provider { format!("{}/month", show_money(x)) } else { format!("{} cores", significant(x, 4)) }
}

/// A system requirement with its verdict.
pub(in crate::cli) fn requirement(p: &SystemRequirement) -> String {
    let value = match (&p.value, p.name) {
        (Err(_), _) => String::new(),
        (Ok(x), "budget") => format!(", it costs {}", show_money(*x)),
        (Ok(x), _) if x.is_infinite() => String::new(),
        (Ok(x), _) => format!(", at most {} of anything is used", show_ratio(*x)),
    };
    let word = match p.met {
        Some(true) => format!("kept{value}"),
        Some(false) => format!("NOT kept: {}", p.worst(2)),
        None => {
            let more = p.why().len().saturating_sub(1);
            let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
            format!("unknown: {}{more}", p.why().first().copied().unwrap_or(""))
        }
    };
    format!("{} {}: {word}", p.name, p.target)
}
