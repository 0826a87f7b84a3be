//! CPU: the work of all calls over the cores that do it.
//!
//! In: rates, CPU times by operation, roles of the machines. Out: the resource `cpu`, and the
//! work by operation. Never: a wait.

use crate::analysis::capacity::storage::busiest_shard;
use crate::analysis::ground::machines::{Work, is_lost, machine, provided, roles};
use crate::analysis::ground::resource::Resource;
use crate::analysis::load::demand::Demand;
use crate::analysis::load::hops::Hop;
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::keys;
use crate::model::{CompId, Component, Latency, Model};
use crate::resource::Policy;
use crate::units::{show_cores, show_rate, show_ratio, show_time};

/// Whether all requests go to the first working replica: a caller has `policy = failover`.
pub(in crate::analysis) fn first_only(model: &Model, demand: &Demand, id: CompId) -> bool {
    model.component(id).kind.facets.serve == Some(Serve::Processes)
        && demand.calls_of(id).any(|(_, _, hop)| {
            let from = model.component(hop.from);
            from.kind.facets.balances
                && !hop.visits.as_ref().is_ok_and(|v| *v <= 0.0)
                && from.attrs.read(keys::POLICY).and_then(Policy::of) == Some(Policy::Failover)
        })
}

pub(in crate::analysis) fn cpu(model: &Model, demand: &Demand, id: CompId) -> Option<Resource> {
    let c = model.component(id);
    let serve = c.kind.facets.serve?;
    if provided(c) {
        return None;
    }
    let mut why = Vec::new();
    let work = work(model, demand, id, &mut why);
    let total = work.as_ref().map(|all| all.iter().map(|w| w.cores).sum()).map_err(Clone::clone);
    let first = first_only(model, demand, id);
    let mut size =
        machine(model, c, &mut why).and_then(|m| roles(&model.system, c, serve).map(|r| (m.cores * m.speed, r)));
    if let (true, Ok((_, roles))) = (first, &mut size) {
        for r in roles.iter_mut() {
            (r.name, r.machines) = ("the first replica", r.machines.min(1.0));
        }
    }
    let capacity = size.as_ref().map(|(m, roles)| roles.iter().map(|r| r.machines * m).sum()).map_err(Clone::clone);
    let utilization = match (&work, &size) {
        (Err(e), _) | (_, Err(e)) => Err(e.clone()),
        (Ok(work), Ok((m, roles))) => {
            if is_lost(&model.system, c) {
                why.push("it is lost".to_owned());
            }
            // The role with the highest utilization decides.
            let skew = busiest_shard(c);
            if skew > 1.0 {
                why.push(format!("the busiest shard takes {skew} times the mean"));
            }
            let mut worst = if is_lost(&model.system, c) { f64::INFINITY } else { 0.0_f64 };
            for role in roles.iter().filter(|r| r.machines > 0.0) {
                let busy: f64 = work.iter().map(|w| w.cores * (role.share)(w)).sum();
                let u = busy * skew / (role.machines * m);
                worst = worst.max(u);
                let (busy, m) = (show_cores(busy), show_cores(*m));
                why.push(format!("{}: {busy} of work over {} x {m} = {}", role.name, role.machines, show_ratio(u)));
            }
            Ok(worst)
        }
    };
    Some(Resource { used: total, capacity, utilization, why })
}

/// CPU time of one request of an operation, at the reference speed.
///
/// # Errors
/// The reason, if neither the operation nor the component sets `cpu`.
pub(in crate::analysis) fn cpu_time(c: &Component, op: &str) -> Result<Latency, Reason> {
    c.attrs
        .op(op)
        .and_then(|o| o.read(keys::CPU))
        .or_else(|| c.attrs.read(keys::CPU))
        .ok_or_else(|| Reason::missing_as(c, "cpu", format!("`{}` does not set the `cpu` of `{op}`", c.name)))
}

/// The CPU work of all flows at a component. A call's own `cpu` replaces the component's.
///
/// # Errors
/// The reason why a rate or a CPU time is unknown.
pub(in crate::analysis) fn work(
    model: &Model,
    demand: &Demand,
    id: CompId,
    why: &mut Vec<String>,
) -> Result<Vec<Work>, Reason> {
    let c = model.component(id);
    let mut all: Vec<Work> = Vec::new();
    let mut add = |op: &str, rate: f64, hop: Option<&Hop>| -> Result<(), Reason> {
        if rate <= 0.0 {
            return Ok(());
        }
        let cpu = hop.and_then(|h| h.cpu).map_or_else(|| cpu_time(c, op), Ok)?;
        let cores = rate * cpu.mean.mid;
        let (shown, busy) = (show_time(cpu.mean.mid), show_cores(cores));
        why.push(format!("{op}: {} x {shown} = {busy}", show_rate(rate)));
        all.push(Work {
            writes: c.kind.op(op).is_some_and(|o| o.writes),
            read_from: hop.and_then(|h| h.read_from),
            rate,
            cpu,
            cores,
        });
        Ok(())
    };
    for (_, fd, hop) in demand.calls_of(id) {
        match (&fd.rate, &hop.visits) {
            (_, Ok(v)) if *v <= 0.0 => {}
            (Ok(r), Ok(v)) => add(&hop.op, r * v, Some(hop))?,
            (Err(e), _) | (_, Err(e)) => return Err(e.clone()),
        }
    }
    // A service that starts a flow does work for each start.
    let facets = c.kind.facets;
    if facets.calls && facets.starts && !facets.origin {
        let op = c.kind.ops.first().map_or("", |o| o.name);
        let own = model.flows.iter().zip(&demand.flows).enumerate();
        for (_, (_, fd)) in own.filter(|(i, (f, _))| f.origin == id && demand.runs(*i)) {
            add(op, fd.rate.clone()?, None)?;
        }
    }
    Ok(all)
}
