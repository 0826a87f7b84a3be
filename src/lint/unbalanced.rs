//! ARC037: several replicas without a load balancer.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::kinds::Serve;
use crate::model::keys;
use crate::model::{Call, CompId, Step};
use std::collections::BTreeSet;

pub(super) static LINT: Lint = Lint {
    code: "ARC037",
    title: "Replicas without a load balancer",
    severity: Severity::Warning,
    page: "A client, or a CDN, calls a component that has several replicas directly. A browser knows one address: without a balancer in between all requests meet one replica, or DNS spreads them blindly and keeps sending to a dead one. Calls between services are not judged: their clients choose a replica at random, and the numbers assume that.\n\nWhat to do: put a `balancer` before it.\n\nSource: Google SRE book ch. 19 (load balancing at the frontend).",
    bad: "arch 1\nclient web {}\nservice app { replicas = 3 }\nflow f { rate = 1 rps, web -> app }\n",
    good: "arch 1\nclient web {}\nbalancer lb {}\nservice app { replicas = 3 }\nflow f { rate = 1 rps, web -> lb -> app }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    let mut seen = BTreeSet::new();
    for flow in &ctx.model.flows {
        Step::descend(flow.origin, &flow.steps, &(), &mut |caller, call, ()| {
            visit(ctx, caller, call, &mut seen, report);
        });
    }
}

fn visit(ctx: &Context, owner: CompId, call: &Call, seen: &mut BTreeSet<(CompId, CompId)>, report: &mut Report) {
    let (from, to) = (ctx.model.component(owner), ctx.model.component(call.target));
    let outside = from.kind.facets.target
        && from.kind.facets.serve.is_none()
        && from.kind.facets.calls
        && !from.kind.facets.balances;
    let spread = to.kind.facets.serve == Some(Serve::Processes) && !to.is_provided();
    if outside && spread && seen.insert((owner, call.target)) {
        let many = match to.attrs.hole_at(keys::REPLICAS) {
            Some(hole) if hole.least().is_some_and(|n| n >= 2.0) => hole.least().map(|n| format!("at least {n}")),
            Some(_) => {
                report.undecided(
                    &LINT,
                    format!("`replicas` of `{}` is a variable (`?`) that is not solved yet", to.name),
                );
                None
            }
            None => to.replicas().ok().filter(|n| *n >= 2.0).map(|n| n.to_string()),
        };
        if let Some(n) = many {
            report.push(
                Diagnostic::new(
                    LINT.severity,
                    LINT.code,
                    call.target_span,
                    format!("`{}` has {n} replicas, and nothing between `{}` and them balances", to.name, from.name),
                )
                .label("called directly")
                .related(to.span, format!("{n} replicas"))
                .help(format!("put a balancer between: `balancer lb {{ }}`, then `{} -> lb -> {}`", from.name, to.name))
                .about(to.name.clone()),
            );
        }
    }
}
