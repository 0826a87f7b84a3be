//! Verdicts of a whole design, by flow, scenario and system requirement.
//!
//! In: verdicts. Out: what [`crate::analysis::verdicts::cases`] fills in and reports read. Never: a judgement.

use crate::analysis::consistency::cut::Expected;
use crate::analysis::facts::Facts;
use crate::analysis::verdicts::horizon::Horizon;
use crate::analysis::verdicts::slo::Verdict;
use crate::analysis::verdicts::system_requirements::Promise;
use crate::model::Reason;
use crate::model::{FlowId, Model};

/// A scenario, judged.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// Whether all targets are met in it; unknown is neither.
    pub holds: Option<bool>,
    /// Why that is unknown.
    pub unknown: Option<Reason>,
    /// The scenario's world and its facts, unless it is not analysed.
    pub world: Option<(Model, Facts)>,
    /// Verdicts by flow.
    pub slo: Vec<Vec<Verdict>>,
    /// What is not known of the scenario's world.
    pub doubts: Vec<String>,
    /// Flows whose targets are the scenario's own.
    pub expected: Vec<FlowId>,
    /// Answers that are expected on sides of a cut, with what comes.
    pub answers: Vec<Expected>,
}

/// All verdicts of a design.
#[derive(Clone, Debug, Default)]
pub struct Worlds {
    /// By flow, in the order of its targets.
    pub slo: Vec<Vec<Verdict>>,
    /// By scenario.
    pub scenarios: Vec<Outcome>,
    /// Of the system.
    pub promises: Vec<Promise>,
    /// What its data outgrows.
    pub horizon: Horizon,
}

impl Worlds {
    /// The verdicts of all flows, then of those of the scenarios that are analysed.
    pub(in crate::analysis) fn verdicts_mut(&mut self) -> impl Iterator<Item = &mut Verdict> {
        let scenarios = self.scenarios.iter_mut().filter(|o| o.world.is_some());
        self.slo.iter_mut().flatten().chain(scenarios.flat_map(|o| o.slo.iter_mut().flatten()))
    }
}
