//! Answers of steps: the time until they are done, and the probability that they fail.
//!
//! In: answers of independent parts. Out: their mixture with a probability, the probability that any
//! fails. Never: a call, a queue.

use crate::analysis::ground::known::Known;
use crate::analysis::ground::time_value::Timed;
use crate::model::Reason;

/// Time and failure of some steps.
pub(in crate::analysis) struct Answer {
    pub time: Timed,
    /// The probability that the steps fail.
    pub fails: Known,
    /// Why a required component is lost, if one is.
    pub lost: Option<Reason>,
}

impl Answer {
    pub fn zero() -> Self {
        Self { time: Timed::zero(), fails: Ok(0.0), lost: None }
    }
}

/// The probability that any of several independent parts fails; each part is repeated `times`.
pub(in crate::analysis) fn any_fails(all: &[(f64, &Known)]) -> Known {
    let mut fine = 1.0;
    let mut lack = None;
    for (times, fails) in all.iter().filter(|(times, _)| *times > 0.0) {
        match fails {
            Ok(p) => fine *= (1.0 - p).powf(*times),
            Err(e) => lack = lack.or_else(|| Some(e.clone())),
        }
    }
    // A part that fails with certainty decides, even if another is unknown.
    if fine <= 0.0 { Ok(1.0) } else { lack.map_or(Ok(1.0 - fine), Err) }
}

/// The weighted sum of probabilities of failure.
pub(in crate::analysis) fn weighted_failure(all: &[(f64, &Known)]) -> Known {
    let mut sum = 0.0;
    for (weight, fails) in all.iter().filter(|(weight, _)| *weight > 0.0) {
        sum += weight * (*fails).clone()?;
    }
    Ok(sum)
}

/// An answer with a probability, else nothing.
pub(in crate::analysis) fn with_probability(probability: f64, what: Answer) -> Answer {
    if probability >= 1.0 {
        return what;
    }
    let fails = weighted_failure(&[(probability, &what.fails)]);
    Answer { time: time_with_probability(probability, what.time), fails, lost: what.lost.filter(|_| probability > 0.0) }
}

/// A time with a probability, else 0.
pub(in crate::analysis) fn time_with_probability(probability: f64, time: Timed) -> Timed {
    if probability < 1.0 { Timed::mixture(&[(1.0 - probability, Timed::zero()), (probability, time)]) } else { time }
}
