//! All verdicts of a design: by flow, scenario and system requirement.
//!
//! In: verdicts. Out: the types that [`crate::analysis::verdicts::cases`] fills in and reports read. Never: a judgement.

use crate::analysis::consistency::cut::Expected;
use crate::analysis::facts::Facts;
use crate::analysis::verdicts::horizon::Horizon;
use crate::analysis::verdicts::slo::Verdict;
use crate::analysis::verdicts::system_requirements::SystemRequirement;
use crate::model::Reason;
use crate::model::{FlowId, Model};

/// The verdict on a scenario.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// Whether all targets are met and all answers are as expected; none if unknown.
    pub holds: Option<bool>,
    /// The reason why `holds` is unknown.
    pub unknown: Option<Reason>,
    /// The model in the scenario and its facts; none if the scenario cannot be analyzed.
    pub case: Option<(Model, Facts)>,
    /// Verdicts by flow, in the order of its targets.
    pub slo: Vec<Vec<Verdict>>,
    /// Doubts about the model in the scenario.
    pub doubts: Vec<Reason>,
    /// Flows whose targets the scenario replaces.
    pub expected: Vec<FlowId>,
    /// Expected answers on the sides of a partition, with the actual ones.
    pub answers: Vec<Expected>,
}

/// All verdicts of a design.
#[derive(Clone, Debug, Default)]
pub struct Verdicts {
    /// Targets by flow, in the order of its targets.
    pub slo: Vec<Vec<Verdict>>,
    /// Scenarios, in order.
    pub scenarios: Vec<Outcome>,
    /// System requirements.
    pub system_requirements: Vec<SystemRequirement>,
    /// The design at its horizon.
    pub horizon: Horizon,
}

impl Verdicts {
    /// The verdicts of all flows, then those of the analyzed scenarios.
    pub(in crate::analysis) fn verdicts_mut(&mut self) -> impl Iterator<Item = &mut Verdict> {
        let scenarios = self.scenarios.iter_mut().filter(|o| o.case.is_some());
        self.slo.iter_mut().flatten().chain(scenarios.flat_map(|o| o.slo.iter_mut().flatten()))
    }
}
