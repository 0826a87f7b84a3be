//! ARC093: an order of messages that is required and not guaranteed.

use super::{Context, Lint, Report};
use crate::analysis::consistency::patterns::patterns;
use crate::analysis::count;
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;
use crate::model::{Component, Origin};

pub(super) static LINT: Lint = Lint {
    code: "ARC093",
    title: "Order asked of a channel without one",
    severity: Severity::Error,
    page: "The design says that messages of a queue keep an order (`ordering = key` or `total`, written for it, not what its engine offers), and something gives it up. A consumer with `parallel = true` works on several messages of one key at once, and the later may be done first. And `ordering = total` over several `partitions` does not exist: each partition keeps its own order, and nothing orders them among each other. A consumer whose writes all refuse what is older (`versioned = true`) is not reported: there the order is restored.\n\nWhat to do: leave `parallel` out and give the queue more `partitions`; for a total order `partitions = 1`, or do with `ordering = key`; or `versioned = true` on the write.\n\nSource: kafka.apache.org, order within a partition; docs.aws.amazon.com, SQS FIFO message groups; `consumer 1: take event 1`, `consumer 2: take event 2`, `consumer 2: apply 2`, `consumer 1: apply 1`.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\nservice worker { idempotent = true }\ndatabase d { backup { every = 1h } }\nqueue q { ordering = key, dead_letter = true }\nflow f { rate = 1 rps, web -> app { -> q.publish } }\nflow g { parallel = true, q ~> worker { -> d.write } }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\nservice worker { idempotent = true }\ndatabase d { backup { every = 1h } }\nqueue q { ordering = key, dead_letter = true }\nflow f { rate = 1 rps, web -> app { -> q.publish } }\nflow g { q ~> worker { -> d.write } }\n",
    run,
};

/// The order that the design itself requires of a queue; the order that an engine provides is not a
/// requirement.
fn asked(queue: &Component) -> Option<&str> {
    let own = !matches!(queue.attrs.attr(keys::ORDERING)?.origin, Origin::Engine(_) | Origin::Kind);
    queue.attrs.read(keys::ORDERING).filter(|w| own && *w != "none")
}

fn run(ctx: &Context, report: &mut Report) {
    for (_, c) in ctx.model.all().filter(|(_, c)| c.kind.facets.buffers && asked(c) == Some("total")) {
        let Some(n) = count(c, "partitions").ok().filter(|n| *n > 1.0) else { continue };
        report.push(
            Diagnostic::new(
                LINT.severity,
                LINT.code,
                c.span,
                format!(
                    "`{}` asks for a total order over {n:.0} partitions, and each keeps an order of its own",
                    c.name
                ),
            )
            .help("`partitions = 1`, or `ordering = key` if the order of each key is enough")
            .about(c.name.clone()),
        );
    }
    for (flow, list) in ctx.model.flows.iter().zip(&patterns(ctx.model).flows) {
        let queue = ctx.model.component(flow.origin);
        let Some(order) = asked(queue).filter(|_| queue.kind.facets.buffers) else { continue };
        let parallel = flow.attrs.read(keys::PARALLEL) == Some(true)
            || list.iter().any(|a| a.owner == flow.origin && a.call.attrs.read(keys::PARALLEL) == Some(true));
        let mut writes = list
            .iter()
            .filter(|a| a.call.writes && ctx.model.component(a.call.target).kind.facets.stores)
            .map(|a| {
                a.call.attrs.read(keys::VERSIONED) == Some(true)
                    || ctx.model.component(a.call.target).attrs.read(keys::VERSIONED) == Some(true)
            })
            .peekable();
        let restored = writes.peek().is_some() && writes.all(|versioned| versioned);
        if !parallel || restored {
            continue;
        }
        report.push(
            Diagnostic::new(
                LINT.severity,
                LINT.code,
                flow.origin_span,
                format!("`{}` keeps an order (`ordering = {order}`), and flow `{}` gives it up with `parallel = true`", queue.name, flow.name),
            )
            .help("leave `parallel` out and give the queue more `partitions`, or refuse older messages with `versioned = true` on the write")
            .about(flow.name.clone())
            .about(queue.name.clone()),
        );
    }
}
