//! ARC062: a publish next to a write, outside of its transaction.

use super::{Context, Lint, Report};
use crate::analysis::consistency::patterns::patterns;
use crate::diag::{Diagnostic, Severity};

pub(super) static LINT: Lint = Lint {
    code: "ARC062",
    title: "Write and publish without an outbox",
    severity: Severity::Error,
    page: "A request writes a store and publishes a message, each for itself. If the process ends between the two, the message is lost though the write is done (`db commit`, `CRASH`), or with the other order it tells of a write that never was (`publish`, `CRASH`). Whoever builds on the messages never agrees with the store again.\n\nWhat to do: `outbox = true`: the message is a row in the same transaction, a relay publishes it, at least once; its consumer must know repeats. Capturing the store's log comes to the same.\n\nSource: microservices.io, Transactional outbox; both interleavings are found by checking all of them.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\nservice mailer { idempotent = true }\ndatabase d { backup { every = 1h } }\nqueue q { dead_letter = true }\nflow f { rate = 1 rps, web -> app {\n  -> d.write\n  ~> q.publish\n} }\nflow g { q ~> mailer }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\nservice mailer { idempotent = true }\ndatabase d { backup { every = 1h } }\nqueue q { dead_letter = true }\nflow f { rate = 1 rps, web -> app {\n  -> d.write\n  ~> q.publish { outbox = true }\n} }\nflow g { q ~> mailer }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    let calls = patterns(ctx.model);
    for (id, queue) in ctx.model.all().filter(|(_, c)| c.kind.facets.buffers) {
        for a in calls.dual_writes(ctx.model, id) {
            let flow = &ctx.model.flow(a.flow).name;
            report.push(
                Diagnostic::new(
                    LINT.severity,
                    LINT.code,
                    a.call.target_span,
                    format!("flow `{flow}` writes a store and publishes to `{}` outside of its transaction: a crash between loses the message, or sends it for nothing", queue.name),
                )
                .help("write `{ outbox = true }` if the message is a row of the same transaction")
                .about(flow.clone())
                .about(queue.name.clone()),
            );
        }
    }
}
