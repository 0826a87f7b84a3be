//! Targets of `archc build`.

use super::file::OutFile;
use super::{compose, diagram, terraform};
use crate::analysis::Facts;
use crate::graph::CallGraph;
use crate::model::Model;
use crate::plan::Plan;

/// What targets are made from.
pub struct Design<'a> {
    /// The model with every variable solved.
    pub model: &'a Model,
    /// Its calls.
    pub graph: &'a CallGraph,
    /// Its analyses.
    pub facts: &'a Facts,
    /// What must exist for it to run.
    pub plan: &'a Plan,
}

/// A target of `archc build`.
#[derive(Debug)]
pub struct Target {
    /// Its word for `--target`, and its folder.
    pub name: &'static str,
    /// What it is, a few words.
    pub doc: &'static str,
    /// Its files, with paths below its folder.
    pub files: fn(&Design) -> Vec<OutFile>,
}

/// All targets, in the order in which they are written.
pub static TARGETS: [Target; 3] = [
    Target { name: "compose", doc: "a Docker Compose project for one machine", files: |d| compose::files(d.plan) },
    Target { name: "terraform", doc: "a Terraform module for AWS", files: |d| terraform::files(d.plan) },
    Target { name: "diagram", doc: "diagrams in every language", files: diagrams },
];

/// The design in every language of diagrams.
fn diagrams(d: &Design) -> Vec<OutFile> {
    let scene = diagram::scene(d.model, d.graph, d.facts);
    let file = |f: &&diagram::Format| {
        let extension = f.extensions.first().unwrap_or(&f.name);
        OutFile::new(format!("design.{extension}"), (f.draw)(&scene))
    };
    diagram::FORMATS.iter().map(file).collect()
}
