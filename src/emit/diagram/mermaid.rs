//! The scene as a Mermaid flowchart.

use super::{Key, Node, Scene, Shape, visible};

/// A flowchart: one node a component, a solid arrow for calls that are waited
/// for, a dotted one for those that are not.
#[must_use]
pub fn mermaid(scene: &Scene) -> String {
    let mut out = String::from("flowchart LR\n");
    if !scene.title.is_empty() {
        out.push_str(&format!("  accTitle: {}\n", escape(&visible(&scene.title))));
    }
    // Nodes go by number: a name may be a word of Mermaid's own (`end`).
    for (i, n) in scene.nodes.iter().enumerate() {
        out.push_str(&format!("  n{i}{}\n", shaped(n.shape, &label(n))));
    }
    for (_, e, _, _) in scene.drawn() {
        let label = if e.label.is_empty() { String::new() } else { format!("|\"{}\"|", escape(&visible(&e.label))) };
        out.push_str(&format!("  n{} {}{label} n{}\n", e.from, arrow(e.sync), e.to));
    }
    // The second line of each node says what its shape stands for.
    let legend: Vec<String> = scene
        .legend()
        .into_iter()
        .filter_map(|key| match key {
            Key::Shape(_) => None,
            Key::Arrow(true) => Some("solid - call, the caller waits".to_owned()),
            Key::Arrow(false) => Some("dotted - message, the caller goes on".to_owned()),
            Key::Text(sign, word) => Some(format!("{sign} - {word}")),
        })
        .map(|line| escape(&line))
        .collect();
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
    let lines: Vec<String> =
        [&n.label, &n.detail, &n.facts].into_iter().filter(|t| !t.is_empty()).map(|t| escape(&visible(t))).collect();
    // A node without any text would not parse.
    if lines.is_empty() { " ".to_owned() } else { lines.join("<br/>") }
}

/// Mermaid's entity codes: nothing but letters, digits and a few signs stays as it is.
fn escape(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || " _-.".contains(c) { c.to_string() } else { format!("#{};", u32::from(c)) }
        })
        .collect()
}

fn arrow(sync: bool) -> &'static str {
    if sync { "-->" } else { "-.->" }
}

/// The text, already escaped, in its shape.
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
