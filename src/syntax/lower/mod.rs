//! Parse tree to AST: one function for each rule of the grammar.
//!
//! In: pairs of pest. Out: nodes of the AST, and findings. Never: a resolved name.

mod blocks;
mod calls;
mod expressions;
mod items;

use super::Rule;
use super::ast::{File, Item, ItemKind, Word};
use super::recover::{self, After};
use super::scan::{Comment, Scan};
use super::slips;
use crate::base::{FileId, Span};
use crate::diag::{Diagnostic, Sink};
use pest::iterators::Pair;

pub(super) struct Lower<'a> {
    text: &'a str,
    id: FileId,
    /// Start offsets of locations that have an error already, ascending.
    reported: Vec<u32>,
    sink: &'a mut Sink,
    errors: usize,
}

type P<'i> = Pair<'i, Rule>;

impl<'a> Lower<'a> {
    pub(super) fn new(text: &'a str, id: FileId, scan: &'a Scan, sink: &'a mut Sink) -> Self {
        let mut reported: Vec<u32> = scan.reported.iter().map(|s| s.start).collect();
        reported.sort_unstable();
        Self { text, id, reported, sink, errors: 0 }
    }

    pub(super) fn file(mut self, pair: P, comments: Vec<Comment>) -> File {
        let mut items: Vec<Item> = Vec::new();
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::EOI => {}
                Rule::junk => {
                    let after = items.last().map_or(After::Nothing, |i| match &i.kind {
                        ItemKind::Decl(d) if d.block.is_none() => After::Head,
                        ItemKind::Let { .. } => After::Value,
                        ItemKind::Use { alias: None, .. } => After::Use,
                        ItemKind::Allow { .. } => After::Allow,
                        ItemKind::Edition(_) => After::Edition,
                        _ => After::Item,
                    });
                    let head = match items.last().map(|i| &i.kind) {
                        Some(ItemKind::Decl(d)) if after == After::Head => slips::keyword(&d.head.text, d.head.span),
                        _ => None,
                    };
                    match head {
                        Some(d) => self.error(d),
                        None => self.junk(&pair, after, None),
                    }
                    if let Some(last) = items.last_mut() {
                        last.broken = true;
                    }
                }
                _ => {
                    let before = self.errors;
                    let span = self.span(&pair);
                    let kind = self.item(pair);
                    let rest = self.text.get(span.end as usize..).unwrap_or("");
                    let next = span.end as usize + rest.len() - rest.trim_start_matches([' ', '\t']).len();
                    let hit =
                        self.reported_in(span.start as usize, span.end as usize) || self.reported_in(next, next + 1);
                    items.push(Item { span, kind, broken: hit || self.errors > before });
                }
            }
        }
        File { id: self.id, items, comments }
    }

    /// The span of a pair without blanks at its end.
    fn span(&self, pair: &P) -> Span {
        let s = pair.as_span();
        let text = pair.as_str();
        Span::new(self.id, s.start(), s.start() + text.trim_end_matches([' ', '\n']).len())
    }

    fn error(&mut self, d: Diagnostic) {
        self.errors += 1;
        // The byte walk has reported this line already: one mistake gives one error.
        let line = self.line_of(d.span.start as usize);
        let known = self.reported_in(line.0, line.1);
        if !known {
            self.sink.push(d);
        }
    }

    /// Whether a location in `low..high` has an error already.
    fn reported_in(&self, low: usize, high: usize) -> bool {
        let i = self.reported.partition_point(|r| (*r as usize) < low);
        self.reported.get(i).is_some_and(|r| (*r as usize) < high)
    }

    fn line_of(&self, at: usize) -> (usize, usize) {
        let start = self.text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
        let end = self.text.get(at..).and_then(|t| t.find('\n')).map_or(self.text.len(), |n| at + n);
        (start, end + 1)
    }

    fn junk(&mut self, pair: &P, after: After, subject: Option<&str>) {
        let span = self.span(pair);
        let original = self.text.get(span.start as usize..span.end as usize).unwrap_or("");
        let d = recover::junk(original, span, after, subject);
        self.error(d);
    }

    fn word(&self, pair: &P) -> Word {
        Word { text: pair.as_str().to_owned(), span: self.span(pair) }
    }
}
