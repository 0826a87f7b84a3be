//! ARC092: a consumer that repeats its effect when a message is delivered again.

use super::{Context, Lint, Report};
use crate::analysis::consistency::patterns::patterns;
use crate::analysis::consistency::typing::Shared;
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;
use crate::resource::MessageDelivery;

pub(super) static LINT: Lint = Lint {
    code: "ARC092",
    title: "Consumer of at-least-once messages that is not idempotent",
    severity: Severity::Error,
    page: "The queue delivers at least once: after a crash, a timeout or a rebalance the same message comes again. What the consumer does with it (a write, a publish, a call to an external system) is done again: an account is charged twice, a counter counts twice, an old value comes back.\n\nWhat to do: keep the message's key with its effect in one transaction and say `idempotent = true` (of the service, the store or the call), or refuse older versions (`versioned = true`), or pass `idempotency_key = true` on.\n\nSource: microservices.io, Idempotent Consumer; found by checking all interleavings of a relay that publishes twice.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\nservice worker {}\ndatabase d { backup { every = 1h } }\nqueue q { dead_letter = true }\nflow f { rate = 1 rps, web -> app { -> q.publish } }\nflow g { q ~> worker { -> d.write } }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\nservice worker {}\ndatabase d { backup { every = 1h } }\nqueue q { dead_letter = true }\nflow f { rate = 1 rps, web -> app { -> q.publish } }\nflow g { q ~> worker { -> d.write { idempotent = true } } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    let calls = patterns(ctx.model);
    let shared = Shared::new(ctx.model, &calls);
    for (flow, list) in ctx.model.flows.iter().zip(&calls.flows) {
        let queue = ctx.model.component(flow.origin);
        let again = queue.attrs.read(keys::DELIVERY) == Some(MessageDelivery::AtLeastOnce);
        let effects = list.iter().any(|a| {
            let f = ctx.model.component(a.call.target).kind.facets;
            (a.call.writes && f.stores && !f.buffers) || f.external
        });
        if !queue.kind.facets.buffers || !again || !effects || shared.handles_repeats(list) {
            continue;
        }
        report.push(
            Diagnostic::new(
                LINT.severity,
                LINT.code,
                flow.origin_span,
                format!("`{}` may deliver a message twice, and flow `{}` then does its work twice", queue.name, flow.name),
            )
            .help("make the handler know repeats: `idempotent = true` (with the key kept in the same transaction), or `versioned = true` on the write")
            .about(flow.name.clone())
            .about(queue.name.clone()),
        );
    }
}
