//! ARC003: a quorum with an even number of voters, or with a majority in one zone.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::resource::Replication;

pub(super) static LINT: Lint = Lint {
    code: "ARC003",
    title: "Quorum majority inside one zone",
    severity: Severity::Error,
    page: "More than half of the copies that must agree are in one zone, though the system has several: losing that zone stops the store, and the copies elsewhere are of no use. Two of three copies in one zone are even a little worse than all three: the other zone adds a way to fail and none to survive.\n\nWhat to do: one copy in each of three zones: `place { a = 1, b = 1, c = 1 }`.\n\nSource: a majority of the copies must be reached (Ongaro and Ousterhout 2014); the comparison is an exact computation over all states.",
    bad: "arch 1\nsystem s { provider = none, zones = 3 }\nclient web {}\nservice app {}\ndatabase d { replicas = 3, replication = consensus, place { a = 2, b = 1 }, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app { -> d.write } }\n",
    good: "arch 1\nsystem s { provider = none, zones = 3 }\nclient web {}\nservice app {}\ndatabase d { replicas = 3, replication = consensus, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app { -> d.write } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    let places = &ctx.model.system.locations;
    if places.count() < 2 {
        return;
    }
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
        let all = placement.total();
        let Some((zone, most)) =
            placement.designed().iter().enumerate().max_by_key(|(i, n)| (**n, std::cmp::Reverse(*i)))
        else {
            continue;
        };
        if all < 2 || *most < all / 2 + 1 {
            continue;
        }
        report.push(
            Diagnostic::new(
                LINT.severity,
                LINT.code,
                c.span,
                format!(
                    "{most} of the {all} copies of `{}` are in zone {}: losing it stops the store",
                    c.name,
                    places.name(zone)
                ),
            )
            .help("spread them: `place { a = 1, b = 1, c = 1 }`, or leave `place` out")
            .about(c.name.clone()),
        );
    }
}
