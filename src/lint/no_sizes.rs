//! ARC640: variables without a feasible value.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};

pub(super) static LINT: Lint = Lint {
    code: "ARC640",
    title: "No plan meets every requirement",
    severity: Severity::Error,
    page: "The design leaves values open (`?`), and no values that its holes allow keep every target, headroom and survival at once. The finding says what even the most capable values miss: a limit of a hole, capacity, or a target below the sum of what no replica shortens (round trips, waits, service itself).\n\nWhat to do: widen the hole, ask for less, or take work off the path (a cache, parallel calls, `~>`).\n\nSource: the figures are those of the analyses; the search is exact (logic-based Benders cuts, Hooker and Ottosson 2003).",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app { cpu = 5ms, replicas = ? in 1..2 }\nflow f { rate = 1000 rps, web -> app }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nbalancer lb {}\nservice app { cpu = 5ms, replicas = ? in 1..20 }\nflow f { rate = 1000 rps, web -> lb -> app }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for why in ctx.conflict {
        // A missed target is reported at the target.
        let missed = ctx.model.flows.iter().find_map(|f| {
            let of = f.slo.iter().find(|s| why.starts_with(&format!("{} of flow `{}`", s.metric.name, f.name)))?;
            Some((f, of))
        });
        if let Some((flow, slo)) = missed {
            report.push(
                Diagnostic::new(LINT.severity, LINT.code, slo.span, format!("no plan meets every requirement: {why}"))
                    .label("out of reach")
                    .help("ask for less, widen a variable, or take work off the path; `archc size` shows what is feasible")
                    .about(flow.name.clone()),
            );
            continue;
        }
        let named =
            ctx.model.components.iter().find(|c| why.contains(&format!("`{}`", c.name)) && !c.holes().is_empty());
        let Some(c) = named.or_else(|| ctx.model.components.iter().find(|c| !c.holes().is_empty())) else { continue };
        report.push(
            Diagnostic::new(LINT.severity, LINT.code, c.span, format!("no plan meets every requirement: {why}"))
                .label("its `?` is not solved")
                .help("widen the hole, ask for less, or take work off the path")
                .about(c.name.clone()),
        );
    }
}
