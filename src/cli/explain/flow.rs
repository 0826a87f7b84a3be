//! Derivations of a flow's numbers.

use super::component::hops_into;
use crate::session::Judged;
use crate::units::{show_money, show_rate};

/// The derivation of a number of a flow; `None` if the metric is not one.
pub(super) fn explain(judged: &Judged, name: &str, metric: &str) -> Option<Result<String, String>> {
    let id = judged.model.find_flow(name)?;
    let fd = judged.facts.demand.flows.get(id.0)?;
    match metric {
        "rate" | "volume" => {
            let value = if metric == "rate" { &fd.rate } else { &fd.volume };
            let shown = value.as_ref().map_or_else(|e| format!("unknown: {e}"), |r| show_rate(*r));
            let mut out = format!("{name}.{metric} = {shown}\n  from {}\n", fd.why);
            let flow = judged.model.flow(id);
            if flow.rate.is_none() && judged.model.component(flow.origin).kind.facets.buffers {
                out.push_str(&hops_into(&judged.model, judged, &judged.model.component(flow.origin).name));
            }
            Some(Ok(out))
        }
        "cost" => {
            let cost = judged.facts.cost.flows.get(id.0)?;
            let how = "its share of every component by CPU work, of every byte and request by its own";
            Some(Ok(match (&cost.usd, &cost.per_1k) {
                (Ok(usd), Ok(per_1k)) => format!(
                    "{name}.cost = {} a month\n  {} per 1000 requests: {how}\n",
                    show_money(*usd),
                    show_money(*per_1k)
                ),
                (Err(e), _) | (_, Err(e)) => format!("{name}.cost is unknown: {e}\n  it is {how}\n"),
            }))
        }
        "errors" => Some(Ok(super::errors::errors(judged, id))),
        "lag" => Some(super::lag::lag(judged, id)),
        "consistency" | "staleness" | "rpo" => Some(super::story::flow(judged, id)),
        other => Some(Err(format!(
            "this version explains `rate`, `volume`, `cost`, `errors`, `lag`, `consistency`, `staleness`, `rpo`, `mean` and the percentiles `p50` to `p999` of a flow, not `{other}`"
        ))),
    }
}
