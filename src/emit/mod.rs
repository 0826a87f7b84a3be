//! Files made from a design.
//!
//! In: the model and its graph. Out: text. Never: writing it to disk.

mod mermaid;

pub use mermaid::mermaid;
