//! ARC077: a record that is read, changed and written from a possibly stale read, or without
//! isolation.

use super::{Context, Lint, Report};
use crate::analysis::consistency::isolation::keeps_updates;
use crate::analysis::consistency::patterns::{Access, patterns};
use crate::analysis::consistency::setting::{any_copy, from};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;

pub(super) static LINT: Lint = Lint {
    code: "ARC077",
    title: "Read replica used for a read-modify-write",
    severity: Severity::Warning,
    page: "A flow reads a record from a replica and then writes the same record (the same `key` on both calls). The replica may be behind, so the write is based on an old value and undoes what was written since: a lost update. No isolation of the primary helps, since the read is not in its transaction.\n\nWhat to do: read with `from = primary` in the same transaction (`txn`), or let the write refuse an older version (`versioned = true`).\n\nSource: Kingsbury, Amazon RDS for PostgreSQL 17.4, 2025; Berenson et al. 1995.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { replicas = 2, replication = async, failover = manual, read_from = replica, max_lag = 2s, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app {\n  -> d.read { key = sku }\n  -> d.write { key = sku }\n} }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { replicas = 2, replication = async, failover = manual, read_from = replica, max_lag = 2s, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app {\n  -> d.read { key = sku, from = primary }\n  -> d.write { key = sku, versioned = true }\n} }\n",
    run,
};

/// Reads of a record that the same flow writes later, without a version that rejects a conflict.
pub(super) fn updates<'a>(list: &'a [Access<'a>]) -> Vec<(&'a Access<'a>, &'a Access<'a>)> {
    let mut out = Vec::new();
    for w in list.iter().filter(|w| w.call.writes && w.call.attrs.read(keys::VERSIONED) != Some(true)) {
        let Some(key) = w.call.attrs.read(keys::KEY) else { continue };
        let read = list.iter().find(|r| {
            !r.call.writes && r.call.target == w.call.target && r.at < w.at && r.call.attrs.read(keys::KEY) == Some(key)
        });
        out.extend(read.map(|r| (r, w)));
    }
    out
}

/// Whether two transactions of a store may lose an update under this isolation.
pub(super) fn loses(isolation: &str) -> bool {
    !keeps_updates(isolation)
}

fn run(ctx: &Context, report: &mut Report) {
    for (flow, list) in ctx.model.flows.iter().zip(&patterns(ctx.model).flows) {
        for (r, w) in updates(list) {
            let c = ctx.model.component(r.call.target);
            if !any_copy(from(c, r.call.attrs.read(keys::FROM))) {
                continue;
            }
            report.push(
                Diagnostic::new(
                    LINT.severity,
                    LINT.code,
                    r.call.target_span,
                    format!(
                        "flow `{}` reads from a replica of `{}` what it then writes: an update made since is lost",
                        flow.name, c.name
                    ),
                )
                .related(w.call.target_span, "written here")
                .help("read with `from = primary`, or refuse an older version with `versioned = true` on the write")
                .about(flow.name.clone())
                .about(c.name.clone()),
            );
        }
    }
}
