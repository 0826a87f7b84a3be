//! ARC061: writes to several stores that commit separately.

use super::{Context, Lint, Report};
use crate::analysis::consistency::patterns::{Access, patterns};
use crate::diag::{Diagnostic, Severity};
use crate::model::CompId;
use crate::model::keys;
use std::collections::BTreeSet;

pub(super) static LINT: Lint = Lint {
    code: "ARC061",
    title: "Writes to several stores without a transaction protocol",
    severity: Severity::Error,
    page: "A request writes two stores or more, and nothing binds the writes: a crash between two commits leaves one of them done. A retry does not mend it unless every write is idempotent, and nobody may be there to retry.\n\nWhat to do: keep what belongs together in one store; or `transaction = two_phase` on each write; or a saga: `transaction = saga` on each, with `compensated = true`; or publish with `outbox = true` and let a consumer write the second store.\n\nSource: Kleppmann, Designing Data-Intensive Applications, chapter 9; microservices.io, Saga.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase a { backup { every = 1h } }\ndatabase b { backup { every = 1h } }\nflow f { rate = 1 rps, web -> app {\n  -> a.write\n  -> b.write\n} }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase a { backup { every = 1h } }\ndatabase b { backup { every = 1h } }\nflow f { rate = 1 rps, web -> app {\n  -> a.write { transaction = two_phase }\n  -> b.write { transaction = two_phase }\n} }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (flow, list) in ctx.model.flows.iter().zip(&patterns(ctx.model).flows) {
        let writes: Vec<&Access> = list
            .iter()
            .filter(|a| {
                let f = ctx.model.component(a.call.target).kind.facets;
                a.call.writes && f.stores && !f.buffers
            })
            .collect();
        // Two branches of a choice never run together.
        let together = |a: &Access, b: &Access| {
            !a.branches.iter().any(|(id, arm)| b.branches.iter().any(|(x, y)| x == id && y != arm))
        };
        let bound = |a: &Access| a.call.attrs.read(keys::TRANSACTION).is_some();
        let open = writes.iter().find_map(|a| {
            let other = writes.iter().find(|b| b.call.target != a.call.target && together(a, b))?;
            (!bound(a) || !bound(other)).then_some((a, other))
        });
        let Some((a, b)) = open else { continue };
        let names: BTreeSet<CompId> = [a.call.target, b.call.target].into();
        let names: Vec<String> = names.iter().map(|id| format!("`{}`", ctx.model.component(*id).name)).collect();
        let mut d = Diagnostic::new(
            LINT.severity,
            LINT.code,
            b.call.target_span,
            format!("flow `{}` writes {} and nothing binds the two: a crash between leaves one done", flow.name, names.join(" and ")),
        )
        .related(a.call.target_span, "written here too")
        .help("`transaction = two_phase` or `saga` on each write, or publish with `outbox = true` and write the second store from a consumer")
        .about(flow.name.clone());
        for id in [a.call.target, b.call.target] {
            d = d.about(ctx.model.component(id).name.clone());
        }
        report.push(d);
    }
}
