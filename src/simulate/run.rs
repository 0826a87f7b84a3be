//! Replications until the answer is precise.
//!
//! In: a model, options. Out: estimates with 95% intervals. The number of replications is fixed and
//! each has its own seed, so the answer is the same on any number of cores. All run first until
//! MSER-5 says that the start is forgotten; what they counted so far is dropped. Then they run on,
//! each time twice as long, until the p99 of every flow is precise or the events are used up. Never:
//! a formula.

use super::compile;
use super::engine::{Engine, Stop};
use super::measure::{Crowd, FlowCount, Histogram, real};
use super::program::{Arrivals, NONE, Program, ROLES};
use super::statistics::{half_width, is_level, warm_up};
use crate::model::{Model, Reason};
use std::num::NonZero;

/// Replications: their spread gives the intervals.
const REPLICATIONS: u64 = 16;
/// Windows of the first look at the warm-up.
const WINDOWS: f64 = 200.0;
/// Windows at most: then two become one.
const MOST_WINDOWS: f64 = 1600.0;
/// Requests of the fastest flow in the first look, in each replication.
const FIRST: f64 = 100.0;
/// Requests of a flow, in all replications, from which its warm-up is told.
const ENOUGH: f64 = 400.0;
/// The share of the events that is spent until every flow has so many.
const START: f64 = 0.15;
/// Requests of each flow that count, in each replication at least: ten of them above the p99.
const LEAST: u64 = 1000;
/// Looks at what is in progress, in each stage.
const LOOKS: u32 = 8;
/// Where more than this wait, and ever more, a flow collapses.
const CROWD: f64 = 200.0;
/// What "ever more" is: the mean of the last quarter of the time over that of the second.
const GROWTH: f64 = 1.5;

/// What to simulate.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The factor on the whole load.
    pub load: f64,
    /// The seed.
    pub seed: u64,
    /// Relative half width of the 95% interval of each p99.
    pub precision: f64,
    /// Events of all replications at most.
    pub events: u64,
    /// Threads at most; `None` for as many as there are cores. The answer does not depend on it.
    pub threads: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self { load: 1.0, seed: 1, precision: 0.02, events: 40_000_000, threads: None }
    }
}

/// A value with its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// The low end.
    pub low: f64,
    /// The high end.
    pub high: f64,
}

impl Estimate {
    fn around(value: f64, each: &[f64]) -> Self {
        let half = half_width(each);
        Self { value, low: (value - half).max(0.0), high: value + half }
    }

    /// Half of the width over the value; 0 for 0.
    #[must_use]
    pub fn relative(&self) -> f64 {
        if self.value > 0.0 { (self.high - self.low) / 2.0 / self.value } else { 0.0 }
    }
}

/// What happened to a flow.
#[derive(Clone, Debug)]
pub struct FlowResult {
    /// Its name.
    pub name: String,
    /// Whether its times are from publish to done, not from request to answer.
    pub is_lag: bool,
    /// Percentiles and mean in seconds, by the names of metrics; of answered requests.
    pub times: Vec<(&'static str, Estimate)>,
    /// The same of all requests, with the time until a failure of those that failed.
    pub ended: Vec<(&'static str, Estimate)>,
    /// Share of requests that failed.
    pub errors: Estimate,
    /// Answered requests per second.
    pub throughput: Estimate,
    /// Share of the replications in which ever more of its requests were in progress.
    pub collapsed: f64,
}

/// What happened at a component.
#[derive(Clone, Debug)]
pub struct StationResult {
    /// Its name.
    pub name: String,
    /// Busy share of its cores, of the busiest role: primaries or followers, the busiest shard or the
    /// others. `None` if it has no cores.
    pub utilization: Option<Estimate>,
    /// Share of its requests that it refused.
    pub refused: Estimate,
    /// Share of lookups that found their entry; `None` without lookups.
    pub hit: Option<Estimate>,
}

/// What happened.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// The seed.
    pub seed: u64,
    /// Events of all replications.
    pub events: u64,
    /// Simulated seconds of each replication that count, and those before.
    pub seconds: f64,
    /// Simulated seconds of the warm-up.
    pub warm_up: f64,
    /// Whether the start was forgotten before counting began. If not, it is in all numbers.
    pub settled: bool,
    /// Whether all p99s are as precise as wanted.
    pub precise: bool,
    /// Flows in their order: the result, or why they are not simulated.
    pub flows: Vec<Result<FlowResult, Reason>>,
    /// Components in their order.
    pub components: Vec<StationResult>,
}

/// Percentiles that are told.
const TIMES: [(&str, f64); 5] = [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)];

/// Simulates a design at its peak.
#[must_use]
pub fn simulate(model: &Model, options: &Options) -> Simulated {
    let program = compile::program(model, options.load, None);
    let rates: Vec<f64> = program.flows.iter().filter_map(|(_, f)| rate(&f.arrivals)).collect();
    let fastest = rates.iter().copied().fold(0.0, f64::max);
    let none = fastest <= 0.0;
    // A cache is in its steady state only after its first entries have expired.
    let oldest = program.caches.iter().filter_map(|c| c.ttl).fold(0.0, f64::max);
    let first = if none { 1.0 } else { (FIRST / fastest).max(2.0 * oldest) };
    let window = first / WINDOWS;
    let mut engines: Vec<Engine> = (0..REPLICATIONS).map(|r| Engine::new(&program, options.seed, r, window)).collect();
    let mut run = Run {
        program: &program,
        options,
        crowds: vec![Vec::new(); engines.len()],
        warm_up: 0.0,
        settled: false,
        stopped: none,
    };
    let mut until = first;
    while !run.stopped {
        run.advance(&mut engines, until);
        if run.stopped || run.is_warm(&engines) {
            break;
        }
        until *= 2.0;
    }
    run.settled = !run.stopped;
    if run.settled {
        run.warm_up = until;
        engines.iter_mut().for_each(Engine::restart_counts);
    }
    let mut length = until;
    let mut precise = false;
    while !run.stopped {
        until += length;
        run.advance(&mut engines, until);
        engines.iter_mut().for_each(Engine::settle_counts);
        precise = run.is_precise(&engines);
        if precise {
            break;
        }
        length = until - run.warm_up;
    }
    engines.iter_mut().for_each(Engine::settle_counts);
    run.results(model, &engines, precise)
}

/// Requests per second that a flow starts by itself.
fn rate(arrivals: &Arrivals) -> Option<f64> {
    match arrivals {
        Arrivals::Poisson(rate) => Some(*rate),
        Arrivals::Every(period) => Some(1.0 / period),
        Arrivals::Messages => None,
    }
}

/// Runs one replication until a time, and looks at what is in progress now and then.
fn stage(engine: &mut Engine, until: f64, most: u64) -> (Stop, Vec<Crowd>) {
    let (from, mut looks) = (engine.now(), Vec::new());
    let mut stop = Stop::Time;
    for i in 1..=LOOKS {
        stop = engine.run(from + (until - from) * f64::from(i) / f64::from(LOOKS), most);
        looks.push(engine.crowd());
        if stop != Stop::Time {
            break;
        }
    }
    (stop, looks)
}

struct Run<'a> {
    program: &'a Program,
    options: &'a Options,
    /// What was in progress, by replication.
    crowds: Vec<Vec<Crowd>>,
    warm_up: f64,
    settled: bool,
    stopped: bool,
}

impl Run<'_> {
    /// Runs all replications until a time.
    fn advance(&mut self, engines: &mut [Engine], until: f64) {
        let most = self.options.events / REPLICATIONS;
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let threads = self.options.threads.unwrap_or(cores).clamp(1, engines.len().max(1));
        let share = engines.len().div_ceil(threads);
        let stages: Vec<(Stop, Vec<Crowd>)> = std::thread::scope(|scope| {
            let running: Vec<_> = engines
                .chunks_mut(share)
                .map(|own| scope.spawn(move || own.iter_mut().map(|e| stage(e, until, most)).collect::<Vec<_>>()))
                .collect();
            running.into_iter().flat_map(|t| t.join().unwrap_or_else(|e| std::panic::resume_unwind(e))).collect()
        });
        for e in engines.iter_mut() {
            e.coarsen(MOST_WINDOWS);
        }
        for ((stop, looks), all) in stages.into_iter().zip(&mut self.crowds) {
            self.stopped |= stop != Stop::Time;
            all.extend(looks);
        }
    }

    /// Whether the start is forgotten in every flow. A flow that is too rare to tell is taken to be
    /// as warm as the others.
    fn is_warm(&self, engines: &[Engine]) -> bool {
        let spent: u64 = engines.iter().map(|e| e.count).sum();
        let long_enough = real(spent) >= START * real(self.options.events);
        let mut told = false;
        for f in 0..self.program.flows.len() {
            let longest = engines.iter().map(|e| e.series.get(f).map_or(0, Vec::len)).max().unwrap_or(0);
            let mut all = vec![(0.0, 0.0); longest];
            for series in engines.iter().filter_map(|e| e.series.get(f)) {
                all.iter_mut().zip(series).for_each(|(a, b)| *a = (a.0 + b.0, a.1 + b.1));
            }
            if all.iter().map(|(_, n)| n).sum::<f64>() >= ENOUGH {
                told = true;
                if warm_up(&all).is_none() && !is_level(&all) {
                    return false;
                }
            } else if !long_enough {
                return false;
            }
        }
        told
    }

    /// Whether the p99 of every flow is precise.
    fn is_precise(&self, engines: &[Engine]) -> bool {
        let few = |f: usize| {
            let waits = self.program.flows.get(f).is_some_and(|(_, f)| matches!(f.arrivals, Arrivals::Messages));
            // What nothing publishes to has nothing to tell.
            let count =
                |c: &FlowCount| if c.started == 0 && waits { LEAST } else { c.times.count() + c.failed.count() };
            engines.iter().filter_map(|e| e.flows.get(f)).any(|c| count(c) < LEAST)
        };
        (0..self.program.flows.len()).all(|f| {
            !few(f)
                && Self::time(engines, f, &|c| c.times.clone(), &|h| h.quantile(0.99))
                    .is_none_or(|e| e.relative() <= self.options.precision)
        })
    }

    /// An estimate over the times of a flow.
    fn time(
        engines: &[Engine],
        flow: usize,
        times: &dyn Fn(&FlowCount) -> Histogram,
        of: &dyn Fn(&Histogram) -> Option<f64>,
    ) -> Option<Estimate> {
        let mut all = Histogram::default();
        let mut each = Vec::new();
        for count in engines.iter().filter_map(|e| e.flows.get(flow)) {
            let own = times(count);
            each.extend(of(&own));
            all.merge(&own);
        }
        Some(Estimate::around(of(&all)?, &each))
    }

    /// A ratio of two sums over all replications.
    fn ratio(engines: &[Engine], of: &dyn Fn(&Engine) -> (f64, f64)) -> Option<Estimate> {
        let pairs: Vec<(f64, f64)> = engines.iter().map(of).collect();
        let (a, b) = pairs.iter().fold((0.0, 0.0), |(x, y), (a, b)| (x + a, y + b));
        let each: Vec<f64> = pairs.iter().filter(|(_, b)| *b > 0.0).map(|(a, b)| a / b).collect();
        (b > 0.0).then(|| Estimate::around(a / b, &each))
    }

    /// Share of the replications in which a flow, or a station that it waits at, has ever more requests.
    fn collapsed(&self, flow: usize) -> f64 {
        let stations = self.program.flows.get(flow).map_or(&[][..], |(_, f)| f.stations.as_slice());
        let grows = |looks: &&Vec<Crowd>| {
            // While the design fills there are ever more, too: only what counts is looked at.
            let (start, end) = (self.warm_up, looks.last().map_or(0.0, |l| l.time));
            let at = |part: f64| start + part * (end - start);
            let mean = |from: f64, to: f64, of: &dyn Fn(&Crowd) -> f64| {
                let part = looks.iter().filter(|l| l.time > at(from) && l.time <= at(to));
                let (sum, n) = part.fold((0.0, 0.0), |(s, n), l| (s + of(l), n + 1.0));
                if n > 0.0 { sum / n } else { 0.0 }
            };
            let more = |of: &dyn Fn(&Crowd) -> f64| {
                let last = mean(0.75, 1.0, of);
                last > CROWD && last > GROWTH * mean(0.25, 0.5, of)
            };
            let at = |list: &Vec<f64>, i: usize| list.get(i).copied().unwrap_or(0.0);
            more(&|l| at(&l.flows, flow)) || stations.iter().any(|s| more(&|l| at(&l.stations, *s as usize)))
        };
        real(self.crowds.iter().filter(grows).count() as u64) / real(REPLICATIONS)
    }

    fn results(&self, model: &Model, engines: &[Engine], precise: bool) -> Simulated {
        let zero = Estimate { value: 0.0, low: 0.0, high: 0.0 };
        let seconds = engines.first().map_or(0.0, |e| e.now() - e.began);
        let flows = (0..model.flows.len()).map(|i| {
            if let Some((_, why)) = self.program.unknown.iter().find(|(f, _)| *f == i) {
                return Err(why.clone());
            }
            let at = self.program.flows.iter().position(|(f, _)| *f == i).unwrap_or_default();
            let (_, flow) = self.program.flows.get(at).unwrap_or_else(|| unreachable!("a flow is simulated or not"));
            let all = |of: &dyn Fn(&FlowCount) -> Histogram| {
                let mut out = Vec::new();
                out.extend(Self::time(engines, at, of, &Histogram::mean).map(|e| ("mean", e)));
                for (name, p) in TIMES {
                    out.extend(Self::time(engines, at, of, &|h| h.quantile(p)).map(|e| (name, e)));
                }
                out
            };
            let times = all(&|c| c.times.clone());
            let ended = all(&|c| {
                let mut both = c.times.clone();
                both.merge(&c.failed);
                both
            });
            let count =
                |e: &Engine| e.flows.get(at).map_or((0.0, 0.0), |c| (real(c.failed.count()), real(c.times.count())));
            let errors = Self::ratio(engines, &|e| {
                let (failed, fine) = count(e);
                (failed, failed + fine)
            });
            let throughput = Self::ratio(engines, &|e| (count(e).1, e.now() - e.began));
            Ok(FlowResult {
                name: flow.name.clone(),
                is_lag: flow.group != NONE,
                times,
                ended,
                errors: errors.unwrap_or(zero),
                throughput: throughput.unwrap_or(zero),
                collapsed: self.collapsed(at),
            })
        });
        let components = self.program.stations.iter().enumerate().map(|(i, s)| {
            let of = |e: &Engine| e.stations.get(i).copied().unwrap_or_default();
            let used = |role: usize| {
                let machines = (0..s.replicas).filter(|r| s.role(*r) == role).count();
                let cores = real(machines as u64) * f64::from(s.cores);
                let busy = |e: &Engine| (of(e).busy.get(role).copied().unwrap_or(0.0), cores * (e.now() - e.began));
                Self::ratio(engines, &busy)
            };
            let busiest = (0..ROLES).filter_map(used).max_by(|a, b| a.value.total_cmp(&b.value));
            StationResult {
                name: s.name.clone(),
                utilization: busiest,
                refused: Self::ratio(engines, &|e| (real(of(e).refused), real(of(e).arrived))).unwrap_or(zero),
                hit: Self::ratio(engines, &|e| (real(of(e).hits), real(of(e).lookups))),
            }
        });
        Simulated {
            seed: self.options.seed,
            events: engines.iter().map(|e| e.count).sum(),
            seconds,
            warm_up: self.warm_up,
            settled: self.settled,
            precise,
            flows: flows.collect(),
            components: components.collect(),
        }
    }
}

impl FlowResult {
    /// The estimate of a metric's name.
    #[must_use]
    pub fn time(&self, metric: &str) -> Option<Estimate> {
        self.times.iter().find(|(name, _)| *name == metric).map(|(_, e)| *e)
    }
}
