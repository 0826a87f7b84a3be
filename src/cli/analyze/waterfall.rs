//! The parts of a flow's time, as bars and as JSON.

use super::View;
use super::fields::Fields;
use crate::analysis::{FlowDemand, Share, Waterfall};
use crate::cli::table::table;
use crate::model::Reason;
use crate::model::{Flow, Model};
use crate::units::{show_ratio, show_time};
use serde_json::json as j;

/// Width of the longest bar.
const WIDTH: f64 = 20.0;
/// Parts below this share of both mean and p99 are merged.
const LEAST: f64 = 0.005;

/// Shares of a call in its flow's mean and p99, from 0 to 1.
pub(super) fn put_shares(f: &mut Fields, split: Option<&Result<Waterfall, Reason>>, hop: usize) {
    match split {
        Some(Ok(w)) => match w.hops.get(hop).copied().flatten() {
            Some(share) => put(f, w, share),
            None => f.put("share_mean", j!(0.0)),
        },
        Some(Err(e)) => {
            f.known("share_mean", &Err(e.clone()));
            f.known("share_p99", &Err(e.clone()));
        }
        None => {}
    }
    if let (Some(Ok(w)), None) = (split, f.map.get("share_p99")) {
        match &w.unsplit {
            Some(e) => f.known("share_p99", &Err(e.clone())),
            None => f.put("share_p99", j!(0.0)),
        }
    }
}

/// Shares of the origin's own work, if it has any, and of the waits between attempts.
pub(super) fn put_own(f: &mut Fields, split: Option<&Result<Waterfall, Reason>>) {
    let Some(Ok(w)) = split else { return };
    for (name, share) in [("own_work", w.own), ("retry_waits", w.waits)] {
        let Some(share) = share else { continue };
        let mut one = Fields::new();
        put(&mut one, w, share);
        if let Some(e) = &w.unsplit {
            one.known("share_p99", &Err(e.clone()));
        }
        f.put(name, one.finish());
    }
}

fn put(f: &mut Fields, w: &Waterfall, share: Share) {
    let of = |x: f64, whole: f64| if whole > 0.0 { x / whole } else { 0.0 };
    f.put("share_mean", j!(of(share.mean, w.whole.mean)));
    if let (Some(x), Some(whole)) = (share.p99, w.whole.p99) {
        f.put("share_p99", j!(of(x, whole)));
    }
}

/// The bars of one flow.
pub(super) fn waterfall(view: &View, flow: usize) -> String {
    let Some(Ok(w)) = view.waterfalls.get(flow) else { return String::new() };
    let Some(f) = view.model.flows.get(flow) else { return String::new() };
    view.facts.demand.flows.get(flow).map_or_else(String::new, |d| bars(w, parts(view.model, f, d, w)))
}

/// The parts of a flow's time, named, in order.
pub(in crate::cli) fn parts(model: &Model, flow: &Flow, demand: &FlowDemand, w: &Waterfall) -> Vec<(String, Share)> {
    let name = |id| model.component(id).name.clone();
    let own = w.own.map(|s| (name(flow.origin), s));
    let calls = demand.hops.iter().zip(&w.hops).filter_map(|(h, s)| Some((format!("{}.{}", name(h.to), h.op), (*s)?)));
    let waits = w.waits.map(|s| ("waits between tries".to_owned(), s));
    own.into_iter().chain(calls).chain(waits).collect()
}

/// Bars of parts in order; small parts are merged.
pub(in crate::cli) fn bars(w: &Waterfall, parts: Vec<(String, Share)>) -> String {
    let whole = w.whole.p99.unwrap_or(0.0);
    if w.whole.mean <= 0.0 || whole <= 0.0 {
        return String::new();
    }
    let small = |s: &Share| s.mean < LEAST * w.whole.mean && s.p99.unwrap_or(0.0) < LEAST * whole;
    let (rest, mut parts): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(_, s)| small(s));
    let sum = rest.iter().fold(Share { mean: 0.0, p99: w.whole.p99.map(|_| 0.0) }, |a, (_, s)| Share {
        mean: a.mean + s.mean,
        p99: a.p99.zip(s.p99).map(|(x, y)| x + y),
    });
    if sum.mean > 0.0 {
        parts.push((format!("others ({})", rest.len()), sum));
    }
    if parts.len() < 2 {
        return String::new();
    }
    let head =
        if w.unsplit.is_some() { ["where the mean goes", "mean", ""] } else { ["where the p99 goes", "mean", "p99"] };
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let longest = parts.iter().map(|(_, s)| s.p99.unwrap_or(s.mean)).fold(f64::MIN_POSITIVE, f64::max);
    for (name, s) in parts {
        let (value, of) = s.p99.map_or((s.mean, w.whole.mean), |x| (x, whole));
        let p99 = s.p99.map_or_else(String::new, show_time);
        rows.push(vec![name, show_time(s.mean), p99, show_ratio(value / of), bar(value / longest)]);
    }
    table(&rows)
}

/// A bar to an eighth of a character.
pub(in crate::cli) fn bar(share: f64) -> String {
    let eighths = (share.clamp(0.0, 1.0) * WIDTH * 8.0).round();
    let full = (eighths / 8.0).floor();
    // The first is at most 20, the second at most 7.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let (full, part) = (full as usize, (eighths - full * 8.0) as usize);
    let ends = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    format!("{}{}", "█".repeat(full), ends.get(part).unwrap_or(&""))
}
