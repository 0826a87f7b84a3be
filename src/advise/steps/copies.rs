//! Read replicas: copies of a store that answer its reads, on a bigger machine.
//!
//! In: a store that presses by its load. Out: `replicas = ?`, `read_from = replica`, and copies in step
//! where the design does not say how they follow. Never: for a store all of whose copies answer already.

use super::{At, Made, each, quoted, writes};
use crate::advise::press::{Cause, Press};
use crate::analysis::count;
use crate::kinds::Serve;

/// Copies that are tried at most: a primary and the fifteen replicas that the provider allows.
const MOST_COPIES: f64 = 16.0;

pub(super) fn make(at: &At) -> Result<Made, String> {
    if !at.presses.iter().any(|p| at.draft.model.component(p.id).kind.facets.serve == Some(Serve::Copies)) {
        return Err("no store presses".to_owned());
    }
    each(at, &one)
}

fn one(at: &At, press: &Press) -> Result<Made, String> {
    let model = &at.draft.model;
    let (name, c) = (quoted(model, press.id), model.component(press.id));
    if c.kind.facets.serve != Some(Serve::Copies) {
        return Err(format!("{name} is no store"));
    }
    if press.causes == [Cause::Down] || press.causes == [Cause::Time] {
        return Err(format!("{name} is {}: that is not its load", press.why));
    }
    if let Some(how @ ("quorum" | "consensus" | "multi_primary")) = c.attrs.word("replication") {
        return Err(format!("all copies of {name} serve already (`replication = {how}`)"));
    }
    let reads: f64 = model.flows.iter().map(|f| at.work(&f.name, press.id, &|op| !writes(c, op))).sum();
    if reads <= 0.0 {
        return Err(format!("nothing is read of {name}"));
    }
    let decl = at.draft.component(press.id)?;
    let least = count(at.was(press.id), "replicas").value.unwrap_or(1.0).max(2.0);
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
