//! ARC020: components that wait for each other in a cycle.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::model::{CompId, Step};

pub(super) static LINT: Lint = Lint {
    code: "ARC020",
    title: "Cyclic synchronous calls",
    severity: Severity::Error,
    page: "Component a waits for b, and b, in the same or another flow, waits for a. Under load each holds its threads while it waits for the other's: both stop, and neither can be started or deployed first.\n\nWhat to do: make one of the calls asynchronous (`~>`), or move what both need into a third component.\n\nSource: AWS Well-Architected, fault isolation (circular dependencies); Nygard, Release It!.",
    bad: "arch 1\nclient web {}\nservice a {}\nservice b {}\nflow f { rate = 1 rps, web -> a { -> b } }\nflow g { rate = 1 rps, web -> b { -> a } }\n",
    good: "arch 1\nclient web {}\nservice a {}\nservice b {}\nflow f { rate = 1 rps, web -> a { -> b } }\nflow g { rate = 1 rps, web -> b { ~> a } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for ring in ctx.graph.cycles(true) {
        let Some(start) = ring.first().copied() else { continue };
        let mut names: Vec<&str> = ring.iter().map(|id| ctx.model.component(*id).name.as_str()).collect();
        names.push(ctx.model.component(start).name.as_str());
        // The finding points at the call that closes the cycle.
        let last = ring.last().copied().unwrap_or(start);
        let span = call_between(ctx, last, start).unwrap_or(ctx.model.component(start).span);
        let mut d = Diagnostic::new(
            LINT.severity,
            LINT.code,
            span,
            format!("these components wait for each other: {}", names.join(" -> ")),
        )
        .label("this call closes the ring")
        .help("make one of the calls asynchronous (`~>`), or move what both need into a third component");
        for id in &ring {
            d = d.about(ctx.model.component(*id).name.clone());
        }
        report.push(d);
    }
}

/// Where the first call between two components stands that its caller waits for.
fn call_between(ctx: &Context, from: CompId, to: CompId) -> Option<crate::base::Span> {
    let mut found = None;
    for flow in &ctx.model.flows {
        Step::descend(flow.origin, &flow.steps, &(), &mut |caller, call, ()| {
            if caller == from && call.target == to && !call.is_async {
                found.get_or_insert(call.span);
            }
        });
    }
    found
}
