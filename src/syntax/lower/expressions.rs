//! Expressions and literals: sums, intervals, variables, numbers, strings, times of day.
//!
//! In: the pair of one expression. Out: its node, and findings. Never: the value of a name.

use super::super::Rule;
use super::super::ast::{BinOp, Expr, ExprKind, HoleBound, Number, RangeOp, Text};
use super::super::number::{BadNumber, number};
use super::{Lower, P};
use crate::base::Span;
use crate::diag::Diagnostic;

impl Lower<'_> {
    pub(super) fn expr(&mut self, pair: P) -> Expr {
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

    pub(super) fn number(&mut self, pair: &P) -> Option<Number> {
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

    pub(super) fn string(&mut self, pair: &P) -> Text {
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
