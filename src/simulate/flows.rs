//! Flows as lists of operations.
//!
//! In: a model, a factor on its load. Out: a [`Program`], and the flows that are not simulated with
//! the reason. A flow that shares a station with a flow that is not simulated is not simulated
//! either: its queues would be told too short. Never: a random number.

use super::program::{
    Arm, Arrivals, Branch, Call as CallOp, Choice, Copies, Flow as FlowOp, Group, NONE, OnFailure, Op,
    Policy as PolicyOp, Program,
};
use super::stations::{Caches, cacheable, choice, copies, cpu, station, trips, wait, whole};
use crate::kinds::Serve;
use crate::model::keys::{self, Key, Number};
use crate::model::{Attrs, Call, CompId, Component, Flow, FlowId, Model, Reason, ReasonKind, Step, Value};
use crate::resource::{Affinity, MessageOrder};
use crate::units::DAY;
use std::collections::{BTreeMap, BTreeSet};

/// Operations of all flows at most.
const MOST_OPS: usize = 2_000_000;
/// Branches of one `parallel` at most.
const MOST_BRANCHES: f64 = 1e5;

/// Deliveries of a message whose work fails, unless the queue delivers at most once.
const DELIVERIES: u32 = 3;

/// The program of a design at a multiple of its load.
pub(super) fn program(model: &Model, load: f64) -> Program {
    let mut unknown: BTreeMap<usize, Reason> = BTreeMap::new();
    for (i, flow) in model.flows.iter().enumerate() {
        if let Err(why) = Compiler::new(model, load).and_then(|mut c| c.flow(FlowId(i), flow)) {
            unknown.insert(i, why);
        }
    }
    spread(model, &mut unknown);
    let built = Compiler::new(model, load).and_then(|mut compiler| {
        for (i, flow) in model.flows.iter().enumerate().filter(|(i, _)| !unknown.contains_key(i)) {
            compiler.flow(FlowId(i), flow)?;
        }
        compiler.listen();
        Ok(compiler.out)
    });
    let mut program = built.unwrap_or_else(|why| {
        for i in 0..model.flows.len() {
            unknown.entry(i).or_insert_with(|| why.clone());
        }
        Program::default()
    });
    program.unknown = unknown.into_iter().collect();
    program
}

/// Adds the flows that share a component with a flow that is not simulated, or wait for its messages.
fn spread(model: &Model, unknown: &mut BTreeMap<usize, Reason>) {
    let runs = |why: &Reason| why.kind() != ReasonKind::NotApplicable;
    let touched: Vec<BTreeSet<CompId>> = model
        .flows
        .iter()
        .map(|flow| {
            let mut out = BTreeSet::from([flow.origin]);
            Step::walk(&flow.steps, &mut |c| {
                out.insert(c.target);
            });
            out.retain(|id| {
                let c = model.component(*id);
                c.kind.facets.buffers || c.kind.facets.serve.is_some() && !c.is_provided()
            });
            out
        })
        .collect();
    loop {
        let mut more = Vec::new();
        for (i, mine) in touched.iter().enumerate().filter(|(i, _)| !unknown.contains_key(i)) {
            let other = unknown.iter().filter(|(_, why)| runs(why)).find_map(|(j, _)| {
                let shared = touched.get(*j)?.intersection(mine).next()?;
                Some((model.flows.get(*j)?, model.component(*shared)))
            });
            if let (Some((flow, c)), Some(me)) = (other, model.flows.get(i)) {
                let why = format!("`{}` also serves flow `{}`, which is not simulated", c.name, flow.name);
                more.push((i, Reason::of_flow(ReasonKind::NotModelled, &me.name, why)));
            }
        }
        if more.is_empty() {
            return;
        }
        unknown.extend(more);
    }
}

/// A part of a list that is still to be written.
#[derive(Clone, Copy)]
enum Rest<'a> {
    /// The steps of a callee.
    Body(u32, CompId, &'a [Step]),
    /// One branch.
    Branch(u32, CompId, &'a Step),
    /// One call, without its `xN`.
    Once(Place, CompId, &'a Call),
}

/// Where the start of a list is written.
#[derive(Clone, Copy)]
enum Place {
    Branch(u32),
    Repeat(u32),
}

struct Compiler<'a> {
    model: &'a Model,
    load: f64,
    out: Program,
    caches: Caches,
    pairs: BTreeMap<(CompId, CompId), u32>,
    pools: BTreeMap<(CompId, CompId), u32>,
    accounts: BTreeMap<(CompId, CompId), u32>,
    /// Calls that publish, with their queue.
    publishes: Vec<(u32, CompId)>,
    /// Groups, with their queue.
    groups: Vec<(u32, CompId)>,
    in_zone: bool,
    rest: Vec<Rest<'a>>,
}

/// The number of a list's next element.
fn next<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(NONE)
}

impl<'a> Compiler<'a> {
    fn new(model: &'a Model, load: f64) -> Result<Self, Reason> {
        if model.system.regions.len() > 1 {
            return Err(Reason::new(ReasonKind::NotModelled, "several regions are not simulated yet"));
        }
        Ok(Self {
            model,
            load,
            out: Program::default(),
            caches: Caches::default(),
            pairs: BTreeMap::new(),
            pools: BTreeMap::new(),
            accounts: BTreeMap::new(),
            publishes: Vec::new(),
            groups: Vec::new(),
            in_zone: false,
            rest: Vec::new(),
        })
    }

    /// The station of a component; all are made in their order when the first is asked for.
    fn station(&mut self, id: CompId) -> Result<u32, Reason> {
        if self.out.stations.is_empty() {
            for (_, c) in self.model.all() {
                let made = station(self.model, c, &mut self.out);
                // A component that no simulated call reaches may lack anything.
                self.out.stations.push(made.unwrap_or_else(|_| super::program::Station::none(&c.name)));
            }
        }
        let c = self.model.component(id);
        // Again, for the reason.
        station(self.model, c, &mut Program::default())?;
        Ok(u32::try_from(id.0).unwrap_or(NONE))
    }

    fn op(&mut self, op: Op) -> Result<u32, Reason> {
        if self.out.ops.len() >= MOST_OPS {
            return Err(Reason::new(ReasonKind::TooLarge, "the flows have too many calls to simulate"));
        }
        self.out.ops.push(op);
        Ok(next(&self.out.ops) - 1)
    }

    fn patch(&mut self, at: u32, op: Op) {
        if let Some(slot) = self.out.ops.get_mut(at as usize) {
            *slot = op;
        }
    }

    /// One flow.
    fn flow(&mut self, id: FlowId, flow: &'a Flow) -> Result<(), Reason> {
        let origin = self.model.component(flow.origin);
        let rate = self.rate(flow)?;
        self.in_zone = flow.attrs.read(keys::AFFINITY).and_then(Affinity::of) == Some(Affinity::Zone);
        self.station(flow.origin)?;
        let number = next(&self.out.flows);
        let mut out =
            FlowOp { name: flow.name.clone(), arrivals: rate, at: 0, group: NONE, absorbs: None, stations: Vec::new() };
        if origin.kind.facets.buffers {
            out.group = self.group(flow, number)?;
        }
        if origin.kind.facets.absorb.is_some() && cacheable(self.model, &flow.steps) {
            out.absorbs = self.caches.lookup(self.model, flow.origin, &Attrs::default(), &mut self.out)?;
        }
        let serves = origin.kind.facets.serve == Some(Serve::Processes) && !origin.kind.facets.buffers;
        out.at = if serves {
            // A service works on what it starts, and its calls hold its threads.
            let op = origin.kind.ops.first().map_or("", |o| o.name);
            let own = self.own_work(flow.origin, origin, op)?;
            self.rest.push(Rest::Body(own, flow.origin, &flow.steps));
            let at = self.op(Op::Call { call: own, miss: NONE, fail: NONE })?;
            self.op(Op::End)?;
            at
        } else {
            self.list(flow.origin, &flow.steps)?
        };
        self.finish()?;
        if serves {
            out.stations.push(u32::try_from(flow.origin.0).unwrap_or(NONE));
        }
        // What a call that is not waited for meets does not delay the flow.
        waits(&flow.steps, origin.kind.facets.buffers, &mut out.stations);
        out.stations.sort_unstable();
        out.stations.dedup();
        self.out.flows.push((id.0, out));
        Ok(())
    }

    /// How often a flow starts at the peak.
    fn rate(&self, flow: &Flow) -> Result<Arrivals, Reason> {
        let (model, load) = (self.model, self.load * flow.load);
        let origin = model.component(flow.origin);
        let ptm = model.system.peak_to_mean;
        let peak = flow.rate.map(|r| r.mid).or_else(|| flow.volume.map(|v| v.mid * ptm));
        if let Some(Value::Window(from, to)) = flow.attrs.attr(keys::WINDOW).map(|a| &a.value) {
            let (opening, closing) = (f64::from(*from) * 60.0, f64::from(*to) * 60.0);
            let length = Some((closing - opening).rem_euclid(DAY)).filter(|l| *l > 0.0).unwrap_or(DAY);
            let why = |text: &str| {
                Err(Reason::of_flow(ReasonKind::NotApplicable, &flow.name, format!("flow `{}` {text}", flow.name)))
            };
            if (model.system.peak_hour - opening).rem_euclid(DAY) >= length {
                return why("has a `window` that is not at the peak, which is what is simulated");
            }
            return match peak {
                Some(p) => Ok(Arrivals::Poisson(p / ptm * DAY / length * load)),
                None => why("takes the messages of a day in a `window`, which is not simulated yet"),
            };
        }
        if let Some(p) = peak {
            return Ok(Arrivals::Poisson(p * load));
        }
        if origin.kind.facets.buffers {
            return Ok(Arrivals::Messages);
        }
        if let Some(every) = origin.attrs.read(keys::EVERY) {
            return Ok(Arrivals::Every(every.mid / load));
        }
        if origin.attrs.attr(keys::AT).is_some() {
            let why = format!("flow `{}` runs once a day, which a run at the peak does not show", flow.name);
            return Err(Reason::of_flow(ReasonKind::NotApplicable, &flow.name, why));
        }
        let why = format!("flow `{}` has no `rate` or `volume`", flow.name);
        Err(Reason::about(ReasonKind::Missing, crate::model::Subject::Flow(flow.name.clone()), Some("rate"), why))
    }

    /// The consumers of a flow that starts at a queue.
    fn group(&mut self, flow: &Flow, number: u32) -> Result<u32, Reason> {
        let why = |text: String| Reason::of_flow(ReasonKind::NotModelled, &flow.name, text);
        let [Step::Call(call)] = flow.steps.as_slice() else {
            return Err(why(format!("flow `{}` does not start with one call of who takes its messages", flow.name)));
        };
        let c = self.model.component(call.target);
        if c.kind.facets.serve != Some(Serve::Processes) || c.is_provided() {
            return Err(why(format!("how many messages `{}` takes at once is not known", c.name)));
        }
        let queue = self.model.component(flow.origin);
        let replicas = whole(c, c.replicas_left(&self.model.system)?, 1e5, "replicas")?.max(1);
        let cores = (c.processor(&self.model.system)?.cores - 1e-9).ceil().max(1.0);
        let each = c.attrs.read(keys::THREADS).map_or(cores, |n| n.mid);
        let mut slots = replicas * whole(c, each, 1e5, "slots")?.max(1);
        let order = queue.attrs.read(keys::ORDERING).and_then(MessageOrder::of).unwrap_or_default();
        let number_of = |key: Key<Number>| queue.attrs.read(key).map(|n| n.mid);
        let mut partitions = 0;
        if order == MessageOrder::Total {
            (slots, partitions) = (1, 1);
        } else if flow.attrs.read(keys::PARALLEL) != Some(true) {
            match number_of(keys::PARTITIONS) {
                Some(n) => {
                    partitions = whole(queue, n, 1e6, "partitions")?.max(1);
                    slots = slots.min(partitions);
                }
                None if order == MessageOrder::Key || queue.attrs.hole_at(keys::PARTITIONS).is_some() => {
                    return Err(Reason::missing(queue, "partitions"));
                }
                None => {}
            }
        }
        let batch = whole(c, flow.attrs.read(keys::BATCH).map_or(1.0, |b| b.mid), 1e6, "messages")?.max(1);
        // At least once: again a few times, then to the dead letters.
        let once = queue.attrs.read(keys::DELIVERY) == Some("at_most_once");
        let deliveries = if once { 1 } else { DELIVERIES };
        self.out.groups.push(Group { flow: number, slots, partitions, batch, deliveries });
        let group = next(&self.out.groups) - 1;
        if flow.rate.is_none() && flow.volume.is_none() {
            self.groups.push((group, flow.origin));
        }
        Ok(group)
    }

    /// Links each publish to the consumers of its queue.
    fn listen(&mut self) {
        for (call, queue) in std::mem::take(&mut self.publishes) {
            let first = next(&self.out.listeners);
            self.out.listeners.extend(self.groups.iter().filter(|(_, q)| *q == queue).map(|(g, _)| *g));
            let count = next(&self.out.listeners) - first;
            if let Some(c) = self.out.calls.get_mut(call as usize) {
                c.groups = (first, count);
            }
        }
    }

    /// The work of a service on a flow that it starts itself.
    fn own_work(&mut self, id: CompId, c: &Component, op: &str) -> Result<u32, Reason> {
        let target = self.station(id)?;
        let none = Attrs::default();
        let (cpu, wait) = (cpu(self.model, c, op, &none)?, wait(self.model, c, op, &none)?);
        self.out.calls.push(CallOp {
            caller: target,
            target,
            pair: self.out.pairs,
            half_trip: 0.0,
            cpu,
            wait,
            slow: c.slow,
            is_async: false,
            choice: Choice::Random,
            copies: Copies::Any,
            between: 0.0,
            policy: NONE,
            absorbs: None,
            looks_up: None,
            body: NONE,
            pool: NONE,
            on_failure: OnFailure::Fails,
            groups: (0, 0),
        });
        self.out.pairs += 1;
        Ok(next(&self.out.calls) - 1)
    }

    /// Writes the lists that are still to be written.
    fn finish(&mut self) -> Result<(), Reason> {
        while let Some(rest) = self.rest.pop() {
            match rest {
                Rest::Body(call, owner, steps) => {
                    let at = self.list(owner, steps)?;
                    if let Some(c) = self.out.calls.get_mut(call as usize) {
                        c.body = at;
                    }
                }
                Rest::Branch(branch, owner, step) => {
                    let at = self.list(owner, std::slice::from_ref(step))?;
                    self.place(Place::Branch(branch), at);
                }
                Rest::Once(place, owner, call) => {
                    let at = next(&self.out.ops);
                    self.once(owner, call)?;
                    self.op(Op::End)?;
                    self.place(place, at);
                }
            }
        }
        Ok(())
    }

    fn place(&mut self, place: Place, at: u32) {
        match place {
            Place::Branch(i) => {
                if let Some(b) = self.out.branches.get_mut(i as usize) {
                    b.at = at;
                }
            }
            Place::Repeat(i) => {
                if let Some(Op::Repeat { body, .. }) = self.out.ops.get_mut(i as usize) {
                    *body = at;
                }
            }
        }
    }

    /// Writes a list; returns its start.
    fn list(&mut self, owner: CompId, steps: &'a [Step]) -> Result<u32, Reason> {
        let at = next(&self.out.ops);
        self.steps(owner, steps)?;
        self.op(Op::End)?;
        Ok(at)
    }

    fn steps(&mut self, owner: CompId, steps: &'a [Step]) -> Result<(), Reason> {
        for step in steps {
            match step {
                Step::Call(call) => self.call(owner, call)?,
                Step::Parallel(inner) => self.parallel(owner, inner)?,
                Step::Choose(arms) => self.choose(owner, arms)?,
            }
        }
        Ok(())
    }

    fn parallel(&mut self, owner: CompId, inner: &'a [Step]) -> Result<(), Reason> {
        let first = next(&self.out.branches);
        for step in inner {
            let branch = next(&self.out.branches);
            let mut times = 1.0;
            match step {
                Step::Call(call) if call.share >= 1.0 && (call.times - 1.0).abs() > f64::EPSILON && !batched(call) => {
                    times = call.times;
                    self.rest.push(Rest::Once(Place::Branch(branch), owner, call));
                }
                other => self.rest.push(Rest::Branch(branch, owner, other)),
            }
            if times > MOST_BRANCHES {
                let why = format!("more than {MOST_BRANCHES} calls at once are not simulated");
                return Err(Reason::new(ReasonKind::TooLarge, why));
            }
            self.out.branches.push(Branch { at: NONE, times });
        }
        let count = next(&self.out.branches) - first;
        self.op(Op::Fork { first, count })?;
        Ok(())
    }

    fn choose(&mut self, owner: CompId, arms: &'a [(f64, Vec<Step>)]) -> Result<(), Reason> {
        let (first, count) = (next(&self.out.arms), next(arms));
        let mut upto = 0.0;
        for (share, _) in arms {
            upto += share;
            self.out.arms.push(Arm { upto, at: NONE });
        }
        self.op(Op::Choose { first, count })?;
        // Less than the whole: nothing happens for the rest.
        let mut ends = vec![self.op(Op::Jump(NONE))?];
        for (i, (_, steps)) in arms.iter().enumerate() {
            let at = next(&self.out.ops);
            if let Some(arm) = self.out.arms.get_mut(first as usize + i) {
                arm.at = at;
            }
            self.steps(owner, steps)?;
            ends.push(self.op(Op::Jump(NONE))?);
        }
        let end = next(&self.out.ops);
        ends.into_iter().for_each(|e| self.patch(e, Op::Jump(end)));
        Ok(())
    }

    fn call(&mut self, owner: CompId, call: &'a Call) -> Result<(), Reason> {
        if !call.happens() {
            return Ok(());
        }
        let maybe = if call.share < 1.0 { Some(self.op(Op::End)?) } else { None };
        let batch = call.attrs.read(keys::BATCH).map_or(1.0, |b| b.mid).max(1.0);
        let every = if batch > 1.0 { Some(self.op(Op::End)?) } else { None };
        if (call.times - 1.0).abs() > f64::EPSILON {
            let at = self.op(Op::Repeat { body: NONE, times: call.times })?;
            self.rest.push(Rest::Once(Place::Repeat(at), owner, call));
        } else {
            self.once(owner, call)?;
        }
        let skip = next(&self.out.ops);
        if let Some(at) = maybe {
            self.patch(at, Op::Maybe { probability: call.share, skip });
        }
        if let Some(at) = every {
            let counter = next(&self.out.counters);
            self.out.counters.push(whole(self.model.component(owner), batch, 1e9, "requests of a batch")?);
            self.patch(at, Op::Every { counter, skip });
        }
        Ok(())
    }

    /// One call with what follows a miss or a failure.
    fn once(&mut self, owner: CompId, call: &'a Call) -> Result<(), Reason> {
        let index = self.make(owner, call)?;
        let at = self.op(Op::End)?;
        let (mut miss, mut fail) = (NONE, NONE);
        let mut ends = Vec::new();
        if !call.is_async && (!call.on_miss.is_empty() || !call.fallback.is_empty()) {
            ends.push(self.op(Op::Jump(NONE))?);
            if !call.on_miss.is_empty() {
                miss = next(&self.out.ops);
                self.steps(owner, &call.on_miss)?;
                ends.push(self.op(Op::Jump(NONE))?);
            }
            if !call.fallback.is_empty() {
                fail = next(&self.out.ops);
                self.steps(owner, &call.fallback)?;
                ends.push(self.op(Op::Jump(NONE))?);
            }
        }
        let end = next(&self.out.ops);
        ends.into_iter().for_each(|e| self.patch(e, Op::Jump(end)));
        self.patch(at, Op::Call { call: index, miss, fail });
        Ok(())
    }

    /// The call itself, and the steps of the callee.
    fn make(&mut self, owner: CompId, call: &'a Call) -> Result<u32, Reason> {
        let model = self.model;
        let (from, to) = (model.component(owner), model.component(call.target));
        let facets = to.kind.facets;
        let target = self.station(call.target)?;
        let pairs = &mut self.out.pairs;
        let pair = *self.pairs.entry((owner, call.target)).or_insert_with(|| {
            *pairs += 1;
            *pairs - 1
        });
        let (trip, between) = trips(model, from, to, self.in_zone);
        let first = to.kind.ops.first().is_some_and(|o| o.name == call.op);
        let looks_up = facets.misses && first;
        let absorbs = if facets.absorb.is_some() && !call.body.is_empty() && cacheable(model, &call.body) {
            self.caches.lookup(model, call.target, &call.attrs, &mut self.out)?
        } else {
            None
        };
        let looks_up = if looks_up {
            // Without a hit ratio every lookup counts as a hit only if nothing follows a miss.
            match self.caches.lookup(model, call.target, &call.attrs, &mut self.out) {
                Err(why) if !call.on_miss.is_empty() => return Err(why),
                Err(_) => None,
                Ok(found) => found,
            }
        } else {
            None
        };
        let on_failure = if call.attrs.read(keys::OPTIONAL) == Some(true) {
            OnFailure::Ignored
        } else if facets.misses {
            if first { OnFailure::Misses } else { OnFailure::Ignored }
        } else {
            OnFailure::Fails
        };
        let made = CallOp {
            caller: u32::try_from(owner.0).unwrap_or(NONE),
            target,
            pair,
            half_trip: trip / 2.0,
            cpu: cpu(model, to, &call.op, &call.attrs)?,
            wait: wait(model, to, &call.op, &call.attrs)?,
            slow: to.slow,
            is_async: call.is_async && !from.kind.facets.buffers,
            choice: choice(from, to),
            copies: copies(model, to, call)?,
            between,
            policy: self.policy(owner, call)?,
            absorbs,
            looks_up,
            body: NONE,
            pool: self.pool(owner, call.target)?,
            on_failure,
            groups: (0, 0),
        };
        if to.attrs.attr(keys::WORKING_SET).is_some() || facets.stores && to.attrs.attr(keys::SKEW).is_some() {
            let why = format!("reads of `{}` that miss its memory are not simulated yet", to.name);
            return Err(Reason::of(ReasonKind::NotModelled, to, why));
        }
        self.out.calls.push(made);
        let index = next(&self.out.calls) - 1;
        if facets.buffers {
            self.publishes.push((index, call.target));
        }
        if !call.body.is_empty() {
            self.rest.push(Rest::Body(index, call.target, &call.body));
        }
        Ok(index)
    }

    /// Replicas of a caller that hold connections and accounts of their own.
    fn callers(&self, owner: CompId) -> Result<u32, Reason> {
        let c = self.model.component(owner);
        if c.kind.facets.serve.is_none() || c.is_provided() {
            return Ok(1);
        }
        Ok(whole(c, c.replicas_left(&self.model.system)?, 1e5, "replicas")?.max(1))
    }

    /// The pools of connections that the replicas of a caller hold to a store.
    fn pool(&mut self, owner: CompId, to: CompId) -> Result<u32, Reason> {
        let c = self.model.component(to);
        let Some(size) = c.attrs.read(keys::POOL).map(|n| n.mid) else { return Ok(NONE) };
        if let Some(known) = self.pools.get(&(owner, to)) {
            return Ok(*known);
        }
        let (first, callers) = (next(&self.out.pools), self.callers(owner)?);
        let size = whole(c, size, 1e6, "connections")?.max(1);
        self.out.pools.extend(std::iter::repeat_n(size, callers as usize));
        self.pools.insert((owner, to), first);
        Ok(first)
    }

    /// Timeout, retries and hedge of a call: its own, then those of its caller.
    fn policy(&mut self, owner: CompId, call: &Call) -> Result<u32, Reason> {
        let c = self.model.component(owner);
        if call.is_async {
            return Ok(NONE);
        }
        let first = |key: Key<Number>| call.attrs.read(key).or_else(|| c.attrs.read(key)).map(|n| n.mid);
        let (timeout, retries) = (first(keys::TIMEOUT), first(keys::RETRIES).unwrap_or(0.0));
        let hedge = call.attrs.read(keys::HEDGE).map(|n| n.mid);
        let breaker = c.attrs.read(keys::BREAKER) == Some(true);
        if timeout.is_none() && retries < 0.5 && hedge.is_none() && !breaker {
            return Ok(NONE);
        }
        let account = match self.accounts.get(&(owner, call.target)) {
            Some(known) => *known,
            None => {
                let first = self.out.accounts;
                self.out.accounts += self.callers(owner)?;
                self.accounts.insert((owner, call.target), first);
                first
            }
        };
        self.out.policies.push(PolicyOp {
            timeout,
            retries: whole(c, retries, 1000.0, "retries of a call")?,
            backoff: first(keys::BACKOFF).unwrap_or(0.0),
            jitter: call.attrs.read(keys::JITTER) == Some(true),
            hedge,
            account,
            budget: c.attrs.read(keys::RETRY_BUDGET).map(|n| n.mid),
            breaker,
        });
        Ok(next(&self.out.policies) - 1)
    }
}

/// The stations that a list of steps waits at.
fn waits(steps: &[Step], asynchronous: bool, out: &mut Vec<u32>) {
    for step in steps {
        match step {
            Step::Call(c) if c.is_async && !asynchronous => {}
            Step::Call(c) => {
                out.push(u32::try_from(c.target.0).unwrap_or(NONE));
                waits(&c.body, false, out);
                waits(&c.on_miss, false, out);
                waits(&c.fallback, false, out);
            }
            Step::Parallel(inner) => waits(inner, false, out),
            Step::Choose(arms) => arms.iter().for_each(|(_, inner)| waits(inner, false, out)),
        }
    }
}

/// Whether only every so many-th call is made.
fn batched(call: &Call) -> bool {
    call.attrs.read(keys::BATCH).is_some_and(|b| b.mid > 1.0)
}
