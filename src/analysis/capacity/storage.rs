//! Storage: data of a store, its disk, and the part of the data in memory.
//!
//! In: `data`, or the messages published within the `retention`; shards, `shard_skew`, the disk of
//! the machine; `working_set` or `skew`, and memory. Out: bytes of one copy and of the busiest shard,
//! the size of a disk, the share of reads that miss memory; seconds until a disk is full or memory
//! too small, as the data grows. Never: free space, indexes or bloat beyond `data`.
//!
//! Misses: with `skew`, LRU over pages of 8 KiB with Zipf popularity (Che 2002); without, linear,
//! 1 - memory / working set. A store with neither `working_set` nor `skew` is assumed to serve from
//! memory. All memory counts; nothing is subtracted for the engine itself.

use crate::analysis::ground::known::Known;
use crate::analysis::ground::machines::memory;
use crate::analysis::load::demand::Demand;
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{CompId, Component, Latency, Law, Model};
use crate::theory::cache::{Policy, Zipf};
use crate::units::{show_ratio, show_size};

/// Bytes of a page: the `block_size` of `PostgreSQL`, within a factor of two of most stores.
const PAGE: f64 = 8192.0;
/// One day in seconds. A queue with a shorter `retention` is sized at the peak rate, not the mean.
const DAY: f64 = 86_400.0;

/// The data of a store and its limits.
#[derive(Clone, Debug)]
pub struct Storage {
    /// Bytes of one copy of the data, over all shards.
    pub data: Known,
    /// Bytes on the busiest disk.
    pub busiest: Known,
    /// Size of one disk in bytes.
    pub disk: Known,
    /// Seconds until the busiest disk is full; infinite if the data does not grow that far.
    pub full_in: Known,
    /// Seconds until memory is too small for the working set; `None` if none is set.
    pub outgrown_in: Option<Known>,
}

/// The storage of a component with its own disks; `None` for any other component.
#[must_use]
pub fn storage(model: &Model, demand: &Demand, id: CompId) -> Option<Storage> {
    let c = model.component(id);
    let facets = c.kind.facets;
    if !facets.stores || facets.serve.is_none() {
        return None;
    }
    let data = data(model, demand, id);
    let busiest = data.clone().and_then(|d| Ok(d * share_of_disk(c)?));
    let disk = disk_size(model, c);
    let full_in = match (&busiest, &disk) {
        (Ok(b), Ok(d)) => Ok(c.grows_to(b / d)),
        (Err(e), _) | (_, Err(e)) => Err(e.clone()),
    };
    let outgrown_in = working_set(c).map(|w| {
        let (w, m) = (w?, data_memory(model, c)?);
        Ok(c.grows_to(w / m))
    });
    Some(Storage { data, busiest, disk, full_in, outgrown_in })
}

/// Bytes of one copy: the `data` of a store, or the messages that a queue retains.
fn data(model: &Model, demand: &Demand, id: CompId) -> Known {
    let c = model.component(id);
    if !c.kind.facets.buffers {
        return c.attrs.read(keys::DATA).map(|d| d.mid).ok_or_else(|| Reason::missing(c, "data"));
    }
    let seconds = c.attrs.read(keys::RETENTION).map(|r| r.mid);
    let seconds = seconds.ok_or_else(|| Reason::missing(c, "retention"))?;
    let mut bytes = 0.0;
    for (_, fd, hop) in demand.calls_of(id) {
        let rate = if seconds < DAY { fd.rate.clone()? } else { fd.volume.clone()? };
        let from = &model.component(hop.from).name;
        let size = hop.bytes.0.ok_or_else(|| {
            Reason::missing_as(c, "size", format!("the call from `{from}` to `{}` has no `size`", c.name))
        })?;
        bytes += rate * hop.visits.clone()? * size;
    }
    Ok(bytes * seconds)
}

/// Load or data of the busiest shard over the mean of all shards; at most the number of shards.
pub(in crate::analysis) fn busiest_shard(c: &Component) -> f64 {
    let shards = c.shards().unwrap_or(1.0);
    c.attrs.read(keys::SHARD_SKEW).map_or(1.0, |s| s.mid.clamp(1.0, shards.max(1.0)))
}

/// The share of one copy of the data on the busiest disk.
fn share_of_disk(c: &Component) -> Known {
    if c.kind.facets.serve == Some(Serve::Copies) {
        return Ok(busiest_shard(c) / c.shards()?);
    }
    // The partitions of a log spread evenly over its nodes.
    Ok(c.replicas()? / c.nodes()?.max(1.0))
}

fn disk_size(model: &Model, c: &Component) -> Known {
    if let Some(n) = c.attrs.read(keys::DISK).and_then(|b| b.read(keys::SIZE)) {
        return Ok(n.mid);
    }
    if !model.system.has_provider {
        return Err(Reason::missing_as(c, "disk", format!("`{}` does not set the `size` of its `disk`", c.name)));
    }
    Ok(c.disk(&model.system).most)
}

/// Memory of one node for data, in bytes.
fn data_memory(model: &Model, c: &Component) -> Known {
    c.attrs.read(keys::BUFFER).map_or_else(|| memory(model, c), |m| Ok(m.mid))
}

/// Bytes of the working set on the busiest node; `None` if none is set.
fn working_set(c: &Component) -> Option<Known> {
    if c.kind.facets.serve != Some(Serve::Copies) {
        return None;
    }
    let all = c.attrs.read(keys::WORKING_SET)?.mid;
    Some(share_of_disk(c).map(|s| all * s))
}

/// Working set on the busiest node and memory of a node, in bytes; `None` if no working set is set.
pub(in crate::analysis) fn working_set_and_memory(model: &Model, c: &Component) -> Option<(Known, Known)> {
    Some((working_set(c)?, data_memory(model, c)))
}

/// The share of a store's reads that miss memory.
/// `None` if it sets neither `working_set` nor `skew`: it is assumed to serve from memory.
#[must_use]
pub fn misses(model: &Model, c: &Component, why: &mut Vec<String>) -> Option<Known> {
    if c.kind.facets.serve != Some(Serve::Copies) {
        return None;
    }
    let skew = c.attrs.read(keys::SKEW).map(|s| s.mid);
    if skew.is_none() && c.attrs.peek_at(keys::WORKING_SET).is_none() {
        return None;
    }
    Some(miss_share(model, c, skew, why))
}

fn miss_share(model: &Model, c: &Component, skew: Option<f64>, why: &mut Vec<String>) -> Known {
    let memory = data_memory(model, c)?;
    let whole = match working_set(c) {
        Some(w) => w?,
        None => {
            let data = c.attrs.read(keys::DATA).map(|d| d.mid);
            data.ok_or_else(|| {
                Reason::missing_as(c, "data", format!("`{}` does not set its `data` or `working_set`", c.name))
            })? * share_of_disk(c)?
        }
    };
    let miss = match skew {
        _ if whole <= memory => 0.0,
        None => 1.0 - memory / whole,
        Some(skew) => {
            // At most 2^63 pages.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let pages = (whole / PAGE).ceil().clamp(1.0, 9e18) as u64;
            let fit = Zipf::new(pages, skew).and_then(|z| z.fit(Policy::Lru, (memory / PAGE).floor()));
            1.0 - fit
                .ok_or_else(|| {
                    Reason::of(ReasonKind::OutOfRange, c, format!("the `skew` of `{}` is out of range", c.name))
                })?
                .hit_ratio
        }
    };
    let law =
        skew.map_or_else(|| "in proportion".to_owned(), |s| format!("LRU over pages by Zipf's law of exponent {s}"));
    why.push(format!(
        "{} of memory for a working set of {}: {} of the reads go to disk, {law}",
        show_size(memory),
        show_size(whole),
        show_ratio(miss)
    ));
    Ok(miss)
}

/// I/O operations per second of the disk of one node.
pub(in crate::analysis) fn iops(model: &Model, c: &Component) -> Known {
    if let Some(n) = c.attrs.read(keys::DISK).and_then(|b| b.read(keys::IOPS)) {
        return Ok(n.mid);
    }
    if !model.system.has_provider {
        return Err(Reason::missing_as(
            c,
            "disk",
            format!("`{}` reads from disk and does not set the `iops` of its `disk`", c.name),
        ));
    }
    let bytes = c.attrs.read(keys::DATA).map_or(0.0, |d| d.mid) * share_of_disk(c)?;
    Ok(c.disk(&model.system).base_iops(bytes))
}

/// The time of one read from disk.
///
/// # Errors
/// The reason, if neither the design nor a provider gives it.
pub(in crate::analysis) fn read_time(model: &Model, c: &Component) -> Result<Latency, Reason> {
    if let Some(l) = c.attrs.read(keys::DISK).and_then(|b| b.read(keys::LATENCY)) {
        return Ok(l);
    }
    if !model.system.has_provider {
        return Err(Reason::of(
            ReasonKind::Missing,
            c,
            format!("`{}` reads from disk and does not set the `latency` of its `disk`", c.name),
        ));
    }
    let disk = c.disk(&model.system);
    Ok(Latency { mean: crate::model::Interval::fixed(disk.read), law: Law::Cv(disk.read_cv) })
}

/// Why the disk or the memory of a component is too small, if one is: the data exceeds the disk,
/// or the working set exceeds memory. Unknown sizes count as large enough.
#[must_use]
pub fn too_small(model: &Model, demand: &Demand, id: CompId) -> Option<String> {
    let s = storage(model, demand, id)?;
    if let (Ok(b), Ok(d)) = (&s.busiest, &s.disk)
        && b > d
    {
        return Some(format!("its disk would have to hold {} of {}", show_size(*b), show_size(*d)));
    }
    let c = model.component(id);
    match working_set_and_memory(model, c) {
        Some((Ok(w), Ok(m))) if w > m => {
            Some(format!("its working set of {} a node would not fit into {} of memory", show_size(w), show_size(m)))
        }
        _ => None,
    }
}
