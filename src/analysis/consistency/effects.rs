//! What a flow's writes and messages come to: losses, repeats, isolation.
//!
//! In: the calls of a flow. Out: what one failure may lose of what it acknowledges, how
//! often messages arrive, the isolation that all its transactions have together. Never:
//! what a product does by default.

use super::guarantee::Delivery;
use super::patterns::Access;
use super::setting::rpo;
use super::typing::Shared;
use crate::analysis::ground::known::Known;
use crate::model::keys;
use crate::model::{CompId, FlowId};
use std::collections::BTreeSet;

impl Shared<'_> {
    /// The most that one failure may lose of what the flow acknowledges.
    pub(super) fn rpo(&self, list: &[Access]) -> (Known, Option<CompId>) {
        let mut worst: (Known, Option<CompId>) = (Ok(0.0), None);
        for a in list.iter().filter(|a| a.sync || a.call.attrs.read(keys::OUTBOX) == Some(true)) {
            let c = self.model.component(a.call.target);
            let kept_back = (c.kind.facets.misses && a.call.op == "set" && a.sync)
                .then(|| self.caches.get(&a.call.target).and_then(|f| f.behind))
                .flatten();
            let this = match kept_back {
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

    /// How often messages of the flow arrive: those that it takes, and those that it puts.
    pub(super) fn delivery(&self, flow: FlowId, list: &[Access]) -> Option<Delivery> {
        let origin = self.model.component(self.model.flow(flow).origin);
        let mut all = Vec::new();
        if origin.kind.facets.buffers {
            let takes = match origin.attrs.read(keys::DELIVERY) {
                Some("at_most_once") => Delivery::AtMostOnce,
                Some("exactly_once") => Delivery::ExactlyOnce,
                _ => Delivery::AtLeastOnce,
            };
            // A handler that knows repeats makes of at least once: effectively once.
            let knows = takes == Delivery::AtLeastOnce && self.handles_repeats(list);
            all.push(if knows { Delivery::ExactlyOnce } else { takes });
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
            let blind = queue.attrs.read(keys::ACKS) == Some("none") || queue.attrs.read(keys::CONFIRMS) == Some(false);
            let kept = a.call.attrs.read(keys::OUTBOX) == Some(true) || (a.sync && !writes);
            all.push(if kept && !blind { Delivery::AtLeastOnce } else { Delivery::AtMostOnce });
        }
        all.into_iter().min()
    }

    /// Whether doing everything that a consumer does twice is the same as once.
    #[must_use]
    pub fn handles_repeats(&self, list: &[Access]) -> bool {
        let says = |a: &Access| {
            let (call, target) = (&a.call.attrs, &self.model.component(a.call.target).attrs);
            ["idempotent", "versioned", "idempotency_key"]
                .iter()
                .any(|n| call.flag(n) == Some(true) || (*n != "idempotency_key" && target.flag(n) == Some(true)))
                || self.model.component(a.owner).attrs.read(keys::IDEMPOTENT) == Some(true)
        };
        let effects = |a: &&Access| {
            let f = self.model.component(a.call.target).kind.facets;
            (a.call.writes && f.stores && !f.buffers) || f.external
        };
        let handler = list.first().map(|a| self.model.component(a.call.target));
        let itself = handler.is_some_and(|c| c.attrs.read(keys::IDEMPOTENT) == Some(true));
        itself || (list.iter().any(|a| effects(&a)) && list.iter().filter(effects).all(says))
    }

    /// The isolation that all of the flow's transactions have together.
    pub(super) fn isolation(&self, list: &[Access]) -> Option<String> {
        let stores: Vec<&Access> = list
            .iter()
            .filter(|a| {
                let f = self.model.component(a.call.target).kind.facets;
                a.sync && f.stores && !f.buffers
            })
            .collect();
        let written: BTreeSet<CompId> = stores.iter().filter(|a| a.call.writes).map(|a| a.call.target).collect();
        let bound = |a: &&Access| a.call.attrs.read(keys::TRANSACTION) == Some("two_phase");
        if written.len() > 1 && !stores.iter().filter(|a| a.call.writes).all(bound) {
            // Each store commits for itself: what is between is seen.
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
