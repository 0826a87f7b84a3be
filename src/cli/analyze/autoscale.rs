//! Replicas of components with `autoscale`, as JSON and as text.

use super::View;
use super::fields::Fields;
use crate::analysis::{Known, Scaling, amount};
use crate::model::Component;
use crate::units::show_time;
use serde_json::{Value as Json, json as j};

/// `autoscale` of a component.
pub(super) fn json(s: &Scaling) -> Json {
    let mut f = Fields::new();
    f.put("min", j!(s.bounds.0));
    f.put("max", j!(s.bounds.1));
    f.known("wanted", &s.desired);
    f.put("binds", j!(s.binds()));
    f.known("replicas_at_trough", &s.from);
    f.put("react", j!(s.react));
    let number = |k: fn(&crate::theory::backlog::Overload) -> Option<f64>| -> Known {
        s.step.as_ref().map(|o| k(o).unwrap_or(f64::INFINITY)).map_err(Clone::clone)
    };
    f.known("step_backlog", &number(|o| Some(o.backlog)));
    f.known("step_longest_delay", &number(|o| o.max_delay));
    f.known("step_drains_in", &number(|o| o.drain_time));
    f.finish()
}

/// One line for each component with `autoscale`; empty if there is none.
pub(super) fn text(view: &View) -> String {
    let mut out = String::new();
    for ((_, c), s) in view.model.all().zip(&view.facts.scaling) {
        if let Some(s) = s {
            out.push_str(&line(c, s));
        }
    }
    if out.is_empty() { out } else { format!("\n{out}") }
}

fn line(c: &Component, s: &Scaling) -> String {
    let most = s.bounds.1.map_or_else(|| "any number".to_owned(), |m| m.to_string());
    let now = c.replicas().map_or_else(|_| "unknown".to_owned(), |n| n.to_string());
    let mut out = format!("autoscale of {}: {now} replicas of {} to {most}", c.name, s.bounds.0);
    match (&s.desired, s.binds()) {
        (Err(e), _) => out.push_str(&format!("; unknown: {e}")),
        (Ok(n), Some(end)) => out.push_str(&format!("; `{end}` binds, {n} would keep the target")),
        (Ok(_), None) => {}
    }
    match (&s.step, s.from.as_ref().ok()) {
        (Err(e), _) if s.desired.is_ok() => out.push_str(&format!("; a step in load: unknown: {e}")),
        (Ok(o), Some(from)) => {
            let end = match (o.max_delay, o.drain_time) {
                _ if o.backlog <= 0.0 => "nothing waits".to_owned(),
                (Some(delay), Some(drain)) => {
                    let n = amount(o.backlog);
                    format!("{n} requests wait, up to {}, and drain in {}", show_time(delay), show_time(drain))
                }
                _ => format!("{} requests wait, and more and more", amount(o.backlog)),
            };
            out.push_str(&format!("; a step from the trough ({from} replicas) to the peak: {end}"));
        }
        _ => {}
    }
    out.push('\n');
    out
}
