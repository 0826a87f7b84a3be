//! A CDN in front of client requests that write nothing: the first call goes through it. An
//! existing CDN is reused with a separate hit ratio for these requests.
//!
//! In: flows that use a limiting component. Out: the CDN and the calls through it. Never: in front
//! of a flow that writes, calls an external system, or reads confidential data.

use super::promised::{EDGE, up};
use super::{At, Made, list, most};
use crate::advise::edit::Edit;
use crate::kinds::Absorb;
use crate::model::keys;
use crate::model::{Component, Flow, Step as Doing};
use crate::units::show_ratio;

pub(super) fn make(at: &At) -> Result<Made, String> {
    let model = &at.draft.model;
    let mut why: Vec<String> = Vec::new();
    let mut fit: Vec<(String, f64)> = Vec::new();
    for flow in &model.flows {
        let work: f64 = at.limiting.iter().map(|p| at.work(&flow.name, p.id, &|_| true)).sum();
        if work <= 0.0 {
            continue;
        }
        match unfit(at, flow) {
            None => fit.push((flow.name.clone(), work)),
            Some(e) => why.push(format!("`{}` {e}", flow.name)),
        }
    }
    let flows = most(fit);
    if flows.is_empty() {
        return Err(if why.is_empty() {
            "no request of a client asks what presses".to_owned()
        } else {
            why.join("; ")
        });
    }
    let existing = model.all().find(|(id, c)| is_edge(c) && at.draft.component(*id).is_ok());
    let name = existing.map_or_else(|| at.draft.unused_name("edge"), |(_, c)| c.name.clone());
    let (hit, ttl) = (show_ratio(at.hit), lifetime(at, &flows));
    let assumed = format!(
        "{hit} of the requests of {} may be answered with what another one was answered, up to {ttl} old",
        list(&flows)
    );
    let mut made = Made::default();
    for flow in &flows {
        let Some(first) = at.draft.calls(flow).into_iter().find(|f| f.entry.is_none() && f.index == 0) else {
            continue;
        };
        let bytes = at.draft.bytes(first.call);
        let inner = match (existing, bytes.is_empty()) {
            (None, _) => bytes,
            (Some(_), true) => format!(" {{ hit = {hit} }}"),
            (Some(_), false) => bytes.replacen("{ ", &format!("{{ hit = {hit}, "), 1),
        };
        made.edits.push(Edit::insert(first.call.target.span.start as usize, format!("{name}{inner} -> ")));
    }
    match existing {
        None => {
            let up = up(at, &name, EDGE, &mut made);
            let text = format!("# Assumed: {assumed}.\ncdn {name} {{ hit = {hit}, ttl = {ttl}{up} }}");
            made.edits.push(at.draft.declare(&text));
            made.done.push(format!("`{name}`: a CDN before {}", list(&flows)));
        }
        Some((id, _)) => {
            let decl = at.draft.component(id)?;
            made.edits.extend(at.draft.set(decl, &[], Some(&format!("Assumed: {assumed}."))));
            made.done.push(format!("{} through `{name}` too", list(&flows)));
        }
    }
    made.answers = Some(list(&flows));
    made.assumed.push(assumed);
    Ok(made)
}

fn is_edge(c: &Component) -> bool {
    c.kind.facets.absorb == Some(Absorb::Hit)
}

/// The reason why a flow cannot use a CDN, if there is one.
fn unfit(at: &At, flow: &Flow) -> Option<String> {
    let model = &at.draft.model;
    if at.draft.flow(&flow.name).is_none() {
        return Some("is declared in another file".to_owned());
    }
    let origin = model.component(flow.origin).kind.facets;
    if !origin.origin || !origin.target {
        return Some("does not start at a client".to_owned());
    }
    let mut why = None;
    let mut say = |text: String| {
        why.get_or_insert(text);
    };
    if let Some(Doing::Call(first)) = flow.steps.first()
        && first.is_async
    {
        say("is waited for by nobody".to_owned());
    }
    Doing::walk(&flow.steps, &mut |call| {
        let c = model.component(call.target);
        if is_edge(c) {
            say(format!("goes through `{}` already", c.name));
        } else if call.writes {
            say(format!("writes to `{}`, so no CDN may answer it", c.name));
        } else if c.kind.facets.external {
            say(format!("calls `{}`, so no CDN may answer it", c.name));
        } else if matches!(c.attrs.read(keys::DATA_CLASS), Some("confidential" | "secret")) {
            say(format!("reads `{}`, which is {}", c.name, c.attrs.read(keys::DATA_CLASS).unwrap_or_default()));
        }
    });
    why
}

/// The staleness limit: the flows' targets, or a minute if mutable data is read.
pub(super) fn lifetime(at: &At, flows: &[String]) -> String {
    let model = &at.draft.model;
    let each = || flows.iter().filter_map(|f| model.find_flow(f)).map(|f| model.flow(f));
    let asked = each().flat_map(|f| &f.slo).filter(|s| s.metric.name == "staleness").map(|s| s.target);
    let least = asked.fold(f64::INFINITY, f64::min);
    let mut reads = false;
    for flow in each() {
        Doing::walk(&flow.steps, &mut |call| reads |= model.component(call.target).kind.facets.stores);
    }
    let long = if reads { 60.0 } else { 86_400.0 };
    match least.min(long) {
        s if s >= 86_400.0 => "1 day".to_owned(),
        s if s >= 60.0 => "1min".to_owned(),
        s if s >= 1.0 => format!("{}s", s.floor()),
        s => format!("{}ms", (s * 1000.0).floor().max(1.0)),
    }
}
