//! The plan file: solved values next to the design, `shop.plan.json` for `shop.arch`.
//!
//! In: the outcome of sizing, or the text of a file. Out: its text, or values by component. A value
//! that its variable does not allow is left out and reported. Never: a value solved.

use crate::analysis::{Cost, Product};
use crate::model::{Choice, Choices, Chosen, Model};
use crate::sizing::{Commitments, Group, Held, Mix, Mode, Proof, Robust, Sizes, Status, Study};
use serde_json::{Map, Value as Json, json};
use std::path::{Path, PathBuf};

/// The schema of the file.
pub const SCHEMA: &str = "archc/plan/1";

/// The path of a design's plan file.
#[must_use]
pub fn path_of(design: &Path) -> PathBuf {
    design.with_extension("plan.json")
}

/// A plan file, read.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanFile {
    /// The digest of the design that it was solved for.
    pub digest: String,
    /// Values by component.
    pub choices: Choices,
    /// The cases of an uncertain design that they are feasible in.
    pub robust: Robust,
}

/// Reads the text of a plan file.
///
/// # Errors
/// The reason, if the text is not a plan file.
pub fn parse(text: &str) -> Result<PlanFile, String> {
    let doc: Json = serde_json::from_str(text).map_err(|e| format!("it is not JSON: {e}"))?;
    if doc.get("schema").and_then(Json::as_str) != Some(SCHEMA) {
        return Err(format!("its `schema` is not `{SCHEMA}`"));
    }
    let digest = doc.get("digest").and_then(Json::as_str).unwrap_or_default().to_owned();
    let mut choices = Choices::new();
    for (name, entry) in doc.get("choices").and_then(Json::as_object).into_iter().flatten() {
        let mut choice = Choice::new();
        for (attr, value) in entry.as_object().into_iter().flatten() {
            match value {
                Json::Number(n) if attr != "cost" => {
                    choice.insert(attr.clone(), Chosen::Count(n.as_f64().unwrap_or(f64::NAN)));
                }
                Json::String(s) => {
                    choice.insert(attr.clone(), Chosen::Name(s.clone()));
                }
                _ => {}
            }
        }
        choices.insert(name.clone(), choice);
    }
    Ok(PlanFile { digest, choices, robust: robust(&doc) })
}

/// The method that solved a plan.
fn robust(doc: &Json) -> Robust {
    let or = Robust::default();
    let of = |key: &str| doc.get("robust").and_then(|r| r.get(key));
    Robust {
        mode: of("mode").and_then(Json::as_str).and_then(Mode::named).unwrap_or(or.mode),
        seed: of("seed").and_then(Json::as_u64).unwrap_or(or.seed),
        samples: of("worlds").and_then(Json::as_u64).and_then(|n| usize::try_from(n).ok()),
    }
}

/// The number of cases in which a plan is feasible.
fn of_held(held: &Held) -> Json {
    let mut out = json!({
        "mode": held.robust.mode.word(),
        "seed": held.robust.seed,
        "worlds": held.samples.1,
        "holds": held.samples.0,
        "ends": held.ends.1,
        "holds_at_ends": held.ends.0,
        "all_ends": held.all_ends,
    });
    let name = if held.robust.mode == Mode::Regret { "regret" } else { "mean_cost" };
    if let (Json::Object(map), Some((value, bound))) = (&mut out, held.value) {
        map.insert(name.to_owned(), json!(cents(value)));
        map.insert(format!("{name}_at_least"), json!(cents(bound)));
    }
    out
}

/// Commitments, in US dollars a month.
fn of_commitments(all: &Commitments) -> Json {
    let committed = |mix: Option<&Mix>| -> Vec<Json> {
        let each = mix.into_iter().flat_map(|m| &m.committed).map(|c| {
            json!({
                "years": c.offer.years,
                "payment": c.offer.payment.words(),
                "units": c.units,
                "cost": cents(c.cost),
                "upfront": c.upfront.map(cents),
                "estimated": c.offer.estimated,
                "source": c.offer.source,
            })
        });
        each.collect()
    };
    let group = |g: &Group| {
        let (service, machine) = match &g.product {
            Product::Machine { service, name } => (service.as_str(), Some(name)),
            Product::Containers => ("fargate", None),
        };
        json!({
            "service": service,
            "machine": machine,
            "unit": if machine.is_some() { "machines" } else { "USD per hour" },
            "components": g.components,
            "units": { "least": g.units.0, "mean": g.units.1, "most": g.units.2 },
            "on_demand": cents(g.on_demand),
            "one_year": g.one_year.as_ref().map(|m| cents(m.cost)),
            "three_years": g.three_years.as_ref().map(|m| cents(m.cost)),
            "commit_one_year": committed(g.one_year.as_ref()),
            "commit_three_years": committed(g.three_years.as_ref()),
        })
    };
    let (on_demand, one, three) = all.totals();
    json!({
        "on_demand": cents(on_demand),
        "one_year": cents(one),
        "three_years": cents(three),
        "groups": all.groups.iter().map(group).collect::<Vec<Json>>(),
        "unknown": all.unknown,
    })
}

fn of_choice(choice: &Choice) -> Map<String, Json> {
    let value = |c: &Chosen| match c {
        // Counts are whole and written as integers.
        #[allow(clippy::cast_possible_truncation)]
        Chosen::Count(n) if n.fract() == 0.0 => json!(*n as i64),
        Chosen::Count(n) => json!(n),
        Chosen::Name(n) => json!(n),
    };
    choice.iter().map(|(k, v)| (k.clone(), value(v))).collect()
}

/// The text of the file for a solved design.
#[must_use]
pub fn document(
    design: &str,
    digest: &str,
    load: f64,
    model: &Model,
    (sizes, held): (&Sizes, Option<&Held>),
    study: &Study,
    cost: &Cost,
) -> Json {
    let mut choices = Map::new();
    for (name, choice) in &sizes.choices {
        let mut entry = of_choice(choice);
        if let Some(why) = sizes.why.get(name) {
            entry.insert("binding".to_owned(), json!(why.binding));
            let runner_up = why.runner_up.as_ref().map_or(Json::Null, |(choice, more)| {
                let mut other = of_choice(choice);
                other.insert("cost".to_owned(), json!(cents(why.cost + more)));
                Json::Object(other)
            });
            entry.insert("runner_up".to_owned(), runner_up);
            entry.insert("cost".to_owned(), json!(cents(why.cost)));
        }
        choices.insert(name.clone(), Json::Object(entry));
    }
    let (status, gap) = match sizes.status {
        _ if sizes.is_partial() => ("partial", None),
        Status::Optimal => ("optimal", Some(0.0)),
        Status::WithinGap(g) => ("within_gap", Some(g)),
        Status::Infeasible => ("infeasible", None),
    };
    let proof = Some(&sizes.proof).filter(|_| sizes.status != Status::Infeasible && !sizes.choices.is_empty());
    let mut doc = json!({
        "schema": SCHEMA,
        "design": design,
        "digest": digest,
        "catalog": crate::catalog::VERSION,
        "at": load,
        "status": status,
        "gap": gap,
        "proof": proof.map(Proof::word),
        "cost": cost.total().ok().map(cents),
        "cost_at_least": cents(cost.at_least()),
        "unit": if model.system.has_provider { "USD per month" } else { "cores" },
        "choices": choices,
        "unsolved": sizes.unsolved,
    });
    if let Json::Object(map) = &mut doc {
        if let Some(Proof::Gap(why)) = proof {
            map.insert("gap_reason".to_owned(), json!(why.words()));
        }
        if let Some(held) = held {
            map.insert("robust".to_owned(), of_held(held));
        }
        if sizes.status == Status::Infeasible {
            map.insert("misses".to_owned(), json!(sizes.conflict));
            map.insert("conflict".to_owned(), json!(study.conflict));
            let eased =
                study.relaxations.iter().map(|r| json!({ "change": r.change, "cost": cents(r.cost), "all": r.all }));
            map.insert("relaxations".to_owned(), eased.collect());
        } else if !study.sensitivity.is_empty() {
            let all = study.sensitivity.iter().map(|s| {
                let mut one = json!({ "constraint": s.constraint, "change": s.change, "cost_change": s.cost_change.as_ref().ok().map(|x| cents(*x)) });
                if let (Json::Object(one), Err(why)) = (&mut one, &s.cost_change) {
                    one.insert("unknown".to_owned(), json!({ "cost_change": why }));
                }
                one
            });
            map.insert("sensitivity".to_owned(), all.collect());
        }
        if let Some(c) = &study.commitments {
            map.insert("commitments".to_owned(), of_commitments(c));
        }
        if let Some(f) = &study.frontier {
            let points = f.points.iter().map(|p| match &p.cost {
                Ok(usd) => json!({ "target": p.target, "cost": cents(*usd) }),
                Err(why) => json!({ "target": p.target, "cost": null, "why": why }),
            });
            let points: Vec<Json> = points.collect();
            map.insert("frontier".to_owned(), json!({ "flow": f.flow, "metric": f.metric, "points": points }));
        }
    }
    doc
}

/// Whole cents: smaller differences are rounding errors of floating-point arithmetic.
fn cents(usd: f64) -> f64 {
    (usd * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_plan_is_said() {
        assert!(parse("x").is_err_and(|e| e.contains("JSON")));
        assert!(parse("{\"schema\": \"other\"}").is_err_and(|e| e.contains("schema")));
        let plan = parse(
            "{\"schema\": \"archc/plan/1\", \"choices\": {\"a\": {\"replicas\": 3, \"cost\": 2.5, \"binding\": [], \"instance\": \"m7g.large\"}}}",
        );
        let plan = plan.expect("a plan");
        assert_eq!(plan.choices["a"].len(), 2);
        assert_eq!(plan.choices["a"]["replicas"], Chosen::Count(3.0));
    }
}
