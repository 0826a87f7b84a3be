//! Flows as lists of operations.
//!
//! In: a model, a factor on its load. Out: a [`Program`], and the flows that are not simulated with
//! the reason. A flow that shares a station with a flow that is not simulated is not simulated
//! either: its queues would be told too short. Never: a random number.

mod calls;
mod lists;
mod starts;
mod stations;

use super::program::{Flow as FlowOp, NONE, Op, Program, Station};
use crate::kinds::Serve;
use crate::model::keys;
use crate::model::{Attrs, Call, CompId, Flow, FlowId, Model, Reason, ReasonKind, Step};
use crate::resource::Affinity;
use stations::{Caches, cacheable, station};
use std::collections::{BTreeMap, BTreeSet};

/// Operations of all flows at most.
const MOST_OPS: usize = 2_000_000;

/// The program of a design at a multiple of its load. Callers without a `retry_budget` get this one.
pub(super) fn program(model: &Model, load: f64, retry_budget: Option<f64>) -> Program {
    let mut base = Program::default();
    let made: Vec<Result<Station, Reason>> = model.all().map(|(_, c)| station(model, c, &mut base)).collect();
    // A component that no simulated call reaches may lack anything.
    let names = model.components.iter().map(|c| c.name.as_str());
    base.stations = made.iter().zip(names).map(|(s, name)| s.clone().unwrap_or_else(|_| Station::none(name))).collect();
    let mut unknown: BTreeMap<usize, Reason> = BTreeMap::new();
    if model.system.regions.len() > 1 {
        let why = Reason::new(ReasonKind::NotModelled, "several regions are not simulated yet");
        unknown.extend((0..model.flows.len()).map(|i| (i, why.clone())));
    }
    for (i, flow) in model.flows.iter().enumerate() {
        if !unknown.contains_key(&i)
            && let Err(why) = Compiler::new(model, load, &made, Program::default()).flow(FlowId(i), flow)
        {
            unknown.insert(i, why);
        }
    }
    spread(model, &mut unknown);
    let mut compiler = Compiler::new(model, load, &made, base);
    compiler.retry_budget = retry_budget;
    for (i, flow) in model.flows.iter().enumerate().filter(|(i, _)| !unknown.contains_key(i)) {
        if let Err(why) = compiler.flow(FlowId(i), flow) {
            // Each alone fits, all together do not.
            unknown.insert(i, why);
            break;
        }
    }
    compiler.listen();
    let mut program = compiler.out;
    if program.flows.len() + unknown.len() < model.flows.len() {
        let why = unknown.values().next_back().cloned();
        for i in 0..model.flows.len() {
            unknown.entry(i).or_insert_with(|| why.clone().unwrap_or_else(|| unreachable!("a flow failed")));
        }
        program.flows.clear();
    }
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
    /// Stations of all components, or why one is not simulated.
    made: &'a [Result<Station, Reason>],
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
    /// The retry budget of callers that have none.
    retry_budget: Option<f64>,
    /// The origin of the flow, and its users.
    origin: CompId,
    users: u32,
    rest: Vec<Rest<'a>>,
}

/// The number of a list's next element.
fn next<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(NONE)
}

impl<'a> Compiler<'a> {
    fn new(model: &'a Model, load: f64, made: &'a [Result<Station, Reason>], out: Program) -> Self {
        Self {
            model,
            load,
            made,
            out,
            caches: Caches::default(),
            pairs: BTreeMap::new(),
            pools: BTreeMap::new(),
            accounts: BTreeMap::new(),
            publishes: Vec::new(),
            groups: Vec::new(),
            in_zone: false,
            retry_budget: None,
            origin: CompId(0),
            users: 0,
            rest: Vec::new(),
        }
    }

    /// The station of a component.
    fn station(&self, id: CompId) -> Result<(u32, &'a Station), Reason> {
        match self.made.get(id.0) {
            Some(Ok(s)) => Ok((u32::try_from(id.0).unwrap_or(NONE), s)),
            Some(Err(why)) => Err(why.clone()),
            None => unreachable!("each component has a station"),
        }
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
        let mut out = FlowOp {
            name: flow.name.clone(),
            arrivals: rate,
            at: 0,
            group: NONE,
            absorbs: None,
            users: 0,
            stations: Vec::new(),
        };
        if let Some(users) = origin.attrs.read(keys::USERS) {
            out.users = crate::base::whole(users.mid, 0, NONE - 1);
        }
        (self.origin, self.users) = (flow.origin, out.users);
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
