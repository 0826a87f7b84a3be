//! Lag and backlogs of a flow, as JSON and as text.

use super::fields::Fields;
use super::words::measure;
use crate::analysis::{Daily, Facts, Known, LATENCY_METRICS, Lag, Timed, amount, no_lag};
use crate::model::{FlowId, Model, Reason};
use crate::units::{show_rate, show_ratio, show_time, significant};
use serde_json::{Value as Json, json as j};

/// `lag`, `slots` (consumer concurrency), `backlog` and notes, of the flow with that index.
pub(super) fn json(f: &mut Fields, model: &Model, facts: &Facts, flow: usize) {
    let Some(Some(lag)) = facts.lag.get(flow) else {
        f.known("lag", &Err(no_lag(model, FlowId(flow))));
        return;
    };
    f.timed("lag", &lag.time);
    if lag.worst_of_day {
        f.put("lag_note", j!("the worst delay of the day stands for all percentiles"));
    }
    let mut slots = Fields::new();
    slots.known("used", &lag.slots.used);
    slots.known("capacity", &lag.slots.capacity);
    slots.known("utilization", &lag.slots.utilization);
    f.put("slots", slots.finish());
    let backlog = &lag.backlog;
    let mut b = Fields::new();
    b.known("capacity", &backlog.capacity);
    b.known("after_outage_1h", &backlog.after_outage);
    b.known("drains_in", &backlog.drains_in);
    b.known("after_outage_1h_at_peak", &backlog.at_peak.0);
    b.known("drains_in_at_peak", &backlog.at_peak.1);
    b.put("daily", backlog.daily.as_ref().map_or(Json::Null, daily));
    f.put("backlog", b.finish());
    if !lag.notes.is_empty() {
        f.put("says", j!(lag.notes));
    }
}

fn daily(d: &Daily) -> Json {
    let mut f = Fields::new();
    f.known("most", &Ok(d.most));
    f.put("starts", j!(d.starts));
    f.put("ends", d.ends.map_or_else(|| j!("unbounded"), |e| j!(e)));
    f.known("longest_delay", &Ok(d.longest_delay));
    f.put("left", j!(d.left));
    f.put("dropped", j!(d.dropped));
    f.put("expires", j!(d.expires));
    f.finish()
}

/// The lag of a flow as lines of text; empty if nothing publishes.
pub(super) fn text(facts: &Facts, flow: usize, name: &str, reasons: &mut Vec<(String, Reason)>) -> String {
    let Some(Some(lag)) = facts.lag.get(flow) else { return String::new() };
    let mut out = match &lag.time {
        Timed::Unknown(e) => {
            reasons.push((format!("{name}, its lag"), e.clone()));
            return "  lag: unknown\n".to_owned();
        }
        Timed::Unbounded(e) => format!("  lag: unbounded, {e}\n"),
        Timed::Known(_) => {
            let each = LATENCY_METRICS.map(|m| format!("{m} {}", measure(&lag.time.measure(m), show_time)));
            format!("  lag: {}\n", each.join(", "))
        }
    };
    out.push_str(&slots(lag));
    let known = |k: &Known| k.as_ref().ok().copied();
    if let (Some(n), Some(s)) = (known(&lag.backlog.after_outage), known(&lag.backlog.drains_in)) {
        let drains =
            |s: f64| if s.is_finite() { format!("drains in {}", show_time(s)) } else { "never drains".to_owned() };
        let peak = known(&lag.backlog.at_peak.1).map_or_else(String::new, |s| format!(", at the peak {}", drains(s)));
        out.push_str(&format!("  after an outage of 1h: {} messages, {}{peak}\n", amount(n), drains(s)));
    }
    for line in lag.notes.iter().filter(|l| !matches!(&lag.time, Timed::Unbounded(e) if e.to_string() == **l)) {
        out.push_str(&format!("  {line}\n"));
    }
    out
}

fn slots(lag: &Lag) -> String {
    let (Ok(n), Ok(x)) = (&lag.slots.capacity, &lag.slots.utilization) else { return String::new() };
    let takes = lag.backlog.capacity.as_ref().map_or_else(|_| String::new(), |c| format!(", takes {}", show_rate(*c)));
    format!("  slots: {}, {} in use{takes}\n", significant(*n, 6), show_ratio(*x))
}
