//! ARC025: retries in several layers, whose attempts multiply.

use super::{Context, Lint, Report};
use crate::analysis::Policy;
use crate::diag::{Diagnostic, Severity};
use crate::model::{Call, CompId, Step};
use crate::units::significant;

pub(super) static LINT: Lint = Lint {
    code: "ARC025",
    title: "Retries multiply over the layers",
    severity: Severity::Error,
    page: "Calls are tried again at several layers of one request, and the attempts of all layers together are more than 10. When the last component fails, each layer repeats what the layer above already repeats: three layers of 4 attempts ask it 64 times for one request, just when it can least bear it. A `retry_budget` of b counts as 1 + b attempts; behind a `breaker` nothing is repeated while all fails.\n\nWhat to do: try again at one layer alone, best the one right above what fails, or give the callers a `retry_budget` or a `breaker`.\n\nSource: Google SRE book ch. 21 and 22 (handling overload, cascading failures); Amazon Builders' Library, Timeouts, retries and backoff.",
    bad: "arch 1\nclient web {}\nservice a { retries = 3, timeout = 2s }\nservice b { retries = 3, timeout = 100ms }\nservice c {}\nflow f { rate = 1 rps, web -> a -> b -> c }\n",
    good: "arch 1\nclient web {}\nservice a { timeout = 2s }\nservice b { retries = 3, timeout = 100ms }\nservice c {}\nflow f { rate = 1 rps, web -> a -> b -> c }\n",
    run,
};

/// Most attempts of all layers together before the rule reports.
const MOST: f64 = 10.0;

fn run<'a>(ctx: &Context<'a>, report: &mut Report) {
    for flow in &ctx.model.flows {
        let mut found = None;
        // Attempts of all calls above, and who repeats them.
        let mut visit = |caller: CompId, call: &'a Call, (above, layers): &(f64, Vec<String>)| {
            let here = Policy::of(ctx.model, caller, call).map_or(1.0, |p| p.attempts());
            let (attempts, mut layers) = (above * here, layers.clone());
            if here > 1.0 {
                layers.push(format!("`{}`", ctx.model.component(caller).name));
            }
            let more = found.as_ref().is_none_or(|(_, most, _): &(&Call, f64, Vec<String>)| attempts > *most);
            // One layer alone is what its author asked for.
            if attempts > MOST && layers.len() > 1 && more {
                found = Some((call, attempts, layers.clone()));
            }
            (attempts, layers)
        };
        Step::descend(flow.origin, &flow.steps, &(1.0, Vec::new()), &mut visit);
        let Some((call, attempts, layers)) = found else { continue };
        let target = &ctx.model.component(call.target).name;
        let n = significant(attempts, 3);
        report.push(
            Diagnostic::new(
                LINT.severity,
                LINT.code,
                call.target_span,
                format!("one request of flow `{}` asks `{target}` up to {n} times when it fails", flow.name),
            )
            .label(format!("tried again by {}", layers.join(", ")))
            .help("try again at one layer alone, or give the callers `retry_budget = 10%` or `breaker = true`")
            .about(target.clone()),
        );
    }
}
