//! ARC019: messages without a consumer, and consumers without messages.

use super::{Context, Lint, Report};
use crate::base::Span;
use crate::diag::{Diagnostic, Severity};
use crate::model::{CompId, Flow, Step};
use std::collections::BTreeMap;

pub(super) static LINT: Lint = Lint {
    code: "ARC019",
    title: "Path to nowhere",
    severity: Severity::Warning,
    page: "A flow publishes to a queue, and no flow starts at that queue: the messages pile up until retention drops them. Or a flow starts at a queue that nothing publishes to: it never runs.\n\nWhat to do: write the consumer (`flow receipts { events ~> mailer }`), give the consumer a `rate` if its messages come from outside the design, or remove the publish.\n\nSource: derived; a flow is only as useful as its end.",
    bad: "arch 1\nclient web {}\nservice app {}\nqueue events {}\nflow f { rate = 1 rps, web -> app { ~> events.publish } }\n",
    good: "arch 1\nclient web {}\nservice app {}\nservice mailer {}\nqueue events {}\nflow f { rate = 1 rps, web -> app { ~> events.publish } }\nflow g { events ~> mailer }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    let mut publishes: BTreeMap<CompId, (Span, &Flow)> = BTreeMap::new();
    for flow in &ctx.model.flows {
        Step::walk(&flow.steps, &mut |call| {
            publishes.entry(call.target).or_insert((call.span, flow));
        });
    }
    let mut consumers: BTreeMap<CompId, Vec<&Flow>> = BTreeMap::new();
    for flow in &ctx.model.flows {
        consumers.entry(flow.origin).or_default().push(flow);
    }
    for (id, c) in ctx.model.all().filter(|(_, c)| c.kind.facets.buffers) {
        let consumers = consumers.get(&id).map_or(&[][..], Vec::as_slice);
        let publish = publishes.get(&id);
        if let Some((span, flow)) = publish
            && consumers.is_empty()
        {
            report.push(
                Diagnostic::new(
                    LINT.severity,
                    LINT.code,
                    *span,
                    format!("flow `{}` publishes to `{}`, and no flow takes from it", flow.name, c.name),
                )
                .label("these messages go nowhere")
                .related(c.span, "the queue")
                .help(format!(
                    "write the consumer: `flow {}_work {{ {} ~> worker }}`",
                    c.name.replace('.', "_"),
                    c.name
                ))
                .about(c.name.clone())
                .about(flow.name.clone()),
            );
        }
        for flow in consumers.iter().filter(|f| f.rate.is_none() && f.volume.is_none()) {
            if publish.is_none() {
                report.push(
                    Diagnostic::new(
                        LINT.severity,
                        LINT.code,
                        flow.origin_span,
                        format!("flow `{}` starts at `{}`, and no flow publishes to it", flow.name, c.name),
                    )
                    .label("nothing arrives here")
                    .help("publish to it in another flow, or give this flow a `rate` if its messages come from outside")
                    .about(c.name.clone())
                    .about(flow.name.clone()),
                );
            }
        }
    }
}
