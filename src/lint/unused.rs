//! ARC018: a component that no flow reaches.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use std::collections::BTreeSet;

pub(super) static LINT: Lint = Lint {
    code: "ARC018",
    title: "Unused or unreachable component",
    severity: Severity::Info,
    page: "A component that no flow starts at, calls or passes through: dead weight, or a flow that is not written down yet. Monitors watch without a flow.\n\nWhat to do: add the flow that uses it, or remove it.\n\nSource: Threagile, rule \"unnecessary technical asset\".",
    bad: "arch 1\nclient web {}\nservice app {}\nservice old {}\nflow f { rate = 1 rps, web -> app }\n",
    good: "arch 1\nclient web {}\nservice app {}\nflow f { rate = 1 rps, web -> app }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    let mut met = BTreeSet::new();
    for flow in &ctx.model.flows {
        met.insert(flow.origin);
    }
    for e in ctx.graph.edges() {
        met.insert(e.from);
        met.insert(e.to);
    }
    for (id, c) in ctx.model.all() {
        let watches = !c.kind.facets.target && !c.kind.facets.starts;
        if !watches && !met.contains(&id) {
            report.push(
                Diagnostic::new(
                    LINT.severity,
                    LINT.code,
                    c.span,
                    format!("no flow meets the {} `{}`", c.kind.name, c.name),
                )
                .help("add the flow that uses it, or remove it")
                .about(c.name.clone()),
            );
        }
    }
}
