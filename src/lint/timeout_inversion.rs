//! ARC023: a timeout shorter than the time after which a downstream call gives up.

use super::{Context, Lint, Report};
use crate::analysis::Policy;
use crate::diag::{Diagnostic, Severity};
use crate::model::{Call, CompId, Step};
use crate::units::show_time;

pub(super) static LINT: Lint = Lint {
    code: "ARC023",
    title: "A timeout ends before those below it",
    severity: Severity::Error,
    page: "A call gives up before a call below it has made all its attempts: its `timeout` is less than the attempts of that call times their `timeout`, waits between them included. The caller has gone while the work goes on, for nobody, and each of its own retries starts that work anew.\n\nWhat to do: let timeouts grow from the bottom to the top, or let the call below give up earlier or try less often.\n\nSource: Google SRE book ch. 21 and 22 (deadlines are handed down).",
    bad: "arch 1\nclient web {}\nservice a {}\nservice b { timeout = 400ms, retries = 2, backoff = 50ms }\nservice c {}\nflow f { rate = 1 rps, web -> a { -> b { timeout = 1s, -> c } } }\n",
    good: "arch 1\nclient web {}\nservice a {}\nservice b { timeout = 400ms, retries = 2, backoff = 50ms }\nservice c {}\nflow f { rate = 1 rps, web -> a { -> b { timeout = 1.5s, -> c } } }\n",
    run,
};

fn run<'a>(ctx: &Context<'a>, report: &mut Report) {
    for flow in &ctx.model.flows {
        // For each call: the upstream call that times out first, and its timeout in seconds.
        let mut visit = |owner: CompId, call: &'a Call, above: &Option<(f64, &'a Call)>| {
            if call.is_async {
                // No caller waits for an asynchronous call.
                return None;
            }
            let policy = Policy::of(ctx.model, owner, call);
            let longest = policy.as_ref().and_then(Policy::longest);
            if let (Some((limit, above)), Some(longest)) = (*above, longest)
                && limit < longest * (1.0 - 1e-9)
            {
                judge(ctx, (above, limit), (owner, call, longest), report);
            }
            policy.and_then(|p| p.timeout).map(|t| (t, call)).or(*above)
        };
        Step::descend(flow.origin, &flow.steps, &None, &mut visit);
    }
}

fn judge(
    ctx: &Context,
    (above, limit): (&Call, f64),
    (owner, call, longest): (CompId, &Call, f64),
    report: &mut Report,
) {
    let name = |id: CompId| &ctx.model.component(id).name;
    let (callee, from, to) = (name(above.target), name(owner), name(call.target));
    report.push(
        Diagnostic::new(
            LINT.severity,
            LINT.code,
            call.target_span,
            format!(
                "the call of `{callee}` gives up after {}, and `{from}` tries `{to}` for up to {}",
                show_time(limit),
                show_time(longest)
            ),
        )
        .label(format!("up to {}", show_time(longest)))
        .related(above.target_span, format!("gives up after {}", show_time(limit)))
        .help(format!("raise that `timeout` above {}, or let `{from}` give up on `{to}` earlier", show_time(longest)))
        .about(from.clone()),
    );
}
