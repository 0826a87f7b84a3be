//! Provider-managed and metered services: balancers, edges, object stores, queues without an engine.
//!
//! In: mean requests and bytes. Out: lines of a bill. The LCUs of a balancer count every request as a
//! new connection, an upper bound. A message of a provider-managed queue is sent, received and
//! deleted: one request for each, and a send for every 64 KiB of it (AWS SQS pricing). A batch is received and
//! deleted with one request each. Never: a machine.

use super::Bill;
use super::GIB;
use super::HOURS;
use super::metered::Direction;
use super::metered::Metered;
use super::metered::bytes;
use super::metered::requests;
use crate::analysis::ground::known::Known;
use crate::analysis::load::demand::Demand;
use crate::catalog::{EDGE, price, tiered};
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{CompId, Component, Model};
use crate::resource::StorageClass;
use crate::units::{MONTH, show_rate, significant};
use std::collections::BTreeMap;

/// Bills a provider-managed balancer: hours and LCUs.
pub(super) fn balancer(
    model: &Model,
    into: &[&Metered],
    requests: &Known,
    by_rate: &BTreeMap<usize, f64>,
    bill: &mut Bill,
) {
    let hour = price("alb", "hour").usd;
    bill.add("machines", Ok(hour * HOURS), format!("one balancer at ${hour}/h"), by_rate.clone());
    let moved = bytes(model, into.iter().map(|m| (*m, Direction::Both))).all();
    let lcu = requests.clone().and_then(|r| {
        let connections = r / 25.0;
        let gib_per_hour = moved? * 3600.0 / GIB;
        Ok((connections, gib_per_hour))
    });
    let each = price("alb", "LCU").usd;
    let why = lcu.as_ref().map_or_else(
        |_| String::new(),
        |(c, b)| {
            format!(
                "the larger of {} LCU for connections (each request a new one, at most) and {} for bytes, at ${each}/h",
                significant(*c, 3),
                significant(*b, 3)
            )
        },
    );
    bill.add("requests", lcu.map(|(c, b)| c.max(b) * each * HOURS), why, by_rate.clone());
}

/// Bills an edge: requests, bytes to clients, and bytes of requests to the origin.
pub(super) fn edge(
    model: &Model,
    id: CompId,
    into: &[&Metered],
    requests: &Known,
    by_rate: &BTreeMap<usize, f64>,
    all: &[Metered],
    bill: &mut Bill,
) {
    let each = price("cloudfront", "HTTPS requests US").usd / 10_000.0;
    let why = requests.as_ref().map_or_else(|_| String::new(), |r| format!("{} at $0.01 per 10k", show_rate(*r)));
    bill.add("requests", requests.clone().map(|r| r * MONTH * each), why, by_rate.clone());
    let out = bytes(model, into.iter().map(|m| (*m, Direction::Reply)));
    out.bill(bill, "transfer", |gib| tiered(EDGE, gib), "to clients, by tiers");
    let back = bytes(model, all.iter().filter(|m| m.hop.from == id).map(|m| (m, Direction::Request)));
    let usd = price("cloudfront", "DTO to origin US").usd;
    back.bill(bill, "transfer", |gib| gib * usd, "of requests to the origin");
}

/// Bills an object store: bytes stored and requests.
pub(super) fn objects(c: &Component, into: &[&Metered], bill: &mut Bill) {
    let class = c.attrs.read(keys::CLASS).and_then(StorageClass::of).unwrap_or_default();
    let usd = if class == StorageClass::Standard {
        let data = c.attrs.read(keys::DATA).map(|d| d.mid / GIB * price("s3", "standard storage first 50TB").usd);
        data.ok_or_else(|| Reason::missing(c, "data"))
    } else {
        Err(Reason::of(
            ReasonKind::Unpriced,
            c,
            format!("the catalog has no price of the storage class `{}` of `{}`", class.word(), c.name),
        ))
    };
    let (_, by_rate) = requests(into);
    bill.add("storage", usd, "all bytes at the price of the first 50 TB", by_rate);
    for (writes, name) in [(true, "PUT/COPY/POST/LIST"), (false, "GET")] {
        let of: Vec<&Metered> =
            into.iter().copied().filter(|m| c.kind.op(&m.hop.op).is_some_and(|o| o.writes) == writes).collect();
        if of.is_empty() {
            continue;
        }
        let (rate, by_rate) = requests(&of);
        bill.add("requests", rate.map(|r| r * MONTH / 1000.0 * price("s3", name).usd), name, by_rate);
    }
}

/// Largest number of bytes in one request to a provider-managed queue.
const CHUNK: f64 = 65_536.0;

/// Bills the requests to a provider-managed queue.
pub(super) fn queue(model: &Model, demand: &Demand, id: CompId, c: &Component, into: &[&Metered], bill: &mut Bill) {
    let ordered = c.attrs.read(keys::ORDERING).is_some_and(|o| o != "none");
    let row = if ordered { "fifo" } else { "standard" };
    let chunks = |m: &Metered| m.hop.bytes.0.map_or(1.0, |b| (b / CHUNK).ceil().max(1.0));
    let mut by_flow = BTreeMap::new();
    let mut sum: Known = Ok(0.0);
    let sent = into.iter().map(|m| (m.flow, m.rate.clone().map(|r| r * chunks(m))));
    let taken = model.flows.iter().zip(&demand.flows).enumerate().filter(|(_, (f, _))| f.origin == id);
    for (flow, rate) in sent.chain(taken.map(|(i, (f, fd))| {
        let batch = f.attrs.read(keys::BATCH).map_or(1.0, |b| b.mid.max(1.0));
        (i, fd.volume.clone().map(|v| 2.0 * v / batch))
    })) {
        match (rate, &mut sum) {
            (Ok(r), Ok(s)) => {
                *s += r;
                *by_flow.entry(flow).or_insert(0.0) += r;
            }
            (Err(e), _) => sum = Err(e),
            _ => {}
        }
    }
    let why = "each message sent, received and deleted".to_owned();
    bill.add("requests", sum.map(|r| r * MONTH / 1e6 * price("sqs", row).usd), why, by_flow);
}
