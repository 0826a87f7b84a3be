//! The mixed integer linear program over what presolve leaves open, solved by `good_lp`.
//!
//! In: a core, in one of several formulations. Out: the cheapest choice, or why there is none.
//! The engine is `microlp`; with the feature `highs` it is `HiGHS`. Every answer is checked: it
//! must meet every cut, and its cost, added up again, must lie between the proven bound and the
//! incumbent. A wrong answer, or a numeric failure, leads to the next formulation.
//! Never: a time limit (the same program has the same answer on every machine).

use good_lp::solvers::SolutionStatus;
use good_lp::{
    Expression, ProblemVariables, ResolutionError, Solution as _, SolverModel, Variable, WithInitialSolution, variable,
};

/// A selection program without dominated or fixed options.
#[derive(Clone, Debug)]
pub struct Core {
    /// Cost of each option, by component.
    pub costs: Vec<Vec<f64>>,
    /// Options of which at least one must be chosen, each as component and option.
    pub cuts: Vec<Vec<(usize, usize)>>,
    /// A choice that meets every cut, if one is known.
    pub best: Option<Vec<usize>>,
}

/// How a core is written as a linear program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One option of each component is replaced by 1 minus the others: the incumbent's, or the
    /// first without one.
    WithoutIncumbent,
    /// The same with the last option of each component.
    WithoutLast,
    /// Every option is a variable; those of a component sum to 1.
    Equality,
}

/// Formulations in the order in which they are tried.
pub const FORMS: [Form; 3] = [Form::WithoutIncumbent, Form::WithoutLast, Form::Equality];

/// Why a solver has no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// It claims that no choice meets every cut.
    Infeasible,
    /// It failed; its message.
    Numeric(String),
}

/// A solver of cores.
pub type Engine<'a> = dyn Fn(&Core, Form) -> Result<Vec<usize>, Failure> + 'a;

/// What is proven of a core.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    /// The cheapest choice.
    Optimal(Vec<usize>),
    /// No choice meets every cut.
    Infeasible,
    /// Every formulation failed; the last message.
    Failed(String),
}

/// Relative tolerance on a cost that is added up again.
const NEAR: f64 = 1e-9;

impl Core {
    /// Variables of the formulations without a base option.
    pub(super) fn binaries(&self) -> usize {
        self.costs.iter().map(|list| list.len().saturating_sub(1)).sum()
    }

    fn cost(&self, choice: &[usize]) -> f64 {
        choice.iter().zip(&self.costs).map(|(k, list)| list.get(*k).copied().unwrap_or(f64::INFINITY)).sum()
    }

    fn holds(&self, choice: &[usize]) -> bool {
        self.cuts.iter().all(|cut| cut.iter().any(|(i, k)| choice.get(*i) == Some(k)))
    }

    /// Why a solver's choice is wrong: it breaks a cut, or its cost is below `bound` or above
    /// the incumbent's.
    fn rejects(&self, choice: &[usize], bound: f64) -> Option<&'static str> {
        let cost = self.cost(choice);
        let slack = NEAR * cost.abs().max(1.0);
        let most = self.best.as_ref().map_or(f64::INFINITY, |x| self.cost(x));
        if choice.len() != self.costs.len() || !self.holds(choice) {
            Some("its choice breaks a cut")
        } else if cost < bound - slack {
            Some("its choice is cheaper than the proven bound")
        } else if cost > most + slack {
            Some("its choice costs more than a known one")
        } else {
            None
        }
    }
}

/// The cheapest choice of a core. `bound` is a proven lower bound on its cost.
pub(super) fn solve(core: &Core, bound: f64, engine: &Engine<'_>) -> Answer {
    let (mut infeasible, mut why) = (0, String::new());
    for form in FORMS {
        match engine(core, form) {
            Ok(choice) => match core.rejects(&choice, bound) {
                None => return Answer::Optimal(choice),
                Some(wrong) => wrong.clone_into(&mut why),
            },
            // With an incumbent there is a choice; without one two formulations must agree.
            Err(Failure::Infeasible) if core.best.is_some() => {
                "it finds no choice where one is known".clone_into(&mut why);
            }
            Err(Failure::Infeasible) => {
                infeasible += 1;
                if infeasible > 1 {
                    return Answer::Infeasible;
                }
            }
            Err(Failure::Numeric(message)) => why = message,
        }
    }
    if infeasible > 0 {
        "its formulations disagree whether there is a choice".clone_into(&mut why);
    }
    Answer::Failed(why)
}

/// An option in a formulation.
#[derive(Clone, Copy)]
enum Term {
    Is(Variable),
    /// 1 minus the other options of its component.
    Base,
}

/// The product's engine.
///
/// # Errors
/// When the solver finds no choice, or fails.
pub fn engine(core: &Core, form: Form) -> Result<Vec<usize>, Failure> {
    let mut vars = ProblemVariables::new();
    let (mut terms, mut bases) = (Vec::new(), Vec::new());
    for (i, list) in core.costs.iter().enumerate() {
        let base = match form {
            Form::WithoutIncumbent => Some(core.best.as_ref().and_then(|x| x.get(i)).copied().unwrap_or(0)),
            Form::WithoutLast => Some(list.len().saturating_sub(1)),
            // A single option is no decision.
            Form::Equality => (list.len() == 1).then_some(0),
        };
        let each = (0..list.len()).map(|k| match base {
            Some(b) if b == k => Term::Base,
            _ => Term::Is(vars.add(variable().binary())),
        });
        terms.push(each.collect::<Vec<Term>>());
        bases.push(base);
    }
    // Costs above those of the bases, in units of the largest.
    let base_cost = |i: usize| {
        let base = bases.get(i).copied().flatten();
        base.and_then(|b| core.costs.get(i)?.get(b)).copied().unwrap_or(0.0)
    };
    let above = |i: usize, cost: f64| cost - base_cost(i);
    let each_cost = || core.costs.iter().enumerate().flat_map(|(i, list)| list.iter().map(move |c| (i, *c)));
    let unit = each_cost().map(|(i, c)| above(i, c).abs()).fold(f64::MIN_POSITIVE, f64::max);
    let mut objective = Expression::from(0.0);
    for (i, (list, terms)) in core.costs.iter().zip(&terms).enumerate() {
        for (cost, term) in list.iter().zip(terms) {
            if let Term::Is(v) = term {
                objective.add_mul(above(i, *cost) / unit, *v);
            }
        }
    }
    let constant: f64 = (0..core.costs.len()).map(base_cost).sum();
    let mut rows = Vec::new();
    for (terms, base) in terms.iter().zip(&bases) {
        let sum: Expression = terms.iter().filter_map(variable_of).map(Expression::from).sum();
        match base {
            Some(_) if terms.len() > 2 => rows.push(sum.leq(1.0)),
            Some(_) => {}
            None => rows.push(sum.eq(1.0)),
        }
    }
    for cut in &core.cuts {
        if let Some(row) = covering(core, cut, &terms) {
            rows.push(row.geq(1.0));
        }
    }
    if let Some(best) = &core.best {
        // Only choices that cost no more than the incumbent.
        let most = (core.cost(best) - constant) / unit;
        rows.push(objective.clone().leq(most + NEAR * most.abs().max(1.0)));
    }
    let start = core.best.iter().flat_map(|best| {
        terms.iter().zip(best).flat_map(|(terms, k)| {
            let each = terms.iter().enumerate();
            each.filter_map(|(j, t)| variable_of(t).map(|v| (v, if j == *k { 1.0 } else { 0.0 })))
        })
    });
    let start: Vec<(Variable, f64)> = start.collect();
    let mut model = using(vars, objective);
    for row in rows {
        model.add_constraint(row);
    }
    if !start.is_empty() {
        model = model.with_initial_solution(start);
    }
    let solved = model.solve().map_err(|e| match e {
        ResolutionError::Infeasible => Failure::Infeasible,
        other => Failure::Numeric(other.to_string()),
    })?;
    if !matches!(solved.status(), SolutionStatus::Optimal) {
        return Err(Failure::Numeric("it stopped before its proof was complete".to_owned()));
    }
    let choice = terms.iter().zip(&bases).map(|(terms, base)| {
        let one = |t: &Term| variable_of(t).is_some_and(|v| solved.value(v) > 0.5);
        terms.iter().position(one).or(*base)
    });
    let choice: Option<Vec<usize>> = choice.collect();
    choice.ok_or_else(|| Failure::Numeric("it chose no option of a component".to_owned()))
}

fn variable_of(term: &Term) -> Option<Variable> {
    match term {
        Term::Is(v) => Some(*v),
        Term::Base => None,
    }
}

/// The left side of a cut: the sum of its options, at least 1. `None` if every choice meets it.
fn covering(core: &Core, cut: &[(usize, usize)], terms: &[Vec<Term>]) -> Option<Expression> {
    let mut sum = Expression::from(0.0);
    for (i, terms) in terms.iter().enumerate() {
        let within: Vec<bool> = (0..terms.len()).map(|k| cut.contains(&(i, k))).collect();
        let based = terms.iter().zip(&within).any(|(t, w)| *w && matches!(t, Term::Base));
        if !within.contains(&false) && core.costs.get(i).is_some_and(|list| !list.is_empty()) {
            return None;
        }
        if based {
            sum += 1.0;
        }
        for (term, w) in terms.iter().zip(&within) {
            match (term, based, w) {
                (Term::Is(v), false, true) => sum.add_mul(1.0, *v),
                (Term::Is(v), true, false) => sum.add_mul(-1.0, *v),
                (Term::Is(_) | Term::Base, ..) => {}
            }
        }
    }
    Some(sum)
}

#[cfg(not(feature = "highs"))]
fn using(
    vars: ProblemVariables,
    objective: Expression,
) -> impl SolverModel<Error = ResolutionError> + WithInitialSolution {
    vars.minimise(objective).using(good_lp::microlp)
}

#[cfg(feature = "highs")]
fn using(
    vars: ProblemVariables,
    objective: Expression,
) -> impl SolverModel<Error = ResolutionError> + WithInitialSolution {
    let model = vars.minimise(objective).using(good_lp::highs);
    model.set_option("mip_rel_gap", 0.0).set_option("mip_abs_gap", 0.0).set_option("threads", 1)
}

/// Committed units of each offer, at the least cost of a day: a committed unit is paid for always,
/// what exceeds the committed units is bought on demand.
///
/// In units of the on-demand price: `ratios` are the prices of the offers; `levels` are shares of
/// the day with the units that run then. A linear program; its vertices are levels, so units of
/// whole levels are whole.
///
/// # Errors
/// When the solver fails; its message.
pub(super) fn commit(ratios: &[f64], levels: &[(f64, f64)]) -> Result<Vec<f64>, String> {
    let unit = levels.iter().map(|(_, n)| *n).fold(f64::MIN_POSITIVE, f64::max);
    let mut vars = ProblemVariables::new();
    let committed: Vec<Variable> = ratios.iter().map(|_| vars.add(variable().min(0.0))).collect();
    let on_demand: Vec<Variable> = levels.iter().map(|_| vars.add(variable().min(0.0))).collect();
    let mut objective = Expression::from(0.0);
    ratios.iter().zip(&committed).for_each(|(ratio, y)| objective.add_mul(*ratio, *y));
    levels.iter().zip(&on_demand).for_each(|((share, _), h)| objective.add_mul(*share, *h));
    let all: Expression = committed.iter().map(|y| Expression::from(*y)).sum();
    let mut model = using(vars, objective);
    for ((_, units), h) in levels.iter().zip(&on_demand) {
        model.add_constraint((all.clone() + *h).geq(units / unit));
    }
    let solved = model.solve().map_err(|e| e.to_string())?;
    Ok(committed.iter().map(|y| solved.value(*y).max(0.0) * unit).collect())
}
