//! ARC081: acknowledged writes that only a cache has.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;
use crate::resource::CacheWrite;
use crate::units::show_time;

pub(super) static LINT: Lint = Lint {
    code: "ARC081",
    title: "Cache as system of record",
    severity: Severity::Error,
    page: "Writes go into the cache and to the store later (`write = behind`), and no other node of the cache has them: when it is lost, so is everything since the last flush, though it was acknowledged.\n\nWhat to do: write through (`write = through`), or keep a replica of the cache, or accept it for what may be lost and say so with `allow`.\n\nSource: what a write-behind cache may lose is its flush interval.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ncache hot { hit = 90%, ttl = 1h, fill = versioned, write = behind, flush = 5s }\ndatabase d { backup { every = 1h } }\nflow f { rate = 1 rps, web -> app { -> hot.get else { -> d.read } } }\nflow w { rate = 1 rps, web -> app { -> hot.set } }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ncache hot { hit = 90%, ttl = 1h, fill = versioned, write = behind, flush = 5s, replicas = 2 }\ndatabase d { backup { every = 1h } }\nflow f { rate = 1 rps, web -> app { -> hot.get else { -> d.read } } }\nflow w { rate = 1 rps, web -> app { -> hot.set } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (_, c) in
        ctx.model.all().filter(|(_, c)| c.kind.facets.misses && c.attrs.read(keys::WRITE) == Some(CacheWrite::Behind))
    {
        match c.replicas() {
            Ok(n) if n > 1.0 => {}
            Err(e) => report.undecided(&LINT, e),
            Ok(_) => {
                let since = c.attrs.read(keys::FLUSH).map_or_else(
                    || "all that is not flushed".to_owned(),
                    |f| format!("up to {} of writes", show_time(f.mid)),
                );
                report.push(
                    Diagnostic::new(
                        LINT.severity,
                        LINT.code,
                        c.span,
                        format!("`{}` acknowledges writes before its store has them: losing it loses {since}", c.name),
                    )
                    .help("set `write = through` or `replicas = 2`")
                    .about(c.name.clone()),
                );
            }
        }
    }
}
