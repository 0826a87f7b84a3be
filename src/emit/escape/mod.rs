//! Escapers: one per language that files are generated in.
//!
//! In: any text. Out: the same text, harmless where the language's escaper says that it
//! may stand. Characters that no generated file may hold (control characters, marks that
//! turn the direction of a line) become U+FFFD in each.

mod comment;
mod dot;
mod hcl;
mod markdown;
mod mermaid;
mod plain;
mod quoted;
mod unprintable;
mod xml;
mod yaml;

pub use comment::comment;
pub use dot::dot;
pub use hcl::{Hcl, hcl};
pub use markdown::{Markdown, markdown};
pub use mermaid::mermaid;
pub use plain::{Plain, plain};
pub use quoted::quoted;
pub use xml::xml;
pub use yaml::{Yaml, yaml};
