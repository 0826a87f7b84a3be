//! Stability: whether retries keep a design in the state it starts in.
//!
//! In: the demand without failures, the demands at the least and the greatest fixed point. Out: a
//! verdict for each flow, in words. Never: the duration of a collapse.

use crate::analysis::ground::known::Known;
use crate::analysis::ground::resource::Utilization;
use crate::analysis::load::demand::Demand;
use crate::analysis::steady::fixed_point::Feedback;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{CompId, FlowId, Model};
use crate::units::{show_rate, show_ratio};

/// The stability of a flow under its retries.
#[derive(Clone, Debug, PartialEq)]
pub enum Stability {
    /// There is only one state.
    Stable,
    /// Without an overload the flow carries its load, but an overload persists; the text says how.
    Metastable(String),
    /// The retries alone overload a component; the text says how.
    Collapses(CompId, String),
    /// Unknown, with the reason.
    Unknown(Reason),
}

impl Stability {
    /// The verdict as a word.
    ///
    /// # Errors
    /// The reason why it is unknown.
    pub fn word(&self) -> Result<&'static str, Reason> {
        match self {
            Self::Stable => Ok("stable"),
            Self::Metastable(_) => Ok("metastable"),
            Self::Collapses(..) => Ok("collapses"),
            Self::Unknown(e) => Err(e.clone()),
        }
    }

    /// The explanation of a verdict other than stable.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Metastable(why) | Self::Collapses(_, why) => Some(why),
            Self::Stable | Self::Unknown(_) => None,
        }
    }
}

/// The stability of all flows, from the utilization and the other fixed points.
pub(in crate::analysis) fn stabilities(
    model: &Model,
    demand: &Demand,
    utilization: &[Utilization],
    feedback: Option<&Feedback>,
) -> Vec<Stability> {
    let now: Vec<Known> = utilization.iter().map(|u| u.utilization.clone()).collect();
    let quiet: Option<Vec<Known>> = feedback.map(|feedback| {
        model
            .all()
            .map(|(id, _)| crate::analysis::capacity::utilization::utilization(model, &feedback.quiet, id).utilization)
            .collect()
    });
    let over = |list: &[Known], id: CompId| list.get(id.0).is_some_and(|u| matches!(u, Ok(x) if *x >= 1.0));
    let used = |list: &[Known], id: CompId| match list.get(id.0) {
        Some(Ok(x)) => show_ratio(*x),
        _ => "unknown".to_owned(),
    };
    let name = |id: CompId| model.component(id).name.as_str();
    let each = model.flows.iter().enumerate();
    each.map(|(f, flow)| {
        let asked = asked(demand, FlowId(f), flow.origin);
        let Some((feedback, quiet)) = feedback.zip(quiet.as_ref()) else {
            let full = asked.iter().find(|id| over(&now, **id));
            return full.map_or(Stability::Stable, |id| {
                Stability::Unknown(Reason::new(ReasonKind::Overload, format!("`{}` is at {} of its capacity", name(*id), used(&now, *id))))
            });
        };
        if let Some(id) = asked.iter().find(|id| over(&now, **id) && !over(quiet, **id)) {
            let at = used(quiet, *id);
            let why = format!("its retries alone overload `{}`, although without them it is at {at}", name(*id));
            return Stability::Collapses(*id, why);
        }
        if let Some(id) = asked.iter().find(|id| over(&now, **id)) {
            let at = used(quiet, *id);
            return Stability::Unknown(Reason::new(ReasonKind::Overload, format!("`{}` is at {at} of its capacity, without any retries", name(*id))));
        }
        if !feedback.found {
            return Stability::Unknown(Reason::new(ReasonKind::NotConverged, "its retries converge too slowly to be computed"));
        }
        if let Some(e) = demand.flows.get(f).and_then(|fd| fd.hops.iter().find_map(|h| h.visits.as_ref().err())) {
            return Stability::Unknown(e.clone());
        }
        let rate = |d: &Demand, id: CompId| d.components.get(id.0).and_then(|c| c.rate.clone().ok());
        let mut worst: Option<(CompId, f64, f64)> = None;
        for id in asked {
            if let (Some(low), Some(high)) = (rate(demand, id), rate(&feedback.above, id))
                && high > low * (1.0 + 1e-6)
                && worst.is_none_or(|(_, l, h)| high / low > h / l)
            {
                worst = Some((id, low, high));
            }
        }
        worst.map_or(Stability::Stable, |(id, low, high)| {
            Stability::Metastable(format!(
                "carries its load from a quiet start; once its retries have filled `{}`, they keep it full: up to {} instead of {}",
                name(id),
                show_rate(high),
                show_rate(low)
            ))
        })
    })
    .collect()
}

/// The components that a flow calls, each once, in order.
fn asked(demand: &Demand, flow: FlowId, origin: CompId) -> Vec<CompId> {
    let mut out = vec![origin];
    for hop in demand.flows.get(flow.0).into_iter().flat_map(|fd| &fd.hops) {
        let counts = !matches!(hop.visits, Ok(v) if v <= 0.0);
        if counts && !out.contains(&hop.to) {
            out.push(hop.to);
        }
    }
    out
}
