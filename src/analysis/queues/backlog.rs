//! Backlog of a consumer: over a day, at the end of a window, after an outage.
//!
//! In: capacity of the slots (messages per second), peak and mean rate, the daily profile
//! ([`crate::theory::day`]). Out: backlogs (messages), times (seconds), lost messages. Never: a shape
//! of the day other than the profile.
//!
//! The model is fluid: rates, not single messages. In a window the CPU that other flows leave bounds
//! the capacity too. The longest delay of a day is that of first come, first served, plus the random
//! wait. The longest delay of a window lasts from the end of the last window to the end of the next
//! drain, in any order of service.

use crate::analysis::capacity::utilization::now;
use crate::analysis::ground::known::Known;
use crate::analysis::ground::time_value::Timed;
use crate::analysis::load::demand::Demand;
use crate::analysis::load::periods::Window;
use crate::analysis::queues::figures::{Backlog, Daily, Lag, PATIENCE};
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{FlowId, Model};
use crate::theory::Distribution;
use crate::theory::backlog::overload;
use crate::theory::day::{DAY, DailyRate, Day};
use crate::units::{show_rate, show_ratio, show_time, significant};

/// Length of the outage that is evaluated, seconds.
pub const OUTAGE: f64 = 3600.0;

/// Formats seconds after midnight as `02:40`.
#[must_use]
pub fn clock(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round().rem_euclid(1440.0);
    format!("{:02}:{:02}", (minutes / 60.0).floor(), minutes % 60.0)
}

/// Formats a count as `197k`.
#[must_use]
pub fn amount(n: f64) -> String {
    let scales = [(1e9, "G"), (1e6, "M"), (1e3, "k")];
    let (unit, word) = scales.into_iter().find(|(least, _)| n >= *least).unwrap_or((1.0, ""));
    format!("{}{word}", significant(n / unit, 3))
}

/// The daily profile of a rate.
fn daily_rate(model: &Model, peak: f64, mean: f64) -> Result<DailyRate, Reason> {
    let day = Day::new(model.system.peak_to_mean, model.system.trough, model.system.peak_hour);
    day.and_then(|d| d.rate(mean, peak)).ok_or_else(|| {
        Reason::new(
            ReasonKind::Contradiction,
            "the day's course is unknown: `profile` expects a `peak_to_mean` of at least 1 and a `trough` of at most 100%",
        )
    })
}

/// Computes the backlog after an hour without the consumer, and its drain time.
pub(in crate::analysis) fn outage(capacity: f64, peak: f64, mean: f64, out: &mut Lag) {
    let at = |rate: f64| {
        let most = capacity.min(1e18);
        let end = overload(rate, 0.0, OUTAGE, most);
        let beyond = || Err(Reason::new(ReasonKind::OutOfRange, "it is beyond the range of numbers computed here"));
        end.map_or_else(|| (beyond(), beyond()), |o| (Ok(o.backlog), Ok(o.drain_time.unwrap_or(f64::INFINITY))))
    };
    let (after_outage, drains_in) = at(mean);
    out.backlog =
        Backlog { capacity: Ok(capacity), after_outage, drains_in, at_peak: at(peak), daily: out.backlog.daily.take() };
}

/// The lag of a consumer whose capacity is below or close to the peak rate.
///
/// `rest` is the time after the wait for a slot. `wait` gives the 99th percentile of the steady wait
/// in seconds at a given rate.
pub(in crate::analysis) fn daily(
    model: &Model,
    id: FlowId,
    capacity: f64,
    (peak, mean): (f64, f64),
    rest: &Timed,
    wait: &dyn Fn(f64) -> f64,
    out: &mut Lag,
) {
    let queue = model.component(model.flow(id).origin);
    outage(capacity, peak, mean, out);
    let take = show_rate(capacity);
    if capacity <= mean {
        let lost = queue.attrs.read(keys::MAX_LENGTH).filter(|_| mean > 0.0);
        let lost = lost.map_or_else(String::new, |_| {
            format!("; its `max_length` drops {} of its messages", show_ratio(1.0 - capacity / mean))
        });
        out.time = Timed::Unbounded(Reason::new(
            ReasonKind::Overload,
            format!(
                "its slots take {take}, and {} arrive on average: `{}` grows day by day{lost}",
                show_rate(mean),
                queue.name
            ),
        ));
        out.backlog.daily = Some(Daily {
            most: f64::INFINITY,
            starts: 0.0,
            ends: None,
            longest_delay: f64::INFINITY,
            left: (mean - capacity) * DAY,
            dropped: 0.0,
            expires: queue.attrs.read(keys::RETENTION).is_some(),
        });
        return;
    }
    let course = match daily_rate(model, peak, mean) {
        Ok(c) => c,
        Err(e) => {
            out.time = Timed::Unknown(e);
            return;
        }
    };
    let delay = worst_delay(&course, capacity, (peak, mean), wait);
    if let Some(Some(pile)) = course.daily_backlog(capacity) {
        let ends = (pile.starts + pile.lasts).rem_euclid(DAY);
        out.notes.push(format!(
            "`{}` piles up from {} to {}, {} messages at most: its slots take {take}, and {} come at the peak",
            queue.name,
            clock(pile.starts),
            clock(ends),
            amount(pile.most),
            show_rate(peak)
        ));
        set_daily(model, id, (pile.most, delay.max(pile.longest_delay)), (pile.starts, Some(ends)), mean, out);
        if let Some(d) = &mut out.backlog.daily {
            d.longest_delay = pile.longest_delay;
        }
    } else {
        out.notes.push(format!("its slots take {take}, hardly more than the {} of the peak", show_rate(peak)));
    }
    if delay.is_finite() {
        worst(delay, rest, out);
    } else {
        out.time = Timed::Unbounded(Reason::new(
            ReasonKind::Overload,
            format!("its slots take {take}, as many as come: `{}` grows", queue.name),
        ));
    }
}

/// An upper bound of the 99th percentile of the delay at the worst moment of the day, seconds.
///
/// Any rate `c` between the mean rate and the capacity gives a bound of the waiting work. It is the
/// fluid backlog before a capacity of `c`, plus the content of a steady queue with arrival rate `c`:
/// the supremum of a sum is at most the sum of the suprema. The result is the least of these bounds
/// over `c`, and at least [`PATIENCE`]. It never falls as the load grows.
fn worst_delay(course: &DailyRate, capacity: f64, (peak, mean): (f64, f64), wait: &dyn Fn(f64) -> f64) -> f64 {
    let at = |c: f64| match course.daily_backlog(c) {
        Some(pile) => pile.map_or(0.0, |p| p.most / capacity) + wait(c),
        None => f64::INFINITY,
    };
    // Both terms are convex: ternary search.
    let (mut low, mut high) = (mean, capacity.min(peak));
    for _ in 0..60 {
        let third = (high - low) / 3.0;
        let (a, b) = (low + third, high - third);
        // If both points are unbounded, the search goes on closer to the mean.
        let (at_a, at_b) = (at(a), at(b));
        if at_a < at_b || at_a.is_infinite() && at_b.is_infinite() { high = b } else { low = a }
    }
    at(f64::midpoint(low, high)).max(PATIENCE)
}

/// The lag of work that waits for its window.
#[allow(clippy::too_many_arguments)] // what the consumer is, and what is known of it
pub(in crate::analysis) fn windowed(
    model: &Model,
    demand: &Demand,
    id: FlowId,
    window: Window,
    slots: f64,
    mean: f64,
    rest: &Timed,
    out: &mut Lag,
) {
    let flow = model.flow(id);
    let day = mean * DAY;
    let left = match cpu_left(model, demand.when(id.0), id) {
        Ok(rate) => rate,
        Err(e) => {
            out.time = Timed::Unknown(e);
            return;
        }
    };
    let capacity = slots.min(left.0);
    let by = if left.0 < slots { left.1 } else { "its slots".to_owned() };
    out.why.push(format!("in its window it takes {} ({by})", show_rate(capacity)));
    out.backlog.capacity = Ok(capacity);
    let closing = (window.opening + window.length).rem_euclid(DAY);
    // A timer starts the whole day's work at the opening. A queue holds the messages since the last
    // window and receives more.
    let drained = if model.component(flow.origin).kind.facets.buffers {
        let peak = if model.system.peak_to_mean > 1.0 && varies(model, demand, id) {
            mean * model.system.peak_to_mean
        } else {
            mean
        };
        match daily_rate(model, peak, mean) {
            Ok(c) => {
                let waits = c.between(window.opening + window.length - DAY, window.opening);
                c.drained(window.opening, window.length, capacity).map(|after| (after, waits))
            }
            Err(e) => {
                out.time = Timed::Unknown(e);
                return;
            }
        }
    } else {
        Some((day / capacity, day)).filter(|(after, _)| *after <= window.length)
    };
    let Some((after, waits)) = drained else {
        let left = (day - capacity * window.length).max(0.0);
        let why = format!(
            "it does not drain by {}: {} of {} messages are left each day",
            clock(closing),
            amount(left),
            amount(day)
        );
        out.notes.push(why.clone());
        out.time = Timed::Unbounded(Reason::of_flow(ReasonKind::Overload, &flow.name, why));
        out.backlog.daily = Some(Daily {
            most: f64::INFINITY,
            starts: window.opening,
            ends: None,
            longest_delay: f64::INFINITY,
            left,
            dropped: 0.0,
            expires: model.component(flow.origin).attrs.read(keys::RETENTION).is_some(),
        });
        return;
    };
    let ends = (window.opening + after).rem_euclid(DAY);
    out.notes.push(format!(
        "{} messages wait at {}; it drains at {}",
        amount(waits),
        clock(window.opening),
        clock(ends)
    ));
    // The longest delay starts at the end of the last window and ends with this drain.
    let delay = if model.component(flow.origin).kind.facets.buffers { DAY - window.length + after } else { after };
    set_daily(model, id, (waits, delay), (window.opening, Some(ends)), mean, out);
    worst(delay, rest, out);
}

/// Whether the input of a flow varies over the day.
fn varies(model: &Model, demand: &Demand, id: FlowId) -> bool {
    let flow = model.flow(id);
    if flow.rate.is_some() || flow.volume.is_some() {
        return true;
    }
    demand.flows.iter().filter(|fd| fd.hops.iter().any(|h| h.to == flow.origin)).any(|fd| {
        match (&fd.rate, &fd.volume) {
            (Ok(peak), Ok(mean)) => peak > mean,
            _ => true,
        }
    })
}

/// Sets the lag to the worst delay of the day plus `rest`.
fn worst(delay: f64, rest: &Timed, out: &mut Lag) {
    out.worst_of_day = true;
    out.notes.push(format!("the lag is the worst of the day: {} of waiting", show_time(delay)));
    out.why.push(format!("the longest wait of the day: {}", show_time(delay)));
    // Added to a wait of minutes or hours, the mean and variance of the work suffice.
    let rest = match rest {
        Timed::Known(d) => {
            d.scv().map_or(Timed::zero(), |scv| Timed::of(Distribution::gamma(d.mean(), scv), "the work"))
        }
        other => other.clone(),
    };
    out.time = Timed::constant(delay).then(&rest);
}

/// Sets the daily backlog and its lost messages: dropped by `max_length`, expired by `retention`.
fn set_daily(
    model: &Model,
    id: FlowId,
    (most, delay): (f64, f64),
    (starts, ends): (f64, Option<f64>),
    mean: f64,
    out: &mut Lag,
) {
    let queue = model.component(model.flow(id).origin);
    let mut dropped = 0.0;
    if let Some(room) = queue.attrs.read(keys::MAX_LENGTH).filter(|n| n.mid < most) {
        dropped = ((most - room.mid) / (mean * DAY)).min(1.0);
        out.notes.push(format!(
            "`max_length` of `{}` is {}: {} of its messages are dropped",
            queue.name,
            amount(room.mid),
            show_ratio(dropped)
        ));
    }
    let kept = queue.attrs.read(keys::RETENTION);
    let expires = kept.is_some_and(|k| delay > k.mid);
    if let Some(k) = kept.filter(|_| expires) {
        out.notes.push(format!(
            "messages wait up to {}, and `{}` keeps them {}: the oldest are lost",
            show_time(delay),
            queue.name,
            show_time(k.mid)
        ));
    }
    out.backlog.daily = Some(Daily { most, starts, ends, longest_delay: delay, left: 0.0, dropped, expires });
}

/// The highest rate of a flow that the resources of its components allow, and which one limits it.
fn cpu_left(model: &Model, demand: &Demand, id: FlowId) -> Result<(f64, String), Reason> {
    let rate = demand.flows.get(id.0).map_or(Ok(0.0), |f| f.rate.clone())?;
    let mut best = (f64::INFINITY, String::new());
    if rate <= 0.0 {
        return Ok(best);
    }
    let mut asked: Vec<crate::model::CompId> =
        demand.flows.get(id.0).into_iter().flat_map(|f| &f.hops).map(|h| h.to).collect();
    asked.sort_unstable();
    asked.dedup();
    let mut trial = demand.clone();
    for to in asked {
        let mut at = |times: f64| -> Known {
            if let Some(fd) = trial.flows.get_mut(id.0) {
                fd.rate = Ok(rate * times);
            }
            now(model, &trial, to).utilization
        };
        if now(model, demand, to).resources.is_empty() {
            continue;
        }
        // Utilization is a maximum of linear functions of the rate, so bisection finds where it is 1.
        let (mut low, mut high) = (0.0, 1.0);
        if at(0.0)? >= 1.0 {
            high = 0.0;
        }
        while high > 0.0 && at(high)? < 1.0 && high < 1e9 {
            low = high;
            high *= 2.0;
        }
        if high >= 1e9 {
            continue;
        }
        for _ in 0..50 {
            let mid = f64::midpoint(low, high);
            if at(mid)? < 1.0 { low = mid } else { high = mid }
        }
        if rate * high < best.0 {
            best = (rate * high, format!("what `{}` has left", model.component(to).name));
        }
    }
    Ok(best)
}
