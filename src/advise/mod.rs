//! The scaling ladder: the next feasible step, and why the earlier ones are not feasible.
//!
//! In: a design, a load. Out: failed checks, limiting components, and for each step of the ladder,
//! in order, whether the design with that step is feasible. Each step is a changed text that passes
//! the ordinary parser, sizing and judgement. A step is feasible if no check that depends on load
//! fails, and no other check fails that passed before. If a step needs a hit ratio, the least
//! feasible one is searched. Never: an assumption that is missing from the text or the answer; a
//! file.

mod diff;
mod draft;
mod edit;
mod failed_checks;
mod judged_draft;
mod ladder;
mod limiting;
mod steps;
mod trial;

pub use diff::{Hunk, hunks};
pub use failed_checks::{CheckClass, FailedCheck, Open};
pub use judged_draft::Source;
pub use ladder::advise;
pub use steps::Step;
pub use trial::{Proposal, Value};

use crate::analysis::{Known, Next};

/// Monthly cost of a design, US dollars.
#[derive(Clone, Debug, PartialEq)]
pub struct Money {
    /// The total, or the reason why it is unknown.
    pub total: Known,
    /// The sum of its known parts.
    pub at_least: f64,
}

/// The verdict on a step.
#[derive(Clone, Debug)]
pub enum StepVerdict {
    /// Feasible.
    Feasible(Box<Proposal>),
    /// Feasible except for money: missed budgets and costs.
    OverBudget(Box<Proposal>, Vec<String>),
    /// Infeasible: failed checks.
    Infeasible(Vec<String>),
    /// Not applicable to this design: the reason.
    NotApplicable(String),
    /// Unknown: the missing inputs.
    Unknown(String),
}

/// A step, or several together, after a trial.
#[derive(Clone, Debug)]
pub struct Rung {
    /// The steps.
    pub steps: Vec<Step>,
    /// The verdict.
    pub outcome: StepVerdict,
}

impl Rung {
    /// Its title in text output.
    #[must_use]
    pub fn title(&self) -> String {
        self.steps.iter().map(|s| s.title()).collect::<Vec<_>>().join(" and ")
    }

    /// The changed design, if it is feasible or only exceeds a budget.
    #[must_use]
    pub fn proposal(&self) -> Option<&Proposal> {
        match &self.outcome {
            StepVerdict::Feasible(p) | StepVerdict::OverBudget(p, _) => Some(p),
            _ => None,
        }
    }
}

/// Advice for a design at one load.
#[derive(Clone, Debug)]
pub struct Advice {
    /// The load multiple.
    pub load: f64,
    /// Failed checks.
    pub failed: Vec<FailedCheck>,
    /// Unknown values.
    pub open: Vec<Open>,
    /// Limiting components, each with its reason.
    pub limiting: Vec<(String, String)>,
    /// Monthly cost of the unchanged design.
    pub cost: Money,
    /// Steps in the order of trial.
    pub rungs: Vec<Rung>,
    /// The index of the advised step.
    pub chosen: Option<usize>,
    /// Combined steps that cost less than the advised one: with the least feasible hit ratio, and
    /// with 90% if that saves more.
    pub cheaper: Vec<Rung>,
    /// The first limit and its load multiple, if no check fails.
    pub first: Option<Next>,
}
