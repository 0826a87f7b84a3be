//! Values of attributes other than plain numbers: words, lists, shards.
//!
//! In: expressions, the type of a property. Out: values, and findings. Never: a name resolved
//! beyond its scope.

use super::arithmetic::Num;
use super::expressions::describe;
use super::numbers::{checked, example, is_quantity, number, read_latency, wrong_type};
use super::scope::{Scope, check_machine, unknown_place};
use super::value::{Interval, Value};
use super::variables::read_hole;
use crate::base::{Span, nearest};
use crate::catalog;
use crate::diag::{Diagnostic, Sink};
use crate::kinds::{Property, Range, Type};
use crate::syntax::ast::{BinOp, Expr, ExprKind, RangeOp};
use crate::units::Dim;

/// Checks one value. Returns whether a `let` took part.
pub(super) fn read_value(
    expr: &Expr,
    property: &'static Property,
    scope: &Scope,
    sink: &mut Sink,
) -> Option<(Value, bool)> {
    // A name that the type does not know may stand for an expression.
    let mut expr = expr;
    let mut through_let = false;
    let mut inner_scope;
    let mut scope = scope;
    for _ in 0..64 {
        let ExprKind::Word(w) = &expr.kind else { break };
        if own_word(&property.ty, w, scope) {
            break;
        }
        let Some((_, v)) = scope.lets.lookup(w, scope.prefix) else { break };
        // A number is looked up at its use: an error about it belongs there.
        if is_quantity(&property.ty) && super::expressions::is_arithmetic(&v.expr) {
            break;
        }
        expr = &v.expr;
        through_let = true;
        inner_scope = Scope { prefix: &v.prefix, origin: scope.origin.clone(), ..*scope };
        scope = &inner_scope;
    }
    if matches!(expr.kind, ExprKind::Bad) {
        return None;
    }
    if let ExprKind::Hole(bound) = &expr.kind {
        return read_hole(bound, expr, property, scope, sink)
            .map(|h| (wrap_shards(property, Value::Hole(h), None), through_let));
    }
    if property.hole
        && matches!(property.range, Range::Whole(_))
        && let ExprKind::Range(low, RangeOp::To, high) = &expr.kind
        && let (ExprKind::Number(low), ExprKind::Number(high)) = (&low.kind, &high.kind)
    {
        sink.push(
            Diagnostic::error(
                "ARC516",
                expr.span,
                format!("`{}` is chosen, so an interval alone does not say which", property.name),
            )
            .help(format!("write `{} = ? in {}..{}` to have it solved", property.name, low.text, high.text)),
        );
        return None;
    }
    let value = match property.ty {
        Type::Count
        | Type::Ratio
        | Type::Time
        | Type::Size
        | Type::Rate
        | Type::Bandwidth
        | Type::MoneyRate
        | Type::Factor
        | Type::RegionTimes => {
            let num = number(expr, property, scope, sink)?;
            through_let |= num.through_let;
            Value::Number(checked(&num, property.ty, property.range, property.name, expr.span, sink)?)
        }
        Type::Latency => {
            let (latency, via) = read_latency(expr, property, scope, sink)?;
            through_let |= via;
            Value::Latency(latency)
        }
        Type::Price => {
            let num = number(expr, property, scope, sink)?;
            through_let |= num.through_let;
            let price = checked(&num, property.ty, property.range, property.name, expr.span, sink)?;
            Value::Price(price, num.dim == Dim::MONEY_RATE)
        }
        Type::Limit => {
            let num = number(expr, property, scope, sink)?;
            through_let |= num.through_let;
            Value::Limit(
                checked(&Num { per: None, ..num.clone() }, Type::Rate, property.range, property.name, expr.span, sink)?,
                num.per,
            )
        }
        Type::Growth => {
            let num = number(expr, property, scope, sink)?;
            if num.dim != Dim::RATE || num.per.is_some() {
                wrong_type(property, expr, num.noun(), sink);
                return None;
            }
            // It compounds at the end of its time unit.
            let per = period(expr).unwrap_or(crate::units::MONTH);
            Value::Growth(
                Interval { low: num.value.low * per, mid: num.value.mid * per, high: num.value.high * per },
                per,
            )
        }
        Type::Shards => return read_shards(expr, property, scope, sink).map(|(v, via)| (v, via || through_let)),
        _ => read_words(expr, property, scope, sink)?,
    };
    Some((value, through_let))
}

/// The time unit of a rate, in seconds: the unit after its last `per` or `/`.
fn period(expr: &Expr) -> Option<f64> {
    let (op, _, last) = match &expr.kind {
        ExprKind::Paren(inner) => return period(inner),
        ExprKind::Arith(_, rest) => rest.last()?,
        _ => return None,
    };
    let ExprKind::Word(w) = &last.kind else { return None };
    let unit = crate::units::unit(w).filter(|u| u.dim == Dim::TIME)?;
    [BinOp::Per, BinOp::Div].contains(op).then_some(unit.factor)
}

pub(super) fn own_word(ty: &Type, w: &str, scope: &Scope) -> bool {
    match ty {
        Type::Bool => w == "true" || w == "false",
        Type::Word(words) => words.contains(&w),
        Type::Components => (scope.components)(w),
        Type::Zones => w == "all" || scope.zones.iter().any(|z| z == w),
        Type::Regions => catalog::is_region(w),
        Type::Instance => catalog::machine(w).is_some(),
        Type::Session => ["none", "sticky", "token"].contains(&w),
        _ => false,
    }
}

pub(super) fn wrap_shards(property: &Property, value: Value, by: Option<String>) -> Value {
    if matches!(property.ty, Type::Shards) { Value::Shards(Box::new(value), by) } else { value }
}

pub(super) fn read_shards(
    expr: &Expr,
    property: &'static Property,
    scope: &Scope,
    sink: &mut Sink,
) -> Option<(Value, bool)> {
    let (count, by) = match &expr.kind {
        ExprKind::Phrase(parts) => match parts.as_slice() {
            [count, Expr { kind: ExprKind::Word(by), .. }, Expr { kind: ExprKind::Word(key), .. }] if by == "by" => {
                (count, Some(key.clone()))
            }
            _ => {
                wrong_type(property, expr, &describe(&expr.kind), sink);
                return None;
            }
        },
        _ => (expr, None),
    };
    if let ExprKind::Hole(bound) = &count.kind {
        return read_hole(bound, count, property, scope, sink)
            .map(|h| (Value::Shards(Box::new(Value::Hole(h)), by), false));
    }
    let num = number(count, property, scope, sink)?;
    let value = checked(&num, Type::Count, property.range, property.name, count.span, sink)?;
    Some((Value::Shards(Box::new(Value::Number(value)), by), num.through_let))
}

pub(super) fn read_words(expr: &Expr, property: &'static Property, scope: &Scope, sink: &mut Sink) -> Option<Value> {
    match (&property.ty, &expr.kind) {
        (Type::Bool, ExprKind::Word(w)) if w == "true" || w == "false" => Some(Value::Bool(w == "true")),
        (Type::Bool, ExprKind::Word(w)) => {
            let guess = if ["yes", "on", "enabled"].contains(&w.as_str()) { "true" } else { "false" };
            let d =
                Diagnostic::error("ARC544", expr.span, format!("`{}` is `true` or `false`, not `{w}`", property.name));
            sink.push(d.help(format!("write `{} = {guess}`", property.name)));
            None
        }
        (Type::Text | Type::Label, ExprKind::Text(t)) => Some(Value::Word(t.clone())),
        (Type::Label, ExprKind::Word(w)) => Some(Value::Word(w.clone())),
        (Type::Text, ExprKind::Word(w)) => {
            sink.push(
                Diagnostic::error("ARC542", expr.span, format!("`{}` expects a string", property.name))
                    .help(format!("write `{} = \"{w}\"`", property.name)),
            );
            None
        }
        (Type::Word(words), ExprKind::Word(w)) => {
            if words.contains(&w.as_str()) {
                return Some(Value::Word(w.clone()));
            }
            sink.push(not_one_of(property.name, w, expr.span, words));
            None
        }
        (Type::Word(words), ExprKind::Text(t)) => {
            let help = if words.contains(&t.as_str()) {
                format!("write it without quotes: `{} = {t}`", property.name)
            } else {
                format!("it is one of {}", list(words))
            };
            sink.push(
                Diagnostic::error("ARC542", expr.span, format!("`{}` expects a word, not a string", property.name))
                    .help(help),
            );
            None
        }
        (Type::Labels, ExprKind::List(all)) => words_of(all, property, sink).map(Value::Words),
        (Type::Labels, ExprKind::Word(w)) => Some(Value::Words(vec![w.clone()])),
        (Type::Components, ExprKind::List(_) | ExprKind::Word(_)) => {
            let all = match &expr.kind {
                ExprKind::List(all) => all.as_slice(),
                _ => std::slice::from_ref(expr),
            };
            let words = words_of(all, property, sink)?;
            for (word, e) in words.iter().zip(all) {
                if !(scope.components)(word) {
                    sink.push(
                        Diagnostic::error("ARC530", e.span, format!("no component is named `{word}`"))
                            .help(format!("`{}` lists components of this design", property.name)),
                    );
                    return None;
                }
            }
            Some(Value::Words(words))
        }
        (Type::Clock, ExprKind::Clock(minutes)) => Some(Value::Clock(*minutes)),
        (Type::Window, ExprKind::Phrase(parts)) => match parts.as_slice() {
            [
                Expr { kind: ExprKind::Clock(from), .. },
                Expr { kind: ExprKind::Word(to), .. },
                Expr { kind: ExprKind::Clock(until), .. },
            ] if to == "to" => Some(Value::Window(*from, *until)),
            _ => {
                wrong_type(property, expr, &describe(&expr.kind), sink);
                None
            }
        },
        (Type::Session, ExprKind::Word(w)) if ["none", "sticky", "token"].contains(&w.as_str()) => {
            Some(Value::Session(w.clone(), None))
        }
        (Type::Session, ExprKind::Phrase(parts)) => match parts.as_slice() {
            [Expr { kind: ExprKind::Word(w), .. }, t] if w == "pin_primary" => {
                let num = scope.lets.number(t, scope.prefix, sink)?;
                checked(&num, Type::Time, Range::Positive, "pin_primary", t.span, sink)
                    .map(|v| Value::Session(w.clone(), Some(v.mid)))
            }
            _ => {
                wrong_type(property, expr, &describe(&expr.kind), sink);
                None
            }
        },
        (Type::Session, ExprKind::Word(w)) => {
            if w == "pin_primary" {
                sink.push(
                    Diagnostic::error(
                        "ARC515",
                        expr.span,
                        "`pin_primary` expects the time for which reads stay at the primary",
                    )
                    .help("write `session = pin_primary 5s`"),
                );
            } else {
                sink.push(not_one_of(property.name, w, expr.span, &["none", "sticky", "token", "pin_primary"]));
            }
            None
        }
        (Type::Zones, _) => read_zones(expr, property, scope, sink),
        (Type::Regions, ExprKind::Word(_) | ExprKind::List(_)) => {
            let all = match &expr.kind {
                ExprKind::List(all) => all.as_slice(),
                _ => std::slice::from_ref(expr),
            };
            let words = words_of(all, property, sink)?;
            for (word, e) in words.iter().zip(all) {
                if scope.machines && !catalog::is_region(word) {
                    let near = nearest(word, catalog::regions().iter().copied());
                    let help = near.map_or_else(
                        || "regions are named as the provider names them: `us-east-1`, `eu-west-1`".to_owned(),
                        |n| format!("did you mean `{n}`?"),
                    );
                    sink.push(Diagnostic::error("ARC538", e.span, format!("there is no region `{word}`")).help(help));
                    return None;
                }
            }
            Some(Value::Words(words))
        }
        (Type::Instance, ExprKind::Word(w)) => {
            check_machine(w, expr.span, scope, sink).map(|()| Value::Word(w.clone()))
        }
        (Type::Instance, ExprKind::Text(t)) => {
            sink.push(
                Diagnostic::error("ARC542", expr.span, format!("`{}` expects a word, not a string", property.name))
                    .help(format!("write it without quotes: `{} = {t}`", property.name)),
            );
            None
        }
        _ => {
            let found = match &expr.kind {
                ExprKind::Number(_)
                | ExprKind::Arith(..)
                | ExprKind::Range(..)
                | ExprKind::Paren(_)
                | ExprKind::Negative(_) => scope.lets.number(expr, scope.prefix, sink)?.noun().to_owned(),
                other => describe(other),
            };
            wrong_type(property, expr, &found, sink);
            None
        }
    }
}

pub(super) fn read_zones(expr: &Expr, property: &'static Property, scope: &Scope, sink: &mut Sink) -> Option<Value> {
    match &expr.kind {
        ExprKind::Word(w) if w == "all" => Some(Value::Words(scope.zones.to_vec())),
        ExprKind::Word(_) | ExprKind::List(_) => {
            let all = match &expr.kind {
                ExprKind::List(all) => all.as_slice(),
                _ => std::slice::from_ref(expr),
            };
            let words = words_of(all, property, sink)?;
            for (word, e) in words.iter().zip(all) {
                let zone = word.rsplit_once('.').map_or(word.as_str(), |(_, z)| z);
                if !scope.zones.iter().any(|z| z == zone) {
                    sink.push(unknown_place(word, e.span, "zone", scope));
                    return None;
                }
            }
            Some(Value::Words(words))
        }
        _ => {
            let num = number(expr, property, scope, sink)?;
            let most = f64::from(u32::try_from(scope.zones.len()).unwrap_or(26));
            let v = checked(&num, Type::Count, Range::Between(1.0, most), property.name, expr.span, sink)?;
            Some(Value::Words(
                scope
                    .zones
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| f64::from(u32::try_from(*i).unwrap_or(0)) < v.mid)
                    .map(|(_, z)| z.clone())
                    .collect(),
            ))
        }
    }
}

pub(super) fn words_of(all: &[Expr], property: &Property, sink: &mut Sink) -> Option<Vec<String>> {
    let mut out = Vec::new();
    for e in all {
        match &e.kind {
            ExprKind::Word(w) => out.push(w.clone()),
            ExprKind::Text(t) if matches!(property.ty, Type::Labels) => out.push(t.clone()),
            ExprKind::Bad => return None,
            other => {
                sink.push(
                    Diagnostic::error("ARC542", e.span, format!("{} is not a word", describe(other))).help(format!(
                        "write `{} = {}`",
                        property.name,
                        example(property)
                    )),
                );
                return None;
            }
        }
    }
    Some(out)
}

/// The finding for a word that is not allowed.
#[must_use]
pub(super) fn not_one_of(name: &str, word: &str, span: Span, words: &[&str]) -> Diagnostic {
    let d = Diagnostic::error("ARC544", span, format!("`{name}` cannot be `{word}`"));
    let slips = [
        ("master", "primary"),
        ("leader", "primary"),
        ("slave", "replica"),
        ("follower", "replica"),
        ("secondary", "replica"),
        ("roundrobin", "round_robin"),
        ("oauth", "oauth2"),
        ("asynchronous", "async"),
        ("synchronous", "sync"),
    ];
    if let Some((_, to)) = slips.iter().find(|(from, to)| *from == word && words.contains(to)) {
        return d.help(format!("write `{name} = {to}`"));
    }
    match nearest(word, words.iter().copied()) {
        Some(near) => d.help(format!("did you mean `{near}`?")),
        None => d.help(format!("it is one of {}", list(words))),
    }
}

pub(super) fn list(words: &[&str]) -> String {
    words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(" ")
}
