//! ARC085: memory smaller than the data that must fit in it.

use super::{Context, Lint, Report};
use crate::analysis::MEMORY;
use crate::diag::{Diagnostic, Severity};
use crate::model::Component;
use crate::model::keys;
use crate::resource::Eviction;
use crate::units::{MONTH, show_size, significant};

pub(super) static LINT: Lint = Lint {
    code: "ARC085",
    title: "Working set exceeds memory",
    severity: Severity::Warning,
    page: "What is meant to be in memory does not fit: the `working_set` of a database on its busiest node, today or before its horizon, so that reads turn into disk I/O; all `entries` of a cache that evicts nothing, so that it refuses what is new; the full cache in a process (`entries` x `entry_size`) beside the `memory` of the process, which then is killed. A cache that evicts is not meant to hold all its keys and is no finding.\n\nWhat to do: a machine with more memory, more shards, fewer entries, or eviction.\n\nSource: redis.io documentation, key eviction.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app { cpu = 1ms }\ndatabase db { cpu = 1ms, memory = 8GiB, data = 100GB, working_set = 12GiB, disk { iops = 3000, latency = 1ms } }\nflow f { rate = 1 rps, web -> app { -> db.read } }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app { cpu = 1ms }\ndatabase db { cpu = 1ms, memory = 16GiB, data = 100GB, working_set = 12GiB, disk { iops = 3000, latency = 1ms } }\nflow f { rate = 1 rps, web -> app { -> db.read } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for ((id, c), u) in ctx.model.all().zip(&ctx.facts.utilization) {
        let Some(memory) = u.resources.get(MEMORY) else { continue };
        let (used, capacity) = match (&memory.used, &memory.capacity) {
            (Ok(u), Ok(c)) => (*u, *c),
            (Err(e), _) | (_, Err(e)) => {
                report.undecided(&LINT, e.clone());
                continue;
            }
        };
        let sizes = format!("{} for {} of memory", show_size(used), show_size(capacity));
        if c.kind.facets.stores {
            let kept = ctx.verdicts.horizon.kept.iter().find(|k| k.id == id);
            let when = kept.and_then(|k| k.now.outgrown_in.clone()).and_then(Result::ok).unwrap_or(f64::INFINITY);
            let ahead = ctx.model.horizon_of(c).filter(|_| c.growth().is_some()).unwrap_or(0.0);
            if used > capacity {
                push(
                    report,
                    c,
                    format!("the working set of `{}` does not fit: {sizes} a node", c.name),
                    "its reads turn into disk I/O",
                );
            } else if when <= ahead && when > 0.0 {
                let month = significant((when / MONTH).ceil(), 6);
                push(
                    report,
                    c,
                    format!("the working set of `{}` outgrows memory in month {month}: {sizes} a node today", c.name),
                    "its reads then turn into disk I/O",
                );
            }
        } else if used > capacity && c.kind.facets.misses {
            if c.attrs.read(keys::EVICTION).and_then(Eviction::of) == Some(Eviction::None) {
                push(
                    report,
                    c,
                    format!("`{}` evicts nothing and cannot hold all its entries: {sizes}", c.name),
                    "when full it refuses what is new",
                );
            }
        } else if used > capacity {
            let mut d = finding(
                c,
                format!("the cache in `{}` does not fit into its process: {sizes}", c.name),
                "when full the process is killed",
            );
            d.severity = Severity::Error;
            report.push(d);
        }
    }
}

fn finding(c: &Component, message: String, label: &str) -> Diagnostic {
    Diagnostic::new(LINT.severity, LINT.code, c.span, message)
        .label(label)
        .help("a machine with more memory, more shards, fewer entries, or eviction")
        .about(c.name.clone())
}

fn push(report: &mut Report, c: &Component, message: String, label: &str) {
    report.push(finding(c, message, label));
}
