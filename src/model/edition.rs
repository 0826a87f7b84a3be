//! The edition of a file: stated once, in its first line, and known.
//!
//! In: a parsed file. Out: findings. Never: what an edition changes.

use super::loaded::LoadedFile;
use crate::base::Span;
use crate::diag::{Diagnostic, Sink};
use crate::syntax::ast::{ExprKind, ItemKind};

/// Reports a missing, repeated or unknown edition.
pub(super) fn check(f: &LoadedFile, sink: &mut Sink) {
    // Bad items have their finding; the edition follows them.
    let mut items = f.file.items.iter().skip_while(|i| matches!(i.kind, ItemKind::Bad)).peekable();
    if items.peek().is_none() && !f.file.items.is_empty() {
        return;
    }
    let led_by_bad = f.file.items.first().is_some_and(|i| matches!(i.kind, ItemKind::Bad));
    let first = items.next();
    match first.map(|i| (&i.kind, i.span)) {
        Some((ItemKind::Edition(e), span)) => {
            if !matches!(&e.kind, ExprKind::Number(n) if n.text == "1") {
                sink.push(
                    Diagnostic::error("ARC505", span, "this edition is not known to this archc")
                        .help("write `arch 1`; a newer archc may know a newer edition"),
                );
            }
        }
        Some(_) if led_by_bad || items.clone().any(|i| matches!(i.kind, ItemKind::Edition(_))) => {}
        other => {
            let at = other.map_or(Span::new(f.file.id, 0, 0), |(_, s)| Span { end: s.start, ..s });
            let before = Span::new(f.file.id, 0, 0);
            let span = if at.is_empty() { before } else { at };
            sink.push(
                Diagnostic::error("ARC505", span, "the file does not begin with its edition")
                    .help("write `arch 1` in the first line"),
            );
        }
    }
    for item in items {
        if matches!(item.kind, ItemKind::Edition(_)) {
            let again = matches!(first.map(|i| &i.kind), Some(ItemKind::Edition(_)));
            let help = if again { "remove this line" } else { "move this line to the top of the file" };
            sink.push(Diagnostic::error("ARC505", item.span, "the edition stands first, and once").help(help));
        }
    }
}
