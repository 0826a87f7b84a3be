//! The origin of a value that may be a variable: set, from the plan or solved, with its binding
//! requirement.
//!
//! In: a judged design, a component, an attribute. Out: the value, its variable, the requirement
//! that the next cheaper value misses, the second-best option. The binding requirement is that of
//! the same variables solved now; a plan that differs is reported. Never: a value changed.

use crate::cli::analyze::amount;
use crate::diag::Sink;
use crate::model::{Attr, Chosen, Component, Origin, Value};
use crate::session::{Design, Judged, SizingInputs, sized};
use crate::sizing::words;

/// Attributes that may be variables.
const VARIABLES: [&str; 7] = ["replicas", "nodes", "shards", "partitions", "instance", "memory", "cores"];

/// The derivation of a value; `None` if the name is not a component or the attribute cannot be a
/// variable.
pub(super) fn explain(design: &Design, judged: &Judged, name: &str, attr: &str) -> Option<Result<String, String>> {
    let id = judged.model.find(name)?;
    let c = judged.model.component(id);
    if !VARIABLES.contains(&attr) || c.kind.property(attr).is_none() {
        return None;
    }
    let open = judged.filled.design(design).model(&mut Sink::default());
    let hole = open.find(name).and_then(|id| open.component(id).attrs.hole(attr).cloned());
    let Some(hole) = hole else { return Some(written(c, attr)) };
    let value = c.attrs.peek(attr).and_then(shown);
    let from = match c.attrs.peek(attr).map(|a| &a.origin) {
        Some(Origin::Plan) => "of the plan file",
        Some(Origin::Solved) => "solved in memory",
        _ => "not solved",
    };
    let now = value.as_ref().map_or_else(|| "unknown".to_owned(), |v| v.words(attr));
    let mut out = format!("{name}.{attr} = {now}, {from}\n  the hole: `{}`\n", hole.words(attr));
    let asked = SizingInputs { robust: design.robust(), ..SizingInputs::at(1.0) };
    let sizes = sized(&judged.filled.design(design), &open, &asked, true, false).1.sizes;
    for why in sizes.conflict.iter().chain(sizes.unsolved.iter().filter(|u| u.contains(&format!("`{name}`")))) {
        out.push_str(&format!("  {why}\n"));
    }
    let Some(choice) = sizes.choices.get(name) else { return Some(Ok(out)) };
    if let (Some(fresh), Some(value)) = (choice.get(attr), &value)
        && fresh != value
    {
        out.push_str(&format!("  sizing now gives {}\n", words(choice)));
    }
    let money = |x: f64| amount(x, judged.model.system.has_provider);
    if let Some(why) = sizes.why.get(name) {
        why.binding.iter().for_each(|b| out.push_str(&format!("  {b}\n")));
        if let Some((other, more)) = &why.runner_up {
            out.push_str(&format!("  next: {}, {} more\n", words(other), money(*more)));
        }
    }
    Some(Ok(out))
}

/// An attribute that is not a variable.
fn written(c: &Component, attr: &str) -> Result<String, String> {
    let (name, a) = (&c.name, c.attrs.peek(attr));
    match a.map(|a| (shown(a), a)) {
        Some((Some(value), a)) => {
            let source = a.source.as_ref().map_or_else(String::new, |s| format!(" ({s})"));
            let from = match &a.origin {
                Origin::Written => "written in the design".to_owned(),
                Origin::Let => "written in the design, through a `let`".to_owned(),
                Origin::Preset(p) => format!("of the preset `{p}`"),
                Origin::Engine(e) => format!("of the engine `{e}`"),
                Origin::Followed => "what its load asks of `autoscale`".to_owned(),
                Origin::Placed => "decided by `place`".to_owned(),
                other => other.word().to_owned(),
            };
            Ok(format!("{name}.{attr} = {}, {from}{source}\n", value.words(attr)))
        }
        Some((None, _)) => Err(format!("`{attr}` of `{name}` is no single value")),
        None => Ok(format!("{name}.{attr} is not written: write `{attr} = ?` to have it solved\n")),
    }
}

fn shown(a: &Attr) -> Option<Chosen> {
    let value = match &a.value {
        Value::Shards(inner, _) => inner,
        other => other,
    };
    match value {
        Value::Number(n) => Some(Chosen::Count(n.mid)),
        Value::Word(w) => Some(Chosen::Name(w.clone())),
        _ => None,
    }
}
