//! Numbers of attributes: dimension, flavor and range, and findings for wrong ones.
//!
//! In: expressions, the type of a property. Out: values, and findings. Never: a word or a list.

use super::arithmetic::Num;
use super::expressions::describe;
use super::scope::Scope;
use super::value::{Interval, Latency, Law};
use crate::base::Span;
use crate::diag::{Diagnostic, Sink};
use crate::kinds::{Property, Range, Type};
use crate::resource::CountedPer;
use crate::syntax::ast::{Expr, ExprKind};
use crate::units::{Dim, Flavor, show, show_ratio};

/// Dimension, flavor and range of a number.
pub(super) fn checked(num: &Num, ty: Type, range: Range, name: &str, span: Span, sink: &mut Sink) -> Option<Interval> {
    let (dims, flavors): (&[Dim], &[Flavor]) = match ty {
        Type::Ratio => (&[Dim::NONE], &[Flavor::Plain, Flavor::Percent]),
        Type::Factor => (&[Dim::NONE], &[Flavor::Plain, Flavor::Factor, Flavor::Percent]),
        Type::Time | Type::Latency | Type::RegionTimes => (&[Dim::TIME], &[]),
        Type::Size => (&[Dim::SIZE], &[]),
        Type::Rate | Type::Limit => (&[Dim::RATE], &[]),
        Type::Bandwidth => (&[Dim::BANDWIDTH], &[]),
        Type::Price => (&[Dim::MONEY, Dim::MONEY_RATE], &[]),
        Type::MoneyRate => (&[Dim::MONEY_RATE], &[]),
        _ => (&[Dim::NONE], &[Flavor::Plain]),
    };
    if !dims.contains(&num.dim) || (num.dim == Dim::NONE && !flavors.contains(&num.flavor)) {
        let found = num.noun();
        let help = match (dims.first(), num.dim) {
            (Some(d), Dim::NONE) if *d != Dim::NONE && num.flavor == Flavor::Plain => {
                format!("a number alone has no unit; {} is written {}", wanted(&ty), d.example())
            }
            (Some(&Dim::MONEY_RATE), Dim::MONEY) => "say per how long: `$40k/month`".to_owned(),
            (Some(&Dim::NONE), _) => match ty {
                Type::Count | Type::Shards => "a count is `3`, `10k` or `2M`".to_owned(),
                Type::Ratio => "a ratio is `85%` or `0.85`".to_owned(),
                _ => "a factor is `3x` or `3`".to_owned(),
            },
            (Some(d), _) => format!("{} is written {}", wanted(&ty), d.example()),
            (None, _) => String::new(),
        };
        sink.push(
            Diagnostic::error("ARC542", span, format!("`{name}` expects {}, not {found}", wanted(&ty)))
                .label(found)
                .help(help),
        );
        return None;
    }
    if let Some(scope) = num.per {
        let help = if scope == CountedPer::User {
            "only the rate or volume of a flow counts per user"
        } else {
            "`per client`, `per ip` and `per route` belong in a rate limit"
        };
        sink.push(Diagnostic::error("ARC542", span, format!("`{name}` cannot count per {}", scope.word())).help(help));
        return None;
    }
    for x in [num.value.low, num.value.mid, num.value.high] {
        // Inside an interval a count need not be whole.
        let fine = match range {
            Range::Whole(least) if num.value.is_spread() => x >= least,
            Range::Between(least, most) if num.value.is_spread() => (least..=most).contains(&x),
            _ => range.holds(x),
        };
        if !fine {
            let shown = match ty {
                Type::Ratio => show_ratio(x),
                _ if x == 0.0 || (num.dim == Dim::NONE && x.abs() < 1e9) => x.to_string(),
                _ => show(x, num.dim),
            };
            let help = if matches!(ty, Type::Ratio) && num.flavor == Flavor::Plain && (1.0..=100.0).contains(&x) {
                format!("did you mean `{x}%`?")
            } else {
                format!("it must be {}", range.describe())
            };
            sink.push(Diagnostic::error("ARC543", span, format!("`{name}` cannot be {shown}")).help(help));
            return None;
        }
    }
    Some(num.value)
}

pub(super) fn number(expr: &Expr, property: &Property, scope: &Scope, sink: &mut Sink) -> Option<Num> {
    // A non-number in place of a number is an error about the attribute.
    let found = match &expr.kind {
        ExprKind::Word(w) if scope.lets.lookup(w, scope.prefix).is_none() => {
            if crate::units::unit(w).is_some() {
                return scope.lets.number(expr, scope.prefix, sink);
            }
            if ["null", "nil", "none", "undefined", "unset"].contains(&w.as_str()) {
                let d = Diagnostic::error(
                    "ARC542",
                    expr.span,
                    format!("`{}` expects {}, not `{w}`", property.name, wanted(&property.ty)),
                );
                sink.push(d.help(format!("leave `{}` out: every attribute is optional", property.name)));
                return None;
            }
            let parts: Vec<&str> = w.split('-').collect();
            if parts.len() > 1 && parts.iter().all(|p| scope.lets.lookup(p, scope.prefix).is_some()) {
                return scope.lets.number(expr, scope.prefix, sink);
            }
            let near = sink.propose(w, scope.lets.names());
            let d = Diagnostic::error(
                "ARC542",
                expr.span,
                format!("`{}` expects {}, and no value is named `{w}`", property.name, wanted(&property.ty)),
            );
            sink.push(d.help(near.map_or_else(
                || format!("write `{} = {}`", property.name, example(property)),
                |n| format!("did you mean `{n}`?"),
            )));
            return None;
        }
        ExprKind::Phrase(parts) => {
            if let Some(d) = super::expressions::misspelt_unit(parts) {
                sink.push(d);
                return None;
            }
            if let [Expr { kind: ExprKind::Number(a), .. }, Expr { kind: ExprKind::Number(b), .. }] = parts.as_slice()
                && a.quantity.dim == b.quantity.dim
                && a.quantity.dim != Dim::NONE
            {
                let d =
                    Diagnostic::error("ARC542", expr.span, format!("`{}` expects one value, not two", property.name));
                sink.push(d.help(format!("add them: `{} = {} + {}`", property.name, a.text, b.text)));
                return None;
            }
            describe(&expr.kind)
        }
        ExprKind::Text(_) | ExprKind::List(_) | ExprKind::Clock(_) | ExprKind::Date(_) | ExprKind::Alternatives(_) => {
            describe(&expr.kind)
        }
        _ => return scope.lets.number(expr, scope.prefix, sink),
    };
    wrong_type(property, expr, &found, sink);
    None
}

/// Whether values of type `ty` are numbers.
pub(super) fn is_quantity(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Count
            | Type::Ratio
            | Type::Time
            | Type::Size
            | Type::Rate
            | Type::Bandwidth
            | Type::Price
            | Type::MoneyRate
            | Type::Factor
            | Type::RegionTimes
            | Type::Latency
            | Type::Limit
            | Type::Growth
            | Type::Shards
    )
}

pub(super) fn read_latency(
    expr: &Expr,
    property: &'static Property,
    scope: &Scope,
    sink: &mut Sink,
) -> Option<(Latency, bool)> {
    let time = |e: &Expr, sink: &mut Sink| {
        let num = number(e, property, scope, sink)?;
        checked(&num, Type::Time, property.range, property.name, e.span, sink).map(|v| (v, num.through_let))
    };
    let ExprKind::Phrase(parts) = &expr.kind else {
        let (mean, via) = time(expr, sink)?;
        // Waiting without CPU use is a constant pause unless the design sets a law.
        let law = if property.name == "wait" { Law::Constant } else { Law::Exponential };
        return Some((Latency { mean, law }, via));
    };
    let word = |e: &Expr| match &e.kind {
        ExprKind::Word(w) => w.clone(),
        _ => String::new(),
    };
    match parts.as_slice() {
        [law, t] if word(law) == "exp" => {
            time(t, sink).map(|(mean, via)| (Latency { mean, law: Law::Exponential }, via))
        }
        [law, t] if word(law) == "const" => {
            time(t, sink).map(|(mean, via)| (Latency { mean, law: Law::Constant }, via))
        }
        [law, t, cv, n] if word(law) == "mean" && word(cv) == "cv" => {
            let (mean, via) = time(t, sink)?;
            let num = scope.lets.number(n, scope.prefix, sink)?;
            let cv = checked(&num, Type::Ratio, Range::NonNegative, "cv", n.span, sink)?;
            Some((Latency { mean, law: Law::Cv(cv.mid) }, via))
        }
        [a, t, b, u] if word(a) == "p50" && word(b) == "p99" => {
            let (p50, via) = time(t, sink)?;
            let (p99, via2) = time(u, sink)?;
            if p50.mid <= 0.0 || p99.mid < p50.mid {
                sink.push(
                    Diagnostic::error(
                        "ARC543",
                        expr.span,
                        format!(
                            "p99 ({}) cannot be below p50 ({})",
                            show(p99.mid, Dim::TIME),
                            show(p50.mid, Dim::TIME)
                        ),
                    )
                    .help("write the median first: `p50 180ms p99 650ms`; both are more than 0"),
                );
                return None;
            }
            // Log-normal: ln X ~ N(ln p50, sigma^2), sigma = ln(p99/p50) / z(0.99); mean = p50 exp(sigma^2 / 2).
            let mean = |m: f64, q: f64| {
                let sigma = (q / m).ln() / 2.326_347_874_040_841;
                m * (sigma * sigma / 2.0).exp()
            };
            let corners = [(p50.low, p99.low), (p50.low, p99.high), (p50.high, p99.low), (p50.high, p99.high)];
            let mut all = Interval::fixed(mean(p50.mid, p99.mid));
            for (m, q) in corners.into_iter().filter(|(m, q)| *m > 0.0 && q >= m) {
                all.low = all.low.min(mean(m, q));
                all.high = all.high.max(mean(m, q));
            }
            Some((Latency { mean: all, law: Law::LogNormal { p50: p50.mid, p99: p99.mid } }, via || via2))
        }
        _ => {
            if let Some(d) = super::expressions::misspelt_unit(parts) {
                sink.push(d);
                return None;
            }
            sink.push(
                Diagnostic::error("ARC542", expr.span, format!("`{}` expects a time or a distribution", property.name))
                    .help("write `3ms`, `exp 3ms`, `const 3ms`, `mean 3ms cv 0.5` or `p50 180ms p99 650ms`"),
            );
            None
        }
    }
}

pub(super) fn wrong_type(property: &Property, expr: &Expr, found: &str, sink: &mut Sink) {
    sink.push(
        Diagnostic::error(
            "ARC542",
            expr.span,
            format!("`{}` expects {}, not {found}", property.name, wanted(&property.ty)),
        )
        .help(format!("write `{} = {}`", property.name, example(property))),
    );
}

/// The noun for a type, with its article: "a time", "a size".
pub(super) fn wanted(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "`true` or `false`",
        Type::Text => "a string",
        Type::Count | Type::Shards => "a count",
        Type::Ratio => "a ratio",
        Type::Time => "a time",
        Type::Latency => "a time",
        Type::Size => "a size",
        Type::Rate | Type::Limit => "a rate",
        Type::Bandwidth => "a bandwidth",
        Type::Price => "a price",
        Type::MoneyRate => "money per time",
        Type::Factor => "a factor",
        Type::Word(_) | Type::Label => "a word",
        Type::Labels => "a list of words",
        Type::Components => "names of components",
        Type::Clock => "a time of day",
        Type::Window => "two times of day",
        Type::Growth => "a ratio per time",
        Type::Session => "a session mechanism",
        Type::Zones => "zones",
        Type::Regions => "regions",
        Type::Instance => "a machine",
        Type::RegionTimes => "a time",
        Type::Place | Type::Shares | Type::Ops | Type::Block(_) => "a block",
    }
}

/// A literal for a help line.
pub(super) fn example(property: &Property) -> &'static str {
    match property.ty {
        Type::Bool => "true",
        Type::Text => "\"text\"",
        Type::Count => "3",
        Type::Ratio => "85%",
        Type::Time | Type::Latency => "3ms",
        Type::Size => "512MiB",
        Type::Rate => "400 rps",
        Type::Bandwidth => "10MB/s",
        Type::Price | Type::MoneyRate => "$40/month",
        Type::Factor => "2x",
        Type::Word(words) => words.first().copied().unwrap_or("word"),
        Type::Label => "name",
        Type::Labels => "[a, b]",
        Type::Components => "[cart, orders]",
        Type::Clock => "22:00",
        Type::Window => "22:00 to 05:00",
        Type::Limit => "100 rps per client",
        Type::Growth => "6% per month",
        Type::Shards => "4 by customer_id",
        Type::Session => "pin_primary 5s",
        Type::Zones => "[a, b]",
        Type::Regions => "us-east-1",
        Type::Instance => "m7g.large",
        Type::RegionTimes => "75ms",
        Type::Place | Type::Shares | Type::Ops | Type::Block(_) => "{ … }",
    }
}
