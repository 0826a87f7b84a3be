//! Cases of an uncertain design in which its plan is feasible, as text.
//!
//! In: the counts of sizing. Out: a few lines. Never: a number computed here.

use crate::sizing::{Held, Mode};

/// The cases that the plan is for, and the number in which it is feasible; `money` shows a cost.
pub(super) fn words(held: &Held, money: &dyn Fn(f64) -> String) -> String {
    let mode = held.robust.mode;
    let meaning = match mode {
        Mode::Worst => "the plan meets every requirement at the endpoints of the intervals",
        Mode::Mid => "the plan meets every requirement at the midpoints of the intervals",
        Mode::Expected => "the plan meets every requirement at the midpoints of the intervals, at the least mean cost",
        Mode::Regret => "the plan meets every requirement at the endpoints of the intervals, at the least regret",
        Mode::P95 => "the plan meets every requirement at the midpoints of the intervals and in 95% of samples",
    };
    let (feasible, samples) = held.samples;
    let (ends, of) = held.ends;
    let all = if held.all_ends { "" } else { " that were tried" };
    let mut out = format!(
        "{}: {meaning}\n  feasible in {feasible} of {samples} samples (seed {}), {ends} of {of} extreme cases{all}\n",
        mode.word(),
        held.robust.seed
    );
    if let Some((value, bound)) = held.value {
        let name = if mode == Mode::Regret {
            "largest cost above the best plan of a case"
        } else {
            "mean cost of what is sized"
        };
        let proof = if value - bound > 0.005 {
            format!("; no sizes are known to have less than {}", money(bound))
        } else {
            ", and no sizes have less".to_owned()
        };
        out.push_str(&format!("  {name}: {}{proof}\n", money(value)));
    }
    out
}
