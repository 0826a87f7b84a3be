//! Generated files of a design, in memory.
//!
//! In: a prepared design, entries of [`crate::emit::TARGETS`]. Out: files, each path below the
//! target's folder. Never: a file on disk.

use super::Prepared;
use crate::emit::{self, OutFile, Target};
use crate::plan::plan;

/// The files of a design for some targets, by path.
#[must_use]
pub fn generate(design: &Prepared, targets: &[&'static Target]) -> Vec<OutFile> {
    let plan = plan(&design.model, &design.graph);
    let design = emit::Design { model: &design.model, graph: &design.graph, facts: &design.facts, plan: &plan };
    let mut out = Vec::new();
    for target in targets {
        let mut list = (target.files)(&design);
        for f in &mut list {
            f.path = format!("{}/{}", target.name, f.path);
        }
        out.extend(list);
    }
    out.sort_by(|a, b| a.path.cmp(&b.path));
    out
}
