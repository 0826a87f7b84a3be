//! ARC650: limits that growing data reaches before its horizon.

use super::{Context, Lint, Report};
use crate::diag::{Diagnostic, Severity};
use crate::units::{MONTH, show_size, significant};

pub(super) static LINT: Lint = Lint {
    code: "ARC650",
    title: "Outgrown before the horizon",
    severity: Severity::Warning,
    page: "The design keeps its promises today and not to its `horizon`: with the data grown by `growth`, the busiest disk of a store is full, a flow misses a target that it meets today, or a resource is overloaded. The month (of 730 h) is the first at which it is so; the load is today's throughout. `archc explain FILE NAME.storage` shows the numbers.\n\nWhat to do: more `shards`, a machine with more memory, a larger or faster `disk`; or a nearer `horizon`, if the design is rebuilt before.\n\nSource: arithmetic; the analyses of the grown design.",
    bad: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app { cpu = 1ms }\ndatabase db { cpu = 1ms, data = 600GB, growth = 10% per month, horizon = 1 year, disk { size = 1TB } }\nflow f { rate = 1 rps, web -> app { -> db.read } }\n",
    good: "arch 1\nsystem s { provider = none }\nclient web {}\nservice app { cpu = 1ms }\ndatabase db { cpu = 1ms, data = 600GB, growth = 10% per month, horizon = 1 year, disk { size = 2TB } }\nflow f { rate = 1 rps, web -> app { -> db.read } }\n",
    run,
};

const HELP: &str = "more shards, a machine with more memory, a larger or faster disk, or a nearer `horizon`";

fn run(ctx: &Context, report: &mut Report) {
    let h = &ctx.verdicts.horizon;
    for k in &h.kept {
        let c = ctx.model.component(k.id);
        let ahead = ctx.model.horizon_of(c).filter(|_| c.growth().is_some()).unwrap_or(0.0);
        let (Ok(full), Ok(busiest), Ok(disk)) = (&k.now.full_in, &k.now.busiest, &k.now.disk) else { continue };
        if *full > ahead {
            continue;
        }
        let when = if *full <= 0.0 {
            "already".to_owned()
        } else {
            format!("in month {}", significant((full / MONTH).ceil(), 6))
        };
        let message = format!("a disk of `{}` is full {when}", c.name);
        let label = format!("the busiest holds {} of {} today", show_size(*busiest), show_size(*disk));
        report.push(
            Diagnostic::new(LINT.severity, LINT.code, c.span, message).label(label).help(HELP).about(c.name.clone()),
        );
    }
    for b in &h.breaks {
        let Some(flow) = ctx.model.flows.get(b.flow) else { continue };
        let message = format!("flow `{}` misses its {} from month {} on", flow.name, b.slo.metric.name, b.month);
        report.push(
            Diagnostic::new(LINT.severity, LINT.code, b.slo.span, message)
                .label("met today, not with the data of then")
                .help(HELP)
                .about(flow.name.clone()),
        );
    }
    for o in &h.overloads {
        let c = ctx.model.component(o.id);
        let message = format!("`{}` exceeds its {} from month {} on", c.name, o.binding, o.month);
        report.push(Diagnostic::new(LINT.severity, LINT.code, c.span, message).help(HELP).about(c.name.clone()));
    }
}
