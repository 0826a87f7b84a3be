//! ARC069: a unique key in a store in which every replica accepts writes.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;

pub(super) static LINT: Lint = Lint {
    code: "ARC069",
    title: "Uniqueness on a store that cannot keep it",
    severity: Severity::Error,
    page: "The store must keep a key unique, and two of its copies may take the same key at once: with `multi_primary` on either side of a cut, with a quorum of clocks or a partial quorum even without one. Both callers are told that the key is theirs; later one of the two records goes.\n\nWhat to do: keep what must be unique in a store with one order of writes (a primary, a consensus), or reserve ranges of keys for each copy.\n\nSource: Bailis et al., Coordination Avoidance in Database Systems, VLDB 2015.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase users { replicas = 2, replication = multi_primary, unique = true, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app { -> users.write } }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ndatabase users { replicas = 3, replication = consensus, unique = true, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app { -> users.write } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    use crate::analysis::consistency::guarantee::Bits;
    use crate::analysis::consistency::setting::source;
    for (_, c) in ctx.model.all().filter(|(_, c)| c.attrs.read(keys::UNIQUE) == Some(true)) {
        let given = source(c, true, None);
        if given.source.nominal().bits == Bits::ALL {
            continue;
        }
        if let Some(open) = given.open.first() {
            report.undecided(&LINT, open.clone());
            continue;
        }
        report.push(
            Diagnostic::new(
                LINT.severity,
                LINT.code,
                c.span,
                format!("`{}` must keep a key unique, and two of its copies may take the same key at once", c.name),
            )
            .help("one order of writes keeps it: a primary (`replication = sync`) or `replication = consensus`")
            .about(c.name.clone()),
        );
    }
}
