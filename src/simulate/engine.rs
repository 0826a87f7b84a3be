//! One replication: requests that go through a program, event by event.
//!
//! In: a [`Program`], a seed, the number of the replication. Out: counts. Never: an interval, a
//! formula.
//!
//! A request is a tree of frames. A frame runs a list of operations (the root of a request, a visit
//! of a callee, a branch), or makes the attempts of one call, or does the work of one copy of a
//! store. A frame that ends tells the frame above it. What times out is cut from the frame above it
//! and goes on by itself: abandoned work is still served.

#![allow(clippy::indexing_slicing)] // all indices are made by this module and by `flows.rs`

use super::contents::Cache;
use super::events::{Events, Happening};
use super::measure::{Crowd, FlowCount, StationCount, real};
use super::program::{Arrivals, Call, Choice, Copies, Group, Lookup, NONE, OnFailure, Op, Program};
use super::random::Stream;
use std::collections::VecDeque;

/// Frames of one replication at most: about 1 GB with their queues.
const MOST_FRAMES: usize = 2_000_000;
/// Outcomes that a breaker looks back on.
const BREAKER_CALLS: u32 = 20;
/// Failures among these that open it.
const BREAKER_FAILURES: u32 = 10;
/// Seconds for which it stays open.
const BREAKER_OPEN: f64 = 5.0;
/// Retries that a budget saves up at most.
const MOST_SAVED: f64 = 10.0;

/// The result of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Result {
    Answer,
    Miss,
    Failure,
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Free.
    Free,
    /// A request, or the messages of one slot.
    Root,
    /// A request at a callee.
    Visit,
    /// A list beside or inside another.
    Part,
    /// The attempts of a call.
    Attempts,
    /// The work of one copy of a store.
    Copy,
}

/// Where a visit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It waits for a connection.
    Pool,
    /// It is on the way, queues, or is served.
    Under,
    /// It waits for copies.
    Gather,
    /// It runs the calls of the callee.
    Body,
    /// It is answered.
    Over,
}

/// A child of a frame, by index and version.
type Link = (u32, u32);

const NOBODY: Link = (NONE, 0);

#[derive(Clone, Debug)]
struct Frame {
    kind: Kind,
    state: State,
    result: Result,
    /// Whether it holds a thread.
    threaded: bool,
    /// Whether it is counted among the open calls of its pair.
    open: bool,
    version: u32,
    up: Link,
    at: u32,
    call: u32,
    /// The replica where its owner runs: a visit's callee, another frame's caller.
    replica: u32,
    /// The pool whose connection it holds.
    pool: u32,
    /// Branches or copies that it waits for; of attempts, retries so far.
    pending: u32,
    /// Repetitions left; the start of a root; nothing else.
    number: f64,
    /// Of a root: its flow, and its slot.
    flow: u32,
    slot: u32,
    /// Of attempts: the running ones, and the numbers of their timers.
    running: [Link; 2],
    timeout: u32,
    hedge: u32,
}

const FREE: Frame = Frame {
    kind: Kind::Free,
    state: State::Under,
    result: Result::Answer,
    threaded: false,
    open: false,
    version: 0,
    up: NOBODY,
    at: 0,
    call: NONE,
    replica: NONE,
    pool: NONE,
    pending: 0,
    number: 0.0,
    flow: NONE,
    slot: NONE,
    running: [NOBODY; 2],
    timeout: 0,
    hedge: 0,
};

/// A replica.
#[derive(Clone, Debug, Default)]
struct Replica {
    busy: u32,
    threads: u32,
    in_progress: u32,
    /// Visits that wait for a core, for a thread.
    for_core: VecDeque<u32>,
    for_thread: VecDeque<u32>,
    /// Tokens of its rate limit, and when they were counted.
    tokens: f64,
    counted: f64,
    /// When `busy` last changed.
    since: f64,
}

/// Connections of one replica of a caller.
#[derive(Clone, Debug)]
struct Pool {
    free: u32,
    waiting: VecDeque<Link>,
}

/// What a caller remembers of its calls to one callee.
#[derive(Clone, Copy, Debug)]
struct Account {
    saved: f64,
    /// Outcomes, the last in the lowest bit; a one is a failure.
    outcomes: u32,
    seen: u32,
    open_until: f64,
}

/// The consumers of a flow.
#[derive(Clone, Debug)]
struct Consumers {
    spec: Group,
    /// Messages that wait, by slot, or all in one: when published, how often delivered.
    waiting: Vec<VecDeque<(f64, u32)>>,
    /// Messages in each slot.
    taken: Vec<Vec<(f64, u32)>>,
    idle: Vec<u32>,
}

/// What is to be done next, at the present time.
#[derive(Clone, Copy, Debug)]
enum Todo {
    Advance(u32),
    Arrive(u32),
    Served(u32),
    Answered(u32),
    Attempt(u32),
    Tell(Link, Link, Result),
}

/// Why a replication stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It reached its time.
    Time,
    /// It used up its events.
    Events,
    /// Too many requests are in progress: the design collapsed.
    Full,
}

/// One replication.
pub(super) struct Engine<'a> {
    program: &'a Program,
    now: f64,
    events: Events,
    /// Events and steps so far.
    pub steps: u64,
    frames: Vec<Frame>,
    free: Vec<u32>,
    todo: Vec<Todo>,
    replicas: Vec<Replica>,
    outside: Vec<Replica>,
    pools: Vec<Pool>,
    accounts: Vec<Account>,
    consumers: Vec<Consumers>,
    caches: Vec<Cache>,
    counters: Vec<u32>,
    turns: Vec<u32>,
    open: Vec<Vec<u32>>,
    arrivals: Vec<Stream>,
    work: Vec<Stream>,
    choices: Stream,
    /// By flow: requests in progress.
    in_flow: Vec<u32>,
    /// By flow.
    pub flows: Vec<FlowCount>,
    /// By station.
    pub stations: Vec<StationCount>,
    /// When counting began.
    pub began: f64,
    /// By flow: sums and numbers of times, in windows of `window` seconds.
    pub series: Vec<Vec<(f64, f64)>>,
    /// Seconds of one window.
    pub window: f64,
}

impl<'a> Engine<'a> {
    /// A replication at time 0, with nothing in it.
    pub fn new(program: &'a Program, seed: u64, replication: u64, window: f64) -> Self {
        let stream = |name: &str| Stream::new(seed, replication, name);
        let mut replicas = vec![Replica::default(); program.replicas as usize];
        for s in &program.stations {
            if let Some(limit) = s.limit {
                let own = s.first as usize..s.first as usize + s.replicas as usize;
                replicas.get_mut(own).into_iter().flatten().for_each(|r| r.tokens = limit.burst);
            }
        }
        // Where nothing queues, one bucket limits all.
        let bucket =
            |s: &super::program::Station| Replica { tokens: s.limit.map_or(0.0, |l| l.burst), ..Replica::default() };
        let outside = program.stations.iter().map(bucket).collect();
        let consumers = program.groups.iter().map(|g| Consumers {
            spec: *g,
            waiting: vec![VecDeque::new(); if g.partitions > 0 { g.slots as usize } else { 1 }],
            taken: vec![Vec::new(); g.slots as usize],
            idle: (0..g.slots).collect(),
        });
        let mut open = vec![Vec::new(); program.pairs as usize];
        for call in program.calls.iter().filter(|c| c.choice == Choice::Fewest) {
            open[call.pair as usize] = vec![0; program.stations[call.target as usize].replicas as usize];
        }
        let mut out = Self {
            program,
            now: 0.0,
            events: Events::default(),
            steps: 0,
            frames: Vec::new(),
            free: Vec::new(),
            todo: Vec::new(),
            replicas,
            outside,
            pools: program.pools.iter().map(|n| Pool { free: *n, waiting: VecDeque::new() }).collect(),
            accounts: vec![
                Account { saved: MOST_SAVED, outcomes: 0, seen: 0, open_until: 0.0 };
                program.accounts as usize
            ],
            consumers: consumers.collect(),
            caches: program.caches.iter().map(|c| Cache::new(*c)).collect(),
            counters: vec![0; program.counters.len()],
            turns: vec![0; program.pairs as usize],
            open,
            arrivals: program.flows.iter().map(|(_, f)| stream(&format!("flow {}", f.name))).collect(),
            work: program.stations.iter().map(|s| stream(&format!("component {}", s.name))).collect(),
            choices: stream("choices"),
            in_flow: vec![0; program.flows.len()],
            flows: vec![FlowCount::default(); program.flows.len()],
            stations: vec![StationCount::default(); program.stations.len()],
            began: 0.0,
            series: vec![Vec::new(); program.flows.len()],
            window,
        };
        for i in 0..program.flows.len() {
            // A timer's first run comes at any time of its period.
            let first = match program.flows[i].1.arrivals {
                Arrivals::Every(period) => Some(period * out.arrivals[i].unit()),
                _ => out.gap(i),
            };
            out.start_after(i, first);
        }
        out
    }

    /// The present time, seconds.
    pub fn now(&self) -> f64 {
        self.now
    }

    /// What is in progress now: requests and waiting messages by flow, waiting requests by station.
    pub fn crowd(&self) -> Crowd {
        let mut flows: Vec<f64> = self.in_flow.iter().map(|n| f64::from(*n)).collect();
        for c in &self.consumers {
            let waiting: usize = c.waiting.iter().map(VecDeque::len).sum();
            flows[c.spec.flow as usize] += real(waiting as u64);
        }
        let stations = self.program.stations.iter().map(|s| {
            let own = &self.replicas[s.first as usize..(s.first + s.replicas) as usize];
            real(own.iter().map(|r| r.for_core.len() + r.for_thread.len()).sum::<usize>() as u64)
        });
        Crowd { time: self.now, flows, stations: stations.collect() }
    }

    /// Forgets all counts.
    pub fn restart_counts(&mut self) {
        self.flows.iter_mut().for_each(|f| *f = FlowCount::default());
        self.stations.iter_mut().for_each(|s| *s = StationCount::default());
        self.replicas.iter_mut().for_each(|r| r.since = self.now);
        self.began = self.now;
    }

    /// Counts busy time up to now.
    pub fn settle_counts(&mut self) {
        for (i, s) in self.program.stations.iter().enumerate() {
            for r in &mut self.replicas[s.first as usize..(s.first + s.replicas) as usize] {
                self.stations[i].busy += f64::from(r.busy) * (self.now - r.since);
                r.since = self.now;
            }
        }
    }

    /// Runs until a time, or until so many steps are done.
    pub fn run(&mut self, until: f64, most_steps: u64) -> Stop {
        while let Some(next) = self.events.next_time() {
            if next > until {
                break;
            }
            if self.steps >= most_steps {
                return Stop::Events;
            }
            if self.frames.len() - self.free.len() >= MOST_FRAMES {
                return Stop::Full;
            }
            let Some(event) = self.events.take() else { break };
            self.now = event.time;
            self.steps += 1;
            let f = event.about;
            match event.what {
                Happening::Start => self.start(f as usize),
                Happening::Arrive => self.arrive(f),
                Happening::Done => self.core_done(f),
                Happening::Waited => self.served(f),
                Happening::Answered => self.answered(f),
                Happening::TimedOut => self.timed_out(f, event.number),
                Happening::Retry => self.attempt(f),
                Happening::Hedge => self.hedge(f, event.number),
                Happening::Change => {}
            }
            while let Some(todo) = self.todo.pop() {
                match todo {
                    Todo::Advance(f) => self.advance(f),
                    Todo::Arrive(f) => self.arrive(f),
                    Todo::Served(f) => self.served(f),
                    Todo::Answered(f) => self.answered(f),
                    Todo::Attempt(f) => self.attempt(f),
                    Todo::Tell(up, child, result) => self.tell(up, child, result),
                }
            }
        }
        self.now = until;
        Stop::Time
    }

    // --- frames ---

    fn frame(&mut self, frame: Frame) -> u32 {
        match self.free.pop() {
            Some(i) => {
                let version = self.frames[i as usize].version;
                self.frames[i as usize] = Frame { version, ..frame };
                i
            }
            None => {
                self.frames.push(frame);
                u32::try_from(self.frames.len() - 1).unwrap_or(NONE)
            }
        }
    }

    fn link(&self, f: u32) -> Link {
        (f, self.frames[f as usize].version)
    }

    fn alive(&self, link: Link) -> bool {
        link.0 != NONE && self.frames[link.0 as usize].version == link.1
    }

    fn release(&mut self, f: u32) {
        let frame = &mut self.frames[f as usize];
        frame.version = frame.version.wrapping_add(1);
        frame.kind = Kind::Free;
        self.free.push(f);
    }

    fn call_of(&self, f: u32) -> &'a Call {
        &self.program.calls[self.frames[f as usize].call as usize]
    }

    // --- flows ---

    /// The time to the next start of a flow.
    fn gap(&mut self, flow: usize) -> Option<f64> {
        match self.program.flows[flow].1.arrivals {
            Arrivals::Poisson(rate) if rate > 0.0 => Some(self.arrivals[flow].exponential() / rate),
            Arrivals::Every(period) => Some(period),
            Arrivals::Poisson(_) | Arrivals::Messages => None,
        }
    }

    fn start_after(&mut self, flow: usize, gap: Option<f64>) {
        if let Some(gap) = gap {
            self.events.add(self.now + gap, Happening::Start, u32::try_from(flow).unwrap_or(0));
        }
    }

    fn start(&mut self, flow: usize) {
        let gap = self.gap(flow);
        self.start_after(flow, gap);
        let spec = &self.program.flows[flow].1;
        if spec.group != NONE {
            self.publish(spec.group);
            return;
        }
        self.flows[flow].started += 1;
        if let Some(lookup) = spec.absorbs
            && self.finds(lookup, NONE, NONE)
        {
            self.record(flow, 0.0);
            return;
        }
        let index = u32::try_from(flow).unwrap_or(0);
        let root = self.frame(Frame { kind: Kind::Root, at: spec.at, number: self.now, flow: index, ..FREE });
        self.in_flow[flow] += 1;
        self.todo.push(Todo::Advance(root));
    }

    fn record(&mut self, flow: usize, seconds: f64) {
        self.flows[flow].times.add(seconds);
        // Windows are at most a few thousand.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let at = (self.now / self.window) as usize;
        let series = &mut self.series[flow];
        if series.len() <= at {
            series.resize(at + 1, (0.0, 0.0));
        }
        series[at].0 += seconds;
        series[at].1 += 1.0;
    }

    /// A root has ended.
    fn finish(&mut self, root: u32, result: Result) {
        let frame = &self.frames[root as usize];
        let (flow, slot, since) = (frame.flow, frame.slot, frame.number);
        self.in_flow[flow as usize] -= 1;
        self.release(root);
        let spec = &self.program.flows[flow as usize].1;
        if slot == NONE {
            if result == Result::Failure {
                self.flows[flow as usize].failed.add(self.now - since);
            } else {
                self.record(flow as usize, self.now - since);
            }
            return;
        }
        let group = spec.group as usize;
        let taken = std::mem::take(&mut self.consumers[group].taken[slot as usize]);
        let most = self.consumers[group].spec.deliveries;
        for (published, delivered) in taken {
            if result != Result::Failure {
                self.record(flow as usize, self.now - published);
            } else if delivered < most {
                let of = if self.consumers[group].spec.partitions > 0 { slot as usize } else { 0 };
                self.consumers[group].waiting[of].push_front((published, delivered));
            } else {
                self.flows[flow as usize].failed.add(self.now - published);
            }
        }
        self.take_messages(group, slot);
    }

    // --- messages ---

    fn publish(&mut self, group: u32) {
        let consumers = &mut self.consumers[group as usize];
        self.flows[consumers.spec.flow as usize].started += 1;
        let partitions = consumers.spec.partitions;
        if partitions > 0 {
            let slot = self.choices.below(partitions) % consumers.spec.slots;
            consumers.waiting[slot as usize].push_back((self.now, 0));
            if let Some(at) = consumers.idle.iter().position(|s| *s == slot) {
                consumers.idle.swap_remove(at);
                self.take_messages(group as usize, slot);
            }
            return;
        }
        consumers.waiting[0].push_back((self.now, 0));
        if !consumers.idle.is_empty() {
            let n = u32::try_from(consumers.idle.len()).unwrap_or(1);
            let slot = consumers.idle.swap_remove(self.choices.below(n) as usize);
            self.take_messages(group as usize, slot);
        }
    }

    /// A slot takes what is there, at most a batch; without messages it is idle.
    fn take_messages(&mut self, group: usize, slot: u32) {
        let consumers = &mut self.consumers[group];
        let of = if consumers.spec.partitions > 0 { slot as usize } else { 0 };
        let taken = &mut consumers.taken[slot as usize];
        while taken.len() < consumers.spec.batch as usize {
            let Some((published, delivered)) = consumers.waiting[of].pop_front() else { break };
            taken.push((published, delivered + 1));
        }
        if taken.is_empty() {
            consumers.idle.push(slot);
            return;
        }
        let flow = consumers.spec.flow;
        let at = self.program.flows[flow as usize].1.at;
        let root = self.frame(Frame { kind: Kind::Root, at, number: self.now, flow, slot, ..FREE });
        self.in_flow[flow as usize] += 1;
        self.todo.push(Todo::Advance(root));
    }

    // --- lists of operations ---

    fn advance(&mut self, f: u32) {
        loop {
            self.steps += 1;
            let at = self.frames[f as usize].at;
            match self.program.ops[at as usize] {
                Op::Call { call, .. } => {
                    if self.program.calls[call as usize].is_async {
                        self.frames[f as usize].at += 1;
                        self.make(f, call);
                    } else {
                        self.make(f, call);
                        return;
                    }
                }
                Op::Fork { first, count } => {
                    if !self.fork(f, first, count) {
                        return;
                    }
                    self.frames[f as usize].at += 1;
                }
                Op::Choose { first, count } => {
                    let x = self.choices.unit();
                    let arms = &self.program.arms[first as usize..(first + count) as usize];
                    self.frames[f as usize].at = arms.iter().find(|a| x < a.upto).map_or(at + 1, |a| a.at);
                }
                Op::Maybe { probability, skip } => {
                    self.frames[f as usize].at = if self.choices.happens(probability) { at + 1 } else { skip };
                }
                Op::Every { counter, skip } => {
                    let n = &mut self.counters[counter as usize];
                    *n += 1;
                    let full = *n >= self.program.counters[counter as usize];
                    if full {
                        *n = 0;
                    }
                    self.frames[f as usize].at = if full { at + 1 } else { skip };
                }
                Op::Repeat { body, times } => {
                    if self.repeats(times) {
                        let part = self.part(f, body, times);
                        self.todo.push(Todo::Advance(part));
                        return;
                    }
                    self.frames[f as usize].at += 1;
                }
                Op::Jump(to) => self.frames[f as usize].at = to,
                Op::End => {
                    if !self.ends(f) {
                        return;
                    }
                }
            }
        }
    }

    /// Whether one more of `left` repetitions runs: the part below one is a probability.
    fn repeats(&mut self, left: f64) -> bool {
        left >= 1.0 || left > 1e-12 && self.choices.happens(left)
    }

    /// A list inside another.
    fn part(&mut self, f: u32, at: u32, times: f64) -> u32 {
        let (up, replica, slot) = (self.link(f), self.frames[f as usize].replica, self.frames[f as usize].slot);
        // `call` holds the start of the list.
        self.frame(Frame { kind: Kind::Part, up, at, call: at, replica, slot, number: times, ..FREE })
    }

    /// Starts branches; whether there are none.
    fn fork(&mut self, f: u32, first: u32, count: u32) -> bool {
        let mut all = 0;
        for i in first..first + count {
            let branch = self.program.branches[i as usize];
            let mut left = branch.times;
            while self.repeats(left) {
                left -= 1.0;
                let part = self.part(f, branch.at, 1.0);
                self.todo.push(Todo::Advance(part));
                all += 1;
            }
        }
        self.frames[f as usize].pending = all;
        all == 0
    }

    /// A list has ended; whether it runs again.
    fn ends(&mut self, f: u32) -> bool {
        let frame = &mut self.frames[f as usize];
        match frame.kind {
            Kind::Root => self.finish(f, Result::Answer),
            Kind::Visit => {
                let result = frame.result;
                self.reply(f, result);
            }
            Kind::Part => {
                frame.number -= 1.0;
                let left = frame.number;
                if self.repeats(left) {
                    let frame = &mut self.frames[f as usize];
                    frame.at = frame.call;
                    return true;
                }
                self.leave(f, Result::Answer);
            }
            Kind::Free | Kind::Attempts | Kind::Copy => unreachable!("these run no list"),
        }
        false
    }

    /// A frame ends with a result for the frame above it.
    fn leave(&mut self, f: u32, result: Result) {
        let (up, me) = (self.frames[f as usize].up, self.link(f));
        self.release(f);
        if up != NOBODY {
            self.todo.push(Todo::Tell(up, me, result));
        }
    }

    /// A list cannot go on.
    fn fail(&mut self, f: u32) {
        match self.frames[f as usize].kind {
            Kind::Root => self.finish(f, Result::Failure),
            Kind::Visit => self.reply(f, Result::Failure),
            _ => self.leave(f, Result::Failure),
        }
    }

    /// A frame hears the result of one below it.
    fn tell(&mut self, up: Link, child: Link, result: Result) {
        if !self.alive(up) {
            return;
        }
        let f = up.0;
        match self.frames[f as usize].kind {
            Kind::Attempts => return self.attempt_ended(f, child, result),
            Kind::Visit if self.frames[f as usize].state == State::Gather => return self.gather(f),
            Kind::Visit if self.frames[f as usize].state != State::Body => return,
            _ => {}
        }
        let at = self.frames[f as usize].at;
        let next = match (self.program.ops[at as usize], result) {
            (Op::Call { .. }, Result::Answer) => at + 1,
            (Op::Call { miss, .. }, Result::Miss) => {
                if miss != NONE {
                    miss
                } else {
                    at + 1
                }
            }
            (Op::Call { call, miss, fail }, Result::Failure) => {
                let ignored = match self.program.calls[call as usize].on_failure {
                    OnFailure::Fails => NONE,
                    OnFailure::Misses if miss != NONE => miss,
                    OnFailure::Misses | OnFailure::Ignored => at + 1,
                };
                match if fail != NONE { fail } else { ignored } {
                    NONE => return self.fail(f),
                    at => at,
                }
            }
            (Op::Fork { .. }, Result::Answer | Result::Miss) => {
                let pending = &mut self.frames[f as usize].pending;
                *pending -= 1;
                if *pending > 0 {
                    return;
                }
                at + 1
            }
            (Op::Repeat { .. }, Result::Answer | Result::Miss) => at + 1,
            (Op::Fork { .. } | Op::Repeat { .. }, Result::Failure) => return self.fail(f),
            // A branch of a fork that has failed.
            _ => return,
        };
        self.frames[f as usize].at = next;
        self.todo.push(Todo::Advance(f));
    }

    // --- calls ---

    /// Makes a call of a list.
    fn make(&mut self, f: u32, call: u32) {
        let spec = &self.program.calls[call as usize];
        let up = if spec.is_async { NOBODY } else { self.link(f) };
        let (replica, slot) = (self.frames[f as usize].replica, self.frames[f as usize].slot);
        if spec.policy == NONE {
            self.visit(up, call, replica, slot, NONE);
            return;
        }
        let attempts = self.frame(Frame { kind: Kind::Attempts, up, call, replica, slot, ..FREE });
        let account = self.account(attempts);
        let policy = self.program.policies[spec.policy as usize];
        if let Some(budget) = policy.budget {
            self.accounts[account].saved = (self.accounts[account].saved + budget).min(MOST_SAVED);
        }
        self.todo.push(Todo::Attempt(attempts));
    }

    /// The replica of a caller, counted from its first.
    fn caller(&self, call: &Call, replica: u32) -> u32 {
        if replica == NONE { 0 } else { replica - self.program.stations[call.caller as usize].first }
    }

    fn account(&self, attempts: u32) -> usize {
        let call = self.call_of(attempts);
        let policy = self.program.policies[call.policy as usize];
        (policy.account + self.caller(call, self.frames[attempts as usize].replica)) as usize
    }

    /// Sends a request; `not` is a replica that it does not go to.
    fn visit(&mut self, up: Link, call: u32, caller: u32, slot: u32, not: u32) -> u32 {
        let spec = &self.program.calls[call as usize];
        // Until it is sent, `replica` is the caller's and `slot` the consumer's.
        let v = self.frame(Frame { kind: Kind::Visit, state: State::Under, up, call, replica: caller, slot, ..FREE });
        if spec.pool != NONE {
            let pool = spec.pool + self.caller(spec, caller);
            self.frames[v as usize].pool = pool;
            let link = self.link(v);
            let own = &mut self.pools[pool as usize];
            if own.free == 0 {
                own.waiting.push_back(link);
                self.frames[v as usize].state = State::Pool;
                return v;
            }
            own.free -= 1;
        }
        self.send(v, not);
        v
    }

    fn send(&mut self, v: u32, not: u32) {
        let call = self.call_of(v);
        let slot = self.frames[v as usize].slot;
        let replica = self.choose(call, slot, not);
        let at = replica.wrapping_sub(self.first(call)) as usize;
        let frame = &mut self.frames[v as usize];
        frame.replica = replica;
        frame.slot = NONE;
        if let Some(n) = self.open[call.pair as usize].get_mut(at) {
            *n += 1;
            frame.open = true;
        }
        if call.half_trip > 0.0 {
            self.events.add(self.now + call.half_trip, Happening::Arrive, v);
        } else {
            self.todo.push(Todo::Arrive(v));
        }
    }

    fn first(&self, call: &Call) -> u32 {
        self.program.stations[call.target as usize].first
    }

    /// The replica that a call goes to; of a store, the first copy that does its work.
    fn choose(&mut self, call: &Call, slot: u32, not: u32) -> u32 {
        let station = &self.program.stations[call.target as usize];
        let (first, n) = (station.first, station.replicas);
        if n == 0 {
            return NONE;
        }
        let at = match call.choice {
            Choice::Slot => slot % n,
            Choice::First => 0,
            Choice::InTurn => {
                let turn = &mut self.turns[call.pair as usize];
                *turn = (*turn + 1) % n;
                if first + *turn == not {
                    *turn = (*turn + 1) % n;
                }
                *turn
            }
            Choice::Fewest => {
                let open = &self.open[call.pair as usize];
                let allowed = |i: u32| n == 1 || first + i != not;
                let least = (0..n).filter(|i| allowed(*i)).map(|i| open[i as usize]).min().unwrap_or(0);
                let equal = |i: &u32| allowed(*i) && open[*i as usize] == least;
                let count = u32::try_from((0..n).filter(equal).count()).unwrap_or(1).max(1);
                let wanted = if count == 1 { 0 } else { self.choices.below(count) };
                (0..n).filter(equal).nth(wanted as usize).unwrap_or(0)
            }
            Choice::Random => {
                let copies = n / station.shards;
                let shard = if station.shards == 1 {
                    0
                } else if self.choices.happens(station.busiest) {
                    0
                } else {
                    1 + self.choices.below(station.shards - 1)
                };
                let copy = match call.copies {
                    Copies::Any if copies > 1 => {
                        let spared = not != NONE && copies == n;
                        let x = self.choices.below(copies - u32::from(spared));
                        x + u32::from(spared && first + x >= not)
                    }
                    Copies::Follower if copies > 1 => 1 + self.choices.below(copies - 1),
                    _ => 0,
                };
                shard * copies + copy
            }
        };
        first + at
    }

    fn arrive(&mut self, v: u32) {
        let call = self.call_of(v);
        let station = &self.program.stations[call.target as usize];
        self.stations[call.target as usize].arrived += 1;
        if station.lost || station.limit.is_some() && !self.admits(call.target, v) {
            return self.refuse(v, call);
        }
        if station.replicas == 0 {
            return self.pause(v, call, 0.0);
        }
        if let Copies::Several { asked, needed } = call.copies {
            self.frames[v as usize].pending = needed;
            self.frames[v as usize].state = State::Gather;
            let copies = station.replicas / station.shards;
            let shard = (self.frames[v as usize].replica - station.first) / copies * copies + station.first;
            let from = self.choices.below(copies);
            for i in 0..asked {
                self.copy(v, shard + (from + i) % copies, true);
            }
            return;
        }
        let r = self.frames[v as usize].replica as usize;
        if station.max_connections.is_some_and(|most| self.replicas[r].in_progress >= most) {
            return self.refuse(v, call);
        }
        if let Some(threads) = station.threads {
            let own = &mut self.replicas[r];
            if own.threads >= threads {
                if station.max_queue.is_some_and(|most| own.for_thread.len() >= most as usize) {
                    return self.refuse(v, call);
                }
                own.in_progress += 1;
                own.for_thread.push_back(v);
                return;
            }
            own.threads += 1;
            self.frames[v as usize].threaded = true;
        } else if !call.cpu.is_zero() {
            let own = &self.replicas[r];
            let full = own.busy >= station.cores;
            if full && station.max_queue.is_some_and(|most| own.for_core.len() >= most as usize) {
                return self.refuse(v, call);
            }
        }
        self.replicas[r].in_progress += 1;
        self.work(v, call);
    }

    /// Whether the rate limit lets a request through.
    fn admits(&mut self, target: u32, v: u32) -> bool {
        let station = &self.program.stations[target as usize];
        let Some(limit) = station.limit else { return true };
        let r = self.frames[v as usize].replica;
        let bucket = if r == NONE { &mut self.outside[target as usize] } else { &mut self.replicas[r as usize] };
        bucket.tokens = (bucket.tokens + (self.now - bucket.counted) * limit.rate).min(limit.burst);
        bucket.counted = self.now;
        let admitted = bucket.tokens >= 1.0;
        if admitted {
            bucket.tokens -= 1.0;
        }
        admitted
    }

    fn refuse(&mut self, v: u32, call: &Call) {
        self.stations[call.target as usize].refused += 1;
        self.answer(v, call, Result::Failure);
    }

    /// One copy of a store does the work of a call.
    fn copy(&mut self, v: u32, replica: u32, counts: bool) {
        let (call, up) = (self.frames[v as usize].call, if counts { self.link(v) } else { NOBODY });
        let copy = self.frame(Frame { kind: Kind::Copy, up, call, replica, ..FREE });
        self.work(copy, &self.program.calls[call as usize]);
    }

    /// Waits for a core, and gets it.
    fn work(&mut self, v: u32, call: &Call) {
        if call.cpu.is_zero() {
            return self.worked(v, call);
        }
        let r = self.frames[v as usize].replica as usize;
        let own = &mut self.replicas[r];
        if own.busy < self.program.stations[call.target as usize].cores {
            self.stations[call.target as usize].busy += f64::from(own.busy) * (self.now - own.since);
            own.since = self.now;
            own.busy += 1;
            self.begin(v, call);
        } else {
            own.for_core.push_back(v);
        }
    }

    fn begin(&mut self, v: u32, call: &Call) {
        let time = call.cpu.draw(&mut self.work[call.target as usize]);
        self.events.add(self.now + time, Happening::Done, v);
    }

    fn core_done(&mut self, v: u32) {
        let call = self.call_of(v);
        let own = &mut self.replicas[self.frames[v as usize].replica as usize];
        match own.for_core.pop_front() {
            Some(next) => self.begin(next, self.call_of(next)),
            None => {
                self.stations[call.target as usize].busy += f64::from(own.busy) * (self.now - own.since);
                own.since = self.now;
                own.busy -= 1;
            }
        }
        self.worked(v, call);
    }

    /// The work of a core is done.
    fn worked(&mut self, v: u32, call: &Call) {
        if self.frames[v as usize].kind == Kind::Copy {
            return self.leave(v, Result::Answer);
        }
        if let Copies::Followers { needed } = call.copies {
            let station = &self.program.stations[call.target as usize];
            let (primary, copies) = (self.frames[v as usize].replica, station.replicas / station.shards);
            if needed > 0 {
                self.frames[v as usize].pending = needed;
                self.frames[v as usize].state = State::Gather;
            }
            for i in 1..copies {
                self.copy(v, primary + i, needed > 0);
            }
            if needed > 0 {
                return;
            }
        }
        self.pause(v, call, 0.0);
    }

    /// One more copy has done its work.
    fn gather(&mut self, v: u32) {
        let frame = &mut self.frames[v as usize];
        frame.pending -= 1;
        if frame.pending > 0 {
            return;
        }
        frame.state = State::Under;
        let call = self.call_of(v);
        let trip = if matches!(call.copies, Copies::Followers { .. }) { call.between } else { 0.0 };
        self.pause(v, call, trip);
    }

    /// The time of a request that needs no core.
    fn pause(&mut self, v: u32, call: &Call, more: f64) {
        let time = call.wait.draw(&mut self.work[call.target as usize]) + call.slow + more;
        if time > 0.0 {
            self.events.add(self.now + time, Happening::Waited, v);
        } else {
            self.todo.push(Todo::Served(v));
        }
    }

    /// Whether a lookup finds its entry.
    fn finds(&mut self, lookup: Lookup, station: u32, replica: u32) -> bool {
        let hit = match lookup {
            Lookup::Ratio(p) => self.choices.happens(p),
            Lookup::Contents(first, copies) => {
                let own = if copies <= 1 || station == NONE || replica == NONE {
                    0
                } else {
                    (replica - self.program.stations[station as usize].first) % copies
                };
                self.caches[(first + own) as usize].ask(self.now, &mut self.choices)
            }
        };
        if let Some(count) = self.stations.get_mut(station as usize) {
            count.lookups += 1;
            count.hits += u64::from(hit);
        }
        hit
    }

    /// The callee has done its own part.
    fn served(&mut self, v: u32) {
        let call = self.call_of(v);
        let replica = self.frames[v as usize].replica;
        let (first, count) = call.groups;
        for i in first..first + count {
            self.publish(self.program.listeners[i as usize]);
        }
        if let Some(lookup) = call.absorbs
            && self.finds(lookup, call.target, replica)
        {
            return self.reply(v, Result::Answer);
        }
        if let Some(lookup) = call.looks_up
            && !self.finds(lookup, call.target, replica)
        {
            self.frames[v as usize].result = Result::Miss;
        }
        let frame = &mut self.frames[v as usize];
        if call.body == NONE {
            let result = frame.result;
            return self.reply(v, result);
        }
        frame.state = State::Body;
        frame.at = call.body;
        self.todo.push(Todo::Advance(v));
    }

    /// The callee answers: its thread is free.
    fn reply(&mut self, v: u32, result: Result) {
        let call = self.call_of(v);
        let (r, threaded) = (self.frames[v as usize].replica, self.frames[v as usize].threaded);
        if r != NONE && !matches!(call.copies, Copies::Several { .. }) {
            let own = &mut self.replicas[r as usize];
            own.in_progress -= 1;
            if threaded {
                self.frames[v as usize].threaded = false;
                match own.for_thread.pop_front() {
                    Some(next) => {
                        self.frames[next as usize].threaded = true;
                        self.work(next, self.call_of(next));
                    }
                    None => own.threads -= 1,
                }
            }
        }
        self.answer(v, call, result);
    }

    /// The answer goes back.
    fn answer(&mut self, v: u32, call: &Call, result: Result) {
        let frame = &mut self.frames[v as usize];
        frame.result = result;
        frame.state = State::Over;
        if call.half_trip > 0.0 {
            self.events.add(self.now + call.half_trip, Happening::Answered, v);
        } else {
            self.todo.push(Todo::Answered(v));
        }
    }

    fn answered(&mut self, v: u32) {
        self.hang_up(v);
        let result = self.frames[v as usize].result;
        self.leave(v, result);
    }

    /// The connection of a call is free.
    fn hang_up(&mut self, v: u32) {
        let call = self.call_of(v);
        let frame = &mut self.frames[v as usize];
        if std::mem::take(&mut frame.open) {
            let at = (frame.replica - self.program.stations[call.target as usize].first) as usize;
            self.open[call.pair as usize][at] -= 1;
        }
        let pool = std::mem::replace(&mut frame.pool, NONE);
        if pool == NONE {
            return;
        }
        while let Some(link) = self.pools[pool as usize].waiting.pop_front() {
            if self.alive(link) {
                self.frames[link.0 as usize].state = State::Under;
                return self.send(link.0, NONE);
            }
        }
        self.pools[pool as usize].free += 1;
    }

    // --- attempts ---

    /// Makes the next attempt of a call.
    fn attempt(&mut self, f: u32) {
        let call = self.frames[f as usize].call;
        let policy = self.program.policies[self.call_of(f).policy as usize];
        if policy.breaker && self.accounts[self.account(f)].open_until > self.now {
            return self.leave(f, Result::Failure);
        }
        let (link, replica, slot) = (self.link(f), self.frames[f as usize].replica, self.frames[f as usize].slot);
        if let Some(t) = policy.timeout {
            self.frames[f as usize].timeout = self.events.add(self.now + t, Happening::TimedOut, f);
        }
        if let Some(h) = policy.hedge.filter(|h| policy.timeout.is_none_or(|t| *h < t)) {
            self.frames[f as usize].hedge = self.events.add(self.now + h, Happening::Hedge, f);
        }
        let v = self.visit(link, call, replica, slot, NONE);
        self.frames[f as usize].running = [self.link(v), NOBODY];
    }

    /// Sends a second request beside the first, to another replica.
    fn hedge(&mut self, f: u32, number: u32) {
        let frame = &self.frames[f as usize];
        if frame.kind != Kind::Attempts || frame.hedge != number || frame.running[0] == NOBODY {
            return;
        }
        let (call, replica, slot, first) = (frame.call, frame.replica, frame.slot, frame.running[0]);
        let busy = self.frames[first.0 as usize].replica;
        let link = self.link(f);
        let v = self.visit(link, call, replica, slot, busy);
        self.frames[f as usize].running[1] = self.link(v);
    }

    /// Cuts a request from its caller. If it waits for a connection it is not sent.
    fn cut(&mut self, child: Link) {
        if !self.alive(child) {
            return;
        }
        let frame = &mut self.frames[child.0 as usize];
        if frame.state == State::Pool {
            return self.release(child.0);
        }
        frame.up = NOBODY;
        self.hang_up(child.0);
    }

    fn timed_out(&mut self, f: u32, number: u32) {
        let frame = &mut self.frames[f as usize];
        if frame.kind != Kind::Attempts || frame.timeout != number {
            return;
        }
        for child in std::mem::replace(&mut frame.running, [NOBODY; 2]) {
            self.cut(child);
        }
        self.failed(f);
    }

    /// An attempt has ended by itself.
    fn attempt_ended(&mut self, f: u32, child: Link, result: Result) {
        let running = &mut self.frames[f as usize].running;
        // The version of a frame changes when it is freed, which it is by now.
        let Some(at) = running.iter().position(|r| r.0 == child.0 && r.1 == child.1) else { return };
        running[at] = NOBODY;
        let other = running[1 - at];
        if result == Result::Failure {
            if other == NOBODY {
                self.forget_timers(f);
                self.failed(f);
            }
            return;
        }
        self.frames[f as usize].running = [NOBODY; 2];
        self.cut(other);
        self.note(f, false);
        self.leave(f, result);
    }

    fn forget_timers(&mut self, f: u32) {
        let frame = &mut self.frames[f as usize];
        (frame.timeout, frame.hedge) = (0, 0);
    }

    /// A breaker notes an outcome.
    fn note(&mut self, f: u32, failed: bool) {
        if !self.program.policies[self.call_of(f).policy as usize].breaker {
            return;
        }
        let at = self.account(f);
        let account = &mut self.accounts[at];
        let mask = (1 << BREAKER_CALLS) - 1;
        account.outcomes = (account.outcomes << 1 | u32::from(failed)) & mask;
        account.seen = (account.seen + 1).min(BREAKER_CALLS);
        if account.seen == BREAKER_CALLS && account.outcomes.count_ones() >= BREAKER_FAILURES {
            *account = Account { outcomes: 0, seen: 0, open_until: self.now + BREAKER_OPEN, ..*account };
        }
    }

    /// An attempt has failed: again after a wait, or the call fails.
    fn failed(&mut self, f: u32) {
        self.note(f, true);
        let policy = self.program.policies[self.call_of(f).policy as usize];
        let done = self.frames[f as usize].pending;
        let account = self.account(f);
        let mut allowed = done < policy.retries;
        if allowed && policy.budget.is_some() {
            let saved = &mut self.accounts[account].saved;
            allowed = *saved >= 1.0;
            if allowed {
                *saved -= 1.0;
            }
        }
        if !allowed {
            return self.leave(f, Result::Failure);
        }
        self.frames[f as usize].pending = done + 1;
        // Beyond 2^60 the wait is longer than any run.
        let longest = policy.backoff * f64::from(2_u32).powi(i32::try_from(done.min(60)).unwrap_or(60));
        let wait = if policy.jitter { longest * self.choices.unit() } else { longest };
        if wait > 0.0 {
            self.forget_timers(f);
            self.events.add(self.now + wait, Happening::Retry, f);
        } else {
            self.todo.push(Todo::Attempt(f));
        }
    }
}
