//! More replicas: `replicas = ?` of processes, behind a balancer if a client or a CDN calls them;
//! `nodes = ?` of components that spread keys over nodes; a synchronous replica with failover for a
//! store that is down too often.
//!
//! In: a limiting component. Out: the variable and the balancer. Never: a replica of a component
//! with state in its process, or of one that scales itself.

use super::promised::{balancer as balanced, up};
use super::{At, Made, each, machine, quoted};
use crate::advise::edit::Edit;
use crate::advise::limiting::{Cause, Limiting};
use crate::analysis::consumer_of;
use crate::kinds::Serve;
use crate::model::keys;
use crate::model::{CompId, Component, FlowId, Hole};
use std::collections::BTreeSet;

pub(super) fn make(at: &At) -> Result<Made, String> {
    each(at, &make_one)?;
    Ok(make_where_it_can(at))
}

/// Each component with more replicas, else with a larger machine, else unchanged.
pub(super) fn make_where_it_can(at: &At) -> Made {
    let mut out = Made::default();
    for component in at.limiting {
        let one = [component.clone()];
        let alone = At { limiting: &one, draft: at.draft, state: at.state, hit: at.hit };
        // A component with an open count gets more replicas, not larger ones too.
        let counted = at.draft.model.component(component.id).holes().iter().any(|(_, h)| !matches!(h, Hole::OneOf(_)));
        let made = make_one(at, component).or_else(|e| if counted { Err(e) } else { machine::make(&alone) });
        if let Ok(made) = made {
            out.add(made);
        }
    }
    let edits = balancer(at, &mut out);
    out.edits.extend(edits);
    out
}

fn make_one(at: &At, component: &Limiting) -> Result<Made, String> {
    let (id, model) = (component.id, &at.draft.model);
    let name = quoted(model, id);
    let c = model.component(id);
    let decl = at.draft.component(id)?;
    let solved = at.was(id);
    if c.kind.facets.serve.is_some() {
        unplaced(c)?;
    }
    match c.kind.facets.serve {
        None if c.kind.facets.external => Err(format!("{name} is an external system")),
        None => Err(format!("{name} has no replicas of its own")),
        Some(Serve::Copies) if !component.causes.contains(&Cause::Down) => Err(format!(
            "{name} is a store: a copy repeats its writes and answers no reads unless it may (read replicas)"
        )),
        Some(Serve::Copies) => {
            let mut set = vec![("replicas", format!("? >= {}", solved.replicas().unwrap_or(1.0).max(2.0)))];
            for (attr, value) in [("replication", "sync"), ("failover", "auto"), ("fenced", "true")] {
                if c.attrs.get(attr).is_none() {
                    set.push((attr, value.to_owned()));
                }
            }
            if component.causes.contains(&Cause::Load)
                && let Ok(bigger) = machine::opening(at, component)
            {
                set.push(bigger);
            }
            Ok(Made {
                edits: at.draft.set(decl, &set, None),
                done: vec![format!("{name}: a copy in step takes over")],
                ..Made::default()
            })
        }
        Some(Serve::Nodes) => open(at, id, "nodes", solved.nodes().unwrap_or(1.0)),
        Some(Serve::Processes) if c.is_provided() => Err(format!("{name} is the provider's and grows by itself")),
        Some(Serve::Processes) if c.attrs.read(keys::STATE) == Some("local") => {
            Err(format!("{name} keeps its state in the process (`state = local`): a second replica would not know it"))
        }
        Some(Serve::Processes) if c.attrs.read(keys::AUTOSCALE).is_some() => {
            Err(format!("{name} is autoscaled: its `autoscale.max` is the limit"))
        }
        Some(Serve::Processes) => open(at, id, "replicas", solved.replicas().unwrap_or(1.0)),
    }
}

/// An error if `place` determines the number of replicas.
pub(super) fn unplaced(c: &Component) -> Result<(), String> {
    if c.attrs.attr(keys::PLACE).is_some() {
        return Err(format!("`{}` has a `place`, which decides how many run: raise the numbers there", c.name));
    }
    Ok(())
}

fn open(at: &At, id: CompId, attr: &'static str, now: f64) -> Result<Made, String> {
    let c = at.draft.model.component(id);
    let decl = at.draft.component(id)?;
    let mut made = Made::default();
    if c.attrs.hole(attr).is_none() {
        made.edits = at.draft.set(decl, &[(attr, format!("? >= {now}"))], None);
    }
    // A consumer takes no more messages at once than its queue has partitions.
    let model = &at.draft.model;
    let taken = model.flows.iter().enumerate().filter(|(i, _)| consumer_of(model, FlowId(*i)) == Some(id));
    let origins: BTreeSet<CompId> = taken.map(|(_, f)| f.origin).collect();
    for queue in origins {
        let q = at.draft.model.component(queue);
        if let (Some(n), Ok(decl)) = (q.attrs.read(keys::PARTITIONS), at.draft.component(queue)) {
            made.edits.extend(at.draft.set(decl, &[("partitions", format!("? >= {}", n.mid))], None));
        }
    }
    if made.edits.is_empty() { Err(format!("`{attr}` of `{}` is open already", c.name)) } else { Ok(made) }
}

/// A balancer in front of each component with new replicas that a client or a CDN calls.
fn balancer(at: &At, made: &mut Made) -> Vec<Edit> {
    let model = &at.draft.model;
    let mut edits = Vec::new();
    let existing = model.all().find(|(id, c)| c.kind.facets.balances && at.draft.component(*id).is_ok());
    let name = existing.map_or_else(|| at.draft.unused_name("lb"), |(_, c)| c.name.clone());
    let mut behind: Vec<String> = Vec::new();
    for flow in &model.flows {
        for found in at.draft.calls(&flow.name) {
            let from = model.component(found.caller).kind.facets;
            let to = model.component(found.target);
            // Like rule ARC037: a caller that knows one address.
            let outside = from.target && from.serve.is_none() && from.calls && !from.balances;
            let spread = to.kind.facets.serve == Some(Serve::Processes) && !to.kind.facets.balances;
            let many = at.limiting.iter().any(|p| p.id == found.target && make_one(at, p).is_ok());
            if outside && spread && many && !found.call.is_async {
                let through = format!("{name}{} -> ", at.draft.bytes(found.call));
                edits.push(Edit::insert(found.call.target.span.start as usize, through));
                if !behind.contains(&to.name) {
                    behind.push(to.name.clone());
                }
            }
        }
    }
    if !edits.is_empty() {
        if existing.is_none() {
            let up = up(at, &name, balanced(model), made);
            edits.push(at.draft.declare(&format!("balancer {name} {{ policy = least_connections{up} }}")));
        }
        made.done.push(format!("`{name}`: a balancer before {}", super::list(&behind)));
    }
    edits
}
