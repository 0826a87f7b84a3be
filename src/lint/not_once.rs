//! ARC094: "exactly once" for an effect outside of the broker.

use super::{Context, Lint, Report};
use crate::analysis::consistency::patterns::patterns;
use crate::analysis::consistency::typing::Shared;
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;
use crate::resource::{MessageDelivery, Transaction};

pub(super) static LINT: Lint = Lint {
    code: "ARC094",
    title: "Exactly once across a side effect",
    severity: Severity::Error,
    page: "The queue says `delivery = exactly_once`, and its consumer calls an external system or writes a store. What a broker does exactly once is to take a message, put others and note its place, in one transaction of its own; a call or a write outside is not in it. If the consumer ends after the effect and before the broker has noted it, the message comes again, and the effect is done twice.\n\nWhat to do: treat it as at least once: keep the message's key with its effect in one transaction and say `idempotent = true` (of the service, the store or the call), refuse older versions (`versioned = true`), pass `idempotency_key = true` on; or bind the store with the broker (`transaction = two_phase`).\n\nSource: kafka.apache.org, message delivery semantics.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\nservice worker {}\nexternal psp { latency = 50ms }\nqueue q { delivery = exactly_once, dead_letter = true }\nflow f { rate = 1 rps, web -> app { -> q.publish } }\nflow g { q ~> worker { -> psp } }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\nservice worker {}\nexternal psp { latency = 50ms }\nqueue q { delivery = exactly_once, dead_letter = true }\nflow f { rate = 1 rps, web -> app { -> q.publish } }\nflow g { q ~> worker { -> psp { idempotency_key = true } } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    let calls = patterns(ctx.model);
    let shared = Shared::new(ctx.model, &calls);
    for (flow, list) in ctx.model.flows.iter().zip(&calls.flows) {
        let queue = ctx.model.component(flow.origin);
        if !queue.kind.facets.buffers || queue.attrs.read(keys::DELIVERY) != Some(MessageDelivery::ExactlyOnce) {
            continue;
        }
        let outside = list.iter().find(|a| {
            let f = ctx.model.component(a.call.target).kind.facets;
            let bound = a.call.attrs.read(keys::TRANSACTION) == Some(Transaction::TwoPhase);
            !bound && (f.external || (a.call.writes && f.stores && !f.buffers))
        });
        let Some(effect) = outside.filter(|_| !shared.handles_repeats(list)) else { continue };
        let target = &ctx.model.component(effect.call.target).name;
        report.push(
            Diagnostic::new(
                LINT.severity,
                LINT.code,
                effect.call.target_span,
                format!("what flow `{}` does to `{target}` is in no transaction of `{}`: a message that comes again does it twice, `exactly_once` or not", flow.name, queue.name),
            )
            .related(flow.origin_span, "taken from here")
            .help("make the handler know repeats: `idempotent = true` with the key kept in the same transaction, `versioned = true`, or `idempotency_key = true` on the call")
            .about(flow.name.clone())
            .about(queue.name.clone()),
        );
    }
}
