//! Effects of a flow's writes and messages: losses, repeats, isolation.
//!
//! In: the calls of a flow. Out: acknowledged writes that one failure may lose, the delivery
//! guarantee of messages, and the isolation that all its transactions share. Never: the default of
//! a product.

use super::guarantee::Delivery;
use super::patterns::Access;
use super::setting::rpo;
use super::typing::Shared;
use crate::analysis::ground::known::Known;
use crate::model::keys;
use crate::model::{CompId, FlowId};
use crate::resource::{Acks, MessageDelivery, Transaction};
use std::collections::BTreeSet;

impl Shared<'_> {
    /// Largest loss of acknowledged writes by one failure, in seconds, and the component that decides.
    pub(super) fn rpo(&self, list: &[Access]) -> (Known, Option<CompId>) {
        let mut worst: (Known, Option<CompId>) = (Ok(0.0), None);
        for a in list.iter().filter(|a| a.sync || a.call.attrs.read(keys::OUTBOX) == Some(true)) {
            let c = self.model.component(a.call.target);
            let write_behind = (c.kind.facets.misses && a.call.op == "set" && a.sync)
                .then(|| self.caches.get(&a.call.target).and_then(|f| f.behind))
                .flatten();
            let this = match write_behind {
                Some(flush) => Ok(flush.unwrap_or(f64::INFINITY)),
                None if a.call.writes && c.kind.facets.stores && (a.sync || !c.kind.facets.buffers) => rpo(c),
                None => continue,
            };
            worst = match (&worst.0, &this) {
                (Ok(a), _) if a.is_infinite() => worst,
                (_, Ok(b)) if b.is_infinite() => (this, Some(a.call.target)),
                (Err(_), _) => worst,
                (_, Err(_)) => (this, Some(a.call.target)),
                (Ok(x), Ok(y)) if *y > *x || worst.1.is_none() => (this, Some(a.call.target)),
                _ => worst,
            };
        }
        worst
    }

    /// The weakest delivery guarantee of the messages that the flow consumes or publishes.
    pub(super) fn delivery(&self, flow: FlowId, list: &[Access]) -> Option<Delivery> {
        let origin = self.model.component(self.model.flow(flow).origin);
        let mut all = Vec::new();
        if origin.kind.facets.buffers {
            let guarantee = match origin.attrs.read(keys::DELIVERY) {
                Some(MessageDelivery::AtMostOnce) => Delivery::AtMostOnce,
                Some(MessageDelivery::ExactlyOnce) => Delivery::ExactlyOnce,
                Some(MessageDelivery::AtLeastOnce) | None => Delivery::AtLeastOnce,
            };
            // A handler that detects repeats turns at-least-once into effectively once.
            let detects_repeats = guarantee == Delivery::AtLeastOnce && self.handles_repeats(list);
            all.push(if detects_repeats { Delivery::ExactlyOnce } else { guarantee });
        }
        let writes = list.iter().any(|a| {
            let f = self.model.component(a.call.target).kind.facets;
            a.call.writes && f.stores && !f.buffers
        });
        for a in list.iter().filter(|a| a.call.writes) {
            let queue = self.model.component(a.call.target);
            if !queue.kind.facets.buffers {
                continue;
            }
            let blind =
                queue.attrs.read(keys::ACKS) == Some(Acks::None) || queue.attrs.read(keys::CONFIRMS) == Some(false);
            let reliable = a.call.attrs.read(keys::OUTBOX) == Some(true) || (a.sync && !writes);
            all.push(if reliable && !blind { Delivery::AtLeastOnce } else { Delivery::AtMostOnce });
        }
        all.into_iter().min()
    }

    /// Whether processing a message twice has the same effect as once.
    #[must_use]
    pub fn handles_repeats(&self, list: &[Access]) -> bool {
        let is_repeatable = |a: &Access| {
            let (call, target) = (&a.call.attrs, &self.model.component(a.call.target).attrs);
            let either = |key| call.read(key) == Some(true) || target.read(key) == Some(true);
            either(keys::IDEMPOTENT)
                || either(keys::VERSIONED)
                || call.read(keys::IDEMPOTENCY_KEY) == Some(true)
                || self.model.component(a.owner).attrs.read(keys::IDEMPOTENT) == Some(true)
        };
        let effects = |a: &&Access| {
            let f = self.model.component(a.call.target).kind.facets;
            (a.call.writes && f.stores && !f.buffers) || f.external
        };
        let handler = list.first().map(|a| self.model.component(a.call.target));
        let itself = handler.is_some_and(|c| c.attrs.read(keys::IDEMPOTENT) == Some(true));
        itself || (list.iter().any(|a| effects(&a)) && list.iter().filter(effects).all(is_repeatable))
    }

    /// The weakest isolation of the flow's transactions; none if two do not compare or one has none set.
    pub(super) fn isolation(&self, list: &[Access]) -> Option<String> {
        let stores: Vec<&Access> = list
            .iter()
            .filter(|a| {
                let f = self.model.component(a.call.target).kind.facets;
                a.sync && f.stores && !f.buffers
            })
            .collect();
        let written: BTreeSet<CompId> = stores.iter().filter(|a| a.call.writes).map(|a| a.call.target).collect();
        let in_two_phase = |a: &&Access| a.call.attrs.read(keys::TRANSACTION) == Some(Transaction::TwoPhase);
        if written.len() > 1 && !stores.iter().filter(|a| a.call.writes).all(in_two_phase) {
            // Each store commits separately: states between the commits are visible.
            return Some("none".to_owned());
        }
        let mut out: Option<&str> = None;
        for a in &stores {
            let word = self.model.component(a.call.target).attrs.read(keys::ISOLATION)?;
            out = Some(match out {
                None => word,
                Some(other) => super::isolation::weaker(word, other)?,
            });
        }
        out.map(str::to_owned)
    }
}
