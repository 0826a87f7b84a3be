//! Parsed files and their declarations, as the builder of the model takes them.
//!
//! In: ASTs and texts. Out: a file with its prefix, a declaration with its file and doc comment.
//! Never: what a declaration means.

use crate::syntax::ast::{self, Decl, Item};

/// A parsed file with the prefix of its names (`pay` for `use … as pay`).
#[derive(Clone, Debug)]
pub struct LoadedFile {
    /// The prefix; empty for the root file and for `use` without `as`.
    pub prefix: String,
    /// The file.
    pub file: ast::File,
    /// The text, for doc comments.
    pub text: std::sync::Arc<str>,
    /// Whether it is the root file.
    pub root: bool,
}

/// A declaration with its file.
#[derive(Clone, Copy)]
pub(super) struct Declared<'a> {
    pub decl: &'a Decl,
    pub item: &'a Item,
    pub loaded: &'a LoadedFile,
}

impl Declared<'_> {
    /// The lines of `///` directly above it.
    pub(super) fn doc(&self) -> Option<String> {
        let mut lines: Vec<&str> = Vec::new();
        let mut top = self.item.span.start as usize;
        let above = self.loaded.file.comments.partition_point(|c| c.span.start < self.item.span.start);
        for c in self.loaded.file.comments.get(..above).unwrap_or(&[]).iter().rev() {
            let between = self.loaded.text.get(c.span.end as usize..top)?;
            if !c.doc || !c.own_line || between.matches('\n').count() != 1 || !between.trim().is_empty() {
                break;
            }
            lines.push(self.loaded.text.get(c.span.start as usize + 3..c.span.end as usize)?.trim());
            top = c.span.start as usize;
        }
        lines.reverse();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}
