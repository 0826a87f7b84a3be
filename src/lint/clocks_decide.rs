//! ARC074: writes that are ordered by clocks.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;
use crate::resource::{Replication, WriteClock};

pub(super) static LINT: Lint = Lint {
    code: "ARC074",
    title: "Conflicting writes ordered by wall clocks",
    severity: Severity::Warning,
    page: "Where copies take writes for themselves and clocks decide between two, a node whose clock is ahead wins over later writes of others: they are acknowledged and gone, and a session may not see its own.\n\nWhat to do: `clock = logical` (versions, vector clocks), data types that merge, or one primary for each record.\n\nSource: Kingsbury, The trouble with timestamps, 2013; Amazon DynamoDB, global tables, last writer wins.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { replicas = 2, replication = multi_primary, clock = wall, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app { -> d.write } }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { replicas = 2, replication = multi_primary, clock = logical, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app { -> d.write } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (_, c) in ctx.model.all().filter(|(_, c)| c.replication() == Some(Replication::MultiPrimary)) {
        match c.attrs.read(keys::CLOCK) {
            Some(WriteClock::Wall) => report.push(
                Diagnostic::new(
                    LINT.severity,
                    LINT.code,
                    c.span,
                    format!("clocks decide between two writes to `{}`: one that is ahead wins over later ones, which are gone", c.name),
                )
                .help("`clock = logical`, data that merges, or one primary for each record")
                .about(c.name.clone()),
            ),
            Some(WriteClock::Logical) => {}
            None => report.undecided(&LINT, format!("`{}` does not set its `clock`", c.name)),
        }
    }
}
