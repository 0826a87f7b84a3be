//! ARC051: a queue whose backlog grows from day to day.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};

pub(super) static LINT: Lint = Lint {
    code: "ARC051",
    title: "A backlog without bound",
    severity: Severity::Error,
    page: "More messages are published in a day than their consumer takes in it, or in its window: the backlog grows day by day, and messages are worked on ever later, until `retention` or `max_length` drops them. A consumer takes `slots / H` messages a second: slots are its replicas times `threads` (or cores), no more than partitions, and `H` is the whole time it works on one, its calls included.\n\nWhat to do: more replicas, more partitions, `batch`, `parallel = true` where order does not matter, faster calls, or a longer window.\n\nSource: Google SRE book, chapter 22, queue management; AWS Well-Architected REL05-BP04.",
    bad: "arch 1\nclient web {}\nservice app {}\nservice slow { cpu = 1ms, wait = 500ms, threads = 2 }\nqueue work {}\nflow f { rate = 10 rps, web -> app { ~> work.publish } }\nflow g { work -> slow }\n",
    good: "arch 1\nclient web {}\nservice app {}\nservice slow { cpu = 1ms, wait = 500ms, threads = 8 }\nqueue work {}\nflow f { rate = 10 rps, web -> app { ~> work.publish } }\nflow g { work -> slow }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (flow, lag) in ctx.model.flows.iter().zip(&ctx.facts.lag) {
        let Some(lag) = lag else { continue };
        let Some(daily) = lag.backlog.daily.as_ref().filter(|d| d.ends.is_none()) else { continue };
        let why = match &lag.time {
            crate::analysis::Timed::Unbounded(e) => e.to_string(),
            _ => "what comes is more than what it takes".to_owned(),
        };
        let queue = ctx.model.component(flow.origin);
        report.push(
            Diagnostic::new(LINT.severity, LINT.code, flow.span, format!("flow `{}` cannot keep up: {why}", flow.name))
                .label(format!("{} more wait each day", crate::analysis::amount(daily.left)))
                .related(queue.span, "from here")
                .help("more replicas or threads, more partitions, `batch`, `parallel = true` where order does not matter, or a longer `window`")
                .about(flow.name.clone())
                .about(queue.name.clone()),
        );
    }
}
