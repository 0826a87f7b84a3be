//! Growth of data over the horizon, as text and as JSON.
//!
//! In: the horizon, the storage of each store. Out: lines, fields; none if no data grows. Never: a
//! growth computed here.

use super::View;
use super::fields::Fields;
use super::words::{asked, money};
use crate::analysis::{Kept, Known};
use crate::model::CompId;
use crate::units::{MONTH, show_size, significant};
use serde_json::json as j;

/// Months as text.
pub(in crate::cli) fn when(seconds: f64) -> String {
    let months = seconds / MONTH;
    match months {
        _ if months <= 0.0 => "today".to_owned(),
        _ if months.is_infinite() => "never".to_owned(),
        _ => format!("in month {}", significant(months.ceil().max(1.0), 6)),
    }
}

/// Storage and limits at the horizon.
pub(super) fn text(view: &View) -> String {
    let h = &view.verdicts.horizon;
    let Some(seconds) = &h.seconds else { return String::new() };
    let mut out = match seconds {
        Ok(s) => format!("\nat the horizon, {} months ahead:\n", significant(s / MONTH, 3)),
        Err(e) => format!("\nat the horizon: unknown: {e}\n"),
    };
    if let Some(cost) = h.cost.as_ref().filter(|_| seconds.is_ok()) {
        out.push_str(&format!("  cost: {} a month\n", money(cost, h.at_least)));
    }
    let name = |id: CompId| view.model.component(id).name.as_str();
    for k in &h.kept {
        let (Ok(now), Ok(then)) = (&k.now.data, &k.then) else { continue };
        if then <= now {
            continue;
        }
        let full =
            k.now.full_in.as_ref().map_or_else(|_| String::new(), |s| format!(", its disk is full {}", when(*s)));
        let memory = match &k.now.outgrown_in {
            Some(Ok(s)) => format!(", its working set outgrows memory {}", when(*s)),
            _ => String::new(),
        };
        out.push_str(&format!(
            "  {}: {} of data, {} today{full}{memory}\n",
            name(k.id),
            show_size(*then),
            show_size(*now)
        ));
    }
    for b in &h.breaks {
        let flow = view.model.flows.get(b.flow).map_or("", |f| f.name.as_str());
        out.push_str(&format!("  flow {flow} misses {} from month {} on\n", asked(&b.slo), b.month));
    }
    for o in &h.overloads {
        out.push_str(&format!("  {} exceeds its {} from month {} on\n", name(o.id), o.binding, o.month));
    }
    out
}

/// The fields of the system.
pub(super) fn system(view: &View, f: &mut Fields) {
    let h = &view.verdicts.horizon;
    let Some(seconds) = &h.seconds else { return };
    f.known("horizon", seconds);
    if let Some(cost) = &h.cost {
        f.known("cost_at_horizon", cost);
    }
    f.put("cost_at_horizon_at_least", j!(h.at_least));
    let breaks = h.breaks.iter().map(|b| {
        let flow = view.model.flows.get(b.flow).map_or("", |f| f.name.as_str());
        j!({ "flow": flow, "metric": b.slo.metric.name, "target": b.slo.target, "month": b.month })
    });
    let overloads = h
        .overloads
        .iter()
        .map(|o| j!({ "component": view.model.component(o.id).name, "resource": o.binding, "month": o.month }));
    f.put("outgrown", j!({ "slo": breaks.collect::<Vec<_>>(), "overload": overloads.collect::<Vec<_>>() }));
}

/// Storage of one store: bytes, and months until it is full.
pub(super) fn storage(kept: &Kept, f: &mut Fields) {
    let months = |seconds: &Known| seconds.clone().map(|s| s / MONTH);
    let mut one = Fields::new();
    one.known("data", &kept.now.data);
    one.known("data_at_horizon", &kept.then);
    one.known("busiest", &kept.now.busiest);
    one.known("disk", &kept.now.disk);
    one.known("full_in_months", &months(&kept.now.full_in));
    if let Some(seconds) = &kept.now.outgrown_in {
        one.known("memory_outgrown_in_months", &months(seconds));
    }
    f.put("storage", one.finish());
}
