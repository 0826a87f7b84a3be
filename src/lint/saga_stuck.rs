//! ARC063: a saga with a step that has no compensation.

use super::{Context, Lint, Report};
use crate::analysis::consistency::patterns::{Access, patterns};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;
use crate::resource::Transaction;

pub(super) static LINT: Lint = Lint {
    code: "ARC063",
    title: "Saga step without compensation",
    severity: Severity::Error,
    page: "A saga commits step by step; when a later step fails, the earlier ones are undone by compensations. A step before the last that has none leaves the saga half done. The last step needs none: it is retried until it is done.\n\nWhat to do: `compensated = true` on each step but the last, if its effect can be undone; put the step that cannot be undone last.\n\nSource: Garcia-Molina and Salem 1987; Azure Architecture Center, Compensating Transaction.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase a { backup { every = 1h } }\ndatabase b { backup { every = 1h } }\nflow f { rate = 1 rps, web -> app {\n  -> a.write { transaction = saga }\n  -> b.write { transaction = saga }\n} }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase a { backup { every = 1h } }\ndatabase b { backup { every = 1h } }\nflow f { rate = 1 rps, web -> app {\n  -> a.write { transaction = saga, compensated = true }\n  -> b.write { transaction = saga }\n} }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (flow, list) in ctx.model.flows.iter().zip(&patterns(ctx.model).flows) {
        let saga = |a: &&Access| a.call.attrs.read(keys::TRANSACTION) == Some(Transaction::Saga);
        let steps: Vec<&Access> = list.iter().filter(saga).collect();
        let Some((_, before)) = steps.split_last() else { continue };
        for a in before.iter().filter(|a| a.call.attrs.read(keys::COMPENSATED) != Some(true)) {
            let name = &ctx.model.component(a.call.target).name;
            report.push(
                Diagnostic::new(
                    LINT.severity,
                    LINT.code,
                    a.call.target_span,
                    format!("the step of flow `{}` on `{name}` cannot be undone when a later one fails", flow.name),
                )
                .help("write `compensated = true` if it can, or put it last")
                .about(flow.name.clone())
                .about(name.clone()),
            );
        }
    }
}
