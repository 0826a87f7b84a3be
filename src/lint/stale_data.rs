//! ARC067: a flow whose data may exceed its staleness limit.

use super::{Context, Lint, Report};
use crate::analysis::Measure;
use crate::diag::{Diagnostic, Severity};
use crate::units::show_time;

pub(super) static LINT: Lint = Lint {
    code: "ARC067",
    title: "What is read may be too old",
    severity: Severity::Error,
    page: "The ages that the hops of a read add up to are more than the flow's `staleness`: lag of a replica or a projection, times to live of caches, `stale_while_revalidate`. Layers add; HTTP caches that pass `Age` on count the longer. A `lag` is typical and bounds nothing: without `max_lag` a replica may be behind by any time.\n\nWhat to do: bound the lag (`max_lag`), shorten a `ttl`, drop entries when the store is written, or bear more age.\n\nSource: RFC 9111 section 4.2.3, RFC 5861.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { replicas = 2, replication = async, read_from = replica }\nflow f { rate = 1 rps, slo { staleness <= 1min }, web -> app { -> d.read } }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { replicas = 2, replication = async, read_from = replica, max_lag = 30s }\nflow f { rate = 1 rps, slo { staleness <= 1min }, web -> app { -> d.read } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (i, (flow, list)) in ctx.model.flows.iter().zip(&ctx.verdicts.slo).enumerate() {
        for v in list.iter().filter(|v| v.slo.metric.name == "staleness" && v.met == Some(false)) {
            let Some(Some(g)) = ctx.consistency.flows.get(i) else { continue };
            let target = show_time(v.slo.target);
            let what = match &v.worst {
                Measure::Unbounded(why) => format!("of any age ({why})"),
                Measure::Known(x) => {
                    let mut before = 0.0;
                    let worst = g.paths.iter().max_by(|a, b| a.level.staleness.total_cmp(&b.level.staleness));
                    let mut parts = Vec::new();
                    for s in worst.into_iter().flat_map(|p| &p.stops) {
                        if s.level.staleness > before {
                            let more = show_time(s.level.staleness - before);
                            parts.push(format!("{more} in `{}`", ctx.model.component(s.at).name));
                        }
                        before = s.level.staleness;
                    }
                    format!("{} old ({})", show_time(*x), parts.join(" + "))
                }
                Measure::Unknown(_) => continue,
            };
            let mut d = Diagnostic::new(
                LINT.severity,
                LINT.code,
                v.slo.span,
                format!("flow `{}` may return data {what} (limit {target})", flow.name),
            )
            .help("bound the lag with `max_lag`, shorten a `ttl`, or drop cached entries in every flow that writes")
            .about(flow.name.clone());
            if let Some((at, _)) = &g.endless {
                d = d
                    .related(ctx.model.component(*at).span, "no bound here")
                    .about(ctx.model.component(*at).name.clone());
            }
            report.push(d);
        }
    }
}
