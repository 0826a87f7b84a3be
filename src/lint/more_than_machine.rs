//! ARC623: more memory set than the machine has.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;
use crate::units::show_size;

pub(super) static LINT: Lint = Lint {
    code: "ARC623",
    title: "More memory than the machine has",
    severity: Severity::Error,
    page: "A component says its `memory` and its `instance`, and the machine of that name has less. What a cache holds, and so its hit ratio, what a store reads from disk and what a container may use are then computed from memory that nobody sells in that machine.\n\nWhat to do: leave `memory` out, for the machine's own is the default; or take a machine that has as much, or let `archc size` find one: `instance = ?`.\n\nSource: arithmetic; the memory of machines is in the catalog.",
    bad: "arch 1\nclient web {}\nservice app { cpu = 1ms }\ncache hot : redis { instance = cache.r7g.large, memory = 64GiB, entries = 10M, entry_size = 1KB, skew = 0.9, ttl = 1min }\nflow f { rate = 1 rps, web -> app { -> hot.get } }\n",
    good: "arch 1\nclient web {}\nservice app { cpu = 1ms }\ncache hot : redis { instance = cache.r7g.large, memory = 10GiB, entries = 10M, entry_size = 1KB, skew = 0.9, ttl = 1min }\nflow f { rate = 1 rps, web -> app { -> hot.get } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    if !ctx.model.system.has_provider {
        return;
    }
    for (_, c) in ctx.model.all() {
        let Some(memory) = c.attrs.read(keys::MEMORY).map(|m| m.mid) else { continue };
        let Some(machine) = c.machine(&ctx.model.system).filter(|m| m.memory > 0.0 && memory > m.memory * (1.0 + 1e-9))
        else {
            continue;
        };
        let at = c.attrs.peek_at(keys::MEMORY).and_then(|a| a.span).unwrap_or(c.span);
        let message = format!(
            "`{}` has {} of memory, and `{}` has {}",
            c.name,
            show_size(memory),
            machine.name,
            show_size(machine.memory)
        );
        report.push(
            Diagnostic::new(LINT.severity, LINT.code, at, message)
                .help("leave `memory` out, or take a machine that has as much: `instance = ?`")
                .about(c.name.clone()),
        );
    }
}
