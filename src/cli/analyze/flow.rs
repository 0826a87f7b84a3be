//! Flows and their verdicts as JSON.

use super::fields::{Fields, bound};
use super::limits::put_breaks;
use super::waterfall::{put_own, put_shares};
use super::{View, call_policy, reliability};
use crate::analysis::{By, Known, LATENCY_METRICS, Measure, Verdict, availability_note};
use crate::model::Reason;
use crate::model::ReasonKind;
use serde_json::{Map, Value as Json, json as j};

pub(super) fn flows(view: &View) -> Json {
    let View { model, facts, ranges, .. } = *view;
    let verdicts = &view.verdicts.slo;
    let mut all = Map::new();
    for (i, (flow, fd)) in model.flows.iter().zip(&facts.demand.flows).enumerate() {
        let mut f = Fields::new();
        f.by = ranges.rates_by;
        f.known("rate", &fd.rate);
        f.ranged("rate", ranges.flow_rate.get(i));
        f.known("volume", &fd.volume);
        let latency = facts.latency.get(i);
        if let Some(l) = latency {
            f.timed("latency", &l.time);
            if let (Some(Json::Object(one)), Some(ends)) = (f.map.get_mut("latency"), ranges.latency.get(i)) {
                let spread: Map<String, Json> = LATENCY_METRICS
                    .iter()
                    .zip(ends)
                    .filter_map(|(n, e)| {
                        e.filter(|(a, b)| a < b).map(|(a, b)| ((*n).to_owned(), j!([bound(a), bound(b)])))
                    })
                    .collect();
                if !spread.is_empty() {
                    one.insert("range".to_owned(), Json::Object(spread));
                    one.insert("range_by".to_owned(), j!(ranges.latency_by.map(By::word)));
                }
            }
        }
        if let Some(a) = facts.availability.flows.get(i) {
            f.known("availability", a);
            if a.is_ok() {
                let primaries = view.reliability.flows.get(i).and_then(|r| r.primaries.as_ref());
                let more = primaries.map_or_else(String::new, |p| format!("; {p}"));
                f.put("availability_note", j!(format!("{}{more}", availability_note(model))));
            }
        }
        call_policy::flow(&mut f, facts, i);
        reliability::fields(&mut f, view.reliability, i);
        super::lag::json(&mut f, model, facts, i);
        super::consistency::flow(&mut f, model, i, view.consistency);
        if let Some(c) = facts.cost.flows.get(i) {
            f.known("cost", &c.usd);
            f.known("cost_per_1k", &c.per_1k);
            f.ranged("cost", ranges.flow_cost.get(i));
            f.ranged("cost_per_1k", ranges.per_1k.get(i));
        }
        // The first of its components to reach 100%.
        let mut limit: Known = Err(Reason::new(ReasonKind::Missing, "the capacity of none of its components is known"));
        let mut missing = None;
        let slots = facts.lag.get(i).and_then(Option::as_ref).and_then(|l| l.slots.utilization.as_ref().ok());
        if let Some(x) = slots.filter(|x| **x > 0.0) {
            limit = Ok(1.0 / x);
        }
        for hop in &fd.hops {
            let known = facts.utilization.get(hop.to.0).filter(|u| !u.resources.is_empty());
            match (known.and_then(|_| view.breaks.saturates.get(hop.to.0)), &limit) {
                (Some(Ok(at)), Ok(best)) if at < best => limit = Ok(*at),
                (Some(Ok(at)), Err(_)) => limit = Ok(*at),
                (Some(Err(e)), _) => missing = missing.or_else(|| Some(e.clone())),
                _ => {}
            }
        }
        f.known("saturates_at", &missing.map_or(limit, Err));
        let hops: Vec<Json> = fd
            .hops
            .iter()
            .enumerate()
            .map(|(k, h)| {
                let mut one = Fields::new();
                one.put("from", j!(model.component(h.from).name));
                one.put("to", j!(model.component(h.to).name));
                one.put("op", j!(h.op));
                one.put("async", j!(h.is_async));
                one.known("visits", &h.visits);
                let rate = match (&fd.rate, &h.visits) {
                    (Ok(r), Ok(v)) => Ok(r * v),
                    (Err(e), _) | (_, Err(e)) => Err(e.clone()),
                };
                one.known("rate", &rate);
                if let Some(time) = latency.and_then(|l| l.hops.get(k)) {
                    one.measure("mean", &time.measure("mean"));
                    one.measure("p99", &time.measure("p99"));
                }
                call_policy::hop(&mut one, facts, i, h);
                put_shares(&mut one, view.waterfalls.get(i), k);
                one.finish()
            })
            .collect();
        f.put("hops", j!(hops));
        let spof: Vec<&str> = crate::graph::single_points(model, flow)
            .into_iter()
            .filter(|id| {
                let c = model.component(*id);
                c.kind.facets.external || (!c.is_provided() && c.replicas().is_ok_and(|n| n <= 1.0))
            })
            .map(|id| model.component(id).name.as_str())
            .collect();
        f.put("spof", j!(spof));
        let slo: Vec<Json> = verdicts.get(i).map_or_else(Vec::new, |list| {
            let breaks = |k: usize| view.breaks.slo.get(i).and_then(|b| b.get(k));
            let each = list.iter().enumerate().map(|(k, v)| {
                let mut one = verdict(v);
                put_breaks(&mut one, breaks(k));
                one.finish()
            });
            each.collect()
        });
        f.put("slo", j!(slo));
        put_breaks(&mut f, view.breaks.flows.get(i));
        put_own(&mut f, view.waterfalls.get(i));
        all.insert(flow.name.clone(), f.finish());
    }
    Json::Object(all)
}

pub(super) fn verdict(v: &Verdict) -> Fields {
    use crate::kinds::MetricType;
    let op = match v.slo.metric.ty {
        MetricType::RatioAtLeast => ">=",
        MetricType::Model => "=",
        _ => "<=",
    };
    let mut f = Fields::new();
    f.put("metric", j!(v.slo.metric.name));
    f.put("op", j!(op));
    f.put("target", v.slo.model.as_ref().map_or_else(|| j!(v.slo.target), |m| j!(m)));
    value(&mut f, "value", v, &v.value);
    f.put("met", j!(v.met));
    match (&v.worst, v.best) {
        (Measure::Known(a), Some(b)) if v.slo.model.is_none() => f.ranged("value", Some(&Some((a.min(b), a.max(b))))),
        (Measure::Unknown(e), _) => {
            f.unknown.insert("met".to_owned(), j!(e));
        }
        _ => {}
    }
    f
}

/// The value of a target; for a consistency model the strongest one that is guaranteed.
pub(super) fn value(f: &mut Fields, name: &str, v: &Verdict, value: &Measure) {
    match value {
        Measure::Known(_) if v.slo.model.is_some() => f.put(name, j!(v.holds)),
        other => f.measure(name, other),
    }
}
