//! The design at its horizon: what its data outgrows, and when.
//!
//! In: the model with `growth` and `horizon`, its facts today. Out: what it costs then,
//! when disks and memory are too small, and the first month (of 730 h) at which a target
//! that is met today is missed, or a resource is asked for more than it has. All at the
//! middle of the intervals. Data only grows, so a target once missed stays so: the month
//! is found by bisection. Never: a growth of the load, which is a scenario's matter.

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

/// What a component keeps, today and at the horizon.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The component.
    pub id: CompId,
    /// Today.
    pub now: Storage,
    /// Bytes of one copy at its horizon.
    pub then: Known,
}

/// A target that growth breaks.
#[derive(Clone, Debug)]
pub struct Break {
    /// The flow, by its order.
    pub flow: usize,
    /// Its target.
    pub slo: Slo,
    /// The first month at which it is missed.
    pub month: u32,
}

/// A resource that growth overloads.
#[derive(Clone, Debug)]
pub struct Overload {
    /// The component.
    pub id: CompId,
    /// The resource.
    pub binding: &'static str,
    /// The first month at which it is asked for more than it has.
    pub month: u32,
}

/// The design at its horizon.
#[derive(Clone, Debug, Default)]
pub struct Horizon {
    /// How far ahead, in seconds; unknown where data grows and nothing says how far.
    pub seconds: Option<Known>,
    /// US dollars a month then.
    pub cost: Option<Known>,
    /// The sum of what is known of it.
    pub at_least: f64,
    /// Every store.
    pub kept: Vec<Kept>,
    /// Targets that growth breaks.
    pub breaks: Vec<Break>,
    /// Resources that growth overloads.
    pub overloads: Vec<Overload>,
}

/// Looks ahead.
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
            (None, Some(_)) => Err(unsaid(&c.name)),
        };
        out.kept.push(Kept { id, now, then });
    }
    if !grows {
        return out;
    }
    let (Some(seconds), Some(far)) = (seconds, far) else {
        let first = model.components.iter().find(|c| c.growth().is_some()).map_or("", |c| c.name.as_str());
        out.seconds = Some(Err(unsaid(first)));
        out.cost = Some(Err(unsaid(first)));
        out.at_least = facts.cost.at_least();
        return out;
    };
    out.seconds = Some(Ok(seconds));
    let then = cost(&far, &facts.demand);
    out.cost = Some(then.total());
    out.at_least = then.at_least();
    // Without reads from disk, or a price as a target, growth changes nothing else.
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

fn unsaid(name: &str) -> Reason {
    let sentence = format!("`{name}` grows, and nothing says its `horizon`");
    Reason::about(ReasonKind::Missing, Subject::Component(name.to_owned()), Some("horizon"), sentence)
}

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

    /// The first month at which something is so that is not today.
    fn first(&mut self, is: &dyn Fn(&Facts) -> bool) -> Option<u32> {
        // At most a few thousand.
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
