//! Components as JSON.

use super::fields::Fields;
use super::{View, growth};
use crate::analysis::{Bill, Kept};
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{CompId, Component, Value};
use serde_json::{Map, Value as Json, json as j};

pub(super) fn components(view: &View) -> Json {
    let mut all = Map::new();
    for (id, c) in view.model.all() {
        let kept = view.verdicts.horizon.kept.iter().find(|k| k.id == id);
        all.insert(c.name.clone(), component(view, id, c, kept));
    }
    Json::Object(all)
}

fn component(view: &View, id: CompId, c: &Component, kept: Option<&Kept>) -> Json {
    let View { model, facts, ranges, .. } = *view;
    let mut f = Fields::new();
    f.by = ranges.rates_by;
    f.put("kind", j!(c.kind.name));
    f.put("engine", j!(c.engine));
    let (Some(d), Some(u)) = (facts.demand.components.get(id.0), facts.utilization.get(id.0)) else {
        return f.finish();
    };
    f.known("rate", &d.rate);
    f.ranged("rate", ranges.rate.get(id.0));
    let mut ops = Map::new();
    for (op, rate) in &d.ops {
        ops.insert(op.clone(), rate.as_ref().map_or(Json::Null, |r| j!(r)));
    }
    f.put("ops", Json::Object(ops));
    let provided = c.kind.facets.serve.is_none();
    for (name, n) in [("replicas", c.replicas()), ("shards", c.shards()), ("nodes", c.nodes())] {
        if provided || c.kind.property(name).is_none() {
            f.put(name, Json::Null);
        } else {
            f.known(name, &n);
        }
    }
    f.put(
        "instance",
        c.attrs.peek_at(keys::INSTANCE).map_or(Json::Null, |a| match &a.value {
            Value::Word(w) => j!(w),
            _ => Json::Null,
        }),
    );
    f.known("utilization", &u.utilization);
    f.ranged("utilization", ranges.utilization.get(id.0));
    f.put("binding", j!(u.binding));
    let mut resources = Map::new();
    for (name, r) in &u.resources {
        let mut one = Fields::new();
        one.known("used", &r.used);
        one.known("capacity", &r.capacity);
        one.known("utilization", &r.utilization);
        resources.insert((*name).to_owned(), one.finish());
    }
    f.put("resources", Json::Object(resources));
    if let Some(at) = view.breaks.saturates.get(id.0) {
        f.known("saturates_at", at);
    }
    match facts.demand.hits.of(id) {
        Some(hit) => f.known("hit", &hit.value),
        None => f.put("hit", Json::Null),
    }
    f.ranged("hit", ranges.hit.get(id.0));
    if let Some(kept) = kept {
        growth::storage(kept, &mut f);
    }
    f.known("bytes_in", &d.bytes_in);
    f.known("bytes_out", &d.bytes_out);
    if let Some(s) = facts.stations.get(id.0) {
        f.timed("response", &s.response);
    }
    super::admission::fields(&mut f, model, id, facts);
    if let Some(Some(s)) = facts.scaling.get(id.0) {
        f.put("autoscale", super::autoscale::json(s));
    }
    if let Some(a) = facts.availability.components.get(id.0) {
        f.known("availability", a);
        if let Some(Some(note)) = view.reliability.components.get(id.0) {
            f.put("availability_note", j!(note));
        }
    }
    if let Some(bill) = facts.cost.components.get(id.0) {
        cost(&mut f, c, bill);
        f.ranged("cost", ranges.cost.get(id.0));
    }
    f.not_modelled(&["place"]);
    let mut origin = Map::new();
    for a in c.attrs.iter() {
        origin.insert(a.property.name.to_owned(), j!(a.origin.word()));
    }
    f.put("origin", Json::Object(origin));
    f.finish()
}

/// The bill of a component, in parts. A part without a price is unknown or paid by another
/// organization, not free.
fn cost(f: &mut Fields, c: &Component, bill: &Bill) {
    if bill.parts.is_empty() {
        f.known(
            "cost",
            &Err(Reason::of(ReasonKind::Unpriced, c, format!("a {} has no price in this design", c.kind.name))),
        );
        return;
    }
    f.known("cost", &bill.total());
    let parts = bill.parts.iter().map(|p| {
        let mut one = Fields::new();
        one.put("name", j!(p.name));
        one.known("usd", &p.usd);
        one.put("why", j!(p.why));
        one.finish()
    });
    f.put("cost_parts", j!(parts.collect::<Vec<_>>()));
}
