//! Cases of an uncertain design in which its plan is feasible, as text.
//!
//! In: the counts of sizing. Out: a few lines. Never: a number computed here.

use crate::sizing::{Held, Mode};

/// The cases that the plan is for, and the number in which it is feasible; `money` shows a cost.
pub(super) fn words(held: &Held, money: &dyn Fn(f64) -> String) -> String {
    let mode = held.robust.mode;
    let meaning = match mode {
        Mode::Worst => "sizes keep every promise at the ends of the intervals",
        Mode::Mid => "sizes keep every promise in the middle of the intervals",
        Mode::Expected => "sizes keep every promise in the middle of the intervals, at the least mean cost",
        Mode::Regret => "sizes keep every promise at the ends of the intervals, at the least regret",
        Mode::P95 => "sizes keep every promise in the middle of the intervals and in 95% of samples",
    };
    let (drawn, worlds) = held.samples;
    let (ends, of) = held.ends;
    let all = if held.all_ends { "" } else { " that were tried" };
    let mut out = format!(
        "{}: {meaning}\n  feasible in {drawn} of {worlds} samples (seed {}), {ends} of {of} extreme cases{all}\n",
        mode.word(),
        held.robust.seed
    );
    if let Some((value, bound)) = held.value {
        let name = if mode == Mode::Regret {
            "at most paid more than sizes for one world alone"
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
