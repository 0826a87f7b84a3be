//! Sizes of a design with intervals, in the mode that is asked for.
//!
//! In: an uncertain design, a mode. Out: its sizes, and in how many cases they hold.

use super::chance_constraint::chance;
use super::regret::{expected, regret};
use super::robust::{Found, Held, Mode, Robust, Robustly, Uncertain};
use super::size::size;
use super::sizes::Status;
use super::worst::{holds, worst};
use crate::model::Model;

/// Sizes an uncertain design. `why` asks for what binds each value; `count` for the cases
/// in which they hold.
#[must_use]
pub fn robustly(design: &Uncertain, robust: Robust, load: f64, why: bool, count: bool) -> Robustly {
    let Uncertain { model, ends, samples, .. } = design;
    if ends.is_empty() {
        let kept = vec![model.clone()];
        return Robustly { sizes: size(model, &kept, load, why), kept, held: None };
    }
    let middle = || vec![model.clone()];
    let found = match robust.mode {
        Mode::Worst => worst(design, load, why),
        Mode::Mid => Found { sizes: size(model, &middle(), load, why), kept: middle(), value: None },
        Mode::Expected => expected(design, load, why),
        Mode::Regret => regret(design, load, why),
        Mode::P95 => chance(design, load, why),
    };
    let Found { sizes, kept, value } = found;
    let none = sizes.status == Status::Infeasible;
    let held = (count && !none).then(|| {
        let of = |cases: &[Model]| (holds(cases, &sizes.choices, load).iter().filter(|h| **h).count(), cases.len());
        let robust = Robust { samples: Some(samples.len()), ..robust };
        Held { robust, samples: of(samples), ends: of(ends), all_ends: design.all_ends, value }
    });
    Robustly { sizes, kept, held }
}
