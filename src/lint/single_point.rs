//! ARC001: a single point of failure of a flow that must survive it.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::graph::single_points;
use crate::kinds::Serve;
use crate::model::keys;
use crate::model::{Component, Flow};
use crate::resource::{Failover, Survive};
use crate::units::show_ratio;

pub(super) static LINT: Lint = Lint {
    code: "ARC001",
    title: "Single point of failure on a flow",
    severity: Severity::Error,
    page: "A component that every request of a flow needs, and of which one machine's loss leaves nothing that answers, while the flow promises more than that machine: `survive` of the system is `replica`, `zone` or `region`, or the flow's `availability` target is above the availability of one replica. \
Found as the dominators of the flow's end in its reliability block diagram: calls in sequence are in series, a `fallback` stands beside its call, a lost cache is a miss. Components that the provider runs in several zones and externals are not counted here; `spof_ok = true` accepts one.\n\n\
What to do: a second replica, and for a store `failover = auto`; or a `fallback`; or an asynchronous call.\n\nSource: AWS Well-Architected REL10-BP01; dominators: Lengauer and Tarjan 1979.",
    bad: "arch 1\nsystem s { survive = replica }\nclient web {}\nservice app { replicas = 1 }\nflow f { rate = 1 rps, web -> app }\n",
    good: "arch 1\nsystem s { survive = replica }\nclient web {}\nbalancer lb {}\nservice app { replicas = 2 }\nflow f { rate = 1 rps, web -> lb -> app }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    let survive = ctx.model.system.attrs.read(keys::SURVIVE).unwrap_or_default();
    for flow in &ctx.model.flows {
        for id in single_points(ctx.model, flow) {
            let c = ctx.model.component(id);
            let facets = c.kind.facets;
            if c.is_provided() || facets.external || facets.serve.is_none() || c.attrs.read(keys::SPOF_OK) == Some(true)
            {
                continue;
            }
            let Some(alone) = is_alone(c, report) else { continue };
            if !alone.0 {
                continue;
            }
            let Some(requirement) = requirement(flow, c, survive, report) else { continue };
            let mut d = Diagnostic::new(
                LINT.severity,
                LINT.code,
                c.span,
                format!(
                    "`{}` is a single point of failure of flow `{}`: {}, but {requirement}",
                    c.name, flow.name, alone.1
                ),
            )
            .label("losing this one stops the flow")
            .related(flow.span, "in this flow")
            .about(c.name.clone())
            .about(flow.name.clone());
            d = d.help(if facets.serve == Some(Serve::Copies) {
                "give it a replica and `failover = auto`, or accept it with `spof_ok = true`"
            } else {
                "give it a second replica, or accept it with `spof_ok = true`"
            });
            report.push(d);
        }
    }
}

/// Whether one loss leaves no replica that serves, with the reason; `None` if an input is missing.
fn is_alone(c: &Component, report: &mut Report) -> Option<(bool, String)> {
    let copies = match c.replicas() {
        Ok(n) => n,
        Err(e) => {
            report.undecided(&LINT, e);
            return None;
        }
    };
    let machines =
        if c.kind.facets.serve == Some(Serve::Nodes) { c.nodes().unwrap_or(copies).max(copies) } else { copies };
    if machines <= 1.0 {
        let word = if c.kind.facets.serve == Some(Serve::Copies) { "copy" } else { "replica" };
        return Some((true, format!("it has one {word}")));
    }
    if c.kind.facets.serve == Some(Serve::Copies) && c.failover() == Some(Failover::None) {
        return Some((true, "its replicas never take over (`failover = none`)".to_owned()));
    }
    Some((false, String::new()))
}

/// The requirements of the flow that one replica cannot meet.
fn requirement(flow: &Flow, c: &Component, survive: Survive, report: &mut Report) -> Option<String> {
    if survive != Survive::None {
        return Some(format!("the system is to survive the loss of a {}", survive.word()));
    }
    let target = flow.slo.iter().find(|s| s.metric.name == "availability")?.target;
    let Some(one) = c.attrs.read(keys::AVAILABILITY) else {
        report.undecided(
            &LINT,
            format!(
                "`{}` does not set the `availability` of one replica, and flow `{}` asks {}",
                c.name,
                flow.name,
                show_ratio(target)
            ),
        );
        return None;
    };
    (target > one.mid)
        .then(|| format!("the flow asks {} and one replica gives {}", show_ratio(target), show_ratio(one.mid)))
}
