//! The text of `archc analyze`: flows with their calls, components, scenarios.

use super::limits::next_to_break;
use super::spread::spread;
use super::tornado::tornado;
use super::waterfall::waterfall;
use super::words::{asked, measure, money, requirement};
use super::{View, reliability};
use crate::analysis::{LATENCY_METRICS, Timed, Window, availability_note};
use crate::cli::missing::lines;
use crate::cli::table::table;
use crate::model::Reason;
use crate::units::{show_money, show_nines, show_rate, show_ratio, show_time, significant};

/// The numbers of a case as text.
pub(super) fn human(view: &View) -> String {
    let View { model, facts, ranges, at, .. } = *view;
    let mut out = view.scenario.map_or_else(String::new, |s| format!("in scenario {s}\n\n"));
    out.push_str(&if (at - 1.0).abs() > f64::EPSILON {
        format!("at {}x the load\n\n", significant(at, 3))
    } else {
        String::new()
    });
    let mut reasons: Vec<(String, Reason)> = Vec::new();
    let between = |r: Option<&Option<(f64, f64)>>, show: fn(f64) -> String| match r {
        Some(Some((a, b))) if show(*a) != show(*b) => format!(" ({} .. {})", show(*a), show(*b)),
        _ => String::new(),
    };
    for (i, (flow, fd)) in model.flows.iter().zip(&facts.demand.flows).enumerate() {
        let rate = fd.rate.as_ref().map_or_else(
            |e| format!("unknown: {e}"),
            |r| {
                let when = if Window::of(model, flow).is_some() { "in its window" } else { "at the peak" };
                format!("{}{} {when}", show_rate(*r), between(ranges.flow_rate.get(i), show_rate))
            },
        );
        let mean = fd.volume.as_ref().map_or_else(|_| String::new(), |r| format!(", {} on average", show_rate(*r)));
        out.push_str(&format!("flow {}: {rate}{mean}\n", flow.name));
        out.push_str(&targets(view, i, &mut reasons));
        let mut rows = vec![["call", "visits", "rate", "mean", "p99", "counted as"].map(str::to_owned).to_vec()];
        for (k, h) in fd.hops.iter().enumerate() {
            let time = |metric| {
                let visit = facts.latency.get(i).and_then(|l| l.hops.get(k));
                visit.map_or_else(String::new, |t| measure(&t.measure(metric), show_time))
            };
            let arrow = if h.is_async { "~>" } else { "->" };
            let visits = h.visits.as_ref().map_or_else(|_| "unknown".to_owned(), |v| significant(*v, 4));
            let rate = match (&fd.rate, &h.visits) {
                (Ok(r), Ok(v)) => show_rate(r * v),
                _ => "unknown".to_owned(),
            };
            rows.push(vec![
                format!("{} {arrow} {}.{}", model.component(h.from).name, model.component(h.to).name, h.op),
                visits,
                rate,
                time("mean"),
                time("p99"),
                h.why.clone(),
            ]);
        }
        out.push_str(&format!("{}{}\n", table(&rows), waterfall(view, i)));
    }
    let mut rows = vec![
        ["component", "rate", "utilization", "binding", "breaks at", "mean", "p99", "availability", "cost"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for ((id, c), u) in model.all().zip(&facts.utilization) {
        let Some(d) = facts.demand.components.get(id.0) else { continue };
        let rate = d.rate.as_ref().map_or_else(
            |_| "unknown".to_owned(),
            |r| format!("{}{}", show_rate(*r), between(ranges.rate.get(id.0), show_rate)),
        );
        let util = match &u.utilization {
            Ok(x) => format!("{}{}", show_ratio(*x), between(ranges.utilization.get(id.0), show_ratio)),
            Err(_) if u.resources.is_empty() => "-".to_owned(),
            Err(e) => {
                reasons.push((c.name.clone(), e.clone()));
                "unknown".to_owned()
            }
        };
        let breaks = match view.breaks.saturates.get(id.0) {
            Some(Ok(at)) if at.is_finite() => format!("{}x", significant(*at, 3)),
            Some(Ok(_)) => "unbounded".to_owned(),
            _ => String::new(),
        };
        rows.push(vec![c.name.clone(), rate, util, u.binding.unwrap_or("").to_owned(), breaks]);
        let response = facts.stations.get(id.0).filter(|_| c.kind.facets.target && !c.kind.facets.origin);
        let up = facts.availability.components.get(id.0).filter(|_| response.is_some());
        if let Some(row) = rows.last_mut() {
            for metric in ["mean", "p99"] {
                row.push(response.map_or_else(|| "-".to_owned(), |s| measure(&s.response.measure(metric), show_time)));
            }
            row.push(up.map_or_else(
                || "-".to_owned(),
                |a| a.as_ref().map_or_else(|_| "unknown".to_owned(), |a| show_nines(*a)),
            ));
            row.push(facts.cost.components.get(id.0).map_or_else(String::new, |b| {
                if b.parts.is_empty() { "-".to_owned() } else { money(&b.total(), b.at_least()) }
            }));
        }
    }
    out.push_str(&table(&rows));
    out.push_str(&reliability::components(view));
    out.push_str(&reliability::zones(view));
    if !reasons.is_empty() {
        out.push_str("\nunknown:\n");
        for (value, why) in reasons {
            out.push_str(&lines(&value, &why.inputs(model)));
        }
    }
    out.push_str(&super::admission::text(model, facts));
    out.push_str(&super::autoscale::text(view));
    out.push_str(&system(view));
    out.push_str(&super::growth::text(view));
    out.push_str(&scenarios(view));
    out.push_str(&super::consistency::told(model, view.consistency, view.verdicts));
    out.push_str(&next_to_break(view));
    out.push_str(&spread(view));
    out.push_str(&view.tornado.map_or_else(String::new, |t| tornado(model, t)));
    if facts.availability.flows.iter().any(Result::is_ok) {
        out.push_str(&format!("availability is {}\n", availability_note(model)));
    }
    out.push_str(&format!("{} of {} questions have an answer\n", view.coverage.modelled, view.coverage.total));
    out
}

/// Latency, availability and targets of one flow.
fn targets(view: &View, i: usize, reasons: &mut Vec<(String, Reason)>) -> String {
    let mut out = String::new();
    let name = view.model.flows.get(i).map_or("", |f| f.name.as_str());
    if let Some(l) = view.facts.latency.get(i) {
        match &l.time {
            // No caller waits for the consumer of a queue: its time is the lag below.
            Timed::Unknown(_) if view.facts.lag.get(i).is_some_and(Option::is_some) => {}
            Timed::Unknown(e) => {
                out.push_str("  latency: unknown\n");
                reasons.push((format!("{name}, its latency"), e.clone()));
            }
            Timed::Unbounded(e) => out.push_str(&format!("  latency: unbounded, {e}\n")),
            Timed::Known(_) => {
                let ends = view.ranges.latency.get(i);
                let each = LATENCY_METRICS.iter().enumerate().map(|(k, m)| {
                    let spread = match ends.and_then(|e| e.get(k).copied().flatten()) {
                        Some((a, b)) if show_time(a) != show_time(b) => {
                            format!(" ({} .. {})", show_time(a), show_time(b))
                        }
                        _ => String::new(),
                    };
                    format!("{m} {}{spread}", measure(&l.time.measure(m), show_time))
                });
                out.push_str(&format!("  latency: {}\n", each.collect::<Vec<_>>().join(", ")));
            }
        }
    }
    out.push_str(&super::lag::text(view.facts, i, name, reasons));
    match view.facts.availability.flows.get(i) {
        Some(Ok(a)) => out.push_str(&format!("  availability: {}{}\n", show_nines(*a), reliability::budget(*a))),
        Some(Err(e)) => reasons.push((format!("{name}, its availability"), e.clone())),
        None => {}
    }
    out.push_str(&super::call_policy::text(view.facts, i, reasons, name));
    out.push_str(&reliability::flow(view, i));
    for v in view.verdicts.slo.get(i).into_iter().flatten() {
        let word = match v.met {
            Some(true) => "met",
            Some(false) => "NOT met",
            None => "unknown",
        };
        out.push_str(&format!("  slo {}: {word}\n", asked(&v.slo)));
    }
    out
}

/// Cost and system requirements.
pub(in crate::cli) fn system(view: &View) -> String {
    let cost = &view.facts.cost;
    let mut out = String::new();
    if view.model.system.has_provider || cost.total().is_ok() {
        let spread = match view.ranges.total {
            Some((a, b)) if a < b => format!(" ({} .. {})", show_money(a), show_money(b)),
            _ => String::new(),
        };
        out.push_str(&format!("\ncost: {} a month{spread}\n", money(&cost.total(), cost.at_least())));
        for (name, usd) in cost.parts() {
            out.push_str(&format!("  {name}: {}\n", usd.map_or_else(|_| "unknown in part".to_owned(), show_money)));
        }
        for input in cost.unknown().iter().flat_map(|why| why.inputs(view.model)) {
            out.push_str(&format!("  not known: {input}\n"));
        }
    }
    for p in &view.verdicts.system_requirements {
        out.push_str(&format!("{}\n", requirement(p)));
    }
    out
}

/// Verdicts of the scenarios.
fn scenarios(view: &View) -> String {
    let mut out = String::new();
    for o in &view.verdicts.scenarios {
        let word = match o.holds {
            Some(true) => "holds".to_owned(),
            Some(false) => "does not hold".to_owned(),
            None => format!("unknown: {}", o.unknown.as_ref().map(ToString::to_string).unwrap_or_default()),
        };
        out.push_str(&format!("scenario {}: {word}\n", o.name));
    }
    if out.is_empty() { out } else { format!("\n{out}") }
}
