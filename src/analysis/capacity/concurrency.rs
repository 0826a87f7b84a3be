//! Slots of a consumer: how many messages it works on at once.
//!
//! In: a flow that somebody takes from a queue or that a clock starts, the replicas of its first
//! target. Out: slots, whether they share one queue, what holds one. A replica works on `threads`
//! messages, or on one a core. A log with `partitions`, or with an `ordering`, gives each partition
//! to one slot: no more slots than partitions, and a message waits for the slot of its partition;
//! keys are taken to spread evenly. With `ordering = total` there is one slot. `parallel = true`
//! gives the order up: slots are not bound, and any free one takes the next message. Never: a rate.

use crate::analysis::ground::known::Known;
use crate::analysis::ground::machines::{machine, provided, roles};
use crate::analysis::load::demand::Demand;
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{CompId, FlowId, Model, Step};

/// Slots of one flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Slots {
    /// How many.
    pub count: f64,
    /// Whether any free slot takes the next message.
    pub shared: bool,
    /// Whether a slot has a core of its own: no other work is done there, and there are enough.
    pub own_core: bool,
    /// Messages a slot takes at once.
    pub batch: f64,
    /// How they were counted.
    pub why: Vec<String>,
}

/// The component that takes a flow's messages.
#[must_use]
pub fn taker(model: &Model, flow: FlowId) -> Option<CompId> {
    match model.flow(flow).steps.as_slice() {
        [Step::Call(c)] => Some(c.target),
        _ => None,
    }
}

/// Partitions of a queue, where its messages keep to them.
fn partitions(model: &Model, queue: CompId) -> Option<Known> {
    let c = model.component(queue);
    let ordering = c.attrs.read(keys::ORDERING).unwrap_or("none");
    let written = c.attrs.attr(keys::PARTITIONS).is_some();
    if ordering == "total" {
        return Some(Ok(1.0));
    }
    if ordering == "none" && !written {
        return None;
    }
    Some(match c.attrs.hole_at(keys::PARTITIONS) {
        Some(_) => Err(Reason::variable(c, "partitions")),
        None => c.attrs.read(keys::PARTITIONS).map(|n| n.mid).ok_or_else(|| {
            Reason::missing_as(
                c,
                "partitions",
                format!("`{}` keeps an order and does not say its `partitions`", c.name),
            )
        }),
    })
}

/// Whether any free taker may have the next message of a flow that starts at a queue.
pub(in crate::analysis) fn any_takes(model: &Model, id: FlowId) -> bool {
    let flow = model.flow(id);
    flow.attrs.read(keys::PARALLEL) == Some(true) || partitions(model, flow.origin).is_none()
}

/// Replicas of a flow's taker and partitions of its queue, where some replicas get no partition.
#[must_use]
pub fn idle_replicas(model: &Model, id: FlowId) -> Option<(CompId, f64, f64)> {
    let flow = model.flow(id);
    let queue = model.component(flow.origin);
    let to = taker(model, id).filter(|_| queue.kind.facets.buffers)?;
    if flow.attrs.read(keys::PARALLEL) == Some(true) || queue.attrs.read(keys::ORDERING) == Some("total") {
        return None;
    }
    let parts = partitions(model, flow.origin)?.ok()?;
    let replicas = model.component(to).replicas().ok()?;
    (replicas > parts).then_some((to, replicas, parts))
}

/// Messages in progress in one replica: its `threads`, or one a core.
///
/// # Errors
/// In words, what the design does not say.
pub fn in_one_replica(model: &Model, id: CompId) -> Known {
    let c = model.component(id);
    let cores = machine(model, c, &mut Vec::new())?.cores;
    let cores = (cores - 1e-9).ceil().max(1.0);
    Ok(c.attrs.read(keys::THREADS).map_or(cores, |n| n.mid))
}

/// The slots of a flow at the hour of a demand.
///
/// # Errors
/// In words, what the design does not say.
pub fn slots(model: &Model, demand: &Demand, id: FlowId) -> Result<Slots, Reason> {
    let flow = model.flow(id);
    let Some(to) = taker(model, id) else {
        return Err(Reason::of_flow(
            ReasonKind::NotApplicable,
            &flow.name,
            format!("flow `{}` does not start with one call of who takes its messages", flow.name),
        ));
    };
    let c = model.component(to);
    if c.kind.facets.serve != Some(Serve::Processes) || provided(c) {
        return Err(Reason::of(
            ReasonKind::Contradiction,
            c,
            format!("how many messages `{}` takes at once is not known: let a service take them", c.name),
        ));
    }
    let each = in_one_replica(model, to)?;
    let cores = (machine(model, c, &mut Vec::new())?.cores - 1e-9).ceil().max(1.0);
    let replicas: f64 = roles(&model.system, c, Serve::Processes)?.iter().map(|r| r.machines).sum();
    let what = if c.attrs.read(keys::THREADS).is_some() { "`threads`" } else { "one a core" };
    let mut why = vec![format!("{replicas} replicas of `{}` x {each} ({what})", c.name)];
    let queue = model.component(flow.origin);
    let mut count = replicas * each;
    let parallel = flow.attrs.read(keys::PARALLEL) == Some(true);
    let parts = partitions(model, flow.origin).filter(|_| queue.kind.facets.buffers && !parallel);
    let shared = parts.is_none();
    if let Some(n) = parts {
        let n = n?;
        why.push(format!("{n} partitions of `{}`, each with one slot", queue.name));
        count = count.min(n);
    } else if parallel {
        why.push("`parallel`: not bound by partitions".to_owned());
    }
    let mut calls = demand.calls_of(to);
    let alone = calls.next().is_some_and(|(f, _, h)| f == id && h.from == flow.origin) && calls.next().is_none();
    let starts = model.flows.iter().any(|f| f.origin == to);
    let own_core = alone && !starts && count <= replicas * cores + 1e-9;
    let batch = flow.attrs.read(keys::BATCH).map_or(1.0, |b| b.mid).max(1.0);
    if batch > 1.0 {
        why.push(format!("`batch`: {batch} messages at once in each"));
    }
    Ok(Slots { count, shared, own_core, batch, why })
}
