//! The tables of `archc simulate`.

use super::super::table::table;
use super::{Pair, View};
use crate::analysis::Measure;
use crate::units::{show_rate, show_ratio, show_time, significant};

/// Metrics of the table of flows.
const SHOWN: [&str; 5] = ["mean", "p50", "p99", "errors", "throughput"];

fn show(metric: &str, x: f64) -> String {
    match metric {
        "errors" | "cpu" => show_ratio(x),
        "throughput" => show_rate(x),
        _ => show_time(x),
    }
}

/// The difference of a formula, in words.
fn differs(p: &Pair) -> String {
    match (&p.formula, p.agrees()) {
        (None, _) => String::new(),
        (_, None) => "not told".to_owned(),
        (_, Some(true)) => "agrees".to_owned(),
        (Some(Measure::Known(f)), Some(false)) if p.simulated.value > 0.0 => {
            let by = f / p.simulated.value - 1.0;
            let word = if by < 0.0 { "too low" } else { "too high" };
            format!("{} {word}", show_ratio(by.abs()))
        }
        _ => "differs".to_owned(),
    }
}

fn row(name: &str, p: &Pair) -> Vec<String> {
    let e = &p.simulated;
    let formula = match &p.formula {
        None => String::new(),
        Some(Measure::Known(f)) => show(p.metric, *f),
        Some(Measure::Unbounded(_)) => "unbounded".to_owned(),
        Some(Measure::Unknown(_)) => "unknown".to_owned(),
    };
    let simulated = format!("{} +- {}", show(p.metric, e.value), show(p.metric, e.high - e.value));
    vec![name.to_owned(), p.metric.to_owned(), simulated, formula, differs(p)]
}

/// The whole screen.
pub(super) fn human(view: &View) -> String {
    let s = view.simulated;
    let of = view.scenario.map_or_else(String::new, |n| format!(" scenario `{n}`"));
    let at =
        if (view.at - 1.0).abs() > f64::EPSILON { format!(" at {}x", significant(view.at, 4)) } else { String::new() };
    let millions = crate::units::significant(f64::from(u32::try_from(s.events / 1000).unwrap_or(u32::MAX)) / 1000.0, 3);
    let mut out = format!(
        "simulated{of}{at}: 16 runs of {} after {} of warm-up, {millions}M events, seed {}\n\n",
        show_time(s.seconds),
        show_time(s.warm_up),
        s.seed
    );
    let head = |first: &str| [first, "", "simulated", "formula", "the formula"].map(str::to_owned).to_vec();
    let mut rows = vec![head("flow")];
    for (i, flow) in view.model.flows.iter().enumerate() {
        let mut name = flow.name.as_str();
        for p in view.flow(i).iter().filter(|p| SHOWN.contains(&p.metric)) {
            if p.metric == "errors" && p.simulated.value <= 0.0 && p.agrees() != Some(false) {
                continue;
            }
            rows.push(row(name, p));
            name = "";
        }
    }
    out.push_str(&table(&rows));
    let mut rows = vec![head("component")];
    for (i, c) in s.components.iter().enumerate() {
        if let Some(p) = view.component(i) {
            rows.push(row(&c.name, &p));
        }
    }
    if rows.len() > 1 {
        out.push('\n');
        out.push_str(&table(&rows));
    }
    let mut notes = Vec::new();
    for result in &s.flows {
        match result {
            Err(why) => notes.push(format!("not simulated: {why}")),
            Ok(f) if f.collapsed > 0.0 => notes.push(format!(
                "`{}` collapses: in {} of the runs ever more of its requests are in progress",
                f.name,
                show_ratio(f.collapsed)
            )),
            Ok(_) => {}
        }
    }
    let any = s.flows.iter().any(Result::is_ok);
    if any && !s.settled {
        notes.push(
            "the events ran out before the start was forgotten: it is in all numbers; allow more with `--events`"
                .to_owned(),
        );
    } else if any && !s.precise {
        notes.push("the events ran out before every p99 was precise; allow more with `--events`".to_owned());
    }
    for n in &notes {
        out.push_str(&format!("\n{n}"));
    }
    if !notes.is_empty() {
        out.push('\n');
    }
    out
}
