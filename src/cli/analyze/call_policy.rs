//! Call policies of a flow: its errors, its stability, the attempts of its calls.
//!
//! In: facts. Out: fields of JSON, lines of text; no text if no call fails. Never: a number
//! computed here.

use super::fields::Fields;
use crate::analysis::{Facts, Hop, Stability};
use crate::model::Reason;
use crate::units::{show_ratio, significant};

/// Fields of a flow.
pub(super) fn flow(f: &mut Fields, facts: &Facts, i: usize) {
    if let Some(l) = facts.latency.get(i) {
        f.known("errors", &l.errors);
    }
    if let Some(s) = facts.stability.get(i) {
        match s.word() {
            Ok(word) => f.put("stability", word.into()),
            Err(e) => f.known("stability", &Err(e)),
        }
        if let Some(why) = s.why() {
            f.put("stability_why", why.into());
        }
    }
}

/// Fields of a call with a policy.
pub(super) fn hop(f: &mut Fields, facts: &Facts, i: usize, hop: &Hop) {
    if let Some(trial) = facts.latency.get(i).and_then(|l| l.outcomes.get(&hop.call)) {
        f.known("attempts", &trial.attempts);
        f.known("attempt_times_out", &trial.timed_out);
        f.known("attempt_fails", &trial.fails);
        f.known("errors", &trial.residual);
        if trial.open {
            f.put("breaker_open", true.into());
        }
    }
}

/// Lines of text.
pub(super) fn text(facts: &Facts, i: usize, reasons: &mut Vec<(String, Reason)>, name: &str) -> String {
    let mut out = String::new();
    match facts.latency.get(i).map(|l| &l.errors) {
        Some(Ok(e)) if *e > 0.0 => {
            let shown = if *e < 1e-4 { significant(*e, 3) } else { show_ratio(*e) };
            out.push_str(&format!("  errors: {shown} of its requests fail\n"));
        }
        Some(Err(e)) => reasons.push((format!("{name}, its errors"), e.clone())),
        _ => {}
    }
    if let Some(s @ (Stability::Metastable(why) | Stability::Collapses(_, why))) = facts.stability.get(i) {
        out.push_str(&format!("  stability: {}, {why}\n", s.word().unwrap_or_default()));
    }
    if facts.latency.get(i).is_some_and(|l| l.outcomes.values().any(|t| t.open)) {
        out.push_str("  a breaker is open: what always fails is not tried again\n");
    }
    out
}
