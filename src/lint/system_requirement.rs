//! ARC633: a missed system requirement.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};

pub(super) static LINT: Lint = Lint {
    code: "ARC633",
    title: "System requirement missed",
    severity: Severity::Error,
    page: "`headroom`: at the peak, with nothing failed, a resource is used above 100% less the headroom. `survive`: after the loss of a replica or a zone a resource is at 100% or more, a component is lost, or a flow misses a target of latency or availability. `budget`: what the design costs a month, as far as it is known, is more. Zones share replicas evenly unless `place` says otherwise, so a zone takes a third of them, rounded up.\n\nWhat to do: more replicas, or a weaker requirement; `replicas = ?` has the number solved.\n\nSource: static stability, Amazon Builders' Library; the figures are those of the analyses.",
    bad: "arch 1\nsystem s { provider = none, zones = 3, headroom = 30% }\nclient web {}\nservice app { cpu = 5ms }\nflow f { rate = 150 rps, web -> app }\n",
    good: "arch 1\nsystem s { provider = none, zones = 3, headroom = 30% }\nclient web {}\nbalancer lb {}\nservice app { cpu = 5ms, replicas = 2 }\nflow f { rate = 150 rps, web -> lb -> app }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    let attrs = &ctx.model.system.attrs;
    for p in ctx.verdicts.system_requirements.iter().filter(|p| p.met == Some(false)) {
        let span = attrs.peek(p.name).and_then(|a| a.span).or(ctx.model.system.span);
        let Some(span) = span else { continue };
        let mut d = Diagnostic::new(
            LINT.severity,
            LINT.code,
            span,
            format!("`{}` of {} is not kept: {}", p.name, p.target, p.worst(3)),
        )
        .help("more replicas, or a weaker requirement; `replicas = ?` has the number solved")
        .about(p.name);
        for id in &p.broken_by {
            let c = ctx.model.component(*id);
            d = d.related(c.span, format!("`{}`", c.name)).about(c.name.clone());
        }
        report.push(d);
    }
}
