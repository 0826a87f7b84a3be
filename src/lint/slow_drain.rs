//! ARC054: a backlog that lasts longer than the time to recover.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::units::show_time;

pub(super) static LINT: Lint = Lint {
    code: "ARC054",
    title: "Backlog drains slower than the time to recover",
    severity: Severity::Warning,
    page: "After an outage of an hour the consumer needs longer than the flow's `rto` until no message waits any more, at the mean load: backlog over what its slots take beyond what comes. The recovery is then longer than promised, though the outage is over.\n\nWhat to do: more replicas or partitions, `batch`, or a longer `rto`.\n\nSource: fluid queues, Kleinrock, Queueing Systems II (1976), section 2.7.",
    bad: "arch 1\nclient web {}\nservice app {}\nservice worker { cpu = 10ms }\nqueue work {}\nflow f { volume = 40 rps, web -> app { ~> work.publish } }\nflow g { slo { rto <= 10min }, work -> worker }\n",
    good: "arch 1\nclient web {}\nservice app {}\nservice worker { cpu = 10ms, replicas = 4 }\nqueue work {}\nflow f { volume = 40 rps, web -> app { ~> work.publish } }\nflow g { slo { rto <= 10min }, work -> worker }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (flow, lag) in ctx.model.flows.iter().zip(&ctx.facts.lag) {
        let Some(lag) = lag else { continue };
        let Some(rto) = flow.slo.iter().find(|s| s.metric.name == "rto") else { continue };
        let drains = match &lag.backlog.drains_in {
            Ok(x) if *x > rto.target => *x,
            Ok(_) => continue,
            Err(e) => {
                report.undecided(&LINT, e.clone());
                continue;
            }
        };
        let time =
            if drains.is_finite() { format!("drains in {}", show_time(drains)) } else { "never drains".to_owned() };
        report.push(
            Diagnostic::new(
                LINT.severity,
                LINT.code,
                rto.span,
                format!(
                    "after an outage of 1h flow `{}` {time}, and {} is its `rto`",
                    flow.name,
                    show_time(rto.target)
                ),
            )
            .label("the backlog outlasts this")
            .help("more replicas or partitions, `batch`, or a longer `rto`")
            .about(flow.name.clone()),
        );
    }
}
