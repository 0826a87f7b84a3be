//! ARC073: a queue whose publishes need an acknowledgement of every replica.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;
use crate::resource::Acks;

pub(super) static LINT: Lint = Lint {
    code: "ARC073",
    title: "Publish needs every copy",
    severity: Severity::Warning,
    page: "`min_insync` is as many as there are copies: with one broker lost no publish is taken.\n\nWhat to do: one less than `replicas`: 2 of 3 loses nothing and survives one broker.\n\nSource: kafka.apache.org documentation, Design, Availability and durability guarantees.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\nservice worker { idempotent = true }\nqueue q { replicas = 3, acks = all, min_insync = 3, dead_letter = true }\nflow f { rate = 1 rps, web -> app { -> q.publish } }\nflow g { q ~> worker }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\nservice worker { idempotent = true }\nqueue q { replicas = 3, acks = all, min_insync = 2, dead_letter = true }\nflow f { rate = 1 rps, web -> app { -> q.publish } }\nflow g { q ~> worker }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (_, c) in ctx.model.all().filter(|(_, c)| c.kind.facets.buffers && c.attrs.read(keys::ACKS) == Some(Acks::All))
    {
        let Some(least) = c.attrs.read(keys::MIN_INSYNC).map(|n| n.mid) else { continue };
        match c.replicas() {
            Ok(n) if n > 1.0 && least >= n => report.push(
                Diagnostic::new(
                    LINT.severity,
                    LINT.code,
                    c.span,
                    format!(
                        "`{}` takes a publish only while all {n} copies are in step: one broker lost stops it",
                        c.name
                    ),
                )
                .help(format!("`min_insync = {}`", n - 1.0))
                .about(c.name.clone()),
            ),
            Ok(_) => {}
            Err(e) => report.undecided(&LINT, e),
        }
    }
}
