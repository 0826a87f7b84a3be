//! Calls: connections, the choice of a replica, the way there and back.
//!
//! In: calls of lists and attempts. Out: requests that arrive at a replica, answers for the caller.
//! Never: a queue for a core.

#![allow(clippy::indexing_slicing)] // all indices are made by this module and by `compile`

use super::super::events::Happening;
use super::super::program::{Call, Choice, Copies, NONE};
use super::frame::{FREE, Frame, Kind, Link, NOBODY, State};
use super::state::MOST_SAVED;
use super::{Engine, Todo};

impl Engine<'_> {
    /// Makes a call of a list.
    pub(super) fn make(&mut self, f: u32, call: u32) {
        let spec = &self.program.calls[call as usize];
        let up = if spec.is_async { NOBODY } else { self.link(f) };
        if spec.policy == NONE {
            self.visit(f, up, call, NONE);
            return;
        }
        let own = &self.frames[f as usize];
        let (flow, who, replica, slot) = (own.flow, own.who, own.replica, own.slot);
        let attempts = self.frame(Frame { kind: Kind::Attempts, up, call, flow, who, replica, slot, ..FREE });
        let account = self.account(attempts);
        let policy = self.program.policies[spec.policy as usize];
        if let Some(budget) = policy.budget {
            self.accounts[account].saved = (self.accounts[account].saved + budget).min(MOST_SAVED);
        }
        self.todo.push(Todo::Attempt(attempts));
    }

    /// The replica of a caller, counted from its first.
    pub(super) fn caller(&self, call: &Call, replica: u32) -> u32 {
        if replica == NONE { 0 } else { replica - self.program.stations[call.caller as usize].first }
    }

    pub(super) fn account(&self, attempts: u32) -> usize {
        let call = self.call_of(attempts);
        let policy = self.program.policies[call.policy as usize];
        (policy.account + self.caller(call, self.frames[attempts as usize].replica)) as usize
    }

    /// Sends a request of a frame; `not` is a replica that it does not go to.
    pub(super) fn visit(&mut self, from: u32, up: Link, call: u32, not: u32) -> u32 {
        let spec = &self.program.calls[call as usize];
        let own = &self.frames[from as usize];
        let (flow, who, replica, slot) = (own.flow, own.who, own.replica, own.slot);
        // Until it is sent, `replica` is the caller's and `slot` the consumer's.
        let v = self.frame(Frame { kind: Kind::Visit, up, call, flow, who, replica, slot, ..FREE });
        if spec.pool != NONE {
            let pool = spec.pool + self.caller(spec, replica);
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

    pub(super) fn send(&mut self, v: u32, not: u32) {
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

    pub(super) fn first(&self, call: &Call) -> u32 {
        self.program.stations[call.target as usize].first
    }

    /// The replica that a call goes to; of a store, the first copy that does its work.
    pub(super) fn choose(&mut self, call: &Call, slot: u32, not: u32) -> u32 {
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
                let shard = if station.shards == 1 || self.choices.happens(station.busiest) {
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

    pub(super) fn answered(&mut self, v: u32) {
        self.hang_up(v);
        let result = self.frames[v as usize].result;
        self.leave(v, result);
    }

    /// The connection of a call is free.
    pub(super) fn hang_up(&mut self, v: u32) {
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
}
