//! The screen of `archc simulate`, 80 columns wide.

use super::super::table::table;
use super::{Pair, View};
use crate::analysis::Measure;
use crate::units::{show_rate, show_ratio, show_time, significant};
use std::collections::BTreeMap;

/// Columns of the screen.
const WIDTH: usize = 80;
/// Metrics that are always in the table of flows.
const SHOWN: [&str; 3] = ["mean", "p50", "p99"];
/// Metrics that are in it only if formula and simulation differ; errors also if there are any.
const IF_DIFFERENT: [&str; 2] = ["errors", "throughput"];

fn show(metric: &str, x: f64) -> String {
    match metric {
        "errors" | "cpu" => show_ratio(x),
        "throughput" => show_rate(x),
        _ => show_time(x),
    }
}

/// Half of an interval: two digits, a rate in the unit of its value.
fn half(p: &Pair) -> String {
    let x = p.simulated.high - p.simulated.value;
    if p.simulated.value > 0.0 && x < p.simulated.value / 1000.0 {
        return "<0.1%".to_owned();
    }
    let two = significant(x, 2);
    match p.metric {
        "throughput" if p.simulated.value >= 0.01 && x < 0.01 => format!("{two} rps"),
        metric => two.parse().map_or(two, |rounded| show(metric, rounded)),
    }
}

/// How far a formula is off, in words.
fn difference(p: &Pair) -> String {
    match (&p.formula, p.agrees()) {
        (None, _) | (_, None) => String::new(),
        (_, Some(true)) => "agrees".to_owned(),
        (Some(Measure::Known(f)), Some(false)) if p.simulated.value > 0.0 => {
            let by = f / p.simulated.value - 1.0;
            let word = if by < 0.0 { "too low" } else { "too high" };
            // Twice and more reads better as a factor.
            if by >= 1.0 {
                format!("{}x too high", significant(f / p.simulated.value, 2))
            } else {
                format!("{}% {word}", significant(by.abs() * 100.0, 2))
            }
        }
        _ => "differs".to_owned(),
    }
}

/// A row without its name.
fn cells(p: &Pair, is_lag: bool) -> Vec<String> {
    let formula = match &p.formula {
        None => String::new(),
        Some(Measure::Known(f)) => show(p.metric, *f),
        Some(Measure::Unbounded(_)) => "unbounded".to_owned(),
        Some(Measure::Unknown(_)) => "unknown".to_owned(),
    };
    let metric = if is_lag && SHOWN.contains(&p.metric) { format!("lag {}", p.metric) } else { p.metric.to_owned() };
    let simulated = format!("{} +- {}", show(p.metric, p.simulated.value), half(p));
    vec![metric, simulated, formula, difference(p)]
}

/// Names, each with its rows.
type Group = (String, Vec<Vec<String>>);

/// A table with the names in a column of their own or, if that is too wide, above their rows.
fn grouped(first: &str, groups: &[Group]) -> String {
    let all = |named: bool| {
        let head = named.then_some(first).into_iter().chain(["value", "simulated", "formula", "the formula"]);
        let mut rows = vec![head.map(str::to_owned).collect::<Vec<_>>()];
        for (name, own) in groups {
            for (i, cells) in own.iter().enumerate() {
                let mut row = cells.clone();
                if named {
                    row.insert(0, if i == 0 { name.clone() } else { String::new() });
                }
                rows.push(row);
            }
        }
        table(&rows)
    };
    let wide = all(true);
    if wide.lines().all(|l| l.chars().count() <= WIDTH) {
        return wide;
    }
    let narrow = all(false);
    let mut lines = narrow.lines();
    let mut out = format!("{}\n", lines.next().unwrap_or_default());
    for (name, own) in groups {
        out.push_str(&format!("  {name}\n"));
        for line in lines.by_ref().take(own.len()) {
            out.push_str(&format!("  {line}\n"));
        }
    }
    out
}

/// Words in lines of the screen's width, further lines with an indent of two.
fn wrapped(text: &str) -> String {
    let (mut out, mut used) = (String::new(), 0);
    for word in text.split(' ') {
        let width = word.chars().count();
        if used == 0 {
            used = width;
        } else if used + 1 + width > WIDTH {
            out.push_str("\n  ");
            used = 2 + width;
        } else {
            out.push(' ');
            used += 1 + width;
        }
        out.push_str(word);
    }
    out.push('\n');
    out
}

/// What was simulated, and how many values agree.
fn summary(view: &View, pairs: &[Pair]) -> String {
    let s = view.simulated;
    let of = view.scenario.map_or_else(String::new, |n| format!(" scenario `{n}`"));
    let at =
        if (view.at - 1.0).abs() > f64::EPSILON { format!(" at {}x", significant(view.at, 4)) } else { String::new() };
    // More than 2^32 thousands are not asked for.
    let millions = f64::from(u32::try_from(s.events / 1000).unwrap_or(u32::MAX)) / 1000.0;
    let warm_up =
        if s.settled { format!("after {} of warm-up", show_time(s.warm_up)) } else { "from the start".to_owned() };
    let mut out = wrapped(&format!(
        "simulated{of}{at}: 16 runs of {} {warm_up}, {}M events, seed {}",
        show_time(s.seconds),
        significant(millions, 3),
        s.seed
    ));
    let told = pairs.iter().filter(|p| p.formula.is_some()).count();
    let agree = pairs.iter().filter(|p| p.agrees() == Some(true)).count();
    let differ = pairs.iter().filter(|p| p.agrees() == Some(false)).count();
    let unknown = told - agree - differ;
    let mut counts = format!("formulas: {agree} values agree, {differ} differ");
    if unknown > 0 {
        counts.push_str(&format!(", {unknown} unknown"));
    }
    out.push_str(&wrapped(&counts));
    out
}

/// What a reader must know about the numbers.
fn notes(view: &View) -> Vec<String> {
    let s = view.simulated;
    let mut out = Vec::new();
    for f in s.flows.iter().flatten().filter(|f| f.collapsed > 0.0) {
        let share = show_ratio(f.collapsed);
        out.push(format!("`{}` collapses in {share} of the runs: ever more of its requests are in progress", f.name));
    }
    let mut reasons: Vec<String> = Vec::new();
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (flow, result) in view.model.flows.iter().zip(&s.flows) {
        if let Err(why) = result {
            let why = why.to_string();
            if !reasons.contains(&why) {
                reasons.push(why.clone());
            }
            names.entry(why).or_default().push(format!("`{}`", flow.name));
        }
    }
    for why in reasons {
        let flows = names.get(&why).map(|n| n.join(", ")).unwrap_or_default();
        out.push(format!("not simulated: {flows}: {why}"));
    }
    let any = s.flows.iter().any(Result::is_ok);
    if any && !s.settled {
        let text =
            "the events ran out before the start was forgotten: it is in all numbers; allow more with `--events`";
        out.push(text.to_owned());
    } else if any && !s.precise {
        out.push("the events ran out before every p99 was precise; allow more with `--events`".to_owned());
    }
    out
}

/// The whole screen.
pub(super) fn human(view: &View) -> String {
    let s = view.simulated;
    let (mut flows, mut components, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
    for (i, (flow, result)) in view.model.flows.iter().zip(&s.flows).enumerate() {
        let is_lag = result.as_ref().is_ok_and(|r| r.is_lag);
        let (mut rows, all) = (Vec::new(), view.flow(i));
        for p in all.into_iter().filter(|p| SHOWN.contains(&p.metric) || IF_DIFFERENT.contains(&p.metric)) {
            let fails = p.metric == "errors" && p.simulated.value > 0.0;
            if SHOWN.contains(&p.metric) || fails || p.agrees() == Some(false) {
                rows.push(cells(&p, is_lag));
            }
            pairs.push(p);
        }
        if !rows.is_empty() {
            flows.push((flow.name.clone(), rows));
        }
    }
    for (i, c) in s.components.iter().enumerate() {
        if let Some(p) = view.component(i) {
            components.push((c.name.clone(), vec![cells(&p, false)]));
            pairs.push(p);
        }
    }
    let mut out = if s.flows.iter().any(Result::is_ok) {
        summary(view, &pairs)
    } else {
        "no flow of this design is simulated\n".to_owned()
    };
    for (first, groups) in [("flow", &flows), ("component", &components)] {
        if !groups.is_empty() {
            out.push('\n');
            out.push_str(&grouped(first, groups));
        }
    }
    let notes = notes(view);
    if !notes.is_empty() {
        out.push('\n');
    }
    for note in &notes {
        out.push_str(&wrapped(note));
    }
    out
}
