//! Source locations of the intervals that a design depends on.
//!
//! In: parsed files, named values. Out: a set of source locations. Never: a value.

use super::eval::Lets;
use super::loaded::LoadedFile;
use crate::base::Span;
use crate::syntax::ast::{self, Expr, ExprKind, ItemKind};
use std::collections::BTreeSet;

/// All intervals of the files, those of named values included where they are used.
pub(super) fn of(files: &[LoadedFile], lets: &Lets) -> BTreeSet<Span> {
    let mut out = BTreeSet::new();
    for f in files {
        collect(&f.file, &f.prefix, lets, &mut out);
    }
    out
}

fn collect(file: &ast::File, prefix: &str, lets: &Lets, out: &mut BTreeSet<Span>) {
    fn block(b: &ast::Block, visit: &mut dyn FnMut(&Expr)) {
        for e in &b.entries {
            match &e.kind {
                ast::EntryKind::Attr(a) => {
                    if let Some((_, _, e)) = &a.value {
                        visit(e);
                    }
                    if let Some(inner) = &a.block {
                        block(inner, visit);
                    }
                }
                ast::EntryKind::Chain(c) => {
                    for call in &c.calls {
                        for inner in [&call.block, &call.else_block, &call.fallback].into_iter().flatten() {
                            block(inner, visit);
                        }
                    }
                }
                ast::EntryKind::Group { block: b, .. } | ast::EntryKind::Arm { block: b, .. } => block(b, visit),
                ast::EntryKind::Bad => {}
            }
        }
    }
    let mut visit = |e: &Expr| {
        let mut stack = vec![e];
        while let Some(e) = stack.pop() {
            if let ExprKind::Phrase(all) | ExprKind::List(all) = &e.kind {
                stack.extend(all);
            } else {
                out.extend(lets.interval_spans(e, prefix));
            }
        }
    };
    for item in &file.items {
        if let ItemKind::Decl(d) = &item.kind
            && let Some(b) = &d.block
            // Scenarios are separate cases; bases count where they are used.
            && d.head.text != "scenario"
        {
            block(b, &mut visit);
        }
    }
}
