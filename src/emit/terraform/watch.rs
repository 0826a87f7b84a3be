//! What is watched: alarms and a dashboard.
//!
//! In: the plan's alerts and dashboards. Out: one alarm for each alert, over what AWS
//! measures at the way in or of a program. Never: a metric that somebody must send, but
//! where AWS has none; the notes say where.

use super::names::{identifier, short};
use super::stack::{Reading, Stack};
use crate::resource::{Alert, Resource, Watched};

/// What an alarm reads.
pub(super) enum Reads {
    /// The 99th percentile at a balancer, in seconds.
    Latency(String),
    /// The share of 5xx answers at a balancer.
    Errors(String),
    /// Percent of an ECS service's CPU.
    Cpu(String),
    /// Percent of the CPU of databases.
    Store(String),
    /// Percent of the CPU of a cache's command thread.
    Cache(String),
    /// Percent of the CPU of so many brokers.
    Broker(String, u32),
    /// Seconds that the oldest message of a queue waits: SQS has no CPU.
    Age(String),
    /// A number that the programs send themselves.
    Own,
}

/// An alarm.
pub(super) struct Alarm {
    pub(super) id: String,
    pub(super) of: String,
    pub(super) name: String,
    pub(super) reads: Reads,
    pub(super) bound: String,
}

impl Alarm {
    /// The balancer whose latency it reads.
    pub(super) fn latency(&self) -> Option<&str> {
        if let Reads::Latency(lb) = &self.reads { Some(lb) } else { None }
    }

    /// The balancer whose errors it reads.
    pub(super) fn errors(&self) -> Option<&str> {
        if let Reads::Errors(lb) = &self.reads { Some(lb) } else { None }
    }

    /// The program whose CPU it reads.
    pub(super) fn cpu(&self) -> Option<&str> {
        if let Reads::Cpu(unit) = &self.reads { Some(unit) } else { None }
    }
}

impl Alarm {
    /// The database whose CPU it reads.
    pub(super) fn store(&self) -> Option<&str> {
        if let Reads::Store(id) = &self.reads { Some(id) } else { None }
    }

    /// The cache whose CPU it reads.
    pub(super) fn cache(&self) -> Option<&str> {
        if let Reads::Cache(id) = &self.reads { Some(id) } else { None }
    }

    /// The brokers whose CPU it reads, by number.
    pub(super) fn broker(&self) -> Option<(&str, Vec<u32>)> {
        if let Reads::Broker(id, n) = &self.reads { Some((id, (1..=*n).collect())) } else { None }
    }

    /// The queue whose age it reads.
    pub(super) fn age(&self) -> Option<&str> {
        if let Reads::Age(id) = &self.reads { Some(id) } else { None }
    }
}

/// A dashboard.
pub(super) struct Board {
    pub(super) id: String,
    pub(super) short: String,
}

/// A number without the digits that halves and tenths do not have.
fn shown(n: f64) -> String {
    let text = format!("{n:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn alarm(r: &mut Reading, s: &Stack, a: &Alert, id: String) -> Alarm {
    let way_in = s.lbs.iter().find(|l| !l.internal).or(s.lbs.first()).map(|l| l.id.clone());
    let (reads, bound) = match (a.watched, way_in) {
        (Watched::Latency, Some(lb)) => (Reads::Latency(lb), a.bound),
        (Watched::Errors, Some(lb)) => (Reads::Errors(lb), a.bound * 100.0),
        (Watched::Cpu, _) => {
            let unit = r.names.id(&a.of);
            let percent = a.bound * 100.0;
            if s.units.iter().any(|u| u.id == unit) {
                (Reads::Cpu(unit), percent)
            } else if s.stores.iter().any(|d| d.id == unit) {
                (Reads::Store(unit), percent)
            } else if s.caches.iter().any(|c| c.id == unit) {
                (Reads::Cache(unit), percent)
            } else if let Some(b) = s.brokers.iter().find(|b| b.id == unit) {
                (Reads::Broker(unit, b.nodes), percent)
            } else if let Some(q) = s.queues.iter().find(|q| q.id == unit).and_then(|q| q.queues.first()) {
                (Reads::Age(q.id.clone()), 300.0)
            } else {
                (Reads::Own, a.bound)
            }
        }
        (_, None) => (Reads::Own, a.bound),
    };
    match &reads {
        Reads::Latency(lb) | Reads::Errors(lb) => {
            let what = format!("alarm `{}`: AWS measures all flows at `{lb}` together, not this one alone", a.name);
            r.note(&a.of, what);
        }
        Reads::Own => {
            let what = format!(
                "alarm `{}`: AWS has no such number; programs must send it as the metric of that name, else it stays silent",
                a.name
            );
            r.note(&a.of, what);
        }
        Reads::Age(_) => {
            let what = format!(
                "alarm `{}`: SQS has no CPU; it watches that the oldest message waits no more than five minutes",
                a.name
            );
            r.note(&a.of, what);
        }
        Reads::Cpu(_) | Reads::Store(_) | Reads::Cache(_) | Reads::Broker(..) => {}
    }
    Alarm { id, of: a.of.clone(), name: a.name.clone(), reads, bound: shown(bound) }
}

/// Alarms and dashboards.
pub(super) fn all(r: &mut Reading, s: &mut Stack) {
    // What CloudWatch lets one keep logs for, in days.
    const DAYS: [u32; 12] = [1, 3, 7, 14, 30, 60, 90, 180, 365, 400, 731, 1827];
    s.retention = 365;
    let mut taken: Vec<String> = Vec::new();
    for resource in &r.plan.resources {
        match resource {
            Resource::Alert(a) => {
                let base = identifier(&a.name);
                let mut id = base.clone();
                let mut n = 2;
                while taken.contains(&id) {
                    id = format!("{base}_{n}");
                    n += 1;
                }
                taken.push(id.clone());
                let one = alarm(r, s, a, id);
                s.alarms.push(one);
            }
            Resource::Dashboard(d) => {
                if let Some(kept) = d.retention {
                    s.retention = DAYS.into_iter().find(|n| f64::from(*n) * 86_400.0 >= kept).unwrap_or(1827);
                    r.note(&d.name, "metrics: CloudWatch keeps them for 15 months whatever the design says; logs as long as it says");
                }
                if d.traces {
                    r.note(&d.name, "traces are not collected: no collector is set up");
                }
                if d.alerts && r.plan.resources.iter().all(|x| !matches!(x, Resource::Alert(_))) {
                    r.note(&d.name, "it raises alerts, but the design promises nothing to watch");
                }
                let id = r.names.id(&d.name);
                s.dashboards.push(Board { short: short(&id), id });
            }
            _ => {}
        }
    }
}
