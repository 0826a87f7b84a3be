//! Alarms and dashboards.
//!
//! In: the plan's alerts and dashboards, the parts. Out: one alarm for each alert, over
//! a metric of AWS if the part has one. Else the programs must send the metric, and a
//! note says so.

use super::names::{identifier, short};
use super::numbers::{DAY, decimal};
use super::parts::Parts;
use super::types::{Metric, Reading};
use crate::resource::Alert;

/// An alarm.
pub(super) struct Alarm {
    pub(super) id: String,
    /// The flow or the component.
    pub(super) of: String,
    pub(super) name: String,
    /// The metric of AWS; none if the programs send it.
    pub(super) metric: Option<Metric>,
    pub(super) bound: String,
}

impl Alarm {
    /// The `for_each` line, for parts of several members.
    pub(super) fn each(&self) -> Option<&str> {
        self.metric.as_ref()?.each.as_deref()
    }
}

/// A dashboard.
pub(super) struct Board {
    pub(super) id: String,
    pub(super) short: String,
}

/// What is watched, and how.
pub(super) struct Watch {
    pub(super) alarms: Vec<Alarm>,
    pub(super) dashboards: Vec<Board>,
    /// Days that logs are kept.
    pub(super) retention: u32,
}

fn alarm(r: &mut Reading, parts: &Parts, a: &Alert, id: String) -> Alarm {
    let part = r.names.id(&a.of);
    let metric = parts.all().iter().find_map(|p| p.metric(a.watched, &part, a.bound));
    let note = match &metric {
        Some(m) => m.note.as_deref(),
        None => Some("AWS has no such number; programs must send it as the metric of that name, else it stays silent"),
    };
    if let Some(note) = note {
        r.note(&a.of, format!("alarm `{}`: {note}", a.name));
    }
    let bound = decimal(metric.as_ref().map_or(a.bound, |m| m.bound));
    Alarm { id, of: a.of.clone(), name: a.name.clone(), metric, bound }
}

/// Alarms and dashboards.
pub(super) fn watch(r: &mut Reading, parts: &Parts) -> Watch {
    // Days for which CloudWatch can keep logs.
    const DAYS: [u32; 12] = [1, 3, 7, 14, 30, 60, 90, 180, 365, 400, 731, 1827];
    let mut out = Watch { alarms: Vec::new(), dashboards: Vec::new(), retention: 365 };
    let mut taken: Vec<String> = Vec::new();
    for a in r.plan.alerts() {
        let base = identifier(&a.name);
        let mut id = base.clone();
        let mut n = 2;
        while taken.contains(&id) {
            id = format!("{base}_{n}");
            n += 1;
        }
        taken.push(id.clone());
        out.alarms.push(alarm(r, parts, a, id));
    }
    for d in r.plan.dashboards() {
        if let Some(seconds) = d.retention {
            out.retention = DAYS.into_iter().find(|n| f64::from(*n) * DAY >= seconds).unwrap_or(1827);
            r.note(
                &d.name,
                "metrics: CloudWatch keeps them for 15 months whatever the design says; logs as long as it says",
            );
        }
        if d.traces {
            r.note(&d.name, "traces are not collected: no collector is set up");
        }
        if d.alerts && r.plan.alerts().next().is_none() {
            r.note(&d.name, "it raises alerts, but the design promises nothing to watch");
        }
        let id = r.names.id(&d.name);
        out.dashboards.push(Board { short: short(&id), id });
    }
    out
}
