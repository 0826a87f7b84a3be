//! The state of a plan file: whether its values are still feasible for the design, and their cost.
//!
//! In: a design with its plan, its fresh solution. Out: plan mismatches, requirements that the
//! values miss, and both prices. Values are judged as sizing judges any: the variables are closed
//! around them and solved, in the cases that the plan is for. Never: a file.

use super::sizing_inputs::put_rates;
use super::{Design, Engines, SizingInputs, sized, unmet};
use crate::analysis::Facts;
use crate::diag::Sink;
use crate::model::{Choices, Chosen, Ends, Model, Origin};
use crate::sizing::{Held, Mode, Sizes, Status};

/// A plan compared with a design.
#[derive(Clone, Debug, Default)]
pub struct PlanState {
    /// Values that the design has no variable for, one sentence each.
    pub plan_mismatches: Vec<String>,
    /// Open variables without a plan value: component and attribute.
    pub missing: Vec<(String, &'static str)>,
    /// Requirements that its values miss.
    pub broken: Vec<String>,
    /// The compared cost: US dollars a month of the whole design, or cores without a provider; the
    /// mean or the regret if the plan minimizes that.
    pub cost: f64,
}

impl PlanState {
    /// Whether its values are feasible.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.plan_mismatches.is_empty() && self.missing.is_empty() && self.broken.is_empty()
    }
}

/// The cost by which plans are compared: the monthly bill of the whole design, or cores; the mean
/// or the greatest regret if the plan minimizes that.
#[must_use]
pub fn price(model: &Model, sizes: &Sizes, held: Option<&Held>, load: f64) -> f64 {
    if let Some((value, _)) =
        held.filter(|h| matches!(h.robust.mode, Mode::Expected | Mode::Regret)).and_then(|h| h.value)
    {
        return value;
    }
    if !model.system.has_provider {
        return sizes.cost;
    }
    let mut filled = model.clone();
    filled.fill(&sizes.choices, &Origin::Solved);
    let filled = crate::analysis::followed(filled, load);
    Facts::new(&filled, load).cost.at_least()
}

/// The state of a design's plan. `fresh` is the solution of the same variables now.
#[must_use]
pub fn plan_state(design: &Design, plan: &Choices, asked: &SizingInputs, fresh: &Sizes) -> PlanState {
    let open = design.model(&mut Sink::default());
    let mut out = PlanState {
        plan_mismatches: open.plan_mismatches(plan).into_iter().map(|m| m.why).collect(),
        missing: open.missing(plan),
        ..PlanState::default()
    };
    // A requirement that sizing cannot meet either is not a fault of the plan.
    let given = |name: &str, attr: &str| fresh.choices.get(name).is_some_and(|c| c.contains_key(attr));
    out.missing.retain(|(name, attr)| given(name, attr) || fresh.status == Status::Infeasible);
    if !out.plan_mismatches.is_empty() || !out.missing.is_empty() {
        return out;
    }
    let (engines, values) = apart(plan);
    let with = design.with_engines(&engines);
    let mut model = with.model_at(&Ends::new());
    put_rates(&mut model, &asked.rates);
    let closed = SizingInputs { closed: values, ..asked.clone() };
    let (_, found) = sized(&with, &model, &closed, false, true);
    if found.sizes.status == Status::Infeasible {
        out.broken = found.sizes.conflict;
        return out;
    }
    out.broken = found.sizes.unsolved.iter().filter(|u| !fresh.unsolved.contains(u)).cloned().collect();
    // Requirements that no plan changes but that, for example, another engine could meet.
    let anyway = unmet(&design.with_engines(&apart(&fresh.choices).0), fresh, asked);
    let missed = unmet(&with, &found.sizes, asked).into_iter().filter(|m| !anyway.contains(m));
    out.broken.extend(missed.map(|m| format!("{m} is not met")));
    out.cost = price(&model, &found.sizes, found.held.as_ref(), asked.load);
    out
}

/// The engines among some values, and the other values.
fn apart(values: &Choices) -> (Engines, Choices) {
    let mut rest = values.clone();
    let engines = rest.iter_mut().filter_map(|(name, choice)| match choice.remove("engine")? {
        Chosen::Name(engine) => Some((name.clone(), engine)),
        Chosen::Count(_) => None,
    });
    (engines.collect(), rest)
}
