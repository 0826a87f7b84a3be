//! A pool of threads: a request holds one thread during all its CPU time and waits.
//!
//! In: arrival rate (per second), CPU time and time elsewhere of one request (seconds), cores,
//! threads, room to wait. Out: number of busy threads, wait for a thread, share rejected. Never: the
//! time elsewhere, which is given.
//!
//! With `k` threads busy, requests leave at the rate `X(k)` of the closed network of `k` customers,
//! one station of `c` servers and a delay. With `n` of them at the CPU, `n + 1` is reached at the rate
//! `(k - n) / D` and left at `min(n + 1, c) / s`. The pool is then a birth and death process that
//! leaves at `X(min(n, m))` (flow-equivalent server: Chandy, Herzog and Woo 1975; exact for
//! exponential CPU times and any time elsewhere while no request waits for a thread). Without time
//! elsewhere and with as many threads as cores it is M/M/c, and with bounded room M/M/c/K. More
//! threads raise the throughput, so they never raise a wait.

use super::numeric::{non_negative, positive};

/// Maximum number of busy threads whose states are computed one by one.
pub const MAX_BUSY: u32 = 2000;
/// Maximum room to wait that is computed place by place.
pub const MAX_ROOM: u32 = 10_000_000;
/// Probabilities below this count as 0.
const NOTHING: f64 = 1e-15;

/// Load and bounds of one pool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pool {
    /// Requests per second.
    pub arrival_rate: f64,
    /// Mean CPU time of one request, seconds.
    pub cpu_time: f64,
    /// Cores.
    pub servers: u32,
    /// Mean time for which one request holds a thread and no core, seconds.
    pub elsewhere: f64,
    /// Threads.
    pub threads: u32,
    /// Maximum number of requests that wait for a thread; `None` if unlimited.
    pub room: Option<u32>,
    /// Factors of the waits for a thread and for a core, relative to exponential times.
    pub spread: (f64, f64),
}

/// Steady state of a pool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Busy {
    /// Share of the arrivals that is rejected.
    pub refused: f64,
    /// Mean number of busy threads.
    pub threads: f64,
    /// Probability that an admitted request waits for a thread.
    pub wait_probability: f64,
    /// Mean wait for a thread, over requests that wait, seconds.
    pub wait: f64,
    /// Squared coefficient of variation of that wait.
    pub wait_scv: f64,
    /// Mean wait for a core while holding a thread, seconds.
    pub cpu_wait: f64,
    /// Mean of both waits together, scaled by the spreads, seconds; never more than with fewer threads.
    pub whole_wait: f64,
}

/// The result of a pool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// A steady state: the pool keeps up, or rejects the excess.
    Steady(Busy),
    /// The arrival rate exceeds this maximum throughput, requests per second.
    Overload(f64),
    /// The pool is too large to compute.
    Beyond,
}

impl Busy {
    fn scaled(mut self, pool: &Pool) -> Self {
        self.whole_wait = self.wait_probability * self.wait * pool.spread.0 + self.cpu_wait * pool.spread.1;
        self
    }
}

impl Pool {
    /// Departures per second while `busy` threads are busy.
    #[must_use]
    pub fn throughput(&self, busy: u32) -> f64 {
        let (cores, population) = (f64::from(self.servers), f64::from(busy));
        if self.cpu_time <= 0.0 {
            return population / self.elsewhere;
        }
        if self.elsewhere <= 0.0 {
            return population.min(cores) / self.cpu_time;
        }
        let (mut weight, mut total, mut working) = (1.0, 1.0, 0.0);
        for at_cpu in 1..=busy {
            let serving = f64::from(at_cpu).min(cores);
            let ratio = f64::from(busy - at_cpu + 1) / self.elsewhere * self.cpu_time / serving;
            // Sums are relative to the newest state while the states grow.
            if ratio >= 1.0 {
                total = total / ratio + weight;
                working = working / ratio + serving * weight;
            } else {
                weight *= ratio;
                total += weight;
                working += serving * weight;
                if weight < NOTHING * total {
                    break;
                }
            }
        }
        working / total / self.cpu_time
    }

    /// Its steady state.
    #[must_use]
    pub fn solve(&self) -> Outcome {
        let usable = non_negative(self.arrival_rate)
            && non_negative(self.cpu_time)
            && non_negative(self.elsewhere)
            && positive(self.cpu_time + self.elsewhere)
            && self.servers > 0
            && self.threads > 0
            && self.threads <= MAX_ROOM
            && self.room.is_none_or(|room| room <= MAX_ROOM);
        if !usable {
            return Outcome::Beyond;
        }
        let mut states = States::default();
        let (mut fastest, mut least) = (0.0_f64, f64::INFINITY);
        let cap = f64::from(self.servers) / self.cpu_time;
        for busy in 1..=self.threads {
            if fastest < cap * (1.0 - 1e-12) {
                if busy > MAX_BUSY {
                    return Outcome::Beyond;
                }
                fastest = self.throughput(busy).max(fastest);
            } else {
                fastest = cap;
                if self.room.is_none() && self.arrival_rate >= cap {
                    return Outcome::Overload(cap);
                }
            }
            let ratio = self.arrival_rate / fastest;
            states.grow(ratio, f64::from(busy));
            // The rest is bounded by a geometric series.
            if ratio < 1.0 && states.newest * ratio / (1.0 - ratio) < NOTHING * states.total {
                return Outcome::Steady(self.steady(&states, 0.0, None));
            }
            if let (None, Outcome::Steady(b)) = (self.room, self.unbounded(&states, fastest, least, busy)) {
                least = b.whole_wait;
            }
        }
        match self.room {
            None => self.unbounded(&states, fastest, least, self.threads),
            Some(room) => Outcome::Steady(self.bounded(&states, room, fastest)),
        }
    }

    /// Without a bound: beyond the last thread the states form a geometric series.
    fn unbounded(&self, states: &States, fastest: f64, least: f64, threads: u32) -> Outcome {
        let ratio = self.arrival_rate / fastest;
        if ratio >= 1.0 - 1e-12 {
            return Outcome::Overload(fastest);
        }
        let all_busy = states.newest / (1.0 - ratio);
        let beyond = states.newest * ratio / (1.0 - ratio);
        let mut whole = *states;
        whole.total += beyond;
        whole.busy += beyond * f64::from(threads);
        let wait = (1.0 / (fastest - self.arrival_rate), 1.0);
        let mut busy = self.steady(&whole, all_busy / whole.total, Some(wait));
        busy.whole_wait = busy.whole_wait.min(least);
        Outcome::Steady(busy)
    }

    /// With a bound: at most `room` requests wait, and arrivals at a full queue are rejected.
    fn bounded(&self, states: &States, room: u32, fastest: f64) -> Busy {
        let ratio = self.arrival_rate / fastest;
        let mut whole = *states;
        // Sums over requests that wait for a thread: their share, and the first two moments of their
        // wait in units of one departure, which is Erlang of the number ahead.
        let (mut share, mut first, mut second) = (0.0, 0.0, 0.0);
        for waiting in 0..=room {
            if waiting > 0 {
                let factor = whole.grow(ratio, f64::from(self.threads));
                share *= factor;
                first *= factor;
                second *= factor;
            }
            if waiting < room {
                let ahead = f64::from(waiting) + 1.0;
                share += whole.newest;
                first += whole.newest * ahead;
                second += whole.newest * ahead * (ahead + 1.0);
            }
            if ratio < 1.0 && whole.newest < NOTHING * whole.total {
                break;
            }
        }
        let refused = whole.newest / whole.total;
        let admitted = (whole.total - whole.newest).max(f64::MIN_POSITIVE);
        let wait = (share > 0.0).then(|| {
            let mean = first / share;
            (mean / fastest, (second / share / mean / mean - 1.0).max(0.0))
        });
        let mut busy = self.steady(&whole, share / admitted, wait);
        busy.refused = refused;
        busy.cpu_wait = self.cpu_wait(busy.threads, refused);
        busy.scaled(self)
    }

    fn steady(&self, states: &States, wait_probability: f64, wait: Option<(f64, f64)>) -> Busy {
        let threads = states.busy / states.total;
        let (mean, scv) = wait.unwrap_or((0.0, 0.0));
        Busy {
            refused: 0.0,
            threads,
            wait_probability,
            wait: mean,
            wait_scv: scv,
            cpu_wait: self.cpu_wait(threads, 0.0),
            whole_wait: 0.0,
        }
        .scaled(self)
    }

    /// Wait for a core by Little's law inside the pool: the rest of the time, without work and without
    /// time elsewhere.
    fn cpu_wait(&self, threads: f64, refused: f64) -> f64 {
        let rate = self.arrival_rate * (1.0 - refused);
        if rate <= 0.0 { 0.0 } else { (threads / rate - self.cpu_time - self.elsewhere).max(0.0) }
    }
}

/// Sums over the states, relative to the newest while they grow.
#[derive(Clone, Copy, Debug)]
struct States {
    newest: f64,
    total: f64,
    busy: f64,
}

impl Default for States {
    fn default() -> Self {
        Self { newest: 1.0, total: 1.0, busy: 0.0 }
    }
}

impl States {
    /// Adds the next state, `ratio` times as likely. Returns the factor by which older sums scale.
    fn grow(&mut self, ratio: f64, busy: f64) -> f64 {
        let scale = if ratio >= 1.0 { ratio.recip() } else { 1.0 };
        if ratio < 1.0 {
            self.newest *= ratio;
        }
        self.total = self.total * scale + self.newest;
        self.busy = self.busy * scale + self.newest * busy;
        scale
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Pool};
    use crate::theory::Mmc;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-12), "{a} {b}");
    }

    fn steady(pool: Pool) -> super::Busy {
        match pool.solve() {
            Outcome::Steady(busy) => busy,
            other => panic!("{pool:?}: {other:?}"),
        }
    }

    fn whole(pool: Pool) -> f64 {
        let busy = steady(pool);
        busy.wait_probability * busy.wait + busy.cpu_wait
    }

    #[test]
    fn without_time_elsewhere_threads_do_not_matter() {
        let expected = Mmc::new(3.0, 1.0, 4).map_or(f64::NAN, |q| q.mean_wait());
        for threads in [4, 5, 7, 30, 1000] {
            let pool = Pool {
                arrival_rate: 3.0,
                cpu_time: 1.0,
                servers: 4,
                elsewhere: 0.0,
                threads,
                room: None,
                spread: (1.0, 1.0),
            };
            close(whole(pool), expected);
        }
    }

    #[test]
    fn one_thread_is_one_server_of_all_the_time() {
        let pool = Pool {
            arrival_rate: 3.0,
            cpu_time: 0.1,
            servers: 4,
            elsewhere: 0.15,
            threads: 1,
            room: None,
            spread: (1.0, 1.0),
        };
        close(whole(pool), Mmc::new(3.0, 0.25, 1).map_or(f64::NAN, |q| q.mean_wait()));
    }

    #[test]
    fn only_time_elsewhere_is_a_server_a_thread() {
        let pool = Pool {
            arrival_rate: 30.0,
            cpu_time: 0.0,
            servers: 1,
            elsewhere: 0.2,
            threads: 8,
            room: None,
            spread: (1.0, 1.0),
        };
        close(whole(pool), Mmc::new(30.0, 0.2, 8).map_or(f64::NAN, |q| q.mean_wait()));
        assert!(matches!(Pool { arrival_rate: 41.0, ..pool }.solve(), Outcome::Overload(x) if (x - 40.0).abs() < 1e-9));
    }

    #[test]
    fn more_threads_are_never_slower() {
        let mut last = f64::INFINITY;
        for threads in 5..200 {
            let pool = Pool {
                arrival_rate: 9.0,
                cpu_time: 0.2,
                servers: 2,
                elsewhere: 0.2,
                threads,
                room: None,
                spread: (1.0, 1.0),
            };
            let Outcome::Steady(_) = pool.solve() else { continue };
            let now = whole(pool);
            assert!(now <= last * (1.0 + 1e-9), "{threads}: {now} after {last}");
            last = now;
        }
        close(last, Mmc::new(9.0, 0.2, 2).map_or(f64::NAN, |q| q.mean_wait()));
    }
}
