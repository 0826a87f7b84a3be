//! Canonical text of a file. Spacing, indentation, alignment and the order of separators are fixed.
//! Line breaks between entries and blank lines (one at most) are kept, as in gofmt. Comments are
//! kept. Idempotent.
//!
//! In: a parsed file without errors, and its text. Out: text. Never: the meaning of a name.

mod lines;

use crate::base::Span;
use crate::syntax::ast::{
    Attr, BinOp, Block, Call, Chain, Decl, Entry, EntryKind, Expr, ExprKind, File, HoleBound, ItemKind, RangeOp,
    RulePart, Text,
};
use crate::units::{Dim, Flavor};
use lines::{Layout, Lines};

/// The canonical text of `file`, whose source is `text`.
#[must_use]
pub fn format(file: &File, text: &str) -> String {
    let mut p = Printer { text, comments: &file.comments, next: 0, last: 0, fresh: true, out: Lines::default() };
    for item in &file.items {
        p.before(item.span);
        match &item.kind {
            ItemKind::Edition(e) => p.put(&format!("arch {}", p.expr(e))),
            ItemKind::Let { name, value } => {
                let value = p.expr(value);
                p.out.cells(Layout::Equals, vec![format!("let {}", name.text), format!("= {value}")]);
            }
            ItemKind::Use { path, alias } => {
                let alias = alias.as_ref().map_or_else(String::new, |a| format!(" as {}", a.text));
                p.put(&format!("use {}{alias}", p.string(path)));
            }
            ItemKind::Allow { code, on, because, until } => {
                let on: Vec<&str> = on.iter().map(|w| w.text.as_str()).collect();
                let mut line = format!("allow {} on {}", code.text, on.join(" "));
                if let Some(b) = because {
                    line.push_str(&format!(" because {}", p.string(b)));
                }
                if let Some(u) = until {
                    line.push_str(&format!(" until {}", u.text));
                }
                p.put(&line);
            }
            ItemKind::Rule { name, lines } => p.rule(&name.text, lines, item.span),
            ItemKind::Decl(d) => p.decl(d),
            ItemKind::Bad => p.put(p.slice(item.span)),
        }
        p.after(item.span);
    }
    p.flush(text.len());
    p.out.finish()
}

/// Whether the next entry, on its own line, would be read as the rest of this one: a chain with an
/// origin continues on a line that starts with an arrow.
fn would_continue(entry: &Entry, next: &Entry) -> bool {
    let arrow = matches!(&next.kind, EntryKind::Chain(c) if c.origin.is_none());
    let open = match &entry.kind {
        EntryKind::Chain(c) => c.origin.is_some(),
        EntryKind::Attr(a) => a.value.is_none() && a.block.is_none(),
        _ => false,
    };
    arrow && open
}

struct Printer<'a> {
    text: &'a str,
    comments: &'a [crate::syntax::Comment],
    next: usize,
    /// End of the last printed node, in the source.
    last: usize,
    /// Whether it is at the start of a file or a block, where no blank line is printed.
    fresh: bool,
    out: Lines,
}

impl<'a> Printer<'a> {
    fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    fn breaks(&self, from: usize, to: usize) -> usize {
        self.text.get(from..to).map_or(0, |t| t.matches('\n').count())
    }

    fn put(&mut self, text: &str) {
        self.out.put(text);
    }

    /// Writes the comments before `at`.
    fn flush(&mut self, at: usize) {
        while let Some(c) = self.comments.get(self.next).filter(|c| (c.span.start as usize) < at) {
            self.next += 1;
            let text = self.slice(c.span).trim_end();
            let start = c.span.start as usize;
            if c.own_line || self.out.is_empty() {
                self.out.end();
                if !self.fresh && self.breaks(self.last, start) > 1 {
                    self.out.blank();
                }
                self.out.put(text);
                self.out.end();
            } else {
                self.out.comment(text);
            }
            self.fresh = false;
            self.last = self.last.max(c.span.end as usize);
        }
    }

    /// Prepares for a node that starts a line.
    fn before(&mut self, span: Span) {
        let at = span.start as usize;
        self.flush(at);
        self.out.end();
        if !self.fresh && self.breaks(self.last, at) > 1 {
            self.out.blank();
        }
        self.fresh = false;
    }

    fn after(&mut self, span: Span) {
        self.last = self.last.max(span.end as usize);
    }

    fn string(&self, t: &Text) -> String {
        self.slice(t.span).to_owned()
    }

    fn decl(&mut self, d: &Decl) {
        let mut head = d.head.text.clone();
        let mut name = d.name.text.clone();
        if let Some(k) = &d.for_kind {
            name.push_str(&format!(" for {}", k.text));
        }
        let base = d.base.as_ref().map_or_else(String::new, |b| format!(": {}", self.expr(b)));
        let one_line = d.block.as_ref().is_none_or(|b| self.breaks(b.span.start as usize, b.span.end as usize) == 0);
        if one_line {
            let block = d.block.as_ref().map_or_else(String::new, |b| self.inline(b));
            self.out.cells(Layout::Declaration, vec![head, name, base, block]);
            return;
        }
        head.push(' ');
        head.push_str(&name);
        if !base.is_empty() {
            head.push(' ');
            head.push_str(&base);
        }
        self.put(&head);
        if let Some(b) = &d.block {
            self.put(" ");
            self.block(b);
        }
    }

    fn rule(&mut self, name: &str, lines: &[crate::syntax::ast::RuleLine], span: Span) {
        let statement = |p: &Self, parts: &[RulePart]| {
            let mut out = String::new();
            for part in parts {
                let (text, glue) = match part {
                    RulePart::Word(w) => (w.text.clone(), " "),
                    RulePart::Arrow(s) => (p.slice(*s).to_owned(), " "),
                    RulePart::Equals(_) => ("=".to_owned(), " "),
                    RulePart::Number(n, _) => (n.text.clone(), " "),
                    RulePart::Text(t) => (p.string(t), ", "),
                };
                if !out.is_empty() {
                    out.push_str(if matches!(part, RulePart::Text(_)) && out.ends_with('=') { " " } else { glue });
                }
                out.push_str(&text);
            }
            out
        };
        let start = span.start as usize;
        if self.breaks(start, span.end as usize) == 0 {
            let all: Vec<String> = lines.iter().map(|l| statement(self, &l.parts)).collect();
            let body = if all.is_empty() { "{ }".to_owned() } else { format!("{{ {} }}", all.join("; ")) };
            self.put(&format!("rule {name} {body}"));
            return;
        }
        self.put(&format!("rule {name} {{"));
        self.open(start);
        for l in lines {
            self.before(l.span);
            let text = statement(self, &l.parts);
            self.put(&text);
            self.after(l.span);
        }
        self.close(span);
    }

    fn open(&mut self, at: usize) {
        self.out.indent(1);
        self.fresh = true;
        self.last = self.last.max(at);
    }

    fn close(&mut self, span: Span) {
        self.flush((span.end as usize).saturating_sub(1));
        self.out.end();
        self.out.indent(-1);
        self.put("}");
        self.fresh = false;
        self.after(span);
    }

    /// A block over several lines, starting with its brace.
    fn block(&mut self, b: &Block) {
        if self.breaks(b.span.start as usize, b.span.end as usize) == 0 {
            let text = self.inline(b);
            self.put(&text);
            return;
        }
        self.put("{");
        self.open(b.span.start as usize);
        let mut previous: Option<Span> = None;
        for (i, e) in b.entries.iter().enumerate() {
            let joined = previous.is_some_and(|p| self.breaks(p.end as usize, e.span.start as usize) == 0);
            if joined {
                self.put(", ");
            } else {
                self.before(e.span);
            }
            let next_joined =
                b.entries.get(i + 1).is_some_and(|n| self.breaks(e.span.end as usize, n.span.start as usize) == 0);
            self.entry(e, !joined && !next_joined);
            if !next_joined && b.entries.get(i + 1).is_some_and(|n| would_continue(e, n)) {
                self.put(",");
            }
            self.after(e.span);
            previous = Some(e.span);
        }
        self.close(b.span);
    }

    /// A block on one line.
    fn inline(&self, b: &Block) -> String {
        let all: Vec<String> = b
            .entries
            .iter()
            .map(|e| match &e.kind {
                EntryKind::Attr(a) => self.attr_text(a),
                EntryKind::Chain(c) => self.chain_text(c),
                EntryKind::Group { word, block } => format!("{} {}", word.text, self.inline(block)),
                EntryKind::Arm { share, block, .. } => format!("{} {}", share.text, self.inline(block)),
                EntryKind::Bad => self.slice(e.span).to_owned(),
            })
            .collect();
        // Arms print as a row, calls and attributes as a list.
        let arms = !b.entries.is_empty() && b.entries.iter().all(|e| matches!(e.kind, EntryKind::Arm { .. }));
        if all.is_empty() { "{ }".to_owned() } else { format!("{{ {} }}", all.join(if arms { " " } else { ", " })) }
    }

    fn key(a: &Attr) -> String {
        a.key.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn attr_text(&self, a: &Attr) -> String {
        let mut out = Self::key(a);
        if let Some((op, _, e)) = &a.value {
            out.push_str(&format!(" {} {}", op.symbol(), self.expr(e)));
        }
        if let Some(b) = &a.block {
            out.push(' ');
            out.push_str(&self.inline(b));
        }
        out
    }

    fn entry(&mut self, e: &Entry, alone: bool) {
        match &e.kind {
            EntryKind::Attr(a) => match (&a.value, &a.block) {
                (Some((op, _, value)), None) if alone => {
                    let value = self.expr(value);
                    self.out.cells(Layout::Equals, vec![Self::key(a), format!("{} {value}", op.symbol())]);
                }
                (None, Some(b)) => {
                    let key = Self::key(a);
                    self.put(&format!("{key} "));
                    self.block(b);
                }
                _ => {
                    let text = self.attr_text(a);
                    self.put(&text);
                }
            },
            EntryKind::Chain(c) => self.chain(c),
            EntryKind::Group { word, block } => {
                self.put(&format!("{} ", word.text));
                self.block(block);
            }
            EntryKind::Arm { share, block, .. } => {
                self.put(&format!("{} ", share.text));
                self.block(block);
            }
            EntryKind::Bad => self.put(self.slice(e.span)),
        }
    }

    fn chain_text(&self, c: &Chain) -> String {
        let mut out = c.origin.as_ref().map_or_else(String::new, |o| o.text.clone());
        for call in &c.calls {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(&Self::head(call));
            for (word, block) in Self::blocks(call) {
                out.push_str(word);
                out.push_str(&self.inline(block));
            }
        }
        out
    }

    fn head(call: &Call) -> String {
        let mut out = format!("{} {}", if call.is_async { "~>" } else { "->" }, call.target.text);
        if let Some((n, _)) = &call.times {
            out.push_str(&format!(" x{}", n.text));
        }
        if let Some((n, _)) = &call.share {
            out.push_str(&format!(" {}", n.text));
        }
        out
    }

    fn blocks(call: &Call) -> impl Iterator<Item = (&'static str, &Block)> {
        [(" ", &call.block), (" else ", &call.else_block), (" fallback ", &call.fallback)]
            .into_iter()
            .filter_map(|(w, b)| b.as_ref().map(|b| (w, b)))
    }

    fn chain(&mut self, c: &Chain) {
        let mut end = None;
        if let Some(o) = &c.origin {
            self.put(&o.text);
            end = Some(o.span.end as usize);
        }
        let mut shifted = false;
        for call in &c.calls {
            let start = call.span.start as usize;
            if let Some(end) = end {
                if self.breaks(end, start) > 0 {
                    self.flush(start);
                    self.out.end();
                    if !shifted {
                        self.out.shift(1);
                        shifted = true;
                    }
                } else {
                    self.put(" ");
                }
            }
            self.put(&Self::head(call));
            for (word, block) in Self::blocks(call) {
                self.put(word);
                self.block(block);
            }
            end = Some(call.span.end as usize);
            self.after(call.span);
        }
        if shifted {
            self.out.shift(-1);
        }
    }

    fn expr(&self, e: &Expr) -> String {
        let list = |all: &[Expr], glue: &str| all.iter().map(|e| self.expr(e)).collect::<Vec<_>>().join(glue);
        match &e.kind {
            ExprKind::Number(n) => n.text.clone(),
            ExprKind::Word(w) | ExprKind::Date(w) => w.clone(),
            ExprKind::Clock(_) | ExprKind::Text(_) | ExprKind::Bad => self.slice(e.span).to_owned(),
            ExprKind::List(all) => format!("[{}]", list(all, ", ")),
            ExprKind::Paren(inner) => format!("({})", self.expr(inner)),
            ExprKind::Negative(inner) => format!("-{}", self.expr(inner)),
            ExprKind::Phrase(all) => list(all, " "),
            ExprKind::Alternatives(all) => list(all, " | "),
            ExprKind::Hole(HoleBound::Any) => "?".to_owned(),
            ExprKind::Hole(HoleBound::In(b)) => format!("? in {}", self.expr(b)),
            ExprKind::Hole(HoleBound::AtLeast(b)) => format!("? >= {}", self.expr(b)),
            ExprKind::Range(a, op, b) => {
                let plain = |e: &Expr| matches!(&e.kind, ExprKind::Number(n) if n.quantity.dim == Dim::NONE && n.quantity.flavor == Flavor::Plain);
                let glue = match op {
                    RangeOp::To if plain(a) && plain(b) => "..",
                    RangeOp::To => " .. ",
                    RangeOp::PlusMinus => " +- ",
                };
                format!("{}{glue}{}", self.expr(a), self.expr(b))
            }
            ExprKind::Arith(first, rest) => {
                let mut out = self.expr(first);
                let mut end = first.span.end as usize;
                for (op, _, operand) in rest {
                    // `$40k/month` and `20M / day` are both valid: blanks are kept.
                    let between = self.text.get(end..operand.span.start as usize).unwrap_or(" ");
                    let tight = *op == BinOp::Div && between == "/";
                    out.push_str(&if tight { "/".to_owned() } else { format!(" {} ", op.symbol()) });
                    out.push_str(&self.expr(operand));
                    end = operand.span.end as usize;
                }
                out
            }
        }
    }
}
