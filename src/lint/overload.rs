//! ARC621: more work than capacity.

use super::{Context, Lint, Report};
use crate::analysis::{MEMORY, Resource, SaturationMultiples, Stability};
use crate::diag::{Diagnostic, Severity};
use crate::model::keys;
use crate::units::{show_cores, show_ratio, significant};

pub(super) static LINT: Lint = Lint {
    code: "ARC621",
    title: "More load than capacity",
    severity: Severity::Error,
    page: "At the peak a resource of the component is overloaded: its queue grows as long as the peak lasts, and no answer comes in time. Utilisation is the highest ratio of use to capacity over the resources that are modeled.\n\nWhat to do: more `replicas`, a bigger `instance`, less `cpu` per request, a cache before it, or `replicas = ?` to have the number solved.\n\nSource: the utilisation law, Denning and Buzen 1978.",
    bad: "arch 1\nclient web {}\nservice app { cpu = 5ms, replicas = 1 }\nflow f { rate = 400 rps, web -> app }\n",
    good: "arch 1\nclient web {}\nbalancer lb {}\nservice app { cpu = 5ms, replicas = 3 }\nflow f { rate = 400 rps, web -> lb -> app }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    let mut ends = None;
    for ((id, c), u) in ctx.model.all().zip(&ctx.facts.utilization) {
        // Threads, pools and memory have their own rules.
        let pool = c.attrs.peek_at(keys::POOL).is_some();
        let mut worst: Option<(&str, f64, &Resource)> = None;
        for (name, r) in
            u.resources.iter().filter(|(n, _)| **n != "threads" && **n != MEMORY && !(pool && **n == "connections"))
        {
            if let Ok(x) = r.utilization
                && x > worst.map_or(1.0, |(_, most, _)| most)
            {
                worst = Some((name, x, r));
            }
        }
        // `worst` is the binding resource among those without a rule of their own.
        let Some((binding, x, r)) = worst else { continue };
        let detail = match (&r.used, &r.capacity) {
            (Ok(used), Ok(capacity)) if binding == "cpu" => {
                format!("{} of work over {}", show_cores(*used), show_cores(*capacity))
            }
            (Ok(used), Ok(capacity)) if binding == "connections" => {
                format!("{} open over {}", significant(*used, 6), significant(*capacity, 6))
            }
            (Ok(used), Ok(capacity)) if binding == "network" => {
                format!("{}/s over {}/s", crate::units::show_size(*used), crate::units::show_size(*capacity))
            }
            (Ok(used), Ok(capacity)) => {
                format!("{} over {}", crate::units::show_rate(*used), crate::units::show_rate(*capacity))
            }
            _ => String::new(),
        };
        let collapse = ctx.facts.stability.iter().find_map(|s| match s {
            Stability::Collapses(at, why) if *at == id => Some(why),
            _ => None,
        });
        let help = if collapse.is_some() {
            "fewer retries, a `retry_budget` or a `breaker` of the caller, or more capacity: a queue that retries fill does not empty by itself"
        } else if c.kind.facets.external {
            "the external system sets this limit: batch, cache or queue the calls"
        } else {
            "more replicas, a bigger instance, less work per request, or a cache before it; `replicas = ?` has the number solved"
        };
        let cause = collapse.map_or_else(String::new, |why| format!("; {why}"));
        let said = format!("`{}` is at {} of its {binding} at the peak: {detail}{cause}", c.name, show_ratio(x));
        // The saturation multiple is relative to the design's own load, which is 1.
        let ends = ends.get_or_insert_with(|| SaturationMultiples::new(ctx.model, ctx.facts, 1.0));
        let label = match ends.at(id) {
            Ok(at) if at > 0.0 => format!("breaks at {}x of this load", significant(at, 2)),
            Ok(_) => "breaks at any load".to_owned(),
            Err(_) => "more than it has".to_owned(),
        };
        report.push(
            Diagnostic::new(LINT.severity, LINT.code, c.span, said).label(label).help(help).about(c.name.clone()),
        );
    }
}
