//! Diagrams of a design: one scene, drawn by one backend for each language.
//!
//! In: a [`Scene`]. Out: text. A language is one file here and one entry of [`FORMATS`].
//! Never: a file written.

mod arrange;
mod dot;
mod format;
mod layout;
mod mermaid;
mod scene;
mod svg;

pub use dot::dot;
pub use format::Format;
pub use mermaid::mermaid;
pub use scene::{Edge, Key, Node, Scene, Shape, scene};
pub use svg::svg;

/// All languages of diagrams, in the order of the help.
pub static FORMATS: &[&Format] = &[&svg::FORMAT, &dot::FORMAT, &mermaid::FORMAT];

/// The language of a diagram on standard output.
pub static DEFAULT: &Format = &mermaid::FORMAT;
