//! Ranges: the extremes of rates, utilisation, hit ratios, latency and cost over the ends of all intervals.
//!
//! Rates and utilisation are sums of products of the inputs, so they are monotone or
//! multilinear in each interval and take their extremes at corners; latency is monotone
//! in rates, times and hit ratios alike, and so is cost. All corners are evaluated for up to
//! [`MAX_CORNERS`] intervals (of latency [`MAX_LATENCY_CORNERS`]). Beyond, each interval goes
//! to its ends alone, all go jointly, and up to [`MAX_SAMPLES`] points are spread evenly inside:
//! what they span lies within the true range, and is labelled so. A design too large for
//! that many worlds has no ranges.

use crate::analysis::capacity::autoscale::followed;
use crate::analysis::facts::Facts;
use crate::analysis::ground::known::Known;
use crate::analysis::ground::parallel;
use crate::analysis::ground::time_value::{LATENCY_METRICS, Measure};
use crate::analysis::money::Bill;
use crate::analysis::uncertainty::extremes;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{CompId, Ends, Model};

/// Most intervals of which all corners are evaluated.
pub const MAX_CORNERS: usize = 8;

/// Most intervals of which all corners are evaluated for latency and verdicts, which
/// cost more.
pub const MAX_LATENCY_CORNERS: usize = 4;

/// Most worlds with more intervals than that.
pub const MAX_SAMPLES: usize = 1000;

/// Fewest points inside that say anything.
const FEWEST: usize = 64;

/// Which worlds a range is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// All corners: the range itself.
    Corners,
    /// Samples: the range may be a little wider.
    Samples,
}

impl By {
    /// The word that JSON shows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Corners => "corners",
            Self::Samples => "samples",
        }
    }
}

/// What the points inside come to: 5th, 50th and 95th percentile of a number over them. Each
/// interval is taken as uniform and independent: a picture of the design's uncertainty.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    /// How many points.
    pub worlds: usize,
    /// p99 of each flow, seconds.
    pub p99: Vec<Option<[f64; 3]>>,
    /// US dollars a month.
    pub cost: Option<[f64; 3]>,
}

/// Lowest and highest of what analyze shows.
#[derive(Clone, Debug, Default)]
pub struct Ranges {
    /// Rate of each component.
    pub rate: Vec<Option<(f64, f64)>>,
    /// Utilisation of each component.
    pub utilization: Vec<Option<(f64, f64)>>,
    /// Hit ratio of each component that has one.
    pub hit: Vec<Option<(f64, f64)>>,
    /// US dollars a month of each component.
    pub cost: Vec<Option<(f64, f64)>>,
    /// US dollars a month of the whole.
    pub total: Option<(f64, f64)>,
    /// US dollars a month of each flow.
    pub flow_cost: Vec<Option<(f64, f64)>>,
    /// US dollars per 1000 requests of each flow.
    pub per_1k: Vec<Option<(f64, f64)>>,
    /// Rate of each flow.
    pub flow_rate: Vec<Option<(f64, f64)>>,
    /// Of each flow, in the order of [`LATENCY_METRICS`].
    pub latency: Vec<[Option<(f64, f64)>; 6]>,
    /// Which worlds rates and utilisation are over.
    pub rates_by: Option<By>,
    /// Which worlds latency is over.
    pub latency_by: Option<By>,
    /// Where samples were taken.
    pub samples: Option<Samples>,
    /// Intervals that were too many to evaluate.
    pub skipped: usize,
}

/// What is looked at in a world.
#[derive(Clone, Copy, PartialEq)]
enum Depth {
    Rates,
    /// Mean and p99 alone.
    Tail,
    Whole,
}

/// One world.
struct Seen {
    facts: Facts,
    latency: Vec<[Option<f64>; 6]>,
    cost: Option<f64>,
}

fn see(world: &Model, load: f64, depth: Depth) -> Seen {
    let world = &followed(world.clone(), load);
    let mut facts = if depth == Depth::Rates { Facts::loads(world, load) } else { Facts::new(world, load) };
    if depth == Depth::Rates {
        facts.cost = crate::analysis::money::cost(world, &facts.demand);
    }
    let measure = |l: &crate::analysis::FlowLatency| {
        LATENCY_METRICS.map(|name| {
            let wanted = depth == Depth::Whole || ["mean", "p99"].contains(&name);
            match wanted.then(|| l.time.measure(name)) {
                Some(Measure::Known(x)) => Some(x),
                Some(Measure::Unbounded(_)) => Some(f64::INFINITY),
                _ => None,
            }
        })
    };
    let latency = facts.latency.iter().map(measure).collect();
    let cost = facts.cost.total().ok();
    // What is not needed any more is large.
    facts.latency = Vec::new();
    facts.stations = Vec::new();
    Seen { facts, latency, cost }
}

/// Evaluates the worlds of a model; `at` builds one of them.
pub fn ranges(model: &Model, load: f64, at: &(dyn Fn(&Ends) -> Model + Sync)) -> Ranges {
    let mut out = Ranges::default();
    let (all, n) = (&model.intervals, model.intervals.len());
    let look = |worlds: &[Ends], depth: Depth| parallel::each(worlds, &|e: &Ends| see(&at(e), load, depth));
    if n == 0 {
        return out;
    }
    let corners = extremes::corners(all, MAX_CORNERS);
    if let Some(corners) = &corners {
        let whole = n <= MAX_LATENCY_CORNERS;
        out.rates_by = Some(By::Corners);
        out.latency_by = whole.then_some(By::Corners);
        for seen in &look(corners, if whole { Depth::Whole } else { Depth::Rates }) {
            out.widen(seen);
        }
        if whole {
            return out;
        }
    }
    let sides = [extremes::one_by_one(all), extremes::jointly(all)].concat();
    let room = extremes::affordable(model, MAX_SAMPLES);
    let inside = extremes::spread(all, room.saturating_sub(sides.len()));
    if inside.len() < FEWEST {
        out.skipped = n;
        return out;
    }
    out.rates_by = out.rates_by.or(Some(By::Samples));
    out.latency_by = Some(By::Samples);
    let seen = look(&inside, Depth::Tail);
    for seen in look(&sides, Depth::Whole).iter().chain(&seen) {
        out.widen(seen);
    }
    let p99 = LATENCY_METRICS.iter().position(|m| *m == "p99").unwrap_or(0);
    let of = |i: usize| bands(seen.iter().map(|s| s.latency.get(i)?.get(p99).copied().flatten()));
    out.samples = Some(Samples {
        worlds: seen.len(),
        p99: (0..model.flows.len()).map(of).collect(),
        cost: bands(seen.iter().map(|s| s.cost)),
    });
    out
}

/// 5th, 50th and 95th percentile; none where some are unknown.
fn bands(values: impl Iterator<Item = Option<f64>>) -> Option<[f64; 3]> {
    let mut all: Vec<f64> = values.collect::<Option<_>>()?;
    all.sort_by(f64::total_cmp);
    let last = all.len().checked_sub(1)?;
    let at = |percent: usize| all.get(last * percent / 100).copied();
    Some([at(5)?, at(50)?, at(95)?])
}

impl Ranges {
    fn widen(&mut self, seen: &Seen) {
        widen(&mut self.rate, seen.facts.demand.components.iter().map(|c| &c.rate));
        widen(&mut self.utilization, seen.facts.utilization.iter().map(|u| &u.utilization));
        widen(&mut self.flow_rate, seen.facts.demand.flows.iter().map(|f| &f.rate));
        let hits: Vec<Known> = (0..seen.facts.demand.components.len()).map(|i| hit(&seen.facts, CompId(i))).collect();
        widen(&mut self.hit, hits.iter());
        let bills: Vec<Known> = seen.facts.cost.components.iter().map(Bill::total).collect();
        widen(&mut self.cost, bills.iter());
        widen(&mut self.flow_cost, seen.facts.cost.flows.iter().map(|f| &f.usd));
        widen(&mut self.per_1k, seen.facts.cost.flows.iter().map(|f| &f.per_1k));
        if let Some(x) = seen.cost {
            self.total = Some(self.total.map_or((x, x), |(a, b)| (a.min(x), b.max(x))));
        }
        self.latency.resize(self.latency.len().max(seen.latency.len()), [None; 6]);
        for (slots, values) in self.latency.iter_mut().zip(&seen.latency) {
            for (slot, x) in slots.iter_mut().zip(values) {
                if let Some(x) = x {
                    *slot = Some(slot.map_or((*x, *x), |(a, b)| (a.min(*x), b.max(*x))));
                }
            }
        }
    }
}

fn hit(facts: &Facts, id: CompId) -> Known {
    facts
        .demand
        .hits
        .of(id)
        .map_or_else(|| Err(Reason::new(ReasonKind::NotApplicable, "it has no hit ratio")), |h| h.value.clone())
}

fn widen<'a>(into: &mut Vec<Option<(f64, f64)>>, values: impl Iterator<Item = &'a Known>) {
    for (i, v) in values.enumerate() {
        if into.len() <= i {
            into.push(None);
        }
        if let (Ok(x), Some(slot)) = (v, into.get_mut(i)) {
            *slot = Some(slot.map_or((*x, *x), |(a, b)| (a.min(*x), b.max(*x))));
        }
    }
}
