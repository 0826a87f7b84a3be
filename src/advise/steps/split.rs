//! A service split: the flow with the most work on it gets its own service, a copy of the first.
//!
//! In: a limiting service with several flows. Out: the copy, and that flow's calls to it. Never: a
//! split inside one flow.

use super::{At, Made, each, quoted};
use crate::advise::edit::Edit;
use crate::advise::limiting::Limiting;
use crate::base::Span;
use crate::kinds::Serve;

pub(super) fn make(at: &At) -> Result<Made, String> {
    each(at, &apply)
}

fn apply(at: &At, component: &Limiting) -> Result<Made, String> {
    let model = &at.draft.model;
    let c = model.component(component.id);
    let name = quoted(model, component.id);
    let facets = c.kind.facets;
    if !(facets.starts && facets.calls && facets.serve == Some(Serve::Processes)) {
        return Err(format!("{name} is no service"));
    }
    let decl = at.draft.component(component.id)?;
    let mut flows: Vec<(String, f64)> = model
        .flows
        .iter()
        .map(|f| (f.name.clone(), at.work(&f.name, component.id, &|_| true)))
        .filter(|(_, w)| *w > 0.0)
        .collect();
    flows.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let flow = match flows.as_slice() {
        [] => return Err(format!("no flow works {name}")),
        [(only, _)] => return Err(format!("`{only}` alone works {name}: there is nothing to split")),
        [(first, _), ..] => first.clone(),
    };
    let starts = model.find_flow(&flow).is_some_and(|f| model.flow(f).origin == component.id);
    let calls: Vec<_> = at.draft.calls(&flow).into_iter().filter(|f| f.target == component.id).collect();
    if starts || calls.is_empty() {
        return Err(format!("`{flow}`, which works {name} most, starts there or in another file"));
    }
    let new = at.draft.unused_name(&format!("{}_{flow}", c.name.replace('.', "_")));
    let end = decl
        .block
        .as_ref()
        .map(|b| b.span.end)
        .or(decl.base.as_ref().map(|b| b.span.end))
        .unwrap_or(decl.name.span.end);
    let at_ = |from: u32, to: u32| Span { file: decl.name.span.file, start: from, end: to };
    let (head, tail) =
        (at.draft.slice(at_(decl.head.span.start, decl.name.span.start)), at.draft.slice(at_(decl.name.span.end, end)));
    let mut edits = vec![at.draft.declare(&format!("# As `{}`, for `{flow}` alone.\n{head}{new}{tail}", c.name))];
    for f in calls {
        let span = f.call.target.span;
        let op = f.op.map_or_else(String::new, |op| format!(".{op}"));
        edits.push(Edit::replace(span, format!("{new}{op}")));
    }
    Ok(Made { edits, done: vec![format!("`{new}`: what {name} did for `{flow}`")], ..Made::default() })
}
