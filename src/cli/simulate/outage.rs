//! `archc simulate --outage NAME`.

use super::super::{FINDINGS, FINE, Format, USAGE, json, print, tell};
use crate::base::nearest;
use crate::model::Model;
use crate::simulate::{Healing, Options, outage};
use crate::units::show_time;
use serde_json::{Value, json as j};

/// The retry budget that is tried where an outage does not heal.
const BUDGET: f64 = 0.1;

/// Prints how long an outage of a component may be; returns the exit status.
pub(super) fn run(model: &Model, name: &str, options: &Options, format: Format, design: &str) -> i32 {
    let Some(id) = model.find(name) else {
        let help = nearest(name, model.components.iter().map(|c| c.name.as_str()))
            .map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
        tell(&format!("archc: no component is named `{name}`{help}\n"));
        return USAGE;
    };
    let found = match outage(model, id, None, options) {
        Ok(found) => found,
        Err(why) => {
            tell(&format!("archc: an outage of `{name}` is not simulated: {why}\n"));
            return USAGE;
        }
    };
    let heals = found.heals == Some(found.tried);
    let with_budget = if heals { None } else { outage(model, id, Some(BUDGET), options).ok() };
    match format {
        Format::Human => print(&text(name, &found, with_budget.as_ref(), options.seed)),
        Format::Json => print(&json(&document(name, &found, with_budget.as_ref(), options.seed, design))),
    }
    if heals { FINE } else { FINDINGS }
}

fn text(name: &str, found: &Healing, with_budget: Option<&Healing>, seed: u64) -> String {
    let mut out = format!("an outage of `{name}`: {} runs of each length, seed {seed}\n\n", found.runs);
    out.push_str(&match found.heals {
        None => format!("  heals          none, not even one of {}\n", show_time(0.1)),
        Some(longest) => {
            let up_to = if longest >= found.tried { ", the longest that is tried" } else { "" };
            format!(
                "  heals          up to {}{up_to}; at most {} after its end\n",
                show_time(longest),
                show_time(found.after)
            )
        }
    });
    if let Some(shortest) = found.never {
        out.push_str(&format!(
            "  does not heal  from {} on: the load that its retries make keeps it up\n",
            show_time(shortest)
        ));
    }
    match with_budget.map(|h| (h.heals, h.tried)) {
        Some((Some(longest), tried)) if found.heals.is_none_or(|h| longest > h) => {
            let all = if longest >= tried { ", the longest that is tried" } else { "" };
            out.push_str(&format!(
                "  with `retry_budget = 10%` on its callers one of up to {}{all} heals\n",
                show_time(longest)
            ));
        }
        _ => {}
    }
    out
}

fn healing(found: &Healing) -> Value {
    j!({ "heals": found.heals, "after": found.after, "never": found.never, "tried": found.tried, "runs": found.runs })
}

fn document(name: &str, found: &Healing, with_budget: Option<&Healing>, seed: u64, design: &str) -> Value {
    j!({
        "schema": "archc/outage/1",
        "design": design,
        "component": name,
        "seed": seed,
        "outage": healing(found),
        "with_retry_budget": with_budget.map(|h| j!({ "retry_budget": BUDGET, "outage": healing(h) })),
    })
}
