//! Statistics over samples of an uncertain design, as text and JSON.

use super::View;
use super::fields::bound;
use crate::analysis::By;
use crate::cli::table::table;
use crate::units::{show_money, show_time};
use serde_json::{Map, Value as Json, json as j};

/// 5th, 50th and 95th percentile over the samples, by flow.
pub(super) fn samples(view: &View) -> Option<Json> {
    let s = view.ranges.samples.as_ref()?;
    let mut flows = Map::new();
    for (flow, p99) in view.model.flows.iter().zip(&s.p99) {
        flows.insert(flow.name.clone(), j!({ "p99": p99.map(|all| all.map(bound)) }));
    }
    Some(j!({ "worlds": s.points, "percentiles": [0.05, 0.5, 0.95], "flows": flows, "cost": s.cost }))
}

/// The cases that ranges cover, and the samples inside them if they are not exact.
pub(super) fn spread(view: &View) -> String {
    let Some(s) = &view.ranges.samples else { return String::new() };
    let n = view.model.intervals.len();
    let what = if view.ranges.rates_by == Some(By::Corners) { "ranges of latency" } else { "ranges" };
    let mut out = format!(
        "\n{what} are over {} samples and the ends of {n} intervals, each alone and jointly: the true ones may be wider\n",
        s.points
    );
    let mut rows = vec![["over the samples", "5%", "50%", "95%"].map(str::to_owned).to_vec()];
    let mut row = |name: String, bands: &Option<[f64; 3]>, show: fn(f64) -> String| {
        if let Some(all) = bands {
            rows.push(std::iter::once(name).chain(all.iter().map(|x| show(*x))).collect());
        }
    };
    for (flow, p99) in view.model.flows.iter().zip(&s.p99) {
        row(format!("p99 of {}", flow.name), p99, show_time);
    }
    row("cost a month".to_owned(), &s.cost, show_money);
    if rows.len() > 1 {
        out.push_str(&table(&rows));
    }
    out
}
