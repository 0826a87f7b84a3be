//! Threads and bounded queues: what a request waits for before it is taken up.
//!
//! In: one queue of a component (rate, CPU times, cores), its `threads` and `max_queue`, how
//! long a request is elsewhere while it holds its thread (its `wait`, all that it waits for
//! below). Out: the wait before service, the share refused, how many threads are busy.
//!
//! The pool is [`crate::theory::pool`] (Chandy, Herzog and Woo 1975); the wait for a thread
//! is scaled by `(ca2 + cs2) / 2` (Allen and Cunneen) for times that are not exponential, the
//! wait for a core as it is without threads; both together are never more than with fewer
//! threads and never less than with any number. With one thread that is Pollaczek and
//! Khinchine's formula. Without `threads`, `max_queue`
//! bounds the queue for the CPU: M/M/c/K. For other times the room counts as seconds of work:
//! `max_queue / ((ca2 + cs2) / 2)` exponential ones; without room the share refused depends on
//! the mean alone (Erlang). What is below answers as it does an open stream: callers with few
//! threads in fact wait less there than this says.

use crate::analysis::ground::known::Known;
use crate::analysis::ground::resource::Resource;
use crate::analysis::ground::time_value::Timed;
use crate::analysis::load::state::Below;
use crate::model::Component;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::theory::pool::{Busy, MAX_BUSY, MAX_ROOM, Outcome, Pool};
use crate::theory::{Distribution, Mmc};
use crate::units::{show_rate, show_ratio, show_time, significant};

/// The pool of a component: what it says of it, and how long a request is elsewhere.
pub(in crate::analysis) struct Size {
    threads: Option<f64>,
    room: Option<f64>,
    elsewhere: Below,
}

impl Size {
    /// Of a component, if it bounds anything; `elsewhere` is asked for only then.
    pub fn of(c: &Component, elsewhere: impl FnOnce() -> Below) -> Option<Self> {
        let number = |name: &str| c.attrs.number(name).map(|n| n.mid);
        let (threads, room) = (number("threads"), number("max_queue"));
        if threads.is_none() && room.is_none() {
            return None;
        }
        let elsewhere = if threads.is_some() { elsewhere() } else { Ok((0.0, 0.0)) };
        Some(Self { threads, room, elsewhere })
    }
}

/// One queue at machines that share work alike.
pub(in crate::analysis) struct Queue<'a> {
    /// Requests per second.
    pub rate: f64,
    /// Squared variation of their distances.
    pub arrival_scv: f64,
    /// CPU time of one, at the speed of its core; none if there is no work.
    pub service: Option<&'a Distribution>,
    /// Cores of the queue.
    pub servers: u32,
    /// Machines that the queue is at: several if they are pooled.
    pub machines: f64,
    /// Queues like this one.
    pub copies: f64,
}

/// What comes of a pool.
#[derive(Clone, Debug)]
pub(in crate::analysis) struct Pooled {
    /// The wait before service; none if it is that of the CPU alone.
    pub wait: Option<Timed>,
    /// Share of the requests that is refused.
    pub refused: Known,
    /// Requests per second that are asked, at all queues like this one.
    pub rate: f64,
    /// Busy threads and all threads, at all queues like this one.
    threads: Option<(Known, f64)>,
    why: Vec<String>,
}

impl Queue<'_> {
    /// The queue with its threads and its bound; `open` is the wait for the CPU without them.
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
        let threads = size.threads.map_or(self.servers, |n| whole(n * self.machines));
        if self.rate <= 0.0 || cpu_time + elsewhere <= 0.0 {
            return out;
        }
        let whole_time = cpu_time + elsewhere;
        let scv = (cpu_variance + variance) / whole_time / whole_time;
        let spread = f64::midpoint(self.arrival_scv, scv);
        // Room for times that vary less holds more of them: as many seconds of work.
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
            Some(n) => between(pool(Some(whole(n.floor()))).solve(), pool(Some(whole(n.ceil()))).solve(), n.fract()),
        };
        let busy = match solved {
            Outcome::Steady(busy) => busy,
            Outcome::Overload(most) => {
                let used = self.rate / most;
                if let Some((busy, all)) = &mut out.threads {
                    out.why.push(format!("{threads} threads let {} through at most", show_rate(most)));
                    *busy = Ok(used * *all);
                }
                let what = if size.threads.is_some() { "threads let through" } else { "cpu does" };
                out.wait = Some(Timed::Unbounded(Reason::of(
                    ReasonKind::Overload,
                    c,
                    format!("`{}` is asked for {} of what its {what}: its queue grows", c.name, show_ratio(used)),
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

/// The wait for a thread, then for a core; none if it is that of the core alone.
fn wait(c: &Component, busy: &Busy, bounded: bool, spread: f64, alone: Option<f64>, open: &Timed) -> Option<Timed> {
    let what = format!("the queue of `{}`", c.name);
    // The share of an open queue's wait that is left for those with a thread.
    let share = alone.map(|w| if w > 0.0 { (busy.cpu_wait / w).clamp(0.0, 1.0) } else { 1.0 });
    if busy.wait_probability < 1e-12 && busy.refused < 1e-12 && share.is_none_or(|s| s > 1.0 - 1e-9) {
        return None;
    }
    let core = match share {
        Some(s) if s > 0.0 => Timed::mixture(&[(1.0 - s, Timed::zero()), (s, open.clone())]),
        None if busy.cpu_wait > 0.0 => Timed::of(Distribution::exponential(busy.cpu_wait), &what),
        _ => Timed::zero(),
    };
    // No less than without any bound of threads.
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

/// The share that all queues of a component refuse, by their rates.
pub(in crate::analysis) fn refused(pools: &[Pooled]) -> Known {
    let (mut lost, mut all) = (0.0, 0.0);
    for p in pools {
        lost += p.rate * p.refused.clone()?;
        all += p.rate;
    }
    Ok(if all > 0.0 { lost / all } else { 0.0 })
}

/// Threads as a resource: the busiest of the queues decides.
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

/// Between two rooms to wait.
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

/// A count as a whole number.
fn whole(n: f64) -> u32 {
    // At most a hundred million.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let n = n.clamp(0.0, 1e8).round() as u32;
    n
}
