//! Named values of all files, with those set on the command line in their place.
//!
//! In: parsed files, values of `--set`. Out: the named values, and findings for their names.
//! Never: the use of a value.

use super::arithmetic::Ends;
use super::attrs::bad_name;
use super::eval::Lets;
use super::expressions::qualify;
use super::let_order::LetValue;
use super::loaded::LoadedFile;
use crate::diag::{Diagnostic, Sink};
use crate::kinds;
use crate::syntax::ast::{Expr, ItemKind, Word};
use std::collections::BTreeMap;

/// Reads every `let`; `overrides` replace their expressions.
pub(super) fn read(files: &[LoadedFile], overrides: &BTreeMap<String, Expr>, ends: &Ends, sink: &mut Sink) -> Lets {
    let mut table: BTreeMap<String, LetValue> = BTreeMap::new();
    for f in files {
        for item in &f.file.items {
            let ItemKind::Let { name, value } = &item.kind else { continue };
            if let Some(d) = bad_name(name).or_else(|| reserved(name)) {
                sink.push(d);
            }
            let full = qualify(&f.prefix, &name.text);
            if let Some(before) = table.get(&full) {
                sink.push(
                    Diagnostic::error("ARC531", name.span, format!("`{full}` is named twice"))
                        .related(before.span, "first here")
                        .help("a name stands for one value: rename one of the two, or remove it"),
                );
                continue;
            }
            let expr = overrides.get(&full).unwrap_or(value).clone();
            table.insert(full, LetValue { expr, prefix: f.prefix.clone(), span: name.span });
        }
    }
    for (name, expr) in overrides {
        if !table.contains_key(name) {
            let help = sink.propose(name, table.keys().map(String::as_str)).map_or_else(
                || "`--set` overrides a `let` of the design".to_owned(),
                |n| format!("did you mean `{n}`?"),
            );
            sink.push(Diagnostic::error("ARC530", expr.span, format!("the design has no `let {name}`")).help(help));
        }
    }
    Lets::new(table, ends, sink)
}

fn reserved(name: &Word) -> Option<Diagnostic> {
    let text = name.text.as_str();
    if kinds::is_reserved(text) {
        return Some(
            Diagnostic::error("ARC533", name.span, format!("`{text}` is a keyword and cannot be a name"))
                .help(format!("write `{text}_1`, or a name that says more")),
        );
    }
    if crate::units::unit(text).is_some() && text.len() > 1 || ["s", "h", "k", "x"].contains(&text) {
        return Some(
            Diagnostic::error("ARC533", name.span, format!("`{text}` is a unit and cannot name a value")).help(
                format!("write `{text}_value`, or a name that says more: after `/` and `per`, `{text}` is the unit"),
            ),
        );
    }
    None
}

/// Reports the named values that nothing uses.
pub(super) fn report_unused(lets: &Lets, sink: &mut Sink) {
    // A broken part of the design may be what uses the name.
    if sink.has_errors() {
        return;
    }
    for (name, span) in lets.unused() {
        sink.push(
            Diagnostic::warning("ARC622", span, format!("`{name}` is named and never used"))
                .help("remove it, or use it")
                .about(name),
        );
    }
}
