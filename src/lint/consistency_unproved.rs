//! ARC066: a flow whose required consistency is not guaranteed.

use super::strong_read::weak_reads;
use super::{Context, Lint, Report};
use crate::analysis::consistency::guarantee::{Bits, named_model};
use crate::analysis::consistency::patterns::patterns;
use crate::analysis::consistency::typing::Blame;
use crate::diag::{Diagnostic, Severity};

pub(super) static LINT: Lint = Lint {
    code: "ARC066",
    title: "Consistency that cannot be proved",
    severity: Severity::Error,
    page: "The flow's `consistency` asks for properties that its reads and writes do not have. Each of them goes from its store to the client through replicas, projections and caches, and every hop keeps, adds or drops properties; the first that drops one that is asked is named. What an slo asks must hold on every interleaving, not on most.\n\nWhat to do: read from the primary, or let the replica wait for the session (`session = token`); drop a cache's entries in every flow that writes, with `fill = single_flight` or `versioned`; `archc explain FILE FLOW.consistency` tells the story hop by hop. Or ask for less.\n\nSource: Terry et al. 1994; Viotti and Vukolic 2016; the races are found by checking all interleavings.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { replicas = 2, replication = async, read_from = replica, max_lag = 2s }\nflow f { rate = 1 rps, slo { consistency = read_your_writes }, web -> app { -> d.read } }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase d { replicas = 2, replication = async, read_from = replica, max_lag = 2s, session = token }\nflow f { rate = 1 rps, slo { consistency = read_your_writes }, web -> app { -> d.read } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    let calls = patterns(ctx.model);
    for (i, (flow, list)) in ctx.model.flows.iter().zip(&ctx.verdicts.slo).enumerate() {
        for v in list.iter().filter(|v| v.met == Some(false)) {
            let Some(asked) = v.slo.model.as_deref().and_then(named_model) else { continue };
            let Some(Some(g)) = ctx.consistency.flows.get(i) else { continue };
            let (missing, _) = asked.missing(g.level.bits, g.level.staleness);
            let first: Option<&Blame> = g.blame.iter().find(|b| b.lost.meet(missing) != Bits::NONE);
            let reads = calls.flows.get(i).map_or_else(Vec::new, |list| weak_reads(ctx.model, asked.name, list));
            if first.is_some_and(|b| reads.iter().any(|(a, _)| a.call.target == b.at)) {
                continue; // Another rule's: the store itself can give no such read.
            }
            let lacks = if missing == Bits::NONE { "a bound of age".to_owned() } else { missing.words().join(", ") };
            let (at, why) = match (first, &g.endless) {
                (Some(b), _) => (Some(b.at), b.why.clone()),
                (None, Some((at, why))) => (Some(*at), why.clone()),
                (None, None) => (None, "at the ends of its intervals".to_owned()),
            };
            let mut d = Diagnostic::new(
                LINT.severity,
                LINT.code,
                v.slo.span,
                format!("flow `{}` requires `{}` but does not guarantee {lacks}: {why}", flow.name, asked.name),
            )
            .help(format!("`archc explain FILE {}.consistency` shows each hop; read from the primary, wait for the session's position, drop cached entries in every writer, or ask for less", flow.name))
            .about(flow.name.clone());
            if let Some(c) = at.map(|id| ctx.model.component(id)) {
                d = d.related(c.span, "lost here").about(c.name.clone());
            }
            report.push(d);
        }
    }
}
