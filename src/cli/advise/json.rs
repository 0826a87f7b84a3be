//! Advice as JSON: `docs/schema/advice-1.json`.

use crate::advise::{Advice, CheckClass, FailedCheck, Money, Proposal, Rung, StepVerdict, hunks};
use crate::model::Chosen;
use serde_json::{Map, Value as Json, json};

/// The whole advice.
pub(super) fn document(advice: &Advice, design: &str, before: &str) -> Json {
    let limiting: Vec<Json> =
        advice.limiting.iter().map(|(name, why)| json!({ "component": name, "why": why })).collect();
    let first = advice.first.as_ref().map(|n| json!({ "what": n.what.to_string(), "at": n.at, "why": n.why }));
    json!({
        "schema": "archc/advice/1",
        "design": design,
        "at": advice.load,
        "fails": advice.failed.iter().map(miss).collect::<Vec<_>>(),
        "unknown": advice.open.iter().map(|o| (o.what.clone(), json!(o.why))).collect::<Map<_, _>>(),
        "presses": limiting,
        "breaks_first": first,
        "cost": money(&advice.cost),
        "steps": advice.rungs.iter().map(|r| rung(r, before)).collect::<Vec<_>>(),
        "advised": advice.chosen,
        "cheaper": advice.cheaper.iter().map(|r| rung(r, before)).collect::<Vec<_>>(),
    })
}

fn miss(m: &FailedCheck) -> Json {
    let class = match m.class {
        CheckClass::Load => "load",
        CheckClass::Money => "money",
        CheckClass::Other => "other",
    };
    json!({ "what": m.what, "why": m.why, "sort": class })
}

fn rung(r: &Rung, before: &str) -> Json {
    let (outcome, why): (&str, Vec<String>) = match &r.outcome {
        StepVerdict::Feasible(_) => ("holds", Vec::new()),
        StepVerdict::OverBudget(_, why) => ("costs_too_much", why.clone()),
        StepVerdict::Infeasible(why) => ("fails", why.clone()),
        StepVerdict::NotApplicable(why) => ("not_applicable", vec![why.clone()]),
        StepVerdict::Unknown(why) => ("unknown", vec![why.clone()]),
    };
    json!({
        "steps": r.steps.iter().map(|s| s.name()).collect::<Vec<_>>(),
        "outcome": outcome,
        "why": why,
        "proposal": r.proposal().map(|p| proposal(p, before)),
    })
}

fn proposal(p: &Proposal, before: &str) -> Json {
    let one = |c: &Chosen| match c {
        Chosen::Count(n) => json!(n),
        Chosen::Name(n) => json!(n),
    };
    let values: Vec<Json> = p
        .values
        .iter()
        .map(|v| json!({ "component": v.component, "attribute": v.attribute, "old": v.old.as_ref().map(one), "new": one(&v.new) }))
        .collect();
    let change: Vec<Json> =
        hunks(before, &p.text).into_iter().map(|h| json!({ "line": h.line, "old": h.old, "new": h.new })).collect();
    json!({
        "done": p.done,
        "values": values,
        "assumed": p.assumed,
        "least_hit": p.hit.as_ref().map(|(hit, _)| hit),
        "answers": p.hit.as_ref().map(|(_, of)| of),
        "cost": money(&p.cost),
        "remains": p.remains.iter().map(miss).collect::<Vec<_>>(),
        "unknown": p.open.iter().map(|o| (o.what.clone(), json!(o.why))).collect::<Map<_, _>>(),
        "warnings": p.warnings.iter().map(|(code, message)| json!({ "code": code, "message": message })).collect::<Vec<_>>(),
        "change": change,
    })
}

/// US dollars a month in whole cents; null with the reason if a part is unknown.
fn money(m: &Money) -> Json {
    let cents = |x: f64| (x * 100.0).round() / 100.0;
    json!({
        "total": m.total.as_ref().ok().map(|x| cents(*x)),
        "at_least": cents(m.at_least),
        "unknown": m.total.as_ref().err(),
    })
}
