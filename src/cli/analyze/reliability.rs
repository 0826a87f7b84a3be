//! Availability, importance, cut sets and zone loss of flows, as text and JSON.

use super::View;
use super::fields::Fields;
use crate::analysis::{Reliability, Survives};
use crate::cli::table::table;
use crate::model::Reason;
use crate::theory::reliability::{MINUTES_PER_MONTH, MINUTES_PER_YEAR};
use crate::units::show_time;
use serde_json::{Value as Json, json as j};

/// Most cut sets of a flow that the text shows.
const SHOWN: usize = 4;

fn month(down: f64) -> String {
    show_time(down * MINUTES_PER_MONTH * 60.0)
}

/// Downtime in a month of 30 days and in a year.
pub(super) fn budget(availability: f64) -> String {
    let down = 1.0 - availability;
    let Some(n) = crate::units::nines(availability) else { return String::new() };
    let nines = match n {
        0 => String::new(),
        1 => ", 1 nine".to_owned(),
        n => format!(", {n} nines"),
    };
    format!("{nines}, down {} a month, {} a year", month(down), show_time(down * MINUTES_PER_YEAR * 60.0))
}

/// The fields of a flow.
pub(super) fn fields(f: &mut Fields, all: &Reliability, flow: usize) {
    let Some(one) = all.flows.get(flow) else { return };
    let put = |f: &mut Fields, name: &str, value: Result<Json, &Reason>| match value {
        Ok(v) => f.put(name, v),
        Err(e) => f.known(name, &Err(e.clone())),
    };
    let m = &one.importance;
    put(f, "availability_bounds", m.bounds.as_ref().map(|(low, high)| j!([low, high])));
    put(f, "availability_all_shards", m.all_shards.as_ref().map(|a| j!(a)));
    let list = m.ranking.as_ref().map(|all| {
        all.iter()
            .map(|i| j!({ "component": i.what, "birnbaum": i.birnbaum, "perfect": i.perfect, "gain": i.gain }))
            .collect()
    });
    put(f, "importance", list);
    put(f, "rto", one.rto.as_ref().map(|s| j!(s)));
    put(f, "cut_sets", one.cut_sets.as_ref().map(|s| s.sets.iter().map(|c| j!(c.parts)).collect()));
    put(f, "cut_sets_order", one.cut_sets.as_ref().map(|s| j!(s.order)));
    put(f, "cut_sets_given", one.cut_sets.as_ref().map(|s| j!(s.given)));
    let mut survives = Fields::new();
    for zone in &all.zones {
        match zone.flows.get(flow).map(|(s, _)| s) {
            Some(Ok(yes)) => survives.put(&zone.what, j!(yes)),
            Some(Err(e)) => survives.known(&zone.what, &Err(e.clone())),
            None => {}
        }
    }
    f.put("survives", survives.finish());
}

/// Lines of a flow: its most important component, its smallest cut sets.
pub(super) fn flow(view: &View, flow: usize) -> String {
    let mut out = String::new();
    let Some(one) = view.reliability.flows.get(flow) else { return out };
    if let Some(note) = &one.primaries {
        out.push_str(&format!("  its availability is {note}\n"));
    }
    if let (Some(Ok(a)), Ok(list)) = (view.facts.availability.flows.get(flow), &one.importance.ranking)
        && let Some(first) = list.first().filter(|i| i.gain > 0.0)
    {
        let of = month(1.0 - a);
        out.push_str(&format!("  mend `{}` first: it takes {} of the {of} a month\n", first.what, month(first.gain)));
        if let Ok(all) = &one.importance.all_shards
            && a - all > 1e-12
        {
            out.push_str(&format!("  all shards up: {}\n", crate::units::show_nines(*all)));
        }
    }
    if let Ok(smallest) = &one.cut_sets
        && let Some(first) = smallest.sets.first()
    {
        let many = first.failures > 1;
        let alike = smallest.sets.iter().filter(|s| s.parts.len() == first.parts.len());
        let shown: Vec<String> = alike.clone().take(SHOWN).map(|s| s.parts.join(" + ")).collect();
        let more = alike.count().saturating_sub(SHOWN);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let what = if many { "no single point of failure; smallest cut sets" } else { "stopped by any of" };
        let given = match smallest.given.as_slice() {
            [] => String::new(),
            all => format!(" (assuming {})", all.join(", ")),
        };
        out.push_str(&format!("  {what}: {}{more}{given}\n", shown.join(", ")));
    }
    out
}

/// The worst placement of primaries, if the availability of components assumes one.
pub(super) fn components(view: &View) -> String {
    let mut out = String::new();
    for ((_, c), note) in view.model.all().zip(&view.reliability.components) {
        if let Some(note) = note {
            out.push_str(&format!("  the availability of `{}` is {note}\n", c.name));
        }
    }
    out
}

/// Flows that survive each zone loss.
pub(super) fn zones(view: &View) -> String {
    let all = &view.reliability.zones;
    if all.len() < 2 || view.model.flows.is_empty() {
        return String::new();
    }
    let mut rows = vec![
        std::iter::once("survives the loss of".to_owned())
            .chain(all.iter().map(|z| z.what.clone()))
            .collect::<Vec<_>>(),
    ];
    let mut reasons: Vec<String> = Vec::new();
    for (i, flow) in view.model.flows.iter().enumerate() {
        let mut row = vec![flow.name.clone()];
        for zone in all {
            let Some((survives, why)) = zone.flows.get(i) else { continue };
            row.push(word(survives).to_owned());
            let reason = format!("  {}: {why}\n", zone.what);
            if !why.is_empty() && !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        rows.push(row);
    }
    format!("\n{}{}", table(&rows), reasons.concat())
}

fn word(survives: &Survives) -> &'static str {
    match survives {
        Ok(true) => "yes",
        Ok(false) => "no",
        Err(_) => "unknown",
    }
}
