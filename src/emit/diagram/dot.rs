//! The scene in Graphviz's DOT language.

use super::format::Format;
use super::scene::{Scene, Shape, visible};
use crate::emit::escape;

/// Graphviz's DOT.
pub(super) static FORMAT: Format = Format { name: "dot", extensions: &["dot", "gv"], doc: "Graphviz", draw: dot };

/// A digraph from left to right. Styles tell nodes apart where DOT has no shape for them.
#[must_use]
pub fn dot(scene: &Scene) -> String {
    let mut out = format!(
        "digraph {} {{\n  \
         graph [rankdir=LR, fontname=\"Helvetica,Arial,sans-serif\", nodesep=0.3, ranksep=0.9];\n  \
         node [fontname=\"Helvetica,Arial,sans-serif\", fontsize=11, shape=box, margin=\"0.15,0.08\"];\n  \
         edge [fontname=\"Helvetica,Arial,sans-serif\", fontsize=9, color=\"#57606a\"];\n",
        quoted(&visible(&scene.title))
    );
    for (i, n) in scene.nodes.iter().enumerate() {
        let lines: Vec<String> =
            [&n.label, &n.detail, &n.facts].into_iter().filter(|t| !t.is_empty()).map(|t| visible(t)).collect();
        out.push_str(&format!("  n{i} [label={}, {}];\n", lines_quoted(&lines), style(n.shape)));
    }
    for (_, e, _, _) in scene.drawn() {
        let label = if e.label.is_empty() { String::new() } else { format!("label={}, ", quoted(&visible(&e.label))) };
        out.push_str(&format!("  n{} -> n{} [{label}{}];\n", e.from, e.to, arrow(e.sync)));
    }
    let legend: Vec<String> = scene.legend().into_iter().filter_map(|key| key.line("dashed", ":")).collect();
    if !legend.is_empty() {
        out.push_str(&format!("  label={}; labelloc=b; labeljust=l; fontsize=10;\n", quoted(&legend.join("     "))));
    }
    out.push_str("}\n");
    out
}

fn style(shape: Shape) -> &'static str {
    match shape {
        Shape::Origin => "style=\"rounded,bold\"",
        Shape::Timer => "style=rounded, peripheries=2",
        Shape::Router => "shape=hexagon",
        Shape::Service => "style=rounded",
        Shape::Cache => "shape=box3d",
        Shape::Queue => "shape=cds",
        Shape::Store => "shape=cylinder",
        Shape::External => "style=dashed",
        Shape::Watcher => "shape=note",
    }
}

fn arrow(sync: bool) -> &'static str {
    if sync { "style=solid" } else { "style=dashed, arrowhead=vee" }
}

/// A double-quoted string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", escape::dot(text))
}

/// A double-quoted string of several lines.
fn lines_quoted(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|l| escape::dot(l)).collect();
    format!("\"{}\"", lines.join("\\n"))
}
