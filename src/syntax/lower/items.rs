//! Items: declarations, lets, `use`, suppressions and rules.
//!
//! In: the pair of one item. Out: its node, and findings. Never: an entry of a block.

use super::super::Rule;
use super::super::ast::{Decl, ItemKind, RuleLine, RulePart};
use super::super::recover::After;
use super::super::recover_items;
use super::{Lower, P};

impl Lower<'_> {
    pub(super) fn item(&mut self, pair: P) -> ItemKind {
        let rule = pair.as_rule();
        let whole = self.span(&pair);
        match rule {
            Rule::bad_item => {
                let text = self.text.get(whole.start as usize..whole.end as usize).unwrap_or("");
                let d = recover_items::bad_item(text, whole);
                self.error(d);
                ItemKind::Bad
            }
            Rule::edition => pair.into_inner().next().map_or(ItemKind::Bad, |p| ItemKind::Edition(self.expr(p))),
            Rule::let_item => {
                let mut inner = pair.into_inner();
                let (Some(name), Some(value)) = (inner.next(), inner.next()) else { return ItemKind::Bad };
                ItemKind::Let { name: self.word(&name), value: self.expr(value) }
            }
            Rule::use_item => {
                let mut inner = pair.into_inner();
                let Some(path) = inner.next() else { return ItemKind::Bad };
                ItemKind::Use { path: self.string(&path), alias: inner.next().map(|p| self.word(&p)) }
            }
            Rule::allow_item => self.allow(pair),
            Rule::rule_item => self.rule(pair),
            Rule::decl => {
                let mut decl: Option<Decl> = None;
                for p in pair.into_inner() {
                    match (p.as_rule(), decl.as_mut()) {
                        (Rule::word, None) => {
                            let head = self.word(&p);
                            let name = head.clone();
                            decl = Some(Decl { head, name, for_kind: None, base: None, block: None });
                        }
                        (Rule::word, Some(d)) => d.name = self.word(&p),
                        (Rule::for_kind, Some(d)) => d.for_kind = p.into_inner().next().map(|w| self.word(&w)),
                        (Rule::base, Some(d)) => d.base = p.into_inner().next().map(|e| self.expr(e)),
                        (Rule::block, Some(d)) => d.block = Some(self.block(p)),
                        _ => {}
                    }
                }
                decl.map_or(ItemKind::Bad, ItemKind::Decl)
            }
            _ => unreachable!("an item is one of the rules above"),
        }
    }

    fn allow(&mut self, pair: P) -> ItemKind {
        let mut words = Vec::new();
        let (mut because, mut until) = (None, None);
        for p in pair.into_inner() {
            match p.as_rule() {
                Rule::word => words.push(self.word(&p)),
                Rule::because => because = p.into_inner().next().map(|s| self.string(&s)),
                Rule::until => until = p.into_inner().next().map(|d| self.word(&d)),
                _ => {}
            }
        }
        let mut words = words.into_iter();
        words.next().map_or(ItemKind::Bad, |code| ItemKind::Allow { code, on: words.collect(), because, until })
    }

    fn rule(&mut self, pair: P) -> ItemKind {
        let mut name = None;
        let mut lines: Vec<RuleLine> = Vec::new();
        for p in pair.into_inner() {
            let span = self.span(&p);
            match p.as_rule() {
                Rule::word => name = Some(self.word(&p)),
                Rule::rule_line => {
                    let mut parts = Vec::new();
                    for t in p.into_inner() {
                        let at = self.span(&t);
                        match t.as_rule() {
                            Rule::word => parts.push(RulePart::Word(self.word(&t))),
                            Rule::arrow => parts.push(RulePart::Arrow(at)),
                            Rule::equals => parts.push(RulePart::Equals(at)),
                            Rule::number => {
                                if let Some(n) = self.number(&t) {
                                    parts.push(RulePart::Number(n, at));
                                }
                            }
                            _ => parts.push(RulePart::Text(self.string(&t))),
                        }
                    }
                    match (lines.last_mut(), parts.as_slice()) {
                        // `deny cycle, "message"`: the message belongs to the previous line.
                        (Some(line), [RulePart::Text(_)]) if !matches!(line.parts.last(), Some(RulePart::Text(_))) => {
                            line.span = line.span.to(span);
                            line.parts.append(&mut parts);
                        }
                        _ => lines.push(RuleLine { span, parts }),
                    }
                }
                Rule::string => {
                    let text = self.string(&p);
                    match lines.last_mut() {
                        Some(line) => {
                            line.span = line.span.to(span);
                            line.parts.push(RulePart::Text(text));
                        }
                        None => lines.push(RuleLine { span, parts: vec![RulePart::Text(text)] }),
                    }
                }
                Rule::bad_entry => self.junk(&p, After::Rule, None),
                Rule::entry_junk => {
                    lines.pop();
                    self.junk(&p, After::Rule, None);
                }
                _ => {}
            }
        }
        name.map_or(ItemKind::Bad, |name| ItemKind::Rule { name, lines })
    }
}
