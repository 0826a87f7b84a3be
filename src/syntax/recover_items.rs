//! Findings for lines that start neither an item nor an entry.
//!
//! In: the text of a recovery node. Out: one finding. Never: a change of the text.

use super::recover::bad_value;
use super::slips::{first_chars, first_word, keyword, lookalike, shown, slip, tail, wrong_arrow};
use crate::base::Span;
use crate::diag::Diagnostic;

/// A line at top level that is not an item.
pub(super) fn bad_item(text: &str, span: Span) -> Diagnostic {
    let word = first_word(text);
    if let Some(d) = keyword(word, first_chars(text, word.chars().count(), span)) {
        return d;
    }
    let after = text.get(word.len()..).unwrap_or("").trim_start();
    let line = shown(text);
    match word {
        "let" => {
            let name = first_word(after);
            let rest = after.get(name.len()..).unwrap_or("").trim_start();
            if rest.starts_with(':') {
                let value = rest.trim_start_matches(':').trim_start();
                let value = value.split_once('=').map_or(value, |(_, v)| v.trim_start());
                return slip(span, "a value is named with `=`", format!("write `let {name} = {}`", shown(value)));
            }
            if name.is_empty() && rest.starts_with('=') {
                return Diagnostic::error("ARC510", span, "this `let` has no name")
                    .help(format!("write `let visitors {}`", shown(rest)));
            }
            if !name.is_empty() && rest.starts_with(|c: char| c.is_ascii_digit() || c == '$' || c == '"') {
                return Diagnostic::error("ARC510", span, format!("`=` is missing after `{name}`"))
                    .help(format!("write `let {name} = {}`", shown(rest)));
            }
            if rest.trim_start_matches('=').trim().is_empty() && !name.is_empty() {
                return Diagnostic::error("ARC515", span, format!("`{name}` has no value"))
                    .help(format!("write one after `=`: `let {name} = 20M / day`"));
            }
            if let Some(value) = rest.strip_prefix('=') {
                return bad_value(
                    &format!("={value}"),
                    1,
                    Span { start: span.end.saturating_sub(u32::try_from(value.len()).unwrap_or(0) + 1), ..span },
                    name,
                );
            }
            return Diagnostic::error("ARC510", span, "this `let` is not `let name = value`")
                .help("write `let visitors = 20M / day`");
        }
        "version" | "edition" | "archc"
            if after.starts_with(|c: char| c.is_ascii_digit() || c == '"' || c == '=' || c == ':') =>
        {
            return Diagnostic::error("ARC505", span, format!("the edition is not spelt `{line}`"))
                .help("the first line is `arch 1`");
        }
        "use" | "import" | "include" | "require" | "load" | "from" | "source" => {
            let help = "write `use \"payments.arch\"` or `use \"payments.arch\" as pay`";
            if word != "use" {
                return slip(first_chars(text, word.len(), span), format!("`{word}` is spelt `use` here"), help);
            }
            let path = after.trim_matches('\'').split_whitespace().next().unwrap_or("");
            if path.is_empty() {
                return Diagnostic::error("ARC510", span, "`use` expects a path in double quotes").help(help);
            }
            return Diagnostic::error("ARC510", span, "`use` expects a path in double quotes")
                .help(format!("write `use \"{}\"`", shown(path.trim_matches('\''))));
        }
        "allow"
            if after.contains(" on ") && after.split(" on ").next().is_some_and(|codes| codes.contains([',', ' '])) =>
        {
            let code = first_word(after);
            return Diagnostic::error("ARC612", span, "an `allow` is about one code").help(format!(
                "write a line for each: `allow {code} on {}`",
                shown(after.split_once(" on ").map_or("", |(_, on)| on))
            ));
        }
        "allow" => {
            return Diagnostic::error("ARC612", span, "this `allow` is incomplete")
                .help("write `allow ARC009 on psp because \"the reason\" until 2031-03-31`");
        }
        "rule" => {
            return Diagnostic::error("ARC601", span, "this is not `rule name { … }`")
                .help("write `rule no_direct_db { deny path client -> database avoiding gateway }`");
        }
        "arch" => {
            return Diagnostic::error("ARC505", span, "the edition is a bare number")
                .help("the first line is `arch 1`");
        }
        "resource" | "module" | "provider" | "terraform" | "data" | "output" if after.starts_with(['"', '{']) => {
            return slip(
                span,
                format!("`{word}` blocks are Terraform's"),
                "a component is `service name { … }`; `archc build` writes the Terraform",
            );
        }
        "services" | "version" | "volumes" | "networks" | "apiVersion" if after.starts_with(':') => {
            return slip(
                span,
                "this looks like YAML",
                "a component is `service name { … }`; `archc build` writes the compose file",
            );
        }
        _ => {}
    }
    if let Some(d) = structure_slip(text, word, after, span) {
        return d;
    }
    lookalike(text, span).unwrap_or_else(|| {
        Diagnostic::error("ARC510", span, format!("`{line}` does not start an item"))
            .help("items are `system`, `let`, `use`, a component such as `service name { … }`, `preset`, `engine`, `flow`, `scenario`, `rule` and `allow`")
    })
}

/// The number of characters of a marker around a design, such as a code fence or `@startuml`.
fn first_chars_of_fence(text: &str) -> usize {
    if text.starts_with('@') { text.chars().take_while(|c| !c.is_whitespace()).count() } else { 3 }
}

fn structure_slip(text: &str, word: &str, after: &str, span: Span) -> Option<Diagnostic> {
    if text.starts_with("```") || text.starts_with("---") || text.starts_with("@start") || text.starts_with("@end") {
        return Some(slip(
            first_chars(text, first_chars_of_fence(text), span),
            "this is Markdown, YAML or PlantUML around a design",
            "remove the line: a file holds the design alone",
        ));
    }
    if text.starts_with("/*")
        || text.starts_with("*/")
        || text.starts_with("<!--")
        || text.starts_with("--")
        || text.starts_with("%%")
    {
        let sign = if text.starts_with("<!--") { 4 } else { 2 };
        return Some(slip(
            first_chars(text, sign, span),
            "comments start with `#` or `//` and end with their line",
            "begin each line of the comment with `#`",
        ));
    }
    if text.starts_with("- ") {
        return Some(slip(
            first_chars(text, 1, span),
            "this looks like a YAML list",
            "items have no bullets: `service name { … }`",
        ));
    }
    if text.starts_with('"') {
        return Some(slip(span, "names have no quotes here", "write `service name { … }`, kind first"));
    }
    if text.starts_with('{') || text.starts_with('[') {
        return Some(slip(
            first_chars(text, 1, span),
            "this bracket belongs to nothing",
            "a block opens in the line of its head: `service name {`; a design is not JSON",
        ));
    }
    if word.is_empty() {
        return None;
    }
    if after.starts_with("->") || after.starts_with("~>") {
        let call = text.split(':').next().unwrap_or(text).trim();
        return Some(slip(
            span,
            "a call outside of a flow",
            format!("calls belong in a flow: `flow name {{ rate = 100 rps, {} }}`", shown(call)),
        ));
    }
    if let Some(d) =
        wrong_arrow(after, Span { start: span.end.saturating_sub(u32::try_from(after.len()).unwrap_or(0)), ..span })
    {
        return Some(d);
    }
    if after.starts_with(':') {
        return Some(slip(
            span,
            format!("`{word}:` looks like YAML or D2"),
            format!("a component is its kind, then its name: `service {word} {{ … }}`"),
        ));
    }
    if after.starts_with("==") || after.starts_with('=') {
        return Some(slip(span, "a value is named with `let`", format!("write `let {}`", shown(text))));
    }
    if after.starts_with('"') {
        let name = after.trim_start_matches('"').split('"').next().unwrap_or("name");
        return Some(slip(
            span,
            "names have no quotes here",
            format!("write `{word} {} {{ … }}`", name.to_lowercase().replace(' ', "_")),
        ));
    }
    if after.starts_with('{') {
        let at = first_chars(text, word.chars().count(), span);
        return Some(
            Diagnostic::error(
                "ARC510",
                at,
                format!("`{word}` stands alone before its block, but an item is a kind and a name"),
            )
            .help(format!("write `{word} name {{ … }}`; if `{word}` is the name, its kind stands before it")),
        );
    }
    if after.starts_with('[') || after.starts_with('(') {
        return Some(slip(
            span,
            "this looks like Mermaid or D2",
            format!("a component is its kind, then its name: `service {} {{ … }}`", word.to_lowercase()),
        ));
    }
    if after.starts_with(|c: char| c.is_ascii_digit()) {
        let name = first_word(after);
        let letter = word.get(..1).unwrap_or("s").to_lowercase();
        return Some(
            Diagnostic::error(
                "ARC532",
                first_chars(after, name.chars().count(), tail(after, span)),
                format!("`{name}` is not a name: a name starts with a letter"),
            )
            .help(format!("write `{word} {letter}{name}`, or a name that says more")),
        );
    }
    if after.is_empty() {
        return Some(
            Diagnostic::error("ARC510", span, format!("`{word}` stands alone"))
                .help(format!("a component is its kind, then its name: `service {} {{ … }}`", word.to_lowercase())),
        );
    }
    None
}

/// A line in a block that is not an entry.
pub(super) fn bad_entry(text: &str, span: Span) -> Diagnostic {
    let line = shown(text);
    if text.starts_with("->") || text.starts_with("~>") {
        let rest = text.get(2..).unwrap_or("").trim();
        if rest.starts_with('[') || rest.starts_with('{') {
            return slip(
                span,
                "a call goes to one target",
                "write one line for each, inside `parallel { … }` if they run at once",
            );
        }
        if rest.starts_with('"') {
            return slip(span, "names have no quotes here", "write `-> orders.write`");
        }
        let message = if rest.is_empty() {
            "this arrow has no target".to_owned()
        } else {
            format!("`{}` is not a target", shown(rest))
        };
        return Diagnostic::error("ARC510", span, message).help("name a component after the arrow: `-> orders.read`");
    }
    if let Some(d) = wrong_arrow(text, span) {
        return d;
    }
    if text.starts_with('"') {
        let (inside, rest) = text.get(1..).unwrap_or("").split_once('"').unwrap_or(("name", ""));
        let value = rest.trim_start().trim_start_matches([':', '=']).trim();
        let value =
            if value.starts_with('"') && value.get(1..2).is_some_and(|c| c.starts_with(|c: char| c.is_ascii_digit())) {
                value.trim_matches('"')
            } else {
                value
            };
        return slip(
            span,
            "names have no quotes here",
            format!("write `{inside} = {}`", if value.is_empty() { "…".to_owned() } else { shown(value) }),
        );
    }
    if text.starts_with("- ") {
        return slip(
            first_chars(text, 1, span),
            "this looks like a YAML list",
            "entries have no bullets; a list is `[a, b]`",
        );
    }
    if text.starts_with("/*") || text.starts_with("--") || text.starts_with("%%") {
        return slip(
            first_chars(text, 2, span),
            "comments start with `#` or `//` and end with their line",
            "begin each line of the comment with `#`",
        );
    }
    if text.starts_with('=') || text.starts_with(':') {
        return Diagnostic::error("ARC510", span, format!("`{line}` has no name before it"))
            .help("write `name = value`");
    }
    if text.starts_with('{') {
        return Diagnostic::error("ARC510", first_chars(text, 1, span), "this block has no name")
            .help("write `backup { … }`, or `parallel { … }` for calls at once");
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || c == '$' || c == '?' || c == '[') {
        return Diagnostic::error("ARC510", span, format!("`{line}` has no name before it"))
            .help("an attribute is `name = value`; an arm of `choose` is `30% { … }`");
    }
    lookalike(text, span).unwrap_or_else(|| {
        Diagnostic::error("ARC510", span, format!("`{line}` is neither an attribute nor a call"))
            .help("an attribute is `name = value` or `name { … }`, a call `-> target`")
    })
}
