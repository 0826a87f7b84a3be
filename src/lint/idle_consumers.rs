//! ARC053: consumers without a partition.

use super::{Context, Lint, Report};
use crate::analysis::idle_replicas;
use crate::diag::{Diagnostic, Severity};
use crate::model::FlowId;

pub(super) static LINT: Lint = Lint {
    code: "ARC053",
    title: "More consumers than partitions",
    severity: Severity::Warning,
    page: "A group of consumers has more replicas than its queue has partitions. Each partition is read by one of them: the others do nothing, and more replicas take no more messages.\n\nWhat to do: more `partitions` (`?` has them solved), fewer replicas, or `parallel = true` in the flow where order does not matter.\n\nSource: kafka.apache.org documentation, \"Consumers\".",
    bad: "arch 1\nclient web {}\nservice app {}\nservice worker { cpu = 1ms, replicas = 6 }\nqueue work { partitions = 4 }\nflow f { rate = 10 rps, web -> app { ~> work.publish } }\nflow g { work -> worker }\n",
    good: "arch 1\nclient web {}\nservice app {}\nservice worker { cpu = 1ms, replicas = 6 }\nqueue work { partitions = 6 }\nflow f { rate = 10 rps, web -> app { ~> work.publish } }\nflow g { work -> worker }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (i, flow) in ctx.model.flows.iter().enumerate() {
        let Some((to, replicas, parts)) = idle_replicas(ctx.model, FlowId(i)) else { continue };
        let (queue, taker) = (ctx.model.component(flow.origin), ctx.model.component(to));
        report.push(
            Diagnostic::new(
                LINT.severity,
                LINT.code,
                flow.span,
                format!("`{}` has {replicas} replicas and `{}` has {parts} partitions", taker.name, queue.name),
            )
            .label(format!("{} replicas get nothing", replicas - parts))
            .related(queue.span, format!("{parts} partitions"))
            .help(format!("write `partitions = {replicas}` or more, or `parallel = true` where order does not matter"))
            .about(flow.name.clone())
            .about(queue.name.clone())
            .about(taker.name.clone()),
        );
    }
}
