//! ARC072: a queue that may lose acknowledged messages with one broker.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;
use crate::resource::Acks;

pub(super) static LINT: Lint = Lint {
    code: "ARC072",
    title: "Durable queue that may lose what it acknowledged",
    severity: Severity::Error,
    page: "Copies of the messages follow a leader, and a publish is acknowledged before enough of them have it: `acks` is not `all`, or one copy in step is enough (`min_insync = 1`), or a copy that is behind may lead (`unclean_election = true`). The loss of one broker then loses acknowledged messages.\n\nWhat to do: `replicas = 3`, `acks = all`, `min_insync = 2`, `unclean_election = false`.\n\nSource: kafka.apache.org documentation, Design, Availability and durability guarantees.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\nservice worker { idempotent = true }\nqueue q { replicas = 3, acks = all, min_insync = 1, dead_letter = true }\nflow f { rate = 1 rps, web -> app { -> q.publish } }\nflow g { q ~> worker }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\nservice worker { idempotent = true }\nqueue q { replicas = 3, acks = all, min_insync = 2, dead_letter = true }\nflow f { rate = 1 rps, web -> app { -> q.publish } }\nflow g { q ~> worker }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (_, c) in ctx.model.all().filter(|(_, c)| c.kind.facets.buffers) {
        // A queue without replica acknowledgements is another kind of queue.
        let Some(acks) = c.attrs.read(keys::ACKS) else { continue };
        let replicas = c.replicas().ok();
        let least = c.attrs.read(keys::MIN_INSYNC).map(|n| n.mid);
        let why = if acks != Acks::All {
            format!("`acks = {}`", acks.word())
        } else if least.is_some_and(|n| n < 2.0) {
            "`min_insync = 1`: one copy is enough".to_owned()
        } else if c.attrs.read(keys::UNCLEAN_ELECTION) == Some(true) {
            "`unclean_election = true`: a copy that is behind may lead".to_owned()
        } else if let Some(n) = replicas.filter(|n| *n < 3.0) {
            format!("{n} {} of each message", if n < 2.0 { "copy" } else { "copies" })
        } else {
            if least.is_none() {
                report.undecided(&LINT, format!("`{}` does not set its `min_insync`", c.name));
            }
            continue;
        };
        report.push(
            Diagnostic::new(
                LINT.severity,
                LINT.code,
                c.span,
                format!("losing one broker of `{}` may lose acknowledged messages, or stop it: {why}", c.name),
            )
            .help("`replicas = 3`, `acks = all`, `min_insync = 2`, `unclean_election = false`")
            .about(c.name.clone()),
        );
    }
}
