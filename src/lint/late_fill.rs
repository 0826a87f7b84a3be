//! ARC082: a cache whose fill policy breaks a guarantee that its flow requires.

use super::{Context, Lint, Report};
use crate::analysis::consistency::fill::Fill;
use crate::analysis::consistency::guarantee::{Bits, named_model};
use crate::analysis::consistency::patterns::{Over, patterns};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;

pub(super) static LINT: Lint = Lint {
    code: "ARC082",
    title: "Cache filled late under a flow that asks for more",
    severity: Severity::Warning,
    page: "The flow asks to read its own writes, or never to go back, and reads through a cache that is filled with a plain `set`, `add` or `cas`. A reader that missed before the write may fill the old value in after the writer dropped the entry: `R: miss`, `R: read 0`, `W: commit 1`, `W: delete`, `R: fill 0`. From then on all read the old value until its time is over.\n\nWhat to do: `fill = single_flight` or `versioned`, and drop the entry in every flow that writes, after the write and before the answer.\n\nSource: Nishtala et al., Scaling Memcache at Facebook, NSDI 2013; found by checking all interleavings.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ncache hot { hit = 90%, ttl = 1min, fill = set }\ndatabase d { backup { every = 1h } }\nflow f { rate = 1 rps, slo { consistency = read_your_writes }, web -> app { -> hot.get else { -> d.read } } }\nflow w { rate = 1 rps, web -> app {\n  -> d.write\n  -> hot.delete\n} }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app {}\ncache hot { hit = 90%, ttl = 1min, fill = single_flight }\ndatabase d { backup { every = 1h } }\nflow f { rate = 1 rps, slo { consistency = read_your_writes }, web -> app { -> hot.get else { -> d.read } } }\nflow w { rate = 1 rps, web -> app {\n  -> d.write\n  -> hot.delete\n} }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for (flow, list) in ctx.model.flows.iter().zip(&patterns(ctx.model).flows) {
        let asked = flow.slo.iter().find_map(|s| s.model.as_deref()).and_then(named_model);
        let Some(asked) = asked.filter(|m| m.bits.meet(Bits::RYW.or(Bits::MR)) != Bits::NONE) else { continue };
        let mut seen = Vec::new();
        for a in list.iter().filter(|a| a.sync && !a.call.writes) {
            for id in a.over.iter().filter_map(|o| match o {
                Over::Beside(id) => Some(*id),
                Over::Inside(_) => None,
            }) {
                let c = ctx.model.component(id);
                if seen.contains(&id) {
                    continue;
                }
                seen.push(id);
                let Some(fill) = c.attrs.read(keys::FILL).and_then(Fill::named) else {
                    report.undecided(&LINT, format!("`{}` does not set its `fill`", c.name));
                    continue;
                };
                if fill > Fill::Cas {
                    continue;
                }
                report.push(
                    Diagnostic::new(
                        LINT.severity,
                        LINT.code,
                        c.span,
                        format!("`fill = {}` of `{}` may put an old value back after the write, and flow `{}` asks for `{}`", fill.word(), c.name, flow.name, asked.name),
                    )
                    .related(flow.span, "asked here")
                    .help("`fill = single_flight` or `versioned`, with every writer dropping the entry before it answers")
                    .about(c.name.clone())
                    .about(flow.name.clone()),
                );
            }
        }
    }
}
