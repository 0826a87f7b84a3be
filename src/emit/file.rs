//! A generated file.

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
