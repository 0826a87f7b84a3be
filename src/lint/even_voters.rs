//! ARC004: an even number of voters.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::resource::Replication;

pub(super) static LINT: Lint = Lint {
    code: "ARC004",
    title: "Even number of voters",
    severity: Severity::Warning,
    page: "A majority of an even number survives no more losses than that of one less: 4 copies tolerate the loss of 1, like 3. And a cut into two halves stops both.\n\nWhat to do: an odd number of copies.\n\nSource: rabbitmq.com documentation, Quorum queues; etcd FAQ.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { replicas = 4, replication = consensus, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app { -> d.write } }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { replicas = 3, replication = consensus, zones = 3, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app { -> d.write } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (_, c) in ctx.model.all().filter(|(_, c)| c.replication() == Some(Replication::Consensus)) {
        match c.replicas() {
            Ok(n) if n >= 2.0 && n % 2.0 < 0.5 => report.push(
                Diagnostic::new(
                    LINT.severity,
                    LINT.code,
                    c.span,
                    format!(
                        "{n} copies of `{}` tolerate the loss of {}, no more than {} do",
                        c.name,
                        (n / 2.0).ceil() - 1.0,
                        n - 1.0
                    ),
                )
                .help(format!("`replicas = {}`, or {} for one more loss", n - 1.0, n + 1.0))
                .about(c.name.clone()),
            ),
            Ok(_) => {}
            Err(e) => report.undecided(&LINT, e),
        }
    }
}
