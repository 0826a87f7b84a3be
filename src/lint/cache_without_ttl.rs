//! ARC080: cache entries that never expire.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::kinds::Absorb;
use crate::model::keys;

pub(super) static LINT: Lint = Lint {
    code: "ARC080",
    title: "Cache without TTL",
    severity: Severity::Error,
    page: "A cache whose entries never expire. Every way to fill a cache but a versioned one has an interleaving that puts an old value back after the invalidation (read misses, reads 0; write commits 1 and deletes; read fills 0): without a `ttl` that value is served for ever.\n\nWhat to do: give it a `ttl`, however long, or `fill = versioned`.\n\nSource: Nishtala et al., Scaling Memcache at Facebook, NSDI 2013; Amazon Builders' Library, Caching challenges and strategies.",
    bad: "arch 1\nclient web {}\nservice app {}\ncache hot { hit = 90% }\nflow f { rate = 1 rps, web -> app { -> hot.get } }\n",
    good: "arch 1\nclient web {}\nservice app {}\ncache hot { hit = 90%, ttl = 3min }\nflow f { rate = 1 rps, web -> app { -> hot.get } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (_, c) in ctx.model.all() {
        let whole =
            c.kind.facets.misses && c.attrs.attr(keys::TTL).is_none() && c.attrs.read(keys::FILL) != Some("versioned");
        let inner = c.kind.facets.absorb == Some(Absorb::CacheBlock)
            && c.attrs.read(keys::CACHE).is_some_and(|b| b.attr(keys::TTL).is_none());
        if whole || inner {
            let (what, span) = if whole {
                (format!("cache `{}`", c.name), c.span)
            } else {
                (
                    format!("the cache in `{}`", c.name),
                    c.attrs.peek_at(keys::CACHE).and_then(|a| a.span).unwrap_or(c.span),
                )
            };
            report.push(
                Diagnostic::new(
                    LINT.severity,
                    LINT.code,
                    span,
                    format!("{what} has no `ttl`: a stale entry is served for ever"),
                )
                .label("entries never end")
                .help("add `ttl = 5min`, or whatever age you can bear, as a safety net even beside invalidation")
                .about(c.name.clone()),
            );
        }
    }
}
