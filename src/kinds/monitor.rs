//! `monitor`: metrics, dashboards and alerts.

use super::Kind;
use super::common::COMMON;
use super::facets::{Bill, Facets};
use super::property::{Property, Type, prop};
use crate::resource::{Dashboard, Resource, View};

static OWN: [Property; 8] = [
    prop("of", Type::Components, "What it watches; all by default."),
    prop("metrics", Type::Bool, "Whether it collects metrics."),
    prop("logs", Type::Bool, "Whether it collects logs."),
    prop("traces", Type::Bool, "Whether it collects traces."),
    prop("alerts", Type::Bool, "Whether it raises alerts."),
    prop("analytics", Type::Bool, "Whether it keeps events for analysis."),
    prop("retention", Type::Time, "How long it keeps what it collected.").positive(),
    prop("sample", Type::Ratio, "Share of traces that are kept."),
];

pub(super) static KIND: Kind = Kind {
    name: "monitor",
    doc: "Observability: metrics, logs, traces, alerts and analytics of all components, or of those in `of`.",
    example: "monitor watch { metrics = true, logs = true, traces = true, alerts = true, retention = 30 days }",
    ops: &[],
    groups: &[&OWN, &COMMON],
    facets: Facets { target: false, managed: true, bill: Bill::Unlisted, ..Facets::NONE },
    engines: &[],
    lower,
};

fn lower(view: &View, out: &mut Vec<Resource>) {
    let on = |name: &str| (view.flag)(name).unwrap_or(false);
    out.push(Resource::Dashboard(Dashboard {
        name: view.name.to_owned(),
        retention: (view.number)("retention"),
        logs: on("logs"),
        traces: on("traces"),
        alerts: on("alerts"),
    }));
}
