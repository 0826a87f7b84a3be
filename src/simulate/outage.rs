//! Outages of one component: how long one may be so that the design heals by itself.
//!
//! In: a model, a component, options. Out: the longest outage that heals in every run, the shortest
//! that heals in none. While it lasts the component answers nothing; what waits there is served when it returns. Retries
//! may keep the overload alive after that (metastable failure: Bronson et al. 2021). Never: a formula.

use super::Options;
use super::compile;
use super::engine::{Engine, Stop};
use super::measure::Crowd;
use super::program::{Arrivals, Program};
use crate::model::{CompId, Model, Reason, ReasonKind};

/// Runs of each length, each with its own seed.
const RUNS: u64 = 5;
/// The shortest and the longest outage that are tried, seconds.
const RANGE: (f64, f64) = (0.1, 60.0);
/// Two lengths this close are as good as one.
const CLOSE: f64 = 1.05;
/// Looks at what is in progress before the outage.
const LOOKS: u32 = 50;
/// Looks in turn that find no more in progress than before the outage: then it is healed.
const CALM: u32 = 10;
/// Seconds after an outage for which healing is awaited, and as a multiple of the outage.
const PATIENCE: (f64, f64) = (60.0, 20.0);

/// What was found about outages of one component.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Healing {
    /// The longest outage that healed in every run, seconds; `None` if not even the shortest tried did.
    pub heals: Option<f64>,
    /// The longest time from the end of that outage until it was healed, seconds.
    pub after: f64,
    /// The shortest outage that healed in no run, seconds; `None` if some run healed even the longest
    /// that was tried.
    pub never: Option<f64>,
    /// The longest outage that was tried, seconds.
    pub tried: f64,
    /// Runs of each length.
    pub runs: u64,
}

/// Finds how long an outage of a component may be. Callers without a `retry_budget` get `retry_budget`.
///
/// # Errors
/// The reason why flows that may meet the outage are not simulated.
pub fn outage(model: &Model, of: CompId, retry_budget: Option<f64>, options: &Options) -> Result<Healing, Reason> {
    let program = compile::program(model, options.load, retry_budget);
    if let Some((_, why)) = program.unknown.iter().find(|(_, why)| why.kind() != ReasonKind::NotApplicable) {
        return Err(why.clone());
    }
    let station = u32::try_from(of.0).unwrap_or(u32::MAX);
    let asked = program.flows.iter().any(|(_, f)| f.stations.contains(&station));
    if !asked {
        let c = model.component(of);
        return Err(Reason::of(ReasonKind::NotApplicable, c, format!("no flow waits for `{}`", c.name)));
    }
    let search = Search { program: &program, station, options };
    let (mut heals, mut after, mut never) = (None, 0.0, None);
    let (mut low, mut length) = (0.0, RANGE.0);
    // Doubled until not every run heals.
    loop {
        match search.all(length) {
            (RUNS, longest) => (heals, after, low) = (Some(length), longest, length),
            (0, _) => {
                never = Some(length);
                break;
            }
            _ => break,
        }
        if length >= RANGE.1 {
            break;
        }
        length = (length * 2.0).min(RANGE.1);
    }
    let first_bad = length;
    // Between the longest that healed and the first that did not.
    let mut high = first_bad;
    while low > 0.0 && high > low * CLOSE && heals != Some(RANGE.1) {
        let middle = (low * high).sqrt();
        match search.all(middle) {
            (RUNS, longest) => (heals, after, low) = (Some(middle), longest, middle),
            (n, _) => {
                high = middle;
                if n == 0 {
                    never = Some(middle);
                }
            }
        }
    }
    // Above: some runs heal, then none.
    let mut some = high;
    while never.is_none() && some < RANGE.1 {
        some = (some * 1.5).min(RANGE.1);
        if search.all(some).0 == 0 {
            never = Some(some);
        }
    }
    Ok(Healing { heals, after, never, tried: RANGE.1, runs: RUNS })
}

struct Search<'a> {
    program: &'a Program,
    station: u32,
    options: &'a Options,
}

/// All that is in progress or waits.
fn total(crowd: &Crowd) -> f64 {
    crowd.flows.iter().chain(&crowd.stations).sum()
}

impl Search<'_> {
    /// How many runs heal after an outage, and the longest time that one took.
    fn all(&self, seconds: f64) -> (u64, f64) {
        let runs: Vec<Option<f64>> = std::thread::scope(|scope| {
            let running: Vec<_> = (0..RUNS).map(|r| scope.spawn(move || self.one(seconds, r))).collect();
            running.into_iter().map(|t| t.join().unwrap_or_else(|e| std::panic::resume_unwind(e))).collect()
        });
        let healed: Vec<f64> = runs.into_iter().flatten().collect();
        (healed.len() as u64, healed.into_iter().fold(0.0, f64::max))
    }

    /// Seconds from the end of an outage until it is healed; `None` if it does not heal.
    fn one(&self, seconds: f64, replication: u64) -> Option<f64> {
        let rate = |a: &Arrivals| match a {
            Arrivals::Poisson(rate) => *rate,
            Arrivals::Every(period) => 1.0 / period,
            Arrivals::Messages => f64::INFINITY,
        };
        let slowest =
            self.program.flows.iter().map(|(_, f)| rate(&f.arrivals)).filter(|r| *r > 0.0).fold(1e9, f64::min);
        let warm = (200.0 / slowest).max(5.0);
        let most = self.options.events / RUNS;
        let mut engine = Engine::new(self.program, self.options.seed, replication, f64::INFINITY);
        let mut usual = 0.0_f64;
        for i in 1..=LOOKS {
            engine.run(warm * (1.0 + f64::from(i) / f64::from(LOOKS)), most);
            usual = usual.max(total(&engine.crowd()));
        }
        engine.stop_station(self.station, seconds);
        let end = engine.now() + seconds;
        engine.run(end, most);
        let (step, patience) = ((seconds / 10.0).max(0.1), PATIENCE.0.max(PATIENCE.1 * seconds));
        let mut calm = 0;
        let mut since = end;
        loop {
            let until = engine.now() + step;
            if until > end + patience || engine.run(until, most) != Stop::Time {
                return None;
            }
            if total(&engine.crowd()) <= usual * 1.5 + 5.0 {
                calm += 1;
                if calm == 1 {
                    since = engine.now();
                }
                if calm >= CALM {
                    return Some(since - end);
                }
            } else {
                calm = 0;
            }
        }
    }
}
