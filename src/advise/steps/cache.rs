//! A cache in front of a store. Reads of flows that only read the store become `-> hot.get else {
//! reads; -> hot.set }`, and each flow that writes the store deletes the cached entry.
//!
//! In: a limiting store, with the reads of it. Out: the cache, the look-ups, the deletions. Never:
//! in front of reads that a cache shields already, or reads of a flow that writes the same store.

use super::cdn::lifetime;
use super::promised::{MACHINE, up};
use super::{At, Made, list, most, quoted, writes};
use crate::advise::draft::{Draft, Found};
use crate::advise::edit::{Edit, indent};
use crate::base::Span;
use crate::model::CompId;
use crate::syntax::ast::{Block, EntryKind};
use crate::units::show_ratio;

pub(super) fn make(at: &At) -> Result<Made, String> {
    let model = &at.draft.model;
    let stores = at.limiting.iter().filter(|p| {
        let f = model.component(p.id).kind.facets;
        f.stores && !f.buffers
    });
    let mut why: Vec<String> = Vec::new();
    let mut made = Made::default();
    for component in stores {
        match before(at, component.id) {
            Ok(one) => made.add(one),
            Err(e) => why.push(e),
        }
    }
    if made.edits.is_empty() {
        return Err(if why.is_empty() { "no store is limiting".to_owned() } else { why.join("; ") });
    }
    Ok(made)
}

fn before(at: &At, id: CompId) -> Result<Made, String> {
    let model = &at.draft.model;
    let (name, store) = (quoted(model, id), model.component(id));
    let changes = |op: &str| writes(store, op);
    let mut fit: Vec<(String, f64)> = Vec::new();
    let (mut behind, mut mixed) = (false, Vec::new());
    for flow in &model.flows {
        let calls: Vec<Found> = at.draft.calls(&flow.name).into_iter().filter(|f| f.target == id).collect();
        let reads = at.work(&flow.name, id, &|op| !changes(op));
        if reads <= 0.0 {
            continue;
        }
        if calls.iter().any(|f| changes(f.op.unwrap_or_else(|| first_op(at, id)))) {
            mixed.push(flow.name.clone());
        } else if calls.iter().all(|f| f.aside) {
            behind = true;
        } else if !runs(at, &flow.name, id).is_empty() {
            fit.push((flow.name.clone(), reads));
        }
    }
    let flows = most(fit);
    if flows.is_empty() {
        return Err(if behind {
            format!("what is read of {name} stands behind a cache already")
        } else if mixed.is_empty() {
            format!("nothing is read of {name} that a cache could keep")
        } else {
            let verb = if mixed.len() == 1 { "reads and writes" } else { "read and write" };
            format!("{} {verb} {name} in one request: what a cache kept could be written back", list(&mixed))
        });
    }
    let hot = at.draft.unused_name("hot");
    let (hit, ttl) = (show_ratio(at.hit), lifetime(at, &flows));
    let assumed = format!("{hit} of the reads of {} find what is kept for at most {ttl}", list(&flows));
    let mut made = Made::default();
    let up = up(at, &hot, MACHINE, &mut made);
    made.edits.push(at.draft.declare(&format!(
        "# Assumed: {assumed}.\ncache {hot} : redis {{ hit = {hit}, ttl = {ttl}, fill = single_flight, nodes = ?{up} }}"
    )));
    for flow in &flows {
        for run in runs(at, flow, id) {
            made.edits.extend(look_up(at, &run, &hot));
        }
    }
    // A deletion sends as much as the key of a look-up; its response is no larger.
    let key = flows
        .iter()
        .find_map(|f| runs(at, f, id).first().and_then(|run| run.reads().first().and_then(|r| number(at, r, "size"))));
    let key = key.map_or_else(String::new, |k| format!(" {{ size = {k}, reply = {k} }}"));
    let mut drops: Vec<String> = Vec::new();
    for flow in &model.flows {
        for f in at.draft.calls(&flow.name).into_iter().filter(|f| f.target == id && !f.grouped) {
            let op = f.op.unwrap_or_else(|| first_op(at, id));
            if changes(op)
                && let Some((block, n)) = f.entry
                && let Some(entry) = block.entries.get(n)
            {
                let blanks = indent(&at.draft.text, entry.span.start as usize);
                made.edits.push(Edit::insert(entry.span.end as usize, format!("\n{blanks}-> {hot}.delete{key}")));
                if !drops.contains(&flow.name) {
                    drops.push(flow.name.clone());
                }
            }
        }
    }
    let after = if drops.is_empty() {
        String::new()
    } else {
        format!("; {} {}", list(&drops), if drops.len() == 1 { "drops what it writes" } else { "drop what they write" })
    };
    made.done.push(format!(
        "`{hot}`: a cache before what {} {} of {name}{after}",
        list(&flows),
        if flows.len() == 1 { "reads" } else { "read" }
    ));
    made.answers = Some(format!("the reads of {}", list(&flows)));
    made.assumed.push(assumed);
    Ok(made)
}

fn first_op(at: &At, id: CompId) -> &'static str {
    at.draft.model.component(id).kind.ops.first().map_or("", |o| o.name)
}

/// Adjacent reads of a store, or those at the end of a chain.
enum Run<'a> {
    /// Entries of a block, the first and the last.
    Side(&'a Block, usize, usize, Vec<Found<'a>>),
    /// The last call of a chain, and the call before it, which is its caller.
    Tail(Found<'a>),
}

impl<'a> Run<'a> {
    fn reads(&self) -> &[Found<'a>] {
        match self {
            Self::Side(_, _, _, all) => all,
            Self::Tail(one) => std::slice::from_ref(one),
        }
    }
}

/// The text of a value of a call.
fn number(at: &At, f: &Found, name: &str) -> Option<String> {
    Draft::written(f.call.block.as_ref(), name).map(|v| at.draft.slice(v.span).to_owned())
}

/// All runs of reads of a store in a flow, outside of miss and error branches.
fn runs<'a>(at: &'a At, flow: &str, id: CompId) -> Vec<Run<'a>> {
    let mut out: Vec<Run> = Vec::new();
    for f in at.draft.calls(flow) {
        let plain = f.call.else_block.is_none() && f.call.fallback.is_none() && !f.call.is_async && !f.aside;
        if f.target != id || !plain {
            continue;
        }
        if f.chain.calls.len() == 1
            && let Some((block, n)) = f.entry
        {
            match out.last_mut() {
                Some(Run::Side(b, _, last, all)) if b.span == block.span && *last + 1 == n => {
                    *last = n;
                    all.push(f);
                }
                _ => out.push(Run::Side(block, n, n, vec![f])),
            }
        } else if f.index > 0 && f.index + 1 == f.chain.calls.len() {
            out.push(Run::Tail(f));
        }
    }
    out
}

/// The edits that put a look-up in front of a run.
fn look_up(at: &At, run: &Run, hot: &str) -> Vec<Edit> {
    let text = &at.draft.text;
    match run {
        Run::Side(block, first, last, all) => {
            let entry =
                |n: usize| block.entries.get(n).filter(|e| matches!(e.kind, EntryKind::Chain(_))).map(|e| e.span);
            let (Some(from), Some(to)) = (entry(*first), entry(*last)) else { return Vec::new() };
            let blanks = indent(text, from.start as usize);
            let span = from.to(to);
            vec![Edit::replace(span, wrapped(at, hot, all, span, &blanks))]
        }
        Run::Tail(f) => {
            let Some(before) = f.chain.calls.get(f.index - 1) else { return Vec::new() };
            let blanks = format!("{}  ", indent(text, f.call.span.start as usize));
            let inner = wrapped(at, hot, std::slice::from_ref(f), f.call.span, &blanks);
            match &before.block {
                // Moved from the chain into the block of the caller.
                Some(b) => vec![
                    Edit::insert(b.span.end as usize - 1, format!("\n{blanks}{inner}\n")),
                    Edit::replace(f.call.span, ""),
                ],
                None => vec![Edit::replace(f.call.span, format!("{{\n{blanks}{inner}\n}}"))],
            }
        }
    }
}

/// A look-up with some reads as its miss branch.
fn wrapped(at: &At, hot: &str, reads: &[Found], span: Span, blanks: &str) -> String {
    // The sum of the response sizes, as an expression of the language.
    let reply: Option<Vec<String>> = reads
        .iter()
        .map(|f| {
            let one = number(at, f, "reply")?;
            Some(f.call.times.as_ref().map_or_else(
                || one.clone(),
                |(_, at_)| {
                    let times = at.draft.slice(*at_).trim_start_matches('x');
                    format!("{times} * {one}")
                },
            ))
        })
        .collect();
    let key = reads.first().and_then(|f| number(at, f, "size"));
    let (get, set) = match (reply.map(|r| r.join(" + ")), key) {
        (Some(reply), Some(key)) => {
            (format!(" {{ size = {key}, reply = {reply} }}"), format!(" {{ size = {reply}, reply = {key} }}"))
        }
        _ => (String::new(), String::new()),
    };
    let inside = at.draft.slice(span);
    format!("-> {hot}.get{get} else {{\n{blanks}  {inside}\n{blanks}  -> {hot}.set{set}\n{blanks}}}")
}
