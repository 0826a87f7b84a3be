//! Disks, I/O above the included base, and backups.
//!
//! In: data, copies, the design's `disk`, backups. Out: lines of a bill. A disk is as large as its
//! data, and at least the smallest size on sale. I/O operations and throughput are those that the
//! design sets. Database backups hold one copy and the writes made until they expire; they are free
//! up to the size of the disks. Never: paid space that is left free.

use super::Bill;
use super::GIB;
use super::metered::Direction;
use super::metered::Metered;
use super::metered::bytes;
use crate::analysis::ground::known::Known;
use crate::catalog;
use crate::catalog::price;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::keys::{Key, Number};
use crate::model::{Component, Model};
use crate::units::{show_size, show_time, significant};
use std::collections::BTreeMap;

/// Bytes in a MiB.
const MIB: f64 = 1024.0 * 1024.0;

/// Bills storage, I/O above the base, and backups of a store.
pub(super) fn bill(model: &Model, c: &Component, into: &[&Metered], by_rate: &BTreeMap<usize, f64>, bill: &mut Bill) {
    let disk = c.disk(&model.system);
    let per_gib = price(disk.bytes_row.0, disk.bytes_row.1).usd;
    let (stored, what) = stored(model, c, into);
    let shards = c.shards().unwrap_or(1.0);
    let copies = c.replicas();
    let each = stored.clone().map(|stored| (stored / shards).max(disk.least));
    let all = match (&each, &copies) {
        (Ok(each), Ok(copies)) => Ok(each / GIB * shards * copies),
        (Err(e), _) | (_, Err(e)) => Err(e.clone()),
    };
    let why = match (&stored, &copies, &all) {
        (Ok(stored), Ok(copies), Ok(gib)) => format!(
            "{} {what}, {copies} copies: {} GiB at ${}/GiB",
            show_size(*stored),
            significant(*gib, 4),
            significant(per_gib, 4)
        ),
        _ => String::new(),
    };
    bill.add("storage", all.clone().map(|gib| gib * per_gib), why, by_rate.clone());
    bill_io(c, disk, &each, by_rate, bill);
    if let (Some(row), Some(backup)) = (disk.backup_row, c.attrs.read(keys::BACKUP)) {
        match backup.read(keys::KEEP) {
            Some(keep) => bill_backups(model, c, into, &stored, &all, (price(row.0, row.1).usd, keep.mid), bill),
            None => {
                let why = format!("`{}` does not set how long it keeps its backups (`keep`)", c.name);
                let why = Reason::missing_as(c, "keep", why);
                bill.add("backups", Err(why), "", by_rate.clone());
            }
        }
    }
}

/// Stored bytes of one copy, and their description.
fn stored(model: &Model, c: &Component, into: &[&Metered]) -> (Known, &'static str) {
    if !c.kind.facets.buffers {
        let data = c.attrs.read(keys::DATA).map(|d| d.mid);
        return (data.ok_or_else(|| Reason::missing(c, "data")), "of data");
    }
    // A log stores the bytes published within its retention.
    let rate = bytes(model, into.iter().map(|m| (*m, Direction::Request))).all();
    let stored = match c.attrs.read(keys::RETENTION) {
        Some(s) => rate.map(|r| r * s.mid),
        None => Err(Reason::missing(c, "retention")),
    };
    (stored, "published within the retention")
}

/// Bills I/O operations and throughput above the base that the storage price includes.
fn bill_io(c: &Component, disk: &catalog::Disk, each: &Known, by_rate: &BTreeMap<usize, f64>, bill: &mut Bill) {
    let Some(block) = c.attrs.read(keys::DISK) else { return };
    let bought = |key: Key<Number>| block.read(key).map(|n| n.mid);
    let (size, nodes) = (each.as_ref().map_or(0.0, |b| *b), c.nodes());
    let more = [
        ("iops", bought(keys::IOPS), disk.base_iops(size), disk.iops_row, 1.0, "I/O operations a second"),
        ("throughput", bought(keys::THROUGHPUT), disk.base_throughput(size), disk.throughput_row, MIB, "MiB a second"),
    ];
    for (name, bought, base, row, unit, what) in more {
        let Some(above) = bought.map(|b| (b - base) / unit).filter(|x| *x > 0.0) else { continue };
        let usd = match (row, &nodes) {
            (None, _) => Err(Reason::new(
                ReasonKind::Unpriced,
                format!("the catalog has no price for more {name} of {}", disk.name),
            )),
            (_, Err(e)) => Err(e.clone()),
            (Some(row), Ok(n)) => Ok(n * above * price(row.0, row.1).usd),
        };
        let why = format!("{} {what} a disk above what its price includes", significant(above, 4));
        bill.add("disk", usd, why, by_rate.clone());
    }
}

/// Bills backup storage beyond the free size; `terms` are US dollars per GiB-month and seconds kept.
fn bill_backups(
    model: &Model,
    c: &Component,
    into: &[&Metered],
    stored: &Known,
    disks: &Known,
    terms: (f64, f64),
    bill: &mut Bill,
) {
    let (usd, keep) = terms;
    let writes =
        into.iter().filter(|m| c.kind.op(&m.hop.op).is_some_and(|o| o.writes)).map(|m| (*m, Direction::Request));
    let written = bytes(model, writes);
    let by_flow = match &written.lacks {
        Some((_, flows)) => flows.clone(),
        None => written.by_flow.clone(),
    };
    let gib = match (&written.all(), stored, disks) {
        (Ok(rate), Ok(stored), Ok(free)) => Ok(((stored + rate * keep) / GIB - free).max(0.0)),
        (Err(e), ..) | (_, Err(e), _) | (_, _, Err(e)) => Err(e.clone()),
    };
    if gib.as_ref().is_ok_and(|g| *g <= 0.0) {
        return;
    }
    let why = gib.as_ref().map_or_else(
        |_| String::new(),
        |g| format!("{} GiB of changes kept for {}, beyond the free copy", significant(*g, 4), show_time(keep)),
    );
    bill.add("backup", gib.map(|g| g * usd), why, by_flow);
}
