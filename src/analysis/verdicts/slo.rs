//! Targets (`slo`): the value of each target's metric, and whether it is met.
//!
//! In: facts, targets. Out: verdicts. A metric that no analysis computes, or that lacks an
//! attribute, is neither met nor missed. Never: a value in place of an unknown one.

use crate::analysis::facts::Facts;
use crate::analysis::ground::known::NOT_MODELLED;
use crate::analysis::ground::time_value::{LATENCY_METRICS, Measure};
use crate::kinds::MetricType;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::Slo;

/// The verdict on one target.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The target.
    pub slo: Slo,
    /// The value with every interval at midpoint.
    pub value: Measure,
    /// The worst value over all cases evaluated.
    pub worst: Measure,
    /// The best known value over all cases evaluated.
    pub best: Option<f64>,
    /// Whether the worst value meets the target; none if unknown.
    pub met: Option<bool>,
    /// For a consistency target: the strongest model that holds. The value is then the number of
    /// required properties that are missing.
    pub holds: Option<&'static str>,
}

/// The value of a target's metric for the flow with this index.
#[must_use]
pub fn value(facts: &Facts, flow: usize, slo: &Slo) -> Measure {
    let name = slo.metric.name;
    let none = || Measure::Unknown(Reason::new(ReasonKind::NotModelled, NOT_MODELLED));
    if LATENCY_METRICS.contains(&name) {
        return facts.latency.get(flow).map_or_else(none, |l| l.time.measure(name));
    }
    match name {
        "lag" => match facts.lag.get(flow) {
            Some(Some(lag)) => lag.time.measure("p99"),
            _ => Measure::Unknown(Reason::new(
                ReasonKind::NotApplicable,
                "it does not start at a queue: nothing is published to it",
            )),
        },
        // A request that fails after its last attempt counts against availability.
        "availability" => match (facts.availability.flows.get(flow), facts.latency.get(flow)) {
            (Some(Ok(a)), Some(l)) => Measure::from(&l.errors.clone().map(|e| a * (1.0 - e))),
            (Some(lack), _) => Measure::from(lack),
            (None, _) => none(),
        },
        "errors" => facts.latency.get(flow).map_or_else(none, |l| Measure::from(&l.errors)),
        "cost" => {
            facts.cost.flows.get(flow).map_or_else(none, |c| Measure::from(&c.per_1k.clone().map(|x| x / 1000.0)))
        }
        _ => none(),
    }
}

/// Whether a value meets a target; none if the value is unknown.
#[must_use]
pub fn met(slo: &Slo, value: &Measure) -> Option<bool> {
    match (value, slo.metric.ty) {
        (Measure::Unknown(_), _) => None,
        (Measure::Unbounded(_), _) => Some(false),
        (Measure::Known(x), MetricType::RatioAtLeast) => Some(*x >= slo.target),
        (Measure::Known(x), _) => Some(*x <= slo.target),
    }
}

impl Verdict {
    /// The verdict of one case.
    pub(in crate::analysis) fn new(slo: &Slo, value: Measure) -> Self {
        let best = match value {
            Measure::Known(x) => Some(x),
            _ => None,
        };
        Self { slo: slo.clone(), worst: value.clone(), met: met(slo, &value), best, value, holds: None }
    }

    /// Merges the value of the target in another case.
    pub(in crate::analysis) fn meet(&mut self, other: Measure) {
        let most = self.slo.metric.ty == MetricType::RatioAtLeast;
        let worse = |a: f64, b: f64| if most { a.min(b) } else { a.max(b) };
        if let Measure::Known(x) = other {
            self.best = Some(self.best.map_or(x, |b| if most { b.max(x) } else { b.min(x) }));
        }
        let failed = |m: &Measure| met(&self.slo, m) == Some(false);
        self.worst = match (self.worst.clone(), other) {
            (Measure::Known(a), Measure::Known(b)) => Measure::Known(worse(a, b)),
            (a @ Measure::Unbounded(_), _) => a,
            (_, b @ Measure::Unbounded(_)) => b,
            // A miss in one case decides, even if another case is unknown.
            (a, b) if failed(&a) || !failed(&b) && matches!(a, Measure::Unknown(_)) => a,
            (_, b) => b,
        };
        self.met = met(&self.slo, &self.worst);
    }

    /// Makes a met target unknown for this reason; a missed one stays missed.
    pub(in crate::analysis) fn cannot(&mut self, why: &Reason) {
        if self.met == Some(true) {
            self.met = None;
            self.worst = Measure::Unknown(why.clone());
        }
    }
}
