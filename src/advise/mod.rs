//! The scaling ladder: the next step that holds, and why the earlier ones do not.
//!
//! In: a design, a load. Out: what fails there, what presses, and for each step of the ladder, in
//! order, whether the design with that step holds: a changed text, which went through the ordinary
//! parser, sizing and judgement. A step holds if nothing fails any more that load is the matter of, and
//! nothing else fails that did not fail before. Where a step needs a hit ratio, the least one that
//! does is searched. Never: an assumption that is not said, in the text and in the answer; a file.

mod attempt;
mod diff;
mod draft;
mod edit;
mod ladder;
mod misses;
mod press;
mod steps;
mod world;

pub use attempt::{Proposal, Value};
pub use diff::{Hunk, hunks};
pub use ladder::advise;
pub use misses::{Miss, Open, Sort};
pub use steps::Step;
pub use world::Source;

use crate::analysis::{Known, Next};

/// What a design costs a month, US dollars.
#[derive(Clone, Debug, PartialEq)]
pub struct Money {
    /// All of it, or what is not known of it.
    pub total: Known,
    /// What is known of it.
    pub at_least: f64,
}

/// Whether a step holds.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It does.
    Holds(Box<Proposal>),
    /// It does but for money: what is asked of it then.
    Costs(Box<Proposal>, Vec<String>),
    /// It does not: why.
    Fails(Vec<String>),
    /// It is none for this design: why.
    NotApplicable(String),
    /// Whether it does is not known: what is not said.
    Unknown(String),
}

/// One step that was tried, or several together.
#[derive(Clone, Debug)]
pub struct Rung {
    /// The steps.
    pub steps: Vec<Step>,
    /// Whether they hold.
    pub outcome: Outcome,
}

impl Rung {
    /// Its name for people.
    #[must_use]
    pub fn title(&self) -> String {
        self.steps.iter().map(|s| s.title()).collect::<Vec<_>>().join(" and ")
    }

    /// The changed design, if it holds, with or without money.
    #[must_use]
    pub fn proposal(&self) -> Option<&Proposal> {
        match &self.outcome {
            Outcome::Holds(p) | Outcome::Costs(p, _) => Some(p),
            _ => None,
        }
    }
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Advice {
    /// The multiple of the load that it is for.
    pub load: f64,
    /// What fails there.
    pub misses: Vec<Miss>,
    /// What is not known there.
    pub open: Vec<Open>,
    /// Because of which components, each with how.
    pub presses: Vec<(String, String)>,
    /// What the design costs there as it is.
    pub cost: Money,
    /// Steps in the order in which they were tried.
    pub rungs: Vec<Rung>,
    /// The number of the one that is advised.
    pub chosen: Option<usize>,
    /// Steps together that cost less than the one that is advised: with the least hit ratio at which
    /// they do, and with one of 90% if that saves more.
    pub cheaper: Vec<Rung>,
    /// What breaks first, and at which multiple, where nothing fails.
    pub first: Option<Next>,
}
