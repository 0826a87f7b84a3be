//! Autoscaling: replicas that follow the load, and the backlog after a step in load.
//!
//! In: `autoscale { min max target react }` of processes, their CPU work. Out: a model whose
//! `replicas` are the fewest that keep CPU at `target` at its load, between `min` and `max`. For a
//! step from the trough of the day to the peak: the backlog, the longest delay and the drain time
//! of a fluid queue ([`crate::theory::backlog`]) that has the replicas of the trough until `react`
//! has passed. If `replicas` is a decision variable, the component does not scale here: sizing
//! solves it. A loss removes replicas and adds none, because the surviving replicas must suffice
//! ("static stability"). Never: a scaler that follows another metric than CPU.

use crate::analysis::capacity::cpu::work;
use crate::analysis::ground::known::Known;
use crate::analysis::ground::machines::{machine, provided};
use crate::analysis::load::demand::Demand;
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys::{self, Key, Number};
use crate::model::{Attrs, CompId, Model, Origin};
use crate::theory::backlog::{Overload, overload};
use crate::theory::day::{DAY, Day};

/// Number of times of the day at which replicas are counted: every five minutes.
const SAMPLES: u32 = 288;

/// The autoscaling of one component.
#[derive(Clone, Debug)]
pub struct Scaling {
    /// `min` and `max` replicas.
    pub bounds: (f64, Option<f64>),
    /// Desired replicas: those that keep CPU at the target, before `min` and `max` apply.
    pub desired: Known,
    /// Replicas at the trough of the day, with which a step in load starts.
    pub from: Known,
    /// Backlog and delay after a step from the trough to the peak.
    pub step: Result<Overload, Reason>,
    /// Seconds from a step in load until new replicas serve.
    pub react: Option<f64>,
}

impl Scaling {
    /// The bound, `min` or `max`, that excludes the desired replicas.
    #[must_use]
    pub fn binds(&self) -> Option<&'static str> {
        let desired = *self.desired.as_ref().ok()?;
        match self.bounds {
            (_, Some(most)) if desired > most => Some("max"),
            (least, _) if desired < least => Some("min"),
            _ => None,
        }
    }
}

fn block(model: &Model, id: CompId) -> Option<&Attrs> {
    let c = model.component(id);
    let follows =
        c.kind.facets.serve == Some(Serve::Processes) && !provided(c) && c.attrs.hole_at(keys::REPLICAS).is_none();
    c.attrs.read(keys::AUTOSCALE).filter(|_| follows)
}

fn bounds(block: &Attrs) -> (f64, Option<f64>) {
    let number = |key: Key<Number>| block.read(key).map(|n| n.mid);
    (number(keys::MIN).unwrap_or(1.0), number(keys::MAX))
}

/// Busy cores and requests per second in the period of a demand.
fn busy(model: &Model, demand: &Demand, id: CompId) -> Result<(f64, f64), Reason> {
    let all = work(model, demand, id, &mut Vec::new())?;
    Ok((all.iter().map(|w| w.cores).sum(), all.iter().map(|w| w.rate).sum()))
}

/// Desired replicas: those that keep CPU at the component's `target`.
fn desired(model: &Model, id: CompId, block: &Attrs, cores: f64) -> Known {
    let c = model.component(id);
    let target = block.read(keys::TARGET).map(|t| t.mid).filter(|t| *t > 0.0);
    let target = target.ok_or_else(|| {
        Reason::missing_as(c, "target", format!("`{}` does not set the `target` of its `autoscale`", c.name))
    })?;
    at_target(model, id, cores, target)
}

/// Replicas that keep CPU at a target if `cores` cores are busy.
fn at_target(model: &Model, id: CompId, cores: f64, target: f64) -> Known {
    let size = machine(model, model.component(id), &mut Vec::new())?;
    Ok((cores / (target * size.cores * size.speed) - 1e-9).ceil().max(0.0))
}

/// Busy cores in the period with the most work for a component.
fn busiest(model: &Model, demand: &Demand, id: CompId) -> Known {
    let mut hours = std::iter::once(demand).chain(&demand.off_peak);
    hours.try_fold(0.0_f64, |most, d| Ok(most.max(busy(model, d, id)?.0)))
}

fn clamped(n: f64, (least, most): (f64, Option<f64>)) -> f64 {
    most.map_or(n.max(least), |most| n.max(least).min(most)).max(1.0)
}

/// The model with the replicas of its autoscalers at a load.
#[must_use]
pub fn followed(mut model: Model, load: f64) -> Model {
    let ids: Vec<CompId> = model.all().map(|(id, _)| id).filter(|id| block(&model, *id).is_some()).collect();
    if ids.is_empty() {
        return model;
    }
    let demand = crate::analysis::load::demand::demand(&model, load);
    for id in ids {
        let n = block(&model, id).and_then(|b| {
            let n = busiest(&model, &demand, id).and_then(|c| desired(&model, id, b, c)).ok()?;
            Some(clamped(n, bounds(b)))
        });
        if let (Some(n), Some(c)) = (n, model.components.get_mut(id.0)) {
            c.set_count("replicas", n, &Origin::Followed);
        }
    }
    model
}

/// Desired replicas of a component for a given `target`: in its busiest period, and at the trough.
///
/// # Errors
/// The reason, if its work is unknown.
pub fn desired_at(model: &Model, demand: &Demand, id: CompId, target: f64) -> Result<(f64, f64), Reason> {
    let trough = busy(model, &demand.at_mean(), id)?.0 * model.system.trough.min(1.0);
    let of = |cores: f64| at_target(model, id, cores, target);
    Ok((of(busiest(model, demand, id)?)?, of(trough)?))
}

/// Mean replicas of an autoscaled component over the day, which give its provisioned hours.
/// `None` if it does not scale, or if a flow has a `window`.
#[must_use]
pub fn mean_replicas(model: &Model, demand: &Demand, id: CompId) -> Option<f64> {
    let day = replicas_over_day(model, demand, id)?;
    Some(day.iter().sum::<f64>() / f64::from(SAMPLES))
}

/// Replicas of an autoscaled component every five minutes of the day.
/// `None` if it does not scale, or if a flow has a `window`.
pub(in crate::analysis) fn replicas_over_day(model: &Model, demand: &Demand, id: CompId) -> Option<Vec<f64>> {
    let c = model.component(id);
    let follows = c.attrs.peek_at(keys::REPLICAS).is_some_and(|a| a.origin == Origin::Followed);
    let block = block(model, id).filter(|_| follows && demand.off_peak.is_empty())?;
    let s = &model.system;
    let day = Day::new(s.peak_to_mean.max(1.0), s.trough.min(1.0), s.peak_hour)?;
    let mean = busy(model, &demand.at_mean(), id).ok()?.0;
    let now = c.replicas().ok()?;
    let at = |i: u32| {
        let n = desired(model, id, block, mean * day.at(f64::from(i) * DAY / f64::from(SAMPLES))).unwrap_or(now);
        clamped(n, bounds(block)).min(now)
    };
    Some((0..SAMPLES).map(at).collect())
}

/// The autoscaling of each component, `None` if it does not scale. Empty if no component scales.
#[must_use]
pub fn scalings(model: &Model, demand: &Demand) -> Vec<Option<Scaling>> {
    if model.components.iter().all(|c| c.attrs.peek_at(keys::AUTOSCALE).is_none()) {
        return Vec::new();
    }
    let mean = demand.at_mean();
    model.all().map(|(id, _)| block(model, id).map(|b| scaling(model, demand, &mean, id, b))).collect()
}

fn scaling(model: &Model, demand: &Demand, mean: &Demand, id: CompId, block: &Attrs) -> Scaling {
    let c = model.component(id);
    let (bounds, react) = (bounds(block), block.read(keys::REACT).map(|t| t.mid));
    let peak = busy(model, demand, id);
    let want = peak.clone().and_then(|(cores, _)| desired(model, id, block, cores));
    let low =
        busy(model, mean, id).and_then(|(cores, _)| desired(model, id, block, cores * model.system.trough.min(1.0)));
    let from = low.map(|n| clamped(n, bounds));
    let step = (|| {
        let ((cores, rate), from) = (peak?, from.clone()?);
        let react = react.ok_or_else(|| {
            Reason::missing_as(c, "react", format!("`{}` does not set the `react` of its `autoscale`", c.name))
        })?;
        let size = machine(model, c, &mut Vec::new())?;
        let of = |n: f64| if cores > 0.0 { n * size.cores * size.speed * rate / cores } else { f64::MAX };
        let now = c.replicas_left(&model.system)?;
        overload(rate, of(from.min(now)), react, of(now.max(0.0)))
            .ok_or_else(|| Reason::new(ReasonKind::OutOfRange, "it is beyond the range of numbers computed here"))
    })();
    Scaling { bounds, desired: want, from, step, react }
}
