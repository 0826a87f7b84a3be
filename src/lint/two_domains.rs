//! ARC005: a quorum in exactly two zones.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::resource::Replication;

pub(super) static LINT: Lint = Lint {
    code: "ARC005",
    title: "Quorum store in exactly two zones",
    severity: Severity::Error,
    page: "The copies that must agree are in two zones, half in each: losing either zone loses the majority, and a cut between the two stops both sides. No placement over two zones survives the loss of each. (Where one zone has more than half of the copies, ARC003 says so.)\n\nWhat to do: a third zone, even if it holds one copy alone.\n\nSource: cockroachlabs.com and etcd.io documentation on failure domains.",
    bad: "arch 1\nsystem s { provider = none, zones = 3 }\nclient web {}\nservice app {}\ndatabase d { replicas = 4, replication = consensus, place { a = 2, b = 2 }, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app { -> d.write } }\n",
    good: "arch 1\nsystem s { provider = none, zones = 3 }\nclient web {}\nservice app {}\ndatabase d { replicas = 5, replication = consensus, place { a = 2, b = 2, c = 1 }, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app { -> d.write } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    let places = &ctx.model.system.locations;
    for (_, c) in ctx.model.all().filter(|(_, c)| c.kind.facets.stores) {
        if !matches!(c.replication(), Some(Replication::Consensus | Replication::Quorum)) {
            continue;
        }
        let placement = match c.copies(&ctx.model.system) {
            Ok(p) => p,
            Err(e) => {
                report.undecided(&LINT, e);
                continue;
            }
        };
        let zones: Vec<&str> =
            placement.designed().iter().enumerate().filter(|(_, n)| **n > 0).map(|(p, _)| places.name(p)).collect();
        let all = placement.total();
        let one = placement.designed().iter().any(|n| *n > all / 2);
        if zones.len() != 2 || one {
            continue;
        }
        report.push(
            Diagnostic::new(
                LINT.severity,
                LINT.code,
                c.span,
                format!(
                    "all {all} replicas of `{}` are in zones {}: losing either loses the quorum",
                    c.name,
                    zones.join(" and ")
                ),
            )
            .help("put a copy into a third zone")
            .about(c.name.clone()),
        );
    }
}
