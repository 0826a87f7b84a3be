//! ARC071: a record that is checked and then written, without a transaction around both.

use super::stale_update::updates;
use super::{Context, Lint, Report};
use crate::analysis::consistency::patterns::{Access, patterns};
use crate::analysis::consistency::setting::{any_copy, from};
use crate::diag::{Diagnostic, Severity};
use crate::model::Model;
use crate::model::keys;

pub(super) static LINT: Lint = Lint {
    code: "ARC071",
    title: "Check-then-act without a guard",
    severity: Severity::Error,
    page: "A flow reads a record and then writes it (the same `key` on both calls), and nothing can make the two one: different components make the two calls, so no transaction spans them, or the store has no transactions at all. Two requests read the same old value, both find that they may, and both write: a name is taken twice, stock is sold twice. A linearizable store does not help: `C1: read owner=0`, `C2: read owner=0`, `C1: write owner=1`, `C2: write owner=2`. Where one component makes both calls to a store with transactions its isolation decides: ARC078.\n\nWhat to do: let the write refuse an older version (`versioned = true`: compare and set, If-Match); or a key that the store keeps unique (`unique = true`); or one `txn`.\n\nSource: Herlihy 1991, a register cannot solve consensus; found by checking all interleavings.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\nservice names {}\nservice accounts {}\ndatabase d { isolation = serializable, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app {\n  -> names { -> d.read { key = name } }\n  -> accounts { -> d.write { key = name } }\n} }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\nservice names {}\nservice accounts {}\ndatabase d { isolation = serializable, backup { every = 1h } }\nflow f { rate = 1 rps, web -> app {\n  -> names { -> d.read { key = name } }\n  -> accounts { -> d.write { key = name, versioned = true } }\n} }\n",
    run,
};

/// The reason why no transaction covers a read and the write after it.
pub(super) fn apart(model: &Model, read: &Access, write: &Access) -> Option<String> {
    let c = model.component(write.call.target);
    if c.kind.property("isolation").is_none() {
        return Some(format!("`{}` has no transactions", c.name));
    }
    let (reader, writer) = (&model.component(read.owner).name, &model.component(write.owner).name);
    (read.owner != write.owner).then(|| format!("no transaction of `{writer}` holds the read of `{reader}`"))
}

fn run(ctx: &Context, report: &mut Report) {
    for (flow, list) in ctx.model.flows.iter().zip(&patterns(ctx.model).flows) {
        for (r, w) in updates(list) {
            let c = ctx.model.component(w.call.target);
            let guarded = [keys::VERSIONED, keys::UNIQUE].into_iter().any(|key| c.attrs.read(key) == Some(true));
            // Messages and cache entries are not records; reads from replicas belong to another
            // rule.
            let record = c.kind.facets.stores && !c.kind.facets.buffers;
            if guarded || !record || any_copy(from(c, r.call.attrs.read(keys::FROM))) {
                continue;
            }
            let Some(why) = apart(ctx.model, r, w) else { continue };
            report.push(
                Diagnostic::new(
                    LINT.severity,
                    LINT.code,
                    w.call.target_span,
                    format!("flow `{}` checks a record of `{}` and then writes it, and {why}: two requests may both pass the check", flow.name, c.name),
                )
                .related(r.call.target_span, "checked here")
                .help("refuse an older version with `versioned = true` on the write, or make both one `txn`")
                .about(flow.name.clone())
                .about(c.name.clone()),
            );
        }
    }
}
