//! Lag: time from publish to the end of the consumer's work, and the backlog of the consumer.
//!
//! In: demand, response times, the daily profile. Out: for each flow that starts at a queue, or has a
//! `window`: a distribution in seconds, the use of its slots, its backlogs. Never: a consumer that
//! fails and retries.
//!
//! A message waits for a slot ([`crate::analysis::capacity::concurrency`]), makes a round trip, and
//! holds the slot for all of its work `H`: the consumer's CPU time and all its waits. Shared slots are
//! one M/G/c queue (Whitt 1993; one slot: exact, Pollaczek and Khinchine). Slots of partitions are one
//! M/G/1 queue each, at their share of the rate. If each slot has its own core, its work does not
//! queue for a core. Otherwise (`threads` above the cores, or other work on the machine) the wait for
//! a core is added. Both waits are computed as if the other did not exist. A `batch` takes as many
//! messages as are waiting, up to its size. The queue is then a queue of batches: a message that
//! finds all slots busy waits for one more batch, at most the one in progress.
//!
//! There are three regimes. If the peak is below the capacity of the slots, the peak counts as steady,
//! unless the rate varies and the wait exceeds a minute. Otherwise, if the mean is below the capacity,
//! the worst delay of the day stands for all percentiles ([`crate::analysis::queues::backlog`]). If
//! the mean reaches the capacity, the lag is unbounded. The broker's response to the publisher is
//! part of the publisher's time and is not counted again.

use crate::analysis::capacity::concurrency::{Slots, consumer_of, slots};
use crate::analysis::ground::resource::Resource;
use crate::analysis::ground::time_value::{Measure, Timed};
use crate::analysis::load::call_policy::Policies;
use crate::analysis::load::demand::Demand;
use crate::analysis::load::periods::Window;
use crate::analysis::queues::backlog::{daily, outage, windowed};
use crate::analysis::queues::figures::{Backlog, Lag, PATIENCE};
use crate::analysis::time::latency::consumer_time;
use crate::analysis::time::stations::{Station, stations};
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{FlowId, Model};
use crate::theory::gg::Station as Queue;
use crate::theory::{Distribution, Mmc};
use crate::units::{show_rate, show_ratio, show_time, significant};

/// Maximum number of slots of one queue.
const MAX_SLOTS: f64 = 1e6;

/// The lag of every flow; `None` for a flow that neither starts at a queue nor has a window.
#[must_use]
pub fn lags(model: &Model, demand: &Demand, stations: &[Station]) -> Vec<Option<Lag>> {
    let policies = Policies::of(model);
    (0..model.flows.len()).map(|i| lag_of(model, demand, stations, &policies, FlowId(i))).collect()
}

/// The reason why a flow has no lag.
#[must_use]
pub fn no_lag(model: &Model, flow: FlowId) -> Reason {
    let name = &model.flow(flow).name;
    let sentence = format!("flow `{name}` does not start at a queue: nothing is published to it");
    Reason::of_flow(ReasonKind::NotApplicable, name, sentence)
}

/// The lag of one flow; `None` for a flow that neither starts at a queue nor has a window.
#[must_use]
pub fn lag_of(model: &Model, demand: &Demand, at_peak: &[Station], policies: &Policies, id: FlowId) -> Option<Lag> {
    let flow = model.flow(id);
    let window = Window::of(model, flow);
    let origin = model.component(flow.origin);
    if !origin.kind.facets.buffers && window.is_none() {
        return None;
    }
    let period = demand.when(id.0);
    let own;
    let stations = if demand.runs(id.0) {
        at_peak
    } else {
        own = stations(model, period, &[]);
        &own
    };
    let mut out = Lag {
        time: Timed::zero(),
        worst_of_day: false,
        slots: Resource { used: Ok(0.0), capacity: Ok(0.0), utilization: Ok(0.0), why: Vec::new() },
        hold: Timed::zero(),
        why: Vec::new(),
        parts: Vec::new(),
        backlog: Backlog::default(),
        notes: Vec::new(),
    };
    if let Err(e) = work_out(model, demand, (stations, policies), id, window, &mut out) {
        let lack = || Err(e.clone());
        out.slots = Resource { used: lack(), capacity: lack(), utilization: lack(), why: Vec::new() };
        out.backlog = Backlog::unknown(&e);
        out.time = Timed::Unknown(e);
    }
    Some(out)
}

fn work_out(
    model: &Model,
    demand: &Demand,
    (stations, policies): (&[Station], &Policies),
    id: FlowId,
    window: Option<Window>,
    out: &mut Lag,
) -> Result<(), Reason> {
    let flow = model.flow(id);
    let origin = model.component(flow.origin);
    let clock = origin.kind.facets.origin && origin.kind.facets.managed;
    if !origin.kind.facets.buffers && !clock {
        return Err(Reason::of_flow(
            ReasonKind::NotApplicable,
            &flow.name,
            format!("`window` of flow `{}` is for work from a queue or a clock", flow.name),
        ));
    }
    let period = demand.when(id.0);
    let (peak, mean) = match period.flows.get(id.0) {
        Some(fd) => (fd.rate.clone()?, fd.volume.clone()?),
        None => return Ok(()),
    };
    if let Some(feeder) = windowed_feeder(model, demand, id) {
        return Err(Reason::new(
            ReasonKind::NotModelled,
            format!(
                "flow `{feeder}`, which publishes to `{}`, works in a window: what that piles up is not modeled",
                origin.name
            ),
        ));
    }
    let slots = slots(model, period, id)?;
    let held = consumer_time(model, id, &period.hits, stations, policies, true);
    let all = consumer_time(model, id, &period.hits, stations, policies, slots.own_core);
    out.hold.clone_from(&held.work);
    out.why.clone_from(&slots.why);
    if slots.count <= 0.0 {
        let name = consumer_of(model, id).map_or("", |c| model.component(c).name.as_str());
        let grows = unconsumed_messages(model, id, mean);
        out.slots.utilization = Ok(f64::INFINITY);
        out.time = Timed::Unbounded(Reason::new(ReasonKind::Lost, format!("`{name}` is lost: {grows}")));
        out.backlog = Backlog::unknown(&Reason::new(ReasonKind::Lost, "nobody takes its messages"));
        return Ok(());
    }
    let hold = match held.work.measure("mean") {
        Measure::Known(x) => x,
        Measure::Unbounded(e) => {
            out.slots.utilization = Ok(f64::INFINITY);
            out.slots.used = Err(e.clone());
            out.backlog = Backlog::unknown(&e);
            out.time = Timed::Unbounded(e);
            return Ok(());
        }
        Measure::Unknown(e) => return Err(e),
    };
    let capacity = if hold > 0.0 { slots.count * slots.batch / hold } else { f64::INFINITY };
    let used = peak / slots.batch * hold;
    let utilization = used / slots.count;
    out.why.push(format!("each message holds its slot for {} on average", show_time(hold)));
    let when = if window.is_some() { "in its window" } else { "at the peak" };
    let (rate, of) = (show_rate(peak / slots.batch), if slots.batch > 1.0 { " batches" } else { "" });
    let ratio = show_ratio(utilization);
    out.why.push(format!(
        "slots: {rate}{of} {when} x {} = {} of {} = {ratio}",
        show_time(hold),
        significant(used, 4),
        slots.count
    ));
    out.slots =
        Resource { used: Ok(used), capacity: Ok(slots.count), utilization: Ok(utilization), why: slots.why.clone() };
    let rest = Timed::constant(held.trip).then(&all.work);
    if let Some(window) = window {
        windowed(model, demand, id, window, capacity, mean, &rest, out);
    } else if utilization < 1.0 && (peak <= mean || likely_wait(&slots, peak, &held.work) <= PATIENCE) {
        let steady = wait(&slots, peak, &held.work);
        let cores = if slots.own_core { "" } else { "its wait for a core and " };
        out.time = steady.clone().then(&rest);
        out.parts.push(("wait for a slot".to_owned(), steady));
        out.parts.push(("round trip to the queue".to_owned(), Timed::constant(held.trip)));
        out.parts.push((format!("the consumer's work, {cores}its calls included"), all.work));
        outage(capacity, peak, mean, out);
    } else {
        let p99 = |rate: f64| likely_wait(&slots, rate, &held.work);
        daily(model, id, capacity, (peak, mean), &rest, &p99, out);
    }
    bound(model, id, out);
    Ok(())
}

/// The queue of one message: its rate of batches per second and its number of slots.
fn queue(slots: &Slots, rate: f64) -> (f64, u32) {
    let batches = rate / slots.batch;
    let (rate, servers) = if slots.shared { (batches, slots.count) } else { (batches / slots.count, 1.0) };
    // The value is clamped to the range from one to a million.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let servers = servers.clamp(1.0, MAX_SLOTS) as u32;
    (rate, servers)
}

/// Fast estimate of the 99th percentile of the wait for a slot, seconds.
/// It assumes an exponential tail with the first two moments of the service.
fn likely_wait(slots: &Slots, rate: f64, hold: &Timed) -> f64 {
    let Timed::Known(work) = hold else { return f64::INFINITY };
    let (rate, servers) = queue(slots, rate);
    if rate <= 0.0 || work.mean() <= 0.0 {
        return 0.0;
    }
    let mean = work.scv().and_then(|scv| Queue::poisson(rate, work.mean(), scv, servers).mean_wait());
    let waits = Mmc::new(rate, work.mean(), servers).map(|q| q.wait_probability());
    match (mean, waits) {
        (Some(mean), Some(waits)) if waits > 0.01 => mean / waits * (100.0 * waits).ln(),
        (Some(_), Some(_)) => 0.0,
        _ => f64::INFINITY,
    }
}

/// The wait of a message for a slot.
fn wait(slots: &Slots, rate: f64, hold: &Timed) -> Timed {
    let Timed::Known(work) = hold else { return hold.clone() };
    let batches = rate / slots.batch;
    if batches <= 0.0 || work.mean() <= 0.0 {
        return Timed::zero();
    }
    if slots.count > MAX_SLOTS {
        return Timed::Unknown(Reason::new(
            ReasonKind::NotModelled,
            format!("more than {MAX_SLOTS} slots in one queue are not computed"),
        ));
    }
    let (rate, servers) = queue(slots, rate);
    let what = "the wait for a slot";
    let wait = if servers == 1 {
        Timed::of(Distribution::mg1_wait(rate, work), what)
    } else {
        let station = work.scv().map(|scv| Queue::poisson(rate, work.mean(), scv, servers));
        Timed::of(station.and_then(|s| Distribution::ggc_wait(&s)), what)
    };
    if slots.batch <= 1.0 {
        return wait;
    }
    let busy = (rate * slots.batch * work.mean() / f64::from(servers)).min(1.0);
    wait.then(&Timed::mixture(&[(1.0 - busy, Timed::zero()), (busy, hold.clone())]))
}

/// The name of a flow with a window that publishes to this flow, directly or through other queues.
fn windowed_feeder(model: &Model, demand: &Demand, id: FlowId) -> Option<String> {
    if demand.off_peak.is_empty()
        && (0..model.flows.len()).all(|f| demand.runs(f) && Window::of(model, model.flow(FlowId(f))).is_none())
    {
        return None;
    }
    let mut open = vec![id];
    let mut seen = vec![id];
    while let Some(at) = open.pop() {
        let queue = model.flow(at).origin;
        if !model.component(queue).kind.facets.buffers
            || model.flow(at).rate.is_some()
            || model.flow(at).volume.is_some()
        {
            continue;
        }
        for (f, fd) in demand.flows.iter().enumerate().filter(|(_, fd)| fd.hops.iter().any(|h| h.to == queue)) {
            let from = FlowId(f);
            if Window::of(model, model.flow(from)).is_some() && fd.rate.as_ref().is_ok_and(|r| *r > 0.0) {
                return Some(model.flow(from).name.clone());
            }
            if !seen.contains(&from) {
                seen.push(from);
                open.push(from);
            }
        }
    }
    None
}

/// Text on the fate of messages without a consumer: growth, `max_length`, `retention`.
fn unconsumed_messages(model: &Model, id: FlowId, rate: f64) -> String {
    let queue = model.component(model.flow(id).origin);
    let mut out = format!("`{}` grows by {} on average", queue.name, show_rate(rate));
    if let Some(most) = queue.attrs.read(keys::MAX_LENGTH).filter(|_| rate > 0.0) {
        out.push_str(&format!(", and its `max_length` is reached in {}", show_time(most.mid / rate)));
    }
    if let Some(kept) = queue.attrs.read(keys::RETENTION) {
        out.push_str(&format!(
            ", and its retention is reached in {}: from then on messages are lost",
            show_time(kept.mid)
        ));
    }
    out
}

/// Compares the lag with the queue's `max_lag` and notes a violation.
fn bound(model: &Model, id: FlowId, out: &mut Lag) {
    let queue = model.component(model.flow(id).origin);
    let Some(most) = queue.attrs.read(keys::MAX_LAG) else { return };
    let p99 = out.time.measure("p99");
    let over = match p99 {
        Measure::Known(x) if x > most.mid => show_time(x),
        Measure::Unbounded(_) => "unbounded".to_owned(),
        _ => return,
    };
    let name = &queue.name;
    out.notes.push(format!(
        "`max_lag` of `{name}` is {}, and the lag is {over}: the bound cannot be kept",
        show_time(most.mid)
    ));
}
