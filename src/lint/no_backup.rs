//! ARC064: a store with writes and without backups.

use super::{Context, Lint, Report};
use crate::analysis::consistency::patterns::patterns;
use crate::diag::{Diagnostic, Severity};
use crate::model::CompId;
use crate::model::keys;
use std::collections::BTreeSet;

pub(super) static LINT: Lint = Lint {
    code: "ARC064",
    title: "Durable store without backup",
    severity: Severity::Error,
    page: "A flow writes the store, and it has no `backup`. Copies are no backup: a bad release, a wrong statement or a stolen key deletes all of them at once. Not asked of what can be made again: a store that consumers of a queue fill and nothing else writes, an index (`refresh`), a cache; nor of a store that no flow of the design writes.\n\nWhat to do: `backup { every = 1h, keep = 30 days }`; `every` is what a mistake may cost.\n\nSource: AWS Well-Architected REL09.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { replicas = 3, replication = consensus }\nflow f { rate = 1 rps, web -> app { -> d.write } }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { replicas = 3, replication = consensus, backup { every = 1h, keep = 30 days } }\nflow f { rate = 1 rps, web -> app { -> d.write } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    let calls = patterns(ctx.model);
    let made_again = calls.feeds(ctx.model);
    let written: BTreeSet<CompId> = calls.all().filter(|a| a.call.writes).map(|a| a.call.target).collect();
    for (id, c) in ctx.model.all() {
        // Only kinds with a `backup` attribute are checked.
        if c.kind.property("backup").is_none() || !written.contains(&id) || made_again.contains_key(&id) {
            continue;
        }
        let index = c.attrs.read(keys::REFRESH).is_some() || c.attrs.read(keys::MODEL) == Some("search");
        if c.attrs.attr(keys::BACKUP).is_some() || index {
            continue;
        }
        report.push(
            Diagnostic::new(
                LINT.severity,
                LINT.code,
                c.span,
                format!("`{}` is written and has no `backup`: what a mistake deletes is gone, from every copy", c.name),
            )
            .help("write `backup { every = 1h, keep = 30 days }`")
            .about(c.name.clone()),
        );
    }
}
