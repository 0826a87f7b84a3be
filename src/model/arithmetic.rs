//! Arithmetic of quantities, checked by dimension: sums, products, quotients, intervals.
//!
//! In: values with dimension and flavor. Out: one value, or a finding. Never: an expression or a
//! name.

use super::value::Interval;
use crate::base::Span;
use crate::diag::{Diagnostic, Sink};
use crate::resource::CountedPer;
use crate::syntax::ast::{BinOp, RangeOp};
use crate::units::{Dim, Flavor, Quantity, show};
use std::collections::BTreeMap;

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
    pub per: Option<CountedPer>,
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

/// A value at one choice of endpoints.
#[derive(Clone, Copy, Debug)]
pub(super) struct One {
    pub value: f64,
    pub dim: Dim,
    pub flavor: Flavor,
    pub per: Option<CountedPer>,
    pub through_let: bool,
}

impl One {
    fn noun(self) -> &'static str {
        Quantity { value: self.value, dim: self.dim, flavor: self.flavor }.noun()
    }

    /// The product.
    pub(super) fn times(self, right: Self) -> Self {
        let through_let = self.through_let || right.through_let;
        let per = self.per.or(right.per);
        let flavor = match (self.flavor, right.flavor) {
            (Flavor::Percent, Flavor::Percent) => Flavor::Percent,
            _ => Flavor::Plain,
        };
        One { value: self.value * right.value, dim: self.dim.times(right.dim), flavor, per, through_let }
    }

    /// The quotient; a division by zero is reported.
    pub(super) fn over(self, span: Span, right: Self, right_span: Span, sink: &mut Sink) -> Option<Self> {
        let through_let = self.through_let || right.through_let;
        let per = self.per.or(right.per);
        if right.value == 0.0 {
            sink.push(
                Diagnostic::error("ARC548", right_span, "this divides by zero")
                    .related(span, "what is divided")
                    .help("divide by a number that is not 0"),
            );
            return None;
        }
        let flavor = if right.flavor == Flavor::Plain { self.flavor } else { Flavor::Plain };
        Some(One { value: self.value / right.value, dim: self.dim.over(right.dim), flavor, per, through_let })
    }
}

/// A sum so far, plus or minus a term.
pub(super) fn add(sum: Option<(One, Span)>, op: BinOp, term: One, span: Span, sink: &mut Sink) -> Option<(One, Span)> {
    let Some((left, left_span)) = sum else { return Some((term, span)) };
    if left.dim != term.dim {
        let (verb, joint) = if op == BinOp::Sub { ("subtract", "from") } else { ("add", "to") };
        sink.push(
            Diagnostic::error(
                "ARC547",
                left_span.to(span),
                format!("cannot {verb} {} {joint} {}", term.noun(), left.noun()),
            )
            .related(left_span, format!("{}: {}", left.noun(), show(left.value, left.dim)))
            .related(span, format!("{}: {}", term.noun(), show(term.value, term.dim)))
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

/// The value of `low .. high` or `middle +- spread` at an endpoint.
pub(super) fn interval(
    span: Span,
    (low, low_span): (One, Span),
    op: RangeOp,
    (high, high_span): (One, Span),
    end: Option<End>,
    sink: &mut Sink,
) -> Option<One> {
    let relative = op == RangeOp::PlusMinus
        && high.dim == Dim::NONE
        && high.flavor == Flavor::Percent
        && !(low.dim == Dim::NONE && low.flavor == Flavor::Percent);
    if !relative
        && (low.dim != high.dim
            || (low.flavor != high.flavor && (low.flavor == Flavor::Percent) != (high.flavor == Flavor::Percent)))
    {
        sink.push(
            Diagnostic::error(
                "ARC547",
                span,
                format!("the ends of this interval differ in dimension: {} and {}", low.noun(), high.noun()),
            )
            .related(low_span, low.noun())
            .related(high_span, high.noun())
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
    let value = match end {
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
