//! The sizes of a design: autoscalers first, then caches whose hit ratio follows from their size, then
//! the rest.
//!
//! In: a design at the ends of its intervals. Out: its sizes. Never: a change of the design.

use super::base::solve_rest;
use super::sizes::{Aim, Sizes, Status};
use super::{caches, scalers};
use crate::model::Model;

/// Solves the decision variables of a design. `corners` are its models at the ends of its intervals, or the design
/// itself if it has none; `load` multiplies all rates; `why` adds reasons and runners-up, which takes longer than
/// solving.
#[must_use]
pub fn size(model: &Model, corners: &[Model], load: f64, why: bool) -> Sizes {
    solve(model, corners, load, Aim::Best { why })
}

/// Whether some values meet every constraint.
pub(super) fn any(model: &Model, corners: &[Model], load: f64) -> bool {
    solve(model, corners, load, Aim::Any).status != Status::Infeasible
}

pub(super) fn solve(model: &Model, corners: &[Model], load: f64, aim: Aim) -> Sizes {
    let scaled = scalers::size_with(model, corners, load, aim, &solve);
    let cached = || caches::size_with(model, corners, load, aim);
    scaled.or_else(cached).unwrap_or_else(|| solve_rest(model, corners, load, aim))
}
