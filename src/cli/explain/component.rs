//! Derivations of a component's numbers.

use crate::analysis::{Bill, component_cost, utilization};
use crate::cli::analyze::money;
use crate::model::trace::{self, Reads};
use crate::model::{Component, Model};
use crate::session::Judged;
use crate::units::{show_money, show_rate, show_ratio};

/// The calls of a component, each with its rate.
pub(super) fn hops_into(model: &Model, judged: &Judged, name: &str) -> String {
    let mut out = String::new();
    for (flow, fd) in model.flows.iter().zip(&judged.facts.demand.flows) {
        for h in fd.hops.iter().filter(|h| model.component(h.to).name == name) {
            let (visits, rate) = match (&h.visits, &fd.rate) {
                (Ok(v), Ok(r)) => (crate::units::significant(*v, 6), show_rate(v * r)),
                (Err(e), _) | (_, Err(e)) => ("unknown".to_owned(), format!("unknown: {e}")),
            };
            let why = if h.why.is_empty() { "each time".to_owned() } else { h.why.clone() };
            let flow_rate = fd.rate.as_ref().map_or_else(|_| "unknown".to_owned(), |r| show_rate(*r));
            out.push_str(&format!(
                "  flow `{}`, {}.{}: {flow_rate} x {visits} visits ({why}) = {rate}\n",
                flow.name,
                model.component(h.to).name,
                h.op
            ));
        }
    }
    out
}

/// The derivation of a number of a component; `None` if the metric is not one.
pub(super) fn explain(judged: &Judged, name: &str, metric: &str) -> Option<Result<String, String>> {
    let model = &judged.model;
    let id = model.find(name)?;
    let d = judged.facts.demand.components.get(id.0)?;
    let u = judged.facts.utilization.get(id.0)?;
    match metric {
        "rate" => {
            let value = d.rate.as_ref().map_or_else(|e| format!("unknown: {e}"), |r| show_rate(*r));
            Some(Ok(format!("{name}.rate = {value}, at the peak\n{}", hops_into(model, judged, name))))
        }
        "utilization" => {
            let value = u.utilization.as_ref().map_or_else(|e| format!("unknown: {e}"), |x| show_ratio(*x));
            let mut out = format!("{name}.utilization = {value}\n");
            for (resource, r) in &u.resources {
                let ratio = r.utilization.as_ref().map_or_else(|e| format!("unknown: {e}"), |x| show_ratio(*x));
                let binds = if u.binding == Some(resource) { ", which binds" } else { "" };
                out.push_str(&format!("  {resource}: {ratio}{binds}\n"));
                for step in &r.why {
                    out.push_str(&format!("    {step}\n"));
                }
            }
            out.push_str("its rate:\n");
            out.push_str(&hops_into(model, judged, name));
            let demand = &judged.facts.demand;
            let (_, reads) = trace::recorded(|| utilization(model, demand, id));
            out.push_str(&inputs(model.component(id), &reads));
            Some(Ok(out))
        }
        "hit" => Some(Ok(super::hit::text(name, judged.facts.demand.hits.of(id)))),
        "storage" => {
            let kept = judged.verdicts.horizon.kept.iter().find(|k| k.id == id);
            Some(Ok(super::storage::text(model, model.component(id), kept)))
        }
        "cost" => {
            let bill = judged.facts.cost.components.get(id.0)?;
            if bill.parts.is_empty() {
                return Some(Ok(format!("{name}.cost: nothing of it has a price in this design\n")));
            }
            let (_, reads) = trace::recorded(|| component_cost(model, &judged.facts.demand, id));
            let total = money(&bill.total(), bill.at_least());
            let inputs = inputs(model.component(id), &reads);
            Some(Ok(format!("{name}.cost = {total} a month\n{}{inputs}", lines(bill))))
        }
        "consistency" | "rpo" => Some(super::story::store(judged, id)),
        other => Some(Err(format!(
            "this version explains `rate`, `utilization`, `response`, `hit`, `storage`, `cost`, what may be solved (`replicas`, `instance` …) and, of a store, `consistency` of a component, not `{other}`"
        ))),
    }
}

/// The attributes of a component that a computation read, each with its origin.
fn inputs(c: &Component, reads: &Reads) -> String {
    let mut out = "inputs:\n".to_owned();
    for a in c.attrs.iter().filter(|a| reads.contains(a.id)) {
        let source = a.source.as_ref().map_or_else(String::new, |s| format!(" ({s})"));
        out.push_str(&format!("  {}: {}{source}\n", a.property.name, a.origin.word()));
    }
    out
}

/// The lines of a bill.
fn lines(bill: &Bill) -> String {
    let line = |p: &crate::analysis::CostPart| match &p.usd {
        Ok(usd) => format!("  {}: {} ({})\n", p.name, show_money(*usd), p.why),
        Err(e) => format!("  {}: unknown: {e}\n", p.name),
    };
    bill.parts.iter().map(line).collect::<String>()
}
