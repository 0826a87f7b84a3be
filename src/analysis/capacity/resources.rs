//! Resources other than CPU: disk, network, memory.
//!
//! In: rates, bytes of calls, properties of machines. Out: use over capacity of each resource with
//! enough input. Never: a response time.
//!
//! Disk: reads that miss memory, one I/O operation each, over the IOPS of the disk. Writes of commits
//! are not counted, because commits share flushes. Network: bytes per second in or out, whichever is
//! higher, over the sustained bandwidth of the machine. Memory does not overload: data that does not
//! fit is evicted or read from disk. Memory is shown and never binds.

use crate::analysis::capacity::storage::{busiest_shard, iops, misses, working_set_and_memory};
use crate::analysis::ground::known::Known;
use crate::analysis::ground::machines::{Work, is_lost, memory, roles};
use crate::analysis::ground::resource::Resource;
use crate::analysis::load::demand::Demand;
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::keys;
use crate::model::{Attrs, CompId, Component, Interval, Latency, Law, Model};
use crate::resource::EntryStore;
use crate::units::{show_rate, show_ratio, show_size};

/// Disk reads per second over the IOPS of the disk; `None` if all data is in memory.
pub(in crate::analysis) fn disk(model: &Model, demand: &Demand, id: CompId) -> Option<Resource> {
    let c = model.component(id);
    let mut why = Vec::new();
    let miss = match misses(model, c, &mut why)? {
        Ok(m) if m <= 0.0 => return None,
        other => other,
    };
    let capacity = iops(model, c);
    let used = miss.and_then(|m| Ok(m * busiest_reads(model, demand, id, c)?));
    let utilization = match (&used, &capacity) {
        (Ok(u), Ok(c)) => {
            why.push(format!("{} of I/O on the busiest node over {}", show_rate(*u), show_rate(*c)));
            Ok(u / c)
        }
        (Err(e), _) | (_, Err(e)) => Err(e.clone()),
    };
    Some(Resource { used, capacity, utilization, why })
}

/// Reads per second at the busiest node.
fn busiest_reads(model: &Model, demand: &Demand, id: CompId, c: &Component) -> Known {
    let mut all = Vec::new();
    for (_, fd, hop) in demand.calls_of(id) {
        if c.kind.op(&hop.op).is_some_and(|o| o.writes) || hop.visits.as_ref().is_ok_and(|v| *v <= 0.0) {
            continue;
        }
        let nothing = Latency { mean: Interval::fixed(0.0), law: Law::Constant };
        let rate = fd.rate.clone()? * hop.visits.clone()?;
        all.push(Work { writes: false, read_from: hop.read_from, rate, cpu: nothing, cores: 0.0 });
    }
    if is_lost(&model.system, c) {
        return Ok(0.0);
    }
    let mut worst = 0.0_f64;
    for role in roles(&model.system, c, Serve::Copies)?.iter().filter(|r| r.machines > 0.0) {
        let reads: f64 = all.iter().map(|w| w.rate * (role.share)(w)).sum();
        worst = worst.max(reads / role.machines * busiest_shard(c));
    }
    Ok(worst)
}

/// Bytes per second in the busier direction over the network bandwidth of the machines.
///
/// Unknown if only some calls set `size` and `reply`. `None` if no call sets them, or if the
/// bandwidth of the machine is unknown.
pub(in crate::analysis) fn network(model: &Model, demand: &Demand, id: CompId) -> Option<Resource> {
    let c = model.component(id);
    let serve = c.kind.facets.serve.filter(|_| model.system.has_provider)?;
    let each = c.machine(&model.system)?.network?;
    let (mut into, mut out) = (0.0, 0.0);
    let (mut any, mut lack) = (false, None);
    for (inward, hop, rate) in demand.traffic_of(id) {
        any |= hop.bytes.0.is_some() || hop.bytes.1.is_some();
        let reply = hop.bytes.1.or(hop.is_async.then_some(0.0));
        let (Ok(rate), Some(size), Some(reply)) = (rate, hop.bytes.0, reply) else {
            let (from, to) = (&model.component(hop.from).name, &model.component(hop.to).name);
            lack.get_or_insert_with(|| {
                let sentence = format!("a call from `{from}` to `{to}` does not set its `size` and `reply`");
                Reason::missing_on_call(from, to, "size", sentence)
            });
            continue;
        };
        let (first, second) = if inward { (size, reply) } else { (reply, size) };
        into += rate * first;
        out += rate * second;
    }
    if let Some(why) = lack {
        let unknown = || Err(why.clone());
        let lacks = Resource { used: unknown(), capacity: unknown(), utilization: unknown(), why: Vec::new() };
        return any.then_some(lacks);
    }
    let machines = roles(&model.system, c, serve).ok()?.iter().map(|r| r.machines).sum::<f64>();
    let used = into.max(out);
    if machines <= 0.0 || used <= 0.0 {
        return None;
    }
    let capacity = machines * each;
    let utilization = used / capacity * busiest_shard(c);
    let why = vec![format!(
        "{}/s in and {}/s out over {machines} x {}/s = {}",
        show_size(into),
        show_size(out),
        show_size(each),
        show_ratio(utilization)
    )];
    Some(Resource { used: Ok(used), capacity: Ok(capacity), utilization: Ok(utilization), why })
}

/// Data meant for memory over the memory of a node, in bytes; `None` if the design does not set it.
pub(in crate::analysis) fn memory_use(model: &Model, id: CompId) -> Option<Resource> {
    let c = model.component(id);
    let (used, capacity, what) = if let Some((used, capacity)) = working_set_and_memory(model, c) {
        (used, capacity, "its working set on the busiest node: what does not fit is read from disk")
    } else if c.kind.facets.misses {
        let entries = c.attrs.read(keys::ENTRIES)?.mid * c.attrs.read(keys::ENTRY_SIZE)?.mid;
        let nodes = c.nodes().and_then(|n| Ok(n / c.replicas()?.min(n)));
        (Ok(entries), nodes.and_then(|n| Ok(n * memory(model, c)?)), "all its entries: what does not fit is evicted")
    } else {
        let on_disk = |b: &Attrs| b.read(keys::STORE).and_then(EntryStore::of) == Some(EntryStore::Disk);
        let block = c.attrs.read(keys::CACHE).filter(|b| !on_disk(b))?;
        c.kind.facets.serve?;
        let entries = block.read(keys::ENTRIES)?.mid * block.read(keys::ENTRY_SIZE)?.mid;
        (Ok(entries), memory(model, c), "the cache in its process, when full")
    };
    let utilization = match (&used, &capacity) {
        (Ok(u), Ok(c)) => Ok(u / c),
        (Err(e), _) | (_, Err(e)) => Err(e.clone()),
    };
    Some(Resource { used, capacity, utilization, why: vec![what.to_owned(), "shown, never what binds".to_owned()] })
}
