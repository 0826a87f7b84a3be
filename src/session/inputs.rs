//! Inputs: the uncertain numbers of a design, or all numbers that it sets.
//!
//! In: the parsed files. Out: each input with a readable name, its source location and two cases:
//! the endpoints of an interval, or a number less and plus a tenth. Numbers of targets, scenarios,
//! rules and suppressions are requirements, not inputs. Never: a number evaluated.

use super::Design;
use crate::analysis::Input;
use crate::base::Span;
use crate::model::{End, Ends, Model, qualify};
use crate::syntax::ast::{Block, EntryKind, Expr, ExprKind, ItemKind, RangeOp};

/// The share by which a number without an interval is varied.
const TENTH: f64 = 0.1;

/// The inputs of a design: the intervals of its model, or all its numbers if `all`.
#[must_use]
pub fn inputs(design: &Design, model: &Model, all: bool) -> Vec<Input> {
    let mut found = Vec::new();
    for loaded in &design.files {
        for item in &loaded.file.items {
            match &item.kind {
                ItemKind::Let { name, value } => {
                    let name = qualify(&loaded.prefix, &name.text);
                    numbers(value, &format!("let {name}"), &mut found);
                }
                ItemKind::Decl(d) if d.head.text != "scenario" => {
                    if let Some(b) = &d.block {
                        block(b, &qualify(&loaded.prefix, &d.name.text), &mut found);
                    }
                }
                _ => {}
            }
        }
    }
    // Several numbers of one attribute are distinguished by their text.
    let several: Vec<bool> =
        found.iter().map(|n| found.iter().filter(|o| o.name == n.name && !o.inside).count() > 1).collect();
    let input = |(n, several): (Found, bool)| {
        let file = design.sources.get(n.span.file)?;
        let (line, _) = file.line_column(n.span.start as usize);
        let text = |s: Span| file.text.get(s.start as usize..s.end as usize).unwrap_or("").trim().to_owned();
        let (ends, values) = match n.range {
            _ if n.inside => return None,
            Some((a, op, b)) if model.intervals.contains(&n.span) => {
                let (a, b) = (text(a), text(b));
                let values = match op {
                    RangeOp::To => (a, b),
                    RangeOp::PlusMinus => (format!("{a} - {b}"), format!("{a} + {b}")),
                };
                ([End::Low, End::High], values)
            }
            None if all => {
                let text = text(n.span);
                let values = (format!("{text} - 10%"), format!("{text} + 10%"));
                ([1.0 - TENTH, 1.0 + TENTH].map(End::Times), values)
            }
            _ => return None,
        };
        Some(Input {
            name: if several { format!("{} {}", n.name, text(n.span)) } else { n.name },
            place: format!("{}:{line}", file.name),
            values,
            ends: ends.map(|e| Ends::from([(n.span, e)])),
        })
    };
    found.into_iter().zip(several).filter_map(input).collect()
}

/// A number or an interval in the text.
struct Found {
    name: String,
    span: Span,
    /// The parts of an interval.
    range: Option<(Span, RangeOp, Span)>,
    /// Whether it is an endpoint of an interval.
    inside: bool,
}

fn block(b: &Block, name: &str, out: &mut Vec<Found>) {
    for entry in &b.entries {
        match &entry.kind {
            EntryKind::Attr(a) => {
                let key: Vec<&str> = a.key.iter().map(|w| w.text.as_str()).collect();
                if key.first() == Some(&"slo") {
                    continue;
                }
                let name = format!("{name}.{}", key.join(" "));
                if let Some((_, _, e)) = &a.value {
                    numbers(e, &name, out);
                }
                if let Some(inner) = &a.block {
                    block(inner, &name, out);
                }
            }
            EntryKind::Chain(c) => {
                for call in &c.calls {
                    let name = format!("{name} -> {}", call.target.text);
                    for inner in [&call.block, &call.else_block, &call.fallback].into_iter().flatten() {
                        block(inner, &name, out);
                    }
                }
            }
            EntryKind::Group { block: inner, .. } | EntryKind::Arm { block: inner, .. } => block(inner, name, out),
            EntryKind::Bad => {}
        }
    }
}

fn numbers(e: &Expr, name: &str, out: &mut Vec<Found>) {
    let mut stack = vec![(e, false)];
    let start = out.len();
    while let Some((e, inside)) = stack.pop() {
        match &e.kind {
            ExprKind::Number(_) => out.push(Found { name: name.to_owned(), span: e.span, range: None, inside }),
            ExprKind::Range(a, op, b) => {
                let range = Some((a.span, *op, b.span));
                out.push(Found { name: name.to_owned(), span: e.span, range, inside });
                stack.extend([(&**b, true), (&**a, true)]);
            }
            ExprKind::Arith(first, rest) => {
                stack.extend(rest.iter().rev().map(|(_, _, e)| (e, inside)));
                stack.push((first, inside));
            }
            ExprKind::Paren(inner) | ExprKind::Negative(inner) => stack.push((inner, inside)),
            ExprKind::List(all) | ExprKind::Phrase(all) => stack.extend(all.iter().rev().map(|e| (e, inside))),
            _ => {}
        }
    }
    if let Some(new) = out.get_mut(start..) {
        new.sort_by_key(|n| n.span.start);
    }
}
