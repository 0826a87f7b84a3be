//! Generated files of a prepared design, by backend.
//!
//! In: a prepared design, the backends. Out: files in memory, sorted by path. Never: a file written.

use super::Prepared;
use crate::emit::{OutFile, compose, diagram, terraform};
use crate::plan::plan;

/// What generates files from a design.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Backend {
    /// Docker Compose: the design on one machine.
    Compose,
    /// Terraform for AWS.
    Terraform,
    /// The design as SVG, DOT and Mermaid.
    Diagram,
}

impl Backend {
    /// All backends, in the order of their folders' names in messages.
    pub const ALL: [Self; 3] = [Self::Compose, Self::Terraform, Self::Diagram];

    /// The folder of its files.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::Compose => "compose",
            Self::Terraform => "terraform",
            Self::Diagram => "diagram",
        }
    }
}

/// The files of a design for some backends, each path below the backend's folder.
#[must_use]
pub fn generate(design: &Prepared, backends: &[Backend]) -> Vec<OutFile> {
    let plan = plan(&design.model, &design.graph);
    let mut out = Vec::new();
    for backend in backends {
        let mut list = match backend {
            Backend::Compose => compose::files(&plan),
            Backend::Terraform => terraform::files(&plan),
            Backend::Diagram => {
                let scene = diagram::scene(&design.model, &design.graph, &design.facts);
                vec![
                    OutFile::new("design.svg", diagram::svg(&scene)),
                    OutFile::new("design.dot", diagram::dot(&scene)),
                    OutFile::new("design.mmd", diagram::mermaid(&scene)),
                ]
            }
        };
        for f in &mut list {
            f.path = format!("{}/{}", backend.folder(), f.path);
        }
        out.extend(list);
    }
    out.sort_by(|a, b| a.path.cmp(&b.path));
    out
}
