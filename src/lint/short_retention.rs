//! ARC095: messages that expire before they are consumed.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;
use crate::units::show_time;

pub(super) static LINT: Lint = Lint {
    code: "ARC095",
    title: "Retention shorter than messages wait",
    severity: Severity::Warning,
    page: "A message waits longer than the queue keeps it, in the ordinary course of a day or while the consumer recovers within its `rto`: it is lost.\n\nWhat to do: a longer `retention`, or a consumer that keeps up: more replicas or partitions, a longer window.\n\nSource: kafka.apache.org documentation, retention.ms; Amazon SQS, MessageRetentionPeriod.",
    bad: "arch 1\nclient web {}\nservice app {}\nservice worker { cpu = 1ms }\nqueue work { retention = 4h }\nflow f { rate = 10 rps, web -> app { ~> work.publish } }\nflow g { window = 01:00 to 05:00, work -> worker }\n",
    good: "arch 1\nclient web {}\nservice app {}\nservice worker { cpu = 1ms }\nqueue work { retention = 3 days }\nflow f { rate = 10 rps, web -> app { ~> work.publish } }\nflow g { window = 01:00 to 05:00, work -> worker }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (flow, lag) in ctx.model.flows.iter().zip(&ctx.facts.lag) {
        let Some(lag) = lag else { continue };
        let queue = ctx.model.component(flow.origin);
        let Some(kept) = queue.attrs.read(keys::RETENTION).map(|n| n.mid) else { continue };
        let rto = flow.slo.iter().find(|s| s.metric.name == "rto").map(|s| s.target).filter(|x| *x > kept);
        let daily = lag.backlog.daily.as_ref().filter(|d| d.expires).map(|d| d.longest_delay);
        let (waits, why) = match (daily, rto) {
            (Some(x), _) if x.is_finite() => (show_time(x), "every day"),
            (Some(_), _) => ("ever longer".to_owned(), "for it cannot keep up"),
            (None, Some(x)) => (show_time(x), "after an outage that its `rto` allows"),
            (None, None) => continue,
        };
        report.push(
            Diagnostic::new(
                LINT.severity,
                LINT.code,
                queue.attrs.peek_at(keys::RETENTION).and_then(|a| a.span).unwrap_or(queue.span),
                format!(
                    "`{}` keeps messages {}, and for flow `{}` they wait {waits}, {why}",
                    queue.name,
                    show_time(kept),
                    flow.name
                ),
            )
            .label("older ones are lost")
            .related(flow.span, "waits so long")
            .help("a longer `retention`, or a consumer that keeps up")
            .about(queue.name.clone())
            .about(flow.name.clone()),
        );
    }
}
