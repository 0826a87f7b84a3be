//! The selection program: one option per component, at the least cost, under covering cuts.
//!
//! In: costs of the options; cuts, each a set of options of which at least one must be chosen.
//! Out: the cost of a choice, whether it meets every cut, the parts that no cut joins.
//! Never: a solution (`solve`, `lagrange`, `milp`).

use crate::graph::joined;

/// A covering cut: at least one of these options must be chosen. For each component in it, one
/// flag per option.
pub type Cut = Vec<(usize, Vec<bool>)>;

/// A multiple-choice selection program (Kellerer, Pferschy and Pisinger 2004, ch. 11).
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Cost of each option, by component; none is negative.
    pub costs: Vec<Vec<f64>>,
    /// Every choice must meet all of these.
    pub cuts: Vec<Cut>,
}

/// What proved a solution. The order is from the strongest to the weakest.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Proof {
    /// The Lagrangian bound equals the cost.
    #[default]
    Lagrange,
    /// A mixed integer linear program over the options that the Lagrangian bound left open.
    Milp,
    /// Nothing: the gap between cost and bound is open.
    Gap(Reason),
}

/// Why a gap is open.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// More options were left open than the solver is given: how many.
    Core(usize),
    /// The solver failed in every formulation: its last message.
    Solver(String),
    /// The limit on rounds or evaluations was reached.
    Limit,
    /// Some values were not tried, and may be cheaper.
    Untried,
}

impl Reason {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Core(n) => format!("the bound leaves {n} options open, more than the solver's limit"),
            Self::Solver(why) => format!("the solver failed: {why}"),
            Self::Limit => "the limit on evaluations was reached".to_owned(),
            Self::Untried => "some values were not tried".to_owned(),
        }
    }
}

impl Proof {
    /// As JSON names it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Lagrange => "lagrange",
            Self::Milp => "milp",
            Self::Gap(_) => "gap",
        }
    }

    /// The weaker of two proofs: a result that rests on both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Gap(_), _) | (Self::Milp, Self::Lagrange | Self::Milp) | (Self::Lagrange, Self::Lagrange) => self,
            (_, Self::Gap(_)) | (Self::Lagrange, Self::Milp) => other,
        }
    }
}

/// Costs that differ by less than this share are equal.
pub(super) const SAME: f64 = 1e-10;

/// The result of solving a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// The cheapest choice found. `None` if there is none, or none was found (`bound` is finite).
    pub choice: Option<Vec<usize>>,
    /// The cost of `choice`; infinite without one.
    pub cost: f64,
    /// No choice costs less; infinite if no choice meets every cut.
    pub bound: f64,
    /// Whether `bound` rests on a MILP, or on the Lagrangian bound alone.
    pub milp: bool,
    /// Why the program was not solved to the end, if it was not.
    pub open: Option<Reason>,
    /// Coefficients visited, a measure of work that is the same on every machine.
    pub work: u64,
}

impl Solution {
    /// The largest share by which another choice may be cheaper; 0 if `choice` is optimal.
    #[must_use]
    pub fn gap(&self) -> f64 {
        if self.cost <= 0.0 || !self.cost.is_finite() {
            return 0.0;
        }
        let gap = (self.cost - self.bound) / self.cost;
        if gap > SAME * 10.0 { gap } else { 0.0 }
    }

    /// What proved that nothing is cheaper.
    #[must_use]
    pub fn proof(&self) -> Proof {
        match &self.open {
            Some(why) if self.choice.is_none() && self.bound.is_finite() || self.gap() > 0.0 => Proof::Gap(why.clone()),
            _ if self.milp => Proof::Milp,
            _ => Proof::Lagrange,
        }
    }
}

impl Program {
    /// The cost of a choice.
    #[must_use]
    pub fn cost(&self, choice: &[usize]) -> f64 {
        choice.iter().zip(&self.costs).filter_map(|(o, list)| list.get(*o)).sum()
    }

    /// Whether a choice meets every cut.
    #[must_use]
    pub fn holds(&self, choice: &[usize]) -> bool {
        let chosen = |i: &usize| choice.get(*i).copied().unwrap_or(usize::MAX);
        self.cuts.iter().all(|cut| cut.iter().any(|(i, ok)| ok.get(chosen(i)) == Some(&true)))
    }

    /// Components joined by cuts, directly or through others.
    pub(super) fn blocks(&self) -> Vec<Vec<usize>> {
        joined(self.costs.len(), self.cuts.iter().map(|c| c.iter().map(|(i, _)| *i).collect()))
    }
}
