//! A design prepared for solving, once or repeatedly with other targets.
//!
//! In: a design, its cases. Out: options and cases, which do not depend on targets, and sizes that meet the
//! targets. Values of flows are kept for the next solution. Never: a design with other rates or options.

use super::cases::{Case, cases, retarget};
use super::options::{Options, Unsolved, options};
use super::partitions::partitions;
use super::problem::Problem;
use super::sizes::{Aim, Sizes, Status, nothing};
use crate::analysis::demand;
use crate::model::{Choices, Model, Origin};

/// Factors on the range of counts: the second is used if the first yields no sizes.
const SPREADS: [f64; 2] = [1.0, 16.0];

/// Options and cases of a design.
struct Ready {
    all: Vec<Options>,
    cases: Vec<Case>,
    unsolved: Vec<String>,
}

/// A design that is solved again with other targets.
pub(super) struct Base {
    load: f64,
    /// By range of counts; an error if there are no sizes whatever the targets.
    ready: [Option<Result<Ready, Box<Sizes>>>; 2],
}

impl Base {
    /// An empty base at a load multiple.
    pub fn new(load: f64) -> Self {
        Self { load, ready: [None, None] }
    }

    /// The sizes of the design with the current targets. Everything else must be unchanged since the last call.
    pub fn solve(&mut self, model: &Model, corners: &[Model], aim: Aim) -> Sizes {
        let far = || corners.iter().cloned().map(Model::at_horizon).collect::<Vec<_>>();
        let mut conflict = Vec::new();
        for (slot, spread) in self.ready.iter_mut().zip(SPREADS) {
            if let Some(Ok(ready)) = slot {
                retarget(&mut ready.cases, far(), self.load);
            }
            let load = self.load;
            let ready = slot.get_or_insert_with(|| ready(model, cases(far(), load), load, spread));
            match ready {
                Err(none) => return (**none).clone(),
                Ok(ready) => match ready.solve(model, aim) {
                    Ok(sizes) => return sizes,
                    Err(why) => conflict = why,
                },
            }
        }
        let unsolved = self.ready.iter().flatten().flatten().last().map(|r| r.unsolved.clone());
        Sizes { status: Status::Infeasible, conflict, unsolved: unsolved.unwrap_or_default(), ..nothing() }
    }
}

/// The options of a design; an error if a component has none.
fn ready(model: &Model, cases: Vec<Case>, load: f64, spread: f64) -> Result<Ready, Box<Sizes>> {
    let mut out = Ready { all: Vec::new(), cases, unsolved: Vec::new() };
    let (mut scratch, base) = (model.clone(), demand(model, load));
    let mut conflict = Vec::new();
    for (id, c) in model.all().filter(|(_, c)| !c.holes().is_empty() || !c.engine_hole.is_empty()) {
        match options(&mut scratch, &base, id, &mut out.cases, spread) {
            Ok(o) => out.all.push(o),
            Err(Unsolved::Unknown(e)) => out.unsolved.push(format!("`{}`: {e}", c.name)),
            Err(Unsolved::Infeasible(e)) => conflict.push(e),
        }
    }
    if !conflict.is_empty() {
        return Err(Box::new(Sizes { status: Status::Infeasible, conflict, unsolved: out.unsolved, ..nothing() }));
    }
    // Sorted by name: of several optima the same one, whatever the order of declaration.
    out.all.sort_by(|a, b| a.open.name.cmp(&b.open.name));
    let open: Vec<_> = out.all.iter().map(|o| o.id).collect();
    out.cases.iter_mut().for_each(|w| w.settle(&open));
    Ok(out)
}

impl Ready {
    /// The sizes, or the constraints that no choice meets.
    fn solve(&mut self, model: &Model, aim: Aim) -> Result<Sizes, Vec<String>> {
        let mut out = Sizes { unsolved: self.unsolved.clone(), ..nothing() };
        let mut problem = Problem::new(&self.all, &mut self.cases);
        let (x, bound, proof) = problem.run(aim == Aim::Any)?;
        (out.status, out.proof) = problem.status(&x, bound, proof);
        problem.choose(&x, &mut out);
        if (aim == Aim::Best { why: true }) {
            problem.explain(&x, &mut out);
        }
        partitions(model, &mut out);
        Ok(out)
    }
}

/// Solves the components that change no rates.
pub(super) fn solve_rest(model: &Model, corners: &[Model], load: f64, aim: Aim) -> Sizes {
    Base::new(load).solve(model, corners, aim)
}

/// A design and its corners with values set.
pub(super) fn filled(model: &Model, corners: &[Model], choices: &Choices) -> (Model, Vec<Model>) {
    let put = |m: &Model| {
        let mut m = m.clone();
        m.fill(choices, &Origin::Solved);
        m
    };
    (put(model), corners.iter().map(put).collect())
}
