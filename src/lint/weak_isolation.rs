//! ARC078: a record that is read, changed and written under an isolation level that loses updates.

use super::check_then_act::apart;
use super::stale_update::{loses, updates};
use super::{Context, Lint, Report};
use crate::analysis::consistency::patterns::patterns;
use crate::analysis::consistency::setting::{any_copy, from};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;

pub(super) static LINT: Lint = Lint {
    code: "ARC078",
    title: "Isolation too weak for a read-modify-write",
    severity: Severity::Warning,
    page: "A flow reads a record and then writes it (the same `key` on both calls), and the store's `isolation` lets two of them do so side by side: both read the same value, and one of the two updates is lost. `read_committed` does; `snapshot`, `repeatable_read` and `serializable` let one of the two fail, which the caller then tries again.\n\nWhat to do: `isolation = snapshot` or more; or one statement that reads and writes; or `versioned = true` on the write, which refuses an older version.\n\nSource: Berenson et al., A Critique of ANSI SQL Isolation Levels, 1995; Adya 1999.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { isolation = read_committed, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app {\n  -> d.read { key = sku }\n  -> d.write { key = sku }\n} }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { isolation = snapshot, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app {\n  -> d.read { key = sku }\n  -> d.write { key = sku }\n} }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (flow, list) in ctx.model.flows.iter().zip(&patterns(ctx.model).flows) {
        for (r, w) in updates(list) {
            let c = ctx.model.component(r.call.target);
            if any_copy(from(c, r.call.attrs.read(keys::FROM))) {
                continue; // Another rule's: no isolation helps there.
            }
            if apart(ctx.model, r, w).is_some() {
                continue; // Nor where no transaction holds both.
            }
            let Some(isolation) = c.attrs.read(keys::ISOLATION) else {
                report.undecided(&LINT, format!("`{}` does not set its `isolation`", c.name));
                continue;
            };
            if !loses(isolation) {
                continue;
            }
            report.push(
                Diagnostic::new(
                    LINT.severity,
                    LINT.code,
                    w.call.target_span,
                    format!("flow `{}` reads and then writes the same record of `{}`, and `{isolation}` lets two do so at once: one update is lost", flow.name, c.name),
                )
                .related(r.call.target_span, "read here")
                .help("`isolation = snapshot` or more, or `versioned = true` on the write")
                .about(flow.name.clone())
                .about(c.name.clone()),
            );
        }
    }
}
