//! ARC042: pools that together exceed a database's connections.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;
use crate::units::significant;

pub(super) static LINT: Lint = Lint {
    code: "ARC042",
    title: "Connection pools exceed the database's connections",
    severity: Severity::Error,
    page: "The pools of all replicas of all callers, at their most replicas where they scale by themselves, are more connections than one replica of the database takes: the last to start, or to scale out, is refused, often in the middle of a peak or of a failover.\n\nWhat to do: a smaller `pool`, fewer replicas (`autoscale.max`), a pooler between, or more `max_connections`. PostgreSQL keeps three more for superusers.\n\nSource: postgresql.org, runtime-config-connection; HikariCP, About pool sizing.",
    bad: "arch 1\nclient web {}\nbalancer lb {}\nservice app { cpu = 1ms, replicas = 4, autoscale { min = 4, max = 40, target = 60% } }\ndatabase db : postgres { pool = 10, backup { every = 1h, keep = 7 days } }\nflow f { rate = 100 rps, web -> lb -> app { -> db.read } }\n",
    good: "arch 1\nclient web {}\nbalancer lb {}\nservice app { cpu = 1ms, replicas = 4, autoscale { min = 4, max = 8, target = 60% } }\ndatabase db : postgres { pool = 10, backup { every = 1h, keep = 7 days } }\nflow f { rate = 100 rps, web -> lb -> app { -> db.read } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for ((_, c), u) in ctx.model.all().zip(&ctx.facts.utilization) {
        let Some(pool) = c.attrs.peek_at(keys::POOL) else { continue };
        let Some(r) = u.resources.get("connections") else {
            if c.attrs.attr(keys::MAX_CONNECTIONS).is_none() {
                report.undecided(&LINT, format!("`{}` does not set its `max_connections`", c.name));
            }
            continue;
        };
        match (&r.utilization, c.attrs.read(keys::MAX_CONNECTIONS)) {
            (Ok(x), Some(most)) if *x > 1.0 => {
                let at = significant(x * most.mid, 6);
                let takes = significant(most.mid, 6);
                report.push(
                    Diagnostic::new(
                        LINT.severity,
                        LINT.code,
                        pool.span.unwrap_or(c.span),
                        format!("pools open {at} connections to one replica of `{}` (limit {takes})", c.name),
                    )
                    .label(r.why.first().cloned().unwrap_or_default())
                    .help(
                        "a smaller `pool`, fewer replicas of its callers, a pooler between, or more `max_connections`",
                    )
                    .about(c.name.clone()),
                );
            }
            (Err(e), _) => report.undecided(&LINT, e.clone()),
            _ => {}
        }
    }
}
