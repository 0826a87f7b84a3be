//! The scene as a Mermaid flowchart.

use super::format::Format;
use super::scene::{Node, Scene, Shape, visible};
use crate::emit::escape;

/// Mermaid.
pub(super) static FORMAT: Format = Format {
    name: "mermaid",
    extensions: &["mmd", "mermaid"],
    doc: "Mermaid, which GitHub and many editors draw",
    draw: mermaid,
};

/// A flowchart: one node for each component; a solid arrow if the caller waits, else a
/// dotted one.
#[must_use]
pub fn mermaid(scene: &Scene) -> String {
    let mut out = String::from("flowchart LR\n");
    if !scene.title.is_empty() {
        out.push_str(&format!("  accTitle: {}\n", escape::mermaid(&visible(&scene.title))));
    }
    // Nodes go by number: a name may be a word of Mermaid's own (`end`).
    for (i, n) in scene.nodes.iter().enumerate() {
        out.push_str(&format!("  n{i}{}\n", shaped(n.shape, &label(n))));
    }
    for (_, e, _, _) in scene.drawn() {
        let label =
            if e.label.is_empty() { String::new() } else { format!("|\"{}\"|", escape::mermaid(&visible(&e.label))) };
        out.push_str(&format!("  n{} {}{label} n{}\n", e.from, arrow(e.sync), e.to));
    }
    let legend: Vec<String> =
        scene.legend().into_iter().filter_map(|key| key.line("dotted", " -")).map(|l| escape::mermaid(&l)).collect();
    if !legend.is_empty() {
        out.push_str(&format!("  key[\"{}\"]:::key\n", legend.join("<br/>")));
        out.push_str("  classDef key fill:none,stroke:none,text-align:left\n");
    }
    if scene.nodes.iter().any(|n| n.shape == Shape::External) {
        out.push_str("  classDef external stroke-dasharray: 5 4\n");
    }
    out
}

fn label(n: &Node) -> String {
    let lines: Vec<String> = [&n.label, &n.detail, &n.facts]
        .into_iter()
        .filter(|t| !t.is_empty())
        .map(|t| escape::mermaid(&visible(t)))
        .collect();
    // A node without any text would not parse.
    if lines.is_empty() { " ".to_owned() } else { lines.join("<br/>") }
}

fn arrow(sync: bool) -> &'static str {
    if sync { "-->" } else { "-.->" }
}

/// An escaped text in the brackets of its shape.
fn shaped(shape: Shape, text: &str) -> String {
    let (open, close) = match shape {
        Shape::Origin => ("([", "])"),
        Shape::Timer => ("[/", "/]"),
        Shape::Router => ("{{", "}}"),
        Shape::Service => ("[", "]"),
        Shape::Cache => ("(", ")"),
        Shape::Queue => ("[[", "]]"),
        Shape::Store => ("[(", ")]"),
        Shape::External => ("[", "]:::external"),
        Shape::Watcher => (">", "]"),
    };
    format!("{open}\"{text}\"{close}")
}
