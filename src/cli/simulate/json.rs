//! `archc simulate --format json`.

use super::{Pair, View};
use crate::analysis::Measure;
use crate::simulate::Estimate;
use serde_json::{Map, Value, json as j};

fn interval(e: &Estimate) -> Value {
    j!({ "value": e.value, "low": e.low, "high": e.high })
}

fn pair(p: &Pair) -> Value {
    let mut out = interval(&p.simulated);
    if let (Some(formula), Some(map)) = (&p.formula, out.as_object_mut()) {
        let value = match formula {
            Measure::Known(x) => j!(x),
            Measure::Unbounded(_) => j!("unbounded"),
            Measure::Unknown(_) => Value::Null,
        };
        map.insert("formula".to_owned(), value);
        map.insert("agrees".to_owned(), j!(p.agrees()));
    }
    out
}

/// The document `archc/simulation/1`.
pub(super) fn document(view: &View, design: &str, digest: &str) -> Value {
    let s = view.simulated;
    let mut flows = Map::new();
    for (i, (flow, result)) in view.model.flows.iter().zip(&s.flows).enumerate() {
        let value = match result {
            Err(why) => j!({ "simulated": false, "reason": why.to_string() }),
            Ok(result) => {
                let mut times = Map::new();
                let mut out = Map::new();
                out.insert("simulated".to_owned(), j!(true));
                for p in view.flow(i) {
                    let of = if ["errors", "throughput"].contains(&p.metric) { &mut out } else { &mut times };
                    of.insert(p.metric.to_owned(), pair(&p));
                }
                out.insert(if result.is_lag { "lag" } else { "latency" }.to_owned(), Value::Object(times));
                if result.errors.value > 0.0 {
                    let answered = result.times.iter().map(|(metric, e)| ((*metric).to_owned(), interval(e)));
                    out.insert("answered".to_owned(), Value::Object(answered.collect()));
                }
                out.insert("collapsed".to_owned(), j!(result.collapsed));
                Value::Object(out)
            }
        };
        flows.insert(flow.name.clone(), value);
    }
    let mut components = Map::new();
    for (i, c) in s.components.iter().enumerate() {
        let mut out = Map::new();
        if let Some(p) = view.component(i) {
            out.insert("cpu".to_owned(), pair(&p));
        }
        if c.refused.value > 0.0 {
            out.insert("refused".to_owned(), interval(&c.refused));
        }
        if let Some(hit) = &c.hit {
            out.insert("hit".to_owned(), interval(hit));
        }
        if !out.is_empty() {
            components.insert(c.name.clone(), Value::Object(out));
        }
    }
    j!({
        "schema": "archc/simulation/1",
        "design": design,
        "digest": digest,
        "scenario": view.scenario,
        "at": view.at,
        "seed": s.seed,
        "events": s.events,
        "seconds": s.seconds,
        "warm_up": s.warm_up,
        "settled": s.settled,
        "precise": s.precise,
        "flows": flows,
        "components": components,
    })
}
