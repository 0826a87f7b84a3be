//! ARC043: fewer threads than the load occupies (arrival rate times holding time).

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;
use crate::units::{show_ratio, significant};

pub(super) static LINT: Lint = Lint {
    code: "ARC043",
    title: "Fewer threads than the load needs",
    severity: Severity::Error,
    page: "Each request holds a thread for all the time it takes: its CPU, its waits, and all that it waits for below. By Little's law rate times that time are busy on average; here that is more than there are. The queue before the pool grows as long as the peak lasts, while the CPU is idle.\n\nWhat to do: more `threads`, more `replicas`, a faster callee, or asynchronous calls (`~>`) where nobody needs the answer.\n\nSource: Little 1961; Rolia and Sevcik, The Method of Layers, 1995.",
    bad: "arch 1\nclient web {}\nservice app { cpu = 1ms, threads = 4 }\nexternal psp { latency = 200ms }\nflow f { rate = 100 rps, web -> app { -> psp } }\n",
    good: "arch 1\nclient web {}\nservice app { cpu = 1ms, threads = 40 }\nexternal psp { latency = 200ms }\nflow f { rate = 100 rps, web -> app { -> psp } }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for ((_, c), u) in ctx.model.all().zip(&ctx.facts.utilization) {
        let Some(r) = u.resources.get("threads") else { continue };
        // An overloaded CPU occupies all threads; the CPU finding reports it.
        let busy = u.resources.get("cpu").is_some_and(|r| r.utilization.as_ref().is_ok_and(|x| *x >= 1.0));
        match (&r.utilization, &r.used, &r.capacity) {
            (Ok(x), Ok(used), Ok(all)) if *x > 1.0 && !busy => report.push(
                Diagnostic::new(
                    LINT.severity,
                    LINT.code,
                    c.attrs.peek_at(keys::THREADS).and_then(|a| a.span).unwrap_or(c.span),
                    format!(
                        "`{}` is at {} of its threads at the peak: {} of work for {}",
                        c.name,
                        show_ratio(*x),
                        significant(*used, 4),
                        significant(*all, 6)
                    ),
                )
                .label(r.why.first().cloned().unwrap_or_default())
                .help("more threads or replicas, a faster callee, or asynchronous calls (`~>`)")
                .about(c.name.clone()),
            ),
            (Err(e), ..) => report.undecided(&LINT, e.clone()),
            _ => {}
        }
    }
}
