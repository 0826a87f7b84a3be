//! Attempts of a call: timeout, retries, hedge, breaker, budget.
//!
//! In: calls with a policy, timers, results of attempts. Out: attempts, the result of the call. What
//! times out is cut from its caller and goes on by itself: abandoned work is still served. Never: a
//! queue.

#![allow(clippy::indexing_slicing)] // all indices are made by this module and by `compile`

use super::super::events::Happening;
use super::super::program::NONE;
use super::frame::{Kind, Link, NOBODY, Result, State};
use super::state::Account;
use super::{Engine, Todo};

/// Outcomes that a breaker looks back on.
const BREAKER_CALLS: u32 = 20;
/// Failures among these that open it.
const BREAKER_FAILURES: u32 = 10;
/// Seconds for which it stays open.
const BREAKER_OPEN: f64 = 5.0;

impl Engine<'_> {
    /// Makes the next attempt of a call.
    pub(super) fn attempt(&mut self, f: u32) {
        let call = self.frames[f as usize].call;
        let policy = self.program.policies[self.call_of(f).policy as usize];
        if policy.breaker && self.accounts[self.account(f)].open_until > self.now {
            return self.leave(f, Result::Failure);
        }
        let link = self.link(f);
        if let Some(t) = policy.timeout {
            self.frames[f as usize].timeout = self.events.add(self.now + t, Happening::TimedOut, f);
        }
        if let Some(h) = policy.hedge.filter(|h| policy.timeout.is_none_or(|t| *h < t)) {
            self.frames[f as usize].hedge = self.events.add(self.now + h, Happening::Hedge, f);
        }
        let v = self.visit(f, link, call, NONE);
        self.frames[f as usize].running = [self.link(v), NOBODY];
    }

    /// Sends a second request beside the first, to another replica.
    pub(super) fn hedge(&mut self, f: u32, number: u32) {
        let frame = &self.frames[f as usize];
        if frame.kind != Kind::Attempts || frame.hedge != number || frame.running[0] == NOBODY {
            return;
        }
        let (call, first) = (frame.call, frame.running[0]);
        let busy = self.frames[first.0 as usize].replica;
        let link = self.link(f);
        let v = self.visit(f, link, call, busy);
        self.frames[f as usize].running[1] = self.link(v);
    }

    /// Cuts a request from its caller. If it waits for a connection it is not sent.
    pub(super) fn cut(&mut self, child: Link) {
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

    pub(super) fn timed_out(&mut self, f: u32, number: u32) {
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
    pub(super) fn attempt_ended(&mut self, f: u32, child: Link, result: Result) {
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

    pub(super) fn forget_timers(&mut self, f: u32) {
        let frame = &mut self.frames[f as usize];
        (frame.timeout, frame.hedge) = (0, 0);
    }

    /// A breaker notes an outcome.
    pub(super) fn note(&mut self, f: u32, failed: bool) {
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
    pub(super) fn failed(&mut self, f: u32) {
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
