//! Calls with what they meet: station, times, pool, policy.
//!
//! In: calls of a flow. Out: calls of the program. Never: the order of calls.

use super::super::program::{Call as CallOp, NONE, OnFailure, Policy as PolicyOp, Scope, Station};
use super::stations::{cacheable, choice, copies, cpu, trips, wait, whole};
use super::{Compiler, Rest, next};
use crate::model::keys::{self, Key, Number};
use crate::model::{Call, CompId, Reason, ReasonKind};

impl<'a> Compiler<'a> {
    /// The call itself, and the steps of the callee.
    pub(super) fn make(&mut self, owner: CompId, call: &'a Call) -> Result<u32, Reason> {
        let model = self.model;
        let (from, to) = (model.component(owner), model.component(call.target));
        let facets = to.kind.facets;
        let (target, station) = self.station(call.target)?;
        self.tells_callers_apart(station)?;
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

    /// A limit of each caller needs to know how many there are.
    fn tells_callers_apart(&self, station: &Station) -> Result<(), Reason> {
        if station.limit.is_none_or(|l| l.scope != Scope::Caller) || self.users > 0 {
            return Ok(());
        }
        let origin = self.model.component(self.origin);
        let why = format!("`{}` does not set its `users`, whose requests a limit tells apart", origin.name);
        Err(Reason::missing_as(origin, "users", why))
    }

    /// Replicas of a caller that hold connections and accounts of their own.
    pub(super) fn callers(&self, owner: CompId) -> Result<u32, Reason> {
        let c = self.model.component(owner);
        if c.kind.facets.serve.is_none() || c.is_provided() {
            return Ok(1);
        }
        Ok(whole(c, c.replicas_left(&self.model.system)?, 1e5, "replicas")?.max(1))
    }

    /// The pools of connections that the replicas of a caller hold to a store.
    pub(super) fn pool(&mut self, owner: CompId, to: CompId) -> Result<u32, Reason> {
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
    pub(super) fn policy(&mut self, owner: CompId, call: &Call) -> Result<u32, Reason> {
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
            budget: c.attrs.read(keys::RETRY_BUDGET).map(|n| n.mid).or(self.retry_budget),
            breaker,
        });
        Ok(next(&self.out.policies) - 1)
    }
}
