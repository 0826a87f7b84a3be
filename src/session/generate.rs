//! Generated files of a prepared design.
//!
//! In: a prepared design, the targets. Out: files in memory, sorted by path. Never: a file written.

use super::Prepared;
use crate::emit::{Design, OutFile, Target};
use crate::plan::plan;

/// The files of a design for some targets; each path begins with the target's folder.
#[must_use]
pub fn generate(design: &Prepared, targets: &[&'static Target]) -> Vec<OutFile> {
    let plan = plan(&design.model, &design.graph);
    let design = Design { model: &design.model, graph: &design.graph, facts: &design.facts, plan: &plan };
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
