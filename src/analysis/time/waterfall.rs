//! Waterfall: the contribution of each part of a flow to its mean and its p99.
//!
//! In: a flow, its stations. Out: seconds by part, which sum to the mean and to the p99. Never: part
//! of [`crate::analysis::Facts`], because it costs two evaluations of the flow for each part.
//!
//! The contribution of a part is its expected time in requests whose whole time is the quantile:
//! `E[X | T = q]`. It equals `dq/dk`, where `k` multiplies the part (Euler's allocation; Tasche,
//! "Risk contributions and performance measurement", 1999). The quantile is homogeneous of degree 1
//! in all parts, so the contributions sum to it. They are computed by central differences of the
//! distribution function at the quantile, or of the quantile itself if the function jumps there.

use crate::analysis::ground::time_value::{Measure, Timed};
use crate::analysis::load::call_policy::Policies;
use crate::analysis::load::demand::Demand;
use crate::analysis::time::latency::{Stretch, latency_of, stretched};
use crate::analysis::time::stations::Station;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{FlowId, Model};
use crate::theory::Distribution;

/// Relative step by which a part is made longer and shorter.
const STEP: f64 = 5e-3;
/// Maximum relative difference between the sum of the contributions and the whole.
const SLACK: f64 = 0.01;
/// The probability of the quantile that is split.
const PERCENTILE: f64 = 0.99;

/// Contribution of one part, seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// To the mean.
    pub mean: f64,
    /// To the p99; `None` if the p99 cannot be split.
    pub p99: Option<f64>,
}

/// The time of a flow, split into parts.
#[derive(Clone, Debug)]
pub struct Waterfall {
    /// Mean and p99 of the flow, seconds.
    pub whole: Share,
    /// Work of the origin, if it is not a client.
    pub own: Option<Share>,
    /// By call, in the order of the flow's hops; `None` if the flow does not wait for the call.
    pub hops: Vec<Option<Share>>,
    /// Waits before retries, if there are any.
    pub waits: Option<Share>,
    /// Why the p99 cannot be split.
    pub unsplit: Option<Reason>,
}

impl Waterfall {
    /// All parts, mutable.
    fn parts_mut(&mut self) -> impl Iterator<Item = &mut Share> {
        self.own.iter_mut().chain(self.hops.iter_mut().flatten()).chain(self.waits.iter_mut())
    }

    fn parts(&self) -> impl Iterator<Item = &Share> {
        self.own.iter().chain(self.hops.iter().flatten()).chain(self.waits.iter())
    }
}

/// Splits the time of a flow.
///
/// # Errors
/// The reason why the time of the flow is unknown, unbounded or cannot be split.
pub fn waterfall(model: &Model, id: FlowId, demand: &Demand, stations: &[Station]) -> Result<Waterfall, Reason> {
    let (policies, flow) = (Policies::of(model), model.flow(id));
    let whole = match latency_of(model, &demand.hits, id, stations, &policies).0 {
        Timed::Known(d) => d,
        Timed::Unbounded(e) | Timed::Unknown(e) => return Err(e),
    };
    let p99 = match Timed::Known(whole.clone()).measure("p99") {
        Measure::Known(x) => x,
        Measure::Unbounded(e) | Measure::Unknown(e) => return Err(e),
    };
    let works = !model.component(flow.origin).kind.facets.origin;
    let parts: Vec<Option<Stretch>> = demand
        .flows
        .get(id.0)
        .map_or(&[][..], |f| f.hops.as_slice())
        .iter()
        .map(|h| {
            let asked = h.visits.as_ref().is_ok_and(|v| *v > 0.0);
            (asked && !h.is_async).then_some(Stretch::Call(h.at))
        })
        .collect();
    let pauses = policies.of_flow(id.0).any(|(_, p)| p.pauses());
    let jump = whole.cdf(p99) - whole.cdf_before(p99) > 1e-7;
    let split = |by_quantile: bool| {
        let one = |part: Stretch| -> Option<Share> {
            let longer = known(stretched(model, (&demand.hits, id), stations, &policies, (part, 1.0 + STEP)))?;
            let shorter = known(stretched(model, (&demand.hits, id), stations, &policies, (part, 1.0 - STEP)))?;
            let mean = (longer.mean() - shorter.mean()) / (2.0 * STEP);
            // A longer part lowers the distribution function.
            let share = if by_quantile {
                longer.quantile(PERCENTILE)? - shorter.quantile(PERCENTILE)?
            } else {
                shorter.cdf(p99) - longer.cdf(p99)
            };
            // A part off the path contributes 0, not numerical noise.
            let p99 = if mean <= 1e-12 * whole.mean() { 0.0 } else { share / (2.0 * STEP) };
            Some(Share { mean: mean.max(0.0), p99: Some(p99.max(0.0)) })
        };
        let own = if works { Some(one(Stretch::Own)?) } else { None };
        let waits = if pauses { Some(one(Stretch::Waits)?) } else { None };
        let hops: Option<Vec<Option<Share>>> =
            parts.iter().map(|p| p.map_or(Some(None), |part| one(part).map(Some))).collect();
        let whole = Share { mean: whole.mean(), p99: Some(p99) };
        Some(Waterfall { whole, own, hops: hops?, waits, unsplit: None })
    };
    let beyond = || Reason::new(ReasonKind::OutOfRange, "a part is beyond the range of numbers computed here");
    let mut out = split(jump).ok_or_else(beyond)?;
    let mean = whole.mean();
    let means = |w: &Waterfall| w.parts().map(|s| s.mean).sum::<f64>();
    if (means(&out) - mean).abs() > SLACK * mean {
        let why = "a timeout cuts off calls that make calls: how the time splits under it is not computed";
        return Err(Reason::new(ReasonKind::NotModelled, why));
    }
    // The contributions must sum to the effect of scaling the whole time.
    let scaled = |k: f64| whole.cdf(p99 / k);
    let all = if jump { p99 } else { (scaled(1.0 - STEP) - scaled(1.0 + STEP)) / (2.0 * STEP) };
    if !fits(&out, all) {
        out = split(true).ok_or_else(beyond)?;
        if !fits(&out, p99) {
            let why = "the p99 lies between two kinds of requests: a little more of any part moves it by a jump";
            out.parts_mut().for_each(|s| s.p99 = None);
            out.unsplit = Some(Reason::new(ReasonKind::NotApplicable, why));
            return Ok(out);
        }
    }
    let sum: f64 = out.parts().filter_map(|s| s.p99).sum();
    let means = means(&out);
    for s in out.parts_mut() {
        s.p99 = s.p99.map(|x| if sum > 0.0 { x / sum * p99 } else { 0.0 });
        if means > 0.0 {
            s.mean *= mean / means;
        }
    }
    Ok(out)
}

fn known(time: Timed) -> Option<Distribution> {
    match time {
        Timed::Known(d) => Some(d),
        _ => None,
    }
}

/// Whether the contributions to the p99 sum to `all` within [`SLACK`].
fn fits(w: &Waterfall, all: f64) -> bool {
    let sum: f64 = w.parts().filter_map(|s| s.p99).sum();
    (sum - all).abs() <= SLACK * all
}
