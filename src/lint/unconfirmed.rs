//! ARC096: a publish without a confirmation.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;

pub(super) static LINT: Lint = Lint {
    code: "ARC096",
    title: "Publish that is not confirmed",
    severity: Severity::Error,
    page: "Nothing tells the publisher whether the broker has the message (`confirms = false`): what is lost on the way, or with the broker, is lost without a word, though the request was answered.\n\nWhat to do: `confirms = true`, and try again what is not confirmed.\n\nSource: rabbitmq.com documentation, Publisher confirms and Quorum queues.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\nservice worker { idempotent = true }\nqueue q { replicas = 3, confirms = false, dead_letter = true }\nflow f { rate = 1 rps, web -> app { -> q.publish } }\nflow g { q ~> worker }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\nservice worker { idempotent = true }\nqueue q { replicas = 3, confirms = true, dead_letter = true }\nflow f { rate = 1 rps, web -> app { -> q.publish } }\nflow g { q ~> worker }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (_, c) in ctx.model.all().filter(|(_, c)| c.kind.facets.buffers && c.attrs.read(keys::CONFIRMS) == Some(false))
    {
        report.push(
            Diagnostic::new(
                LINT.severity,
                LINT.code,
                c.span,
                format!("nobody confirms that `{}` has a message: a lost message goes undetected", c.name),
            )
            .help("write `confirms = true`")
            .about(c.name.clone()),
        );
    }
}
