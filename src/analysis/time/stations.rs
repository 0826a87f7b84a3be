//! Response time of a component: queueing and service, without downstream calls.
//!
//! In: rates and CPU times per operation, cores, speed, replicas. Out: a distribution in seconds for
//! each kind of visit. Never: several regions.
//!
//! Queues: [`crate::analysis::time::role_queue`]. Threads and bounded queues:
//! [`crate::analysis::time::threads`]. A fraction of a core serves at that fraction of its speed. If
//! one shard is busier than the mean, its share of the requests sees the busiest shard's queues, and
//! the rest see the others. A read that misses memory adds one disk access, without a queue at the
//! disk.

use crate::analysis::capacity::cpu::{cpu_time, work};
use crate::analysis::capacity::resources::disk;
use crate::analysis::capacity::storage::{busiest_shard, misses, read_time};
use crate::analysis::ground::known::Known;
use crate::analysis::ground::machines::{Work, is_lost, machine, provided, roles};
use crate::analysis::ground::resource::Resource;
use crate::analysis::ground::time_value::Timed;
use crate::analysis::load::demand::Demand;
use crate::analysis::load::state::DownstreamWait;
use crate::analysis::time::quorums::Quorums;
use crate::analysis::time::role_queue::{MAX_SERVERS, RoleQueue, Shape, Split, divided, line, shared, split};
use crate::analysis::time::threads;
use crate::analysis::time::threads::{Pooled, Size};
use crate::analysis::time::visit::{Visit, pause, served};
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{CompId, Model, Processor};
use crate::units::show_ratio;

/// How the response time of a component is computed.
#[derive(Clone, Debug)]
enum ResponseModel {
    /// By queues at machines, with the speed of one server. The first queue serves, or takes writes.
    Queues(Vec<RoleQueue>, f64),
    /// By queues of shards with different load: the busiest shard's share of requests, its queues, the
    /// queues of the other shards, the speed of one server.
    ShardedQueues(f64, Vec<RoleQueue>, Vec<RoleQueue>, f64),
    /// Without queues: an external system, or provider-managed.
    NoQueue,
    /// Lost, with the reason.
    Lost(Reason),
    /// Unknown, with the reason.
    Unknown(Reason),
}

/// A component as a queueing station.
#[derive(Clone, Debug)]
pub struct Station {
    how: ResponseModel,
    /// Disk time of a read: one access with the probability of a miss in memory.
    disk: Timed,
    /// Queueing and service, over all its requests.
    pub response: Timed,
    /// Share of its requests that a full queue rejects.
    pub refused: Known,
    /// The resource `threads`, if the component sets `threads`.
    pub threads: Option<Resource>,
}

/// The stations of all components.
///
/// `below` is the wait of requests for downstream components, by component. It matters only for
/// components with `threads`.
#[must_use]
pub fn stations(model: &Model, demand: &Demand, downstream: &[DownstreamWait]) -> Vec<Station> {
    model.all().map(|(id, _)| station(model, demand, id, downstream.get(id.0))).collect()
}

/// The station of one component; `below` is the wait of its requests for downstream components.
#[must_use]
pub fn station(model: &Model, demand: &Demand, id: CompId, downstream: Option<&DownstreamWait>) -> Station {
    let demand = demand.when_called(id);
    let c = model.component(id);
    let facets = c.kind.facets;
    if facets.origin || !facets.target {
        let none = Reason::of(ReasonKind::NotApplicable, c, format!("`{}` answers no requests", c.name));
        return Station {
            how: ResponseModel::Unknown(none.clone()),
            response: Timed::Unknown(none),
            ..Station::none()
        };
    }
    let mut pools = Vec::new();
    let how = if is_lost(&model.system, c) {
        ResponseModel::Lost(Reason::of(ReasonKind::Lost, c, format!("`{}` is lost", c.name)))
    } else if facets.serve.is_none() || provided(c) {
        ResponseModel::NoQueue
    } else {
        lines(model, demand, id, downstream, &mut pools).unwrap_or_else(ResponseModel::Unknown)
    };
    let refused = match &how {
        ResponseModel::Unknown(e) if c.attrs.attr(keys::MAX_QUEUE).is_some() => Err(e.clone()),
        _ => threads::rejected(&pools),
    };
    let threads = threads::threads(&pools);
    let mut station = Station { how, disk: disk_time(model, demand, id), response: Timed::zero(), refused, threads };
    let mut branches: Vec<(f64, Timed)> = Vec::new();
    for (_, fd, hop) in demand.calls_of(id) {
        let weight = match (&fd.rate, &hop.visits) {
            (_, Ok(0.0)) => 0.0,
            (Ok(r), Ok(v)) => r * v,
            // The weight does not matter: the response is unknown.
            _ => 1.0,
        };
        branches.push((weight, station.visit(model, id, &Visit::of(hop))));
        if let (Err(e), _) | (_, Err(e)) = (&fd.rate, &hop.visits) {
            branches.push((1.0, Timed::Unknown(e.clone())));
        }
    }
    if facets.calls && facets.starts {
        let op = c.kind.ops.first().map_or("", |o| o.name);
        let own = model.flows.iter().zip(&demand.flows).enumerate();
        for (_, (_, fd)) in own.filter(|(i, (f, _))| f.origin == id && demand.runs(*i)) {
            let weight = fd.rate.as_ref().map_or(1.0, |r| *r);
            branches.push((weight, station.visit(model, id, &Visit { op, cpu: None, wait: None, read_from: None })));
        }
    }
    station.response = if branches.iter().all(|(w, _)| *w <= 0.0) {
        Timed::Unknown(Reason::of(ReasonKind::NotApplicable, c, format!("nothing calls `{}`", c.name)))
    } else {
        Timed::mixture(&branches)
    };
    station
}

/// The queues of a component. The pools of threads and bounded queues are added to `pools`.
///
/// # Errors
/// The reason why the work or the machines are unknown.
fn lines(
    model: &Model,
    demand: &Demand,
    id: CompId,
    downstream: Option<&DownstreamWait>,
    pools: &mut Vec<Pooled>,
) -> Result<ResponseModel, Reason> {
    let c = model.component(id);
    if model.system.regions.len() > 1 {
        return Err(Reason::new(ReasonKind::NotModelled, "how several regions share the load is not modeled yet"));
    }
    let serve = c.kind.facets.serve.unwrap_or(Serve::Processes);
    let all = work(model, demand, id, &mut Vec::new())?;
    let Processor { cores, speed } = machine(model, c, &mut Vec::new())?;
    let servers = (cores - 1e-9).ceil().max(1.0);
    let speed = speed * cores / servers;
    let split = if serve == Serve::Processes { split(model, demand, id) } else { Split::Random };
    let size = Size::of(c, || elsewhere(model, demand, id, downstream));
    let roles = roles(&model.system, c, serve)?;
    // The queues of machines with `times` the mean load.
    let mut at = |times: f64| -> Vec<RoleQueue> {
        let mut lines = Vec::new();
        for role in roles.iter().filter(|r| r.machines > 0.0) {
            let asked = || all.iter().map(|w| (w.rate * (role.share)(w) * times, w)).filter(|(rate, _)| *rate > 0.0);
            let classes: Vec<(f64, &Work)> = asked().filter(|(_, w)| w.cores > 0.0).collect();
            let machines = if split == Split::First { 1.0 } else { role.machines };
            let mut line = line(c, &classes, servers, speed, (role.name, machines), split);
            if let Some(size) = &size {
                let whole: f64 = asked().map(|(rate, _)| rate).sum();
                let pooled = match shared(&asked().collect::<Vec<_>>(), speed) {
                    Timed::Known(service) => {
                        let (rate, servers, arrival_scv) = divided(whole, servers, machines, split);
                        let together = if split == Split::Pooled { machines } else { 1.0 };
                        // The value is at most a million.
                        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                        let servers = servers.min(MAX_SERVERS) as u32;
                        let copies = machines / together;
                        let service = Some(&service).filter(|d| d.mean() > 0.0);
                        threads::Queue { rate, arrival_scv, service, servers, machines: together, copies }
                            .pooled(c, size, &line.wait)
                    }
                    _ => continue,
                };
                if let Some(wait) = &pooled.wait {
                    let cores = std::mem::replace(&mut line.wait, wait.clone());
                    line.cores = Some((cores, line.exponential.take()));
                    line.shape.formula = "a pool of threads";
                }
                pools.push(pooled);
            }
            lines.push(line);
        }
        lines
    };
    let (skew, shards) = (busiest_shard(c), c.shards().unwrap_or(1.0));
    if skew <= 1.0 || shards <= 1.0 {
        return Ok(ResponseModel::Queues(at(1.0), speed));
    }
    let others = at((shards - skew) / (shards - 1.0));
    Ok(ResponseModel::ShardedQueues(skew / shards, at(skew), others, speed))
}

/// The disk time of a read: one access for the share of reads that miss memory, else 0.
fn disk_time(model: &Model, demand: &Demand, id: CompId) -> Timed {
    let c = model.component(id);
    let miss = match misses(model, c, &mut Vec::new()) {
        None => return Timed::zero(),
        Some(Err(e)) => return Timed::Unknown(e),
        Some(Ok(m)) if m <= 0.0 => return Timed::zero(),
        Some(Ok(m)) => m,
    };
    if let Some(used) = disk(model, demand, id).and_then(|r| r.utilization.ok())
        && used >= 1.0
    {
        return Timed::Unbounded(Reason::of(
            ReasonKind::Overload,
            c,
            format!("`{}` is at {} of the I/O of its disk", c.name, show_ratio(used)),
        ));
    }
    match read_time(model, c) {
        Ok(law) => Timed::mixture(&[(1.0 - miss, Timed::zero()), (miss, Timed::of_law(law, 1.0))]),
        Err(e) => Timed::Unknown(e),
    }
}

/// The time for which a request holds its thread without a core: its `wait`, the slowdown of a
/// scenario, and the wait for downstream components.
fn elsewhere(model: &Model, demand: &Demand, id: CompId, downstream: Option<&DownstreamWait>) -> DownstreamWait {
    let c = model.component(id);
    let (mean, variance) = downstream.cloned().unwrap_or(Ok((0.0, 0.0)))?;
    let mut branches: Vec<(f64, Timed)> = Vec::new();
    for (_, fd, hop) in demand.calls_of(id) {
        if let (Ok(r), Ok(v)) = (&fd.rate, &hop.visits) {
            branches.push((r * v, pause(model, c, &Visit::of(hop))));
        }
    }
    if branches.iter().all(|(w, _)| *w <= 0.0) {
        let op = c.kind.ops.first().map_or("", |o| o.name);
        branches.push((1.0, pause(model, c, &Visit { op, cpu: None, wait: None, read_from: None })));
    }
    match Timed::mixture(&branches) {
        Timed::Known(d) => Ok((mean + d.mean() + c.slow, variance + d.variance())),
        Timed::Unbounded(e) | Timed::Unknown(e) => Err(e),
    }
}

impl Station {
    /// The queues with their waits. The first one serves all requests, or the writes of a store.
    pub fn queues(&self) -> impl Iterator<Item = (&Shape, &Timed)> {
        let lines = match &self.how {
            ResponseModel::Queues(lines, _) | ResponseModel::ShardedQueues(_, lines, _, _) => lines.as_slice(),
            _ => &[],
        };
        lines.iter().map(|l| (&l.shape, &l.wait))
    }

    /// The station of a component without calls.
    #[must_use]
    pub fn none() -> Self {
        Self {
            how: ResponseModel::NoQueue,
            disk: Timed::zero(),
            response: Timed::zero(),
            refused: Ok(0.0),
            threads: None,
        }
    }

    /// Why the component is lost, if it is.
    #[must_use]
    pub fn lost(&self) -> Option<&Reason> {
        match &self.how {
            ResponseModel::Lost(why) => Some(why),
            _ => None,
        }
    }

    /// Queueing and service of a visit that already holds a thread: it waits only for a core.
    #[must_use]
    pub fn at_core(&self, model: &Model, id: CompId, visit: &Visit) -> Timed {
        let mut own = self.clone();
        if let ResponseModel::Queues(lines, _) = &mut own.how {
            for line in lines {
                if let Some((wait, whole)) = line.cores.take() {
                    (line.wait, line.exponential, line.quorums) = (wait, whole, Quorums::default());
                }
            }
        }
        own.visit(model, id, visit)
    }

    /// Service of a visit that finds a free core.
    #[must_use]
    pub fn work(&self, model: &Model, id: CompId, visit: &Visit) -> Timed {
        let c = model.component(id);
        let ResponseModel::Queues(_, speed) = &self.how else { return self.visit(model, id, visit) };
        match visit.cpu.map_or_else(|| cpu_time(c, visit.op), Ok) {
            Ok(cpu) => Timed::of_law(cpu, *speed).then(&pause(model, c, visit)).then(&Timed::constant(c.slow)),
            Err(e) => Timed::Unknown(e),
        }
    }

    /// Queueing and service of a visit.
    #[must_use]
    pub fn visit(&self, model: &Model, id: CompId, visit: &Visit) -> Timed {
        let c = model.component(id);
        let pause = pause(model, c, visit);
        let slow = Timed::constant(c.slow);
        let own = match &self.how {
            ResponseModel::Unknown(e) => return Timed::Unknown(e.clone()),
            ResponseModel::Lost(e) => return Timed::Unbounded(e.clone()),
            ResponseModel::NoQueue if c.kind.facets.external => c
                .attrs
                .read(keys::LATENCY)
                .map_or_else(|| Timed::Unknown(Reason::missing(c, "latency")), |l| Timed::of_law(l, 1.0)),
            ResponseModel::NoQueue => Timed::zero(),
            ResponseModel::Queues(..) | ResponseModel::ShardedQueues(..) => {
                match visit.cpu.map_or_else(|| cpu_time(c, visit.op), Ok) {
                    Err(e) => return Timed::Unknown(e),
                    Ok(cpu) => match &self.how {
                        ResponseModel::ShardedQueues(share, busiest, others, speed) => {
                            let at = |lines: &[RoleQueue]| served(model, c, visit, lines, cpu, *speed);
                            Timed::mixture(&[(*share, at(busiest)), (1.0 - share, at(others))])
                        }
                        ResponseModel::Queues(lines, speed) => served(model, c, visit, lines, cpu, *speed),
                        _ => Timed::zero(),
                    },
                }
            }
        };
        let reads = !c.kind.op(visit.op).is_some_and(|o| o.writes);
        let own = if reads { own.then(&self.disk) } else { own };
        own.then(&pause).then(&slow)
    }
}
