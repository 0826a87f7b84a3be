//! Read replicas: replicas of a store that serve its reads, on a larger machine.
//!
//! In: a store that is limiting by load. Out: `replicas = ?`, `read_from = replica`, and
//! synchronous replicas if the design does not set `replication`. Never: for a store whose replicas
//! all serve reads already.

use super::{At, Made, each_store, loaded_store, writes};
use crate::advise::limiting::Limiting;
use crate::model::keys;

/// Most replicas: a primary and the fifteen read replicas that the provider allows.
const MOST_COPIES: f64 = 16.0;

pub(super) fn make(at: &At) -> Result<Made, String> {
    each_store(at, &apply)
}

fn apply(at: &At, component: &Limiting) -> Result<Made, String> {
    let (name, c) = loaded_store(at, component)?;
    if let Some(how @ ("quorum" | "consensus" | "multi_primary")) = c.attrs.read(keys::REPLICATION) {
        return Err(format!("all copies of {name} serve already (`replication = {how}`)"));
    }
    let reads: f64 = at.draft.model.flows.iter().map(|f| at.work(&f.name, component.id, &|op| !writes(c, op))).sum();
    if reads <= 0.0 {
        return Err(format!("nothing is read of {name}"));
    }
    super::replicas::unplaced(c)?;
    let decl = at.draft.component(component.id)?;
    let least = at.was(component.id).replicas().unwrap_or(1.0).max(2.0);
    let mut set =
        vec![("replicas", format!("? in {least}..{}", least.max(MOST_COPIES))), ("read_from", "replica".to_owned())];
    for (attr, value) in [("replication", "sync"), ("failover", "auto"), ("fenced", "true")] {
        if c.attrs.get(attr).is_none() {
            set.push((attr, value.to_owned()));
        }
    }
    let assumed = format!("who reads {name} may see what was true a moment before the last write");
    Ok(Made {
        edits: at.draft.set(decl, &set, Some(&format!("Assumed: {assumed}."))),
        done: vec![format!("{name}: reads from copies")],
        assumed: vec![assumed],
        ..Made::default()
    })
}
