//! The sizes of a design: autoscalers first, then caches whose hit ratio follows from their size, then
//! the rest.
//!
//! In: a design at the ends of its intervals. Out: its sizes. Never: a change of the design.

use super::base::solve_rest;
use super::sizes::{Aim, Sizes, Status};
use super::{caches, scalers};
use crate::model::Model;

/// Solves the holes of a design. `corners` are its models at the ends of its intervals,
/// or the design itself where it has none; `load` multiplies all rates; `why` asks for
/// what binds each value and for the runner-up, which takes longer than solving.
#[must_use]
pub fn size(model: &Model, corners: &[Model], load: f64, why: bool) -> Sizes {
    // Caches whose hit ratio follows from their size come first.
    solve(model, corners, load, Aim::Best { why })
}

/// Whether some values keep every promise.
pub(super) fn any(model: &Model, corners: &[Model], load: f64) -> bool {
    solve(model, corners, load, Aim::Any).status != Status::Infeasible
}

pub(super) fn solve(model: &Model, corners: &[Model], load: f64, aim: Aim) -> Sizes {
    let scaled = scalers::size_with(model, corners, load, aim, &solve);
    let cached = || caches::size_with(model, corners, load, aim);
    scaled.or_else(cached).unwrap_or_else(|| solve_rest(model, corners, load, aim))
}
