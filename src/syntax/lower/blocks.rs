//! Blocks: attributes, groups and arms, and the repair of what stands between them.
//!
//! In: the pair of one block. Out: its entries, bad ones included, and findings. Never: the parts
//! of a call.

use super::super::Rule;
use super::super::ast::{Attr, Block, Compare, Entry, EntryKind, Expr, ExprKind};
use super::super::recover::{self, After};
use super::super::recover_items;
use super::{Lower, P};
use crate::base::Span;

impl Lower<'_> {
    pub(super) fn block(&mut self, pair: P) -> Block {
        let span = self.span(&pair);
        let mut entries: Vec<Entry> = Vec::new();
        for p in pair.into_inner() {
            let at = self.span(&p);
            if p.as_rule() == Rule::bad_entry {
                let broken = matches!(entries.last().map(|e| &e.kind), Some(EntryKind::Bad));
                // `1,5`: the comma ended the attribute, and `5` remains.
                if let Some(whole) = self.number_with_commas(at) {
                    if !broken {
                        let d = recover::comma(
                            self.text.get(whole.start as usize..whole.end as usize).unwrap_or(""),
                            whole,
                        );
                        self.error(d);
                    }
                    entries.push(Entry { span: at, kind: EntryKind::Bad });
                    continue;
                }
                // The bullets of a list count as one mistake.
                if broken && p.as_str().starts_with("- ") {
                    continue;
                }
            }
            if p.as_rule() == Rule::entry_junk {
                let (after, subject) = match entries.last().map(|e| &e.kind) {
                    Some(EntryKind::Attr(a)) if a.value.is_none() && a.block.is_none() => {
                        (After::Key, a.key.last().map(|w| w.text.clone()))
                    }
                    Some(EntryKind::Attr(Attr { value: Some((_, _, value)), .. })) => {
                        // `cpu = 3ms memory = 512MiB`: the value included the next name.
                        if let ExprKind::Phrase(parts) = &value.kind
                            && let Some(Expr { kind: ExprKind::Word(w), span }) = parts.last()
                            && p.as_str().starts_with(['=', '<', '>'])
                        {
                            let before = Span { end: span.start, ..value.span };
                            let before = self.text.get(before.start as usize..before.end as usize).unwrap_or("").trim();
                            let d = recover::separator(before, w, p.as_str(), *span);
                            self.error(d);
                            if let Some(last) = entries.last_mut() {
                                last.kind = EntryKind::Bad;
                                last.span = last.span.to(at);
                            }
                            continue;
                        }
                        (
                            After::Value,
                            self.text.get(value.span.start as usize..value.span.end as usize).map(str::to_owned),
                        )
                    }
                    Some(EntryKind::Chain(_)) => (After::Call, None),
                    _ => (After::Item, None),
                };
                self.junk(&p, after, subject.as_deref());
                if let Some(last) = entries.last_mut() {
                    last.kind = EntryKind::Bad;
                    last.span = last.span.to(at);
                }
                continue;
            }
            let kind = self.entry(p);
            entries.push(Entry { span: at, kind });
        }
        Block { span, entries }
    }

    /// The whole of `1,000` or `1,5 s`; `at` is the part after a comma.
    fn number_with_commas(&self, at: Span) -> Option<Span> {
        let before = self.text.get(..at.start as usize)?.strip_suffix(',')?;
        let inside = |c: char| c.is_ascii_digit() || c == ',' || c == '.' || c == '_';
        let head = before.trim_end_matches(inside);
        let text = self.text.get(at.start as usize..at.end as usize)?;
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if head.len() == before.len() || !before.ends_with(|c: char| c.is_ascii_digit()) || digits == 0 {
            return None;
        }
        let rest = self.text.get(at.start as usize + digits..)?;
        let more = rest.len() - rest.trim_start_matches(inside).len();
        Some(Span { start: u32::try_from(head.len()).ok()?, end: at.start + u32::try_from(digits + more).ok()?, ..at })
    }

    fn entry(&mut self, pair: P) -> EntryKind {
        match pair.as_rule() {
            Rule::attr => EntryKind::Attr(self.attr(pair)),
            Rule::flow_chain | Rule::step_chain => EntryKind::Chain(self.chain(pair)),
            Rule::group => {
                let mut inner = pair.into_inner();
                let (Some(word), Some(block)) = (inner.next(), inner.next()) else { return EntryKind::Bad };
                EntryKind::Group { word: self.word(&word), block: self.block(block) }
            }
            Rule::arm => {
                let mut inner = pair.into_inner();
                let (Some(share), Some(block)) = (inner.next(), inner.next()) else { return EntryKind::Bad };
                let span = self.span(&share);
                let block = self.block(block);
                self.number(&share).map_or(EntryKind::Bad, |share| EntryKind::Arm { share, span, block })
            }
            _ => {
                let span = self.span(&pair);
                let text = self.text.get(span.start as usize..span.end as usize).unwrap_or("");
                let d = recover_items::bad_entry(text, span);
                self.error(d);
                EntryKind::Bad
            }
        }
    }

    fn attr(&mut self, pair: P) -> Attr {
        let mut attr = Attr { key: Vec::new(), value: None, block: None };
        let mut compare = None;
        for p in pair.into_inner() {
            match p.as_rule() {
                Rule::key => attr.key = p.into_inner().map(|w| self.word(&w)).collect(),
                Rule::compare => {
                    let op = match p.as_str() {
                        "<=" => Compare::AtMost,
                        ">=" => Compare::AtLeast,
                        _ => Compare::Is,
                    };
                    compare = Some((op, self.span(&p)));
                }
                Rule::block => attr.block = Some(self.block(p)),
                _ => {
                    if let Some((op, at)) = compare {
                        attr.value = Some((op, at, self.expr(p)));
                    }
                }
            }
        }
        attr
    }
}
