//! Files made from a design.
//!
//! In: the plan of what must exist; for pictures the model, its graph and its facts.
//! Out: text. Never: writing it to disk.

pub mod compose;
pub mod diagram;
pub mod escape;
mod file;
mod render;
mod target;
pub mod terraform;

pub use file::OutFile;
pub use target::{Design, TARGETS, Target};
