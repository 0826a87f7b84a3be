//! One replication: requests that go through a program, event by event.
//!
//! In: a [`Program`], a seed, the number of the replication. Out: counts. The state of a replication
//! is here; what happens is in the files of this folder, by stage of a request. Never: an interval, a
//! formula.

#![allow(clippy::indexing_slicing)] // all indices are made by this module and by `compile`

mod attempts;
mod calls;
mod frame;
mod lists;
mod requests;
mod serving;
mod state;

use super::contents::Cache;
use super::events::{Events, Happening};
use super::measure::{Crowd, FlowCount, StationCount, real};
use super::program::{Arrivals, Call, Choice, NONE, Program};
use super::random::Stream;
use frame::{Frame, Kind, Link, Result};
use state::{Account, Bucket, Consumers, MOST_SAVED, Pool, Replica};
use std::collections::{HashMap, VecDeque};

/// Steps for each event, in the mean, at most: only repeated calls that take no time need more.
const STEPS: u64 = 64;
/// Frames of one replication at most: about 1 GB with their queues.
const MOST_FRAMES: usize = 2_000_000;

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

/// A time in which a station makes no progress.
#[derive(Clone, Copy, Debug)]
struct Outage {
    station: u32,
    from: f64,
    to: f64,
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
    /// An outage of one station.
    outage: Option<Outage>,
    /// Events so far.
    pub count: u64,
    /// Steps so far: operations, and results that are told.
    steps: u64,
    most_steps: u64,
    frames: Vec<Frame>,
    free: Vec<u32>,
    todo: Vec<Todo>,
    replicas: Vec<Replica>,
    /// Token buckets that no replica holds, by station; of callers, of flows, or one.
    buckets: Vec<HashMap<u32, Bucket>>,
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
            for (i, r) in (0..).zip(replicas.iter_mut().skip(s.first as usize).take(s.replicas as usize)) {
                r.role = s.role(i);
                r.bucket.tokens = s.limit.map_or(0.0, |l| l.burst);
            }
        }
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
            outage: None,
            count: 0,
            steps: 0,
            most_steps: 0,
            frames: Vec::new(),
            free: Vec::new(),
            todo: Vec::new(),
            replicas,
            buckets: vec![HashMap::new(); program.stations.len()],
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

    /// Stops a station from now on for so many seconds. What it has waits and is served when it
    /// returns; what arrives meanwhile waits too. Its callers' timeouts run on.
    pub fn stop_station(&mut self, station: u32, seconds: f64) {
        self.outage = Some(Outage { station, from: self.now, to: self.now + seconds });
    }

    /// The outage of a station, if it is stopped now.
    #[inline]
    fn stopped(&self, station: u32) -> Option<Outage> {
        self.outage.filter(|o| o.station == station && self.now >= o.from && self.now < o.to)
    }

    /// Makes the windows of all series twice as long while there are more than so many.
    pub fn coarsen(&mut self, most: f64) {
        while self.now / self.window > most {
            self.window *= 2.0;
            for series in &mut self.series {
                *series =
                    series.chunks(2).map(|w| w.iter().fold((0.0, 0.0), |(s, n), (a, b)| (s + a, n + b))).collect();
            }
        }
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
                self.stations[i].busy[r.role] += f64::from(r.busy) * (self.now - r.since);
                r.since = self.now;
            }
        }
    }

    /// Runs until a time, or until there were so many events, with a bounded number of steps each.
    pub fn run(&mut self, until: f64, most: u64) -> Stop {
        self.most_steps = most.saturating_mul(STEPS);
        while let Some(next) = self.events.next_time() {
            if next > until {
                break;
            }
            if self.count >= most {
                return Stop::Events;
            }
            if !self.may_go_on() {
                return self.exhausted();
            }
            let Some(event) = self.events.take() else { break };
            self.now = event.time;
            self.count += 1;
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
            }
            while let Some(todo) = self.todo.pop() {
                if !self.may_go_on() {
                    return self.exhausted();
                }
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

    /// Counts a step; whether steps and memory are left.
    #[inline]
    fn may_go_on(&mut self) -> bool {
        self.steps += 1;
        self.steps < self.most_steps && self.frames.len() - self.free.len() < MOST_FRAMES
    }

    fn exhausted(&self) -> Stop {
        if self.steps < self.most_steps { Stop::Full } else { Stop::Events }
    }

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
}
