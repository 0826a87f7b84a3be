//! Expressions to quantities: arithmetic checked by dimension, lets, intervals.
//!
//! In: expressions of the AST, endpoints of intervals. Out: quantities in SI units, and findings.
//! Never: an attribute.

use super::value::Interval;
use crate::base::Span;
use crate::diag::{Diagnostic, Sink};
use crate::syntax::ast::{BinOp, Expr, ExprKind, RangeOp};
use crate::units::{Dim, Flavor, Quantity, show, unit};
use std::collections::{BTreeMap, BTreeSet};

/// Most intervals in one value; its extremes take two evaluations for each.
const MAX_INTERVALS: usize = 100;

/// The endpoint of each interval, by source location. Intervals without an entry take their
/// midpoint, numbers their own value.
pub type Ends = BTreeMap<Span, End>;

/// An endpoint of an interval, or another value for a written number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// Its lowest value.
    Low,
    /// Its middle.
    Mid,
    /// Its highest value.
    High,
    /// A share of the way from its lowest value to its highest.
    Part(f64),
    /// A factor for a number that is written without an interval.
    Times(f64),
}

/// A quantity that may be uncertain, and may count per user or client.
#[derive(Clone, Debug, PartialEq)]
pub struct Num {
    /// The value in SI units.
    pub value: Interval,
    /// Its dimension.
    pub dim: Dim,
    /// Its flavor: how it was written, if it has no dimension.
    pub flavor: Flavor,
    /// `per user`, `per client` …
    pub per: Option<&'static str>,
    /// Whether a `let` took part.
    pub through_let: bool,
}

impl Num {
    /// Its name in error messages: "a rate", "a ratio".
    #[must_use]
    pub fn noun(&self) -> &'static str {
        Quantity { value: self.value.mid, dim: self.dim, flavor: self.flavor }.noun()
    }
}

/// The unit that a rate may be counted per.
pub const SCOPES: [&str; 4] = ["user", "client", "ip", "route"];

#[derive(Clone, Copy, Debug)]
struct One {
    value: f64,
    dim: Dim,
    flavor: Flavor,
    per: Option<&'static str>,
    through_let: bool,
}

/// A named value.
#[derive(Clone, Debug)]
pub struct LetValue {
    /// Its expression.
    pub expr: Expr,
    /// The prefix of its file.
    pub prefix: String,
    /// The source location of its name.
    pub span: Span,
}

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
        lets.sort(sink);
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

    /// Kahn's order; names that remain form cycles.
    fn sort(&mut self, sink: &mut Sink) {
        let uses: BTreeMap<String, BTreeSet<String>> = self
            .table
            .iter()
            .map(|(name, v)| {
                let all =
                    words(&v.expr).into_iter().map(|w| qualify(&v.prefix, &w)).filter(|w| self.table.contains_key(w));
                (name.clone(), all.collect())
            })
            .collect();
        let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, all) in &uses {
            missing.insert(name, all.len());
            for u in all {
                users.entry(u).or_default().push(name);
            }
        }
        let mut ready: Vec<&str> = missing.iter().filter(|(_, n)| **n == 0).map(|(n, _)| *n).rev().collect();
        let mut order = Vec::new();
        while let Some(name) = ready.pop() {
            order.push(name.to_owned());
            for user in users.get(name).into_iter().flatten() {
                if let Some(n) = missing.get_mut(user) {
                    *n -= 1;
                    if *n == 0 {
                        ready.push(user);
                    }
                }
            }
        }
        if order.len() < self.table.len() {
            let left: BTreeSet<&str> = missing.iter().filter(|(_, n)| **n > 0).map(|(n, _)| *n).collect();
            self.report_ring(&left, &uses, sink);
        }
        self.places = order.iter().enumerate().map(|(i, n)| (n.clone(), i)).collect();
        self.order = order;
    }

    fn report_ring(&self, left: &BTreeSet<&str>, uses: &BTreeMap<String, BTreeSet<String>>, sink: &mut Sink) {
        // Follow the first use inside the rest until a name repeats.
        let Some(mut at) = left.first().copied() else { return };
        let mut path: Vec<&str> = Vec::new();
        while !path.contains(&at) {
            path.push(at);
            let next = uses.get(at).and_then(|u| u.iter().find(|n| left.contains(n.as_str())));
            let Some(next) = next else { break };
            at = next;
        }
        let start = path.iter().position(|n| *n == at).unwrap_or(0);
        let mut ring: Vec<&str> = path.get(start..).unwrap_or(&[]).to_vec();
        ring.push(at);
        if let Some(v) = self.table.get(at) {
            sink.push(
                Diagnostic::error("ARC536", v.span, format!("`{at}` is defined by itself: {}", ring.join(" -> ")))
                    .help(if ring.len() > 2 {
                        "give one of them a value of its own"
                    } else {
                        "give it a value of its own"
                    }),
            );
        }
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
            ExprKind::Range(a, op, b) => self.range(expr.span, a, *op, b, prefix, ends, sink),
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
            if let Some(scope) = SCOPES.iter().find(|s| *s == w).filter(|_| !divides) {
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
        let through_let = left.through_let || right.through_let;
        let per = left.per.or(right.per);
        if op == BinOp::Mul {
            let flavor = match (left.flavor, right.flavor) {
                (Flavor::Percent, Flavor::Percent) => Flavor::Percent,
                _ => Flavor::Plain,
            };
            return Some(One {
                value: left.value * right.value,
                dim: left.dim.times(right.dim),
                flavor,
                per,
                through_let,
            });
        }
        if right.value == 0.0 {
            sink.push(
                Diagnostic::error("ARC548", operand.span, "this divides by zero")
                    .related(left_span, "what is divided")
                    .help("divide by a number that is not 0"),
            );
            return None;
        }
        let flavor = if right.flavor == Flavor::Plain { left.flavor } else { Flavor::Plain };
        Some(One { value: left.value / right.value, dim: left.dim.over(right.dim), flavor, per, through_let })
    }

    #[expect(clippy::too_many_arguments, reason = "one step of the walk, with its whole context")]
    fn range(
        &self,
        span: Span,
        a: &Expr,
        op: RangeOp,
        b: &Expr,
        prefix: &str,
        ends: &Ends,
        sink: &mut Sink,
    ) -> Option<One> {
        let low = self.one(a, prefix, ends, sink)?;
        let high = self.one(b, prefix, ends, sink)?;
        let relative = op == RangeOp::PlusMinus
            && high.dim == Dim::NONE
            && high.flavor == Flavor::Percent
            && !(low.dim == Dim::NONE && low.flavor == Flavor::Percent);
        if !relative
            && (low.dim != high.dim
                || (low.flavor != high.flavor && (low.flavor == Flavor::Percent) != (high.flavor == Flavor::Percent)))
        {
            let noun = |o: One| Quantity { value: o.value, dim: o.dim, flavor: o.flavor }.noun();
            sink.push(
                Diagnostic::error(
                    "ARC547",
                    span,
                    format!("the ends of this interval differ in dimension: {} and {}", noun(low), noun(high)),
                )
                .related(a.span, noun(low))
                .related(b.span, noun(high))
                .help("give both ends the same unit"),
            );
            return None;
        }
        let (from, to) = match op {
            RangeOp::To => (low.value, high.value),
            RangeOp::PlusMinus => {
                let spread = if relative { low.value * high.value } else { high.value };
                (low.value - spread, low.value + spread)
            }
        };
        if from > to {
            sink.push(
                Diagnostic::error(
                    "ARC543",
                    span,
                    format!("this interval runs backwards: {} is more than {}", show(from, low.dim), show(to, low.dim)),
                )
                .help(if op == RangeOp::To {
                    format!("the lower end stands first: `{} .. {}`", show(to, low.dim), show(from, low.dim))
                } else {
                    "what follows `+-` is not negative".to_owned()
                }),
            );
            return None;
        }
        let value = match ends.get(&span) {
            Some(End::Low) => from,
            Some(End::High) => to,
            Some(End::Part(share)) => from + share * (to - from),
            _ => f64::midpoint(from, to),
        };
        Some(One {
            value,
            dim: low.dim,
            flavor: low.flavor,
            per: low.per,
            through_let: low.through_let || high.through_let,
        })
    }

    /// Source locations of all intervals in an expression, lets included.
    #[must_use]
    pub fn interval_spans(&self, expr: &Expr, prefix: &str) -> BTreeSet<Span> {
        let mut out = BTreeSet::new();
        self.collect_intervals(expr, prefix, &mut out);
        out
    }
}

fn add(sum: Option<(One, Span)>, op: BinOp, term: One, span: Span, sink: &mut Sink) -> Option<(One, Span)> {
    let Some((left, left_span)) = sum else { return Some((term, span)) };
    if left.dim != term.dim {
        let noun = |o: One| Quantity { value: o.value, dim: o.dim, flavor: o.flavor }.noun();
        let (verb, joint) = if op == BinOp::Sub { ("subtract", "from") } else { ("add", "to") };
        sink.push(
            Diagnostic::error(
                "ARC547",
                left_span.to(span),
                format!("cannot {verb} {} {joint} {}", noun(term), noun(left)),
            )
            .related(left_span, format!("{}: {}", noun(left), show(left.value, left.dim)))
            .related(span, format!("{}: {}", noun(term), show(term.value, term.dim)))
            .help("both sides of `+` and `-` have the same dimension"),
        );
        return None;
    }
    let flavor = if left.flavor == term.flavor { left.flavor } else { Flavor::Plain };
    let value = if op == BinOp::Sub { left.value - term.value } else { left.value + term.value };
    let both = One {
        value,
        dim: left.dim,
        flavor,
        per: left.per.or(term.per),
        through_let: left.through_let || term.through_let,
    };
    Some((both, left_span.to(span)))
}

/// `400 qps`, `40k USD/month`: a number and a word that is not a unit.
pub(super) fn misspelt_unit(parts: &[Expr]) -> Option<Diagnostic> {
    let [Expr { kind: ExprKind::Number(n), .. }, second] = parts else { return None };
    let (w, span) = match &second.kind {
        ExprKind::Word(w) => (w, second.span),
        ExprKind::Arith(first, _) => match &first.kind {
            ExprKind::Word(w) => (w, first.span),
            _ => return None,
        },
        _ => return None,
    };
    if n.quantity.dim != Dim::NONE && n.quantity.dim != Dim::MONEY {
        return None;
    }
    let help = crate::syntax::unit_help(w, n.quantity.dim == Dim::MONEY, &n.text);
    Some(
        Diagnostic::error("ARC520", span, format!("`{w}` is not a unit"))
            .label(format!("after `{}`", n.text))
            .help(help),
    )
}

/// Whether an expression can be a quantity.
pub(super) fn is_arithmetic(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Number(_)
            | ExprKind::Arith(..)
            | ExprKind::Range(..)
            | ExprKind::Paren(_)
            | ExprKind::Negative(_)
            | ExprKind::Word(_)
    )
}

/// The class of an expression, for error messages.
#[must_use]
pub fn describe(kind: &ExprKind) -> String {
    match kind {
        ExprKind::Text(_) => "a string".to_owned(),
        ExprKind::Word(w) => format!("`{w}`"),
        ExprKind::List(_) => "a list".to_owned(),
        ExprKind::Hole(_) => "`?`".to_owned(),
        ExprKind::Clock(_) => "a time of day".to_owned(),
        ExprKind::Date(_) => "a date".to_owned(),
        ExprKind::Phrase(_) => "several values".to_owned(),
        ExprKind::Alternatives(_) => "a choice with `|`".to_owned(),
        _ => "this".to_owned(),
    }
}

/// A name under the prefix of its file.
#[must_use]
pub fn qualify(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// All words of an expression.
fn words(expr: &Expr) -> Vec<String> {
    let mut out = Vec::new();
    let mut stack = vec![expr];
    while let Some(e) = stack.pop() {
        match &e.kind {
            ExprKind::Word(w) => out.push(w.clone()),
            ExprKind::List(all) | ExprKind::Phrase(all) | ExprKind::Alternatives(all) => stack.extend(all),
            ExprKind::Paren(e) | ExprKind::Negative(e) => stack.push(e),
            ExprKind::Arith(first, rest) => {
                stack.push(first);
                // After `per`, a scope is not a name: `100 rps per client`.
                let scope = |op: BinOp, e: &Expr| {
                    op == BinOp::Per && matches!(&e.kind, ExprKind::Word(w) if SCOPES.contains(&w.as_str()))
                };
                stack.extend(rest.iter().filter(|(op, _, e)| !scope(*op, e)).map(|(_, _, e)| e));
            }
            ExprKind::Range(a, _, b) => stack.extend([&**a, &**b]),
            _ => {}
        }
    }
    out
}
