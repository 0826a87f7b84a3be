//! Response time of a component: queueing and service, without downstream calls.
//!
//! In: rates and CPU times per operation, cores, speed, replicas, the policies of upstream balancers.
//! Out: a distribution in seconds for each kind of visit. Never: several regions.
//!
//! One replica is a queue with as many servers as cores. The service time is the mixture of all
//! operations. If all work has one exponential law the queue is M/M/c, else M/G/1 (Pollaczek and
//! Khinchine) or M/G/c (Whitt 1993). Replicas share the rate by the policy: `least_connections` pools
//! them into one queue, M/G/(n c), a lower bound; `round_robin` splits with arrivals of squared
//! coefficient of variation 1/n; all others, and calls without a balancer, split at random;
//! `failover` sends all to the first working replica. If callers have different policies, the least
//! favorable one counts. Stores have roles: primaries, replicas that apply the primaries' writes,
//! replicas of a quorum (the needed-th of n independent ones).
//!
//! Threads and bounded queues: [`crate::analysis::time::threads`]. A fraction of a core serves at
//! that fraction of its speed. If one shard is busier than the mean, its share of the requests sees
//! the busiest shard's queues, and the rest see the others. A read that misses memory adds one disk
//! access, without a queue at the disk.

use crate::analysis::capacity::concurrency::any_consumer_takes;
use crate::analysis::capacity::cpu::{cpu_time, work};
use crate::analysis::capacity::storage::{busiest_shard, misses, read_time};
use crate::analysis::ground::known::Known;
use crate::analysis::ground::machines::{Work, is_lost, machine, provided, roles};
use crate::analysis::ground::resource::Resource;
use crate::analysis::ground::time_value::Timed;
use crate::analysis::load::demand::{Demand, Hop};
use crate::analysis::load::state::DownstreamWait;
use crate::analysis::time::quorums::Quorums;
use crate::analysis::time::threads;
use crate::analysis::time::threads::{Pooled, Size};
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys::{self, Key, Number};
use crate::model::{CompId, Component, Latency, Law, Model, Origin, Processor};
use crate::resource::{Policy, ReadFrom, Replication};
use crate::theory::gg::{Interarrival, Station as Queue};
use crate::theory::{Distribution, Mmc};
use crate::units::show_ratio;

/// Maximum number of servers of one queue.
const MAX_SERVERS: f64 = 1e6;

/// Parameters of the queue of one role: machines with an equal share of the work.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Name of the role, such as `primaries`.
    pub role: &'static str,
    /// Number of machines.
    pub machines: f64,
    /// Name of the formula of the wait.
    pub formula: &'static str,
    /// Requests per second at one queue.
    pub rate: f64,
    /// Servers of one queue.
    pub servers: f64,
    /// Mean service time, seconds.
    pub service: f64,
}

/// The queue of one role.
#[derive(Clone, Debug)]
struct RoleQueue {
    shape: Shape,
    /// Wait before service.
    wait: Timed,
    /// The M/M/c queue, if all work has one exponential law.
    exponential: Option<Mmc>,
    /// `wait` and `exponential` at the cores alone, if the component bounds its threads.
    cores: Option<(Timed, Option<Mmc>)>,
    /// Memoized quorum times.
    quorums: Quorums,
}

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

/// One visit: its operation, and the values that the call sets.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// The operation.
    pub op: &'a str,
    /// CPU time, if the call sets it.
    pub cpu: Option<Latency>,
    /// Time without CPU, if the call sets it.
    pub wait: Option<Latency>,
    /// The replica that answers, if the call sets it.
    pub read_from: Option<ReadFrom>,
}

impl<'a> Visit<'a> {
    /// The visit of a hop.
    #[must_use]
    pub fn of(hop: &'a Hop) -> Self {
        Self { op: &hop.op, cpu: hop.cpu, wait: hop.wait, read_from: hop.read_from }
    }
}

/// The distribution of a law at a speed; `mean 3ms cv 0.5` is a gamma law.
fn of_law(l: Latency, speed: f64) -> Timed {
    let mean = l.mean.mid / speed;
    if mean <= 0.0 {
        return Timed::zero();
    }
    let distribution = match l.law {
        Law::Exponential => Distribution::exponential(mean),
        Law::Constant => Distribution::constant(mean),
        Law::Cv(cv) => Distribution::gamma(mean, cv * cv),
        Law::LogNormal { p50, p99 } => Distribution::lognormal(p50 / speed, p99 / speed),
    };
    Timed::of(distribution, "a time of the design")
}

/// How callers split their calls over replicas, from the most to the least favorable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Split {
    Pooled,
    Smooth,
    Random,
    First,
}

fn split(model: &Model, demand: &Demand, id: CompId) -> Split {
    let mut worst = None;
    for (flow, _, hop) in demand.calls_of(id) {
        if hop.visits.as_ref().is_ok_and(|v| *v <= 0.0) {
            continue;
        }
        let from = model.component(hop.from);
        if from.kind.facets.buffers {
            // Any free consumer takes the next message, unless partitions assign it to one.
            worst = worst.max(Some(if any_consumer_takes(model, flow) { Split::Pooled } else { Split::Random }));
            continue;
        }
        let policy = from.attrs.read(keys::POLICY).filter(|_| from.kind.facets.balances);
        let this = match policy.and_then(Policy::of) {
            Some(Policy::LeastConnections) => Split::Pooled,
            Some(Policy::RoundRobin) => Split::Smooth,
            Some(Policy::Failover) => Split::First,
            Some(Policy::Random | Policy::Hash | Policy::Nearest | Policy::Weighted) | None => Split::Random,
        };
        worst = worst.max(Some(this));
    }
    worst.unwrap_or(Split::Random)
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
        ResponseModel::Lost(Reason::of(ReasonKind::Lost, c, format!("nothing is left of `{}`", c.name)))
    } else if facets.serve.is_none() || provided(c) {
        ResponseModel::NoQueue
    } else {
        lines(model, demand, id, downstream, &mut pools).unwrap_or_else(ResponseModel::Unknown)
    };
    let refused = match &how {
        ResponseModel::Unknown(e) if c.attrs.attr(keys::MAX_QUEUE).is_some() => Err(e.clone()),
        _ => threads::refused(&pools),
    };
    let threads = threads::threads(&pools);
    let mut station = Station { how, disk: at_disk(model, demand, id), response: Timed::zero(), refused, threads };
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
        return Err(Reason::new(ReasonKind::NotModelled, "how several regions share the load is not modelled yet"));
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
fn at_disk(model: &Model, demand: &Demand, id: CompId) -> Timed {
    let c = model.component(id);
    let miss = match misses(model, c, &mut Vec::new()) {
        None => return Timed::zero(),
        Some(Err(e)) => return Timed::Unknown(e),
        Some(Ok(m)) if m <= 0.0 => return Timed::zero(),
        Some(Ok(m)) => m,
    };
    if let Some(used) = crate::analysis::capacity::resources::disk(model, demand, id).and_then(|r| r.utilization.ok())
        && used >= 1.0
    {
        return Timed::Unbounded(Reason::of(
            ReasonKind::Overload,
            c,
            format!("`{}` is asked for {} of the I/O of its disk", c.name, show_ratio(used)),
        ));
    }
    match read_time(model, c) {
        Ok(law) => Timed::mixture(&[(1.0 - miss, Timed::zero()), (miss, of_law(law, 1.0))]),
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

/// Rate, servers, and squared coefficient of variation of arrivals, of one queue of a role.
fn divided(total: f64, servers: f64, machines: f64, split: Split) -> (f64, f64, f64) {
    match split {
        Split::Pooled => (total, servers * machines, 1.0),
        Split::Smooth => (total / machines, servers, 1.0 / machines),
        Split::Random | Split::First => (total / machines, servers, 1.0),
    }
}

/// The CPU time of a request, as the mixture over classes by rate.
fn shared(classes: &[(f64, &Work)], speed: f64) -> Timed {
    let total: f64 = classes.iter().map(|(rate, _)| rate).sum();
    let branches: Vec<(f64, Timed)> = classes.iter().map(|(rate, w)| (*rate, of_law(w.cpu, speed))).collect();
    if total <= 0.0 { Timed::zero() } else { Timed::mixture(&branches) }
}

fn line(
    c: &Component,
    classes: &[(f64, &Work)],
    servers: f64,
    speed: f64,
    (role, machines): (&'static str, f64),
    split: Split,
) -> RoleQueue {
    let total: f64 = classes.iter().map(|(rate, _)| rate).sum();
    let (rate, servers, arrival_scv) = divided(total, servers, machines, split);
    let mut shape = Shape { role, machines, formula: "nothing asks it", rate, servers, service: 0.0 };
    let known = |shape: Shape, wait: Timed| RoleQueue {
        shape,
        wait,
        exponential: None,
        cores: None,
        quorums: Quorums::default(),
    };
    if total <= 0.0 {
        return known(shape, Timed::zero());
    }
    if servers > MAX_SERVERS {
        let why = format!("`{}` has more than {MAX_SERVERS} servers in one queue", c.name);
        let why = Reason::of(ReasonKind::TooLarge, c, why);
        return known(shape, Timed::Unknown(why));
    }
    let service = match shared(classes, speed) {
        Timed::Known(d) => d,
        lack => return known(shape, lack),
    };
    shape.service = service.mean();
    let used = rate * service.mean() / servers;
    if used >= 1.0 {
        let why = format!("`{}` is asked for {} of the cpu it has: its queue grows", c.name, show_ratio(used));
        let why = Reason::of(ReasonKind::Overload, c, why);
        return known(Shape { formula: "no formula: it is full", ..shape }, Timed::Unbounded(why));
    }
    // At most a million.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let servers = servers as u32;
    let first = classes.first().map_or(0.0, |(_, w)| w.cpu.mean.mid);
    let one_law =
        classes.iter().all(|(_, w)| w.cpu.law == Law::Exponential && (w.cpu.mean.mid - first).abs() <= 1e-12 * first);
    let poisson = (arrival_scv - 1.0).abs() < 1e-12;
    let what = format!("the queue of `{}`", c.name);
    if one_law && poisson {
        let queue = Mmc::new(rate, service.mean(), servers);
        let wait = Timed::of(queue.as_ref().map(Distribution::mmc_wait), &what);
        shape.formula = "M/M/c (Erlang C)";
        return RoleQueue { shape, wait, exponential: queue, cores: None, quorums: Quorums::default() };
    }
    if poisson && servers == 1 {
        shape.formula = "M/G/1 (Pollaczek and Khinchine)";
        return known(shape, Timed::of(Distribution::mg1_wait(rate, &service), &what));
    }
    let queue = service.scv().map(|service_scv| Queue {
        arrival_rate: rate,
        arrival_scv,
        service_time: service.mean(),
        service_scv,
        servers,
    });
    if one_law {
        // The time between arrivals at one machine is Erlang with as many stages as machines.
        let arrivals = Interarrival::Gamma(arrival_scv);
        shape.formula = match servers {
            1 => "E/M/1 (arrivals in turn, exact)",
            _ => "E/M/c (arrivals in turn; mean of Whitt 1993)",
        };
        return known(shape, Timed::of(queue.and_then(|q| Distribution::gimc_wait(arrivals, &q)), &what));
    }
    shape.formula = if poisson { "M/G/c (Whitt 1993)" } else { "G/G/c (Whitt 1993)" };
    known(shape, Timed::of(queue.and_then(|q| Distribution::ggc_wait(&q)), &what))
}

impl Station {
    /// The queues with their waits; the first one serves, or takes writes.
    pub fn shapes(&self) -> impl Iterator<Item = (&Shape, &Timed)> {
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
            Ok(cpu) => of_law(cpu, *speed).then(&pause(model, c, visit)).then(&Timed::constant(c.slow)),
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
                .map_or_else(|| Timed::Unknown(Reason::missing(c, "latency")), |l| of_law(l, 1.0)),
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

/// Time without CPU: the `wait` of the call, or else of the operation, or else of the component.
///
/// The default of a kind applies only to a provider-managed component of a design with a provider.
fn pause(model: &Model, c: &Component, visit: &Visit) -> Timed {
    let own = c.attrs.op(visit.op).and_then(|o| o.read(keys::WAIT));
    let common = c
        .attrs
        .attr(keys::WAIT)
        .filter(|a| a.origin != Origin::Kind || model.system.has_provider && provided_at_all(c));
    let common = common.and_then(|_| c.attrs.read(keys::WAIT));
    visit.wait.or(own).or(common).map_or_else(Timed::zero, |l| of_law(l, 1.0))
}

fn provided_at_all(c: &Component) -> bool {
    c.kind.facets.serve.is_none() || provided(c)
}

/// Queueing and CPU time at the queues that answer a visit.
fn served(model: &Model, c: &Component, visit: &Visit, lines: &[RoleQueue], cpu: Latency, speed: f64) -> Timed {
    let service = of_law(cpu, speed);
    let at = |index: usize| {
        let Some(line) = lines.get(index) else { return Timed::zero() };
        if cpu.mean.mid <= 0.0 {
            return Timed::zero();
        }
        match &line.exponential {
            Some(q) if cpu.law == Law::Exponential && same(q.service_time(), cpu.mean.mid / speed) => {
                Timed::Known(Distribution::mmc_sojourn(q))
            }
            _ => line.wait.clone().then(&service),
        }
    };
    if c.kind.facets.serve != Some(Serve::Copies) {
        return at(0);
    }
    let quorum = |index: usize, needed: u32, copies: u32| match lines.get(index) {
        Some(line) => line.quorums.get((cpu, needed, copies), || at(index)),
        None => Timed::zero(),
    };
    let writes = c.kind.op(visit.op).is_some_and(|o| o.writes);
    let all = whole(&c.replicas());
    let copies = whole(&c.replicas_left(&model.system));
    let replication = c.replication().unwrap_or_default();
    let number = |key: Key<Number>| c.attrs.read(key).map(|n| n.mid);
    let (r, w, synchronous) = (number(keys::R), number(keys::W), number(keys::SYNC_REPLICAS));
    let majority = all / 2 + 1;
    // A write is done once a majority has it, or `w` replicas. A read is done once `r` replicas
    // have answered.
    let default = match (replication, writes) {
        (Replication::MultiPrimary, _) | (Replication::Consensus, false) => Some(1),
        (Replication::Quorum, _) | (Replication::Consensus, true) => Some(majority),
        (Replication::None | Replication::Async | Replication::SemiSync | Replication::Sync, _) => None,
    };
    if let Some(default) = default {
        let needed = if writes { w } else { r }.map_or(default, |n| whole(&Ok(n)));
        return quorum(0, needed.clamp(1, copies), copies);
    }
    if copies <= 1 {
        return at(0);
    }
    if writes {
        let followers = copies - 1;
        let needed = match replication {
            Replication::Sync => synchronous.map_or(followers, |n| whole(&Ok(n)).min(followers)),
            Replication::SemiSync => synchronous.map_or(1, |n| whole(&Ok(n)).min(followers)),
            Replication::None
            | Replication::Async
            | Replication::Quorum
            | Replication::Consensus
            | Replication::MultiPrimary => 0,
        };
        if needed == 0 {
            return at(0);
        }
        let trip = Timed::constant(crate::analysis::ground::network::Network::of(model).between);
        return at(0).then(&quorum(1, needed, followers)).then(&trip);
    }
    let default = c.attrs.read(keys::READ_FROM).and_then(ReadFrom::of).unwrap_or_default();
    let on_primary = match visit.read_from.unwrap_or(default) {
        ReadFrom::Replica => 0.0,
        ReadFrom::Any => 1.0 / f64::from(copies),
        ReadFrom::Primary | ReadFrom::Quorum => 1.0,
    };
    Timed::mixture(&[(on_primary, at(0)), (1.0 - on_primary, at(1))])
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
}

/// A count as an integer, at least 1.
fn whole(known: &Known) -> u32 {
    let n = known.as_ref().map_or(1.0, |n| n.clamp(1.0, 1e6));
    // The value is clamped to the range from one to a million.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let n = n.round() as u32;
    n
}
