//! `archc explain CODE` and `archc explain FILE NAME.metric`

use super::analyze::money;
use super::{Common, FINDINGS, FINE, USAGE, print, tell};
use crate::analysis::Bill;
use crate::base::nearest;
use crate::diag::{CODES, code_info};
use crate::lint::{LINTS, lint};
use crate::model::Model;
use crate::session::Judged;
use crate::units::{show_money, show_rate, show_ratio};
use clap::Args;

#[derive(Args, Debug)]
pub(super) struct ExplainArgs {
    /// A code such as ARC080, or a design
    what: String,
    /// With a design: a component's or a flow's number, such as `catalog.utilization`
    number: Option<String>,
}

pub(super) fn run(args: &ExplainArgs, common: &Common) -> i32 {
    match &args.number {
        None => page(&args.what),
        Some(number) => derivation(&args.what, number, common),
    }
}

/// The page of a code, as Markdown.
#[must_use]
pub(crate) fn code_page(code: &str) -> Option<String> {
    if let Some(l) = lint(code) {
        return Some(format!(
            "# {}: {}\n\nDefault severity: {}.\n\n{}\n\nIt speaks up on:\n\n```arch\n{}```\n\nand is content with:\n\n```arch\n{}```\n",
            l.code,
            l.title,
            l.severity.word(),
            l.page,
            l.bad,
            l.good
        ));
    }
    code_info(code).map(|i| format!("# {}: {}\n\n{}\n", i.code, i.title, i.text))
}

fn page(what: &str) -> i32 {
    let code = what.to_uppercase();
    if let Some(text) = code_page(&code) {
        print(&text);
        return FINE;
    }
    let all: Vec<&str> = CODES.iter().map(|i| i.code).chain(LINTS.iter().map(|l| l.code)).collect();
    if std::path::Path::new(what).extension().is_some_and(|e| e == "arch") {
        tell(&format!("archc: name a number of the design too: `archc explain {what} checkout.rate`\n"));
    } else {
        let help = nearest(&code.to_lowercase(), all.iter().copied())
            .map_or_else(String::new, |n| format!("; did you mean {n}?"));
        tell(&format!("archc: no rule or error has the code `{what}`{help}\n"));
    }
    USAGE
}

fn derivation(file: &str, number: &str, common: &Common) -> i32 {
    let (_, judged) = match common.open_sound(file) {
        Ok(both) => both,
        Err(status) => return status,
    };
    let Some((name, metric)) = number.rsplit_once('.') else {
        tell(&format!(
            "archc: `{number}` is not a number of the design; write NAME.metric, such as `catalog.utilization`\n"
        ));
        return USAGE;
    };
    let text = component(&judged, name, metric).or_else(|| flow(&judged, name, metric));
    match text {
        Some(Ok(text)) => {
            print(&text);
            FINE
        }
        Some(Err(e)) => {
            tell(&format!("archc: {e}\n"));
            FINDINGS
        }
        None => {
            let names: Vec<&str> = judged
                .model
                .components
                .iter()
                .map(|c| c.name.as_str())
                .chain(judged.model.flows.iter().map(|f| f.name.as_str()))
                .collect();
            let help = nearest(name, names).map_or_else(String::new, |n| format!("; did you mean `{n}.{metric}`?"));
            tell(&format!("archc: no component or flow is named `{name}`{help}\n"));
            USAGE
        }
    }
}

fn hops_into(model: &Model, judged: &Judged, name: &str) -> String {
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

fn component(judged: &Judged, name: &str, metric: &str) -> Option<Result<String, String>> {
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
            out.push_str("inputs:\n");
            for a in model.component(id).attrs.iter().filter(|a| {
                [
                    "cpu",
                    "ops",
                    "cores",
                    "instance",
                    "replicas",
                    "shards",
                    "nodes",
                    "read_from",
                    "replication",
                    "rate_limit",
                    "limit",
                ]
                .contains(&a.property.name)
            }) {
                let source = a.source.as_ref().map_or_else(String::new, |s| format!(" ({s})"));
                out.push_str(&format!("  {}: {}{source}\n", a.property.name, a.origin.word()));
            }
            Some(Ok(out))
        }
        "cost" => {
            let bill = judged.facts.cost.components.get(id.0)?;
            if bill.parts.is_empty() {
                return Some(Ok(format!("{name}.cost: nothing of it has a price in this design\n")));
            }
            Some(Ok(format!("{name}.cost = {} a month\n{}", money(&bill.total(), bill.at_least()), lines(bill))))
        }
        "consistency" | "rpo" => Some(super::story::store(judged, id)),
        other => Some(Err(format!(
            "this version explains `rate`, `utilization`, `cost` and, of a store, `consistency` of a component, not `{other}`"
        ))),
    }
}

/// The lines of a bill.
fn lines(bill: &Bill) -> String {
    let line = |p: &crate::analysis::CostPart| match &p.usd {
        Ok(usd) => format!("  {}: {} ({})\n", p.name, show_money(*usd), p.why),
        Err(e) => format!("  {}: unknown: {e}\n", p.name),
    };
    bill.parts.iter().map(line).collect::<String>()
}

fn flow(judged: &Judged, name: &str, metric: &str) -> Option<Result<String, String>> {
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
        "consistency" | "staleness" | "rpo" => Some(super::story::flow(judged, id)),
        other => Some(Err(format!(
            "this version explains `rate`, `volume`, `cost`, `consistency`, `staleness` and `rpo` of a flow, not `{other}`"
        ))),
    }
}
