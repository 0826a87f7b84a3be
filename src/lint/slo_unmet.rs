//! ARC631: a flow that misses its target.

use super::{Context, Lint, Report};
use crate::analysis::consistency::needs;
use crate::analysis::{Facts, Measure, Verdict};
use crate::diag::{Diagnostic, Severity};
use crate::kinds::MetricType;
use crate::model::Model;
use crate::units::{show_nines, show_ratio, show_time};

pub(super) static LINT: Lint = Lint {
    code: "ARC631",
    title: "A target that is not met",
    severity: Severity::Error,
    page: "The value that follows from the design misses the flow's target; where inputs are intervals, at their worse endpoints. Percentiles are quantiles of the whole path's distribution: queueing, service and round trips in sequence, cache hits and misses as a mixture, parallel calls the slowest. A target whose value is unknown is neither met nor unmet and is listed by `--coverage`.\n\nWhat to do: look at the call that adds most to the mean; more replicas or faster cores shorten its queue, a cache skips it, `parallel` or `~>` takes it off the path. Or ask for less.\n\nSource: Erlang 1917 for the queues; Abate and Whitt 2006 for the inversion of transforms.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app { cpu = 5ms }\nflow f { rate = 100 rps, slo { p99 <= 40ms }, web -> app }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app { cpu = 5ms }\nflow f { rate = 100 rps, slo { p99 <= 50ms }, web -> app }\n",
    run,
};

/// A bound or value with its unit.
fn shown(ty: MetricType, x: f64) -> String {
    match ty {
        MetricType::Time => show_time(x),
        // An availability near one needs more than three digits.
        MetricType::RatioAtLeast if x < 1.0 => show_nines(x),
        _ => show_ratio(x),
    }
}

/// Value and limit of a missed target: "p99 is 90ms, more than 40ms".
pub(super) fn failure(v: &Verdict) -> String {
    let (ty, name) = (v.slo.metric.ty, v.slo.metric.name);
    let (word, target) = (if ty == MetricType::RatioAtLeast { "less" } else { "more" }, shown(ty, v.slo.target));
    let at = if v.worst == v.value { "" } else { " at the worse endpoints of its intervals" };
    match &v.worst {
        Measure::Known(_) if v.slo.model.is_some() => {
            let (has, asked) = (v.holds.unwrap_or("none of the models"), v.slo.model.as_deref().unwrap_or(""));
            format!("{name} is {has}, less than {asked}")
        }
        Measure::Known(x) => format!("{name} is {}{at}, {word} than {target}", shown(ty, *x)),
        Measure::Unbounded(e) => format!("{name} has no bound{at} ({e}), {word} than {target}"),
        Measure::Unknown(e) => format!("{name} is unknown: {e}"),
    }
}

/// The call with the largest part, for a target on time.
pub(super) fn heaviest(model: &Model, facts: &Facts, flow: usize) -> Option<String> {
    let (part, share) = facts.latency.get(flow)?.heaviest()?;
    Some(format!(
        "`{} -> {}.{}` is {} of the mean time of its calls ({})",
        model.component(part.from).name,
        model.component(part.to).name,
        part.op,
        show_ratio(share),
        show_time(part.mean)
    ))
}

fn run(ctx: &Context, report: &mut Report) {
    for (i, (flow, list)) in ctx.model.flows.iter().zip(&ctx.verdicts.slo).enumerate() {
        // Consistency, staleness and loss have their own rules, which know the cause.
        for v in list.iter().filter(|v| v.met == Some(false) && !needs(v.slo.metric.name)) {
            let mut d = Diagnostic::new(
                LINT.severity,
                LINT.code,
                v.slo.span,
                format!("flow `{}` misses its target: {}", flow.name, failure(v)),
            )
            .help("more replicas or faster cores, a cache before the slow part, calls in parallel, or a target that the design can meet")
            .about(flow.name.clone());
            if v.slo.metric.ty == MetricType::Time
                && let Some(text) = heaviest(ctx.model, ctx.facts, i)
            {
                d = d.label(text);
            }
            if v.slo.metric.name == "availability"
                && let (Some(s), Measure::Known(has)) = (&ctx.facts.availability.structure, &v.value)
            {
                d = d.maybe_help(s.culprit(ctx.model, &ctx.facts.utilization, flow, (*has, v.slo.target)));
            }
            report.push(d);
        }
    }
}
