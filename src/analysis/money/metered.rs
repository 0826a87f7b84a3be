//! What is metered: requests and bytes a second in the mean, with each flow's share.
//!
//! In: calls with their mean rates. Out: sums, each flow's share of them; the bytes of
//! calls that do not say how many are apart, with the reason. Never: a price.

use super::Bill;
use super::GIB;
use crate::analysis::ground::known::Known;
use crate::analysis::load::demand::{FlowDemand, Hop};
use crate::model::Model;
use crate::model::Reason;
use crate::units::{MONTH, significant};
use std::collections::BTreeMap;

/// One call of one flow, with its mean rate.
pub(super) struct Metered<'a> {
    pub flow: usize,
    pub hop: &'a Hop,
    pub rate: Known,
}

pub(super) fn mean_rate(fd: &FlowDemand, hop: &Hop) -> Known {
    match (&fd.volume, &hop.visits) {
        (_, Ok(0.0)) => Ok(0.0),
        (Ok(r), Ok(v)) => Ok(r * v),
        (Err(e), _) | (_, Err(e)) => Err(e.clone()),
    }
}

/// Requests a second in the mean, with each flow's share.
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

/// Which bytes of a call count.
#[derive(Clone, Copy)]
pub(super) enum Way {
    Request,
    Reply,
    Both,
}

/// Bytes a second in the mean, of which only some calls may say how many.
#[derive(Default)]
pub(super) struct Bytes {
    /// Of the calls that say.
    known: f64,
    /// Each flow's share of those.
    pub by_flow: BTreeMap<usize, f64>,
    /// What the others lack, and whose they are.
    pub lacks: Option<(Reason, BTreeMap<usize, f64>)>,
}

impl Bytes {
    /// All of them, if all are known.
    pub(super) fn all(&self) -> Known {
        self.lacks.as_ref().map_or(Ok(self.known), |(e, _)| Err(e.clone()))
    }

    /// A line for what is known, and one for what is not.
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

/// The bytes of some calls, each with the way that counts.
pub(super) fn bytes<'a>(model: &Model, calls: impl Iterator<Item = (&'a Metered<'a>, Way)>) -> Bytes {
    let mut out = Bytes::default();
    for (m, way) in calls {
        if m.rate.as_ref().is_ok_and(|r| *r <= 0.0) {
            continue;
        }
        let lacks = |word: &'static str| {
            let (from, to) = (&model.component(m.hop.from).name, &model.component(m.hop.to).name);
            Reason::missing_on_call(from, to, word, format!("the call from `{from}` to `{to}` has no `{word}`"))
        };
        let (size, reply) = m.hop.bytes;
        let one = match way {
            Way::Request => size.ok_or_else(|| lacks("size")),
            Way::Reply => reply.ok_or_else(|| lacks("reply")),
            Way::Both => size.ok_or_else(|| lacks("size")).and_then(|s| Ok(s + reply.ok_or_else(|| lacks("reply"))?)),
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

/// GiB in a month of a rate of bytes.
pub(super) fn gib(bytes_per_second: f64) -> f64 {
    bytes_per_second * MONTH / GIB
}
