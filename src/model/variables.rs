//! Decision variables (`?`) and the values that they may take.
//!
//! In: expressions after `?`, the type of a property. Out: the allowed values, and findings.
//! Never: a choice between them.

use super::expressions::describe;
use super::numbers::{checked, number};
use super::scope::{Scope, check_machine};
use super::value::Hole;
use crate::base::Span;
use crate::diag::{Diagnostic, Sink};
use crate::kinds::{Property, Range, Type};
use crate::syntax::ast::{Expr, ExprKind, HoleBound};
use crate::units::show;

pub(super) fn read_hole(
    bound: &HoleBound,
    expr: &Expr,
    property: &'static Property,
    scope: &Scope,
    sink: &mut Sink,
) -> Option<Hole> {
    if !property.hole {
        sink.push(Diagnostic::error("ARC545", expr.span, format!("`{}` cannot be solved for", property.name)).help(
            "`?` is legal for replicas, nodes, shards, partitions, instance, memory, cores, autoscale and an engine",
        ));
        return None;
    }
    match bound {
        HoleBound::Any => Some(Hole::AtLeast(match property.range {
            Range::Whole(n) => n,
            _ => 0.0,
        })),
        HoleBound::AtLeast(e) => {
            let num = number(e, property, scope, sink)?;
            checked(&num, property.ty, property.range, property.name, e.span, sink).map(|v| Hole::AtLeast(v.mid))
        }
        HoleBound::In(e) => match &e.kind {
            ExprKind::List(all) => {
                if !matches!(property.ty, Type::Instance) {
                    return numbers(all, e.span, property, scope, sink);
                }
                let mut names = Vec::new();
                for item in all {
                    match &item.kind {
                        ExprKind::Word(w) => {
                            check_machine(w, item.span, scope, sink)?;
                            names.push(w.clone());
                        }
                        other => {
                            sink.push(
                                Diagnostic::error("ARC545", item.span, format!("{} is not a choice", describe(other)))
                                    .help("write `? in [a, b]` or `? in 2..40`"),
                            );
                            return None;
                        }
                    }
                }
                if names.is_empty() {
                    sink.push(nothing_to_choose(e.span));
                    return None;
                }
                Some(Hole::OneOf(names))
            }
            ExprKind::Range(..) => {
                let num = number(e, property, scope, sink)?;
                let v = checked(&num, property.ty, property.range, property.name, e.span, sink)?;
                for end in [v.low, v.high] {
                    if !property.range.holds(end) {
                        sink.push(
                            Diagnostic::error(
                                "ARC543",
                                e.span,
                                format!("`{}` cannot be {}", property.name, show(end, num.dim)),
                            )
                            .help(format!("allowed is {}", property.range.describe())),
                        );
                        return None;
                    }
                }
                Some(Hole::Between(v.low, v.high))
            }
            _ => {
                sink.push(
                    Diagnostic::error("ARC545", e.span, "a variable is bounded by a list or an interval")
                        .help("write `? in [a, b]` or `? in 2..40`"),
                );
                None
            }
        },
    }
}

/// A variable that allows only some numbers.
fn numbers(all: &[Expr], span: Span, property: &'static Property, scope: &Scope, sink: &mut Sink) -> Option<Hole> {
    let mut out = Vec::new();
    for item in all {
        let num = number(item, property, scope, sink)?;
        let value = checked(&num, property.ty, property.range, property.name, item.span, sink)?;
        if value.low < value.high {
            sink.push(
                Diagnostic::error("ARC545", item.span, "an interval is not a choice")
                    .help("write `? in [2, 4]` or `? in 2..40`"),
            );
            return None;
        }
        out.push(value.mid);
    }
    if out.is_empty() {
        sink.push(nothing_to_choose(span));
        return None;
    }
    out.sort_by(f64::total_cmp);
    out.dedup_by(|a, b| (*a - *b).abs() <= 1e-9 * b.abs());
    Some(Hole::Among(out))
}

fn nothing_to_choose(span: Span) -> Diagnostic {
    Diagnostic::error("ARC545", span, "this hole has nothing to choose from").help("write `? in [a, b]`, or `?` alone")
}
