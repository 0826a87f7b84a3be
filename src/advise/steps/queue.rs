//! Work behind a queue: a call to another service that a late flow waits for becomes a publish, and
//! a new flow does the work. The response no longer waits for it; the work is unchanged.
//!
//! In: flows that miss a target on time or availability. Out: the queue, the publish, the
//! consumer's flow. Never: a read, whose result the response needs, or a call with a fallback, a
//! count or a probability.

use super::promised::{MACHINE, up};
use super::{At, Made, writes};
use crate::advise::draft::{Draft, Found};
use crate::advise::edit::Edit;
use crate::advise::limiting::Cause;
use crate::kinds::Serve;
use crate::model::{Call, Flow, Step as Doing};

pub(super) fn make(at: &At) -> Result<Made, String> {
    let model = &at.draft.model;
    let mut best: Option<(f64, String, Found)> = None;
    for flow in &model.flows {
        let failing = at.state.failed.iter().any(|m| m.target.as_ref().is_some_and(|(_, name)| *name == flow.name));
        if !failing || at.draft.flow(&flow.name).is_none() {
            continue;
        }
        for found in at.draft.calls(&flow.name) {
            let weight = time(at, flow, &found);
            if can_wait(at, flow, &found) && best.as_ref().is_none_or(|(w, _, _)| weight > *w) {
                best = Some((weight, flow.name.clone(), found));
            }
        }
    }
    let Some((_, flow, found)) = best else {
        let load = at.limiting.iter().any(|p| p.causes.contains(&Cause::Load));
        let more = if load { "; and a queue moves work, it takes none away" } else { "" };
        return Err(format!("no failing flow waits for a service that only writes{more}"));
    };
    let (queue, later) = (at.draft.unused_name("jobs"), at.draft.unused_name(&format!("{flow}_later")));
    let span = found.call.span;
    let from = found.call.target.span.start as usize;
    let work = at.draft.text.get(from..span.end as usize).unwrap_or_default();
    let size = Draft::written(found.call.block.as_ref(), "size");
    let size = size.map_or_else(String::new, |s| format!(" {{ size = {} }}", at.draft.slice(s.span)));
    let target = &model.component(found.target).name;
    let assumed = format!("the answer of `{flow}` does not need what `{target}` does, and `{target}` may do it twice");
    let mut made = Made::default();
    let up = up(at, &queue, MACHINE, &mut made);
    let copies = "replicas = 3, acks = all, min_insync = 2";
    let text = format!(
        "# Assumed: {assumed}.\nqueue {queue} : kafka {{ partitions = ?, {copies}, retention = 7 days, dead_letter = true{up} }}"
    );
    made.edits = vec![
        Edit::replace(span, format!("-> {queue}.publish{size}")),
        at.draft.declare(&text),
        at.draft.append(&format!("flow {later} {{\n  {queue} ~> {work}\n}}")),
    ];
    made.done.push(format!("`{queue}`: `{flow}` no longer waits for `{target}`, which works in `{later}`"));
    made.assumed.insert(0, assumed);
    Ok(made)
}

/// Whether the response is independent of a call's work: the call writes and reads nothing.
fn can_wait(at: &At, flow: &Flow, f: &Found) -> bool {
    let model = &at.draft.model;
    let (caller, target) = (model.component(f.caller).kind.facets, model.component(f.target).kind.facets);
    let plain = !f.call.is_async
        && f.call.times.is_none()
        && f.call.share.is_none()
        && f.call.else_block.is_none()
        && f.call.fallback.is_none();
    let alone = f.chain.calls.len() == 1 && f.entry.is_some() && !f.aside;
    let works = |k: crate::kinds::Facets| k.calls && k.starts && k.serve == Some(Serve::Processes);
    if !(plain && alone && works(caller) && works(target)) {
        return false;
    }
    let Some(call) = call_at(flow, f) else { return false };
    let (mut writes_some, mut reads) = (false, false);
    Doing::walk(&call.body, &mut |c| {
        let to = model.component(c.target);
        if writes(to, &c.op) {
            writes_some = true;
        } else if to.kind.facets.stores && !to.kind.facets.buffers {
            reads = true;
        }
    });
    writes_some && !reads
}

fn call_at<'m>(flow: &'m Flow, f: &Found) -> Option<&'m Call> {
    let mut found = None;
    Doing::walk(&flow.steps, &mut |c| {
        if c.span == f.call.span {
            found = Some(c);
        }
    });
    found
}

/// The mean time of a call, if it is known.
fn time(at: &At, flow: &Flow, f: &Found) -> f64 {
    let id = at.state.model.find_flow(&flow.name);
    let parts = id.and_then(|id| at.state.facts.latency.get(id.0)).map_or(&[][..], |l| l.parts.as_slice());
    let name = &at.draft.model.component(f.target).name;
    parts.iter().filter(|p| at.state.model.component(p.to).name == *name).map(|p| p.mean).sum()
}
