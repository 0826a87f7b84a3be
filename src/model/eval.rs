//! Expressions to quantities: lets by name, and extremes over the endpoints of intervals.
//!
//! In: expressions of the AST, endpoints of intervals. Out: quantities in SI units, and findings.
//! Never: an attribute.

use super::arithmetic::{End, Ends, Num, One, add, interval};
use super::expressions::{describe, is_arithmetic, misspelt_unit, qualify, words};
use super::let_order::{self, LetValue};
use super::value::Interval;
use crate::base::Span;
use crate::diag::{Diagnostic, Sink};
use crate::resource::CountedPer;
use crate::syntax::ast::{BinOp, Expr, ExprKind};
use crate::units::unit;
use std::collections::{BTreeMap, BTreeSet};

/// Most intervals in one value; its extremes take two evaluations for each.
const MAX_INTERVALS: usize = 100;

/// All named values, each after the values that it uses.
#[derive(Clone, Debug, Default)]
pub struct Lets {
    table: BTreeMap<String, LetValue>,
    order: Vec<String>,
    places: BTreeMap<String, usize>,
    mid: BTreeMap<String, Option<One>>,
    intervals: BTreeMap<String, BTreeSet<Span>>,
    ends: Ends,
    used: std::cell::RefCell<BTreeSet<String>>,
    /// Values of lets with intervals at the endpoints of the last evaluation.
    memo: std::cell::RefCell<(Ends, BTreeMap<String, Option<One>>)>,
}

impl Lets {
    /// Checks and evaluates the named values. Reports cycles and expressions that are not
    /// quantities.
    pub fn new(table: BTreeMap<String, LetValue>, ends: &Ends, sink: &mut Sink) -> Self {
        let mut lets = Self { table, ends: ends.clone(), ..Self::default() };
        lets.order = let_order::order(&lets.table, sink);
        lets.places = lets.order.iter().enumerate().map(|(i, n)| (n.clone(), i)).collect();
        for name in lets.order.clone() {
            let Some(v) = lets.table.get(&name) else { continue };
            let mut spans = BTreeSet::new();
            lets.collect_intervals(&v.expr, &v.prefix, &mut spans);
            let value = if is_arithmetic(&v.expr) { lets.one(&v.expr, &v.prefix, &ends.clone(), sink) } else { None };
            lets.intervals.insert(name.clone(), spans);
            lets.mid.insert(name, value);
        }
        lets.used.borrow_mut().clear();
        lets
    }

    /// The expression behind a name, if the name is a let.
    #[must_use]
    pub fn lookup(&self, word: &str, prefix: &str) -> Option<(&str, &LetValue)> {
        let full = qualify(prefix, word);
        let found = self.table.get_key_value(&full).map(|(k, v)| (k.as_str(), v))?;
        self.used.borrow_mut().insert(full);
        Some(found)
    }

    /// Names of lets, for suggestions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.table.keys().map(String::as_str)
    }

    /// Lets without a use.
    #[must_use]
    pub fn unused(&self) -> Vec<(String, Span)> {
        let used = self.used.borrow();
        let mut reached: BTreeSet<&String> = used.iter().collect();
        for name in self.order.iter().rev() {
            if reached.contains(name)
                && let Some(v) = self.table.get(name)
            {
                for word in words(&v.expr) {
                    let full = qualify(&v.prefix, &word);
                    if let Some((key, _)) = self.table.get_key_value(&full) {
                        reached.insert(key);
                    }
                }
            }
        }
        self.table.iter().filter(|(n, _)| !reached.contains(n)).map(|(n, v)| (n.clone(), v.span)).collect()
    }

    fn collect_intervals(&self, expr: &Expr, prefix: &str, out: &mut BTreeSet<Span>) {
        match &expr.kind {
            ExprKind::Range(a, _, b) => {
                out.insert(expr.span);
                self.collect_intervals(a, prefix, out);
                self.collect_intervals(b, prefix, out);
            }
            ExprKind::Arith(first, rest) => {
                self.collect_intervals(first, prefix, out);
                for (_, _, e) in rest {
                    self.collect_intervals(e, prefix, out);
                }
            }
            ExprKind::Paren(e) | ExprKind::Negative(e) => self.collect_intervals(e, prefix, out),
            ExprKind::Word(w) => {
                if let Some(all) = self.intervals.get(&qualify(prefix, w)) {
                    out.extend(all);
                }
            }
            _ => {}
        }
    }

    /// The quantity of an expression, with its extremes over the endpoints of all its intervals.
    /// Reports each fault once; `None` then.
    pub fn number(&self, expr: &Expr, prefix: &str, sink: &mut Sink) -> Option<Num> {
        let mid = self.one(expr, prefix, &self.ends, sink)?;
        let mut spans = BTreeSet::new();
        self.collect_intervals(expr, prefix, &mut spans);
        spans.retain(|s| !self.ends.contains_key(s));
        if spans.len() > MAX_INTERVALS {
            sink.push(
                Diagnostic::error(
                    "ARC548",
                    expr.span,
                    format!(
                        "this value depends on {} intervals; at most {MAX_INTERVALS} can be told apart",
                        spans.len()
                    ),
                )
                .help("write one interval for the whole value: `90ms .. 120ms`"),
            );
            return None;
        }
        let mut value = Interval::fixed(mid.value);
        if !spans.is_empty() {
            for x in self.corners(expr, prefix, &spans) {
                value.low = value.low.min(x);
                value.high = value.high.max(x);
            }
        }
        Some(Num { value, dim: mid.dim, flavor: mid.flavor, per: mid.per, through_let: mid.through_let })
    }

    /// Values at all corners for up to ten intervals. Beyond that, each interval takes its better
    /// endpoint with the others at their midpoints. This is exact for expressions that are monotone
    /// in each interval (sums and products of positive terms).
    fn corners(&self, expr: &Expr, prefix: &str, spans: &BTreeSet<Span>) -> Vec<f64> {
        let mut quiet = Sink::default();
        let mut at = |ends: &Ends| self.one(expr, prefix, ends, &mut quiet).map(|o| o.value);
        let list: Vec<Span> = spans.iter().copied().collect();
        let mut out = Vec::new();
        if list.len() <= 10 {
            for bits in 0..(1_u32 << list.len()) {
                let mut ends = self.ends.clone();
                for (i, span) in list.iter().enumerate() {
                    ends.insert(*span, if bits >> i & 1 == 1 { End::High } else { End::Low });
                }
                out.extend(at(&ends));
            }
            return out;
        }
        let (mut lowest, mut highest) = (self.ends.clone(), self.ends.clone());
        for span in list {
            let mut try_end = |end| {
                let mut ends = self.ends.clone();
                ends.insert(span, end);
                at(&ends).unwrap_or(f64::NAN)
            };
            let rising = try_end(End::Low) <= try_end(End::High);
            lowest.insert(span, if rising { End::Low } else { End::High });
            highest.insert(span, if rising { End::High } else { End::Low });
        }
        out.extend(at(&lowest));
        out.extend(at(&highest));
        out
    }

    fn one(&self, expr: &Expr, prefix: &str, ends: &Ends, sink: &mut Sink) -> Option<One> {
        match &expr.kind {
            ExprKind::Number(n) => {
                let q = n.quantity;
                let value = match ends.get(&expr.span) {
                    Some(End::Times(factor)) => q.value * factor,
                    _ => q.value,
                };
                Some(One { value, dim: q.dim, flavor: q.flavor, per: None, through_let: false })
            }
            ExprKind::Paren(e) => self.one(e, prefix, ends, sink),
            ExprKind::Negative(e) => self.one(e, prefix, ends, sink).map(|o| One { value: -o.value, ..o }),
            ExprKind::Word(w) => self.word(w, expr.span, prefix, ends, sink),
            ExprKind::Arith(first, rest) => self.arith(first, rest, prefix, ends, sink),
            ExprKind::Range(a, op, b) => {
                let low = self.one(a, prefix, ends, sink)?;
                let high = self.one(b, prefix, ends, sink)?;
                interval(expr.span, (low, a.span), *op, (high, b.span), ends.get(&expr.span).copied(), sink)
            }
            ExprKind::Bad => None,
            other => {
                if let ExprKind::Phrase(parts) = other
                    && let Some(d) = misspelt_unit(parts)
                {
                    sink.push(d);
                    return None;
                }
                sink.push(
                    Diagnostic::error("ARC542", expr.span, format!("{} is not a number", describe(other)))
                        .help("a number is `3`, `10k`, `3ms`, `40GB`, `400 rps`, `85%` or `$12`"),
                );
                None
            }
        }
    }

    fn word(&self, w: &str, span: Span, prefix: &str, ends: &Ends, sink: &mut Sink) -> Option<One> {
        let full = qualify(prefix, w);
        if let Some(v) = self.table.get(&full) {
            self.used.borrow_mut().insert(full.clone());
            let fixed = self.mid.get(&full).copied().flatten();
            // A let without intervals has the same value in every case.
            if self.intervals.get(&full).is_none_or(BTreeSet::is_empty) || ends == &self.ends {
                if fixed.is_none() && self.mid.contains_key(&full) && !is_arithmetic(&v.expr) {
                    sink.push(
                        Diagnostic::error("ARC542", span, format!("`{w}` is {}, not a number", describe(&v.expr.kind)))
                            .related(v.span, "named here"),
                    );
                }
                return fixed.map(|o| One { through_let: true, ..o });
            }
            return self.at_ends(&full, ends, sink).map(|o| One { through_let: true, ..o });
        }
        if unit(w).is_some() && !w.is_empty() {
            sink.push(
                Diagnostic::error("ARC521", span, format!("the unit `{w}` stands alone"))
                    .help(format!("a bare unit follows only `/` or `per`: `400 / {w}`; a value is `1{w}`")),
            );
            return None;
        }
        let apart: Vec<&str> = w.split('-').collect();
        let minus = apart.len() > 1 && apart.iter().all(|p| self.table.contains_key(&qualify(prefix, p)));
        let near = sink.propose(w, self.names()).filter(|_| !minus);
        let help = near.map_or_else(
            || {
                if w.contains('-') {
                    format!("`{w}` is one word; minus takes blanks: `{}`", w.replace('-', " - "))
                } else {
                    format!("name it with `let {w} = …`")
                }
            },
            |n| format!("did you mean `{n}`?"),
        );
        sink.push(Diagnostic::error("ARC530", span, format!("`{w}` is not a value")).help(help));
        None
    }

    /// A let at given endpoints. Each let below it is evaluated once, dependencies first, so the
    /// time is linear in the number of lets.
    fn at_ends(&self, name: &str, ends: &Ends, sink: &mut Sink) -> Option<One> {
        {
            let mut memo = self.memo.borrow_mut();
            if memo.0 != *ends {
                *memo = (ends.clone(), BTreeMap::new());
            }
            if let Some(known) = memo.1.get(name) {
                return *known;
            }
        }
        let mut needed: BTreeSet<(usize, String)> = BTreeSet::new();
        let mut todo = vec![name.to_owned()];
        while let Some(next) = todo.pop() {
            let Some(v) = self.table.get(&next) else { continue };
            let place = self.places.get(&next).copied().unwrap_or(usize::MAX);
            let used = words(&v.expr).into_iter().map(|w| qualify(&v.prefix, &w));
            let open = used.filter(|u| {
                self.intervals.get(u).is_some_and(|i| !i.is_empty()) && !self.memo.borrow().1.contains_key(u)
            });
            if needed.insert((place, next)) {
                todo.extend(open);
            }
        }
        let mut last = None;
        for (_, each) in needed {
            let Some(v) = self.table.get(&each) else { continue };
            last = self.one(&v.expr, &v.prefix, ends, sink);
            self.memo.borrow_mut().1.insert(each, last);
        }
        last
    }

    fn arith(
        &self,
        first: &Expr,
        rest: &[(BinOp, Span, Expr)],
        prefix: &str,
        ends: &Ends,
        sink: &mut Sink,
    ) -> Option<One> {
        let mut sum: Option<(One, Span)> = None;
        let mut pending = BinOp::Add;
        let mut product = self.one(first, prefix, ends, sink)?;
        let mut product_span = first.span;
        for (op, _, operand) in rest {
            match op {
                BinOp::Mul | BinOp::Div | BinOp::Per => {
                    product = self.factor(product, product_span, *op, operand, prefix, ends, sink)?;
                    product_span = product_span.to(operand.span);
                }
                BinOp::Add | BinOp::Sub => {
                    sum = Some(add(sum, pending, product, product_span, sink)?);
                    pending = *op;
                    product = self.one(operand, prefix, ends, sink)?;
                    product_span = operand.span;
                }
            }
        }
        let (total, span) = add(sum, pending, product, product_span, sink)?;
        if !total.value.is_finite() {
            sink.push(
                Diagnostic::error("ARC548", span, "this value is too large")
                    .help("the largest number is about 1.8e308"),
            );
            return None;
        }
        Some(total)
    }

    #[expect(clippy::too_many_arguments, reason = "one step of the walk, with its whole context")]
    fn factor(
        &self,
        left: One,
        left_span: Span,
        op: BinOp,
        operand: &Expr,
        prefix: &str,
        ends: &Ends,
        sink: &mut Sink,
    ) -> Option<One> {
        if op != BinOp::Mul
            && let ExprKind::Word(w) = &operand.kind
        {
            let divides = op == BinOp::Div && self.table.contains_key(&qualify(prefix, w));
            if let Some(scope) = CountedPer::of(w).filter(|_| !divides) {
                if op == BinOp::Per && left.per.is_none() {
                    return Some(One { per: Some(scope), ..left });
                }
                sink.push(
                    Diagnostic::error("ARC521", operand.span, format!("`{w}` follows `per`, once"))
                        .help("write `100 rps per client` or `0.08 per user per day`"),
                );
                return None;
            }
            // A unit wins over a name of the design: this position is reserved for units.
            if let Some(u) = unit(w).filter(|_| !w.is_empty()) {
                return Some(One { value: left.value / u.factor, dim: left.dim.over(u.dim), ..left });
            }
        }
        let right = self.one(operand, prefix, ends, sink)?;
        if op == BinOp::Mul { Some(left.times(right)) } else { left.over(left_span, right, operand.span, sink) }
    }

    /// Source locations of all intervals in an expression, lets included.
    #[must_use]
    pub fn interval_spans(&self, expr: &Expr, prefix: &str) -> BTreeSet<Span> {
        let mut out = BTreeSet::new();
        self.collect_intervals(expr, prefix, &mut out);
        out
    }
}
