//! Slos: the value of each target's metric, and whether it is met.
//!
//! In: facts, targets. Out: verdicts. What no analysis computes, or what the design
//! does not say, is neither met nor unmet.

use crate::analysis::facts::Facts;
use crate::analysis::ground::known::NOT_MODELLED;
use crate::analysis::ground::time_value::{LATENCY_METRICS, Measure};
use crate::kinds::MetricType;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::Slo;

/// One target, judged.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The target.
    pub slo: Slo,
    /// With every interval at its mid value.
    pub value: Measure,
    /// At the worse end of the intervals.
    pub worst: Measure,
    /// At the better end of what is known of it.
    pub best: Option<f64>,
    /// Whether it is met at the worse end; unknown is neither.
    pub met: Option<bool>,
    /// Of a consistency model: the strongest that holds. The value is then how many of the
    /// properties asked are missing.
    pub holds: Option<&'static str>,
}

/// The value of a target's metric for the flow of that index.
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

/// Whether a value meets a target.
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
    /// A verdict of one world.
    pub(in crate::analysis) fn new(slo: &Slo, value: Measure) -> Self {
        let best = match value {
            Measure::Known(x) => Some(x),
            _ => None,
        };
        Self { slo: slo.clone(), worst: value.clone(), met: met(slo, &value), best, value, holds: None }
    }

    /// Takes the same target's value in another world.
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
            // What fails somewhere fails, whatever is unknown elsewhere.
            (a, b) if failed(&a) || !failed(&b) && matches!(a, Measure::Unknown(_)) => a,
            (_, b) => b,
        };
        self.met = met(&self.slo, &self.worst);
    }

    /// Takes that something keeps it from being known: it fails, or is not known.
    pub(in crate::analysis) fn cannot(&mut self, why: &Reason) {
        if self.met == Some(true) {
            self.met = None;
            self.worst = Measure::Unknown(why.clone());
        }
    }
}
