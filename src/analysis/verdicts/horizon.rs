//! The design at its horizon: limits that its data growth exceeds, and the month.
//!
//! In: the model with `growth` and `horizon`, its facts today. Out: cost at the horizon, stored bytes
//! at the horizon, and the first month (of 730 h) in which a target that is met today is missed or a
//! resource exceeds 100%. Intervals are at midpoint. Data only grows, so a missed target stays
//! missed, and bisection finds the month. Never: growth of the load, which a scenario models.

use crate::analysis::capacity::storage::{Storage, storage};
use crate::analysis::facts::Facts;
use crate::analysis::ground::known::Known;
use crate::analysis::money::cost;
use crate::analysis::verdicts::slo::{met, value};
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::Subject;
use crate::model::keys;
use crate::model::{CompId, Model, Slo};
use crate::units::MONTH;
use std::collections::BTreeMap;

/// Stored bytes of a component, today and at the horizon.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The component.
    pub id: CompId,
    /// Storage today.
    pub now: Storage,
    /// Bytes of one copy at the horizon.
    pub then: Known,
}

/// A target that growth makes the design miss.
#[derive(Clone, Debug)]
pub struct Break {
    /// The flow, by its index.
    pub flow: usize,
    /// The target.
    pub slo: Slo,
    /// The first month in which it is missed.
    pub month: u32,
}

/// A resource that growth takes above 100%.
#[derive(Clone, Debug)]
pub struct Overload {
    /// The component.
    pub id: CompId,
    /// The resource.
    pub binding: &'static str,
    /// The first month in which its utilization exceeds 100%.
    pub month: u32,
}

/// The design at its horizon.
#[derive(Clone, Debug, Default)]
pub struct Horizon {
    /// The horizon in seconds; unknown if data grows and no `horizon` is set.
    pub seconds: Option<Known>,
    /// US dollars a month at the horizon.
    pub cost: Option<Known>,
    /// The sum of the known costs at the horizon, US dollars a month.
    pub at_least: f64,
    /// Storage of every store.
    pub kept: Vec<Kept>,
    /// Targets that growth makes the design miss.
    pub breaks: Vec<Break>,
    /// Resources that growth takes above 100%.
    pub overloads: Vec<Overload>,
}

/// Evaluates the design at its horizon, at `load` times the load.
#[must_use]
pub fn horizon(model: &Model, facts: &Facts, load: f64) -> Horizon {
    let mut out = Horizon::default();
    let grows = model.grows();
    let seconds = model.horizon();
    let far = seconds.filter(|_| grows).map(|s| model.after(s));
    for (id, c) in model.all() {
        let Some(now) = storage(model, &facts.demand, id) else { continue };
        let then = match (&far, c.growth()) {
            (Some(m), _) => storage(m, &facts.demand, id).map_or_else(|| now.data.clone(), |s| s.data),
            (None, None) => now.data.clone(),
            (None, Some(_)) => Err(horizon_missing(&c.name)),
        };
        out.kept.push(Kept { id, now, then });
    }
    if !grows {
        return out;
    }
    let (Some(seconds), Some(far)) = (seconds, far) else {
        let first = model.components.iter().find(|c| c.growth().is_some()).map_or("", |c| c.name.as_str());
        out.seconds = Some(Err(horizon_missing(first)));
        out.cost = Some(Err(horizon_missing(first)));
        out.at_least = facts.cost.at_least();
        return out;
    };
    out.seconds = Some(Ok(seconds));
    let then = cost(&far, &facts.demand);
    out.cost = Some(then.total());
    out.at_least = then.at_least();
    // Without reads from disk or a cost target, growth changes no other result.
    let changes = model
        .components
        .iter()
        .any(|c| c.attrs.peek_at(keys::WORKING_SET).is_some() || c.attrs.peek_at(keys::SKEW).is_some())
        || model.flows.iter().flat_map(|f| &f.slo).any(|s| s.metric.name == "cost");
    if changes {
        Search { model, seconds, load, known: BTreeMap::new() }.run(facts, &mut out);
    }
    out
}

/// The reason: a component grows and no `horizon` is set.
fn horizon_missing(name: &str) -> Reason {
    let sentence = format!("`{name}` grows, and nothing says its `horizon`");
    Reason::about(ReasonKind::Missing, Subject::Component(name.to_owned()), Some("horizon"), sentence)
}

/// Searches months; each month is evaluated once.
struct Search<'a> {
    model: &'a Model,
    seconds: f64,
    load: f64,
    /// Facts by month.
    known: BTreeMap<u32, Facts>,
}

impl Search<'_> {
    fn at(&mut self, month: u32) -> &Facts {
        let (model, seconds, load) = (self.model, self.seconds, self.load);
        self.known.entry(month).or_insert_with(|| {
            let grown = model.after((f64::from(month) * MONTH).min(seconds));
            Facts::new(&grown, load)
        })
    }

    /// The first month in which a condition holds that does not hold today, by bisection.
    fn first(&mut self, is: &dyn Fn(&Facts) -> bool) -> Option<u32> {
        // The clamp bounds the value: at most 1e6 months.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let last = (self.seconds / MONTH - 1e-9).ceil().clamp(1.0, 1e6) as u32;
        if !is(self.at(last)) {
            return None;
        }
        let (mut low, mut high) = (0, last);
        while high - low > 1 {
            let mid = u32::midpoint(low, high);
            if is(self.at(mid)) {
                high = mid;
            } else {
                low = mid;
            }
        }
        Some(high)
    }

    fn run(&mut self, today: &Facts, out: &mut Horizon) {
        for (flow, f) in self.model.flows.iter().enumerate() {
            for slo in f.slo.iter().filter(|s| met(s, &value(today, flow, s)) == Some(true)) {
                if let Some(month) = self.first(&|facts| met(slo, &value(facts, flow, slo)) == Some(false)) {
                    out.breaks.push(Break { flow, slo: slo.clone(), month });
                }
            }
        }
        let over = |facts: &Facts, i: usize| {
            let u = facts.utilization.get(i)?;
            u.binding.filter(|_| u.utilization.as_ref().is_ok_and(|x| *x > 1.0))
        };
        for (id, _) in self.model.all().filter(|(id, _)| over(today, id.0).is_none()) {
            if let Some(month) = self.first(&|facts| over(facts, id.0).is_some())
                && let Some(binding) = over(self.at(month), id.0)
            {
                out.overloads.push(Overload { id, binding, month });
            }
        }
    }
}
