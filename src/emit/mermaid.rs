//! The design as a Mermaid flowchart.

use crate::graph::CallGraph;
use crate::kinds::Facets;
use crate::model::{CompId, Component, Model};

/// A flowchart: one node a component, a solid arrow for calls that are waited
/// for, a dotted one for those that are not.
#[must_use]
pub fn mermaid(model: &Model, graph: &CallGraph) -> String {
    let mut out = String::from("flowchart LR\n");
    for (id, c) in model.all() {
        let (open, close) = shape(c.kind.facets);
        out.push_str(&format!("  {}{open}\"{}\"{close}\n", node(id), label(c)));
    }
    for e in graph.edges() {
        let arrow = if e.sync { "-->" } else { "-.->" };
        out.push_str(&format!("  {} {arrow} {}\n", node(e.from), node(e.to)));
    }
    out
}

/// Nodes go by number: a name may be a word of Mermaid's own (`end`).
fn node(id: CompId) -> String {
    format!("n{}", id.0)
}

fn label(c: &Component) -> String {
    let engine = c.engine.as_ref().map_or_else(|| c.kind.name.to_owned(), |e| format!("{} {e}", c.kind.name));
    escape(&format!("{}\n{engine}", c.name)).replace('\n', "<br/>")
}

/// Mermaid's entity codes: nothing but letters, digits and a few signs stays as it is.
fn escape(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || " _-.\n".contains(c) {
                c.to_string()
            } else {
                format!("#{};", u32::from(c))
            }
        })
        .collect()
}

fn shape(f: Facets) -> (&'static str, &'static str) {
    if f.origin {
        ("([", "])")
    } else if f.buffers {
        ("[[", "]]")
    } else if f.stores || f.misses {
        ("[(", ")]")
    } else if f.external {
        ("{{", "}}")
    } else {
        ("[", "]")
    }
}
