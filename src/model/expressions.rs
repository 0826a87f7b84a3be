//! What an expression is before it has a value: its class, its words, its names.
//!
//! In: expressions of the AST. Out: words, names, the finding for a misspelt unit. Never: a value.

use crate::diag::Diagnostic;
use crate::resource::CountedPer;
use crate::syntax::ast::{BinOp, Expr, ExprKind};
use crate::units::Dim;

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
pub(super) fn words(expr: &Expr) -> Vec<String> {
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
                    op == BinOp::Per && matches!(&e.kind, ExprKind::Word(w) if CountedPer::of(w).is_some())
                };
                stack.extend(rest.iter().filter(|(op, _, e)| !scope(*op, e)).map(|(_, _, e)| e));
            }
            ExprKind::Range(a, _, b) => stack.extend([&**a, &**b]),
            _ => {}
        }
    }
    out
}
