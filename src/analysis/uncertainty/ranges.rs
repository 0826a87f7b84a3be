//! Ranges: extremes of rates, utilization, hit ratios, latency and cost over all intervals.
//!
//! In: the model, a function that builds a case. Out: lowest and highest values, and percentiles of
//! samples. Never: a sampled range that is not marked as one.
//!
//! Rates and utilization are sums of products of the inputs. They are monotone or
//! multilinear in each interval, so their extremes are at corners. Latency is monotone
//! in rates, times and hit ratios, and so is cost. All corners are evaluated for up to
//! [`MAX_CORNERS`] intervals ([`MAX_LATENCY_CORNERS`] for latency). With more intervals, each one
//! goes to its ends alone, all go jointly, and up to [`MAX_SAMPLES`] points are spread evenly
//! inside. The range of these lies within the true range and is labelled as sampled. A design too large
//! for that many cases has no ranges.

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

/// Largest number of intervals for which all corners are evaluated.
pub const MAX_CORNERS: usize = 8;

/// Largest number of intervals for which all corners are evaluated for latency and verdicts,
/// which take more time.
pub const MAX_LATENCY_CORNERS: usize = 4;

/// Largest number of cases with more intervals than that.
pub const MAX_SAMPLES: usize = 1000;

/// Smallest useful number of points inside.
const MIN_POINTS: usize = 64;

/// The cases that a range covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// All corners: the exact range.
    Corners,
    /// Samples: the true range may be wider.
    Samples,
}

impl By {
    /// The word in JSON output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Corners => "corners",
            Self::Samples => "samples",
        }
    }
}

/// 5th, 50th and 95th percentiles over the points inside. Intervals count as uniform and
/// independent.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    /// Number of points.
    pub points: usize,
    /// p99 of each flow, seconds.
    pub p99: Vec<Option<[f64; 3]>>,
    /// US dollars a month.
    pub cost: Option<[f64; 3]>,
}

/// Lowest and highest values of the figures that `analyze` shows.
#[derive(Clone, Debug, Default)]
pub struct Ranges {
    /// Rate of each component.
    pub rate: Vec<Option<(f64, f64)>>,
    /// Utilization of each component.
    pub utilization: Vec<Option<(f64, f64)>>,
    /// Hit ratio of each component that has one.
    pub hit: Vec<Option<(f64, f64)>>,
    /// US dollars a month of each component.
    pub cost: Vec<Option<(f64, f64)>>,
    /// US dollars a month of the whole design.
    pub total: Option<(f64, f64)>,
    /// US dollars a month of each flow.
    pub flow_cost: Vec<Option<(f64, f64)>>,
    /// US dollars per 1000 requests of each flow.
    pub per_1k: Vec<Option<(f64, f64)>>,
    /// Rate of each flow.
    pub flow_rate: Vec<Option<(f64, f64)>>,
    /// Seconds by flow, in the order of [`LATENCY_METRICS`].
    pub latency: Vec<[Option<(f64, f64)>; 6]>,
    /// The cases that rates and utilization cover.
    pub rates_by: Option<By>,
    /// The cases that latency covers.
    pub latency_by: Option<By>,
    /// Percentiles, if samples were evaluated.
    pub samples: Option<Samples>,
    /// Number of intervals if there were too many to evaluate, else 0.
    pub skipped: usize,
}

/// The figures to compute in a case.
#[derive(Clone, Copy, PartialEq)]
enum Depth {
    /// Rates, utilization and cost.
    Rates,
    /// Also mean and p99 latency.
    Tail,
    /// Everything.
    Whole,
}

/// The figures of one case.
struct CaseFigures {
    facts: Facts,
    latency: Vec<[Option<f64>; 6]>,
    cost: Option<f64>,
}

fn evaluate(model: &Model, load: f64, depth: Depth) -> CaseFigures {
    let model = &followed(model.clone(), load);
    let mut facts = if depth == Depth::Rates { Facts::loads(model, load) } else { Facts::new(model, load) };
    if depth == Depth::Rates {
        facts.cost = crate::analysis::money::cost(model, &facts.demand);
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
    // Large, and not used any more.
    facts.latency = Vec::new();
    facts.stations = Vec::new();
    CaseFigures { facts, latency, cost }
}

/// Evaluates the cases of a model; `at` builds one of them.
pub fn ranges(model: &Model, load: f64, at: &(dyn Fn(&Ends) -> Model + Sync)) -> Ranges {
    let mut out = Ranges::default();
    let (all, n) = (&model.intervals, model.intervals.len());
    let evaluate_all = |cases: &[Ends], depth: Depth| parallel::each(cases, &|e: &Ends| evaluate(&at(e), load, depth));
    if n == 0 {
        return out;
    }
    let corners = extremes::corners(all, MAX_CORNERS);
    if let Some(corners) = &corners {
        let whole = n <= MAX_LATENCY_CORNERS;
        out.rates_by = Some(By::Corners);
        out.latency_by = whole.then_some(By::Corners);
        for figures in &evaluate_all(corners, if whole { Depth::Whole } else { Depth::Rates }) {
            out.widen(figures);
        }
        if whole {
            return out;
        }
    }
    let sides = [extremes::one_by_one(all), extremes::jointly(all)].concat();
    let affordable = extremes::affordable(model, MAX_SAMPLES);
    let inside = extremes::spread(all, affordable.saturating_sub(sides.len()));
    if inside.len() < MIN_POINTS {
        out.skipped = n;
        return out;
    }
    out.rates_by = out.rates_by.or(Some(By::Samples));
    out.latency_by = Some(By::Samples);
    let figures = evaluate_all(&inside, Depth::Tail);
    for figures in evaluate_all(&sides, Depth::Whole).iter().chain(&figures) {
        out.widen(figures);
    }
    let p99 = LATENCY_METRICS.iter().position(|m| *m == "p99").unwrap_or(0);
    let of = |i: usize| percentiles(figures.iter().map(|s| s.latency.get(i)?.get(p99).copied().flatten()));
    out.samples = Some(Samples {
        points: figures.len(),
        p99: (0..model.flows.len()).map(of).collect(),
        cost: percentiles(figures.iter().map(|s| s.cost)),
    });
    out
}

/// 5th, 50th and 95th percentiles; none if any value is unknown.
fn percentiles(values: impl Iterator<Item = Option<f64>>) -> Option<[f64; 3]> {
    let mut all: Vec<f64> = values.collect::<Option<_>>()?;
    all.sort_by(f64::total_cmp);
    let last = all.len().checked_sub(1)?;
    let at = |percent: usize| all.get(last * percent / 100).copied();
    Some([at(5)?, at(50)?, at(95)?])
}

impl Ranges {
    /// Extends the ranges by the figures of one case.
    fn widen(&mut self, figures: &CaseFigures) {
        widen(&mut self.rate, figures.facts.demand.components.iter().map(|c| &c.rate));
        widen(&mut self.utilization, figures.facts.utilization.iter().map(|u| &u.utilization));
        widen(&mut self.flow_rate, figures.facts.demand.flows.iter().map(|f| &f.rate));
        let hits: Vec<Known> =
            (0..figures.facts.demand.components.len()).map(|i| hit(&figures.facts, CompId(i))).collect();
        widen(&mut self.hit, hits.iter());
        let bills: Vec<Known> = figures.facts.cost.components.iter().map(Bill::total).collect();
        widen(&mut self.cost, bills.iter());
        widen(&mut self.flow_cost, figures.facts.cost.flows.iter().map(|f| &f.usd));
        widen(&mut self.per_1k, figures.facts.cost.flows.iter().map(|f| &f.per_1k));
        if let Some(x) = figures.cost {
            self.total = Some(self.total.map_or((x, x), |(a, b)| (a.min(x), b.max(x))));
        }
        self.latency.resize(self.latency.len().max(figures.latency.len()), [None; 6]);
        for (slots, values) in self.latency.iter_mut().zip(&figures.latency) {
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
