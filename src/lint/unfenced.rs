//! ARC017: a primary that continues to write after another one is promoted.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;
use crate::resource::{Failover, Replication};

pub(super) static LINT: Lint = Lint {
    code: "ARC017",
    title: "Automatic failover without fencing",
    severity: Severity::Warning,
    page: "Another copy is promoted by itself, and nothing keeps the old primary from writing on where it is cut off: two primaries take writes, and those of one are thrown away when they meet again. In a test of Redis Sentinel more than half of the acknowledged writes were lost so.\n\nWhat to do: `fenced = true`, if a primary that loses its voters stops (a lease, STONITH); or `min_replicas_to_write` of at least half of its replicas, which bounds the window.\n\nSource: Kingsbury, Call me maybe: Redis, 2013; Patroni documentation.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { replicas = 3, replication = async, failover = auto, fenced = false, max_lag = 5s, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app { -> d.write } }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { replicas = 3, replication = async, failover = auto, fenced = true, max_lag = 5s, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app { -> d.write } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (_, c) in ctx.model.all().filter(|(_, c)| c.kind.facets.stores) {
        let follows = matches!(c.replication(), Some(Replication::Async | Replication::SemiSync | Replication::Sync));
        let replicas = c.replicas();
        if !follows || c.failover() != Some(Failover::Auto) || replicas.as_ref().is_ok_and(|n| *n <= 1.0) {
            continue;
        }
        match (c.attrs.read(keys::FENCED), replicas) {
            (Some(true), _) => continue,
            (None, _) => {
                report.undecided(&LINT, format!("`{}` does not set `fenced`", c.name));
                continue;
            }
            (Some(false), Ok(n)) => {
                let least = c.attrs.read(keys::MIN_REPLICAS_TO_WRITE).map_or(0.0, |m| m.mid);
                if 2.0 * least > n - 1.0 {
                    continue;
                }
            }
            (Some(false), Err(_)) => {}
        }
        report.push(
            Diagnostic::new(
                LINT.severity,
                LINT.code,
                c.span,
                format!(
                    "`{}` promotes another primary by itself, and the old one may write on: what it takes is lost",
                    c.name
                ),
            )
            .help("write `fenced = true` if a primary that loses its voters stops, or set `min_replicas_to_write`")
            .about(c.name.clone()),
        );
    }
}
