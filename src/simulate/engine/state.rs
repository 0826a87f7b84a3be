//! What replicas, pools, accounts and consumers hold.
//!
//! In: nothing. Out: types. Never: what happens to them.

use super::super::program::{Group, Limit};
use super::frame::Link;
use std::collections::VecDeque;

/// Retries that a budget saves up at most.
pub(super) const MOST_SAVED: f64 = 10.0;

/// A token bucket.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bucket {
    /// Tokens, and when they were counted.
    pub tokens: f64,
    pub counted: f64,
}

impl Bucket {
    fn at(self, now: f64, limit: Limit) -> f64 {
        (self.tokens + (now - self.counted) * limit.rate).min(limit.burst)
    }

    /// Whether no token is missing.
    pub fn is_full(&self, now: f64, limit: Limit) -> bool {
        self.at(now, limit) >= limit.burst
    }

    /// Takes a token, if there is one.
    pub fn take(&mut self, now: f64, limit: Limit) -> bool {
        let tokens = self.at(now, limit);
        let admitted = tokens >= 1.0;
        *self = Self { tokens: if admitted { tokens - 1.0 } else { tokens }, counted: now };
        admitted
    }
}

/// A replica.
#[derive(Clone, Debug, Default)]
pub(super) struct Replica {
    /// Its role at its station.
    pub role: usize,
    pub busy: u32,
    pub threads: u32,
    pub in_progress: u32,
    /// Visits that wait for a core, for a thread.
    pub for_core: VecDeque<u32>,
    pub for_thread: VecDeque<u32>,
    /// Its rate limit.
    pub bucket: Bucket,
    /// When `busy` last changed.
    pub since: f64,
}

/// Connections of one replica of a caller.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    pub free: u32,
    pub waiting: VecDeque<Link>,
}

/// What a caller remembers of its calls to one callee.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    pub saved: f64,
    /// Outcomes, the last in the lowest bit; a one is a failure.
    pub outcomes: u32,
    pub seen: u32,
    pub open_until: f64,
}

/// The consumers of a flow.
#[derive(Clone, Debug)]
pub(super) struct Consumers {
    pub spec: Group,
    /// Messages that wait, by slot, or all in one: when published, how often delivered.
    pub waiting: Vec<VecDeque<(f64, u32)>>,
    /// Messages in each slot.
    pub taken: Vec<Vec<(f64, u32)>>,
    pub idle: Vec<u32>,
}
