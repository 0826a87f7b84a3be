//! A design made ready to be solved, once or again and again with other targets.
//!
//! In: a design, its cases. Out: options and cases, which no target changes, and the sizes
//! that keep the targets of the cases; what was computed of flows stays for the next time.
//! Never: a design whose rates or options are other ones.

use super::cases::{Case, cases, retarget};
use super::options::{Options, Unsolved, options};
use super::partitions::partitions;
use super::problem::Problem;
use super::sizes::{Aim, Sizes, Status, nothing};
use crate::analysis::demand;
use crate::model::{Choices, Model, Origin};

/// How far counts are tried, and then once more, in case those were too few.
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
    /// By how far counts are tried, or why there are no sizes whatever the targets.
    ready: [Option<Result<Ready, Sizes>>; 2],
}

impl Base {
    /// Of a design at so many times its load; nothing is computed yet.
    pub fn new(load: f64) -> Self {
        Self { load, ready: [None, None] }
    }

    /// The sizes of the design with the targets that it and its corners have now. All else
    /// must be as it was the last time.
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
                Err(none) => return none.clone(),
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

/// The options of a design, or that some component has none.
fn ready(model: &Model, cases: Vec<Case>, load: f64, spread: f64) -> Result<Ready, Sizes> {
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
        return Err(Sizes { status: Status::Infeasible, conflict, unsolved: out.unsolved, ..nothing() });
    }
    // Of several optima the same, in whichever order the components are declared.
    out.all.sort_by(|a, b| a.open.name.cmp(&b.open.name));
    let open: Vec<_> = out.all.iter().map(|o| o.id).collect();
    out.cases.iter_mut().for_each(|w| w.settle(&open));
    Ok(out)
}

impl Ready {
    /// The sizes, or what cannot all hold.
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

/// The same, of components that change nobody's rates.
pub(super) fn solve_rest(model: &Model, corners: &[Model], load: f64, aim: Aim) -> Sizes {
    Base::new(load).solve(model, corners, aim)
}

/// A design and its corners with values filled in.
pub(super) fn filled(model: &Model, corners: &[Model], choices: &Choices) -> (Model, Vec<Model>) {
    let put = |m: &Model| {
        let mut m = m.clone();
        m.fill(choices, &Origin::Solved);
        m
    };
    (put(model), corners.iter().map(put).collect())
}
