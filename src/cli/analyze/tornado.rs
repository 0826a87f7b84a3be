//! Effects of each input, as bars and as JSON.

use super::fields::Fields;
use super::waterfall::bar;
use crate::analysis::{Known, Measure, Swing};
use crate::cli::table::table;
use crate::model::Model;
use crate::units::{show_money, show_ratio, show_time};
use serde_json::{Map, Value as Json, json as j};

/// Most inputs that the text shows.
const MOST: usize = 20;

/// The inputs with their effects, the largest first.
pub(super) fn document(model: &Model, all: &[Swing]) -> Json {
    let money = |k: &Known| k.as_ref().map_or(Json::Null, |x| j!(x));
    let time = |m: &Measure| match m {
        Measure::Known(x) => j!(x),
        Measure::Unbounded(_) => j!("unbounded"),
        Measure::Unknown(_) => Json::Null,
    };
    let one = |s: &Swing| {
        let mut p99 = Map::new();
        for (flow, [low, high]) in model.flows.iter().zip(&s.p99) {
            p99.insert(flow.name.clone(), j!([time(low), time(high)]));
        }
        let mut f = Fields::new();
        f.put("input", j!(s.input.name));
        f.put("where", j!(s.input.place));
        f.put("low", j!(s.input.values.0));
        f.put("high", j!(s.input.values.1));
        f.put("p99", Json::Object(p99));
        f.put("cost", j!([money(&s.cost[0]), money(&s.cost[1])]));
        f.finish()
    };
    j!(all.iter().map(one).collect::<Vec<_>>())
}

/// The inputs as bars; each bar shows the metric that the input changes most.
pub(super) fn tornado(model: &Model, all: &[Swing]) -> String {
    if all.is_empty() {
        return "\nno uncertain input moves cost or latency; `--tornado all` varies every number by 10%\n".to_owned();
    }
    let mut rows = vec![["input", "moves most", "at its low end", "at its high end", "by"].map(str::to_owned).to_vec()];
    let finite = all.iter().map(|s| s.size).filter(|x| x.is_finite()).fold(f64::MIN_POSITIVE, f64::max);
    for s in all.iter().take(MOST) {
        let (what, low, high) = most(model, s);
        let by = if s.size.is_finite() { show_ratio(s.size) } else { "without bound".to_owned() };
        let input = format!("{} ({})", s.input.name, s.input.place);
        rows.push(vec![input, what, low, high, by, bar((s.size / finite).min(1.0))]);
    }
    let more = all.len().saturating_sub(MOST);
    let more = if more > 0 { format!("  and {more} more that move less\n") } else { String::new() };
    format!("\nwhat each input alone does:\n{}{more}", table(&rows))
}

/// The metric that an input changes most, at both endpoints.
fn most(model: &Model, s: &Swing) -> (String, String, String) {
    let time = |m: &Measure| super::measure(m, show_time);
    let swing = |[a, b]: &[Measure; 2]| match (a, b) {
        (Measure::Known(a), Measure::Known(b)) => (a - b).abs() / f64::midpoint(*a, *b).max(f64::MIN_POSITIVE),
        (Measure::Unknown(_), _) | (_, Measure::Unknown(_)) => 0.0,
        (Measure::Unbounded(_), Measure::Unbounded(_)) => 0.0,
        _ => f64::INFINITY,
    };
    for (flow, ends) in model.flows.iter().zip(&s.p99) {
        if swing(ends) >= s.size * (1.0 - 1e-9) {
            return (format!("p99 of {}", flow.name), time(&ends[0]), time(&ends[1]));
        }
    }
    let money = |k: &Known| k.as_ref().map_or_else(|_| "unknown".to_owned(), |x| show_money(*x));
    ("cost a month".to_owned(), money(&s.cost[0]), money(&s.cost[1]))
}
