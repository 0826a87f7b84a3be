//! ARC620: queues that feed each other faster than their consumers empty them.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};

pub(super) static LINT: Lint = Lint {
    code: "ARC620",
    title: "Traffic that feeds itself without bound",
    severity: Severity::Error,
    page: "Consumers publish, directly or through each other, to the queues they take from, and each message causes one or more further ones: no rate solves the traffic equations, and no number of servers carries it.\n\nWhat to do: publish with a probability below 100% (`~> retry.publish 10%`), or let retries end after some attempts.\n\nSource: open networks of queues, Jackson 1957: the routing matrix must have a spectral radius below 1.",
    bad: "arch 1\nclient web {}\nservice app {}\nqueue work {}\nflow f { rate = 1 rps, web -> app { ~> work.publish } }\nflow g { work ~> app { ~> work.publish } }\n",
    good: "arch 1\nclient web {}\nservice app {}\nqueue work {}\nflow f { rate = 1 rps, web -> app { ~> work.publish } }\nflow g { work ~> app { ~> work.publish 10% } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    let Some(ring) = &ctx.facts.demand.unbounded else { return };
    let flows: Vec<_> = ring.iter().map(|id| ctx.model.flow(*id)).collect();
    let Some(first) = flows.first() else { return };
    let names: Vec<String> =
        flows.iter().map(|f| format!("`{}` (takes from `{}`)", f.name, ctx.model.component(f.origin).name)).collect();
    let mut d = Diagnostic::new(
        LINT.severity,
        LINT.code,
        first.span,
        format!("each message causes one or more further ones, without end: {}", names.join(", ")),
    )
    .label("in this ring")
    .help("publish with a probability below 100%, or let retries end");
    for f in flows.iter().skip(1) {
        d = d.related(f.span, "and this one");
    }
    for f in &flows {
        d = d.about(f.name.clone());
    }
    report.push(d);
}
