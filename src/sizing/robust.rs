//! Sizes of a design with intervals: in which of its cases they are to keep every promise.
//!
//! In: the design in the middle of its intervals, at their ends, and at points samples evenly
//! inside. Out: sizes, the cases that they were solved for, and in how many they hold. A plan
//! keeps a case if sizing, with its holes closed around the plan, has no objection there.
//! The modes, of a plan `x`, its monthly cost `c(x, w)` in the case `w`, and the middle `m`:
//!
//! - `worst`: least `c(x, m)` of those that keep every end (a box of uncertainty, Soyster 1973;
//!   Ben-Tal and Nemirovski, "Robust solutions of linear programming problems contaminated with
//!   uncertain data", 2000).
//! - `mid`: least `c(x, m)` of those that keep the middle.
//! - `expected`: least mean of `c(x, w)` over the samples, of those that keep the middle.
//! - `regret`: least greatest `c(x, w) - min c(y, w)` over the ends and the middle, where `x`
//!   keeps every end and `y` the case `w` alone (Kouvelis and Yu, "Robust discrete optimization
//!   and its applications", 1997: robust deviation).
//! - `p95`: least `c(x, m)` of those that keep the middle and all promises at once in at least
//!   95% of the samples (chance constraints, Charnes and Cooper 1959; joint, Miller and
//!   Wagner 1965; by samples, Luedtke and Ahmed 2008).
//!
//! So, each proven optimal, `mid` costs at most what `p95` does; and `p95` at most what `worst`
//! does where that plan keeps the samples too: no promise is harder inside than at all
//! ends. Never: a case that depends on the clock or the machine.

use super::sizes::Sizes;
use crate::model::Model;

/// Which cases sizes are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// All ends of the intervals.
    #[default]
    Worst,
    /// The middle.
    Mid,
    /// The middle, at the least mean cost.
    Expected,
    /// All ends, at the least greatest regret.
    Regret,
    /// The middle and 95% of the samples.
    P95,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Worst, Self::Mid, Self::Expected, Self::Regret, Self::P95];

    /// Its word on the command line and in plans.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Worst => "worst",
            Self::Mid => "mid",
            Self::Expected => "expected",
            Self::Regret => "regret",
            Self::P95 => "p95",
        }
    }

    /// The mode of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.word() == word)
    }

    /// Whether the samples decide.
    #[must_use]
    pub fn draws(self) -> bool {
        matches!(self, Self::Expected | Self::P95)
    }

    /// Whether every end is to be kept.
    #[must_use]
    pub fn keeps_ends(self) -> bool {
        matches!(self, Self::Worst | Self::Regret)
    }
}

/// How an uncertain design is sized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Robust {
    /// Which cases sizes are for.
    pub mode: Mode,
    /// What the samples are samples by.
    pub seed: u64,
    /// How many are samples; none: as many as a design of its size may have.
    pub samples: Option<usize>,
}

impl Default for Robust {
    fn default() -> Self {
        Self { mode: Mode::Worst, seed: 1, samples: None }
    }
}

/// A design and its cases.
#[derive(Debug)]
pub struct Uncertain {
    /// In the middle of its intervals.
    pub model: Model,
    /// At their ends; empty where it has no interval.
    pub ends: Vec<Model>,
    /// Whether these are all ends.
    pub all_ends: bool,
    /// Inside.
    pub samples: Vec<Model>,
}

/// In how many cases sizes hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// How they were solved, with the number of cases that were samples.
    pub robust: Robust,
    /// Drawn cases that they keep, and all.
    pub samples: (usize, usize),
    /// Ends that they keep, and all that were looked at.
    pub ends: (usize, usize),
    /// Whether these were all ends.
    pub all_ends: bool,
    /// Of `expected`: the mean cost of what is sized; of `regret`: the greatest regret. Beside
    /// it the least that any plan is known to have. US dollars a month; without a provider, cores.
    pub value: Option<(f64, f64)>,
}

/// Sizes of an uncertain design.
#[derive(Debug)]
pub struct Robustly {
    /// The sizes.
    pub sizes: Sizes,
    /// The cases that they were solved for.
    pub kept: Vec<Model>,
    /// In how many cases they hold, if that was asked; nothing where the design has no interval.
    pub held: Option<Held>,
}

/// Sizes of a design, with the cases that they are for.
pub(super) struct Found {
    pub sizes: Sizes,
    pub kept: Vec<Model>,
    pub value: Option<(f64, f64)>,
}
