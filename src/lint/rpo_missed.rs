//! ARC065: a flow whose acknowledged-write loss may exceed its RPO.

use super::{Context, Lint, Report};
use crate::analysis::Measure;
use crate::diag::{Diagnostic, Severity};
use crate::units::show_time;

pub(super) static LINT: Lint = Lint {
    code: "ARC065",
    title: "Replication or backup cannot meet the RPO",
    severity: Severity::Error,
    page: "One failure may lose more of what the flow acknowledged than its `rpo` allows. With copies: what an asynchronous replica may lack when it is promoted (`max_lag`; a typical `lag` bounds nothing), nothing where a commit waits for another copy. With one copy: all since the last backup. A queue loses what its leader alone confirmed.\n\nWhat to do: `replication = sync` or a consensus, `acks = all` with `min_insync = 2`, a shorter `backup { every = … }`, or bear more.\n\nSource: AWS Well-Architected REL13-BP01.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { backup { every = 1h } }\nflow f { rate = 1 rps, slo { rpo <= 15min }, web -> app { -> d.write } }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { backup { every = 5min } }\nflow f { rate = 1 rps, slo { rpo <= 15min }, web -> app { -> d.write } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (i, (flow, list)) in ctx.model.flows.iter().zip(&ctx.verdicts.slo).enumerate() {
        for v in list.iter().filter(|v| v.slo.metric.name == "rpo" && v.met == Some(false)) {
            let target = show_time(v.slo.target);
            let at = ctx.consistency.flows.get(i).and_then(Option::as_ref).and_then(|g| g.rpo_at);
            let store = at.map(|id| ctx.model.component(id));
            let name = store.map_or_else(String::new, |c| format!(" of `{}`", c.name));
            let what = match &v.worst {
                Measure::Unbounded(why) => format!("any number of acknowledged writes{name}: {why}"),
                Measure::Known(x) => format!("{} of acknowledged writes{name}", show_time(*x)),
                Measure::Unknown(_) => continue,
            };
            let mut d = Diagnostic::new(
                LINT.severity,
                LINT.code,
                v.slo.span,
                format!("flow `{}` may lose {what} (target: {target})", flow.name),
            )
            .help("let commits wait for another copy (`replication = sync`, or `acks = all` with `min_insync = 2`), or back up more often")
            .about(flow.name.clone());
            if let Some(c) = store {
                d = d.related(c.span, "kept here").about(c.name.clone());
            }
            report.push(d);
        }
    }
}
