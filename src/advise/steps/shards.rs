//! Shards: a store in parts, as few as the largest machine leaves necessary, for each split of live
//! data is work that is hard to take back.
//!
//! In: a store that presses by its load. Out: `shards = ?` and the largest machine. Never: a key, which
//! only who knows the data can name.

use super::{At, Made, each, machine, quoted};
use crate::advise::draft::Draft;
use crate::advise::press::{Cause, Press};
use crate::kinds::Serve;
use crate::model::Value;
use crate::syntax::ast::ExprKind;

pub(super) fn make(at: &At) -> Result<Made, String> {
    if !at.presses.iter().any(|p| at.draft.model.component(p.id).kind.facets.serve == Some(Serve::Copies)) {
        return Err("no store presses".to_owned());
    }
    each(at, &one)
}

fn one(at: &At, press: &Press) -> Result<Made, String> {
    let model = &at.draft.model;
    let (name, c) = (quoted(model, press.id), model.component(press.id));
    if c.kind.facets.serve != Some(Serve::Copies) {
        return Err(format!("{name} is no store"));
    }
    if press.causes == [Cause::Down] || press.causes == [Cause::Time] {
        return Err(format!("{name} is {}: that is not its load", press.why));
    }
    let decl = at.draft.component(press.id)?;
    let mut set: Vec<(&str, String)> = Vec::new();
    let mut key = None;
    if let Some(old) = Draft::written(decl.block.as_ref(), "shards") {
        // `2 by customer_id`: the key stays.
        if let ExprKind::Phrase(parts) = &old.kind
            && let (Some(second), Some(last)) = (parts.get(1), parts.last())
        {
            key = Some(at.draft.slice(second.span.to(last.span)).to_owned());
        }
    }
    let by = key.as_ref().map_or_else(String::new, |k| format!(" {k}"));
    set.push(("shards", format!("?{by}")));
    if let Some(now) = at.was(press.id).attrs.word("instance") {
        set.push(("instance", format!("? in [{}]", machine::largest(now))));
    }
    let remark = match (&key, c.attrs.peek("shards").map(|a| &a.value)) {
        (None, Some(Value::Shards(_, Some(_)))) | (Some(_), _) => "",
        _ => "; say by which key",
    };
    let assumed = format!("a request asks one shard of {name}, and all shards are asked alike");
    Ok(Made {
        edits: at.draft.set(decl, &set, Some(&format!("Assumed: {assumed}{remark}."))),
        done: vec![format!("{name}: in shards")],
        assumed: vec![assumed],
        ..Made::default()
    })
}
