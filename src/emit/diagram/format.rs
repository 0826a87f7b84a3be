//! A language of diagrams.

use super::scene::Scene;

/// A language of diagrams.
#[derive(Debug)]
pub struct Format {
    /// Its word for `--format`.
    pub name: &'static str,
    /// File extensions that name it; the first is the one that `build` writes.
    pub extensions: &'static [&'static str],
    /// What reads it, a few words.
    pub doc: &'static str,
    /// Draws a scene.
    pub draw: fn(&Scene) -> String,
}
