//! ARC632: a scenario in which a flow misses its target.

use super::slo_unmet::{failure, heaviest};
use super::{Context, Lint, Report};
use crate::analysis::consistency::cut::word;
use crate::analysis::consistency::isolation::{Availability, availability, formal};
use crate::diag::{Diagnostic, Severity};
use crate::model::{FlowId, Outcome as Expected};

pub(super) static LINT: Lint = Lint {
    code: "ARC632",
    title: "A scenario that does not hold",
    severity: Severity::Error,
    page: "With the scenario's load, rates, attributes and delays a flow misses what the scenario expects of it, or, without an `expect`, its own slo. A target that is missed without the scenario too has its own finding and is not repeated here. Across a cut it answers on some side in another way than `expect flow NAME = ok | stale | error` says, where a side that is not named must answer as ever. What the design does not say decides nothing: `--coverage` lists it.\n\nWhat to do: size the design for the scenario, or expect less in it: `expect flow NAME { p99 <= 1s }`.\n\nSource: the same figures as ARC631, in the scenario's world.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app { cpu = 5ms }\nflow f { rate = 100 rps, slo { p99 <= 50ms }, web -> app }\nscenario sale { load = 1.5x }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app { cpu = 5ms }\nflow f { rate = 100 rps, slo { p99 <= 50ms }, web -> app }\nscenario sale { load = 1.5x, expect flow f { p99 <= 100ms } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (s, o) in ctx.model.scenarios.iter().zip(&ctx.verdicts.scenarios) {
        let Some((case, facts)) = &o.case else { continue };
        let mut failed = Vec::new();
        let mut label = None;
        let mut notes: Vec<String> = Vec::new();
        let mut flows = Vec::new();
        for (i, (flow, list)) in case.flows.iter().zip(&o.slo).enumerate() {
            let own = o.expected.contains(&FlowId(i));
            let base = ctx.verdicts.slo.get(i);
            let before =
                |name: &str| base.is_some_and(|l| l.iter().any(|v| v.slo.metric.name == name && v.met == Some(false)));
            for v in list.iter().filter(|v| v.met == Some(false) && (own || !before(v.slo.metric.name))) {
                failed.push(format!("of flow `{}` {}", flow.name, failure(v)));
                label = label.or_else(|| heaviest(case, facts, i));
                flows.push(flow.name.clone());
            }
        }
        for e in &o.answers {
            let flow = &ctx.model.flow(e.flow).name;
            if let Ok(got) = e.got
                && got != e.want
            {
                let asked = ctx.model.flow(e.flow).slo.iter().find_map(|s| s.model.as_deref());
                let never = asked.filter(|m| availability(formal(m)) == Some(Availability::Unavailable));
                if let Some(m) = never.filter(|_| e.want == Expected::Ok) {
                    notes.push(format!(
                        "flow `{flow}` asks for `{m}`, which no store can keep while it answers on both sides of a cut"
                    ));
                }
                let why = if e.why.is_empty() { String::new() } else { format!(" ({})", e.why.join(", ")) };
                failed.push(format!(
                    "flow `{flow}` answers {} in {}{why}, {} is expected",
                    word(got),
                    e.side,
                    word(e.want)
                ));
                flows.push(flow.clone());
            }
        }
        if failed.is_empty() {
            continue;
        }
        let mut d = Diagnostic::new(
            LINT.severity,
            LINT.code,
            s.span,
            format!("scenario `{}` does not hold: {}", s.name, failed.join("; ")),
        )
        .help("size the design for it, or say what is enough in it with `expect flow NAME { … }`")
        .about(s.name.clone());
        if let Some(text) = label.or_else(|| notes.first().cloned()) {
            d = d.label(text);
        }
        for name in flows {
            d = d.about(name);
        }
        report.push(d);
    }
}
