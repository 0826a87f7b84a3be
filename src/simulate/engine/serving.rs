//! Serving: limits, threads, cores, copies, caches.
//!
//! In: requests that arrive. Out: answers that leave. Never: a caller.

#![allow(clippy::indexing_slicing)] // all indices are made by this module and by `compile`

use super::super::events::Happening;
use super::super::program::{Call, Copies, Lookup, NONE, Scope};
use super::frame::{FREE, Frame, Kind, NOBODY, Result, State};
use super::state::Bucket;
use super::{Engine, Todo};

/// Token buckets of one station at most, unless they are in use.
const MOST_BUCKETS: usize = 1_000_000;

impl Engine<'_> {
    pub(super) fn arrive(&mut self, v: u32) {
        let call = self.call_of(v);
        if let Some(outage) = self.stopped(call.target) {
            self.events.add(outage.to, Happening::Arrive, v);
            return;
        }
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
    pub(super) fn admits(&mut self, target: u32, v: u32) -> bool {
        let station = &self.program.stations[target as usize];
        let Some(limit) = station.limit else { return true };
        let (now, frame) = (self.now, &self.frames[v as usize]);
        let r = frame.replica;
        let bucket = match limit.scope {
            Scope::Replica if r != NONE => &mut self.replicas[r as usize].bucket,
            scope => {
                let key = match scope {
                    Scope::Replica => NONE,
                    Scope::Caller => frame.who,
                    Scope::Flow => frame.flow,
                };
                let own = &mut self.buckets[target as usize];
                if own.len() >= MOST_BUCKETS {
                    // A full bucket is as good as none.
                    own.retain(|_, b| !b.is_full(now, limit));
                }
                own.entry(key).or_insert(Bucket { tokens: limit.burst, counted: now })
            }
        };
        bucket.take(now, limit)
    }

    pub(super) fn refuse(&mut self, v: u32, call: &Call) {
        self.stations[call.target as usize].refused += 1;
        self.answer(v, call, Result::Failure);
    }

    /// One copy of a store does the work of a call.
    pub(super) fn copy(&mut self, v: u32, replica: u32, counts: bool) {
        let (call, up) = (self.frames[v as usize].call, if counts { self.link(v) } else { NOBODY });
        let copy = self.frame(Frame { kind: Kind::Copy, up, call, replica, ..FREE });
        self.work(copy, &self.program.calls[call as usize]);
    }

    /// Waits for a core, and gets it.
    pub(super) fn work(&mut self, v: u32, call: &Call) {
        if call.cpu.is_zero() {
            return self.worked(v, call);
        }
        let r = self.frames[v as usize].replica as usize;
        let own = &mut self.replicas[r];
        if own.busy < self.program.stations[call.target as usize].cores {
            self.stations[call.target as usize].busy[own.role] += f64::from(own.busy) * (self.now - own.since);
            own.since = self.now;
            own.busy += 1;
            self.begin(v, call);
        } else {
            own.for_core.push_back(v);
        }
    }

    pub(super) fn begin(&mut self, v: u32, call: &Call) {
        let time = call.cpu.draw(&mut self.work[call.target as usize]);
        self.events.add(self.now + time, Happening::Done, v);
    }

    pub(super) fn core_done(&mut self, v: u32) {
        let call = self.call_of(v);
        if let Some(outage) = self.stopped(call.target) {
            self.events.add(outage.to + (self.now - outage.from), Happening::Done, v);
            return;
        }
        let own = &mut self.replicas[self.frames[v as usize].replica as usize];
        match own.for_core.pop_front() {
            Some(next) => self.begin(next, self.call_of(next)),
            None => {
                self.stations[call.target as usize].busy[own.role] += f64::from(own.busy) * (self.now - own.since);
                own.since = self.now;
                own.busy -= 1;
            }
        }
        self.worked(v, call);
    }

    /// The work of a core is done.
    pub(super) fn worked(&mut self, v: u32, call: &Call) {
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
    pub(super) fn gather(&mut self, v: u32) {
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
    pub(super) fn pause(&mut self, v: u32, call: &Call, more: f64) {
        let time = call.wait.draw(&mut self.work[call.target as usize]) + call.slow + more;
        if time > 0.0 {
            self.events.add(self.now + time, Happening::Waited, v);
        } else {
            self.todo.push(Todo::Served(v));
        }
    }

    /// Whether a lookup finds its entry.
    pub(super) fn finds(&mut self, lookup: Lookup, station: u32, replica: u32) -> bool {
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
    pub(super) fn served(&mut self, v: u32) {
        let call = self.call_of(v);
        if let Some(outage) = self.stopped(call.target) {
            self.events.add(outage.to + (self.now - outage.from), Happening::Waited, v);
            return;
        }
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
    pub(super) fn reply(&mut self, v: u32, result: Result) {
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
    pub(super) fn answer(&mut self, v: u32, call: &Call, result: Result) {
        let frame = &mut self.frames[v as usize];
        frame.result = result;
        frame.state = State::Over;
        let late = self.stopped(call.target).map_or(0.0, |o| o.to - self.now);
        if call.half_trip + late > 0.0 {
            self.events.add(self.now + late + call.half_trip, Happening::Answered, v);
        } else {
            self.todo.push(Todo::Answered(v));
        }
    }
}
