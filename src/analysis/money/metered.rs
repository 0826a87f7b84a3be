//! Metered use: mean requests and bytes a second, with weights by flow.
//!
//! In: calls with their mean rates. Out: sums and weights by flow. Bytes of calls without a `size` or
//! `reply` are kept apart, with the reason. Never: a price.

use super::Bill;
use super::GIB;
use crate::analysis::ground::known::Known;
use crate::analysis::load::demand::FlowDemand;
use crate::analysis::load::hops::Hop;
use crate::model::Model;
use crate::model::Reason;
use crate::units::{MONTH, significant};
use std::collections::BTreeMap;

/// One call of one flow, with its mean rate.
pub(super) struct Metered<'a> {
    /// The flow, by its index.
    pub flow: usize,
    /// The call.
    pub hop: &'a Hop,
    /// Mean calls a second.
    pub rate: Known,
}

/// Mean calls a second of one hop; 0 for a call that never happens, even at an unknown load.
pub(super) fn mean_rate(fd: &FlowDemand, hop: &Hop) -> Known {
    match (&fd.volume, &hop.visits) {
        (_, Ok(0.0)) => Ok(0.0),
        (Ok(r), Ok(v)) => Ok(r * v),
        (Err(e), _) | (_, Err(e)) => Err(e.clone()),
    }
}

/// Mean requests a second, and their share by flow. The sum is unknown if any rate is.
pub(super) fn requests(into: &[&Metered]) -> (Known, BTreeMap<usize, f64>) {
    let mut by_flow = BTreeMap::new();
    let mut sum: Known = Ok(0.0);
    for m in into {
        if let Ok(r) = &m.rate {
            *by_flow.entry(m.flow).or_insert(0.0) += r;
        }
        sum = match (sum, &m.rate) {
            (Ok(s), Ok(r)) => Ok(s + r),
            (Err(e), _) => Err(e),
            (_, Err(e)) => Err(e.clone()),
        };
    }
    (sum, by_flow)
}

/// Which payload of a call counts.
#[derive(Clone, Copy)]
pub(super) enum Direction {
    Request,
    Reply,
    Both,
}

/// Mean bytes a second of some calls, some of which may have no size.
#[derive(Default)]
pub(super) struct Bytes {
    /// Bytes a second of the calls with a known size.
    known: f64,
    /// Those bytes by flow.
    pub by_flow: BTreeMap<usize, f64>,
    /// The first reason why bytes of other calls are unknown, and the flows of these calls.
    pub lacks: Option<(Reason, BTreeMap<usize, f64>)>,
}

impl Bytes {
    /// Bytes a second of all calls, if every size is known.
    pub(super) fn all(&self) -> Known {
        self.lacks.as_ref().map_or(Ok(self.known), |(e, _)| Err(e.clone()))
    }

    /// Adds a line for the known bytes, and one for the unknown bytes.
    pub(super) fn bill(self, bill: &mut Bill, name: &'static str, usd: impl Fn(f64) -> f64, what: &str) {
        if self.known > 0.0 || self.lacks.is_none() {
            let why = format!("{} GiB {what}", significant(gib(self.known), 4));
            bill.add(name, Ok(usd(gib(self.known))), why, self.by_flow);
        }
        if let Some((e, by_flow)) = self.lacks {
            bill.add(name, Err(e), "", by_flow);
        }
    }
}

/// The bytes of some calls, each with the payload that counts.
pub(super) fn bytes<'a>(model: &Model, calls: impl Iterator<Item = (&'a Metered<'a>, Direction)>) -> Bytes {
    let mut out = Bytes::default();
    for (m, direction) in calls {
        if m.rate.as_ref().is_ok_and(|r| *r <= 0.0) {
            continue;
        }
        let lacks = |word: &'static str| {
            let (from, to) = (&model.component(m.hop.from).name, &model.component(m.hop.to).name);
            Reason::missing_on_call(from, to, word, format!("the call from `{from}` to `{to}` has no `{word}`"))
        };
        let (size, reply) = m.hop.bytes;
        let one = match direction {
            Direction::Request => size.ok_or_else(|| lacks("size")),
            Direction::Reply => reply.ok_or_else(|| lacks("reply")),
            Direction::Both => {
                size.ok_or_else(|| lacks("size")).and_then(|s| Ok(s + reply.ok_or_else(|| lacks("reply"))?))
            }
        };
        match m.rate.clone().and_then(|r| Ok(r * one?)) {
            Ok(b) => {
                out.known += b;
                *out.by_flow.entry(m.flow).or_insert(0.0) += b;
            }
            Err(e) => {
                let (_, by_flow) = out.lacks.get_or_insert_with(|| (e, BTreeMap::new()));
                by_flow.insert(m.flow, 1.0);
            }
        }
    }
    out
}

/// GiB a month at a rate of bytes a second.
pub(super) fn gib(bytes_per_second: f64) -> f64 {
    bytes_per_second * MONTH / GIB
}
