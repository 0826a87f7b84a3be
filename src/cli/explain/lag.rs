//! `archc explain FILE flow.lag`: the derivation of the time from publish to done.

use crate::analysis::{Measure, consumer_of, no_lag};
use crate::cli::analyze::measure;
use crate::model::FlowId;
use crate::session::Judged;
use crate::units::show_time;

/// The derivation with its inputs; `Err` with the reason if there is none.
pub(super) fn lag(judged: &Judged, id: FlowId) -> Result<String, String> {
    let (model, name) = (&judged.model, &judged.model.flow(id).name);
    let Some(Some(lag)) = judged.facts.lag.get(id.0) else { return Err(no_lag(model, id).to_string()) };
    let value = match lag.time.measure("p99") {
        Measure::Known(x) => format!("{}, p99", show_time(x)),
        Measure::Unbounded(e) => format!("unbounded: {e}"),
        Measure::Unknown(e) => format!("unknown: {e}"),
    };
    let mut out = format!("{name}.lag = {value}\n");
    for line in &lag.why {
        out.push_str(&format!("  {line}\n"));
    }
    for (what, time) in &lag.parts {
        let show = |metric| measure(&time.measure(metric), show_time);
        out.push_str(&format!("  {what}: {} on average, p99 {}\n", show("mean"), show("p99")));
    }
    for line in &lag.notes {
        out.push_str(&format!("  {line}\n"));
    }
    out.push_str("inputs:\n");
    let flow = model.flow(id);
    let queue = model.component(flow.origin);
    for a in flow.attrs.iter().filter(|a| ["window", "batch", "parallel"].contains(&a.property.name)) {
        out.push_str(&format!("  {} of `{name}`: {}\n", a.property.name, a.origin.word()));
    }
    let of_queue = ["partitions", "ordering", "retention", "max_length", "max_lag"];
    let of_taker = ["replicas", "threads", "cores", "instance", "cpu", "wait", "ops"];
    let taker = consumer_of(model, id).map(|c| (model.component(c), &of_taker[..]));
    for (c, names) in [(queue, &of_queue[..])].into_iter().chain(taker) {
        for a in c.attrs.iter().filter(|a| names.contains(&a.property.name)) {
            let source = a.source.as_ref().map_or_else(String::new, |s| format!(" ({s})"));
            out.push_str(&format!("  {} of `{}`: {}{source}\n", a.property.name, c.name, a.origin.word()));
        }
    }
    Ok(out)
}
