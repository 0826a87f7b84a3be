//! Admission feedback of components: rejections, requests in progress, and reconnects of a lost
//! replica's clients, as JSON and text.

use super::fields::Fields;
use crate::analysis::{Facts, Reconnect, in_flight, reconnect};
use crate::catalog::NEW_CONNECTION;
use crate::model::{CompId, Model};
use crate::units::{show_rate, show_ratio, show_time, significant};
use serde_json::json as j;

/// Fields of a component.
pub(super) fn fields(f: &mut Fields, model: &Model, id: CompId, facts: &Facts) {
    if let Some(Some(refused)) = facts.refused.get(id.0) {
        f.known("refused", refused);
    }
    let facets = model.component(id).kind.facets;
    if facets.target && !facets.origin && !facts.latency.is_empty() {
        f.known("in_flight", &in_flight(id, &facts.demand, &facts.latency));
    }
    if let Some(r) = reconnect(model, facts, id) {
        let over = r.over();
        let mut one = Fields::new();
        one.put("connections", j!(r.lost));
        one.put("survivors", j!(r.survivors));
        one.known("per_survivor", &Ok(r.each));
        one.put("max_connections", j!(r.most));
        one.put("over", j!(over));
        one.put("rate_at_once", j!(r.at_once));
        one.put("rate_with_jitter", j!(r.spread));
        one.put("cpu_seconds", j!(r.cpu));
        one.put("cpu_source", j!(NEW_CONNECTION.1));
        one.known("seconds", &r.seconds);
        f.put("reconnect", one.finish());
    }
}

/// Sentences about a component; empty if none applies.
pub(super) fn text(model: &Model, facts: &Facts) -> String {
    let mut out = String::new();
    for ((id, c), refused) in model.all().zip(&facts.refused) {
        match refused {
            Some(Ok(share)) if *share > 0.0 => {
                out.push_str(&format!("`{}` rejects {} of its requests\n", c.name, show_ratio(*share)));
            }
            Some(Err(e)) => out.push_str(&format!("what `{}` refuses is unknown: {e}\n", c.name)),
            _ => {}
        }
        if let Some(r) = reconnect(model, facts, id) {
            out.push_str(&format!("{}\n", sentence(&c.name, &r)));
        }
    }
    if out.is_empty() { out } else { format!("\n{out}") }
}

fn sentence(name: &str, r: &Reconnect) -> String {
    let lost = significant(r.lost, 4);
    if r.survivors <= 0.0 {
        return format!("without its one replica the {lost} clients of `{name}` have nowhere to go");
    }
    let each = significant(r.each, 4);
    let over = match (r.over(), r.most) {
        (Some(true), Some(most)) => format!(", more than the {} it takes", significant(most, 6)),
        (Some(false), Some(most)) => format!(" of {}", significant(most, 6)),
        _ => String::new(),
    };
    let spread = r.spread.map_or_else(String::new, |s| format!(" ({} with their backoff and jitter)", show_rate(s)));
    let back = match &r.seconds {
        Ok(s) if s.is_finite() => format!("the handshakes take the spare cpu of the others {}", show_time(*s)),
        Ok(_) => "the others have no cpu to spare for the handshakes".to_owned(),
        Err(e) => format!("how long the handshakes take is unknown: {e}"),
    };
    format!(
        "if a replica of `{name}` is lost, {lost} clients reconnect, {} at once{spread}: {each} for each other{over}; {back}",
        show_rate(r.at_once)
    )
}
