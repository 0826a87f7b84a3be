//! ARC068: a linearizable read of a component that cannot serve one.

use super::{Context, Lint, Report};
use crate::analysis::consistency::guarantee::named_model;
use crate::analysis::consistency::patterns::{Access, patterns};
use crate::analysis::consistency::setting;
use crate::analysis::consistency::source::Source;
use crate::diag::{Diagnostic, Severity};
use crate::model::Model;
use crate::model::keys;

pub(super) static LINT: Lint = Lint {
    code: "ARC068",
    title: "Strong read of an index or replica",
    severity: Severity::Error,
    page: "The flow asks for `consistency = linearizable`, and one of its reads is answered by an index, which shows a write when it is refreshed, or by a replica, which has it when it arrives. Neither can know of a write that is done elsewhere, whatever sessions, bounds of lag or caches are set: secondary indexes and searches refuse strong reads, or answer them weakly.\n\nWhat to do: read the record itself, by its key (`from = primary`); or ask for `read_your_writes` with `session = token`, or for `bounded` with a `staleness`. Where only other hops are to blame, ARC066 names them.\n\nSource: docs.aws.amazon.com, DynamoDB read consistency; elastic.co, near real-time search; Gilbert and Lynch 2002.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { replicas = 3, replication = consensus, refresh = 1s }\nflow f { rate = 1 rps, slo { consistency = linearizable }, web -> app { -> d.read } }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { replicas = 3, replication = consensus, refresh = 1s }\nflow f { rate = 1 rps, slo { consistency = linearizable }, web -> app { -> d.read { from = primary } } }\n",
    run,
};

/// The component that serves a read and cannot serve a linearizable one, as text.
fn too_weak(model: &Model, a: &Access) -> Option<&'static str> {
    let c = model.component(a.call.target);
    if !a.sync || a.call.writes || !c.kind.facets.stores {
        return None;
    }
    let given = setting::source(c, false, a.call.attrs.read(keys::FROM));
    match given.source {
        Source::Index { .. } => Some("its index, which shows a write only when it is refreshed"),
        // If `replication` is not set, nothing is known.
        Source::Replica { .. } if given.open.is_empty() => Some("a replica, which has a write only when it arrives"),
        _ => None,
    }
}

/// Reads of a flow that are weaker than the linearizability that it requires.
pub(super) fn weak_reads<'a>(
    model: &Model,
    asked: &str,
    list: &'a [Access<'a>],
) -> Vec<(&'a Access<'a>, &'static str)> {
    if asked != "linearizable" {
        return Vec::new();
    }
    list.iter().filter_map(|a| Some((a, too_weak(model, a)?))).collect()
}

fn run(ctx: &Context, report: &mut Report) {
    let calls = patterns(ctx.model);
    for ((flow, list), slo) in ctx.model.flows.iter().zip(&calls.flows).zip(&ctx.verdicts.slo) {
        for v in slo.iter().filter(|v| v.met == Some(false)) {
            let Some(asked) = v.slo.model.as_deref().and_then(named_model) else { continue };
            for (a, what) in weak_reads(ctx.model, asked.name, list) {
                let c = ctx.model.component(a.call.target);
                report.push(
                    Diagnostic::new(
                        LINT.severity,
                        LINT.code,
                        a.call.target_span,
                        format!("flow `{}` asks for `linearizable`, and `{}` answers this read from {what}", flow.name, c.name),
                    )
                    .related(v.slo.span, "asked for here")
                    .help("read the record itself (`from = primary`), or ask for less: `read_your_writes`, or `bounded` with a `staleness`")
                    .about(flow.name.clone())
                    .about(c.name.clone()),
                );
            }
        }
    }
}
