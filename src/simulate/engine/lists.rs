//! Lists of operations: what a frame does next.
//!
//! In: a frame, results of frames below it. Out: calls and branches that start, results for the
//! frame above. Never: a queue.

#![allow(clippy::indexing_slicing)] // all indices are made by this module and by `compile`

use super::super::program::{NONE, OnFailure, Op};
use super::frame::{FREE, Frame, Kind, Link, NOBODY, Result, State};
use super::{Engine, Todo};

impl Engine<'_> {
    pub(super) fn advance(&mut self, f: u32) {
        // If nothing is left, `run` ends before it comes back to this frame.
        while self.may_go_on() {
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
    pub(super) fn repeats(&mut self, left: f64) -> bool {
        left >= 1.0 || left > 1e-12 && self.choices.happens(left)
    }

    /// A list inside another.
    pub(super) fn part(&mut self, f: u32, at: u32, times: f64) -> u32 {
        let (up, own) = (self.link(f), &self.frames[f as usize]);
        let (flow, who, replica, slot) = (own.flow, own.who, own.replica, own.slot);
        // `call` holds the start of the list.
        self.frame(Frame { kind: Kind::Part, up, at, call: at, flow, who, replica, slot, number: times, ..FREE })
    }

    /// Starts branches; whether there are none.
    pub(super) fn fork(&mut self, f: u32, first: u32, count: u32) -> bool {
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
    pub(super) fn ends(&mut self, f: u32) -> bool {
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
    pub(super) fn leave(&mut self, f: u32, result: Result) {
        let (up, me) = (self.frames[f as usize].up, self.link(f));
        self.release(f);
        if up != NOBODY {
            self.todo.push(Todo::Tell(up, me, result));
        }
    }

    /// A list cannot go on.
    pub(super) fn fail(&mut self, f: u32) {
        match self.frames[f as usize].kind {
            Kind::Root => self.finish(f, Result::Failure),
            Kind::Visit => self.reply(f, Result::Failure),
            _ => self.leave(f, Result::Failure),
        }
    }

    /// A frame hears the result of one below it.
    pub(super) fn tell(&mut self, up: Link, child: Link, result: Result) {
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
}
