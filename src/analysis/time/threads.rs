//! Threads and bounded queues: the wait of a request before its service starts.
//!
//! In: one queue of a component (rate, CPU times, cores), its `threads` and `max_queue`, the time
//! elsewhere of a request. Out: the wait before service, the share rejected, the number of busy
//! threads. Never: the effect of rejections on other components, which is
//! [`crate::analysis::steady::feedback`]. The time elsewhere holds a thread without a core: the
//! `wait`, and the wait for downstream components.
//!
//! The pool is [`crate::theory::pool`] (Chandy, Herzog and Woo 1975). For times that are not
//! exponential the wait for a thread is scaled by `(ca2 + cs2) / 2` (Allen and Cunneen), and the wait
//! for a core by the same factor as without threads. The sum of both waits never rises with the
//! number of threads, and is never less than without a limit. With one thread it is the formula of
//! Pollaczek and Khinchine.
//!
//! Without `threads`, `max_queue` bounds the queue for the CPU: M/M/c/K. For other times the room
//! counts as seconds of work: `max_queue / ((ca2 + cs2) / 2)` exponential requests. With a room of 0
//! the share rejected depends on the mean alone (Erlang). Downstream components respond as to an open
//! stream; callers with few threads in fact wait less there.

use crate::analysis::ground::known::Known;
use crate::analysis::ground::resource::Resource;
use crate::analysis::ground::time_value::Timed;
use crate::analysis::load::state::DownstreamWait;
use crate::base::whole;
use crate::model::Component;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys::{self, Key, Number};
use crate::theory::pool::{Busy, MAX_BUSY, MAX_ROOM, Outcome, Pool};
use crate::theory::{Distribution, Mmc};
use crate::units::{show_rate, show_ratio, show_time, significant};

/// Most threads of all machines of a component; more count as so many.
const MOST_THREADS: u32 = 100_000_000;

/// The bounds of a component's pool, and the time for which a request holds a thread without a core.
pub(in crate::analysis) struct Size {
    threads: Option<f64>,
    room: Option<f64>,
    elsewhere: DownstreamWait,
}

impl Size {
    /// The bounds of a component; `None` without `threads` and `max_queue`.
    /// `elsewhere` is computed only with `threads`.
    pub fn of(c: &Component, elsewhere: impl FnOnce() -> DownstreamWait) -> Option<Self> {
        let number = |key: Key<Number>| c.attrs.read(key).map(|n| n.mid);
        let (threads, room) = (number(keys::THREADS), number(keys::MAX_QUEUE));
        if threads.is_none() && room.is_none() {
            return None;
        }
        let elsewhere = if threads.is_some() { elsewhere() } else { Ok((0.0, 0.0)) };
        Some(Self { threads, room, elsewhere })
    }
}

/// The queue of one role.
pub(in crate::analysis) struct Queue<'a> {
    /// Requests per second.
    pub rate: f64,
    /// Squared coefficient of variation of the times between arrivals.
    pub arrival_scv: f64,
    /// CPU time of one request at the speed of its core; `None` without work.
    pub service: Option<&'a Distribution>,
    /// Cores that serve the queue.
    pub servers: u32,
    /// Machines that share the queue: several if they are pooled.
    pub machines: f64,
    /// Number of identical queues.
    pub copies: f64,
}

/// The result of a pool.
#[derive(Clone, Debug)]
pub(in crate::analysis) struct Pooled {
    /// The wait before service; `None` if it equals the wait for the CPU without bounds.
    pub wait: Option<Timed>,
    /// Share of the requests that is rejected.
    pub refused: Known,
    /// Arrival rate per second at all identical queues together.
    pub rate: f64,
    /// Busy threads and all threads, at all identical queues together.
    threads: Option<(Known, f64)>,
    why: Vec<String>,
}

impl Queue<'_> {
    /// Solves the queue with its bounds; `open` is the wait for the CPU without bounds.
    pub fn pooled(&self, c: &Component, size: &Size, open: &Timed) -> Pooled {
        let all = size.threads.map(|n| n * self.machines * self.copies);
        let mut out = Pooled {
            wait: None,
            refused: Ok(0.0),
            rate: self.rate * self.copies,
            threads: all.map(|n| (Ok(0.0), n)),
            why: Vec::new(),
        };
        let (cpu_time, cpu_variance) = self.service.map_or((0.0, 0.0), |d| (d.mean(), d.variance()));
        let (elsewhere, variance) = match &size.elsewhere {
            Ok(both) => *both,
            Err(e) => return out.unknown(e),
        };
        let room = size.room.map(|n| n * self.machines);
        let threads = size.threads.map_or(self.servers, |n| whole(n * self.machines, 0, MOST_THREADS));
        if self.rate <= 0.0 || cpu_time + elsewhere <= 0.0 {
            return out;
        }
        let whole_time = cpu_time + elsewhere;
        let scv = (cpu_variance + variance) / whole_time / whole_time;
        let spread = f64::midpoint(self.arrival_scv, scv);
        // The room counts as seconds of work: with less variation it holds more requests.
        let room = room.map(|n| (n / spread.max(1e-3)).min(f64::from(MAX_ROOM)));
        let open_wait = Mmc::new(self.rate, cpu_time, self.servers).map(|q| q.mean_wait());
        let cpu_spread = match (open, open_wait) {
            (Timed::Known(d), Some(w)) if w > 0.0 => d.mean() / w,
            _ => 1.0,
        };
        let pool = |room| Pool {
            arrival_rate: self.rate,
            cpu_time,
            servers: self.servers,
            elsewhere,
            threads,
            room,
            spread: (spread, cpu_spread),
        };
        out.why.push(format!(
            "one request: {} of cpu and {} elsewhere, at {} each",
            show_time(cpu_time),
            show_time(elsewhere),
            show_rate(self.rate)
        ));
        let solved = match room {
            None => pool(None).solve(),
            Some(n) => between(
                pool(Some(whole(n.floor(), 0, MOST_THREADS))).solve(),
                pool(Some(whole(n.ceil(), 0, MOST_THREADS))).solve(),
                n.fract(),
            ),
        };
        let busy = match solved {
            Outcome::Steady(busy) => busy,
            Outcome::Overload(most) => {
                let used = self.rate / most;
                if let Some((busy, all)) = &mut out.threads {
                    out.why.push(format!("{threads} threads let {} through at most", show_rate(most)));
                    *busy = Ok(used * *all);
                }
                let what = if size.threads.is_some() { "threads" } else { "cpu" };
                out.wait = Some(Timed::Unbounded(Reason::of(
                    ReasonKind::Overload,
                    c,
                    format!("`{}` is at {} of the throughput of its {what}: its queue grows", c.name, show_ratio(used)),
                )));
                return out;
            }
            Outcome::Beyond => {
                let sentence = format!(
                    "more than {MAX_BUSY} busy threads in one replica of `{}` are beyond what is computed",
                    c.name
                );
                return out.unknown(&Reason::of(ReasonKind::TooLarge, c, sentence));
            }
        };
        out.refused = Ok(busy.refused);
        if let Some((used, _)) = &mut out.threads {
            *used = Ok(busy.threads * self.copies);
            out.why.push(format!(
                "{} of {threads} threads busy{}",
                significant(busy.threads, 4),
                if self.copies > 1.0 { " in each replica" } else { "" }
            ));
        }
        out.wait = wait(c, &busy, room.is_some(), cpu_spread, open_wait, open);
        out
    }
}

/// The wait for a thread, then for a core; `None` if it equals the wait for the core alone.
fn wait(c: &Component, busy: &Busy, bounded: bool, spread: f64, alone: Option<f64>, open: &Timed) -> Option<Timed> {
    let what = format!("the queue of `{}`", c.name);
    // The ratio of the wait for a core with a thread to the wait in an open queue.
    let share = alone.map(|w| if w > 0.0 { (busy.cpu_wait / w).clamp(0.0, 1.0) } else { 1.0 });
    if busy.wait_probability < 1e-12 && busy.refused < 1e-12 && share.is_none_or(|s| s > 1.0 - 1e-9) {
        return None;
    }
    let core = match share {
        Some(s) if s > 0.0 => Timed::mixture(&[(1.0 - s, Timed::zero()), (s, open.clone())]),
        None if busy.cpu_wait > 0.0 => Timed::of(Distribution::exponential(busy.cpu_wait), &what),
        _ => Timed::zero(),
    };
    // At least the wait without a limit on threads.
    let least = alone.filter(|_| !bounded).map_or(0.0, |w| w * spread);
    let rest = busy.whole_wait.max(least) - busy.cpu_wait * spread;
    if busy.wait_probability <= 0.0 || rest <= 0.0 {
        return Some(core);
    }
    let p = busy.wait_probability.min(1.0);
    let waits = Timed::of(Distribution::gamma(rest / p, busy.wait_scv), &what);
    Some(Timed::mixture(&[(1.0 - p, Timed::zero()), (p, waits)]).then(&core))
}

impl Pooled {
    fn unknown(mut self, why: &Reason) -> Self {
        self.wait = Some(Timed::Unknown(why.clone()));
        self.refused = Err(why.clone());
        if let Some((busy, _)) = &mut self.threads {
            *busy = Err(why.clone());
        }
        self
    }
}

/// The share of requests that a component rejects: the mean over its queues, weighted by rate.
pub(in crate::analysis) fn rejected(pools: &[Pooled]) -> Known {
    let (mut lost, mut all) = (0.0, 0.0);
    for p in pools {
        lost += p.rate * p.refused.clone()?;
        all += p.rate;
    }
    Ok(if all > 0.0 { lost / all } else { 0.0 })
}

/// The resource `threads`; the queue with the highest share of busy threads decides.
pub(in crate::analysis) fn threads(pools: &[Pooled]) -> Option<Resource> {
    let (mut used, mut capacity) = (Ok(0.0), 0.0);
    let mut worst: Known = Ok(0.0);
    let mut why = Vec::new();
    let mut any = false;
    for p in pools {
        let Some((busy, all)) = &p.threads else { continue };
        any = true;
        why.extend(p.why.iter().cloned());
        capacity += all;
        used = match (used, busy) {
            (Ok(a), Ok(b)) => Ok(a + b),
            (Err(e), _) => Err(e),
            (_, Err(e)) => Err(e.clone()),
        };
        worst = match (worst, busy) {
            (Ok(a), Ok(b)) => Ok(f64::max(a, b / all)),
            (Err(e), _) => Err(e),
            (_, Err(e)) => Err(e.clone()),
        };
    }
    any.then_some(Resource { used, capacity: Ok(capacity), utilization: worst, why })
}

/// Interpolates between the outcomes of two adjacent queue bounds.
fn between(a: Outcome, b: Outcome, share: f64) -> Outcome {
    let (Outcome::Steady(a), Outcome::Steady(b)) = (a, b) else { return a };
    let mid = |a: f64, b: f64| a + (b - a) * share;
    Outcome::Steady(Busy {
        refused: mid(a.refused, b.refused),
        threads: mid(a.threads, b.threads),
        wait_probability: mid(a.wait_probability, b.wait_probability),
        wait: mid(a.wait, b.wait),
        wait_scv: mid(a.wait_scv, b.wait_scv),
        cpu_wait: mid(a.cpu_wait, b.cpu_wait),
        whole_wait: mid(a.whole_wait, b.whole_wait),
    })
}
