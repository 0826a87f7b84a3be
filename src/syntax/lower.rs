//! Parse tree to AST: one function for each rule of the grammar.
//!
//! In: pairs of pest. Out: nodes of the AST, and findings. Never: a resolved name.

use super::Rule;
use super::ast::{
    Attr, BinOp, Block, Call, Chain, Compare, Decl, Entry, EntryKind, Expr, ExprKind, File, HoleBound, Item, ItemKind,
    Number, RangeOp, RuleLine, RulePart, Text, Word,
};
use super::number::{BadNumber, number};
use super::recover::{self, After};
use super::recover_items;
use super::scan::{Comment, Scan};
use crate::base::{FileId, Span};
use crate::diag::{Diagnostic, Sink};
use crate::units::{Dim, Flavor};
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
                        Some(ItemKind::Decl(d)) if after == After::Head => recover::keyword(&d.head.text, d.head.span),
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

    fn item(&mut self, pair: P) -> ItemKind {
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

    fn block(&mut self, pair: P) -> Block {
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

    fn chain(&mut self, pair: P) -> Chain {
        let mut chain = Chain { origin: None, calls: Vec::new() };
        let mut arrow = None;
        for p in pair.into_inner() {
            match p.as_rule() {
                Rule::word => chain.origin = Some(self.word(&p)),
                Rule::arrow => arrow = Some((p.as_str() == "~>", self.span(&p))),
                _ => {
                    let Some((is_async, at)) = arrow else { continue };
                    let call = self.target(p, is_async, at);
                    chain.calls.push(call);
                }
            }
        }
        chain
    }

    fn target(&mut self, pair: P, is_async: bool, arrow: Span) -> Call {
        let span = arrow.to(self.span(&pair));
        let mut call = Call {
            span,
            is_async,
            target: Word { text: String::new(), span },
            times: None,
            share: None,
            block: None,
            else_block: None,
            fallback: None,
        };
        let mut reached = 0;
        for p in pair.into_inner() {
            let at = self.span(&p);
            let (rank, name) = match p.as_rule() {
                Rule::word => {
                    call.target = self.word(&p);
                    continue;
                }
                Rule::times => (1, p.as_str().trim()),
                Rule::probability => (2, p.as_str().trim()),
                Rule::block => (3, "{ … }"),
                Rule::else_part => (4, "else"),
                _ => (5, "fallback"),
            };
            if rank <= reached {
                let again = matches!(
                    (rank, &call),
                    (1, Call { times: Some(_), .. })
                        | (2, Call { share: Some(_), .. })
                        | (3, Call { block: Some(_), .. })
                        | (4, Call { else_block: Some(_), .. })
                        | (5, Call { fallback: Some(_), .. })
                );
                let kind = match rank {
                    1 => "x3",
                    2 => "30%",
                    _ => name,
                };
                let message = if again {
                    format!("this call has two parts like `{kind}`")
                } else {
                    format!("`{name}` stands too late in this call")
                };
                self.error(
                    Diagnostic::error("ARC576", at, message)
                        .help("a call is written `-> target x3 30% { … } else { … } fallback { … }`, each part once and in this order"),
                );
            }
            reached = reached.max(rank);
            match p.as_rule() {
                Rule::times | Rule::probability => {
                    let Some(n) = p.into_inner().next() else { continue };
                    let number_span = self.span(&n);
                    let Some(n) = self.number(&n) else { continue };
                    if rank == 1 {
                        if n.quantity.dim != Dim::NONE || n.quantity.flavor != Flavor::Plain {
                            let d = Diagnostic::error(
                                "ARC576",
                                number_span,
                                format!("`x{}` is not a number of calls", n.text),
                            );
                            self.error(d.help("`x3` makes three calls, `x0.5` one call half the time"));
                            continue;
                        }
                        call.times = Some((n, at));
                    } else {
                        if n.quantity.flavor != Flavor::Percent {
                            let help = if n.quantity.flavor == Flavor::Factor {
                                format!("a number of calls is written x first: `x{}`", n.text.trim_end_matches('x'))
                            } else {
                                format!("`x{0}` makes {0} calls, `30%` one call with that probability", n.text)
                            };
                            self.error(
                                Diagnostic::error("ARC576", number_span, format!("`{}` is not a probability", n.text))
                                    .help(help),
                            );
                            continue;
                        }
                        call.share = Some((n, at));
                    }
                }
                Rule::block => call.block = Some(self.block(p)),
                Rule::else_part => call.else_block = p.into_inner().next().map(|b| self.block(b)),
                _ => call.fallback = p.into_inner().next().map(|b| self.block(b)),
            }
        }
        call
    }

    fn expr(&mut self, pair: P) -> Expr {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::number => self.number(&pair).map_or(ExprKind::Bad, ExprKind::Number),
            Rule::clock => self.clock(&pair),
            Rule::date => ExprKind::Date(pair.as_str().to_owned()),
            Rule::string => ExprKind::Text(self.string(&pair).text),
            Rule::word if pair.as_str() == "_" && self.reported_in(span.start as usize, span.start as usize + 1) => {
                ExprKind::Bad
            }
            Rule::word => ExprKind::Word(pair.as_str().to_owned()),
            Rule::list => ExprKind::List(pair.into_inner().map(|p| self.expr(p)).collect()),
            Rule::paren => self.one(pair, |e| ExprKind::Paren(Box::new(e))),
            Rule::negative => self.one(pair, |e| ExprKind::Negative(Box::new(e))),
            Rule::hole => {
                let mut inner = pair.into_inner();
                match (inner.next(), inner.next()) {
                    (Some(_), Some(sum)) => ExprKind::Hole(HoleBound::AtLeast(Box::new(self.expr(sum)))),
                    (Some(within), None) => ExprKind::Hole(HoleBound::In(Box::new(self.expr(within)))),
                    _ => ExprKind::Hole(HoleBound::Any),
                }
            }
            Rule::sum => return self.sum(pair, span),
            Rule::range => {
                let mut inner = pair.into_inner();
                let Some(low) = inner.next() else { return Expr { span, kind: ExprKind::Bad } };
                let low = self.expr(low);
                let (Some(op), Some(high)) = (inner.next(), inner.next()) else { return low };
                let op = if op.as_str() == ".." { RangeOp::To } else { RangeOp::PlusMinus };
                ExprKind::Range(Box::new(low), op, Box::new(self.expr(high)))
            }
            Rule::phrase => return self.several(pair, span, ExprKind::Phrase),
            Rule::value => return self.several(pair, span, ExprKind::Alternatives),
            _ => ExprKind::Bad,
        };
        Expr { span, kind }
    }

    fn one(&mut self, pair: P, wrap: impl Fn(Expr) -> ExprKind) -> ExprKind {
        pair.into_inner().next().map_or(ExprKind::Bad, |p| wrap(self.expr(p)))
    }

    /// A single inner expression is returned as it is; several are wrapped.
    fn several(&mut self, pair: P, span: Span, wrap: impl Fn(Vec<Expr>) -> ExprKind) -> Expr {
        let mut all: Vec<Expr> = pair.into_inner().map(|p| self.expr(p)).collect();
        if all.len() == 1
            && let Some(only) = all.pop()
        {
            return only;
        }
        Expr { span, kind: wrap(all) }
    }

    fn sum(&mut self, pair: P, span: Span) -> Expr {
        let mut inner = pair.into_inner();
        let Some(first) = inner.next() else { return Expr { span, kind: ExprKind::Bad } };
        let first = self.expr(first);
        let mut rest = Vec::new();
        while let (Some(op), Some(operand)) = (inner.next(), inner.next()) {
            let at = self.span(&op);
            let op = match op.as_str().trim() {
                "+" => BinOp::Add,
                "-" => BinOp::Sub,
                "*" => BinOp::Mul,
                "/" => BinOp::Div,
                _ => BinOp::Per,
            };
            rest.push((op, at, self.expr(operand)));
        }
        if rest.is_empty() { first } else { Expr { span, kind: ExprKind::Arith(Box::new(first), rest) } }
    }

    fn clock(&mut self, pair: &P) -> ExprKind {
        let text = pair.as_str();
        let part = |r: std::ops::Range<usize>| text.get(r).and_then(|t| t.parse::<u32>().ok()).unwrap_or(99);
        let (h, m) = (part(0..2), part(3..5));
        if h > 23 || m > 59 {
            self.error(
                Diagnostic::error("ARC520", self.span(pair), format!("`{text}` is not a time of day"))
                    .help("hours go from 00 to 23, minutes from 00 to 59, in UTC"),
            );
            return ExprKind::Bad;
        }
        ExprKind::Clock(h * 60 + m)
    }

    fn number(&mut self, pair: &P) -> Option<Number> {
        let text = pair.as_str();
        let span = self.span(pair);
        match number(text) {
            Ok(quantity) => {
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                Some(Number { quantity, text })
            }
            Err(BadNumber::Unit { suffix, help }) => {
                let start = span.end as usize - suffix.len();
                let at = Span::new(self.id, start, span.end as usize);
                self.error(
                    Diagnostic::error("ARC520", at, format!("`{suffix}` is not a unit"))
                        .label(format!("in `{text}`"))
                        .help(help),
                );
                None
            }
            Err(BadNumber::Overflow) => {
                self.error(
                    Diagnostic::error("ARC520", span, "this number is too large")
                        .help("the largest number is about 1.8e308"),
                );
                None
            }
        }
    }

    fn string(&mut self, pair: &P) -> Text {
        let span = self.span(pair);
        // From the original text: the grammar's text has blanks for tabs.
        let raw = self.text.get(span.start as usize + 1..(span.end as usize).saturating_sub(1)).unwrap_or("");
        let mut text = String::with_capacity(raw.len());
        let mut chars = raw.char_indices();
        while let Some((i, c)) = chars.next() {
            if c != '\\' {
                text.push(c);
                continue;
            }
            let at = span.start as usize + 1 + i;
            match chars.next() {
                Some((_, '"')) => text.push('"'),
                Some((_, '\\')) => text.push('\\'),
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((_, 'u')) => {
                    let rest = chars.as_str();
                    let hex = rest.strip_prefix('{').and_then(|r| r.split_once('}')).map(|(hex, _)| hex);
                    let decoded = hex
                        .and_then(|h| u32::from_str_radix(h, 16).ok())
                        .and_then(char::from_u32)
                        .filter(|c| *c != '\0');
                    if let (Some(hex), Some(c)) = (hex, decoded) {
                        text.push(c);
                        for _ in 0..hex.chars().count() + 2 {
                            chars.next();
                        }
                    } else {
                        let d = Diagnostic::error(
                            "ARC514",
                            Span::new(self.id, at, at + 2),
                            "this is not a character number",
                        );
                        self.error(d.help("a character by number is written `\\u{e9}`, in hexadecimal, up to 10ffff"));
                    }
                }
                Some((_, other)) => {
                    let d = Diagnostic::error(
                        "ARC514",
                        Span::new(self.id, at, at + 1 + other.len_utf8()),
                        format!("`\\{other}` is not an escape"),
                    );
                    self.error(d.help("the escapes are `\\\"` `\\\\` `\\n` `\\t` and `\\u{…}`"));
                }
                None => {}
            }
        }
        Text { text, span }
    }
}
