//! Solves the selection program: presolve first, then a MILP over what it leaves open.
//!
//! In: a program, a known choice if there is one. Out: the cheapest choice, a bound on the cost
//! of every choice, what proved it. Components that no cut joins are solved apart. If a core is
//! larger than the solver is given, or the solver fails in every formulation, the incumbent and
//! the Lagrangian bound stand, with the reason. Never: a choice that breaks a cut.

use super::lagrange::Block;
use super::milp::{self, Answer, Engine};
use super::program::{Program, Reason, SAME, Solution};

/// Most binaries of a core that goes to the MILP solver. Size is bounded, never time.
pub const MOST_BINARIES: usize = 1500;

/// How far a program is solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Presolve alone.
    Presolve,
    /// Presolve, then a MILP over a core of at most so many binaries.
    Milp(usize),
}

impl Program {
    /// The cheapest choice, with the product's solver.
    #[must_use]
    pub fn solve(&self) -> Solution {
        self.solve_with(None, Effort::Milp(MOST_BINARIES), &milp::engine)
    }

    /// Like `solve`, but only for choices cheaper than `incumbent`, which meets every cut. If
    /// there is none, `choice` is `None` and `bound` is the incumbent's cost.
    #[must_use]
    pub fn solve_with(&self, incumbent: Option<&[usize]>, effort: Effort, engine: &Engine<'_>) -> Solution {
        let n = self.costs.len();
        let mut out = Solution { choice: Some(vec![0; n]), cost: 0.0, bound: 0.0, milp: false, open: None, work: 0 };
        let incumbent = incumbent.filter(|x| self.holds(x));
        for members in &self.blocks() {
            let part = self.block(members, incumbent, effort, engine);
            out.work += part.work;
            out.bound += part.bound;
            out.milp |= part.milp;
            out.open = out.open.or(part.open);
            match (part.choice, &mut out.choice) {
                (Some(x), Some(all)) => {
                    for (i, k) in members.iter().zip(x) {
                        if let Some(slot) = all.get_mut(*i) {
                            *slot = k;
                        }
                    }
                }
                _ => out.choice = None,
            }
            if out.bound.is_infinite() {
                out.choice = None;
                break;
            }
        }
        if let (Some(x), Some(known)) = (&out.choice, incumbent) {
            let most = self.cost(known);
            if self.cost(x) >= most - SAME * most.abs().max(1e-9) {
                out.choice = None;
                out.bound = out.bound.min(most);
            }
        }
        out.cost = out.choice.as_ref().map_or(f64::INFINITY, |x| self.cost(x));
        out
    }

    /// Components that cuts join. `choice` has their options alone, in the order of `members`.
    fn block(&self, members: &[usize], incumbent: Option<&[usize]>, effort: Effort, engine: &Engine<'_>) -> Solution {
        let block = Block::new(self, members);
        let left = block.presolve(incumbent.and_then(|x| block.flat(self, members, x)));
        let mut out = Solution {
            choice: left.best().map(|x| block.unflat(x)),
            cost: left.cost,
            bound: left.bound,
            milp: false,
            open: None,
            work: left.work,
        };
        if left.bound.is_infinite() {
            return out;
        }
        if left.is_closed() {
            // Equal but for rounding.
            out.bound = out.cost;
            return out;
        }
        let Effort::Milp(most) = effort else { return Solution { open: Some(Reason::Limit), ..out } };
        let core = block.core(&left);
        let binaries = core.binaries();
        if binaries > most {
            return Solution { open: Some(Reason::Core(binaries)), ..out };
        }
        match milp::solve(&core, left.bound, engine) {
            Answer::Infeasible => (out.choice, out.cost, out.bound) = (None, f64::INFINITY, f64::INFINITY),
            Answer::Failed(why) => return Solution { open: Some(Reason::Solver(why)), ..out },
            Answer::Optimal(x) => {
                let x = block.unflat(&block.of_core(&left, &x));
                // The cost is added up from the program, never taken from the solver.
                let cost: f64 = members.iter().zip(&x).filter_map(|(i, k)| self.costs.get(*i)?.get(*k)).sum();
                if cost < left.cost {
                    (out.choice, out.cost) = (Some(x), cost);
                }
                out.bound = out.cost;
            }
        }
        out.milp = true;
        out
    }
}
