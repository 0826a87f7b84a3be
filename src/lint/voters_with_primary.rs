//! ARC006: voters that fail together with the primary that they vote on.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;
use crate::resource::Failover;

pub(super) static LINT: Lint = Lint {
    code: "ARC006",
    title: "Failover voters not spread like the data",
    severity: Severity::Error,
    page: "More than half of the voters that promote another primary (`witnesses`) are in the primary's own zone: losing that zone loses the primary and those who could replace it.\n\nWhat to do: one voter in each of three zones: `witnesses { a = 1, b = 1, c = 1 }`.\n\nSource: Patroni and Redis Sentinel documentation.",
    bad: "arch 1\nsystem s { provider = none, zones = 3 }\nclient web {}\nservice app {}\ndatabase d { replicas = 2, replication = sync, failover = auto, fenced = true, primary = a, witnesses { a = 2, b = 1 }, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app { -> d.write } }\n",
    good: "arch 1\nsystem s { provider = none, zones = 3 }\nclient web {}\nservice app {}\ndatabase d { replicas = 2, replication = sync, failover = auto, fenced = true, primary = a, witnesses { a = 1, b = 1, c = 1 }, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app { -> d.write } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (_, c) in ctx.model.all().filter(|(_, c)| c.kind.facets.stores && c.failover() == Some(Failover::Auto)) {
        let system = &ctx.model.system;
        if c.attrs.attr(keys::WITNESSES).is_none() {
            continue;
        }
        let Some(zone) = c.attrs.read(keys::PRIMARY) else {
            report.undecided(&LINT, format!("`{}` does not set its `primary`", c.name));
            continue;
        };
        let placement = match c.copies(system) {
            Ok(p) => p,
            Err(e) => {
                report.undecided(&LINT, e);
                continue;
            }
        };
        let voters = placement.witnesses_designed().unwrap_or_default();
        let all: u32 = voters.iter().sum();
        let with: u32 = system.locations.zone(zone).iter().filter_map(|at| voters.get(*at)).sum();
        if 2 * with <= all {
            continue;
        }
        report.push(
            Diagnostic::new(
                LINT.severity,
                LINT.code,
                c.attrs.peek_at(keys::WITNESSES).and_then(|a| a.span).unwrap_or(c.span),
                format!("{with} of the {all} voters of `{}` are in zone {zone} with its primary: losing it, nobody can promote another", c.name),
            )
            .help("`witnesses { a = 1, b = 1, c = 1 }`")
            .about(c.name.clone()),
        );
    }
}
