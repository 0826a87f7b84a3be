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

fn call_between(ctx: &Context, from: CompId, to: CompId) -> Option<crate::base::Span> {
    fn find(owner: CompId, steps: &[Step], from: CompId, to: CompId) -> Option<crate::base::Span> {
        steps.iter().find_map(|step| match step {
            Step::Call(c) => {
                if owner == from && c.target == to && !c.is_async {
                    return Some(c.span);
                }
                find(c.target, &c.body, from, to)
                    .or_else(|| find(owner, &c.on_miss, from, to))
                    .or_else(|| find(owner, &c.fallback, from, to))
            }
            Step::Parallel(inner) => find(owner, inner, from, to),
            Step::Choose(arms) => arms.iter().find_map(|(_, inner)| find(owner, inner, from, to)),
        })
    }
    ctx.model.flows.iter().find_map(|f| find(f.origin, &f.steps, from, to))
}
