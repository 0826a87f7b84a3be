//! Shards: a store split into the fewest parts that suffice with the largest machine, because a
//! split of live data is hard to undo.
//!
//! In: a store that is limiting by load. Out: `shards = ?` and the largest machine. Never: a shard
//! key, which depends on the data.

use super::{At, Made, each_store, loaded_store, machine};
use crate::advise::draft::Draft;
use crate::advise::limiting::Limiting;
use crate::model::Value;
use crate::model::keys;
use crate::syntax::ast::ExprKind;

pub(super) fn make(at: &At) -> Result<Made, String> {
    each_store(at, &apply)
}

fn apply(at: &At, component: &Limiting) -> Result<Made, String> {
    let (name, c) = loaded_store(at, component)?;
    let decl = at.draft.component(component.id)?;
    let mut set: Vec<(&str, String)> = Vec::new();
    let mut key = None;
    if let Some(old) = Draft::written(decl.block.as_ref(), "shards") {
        // `2 by customer_id`: the key is kept.
        if let ExprKind::Phrase(parts) = &old.kind
            && let (Some(second), Some(last)) = (parts.get(1), parts.last())
        {
            key = Some(at.draft.slice(second.span.to(last.span)).to_owned());
        }
    }
    let by = key.as_ref().map_or_else(String::new, |k| format!(" {k}"));
    set.push(("shards", format!("?{by}")));
    let was = at.was(component.id);
    if let Some(now) = was.attrs.read(keys::INSTANCE) {
        set.push(("instance", format!("? in [{}]", machine::largest(was, now))));
    }
    let remark = match (&key, c.attrs.peek_at(keys::SHARDS).map(|a| &a.value)) {
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
