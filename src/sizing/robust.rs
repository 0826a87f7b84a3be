//! Modes of sizing a design with intervals. Data alone.
//!
//! A plan holds in a case if the design with its variables fixed to the plan is feasible there.
//! The modes, for a plan `x`, its monthly cost `c(x, w)` in the case `w`, and the midpoint `m`:
//!
//! - `worst`: least `c(x, m)` that holds at every end (a box of uncertainty, Soyster 1973;
//!   Ben-Tal and Nemirovski, "Robust solutions of linear programming problems contaminated with
//!   uncertain data", 2000).
//! - `mid`: least `c(x, m)` that holds at the midpoint.
//! - `expected`: least mean of `c(x, w)` over the samples that holds at the midpoint.
//! - `regret`: least maximum of `c(x, w) - min c(y, w)` over the ends and the midpoint, where `x`
//!   holds at every end and `y` in the case `w` alone (Kouvelis and Yu, "Robust discrete optimization
//!   and its applications", 1997: robust deviation).
//! - `p95`: least `c(x, m)` that holds at the midpoint and meets all constraints at once in at least
//!   95% of the samples (chance constraints, Charnes and Cooper 1959; joint, Miller and
//!   Wagner 1965; by samples, Luedtke and Ahmed 2008).
//!
//! Proven optimal, `mid` costs no more than `p95`. `p95` costs no more than `worst` if the plan of `worst`
//! holds in the samples too. Never: a case that depends on the clock or the machine.

use super::sizes::Sizes;
use crate::model::Model;

/// Which cases sizes are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Every end of the intervals.
    #[default]
    Worst,
    /// The midpoint.
    Mid,
    /// The midpoint, at the least mean cost.
    Expected,
    /// Every end, at the least maximum regret.
    Regret,
    /// The midpoint and 95% of the samples.
    P95,
}

impl Mode {
    /// All modes.
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

    /// The mode of this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.word() == word)
    }

    /// Whether the result depends on the samples.
    #[must_use]
    pub fn draws(self) -> bool {
        matches!(self, Self::Expected | Self::P95)
    }

    /// Whether every end must hold.
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
    /// Seed of the samples.
    pub seed: u64,
    /// Number of samples. `None`: as many as a design of its size can afford.
    pub samples: Option<usize>,
}

impl Default for Robust {
    fn default() -> Self {
        Self { mode: Mode::Worst, seed: 1, samples: None }
    }
}

/// A design with its extreme cases and samples.
#[derive(Debug)]
pub struct Uncertain {
    /// At the midpoint of its intervals.
    pub model: Model,
    /// At the ends of its intervals; empty if it has none.
    pub ends: Vec<Model>,
    /// Whether `ends` are all ends.
    pub all_ends: bool,
    /// At random points inside the intervals.
    pub samples: Vec<Model>,
}

/// In how many cases sizes hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// How the sizes were solved, with the number of samples.
    pub robust: Robust,
    /// Samples where the sizes hold, and all samples.
    pub samples: (usize, usize),
    /// Ends where the sizes hold, and all evaluated ends.
    pub ends: (usize, usize),
    /// Whether these were all ends.
    pub all_ends: bool,
    /// `expected`: mean cost of what is sized; `regret`: maximum regret; each with a lower bound over all
    /// plans. US dollars a month; without a provider, cores.
    pub value: Option<(f64, f64)>,
}

/// Sizes of an uncertain design.
#[derive(Debug)]
pub struct Robustly {
    /// The sizes.
    pub sizes: Sizes,
    /// The cases that the sizes were solved for.
    pub kept: Vec<Model>,
    /// In how many cases they hold. `None` if not requested, or if the design has no interval.
    pub held: Option<Held>,
}

/// Sizes with the cases that they were solved for.
pub(super) struct Found {
    pub sizes: Sizes,
    pub kept: Vec<Model>,
    pub value: Option<(f64, f64)>,
}
