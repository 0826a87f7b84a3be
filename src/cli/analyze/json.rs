//! The result of `archc analyze` as JSON.

use super::View;
use super::component::components;
use super::fields::Fields;
use super::flow::{flows, verdict};
use super::spread::samples;
use crate::analysis::Verdicts;
use crate::diag::DiagnosticJson;
use crate::model::Model;
use crate::model::Reason;
use crate::model::ReasonKind;
use serde_json::{Map, Value as Json, json as j};

/// The document of a view.
pub(super) fn document(view: &View, head: Json, diagnostics: &[DiagnosticJson]) -> Json {
    let mut doc = match head {
        Json::Object(m) => m,
        _ => Map::new(),
    };
    doc.insert("system".to_owned(), system(view));
    doc.insert("components".to_owned(), components(view));
    doc.insert("flows".to_owned(), flows(view));
    if let Some(samples) = samples(view) {
        doc.insert("samples".to_owned(), samples);
    }
    if let Some(tornado) = view.tornado {
        doc.insert("tornado".to_owned(), super::tornado::document(view.model, tornado));
    }
    doc.insert("stores".to_owned(), super::consistency::stores(view.model, view.consistency));
    doc.insert("scenarios".to_owned(), scenarios(view.model, view.verdicts));
    doc.insert("diagnostics".to_owned(), j!(diagnostics));
    Json::Object(doc)
}

fn system(view: &View) -> Json {
    let (facts, coverage) = (view.facts, view.coverage);
    let mut f = Fields::new();
    f.known("cost", &facts.cost.total());
    f.ranged("cost", Some(&view.ranges.total));
    f.put("cost_at_least", j!(facts.cost.at_least()));
    super::growth::system(view, &mut f);
    let mut parts = Fields::new();
    for (name, usd) in facts.cost.parts() {
        parts.known(name, &usd);
    }
    f.put("cost_parts", parts.finish());
    for p in &view.verdicts.system_requirements {
        let mut one = Fields::new();
        one.put("target", j!(p.target));
        one.known("value", &p.value);
        one.put("met", j!(p.met));
        if p.met != Some(true) {
            one.put("why", j!(p.why()));
        }
        f.put(p.name, one.finish());
    }
    match view.breaks.bottleneck() {
        Some((id, at)) => {
            f.put("bottleneck", j!(view.model.component(id).name));
            f.put("saturates_at", j!(at));
        }
        None => {
            let none = Err(Reason::new(ReasonKind::Missing, "no component's capacity is known"));
            f.known("bottleneck", &none);
            f.known("saturates_at", &none);
        }
    }
    let next = view.breaks.next.iter().map(|n| j!({ "what": n.what.to_string(), "at": n.at, "why": n.why }));
    f.put("next_to_break", j!(next.collect::<Vec<_>>()));
    f.put("coverage", j!({ "modelled": coverage.modelled, "total": coverage.total, "unknown": coverage.unknown }));
    f.finish()
}

/// Scenarios: their flows with verdicts.
fn scenarios(model: &Model, verdicts: &Verdicts) -> Json {
    let mut all = Map::new();
    for o in &verdicts.scenarios {
        let mut f = Fields::new();
        f.put("holds", j!(o.holds));
        if let Some(e) = o.unknown.as_ref().filter(|_| o.holds.is_none()) {
            f.unknown.insert("holds".to_owned(), j!(e));
        }
        let (mut expect, mut flows) = (Vec::new(), Map::new());
        if let Some((case, facts)) = &o.case {
            for (i, (flow, list)) in case.flows.iter().zip(&o.slo).enumerate() {
                let own = o.expected.contains(&crate::model::FlowId(i));
                for v in list.iter().filter(|_| own) {
                    let mut one = Fields::new();
                    one.put("flow", j!(flow.name));
                    one.put("metric", j!(v.slo.metric.name));
                    one.put("want", v.slo.model.as_ref().map_or_else(|| j!(v.slo.target), |m| j!(m)));
                    super::flow::value(&mut one, "got", v, &v.worst);
                    expect.push(one.finish());
                }
                let mut one = Fields::new();
                if let Some(d) = facts.demand.flows.get(i) {
                    one.known("rate", &d.rate);
                }
                if let Some(l) = facts.latency.get(i) {
                    one.timed("latency", &l.time);
                }
                super::call_policy::flow(&mut one, facts, i);
                if let Some(a) = facts.availability.flows.get(i) {
                    one.known("availability", a);
                }
                one.put("slo", j!(list.iter().map(|v| verdict(v).finish()).collect::<Vec<_>>()));
                flows.insert(flow.name.clone(), one.finish());
            }
        }
        expect.extend(o.answers.iter().map(|e| super::consistency::expected(model, e)));
        f.put("expect", j!(expect));
        f.put("flows", Json::Object(flows));
        all.insert(o.name.clone(), f.finish());
    }
    Json::Object(all)
}
