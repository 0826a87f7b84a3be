//! Files made from a design.
//!
//! In: the plan of what must exist; for pictures the model, its graph and its facts.
//! Out: text. Never: writing it to disk.

pub mod compose;
pub mod diagram;
pub mod escape;
pub mod terraform;

/// A generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutFile {
    /// Its path below the output folder, with `/` between folders.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl OutFile {
    /// A file of that path and text.
    #[must_use]
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}
