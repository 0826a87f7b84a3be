//! Text and places in text.
//!
//! In: file names and contents. Out: [`Span`]s, line and column numbers, and
//! the nearest word to a misspelt one. Never: reading a file, knowing the
//! language.

mod nearest;
mod source;

pub use nearest::nearest;
pub use source::{FileId, SourceFile, SourceMap, Span};
