//! Text to AST.
//!
//! In: the text of one file. Out: an [`ast::File`] that loses nothing, and findings for invalid
//! text. Never: resolving a name, knowing a kind. The only module that imports pest.

pub mod ast;
mod lower;
mod number;
mod recover;
mod recover_items;
mod scan;
mod slips;

pub use number::unit_help;
pub use scan::{Comment, MAX_BYTES, MAX_NESTING, decode};

use crate::base::{FileId, Span};
use crate::diag::{Diagnostic, Sink};
use pest::Parser;

mod grammar {
    #![allow(missing_docs, reason = "the derive makes an enum of the grammar's rules, which are documented there")]

    #[derive(pest_derive::Parser)]
    #[grammar = "../grammar/arch.pest"]
    pub(super) struct ArchParser;
}

use grammar::{ArchParser, Rule};

/// Parses a file. The result is complete even for broken text: each invalid item or entry is a
/// `Bad` node with a finding in `sink`.
#[must_use]
pub fn parse(text: &str, id: FileId, sink: &mut Sink) -> ast::File {
    let scan = scan::scan(text, id, sink);
    match ArchParser::parse(Rule::file, &scan.clean) {
        Ok(mut pairs) => {
            let Some(file) = pairs.next() else { unreachable!("a successful parse yields its rule") };
            lower::Lower::new(text, id, &scan, sink).file(file, scan.comments.clone())
        }
        Err(error) => {
            // The recovery rules accept any balanced text, so this is a bug in the grammar. The
            // user still gets a location, not a crash.
            let at = match error.location {
                pest::error::InputLocation::Pos(p) | pest::error::InputLocation::Span((p, _)) => p,
            };
            sink.push(Diagnostic::error("ARC510", Span::new(id, at, at), "the text from here on could not be read"));
            ast::File { id, items: Vec::new(), comments: scan.comments }
        }
    }
}

/// Parses a single expression (`--set name=expr`).
///
/// # Errors
/// The text is not an expression; findings are in `sink`.
pub fn parse_expression(text: &str, id: FileId, sink: &mut Sink) -> Option<ast::Expr> {
    let mut inner = Sink::default();
    let file = parse(&format!("let x = {text}\n"), id, &mut inner);
    let fine = inner.list().is_empty() && file.items.len() == 1;
    let value = file.items.into_iter().next().and_then(|item| match item.kind {
        ast::ItemKind::Let { value, .. } => Some(value),
        _ => None,
    });
    if !fine || value.is_none() {
        sink.push(Diagnostic::error("ARC510", Span::new(id, 0, text.len()), format!("`{text}` is not an expression")));
        return None;
    }
    value
}

/// A word that starts an item in other languages but not here: `const`, `for`, `if`.
#[must_use]
pub fn foreign_keyword(word: &str, span: Span) -> Option<Diagnostic> {
    slips::keyword(word, span)
}

/// The quantity of a literal, if it has one.
#[must_use]
pub fn parse_quantity(text: &str) -> Option<crate::units::Quantity> {
    number::number(text).ok()
}

#[cfg(test)]
mod tests;
