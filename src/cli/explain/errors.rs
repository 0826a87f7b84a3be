//! `archc explain FILE flow.errors`: causes of failed requests of a flow, call by call.
//!
//! In: a judged design. Out: text. Never: a number that no analysis computed.

use crate::analysis::{CallOutcome, Hop, Known, Policies, Policy};
use crate::model::FlowId;
use crate::session::Judged;
use crate::units::{show_ratio, show_time, significant};

/// The derivation of the errors of a flow.
pub(super) fn errors(judged: &Judged, id: FlowId) -> String {
    let (model, facts) = (&judged.model, &judged.facts);
    let flow = model.flow(id);
    let Some(l) = facts.latency.get(id.0) else { return String::new() };
    let mut out = format!("{}.errors = {}\n", flow.name, known(&l.errors));
    let policies = Policies::of(model);
    let hops = facts.demand.flows.get(id.0).map_or(&[][..], |fd| fd.hops.as_slice());
    let mut tried = false;
    for hop in hops {
        if let Some(trial) = l.outcomes.get(&hop.call) {
            tried = true;
            out.push_str(&call(judged, hop, policies.get(id.0, hop.call), trial));
        }
    }
    if !tried {
        out.push_str("  no call of it has a `timeout` or `retries`, and nothing that it needs is gone\n");
    }
    if let Some(s) = facts.stability.get(id.0) {
        let word = s.word().map_or_else(|e| format!("unknown: {e}"), str::to_owned);
        let why = s.why().map_or_else(String::new, |why| format!(": {why}"));
        out.push_str(&format!("stability: {word}{why}\n"));
    }
    out.push_str("outages of components are not among them: they are in `availability`\n");
    out
}

fn call(judged: &Judged, hop: &Hop, policy: Option<&Policy>, trial: &CallOutcome) -> String {
    let name = |id| judged.model.component(id).name.as_str();
    let how = policy.map_or_else(|| "tried once".to_owned(), how);
    let mut out = format!("  {} -> {}.{}: {how}\n", name(hop.from), name(hop.to), hop.op);
    if !trial.open && [&trial.fails, &trial.residual].iter().all(|x| matches!(x, Ok(x) if *x <= 0.0)) {
        out.push_str("    no attempt fails\n");
        return out;
    }
    if trial.lost {
        out.push_str(&format!("    `{}` is lost: each attempt fails at once\n", name(hop.to)));
    } else if policy.is_some_and(|p| p.timeout.is_some()) {
        out.push_str(&format!("    an attempt takes longer than its timeout: {}\n", known(&trial.timed_out)));
    }
    out.push_str(&format!("    an attempt fails, errors below included: {}\n", known(&trial.fails)));
    let attempts = trial.attempts.as_ref().map_or_else(|e| format!("unknown: {e}"), |n| significant(*n, 6));
    let open = if trial.open { ", its breaker is open" } else { "" };
    out.push_str(&format!("    requests sent for one call: {attempts}{open}\n"));
    out.push_str(&format!("    all attempts fail: {}\n", known(&trial.residual)));
    out
}

/// A call policy as text.
fn how(p: &Policy) -> String {
    let mut parts = Vec::new();
    if let Some(t) = p.timeout {
        parts.push(format!("timeout {}", show_time(t)));
    }
    if p.retries > 0.0 {
        parts.push(format!("{} retries", significant(p.retries, 4)));
        let waits: Vec<String> = p.waits.iter().filter(|w| **w > 0.0).take(4).map(|w| show_time(*w)).collect();
        if !waits.is_empty() {
            let random = if p.jitter { " on average" } else { "" };
            parts.push(format!("after {}{random}", waits.join(", ")));
        }
    }
    if let Some(b) = p.budget {
        parts.push(format!("at most {} of the calls", show_ratio(b)));
    }
    if let Some(h) = p.hedge {
        parts.push(format!("a second request after {}", show_time(h)));
    }
    if p.breaker {
        parts.push("with a breaker".to_owned());
    }
    parts.join(", ")
}

fn known(value: &Known) -> String {
    match value {
        Ok(x) if *x <= 0.0 => "0".to_owned(),
        Ok(x) if *x < 1e-3 => significant(*x, 4),
        Ok(x) => show_ratio(*x),
        Err(e) => format!("unknown: {e}"),
    }
}
