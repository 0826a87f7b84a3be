//! Consumer concurrency: the slots of a consumer, one for each message or batch in progress.
//!
//! In: a flow that starts at a queue or a timer, the replicas of its first target. Out: the number
//! of slots, whether they share one queue, whether each has its own core. Never: a rate.
//!
//! A replica has `threads` slots, or one per core. A log with `partitions`, or with an `ordering`,
//! assigns each partition to one slot: there are at most as many slots as partitions, and a message
//! waits for the slot of its partition. Keys are assumed to spread evenly over partitions. With
//! `ordering = total` there is one slot. `parallel = true` gives up the order: partitions do not
//! limit the slots, and any free slot takes the next message.

use crate::analysis::ground::known::Known;
use crate::analysis::ground::machines::{machine, provided, roles};
use crate::analysis::load::demand::Demand;
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{CompId, FlowId, Model, Step};
use crate::resource::MessageOrder;

/// Slots of the consumer of one flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Slots {
    /// Number of slots.
    pub count: f64,
    /// Whether any free slot takes the next message.
    pub shared: bool,
    /// Whether each slot has its own core: enough cores, and no other work on the machines.
    pub own_core: bool,
    /// Messages that a slot takes at once.
    pub batch: f64,
    /// Derivation of the number, for `explain`.
    pub why: Vec<String>,
}

/// The component that consumes a flow's messages, if the flow is one call.
#[must_use]
pub fn consumer_of(model: &Model, flow: FlowId) -> Option<CompId> {
    match model.flow(flow).steps.as_slice() {
        [Step::Call(c)] => Some(c.target),
        _ => None,
    }
}

/// Partitions of a queue; `None` if it keeps no order and sets no `partitions`.
fn partitions(model: &Model, queue: CompId) -> Option<Known> {
    let c = model.component(queue);
    let order = c.attrs.read(keys::ORDERING).and_then(MessageOrder::of).unwrap_or_default();
    let written = c.attrs.attr(keys::PARTITIONS).is_some();
    if order == MessageOrder::Total {
        return Some(Ok(1.0));
    }
    if order == MessageOrder::None && !written {
        return None;
    }
    Some(match c.attrs.hole_at(keys::PARTITIONS) {
        Some(_) => Err(Reason::variable(c, "partitions")),
        None => c.attrs.read(keys::PARTITIONS).map(|n| n.mid).ok_or_else(|| {
            Reason::missing_as(
                c,
                "partitions",
                format!("`{}` keeps an order and does not set its `partitions`", c.name),
            )
        }),
    })
}

/// Whether any free consumer takes the next message of a flow that starts at a queue.
pub(in crate::analysis) fn any_consumer_takes(model: &Model, id: FlowId) -> bool {
    let flow = model.flow(id);
    flow.attrs.read(keys::PARALLEL) == Some(true) || partitions(model, flow.origin).is_none()
}

/// The consumer of a flow, its replicas and the partitions of its queue, if some replicas get none.
#[must_use]
pub fn idle_replicas(model: &Model, id: FlowId) -> Option<(CompId, f64, f64)> {
    let flow = model.flow(id);
    let queue = model.component(flow.origin);
    let to = consumer_of(model, id).filter(|_| queue.kind.facets.buffers)?;
    let order = || queue.attrs.read(keys::ORDERING).and_then(MessageOrder::of);
    if flow.attrs.read(keys::PARALLEL) == Some(true) || order() == Some(MessageOrder::Total) {
        return None;
    }
    let parts = partitions(model, flow.origin)?.ok()?;
    let replicas = model.component(to).replicas().ok()?;
    (replicas > parts).then_some((to, replicas, parts))
}

/// Messages in progress in one replica: its `threads`, or one per core.
///
/// # Errors
/// The missing input.
pub fn in_one_replica(model: &Model, id: CompId) -> Known {
    let c = model.component(id);
    let cores = machine(model, c, &mut Vec::new())?.cores;
    let cores = (cores - 1e-9).ceil().max(1.0);
    Ok(c.attrs.read(keys::THREADS).map_or(cores, |n| n.mid))
}

/// The slots of a flow's consumer in the period of a demand.
///
/// # Errors
/// The missing input, or why the flow has no slots.
pub fn slots(model: &Model, demand: &Demand, id: FlowId) -> Result<Slots, Reason> {
    let flow = model.flow(id);
    let Some(to) = consumer_of(model, id) else {
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
