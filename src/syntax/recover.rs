//! Findings for invalid text, with the most likely intention as help.
//!
//! In: the text of a recovery node and its context. Out: one finding. Never: a change of the text.

use super::slips::{first_chars, first_word, lookalike, shown, slip, tail, wrong_arrow};
use crate::base::Span;
use crate::diag::Diagnostic;

/// The context of invalid text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// At the start of a file.
    Nothing,
    /// After `service a`.
    Head,
    /// After a finished item or block.
    Item,
    /// After `use "a.arch"`.
    Use,
    /// After `allow ARC001 on app`.
    Allow,
    /// After `arch 1`.
    Edition,
    /// After `cpu`.
    Key,
    /// After `cpu = 3ms`.
    Value,
    /// After `-> a`.
    Call,
    /// Inside a rule.
    Rule,
}

/// `1,5` or `1,000`: `text` is the whole number.
pub(super) fn comma(text: &str, span: Span) -> Diagnostic {
    let thousands = text.split(',').skip(1).all(|g| g.len() == 3);
    let help = if thousands {
        format!("thousands are set off by `_`: `{}`", text.replace(',', "_"))
    } else {
        format!("the decimal sign is a point: `{}`", text.replace(',', "."))
    };
    slip(span, "a number has no comma", help)
}

/// `cpu = 3ms memory = 512MiB`: two attributes without a separator.
pub(super) fn separator(before: &str, word: &str, rest: &str, span: Span) -> Diagnostic {
    Diagnostic::error("ARC510", span, format!("nothing separates `{word}` from the attribute before it")).help(format!(
        "put `,` or a line break between: `{}, {word} {}`",
        shown(before),
        shown(rest)
    ))
}

/// Text after an entry that is complete without it.
pub(super) fn junk(text: &str, span: Span, after: After, subject: Option<&str>) -> Diagnostic {
    let line = shown(text);
    let key = subject.unwrap_or("name");
    match after {
        After::Key => after_key(text, span, key),
        After::Head => after_head(text, span),
        After::Value => after_value(text, span, subject.unwrap_or("")),
        After::Edition => Diagnostic::error("ARC505", span, format!("`{line}` follows the edition in its line")).help("the first line is `arch 1`, and nothing more"),
        After::Use if first_word(text) == "as" => Diagnostic::error("ARC510", span, "`as` expects a name of small letters, digits and `_`").help("write `use \"payments.arch\" as pay`"),
        After::Allow => after_allow(text, span),
        After::Call => after_call(text, span),
        After::Rule if text.starts_with('>') => slip(Span { start: span.start.saturating_sub(1), end: span.start + 1, ..span }, "an arrow is `->` here", "write `deny path client -> database`"),
        After::Rule => Diagnostic::error("ARC601", span, format!("`{line}` does not belong in a rule"))
            .help("a rule says one of: deny path, deny call, only … calls …, require, max_depth, deny cycle, max_fan_out, deny kind"),
        After::Item | After::Use | After::Nothing => lookalike(text, span).unwrap_or_else(|| {
            Diagnostic::error("ARC510", span, format!("`{line}` stands after the end of this item"))
                .help("put a line break, `,` or `;` between two items, or remove it")
        }),
    }
}

fn after_allow(text: &str, span: Span) -> Diagnostic {
    if let Some(day) = text.strip_prefix("until") {
        let day = day.trim_start();
        return Diagnostic::error("ARC520", tail(day, span), format!("`{}` is not a day", shown(day)))
            .help("a day is written `2031-03-31`: year, month, day");
    }
    let help = if text.starts_with("because \"") {
        "the reason stands before the day: `because \"the reason\" until 2031-03-31`"
    } else {
        "write `allow ARC009 on psp because \"the reason\" until 2031-03-31`, the reason in quotes"
    };
    Diagnostic::error("ARC612", span, format!("`{}` does not continue this `allow`", shown(text))).help(help)
}

/// `web => app`, `web -> "app"`, `web ->`: an invalid call.
fn bad_call(text: &str, span: Span, caller: &str) -> Option<Diagnostic> {
    if (text.starts_with("->") && !text.starts_with("->>")) || text.starts_with("~>") {
        let target = text.get(2..).unwrap_or("").trim_start();
        if target.is_empty() {
            return Some(
                Diagnostic::error("ARC510", first_chars(text, 2, span), "this arrow has no target")
                    .help(format!("name a component after the arrow: `{caller} -> orders.read`")),
            );
        }
        let at = tail(target, span);
        if target.starts_with('"') {
            let name = target.trim_start_matches('"').split('"').next().unwrap_or("name");
            return Some(slip(at, "names have no quotes here", format!("write `{caller} -> {}`", shown(name))));
        }
        return Some(lookalike(target, at).unwrap_or_else(|| {
            Diagnostic::error("ARC510", at, format!("`{}` is not a target", shown(target)))
                .help(format!("name a component after the arrow: `{caller} -> orders.read`"))
        }));
    }
    let d = wrong_arrow(text, span)?;
    let arrow = d.span.end.saturating_sub(d.span.start) as usize;
    let target = text.get(arrow..).unwrap_or("").trim();
    let target = target.rsplit('|').next().unwrap_or("").trim();
    if text.starts_with("=>") || target.is_empty() || !target.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return (!text.starts_with("=>")).then_some(d);
    }
    let both = text.starts_with("<-") && !text.starts_with("<->") && !text.starts_with("<-->");
    let call = if both { format!("{} -> {caller}", shown(target)) } else { format!("{caller} -> {}", shown(target)) };
    let help = match text.starts_with("<-") {
        true if both => format!("the caller stands first: `{call}`"),
        true => format!("a call goes one way, the caller first: `{call}`"),
        false => format!("write `{call}` when the caller waits, `~>` when it does not"),
    };
    Some(d.help(help))
}

fn after_key(text: &str, span: Span, key: &str) -> Diagnostic {
    let first = text.chars().next().unwrap_or(' ');
    let rest = |n: usize| text.get(n..).unwrap_or("").trim();
    if key == "use" && first == '"' {
        return Diagnostic::error("ARC510", span, "a `use` stands in a block")
            .help("it belongs at the top of the file, after `arch 1`");
    }
    if let Some(d) = bad_call(text, span, key) {
        return d;
    }
    if text.starts_with("=<") {
        return slip(
            first_chars(text, 2, span),
            "`=<` is not a comparison here",
            format!("write `{key} <= {}`", shown(rest(2))),
        );
    }
    if let Some(value) = text.strip_prefix(":=").or_else(|| text.strip_prefix(':')) {
        let value = shown(value.trim());
        let help = if value.is_empty() {
            format!("write `{key} = value`, or `{key} {{ … }}` for a block")
        } else {
            format!("write `{key} = {value}`")
        };
        return slip(
            first_chars(text, text.len() - text.trim_start_matches([':', '=']).len(), span),
            format!("`{key}` is set with `=` here, not with `:`"),
            help,
        );
    }
    if text.starts_with("=>") || text.starts_with("==") {
        let value = shown(rest(2));
        let help = match (text.starts_with("=>"), value.starts_with(|c: char| c.is_ascii_alphabetic())) {
            (true, true) => format!("an attribute is `{key} = {value}`; a call is `{key} -> {value}`"),
            (true, false) => format!("an attribute is `{key} = {value}`; a target is `{key} >= {value}`"),
            _ => format!("write `{key} = {value}`"),
        };
        return slip(
            first_chars(text, 2, span),
            format!("`{}` is not a sign of this language", text.get(..2).unwrap_or("")),
            help,
        );
    }
    if first == '=' || text.starts_with("<=") || text.starts_with(">=") {
        let symbol = if first == '=' { 1 } else { 2 };
        return bad_value(text, symbol, span, key);
    }
    if first == '<' || first == '>' {
        return slip(
            first_chars(text, 1, span),
            format!("`{first}` is not a comparison here"),
            format!("a target is written `{key} {first}= {}`", shown(rest(1))),
        );
    }
    if text.starts_with("+=") || text.starts_with("-=") || text.starts_with("!=") {
        return slip(
            first_chars(text, 2, span),
            "an attribute is set once, with `=`",
            format!("write `{key} = {}`", shown(rest(2))),
        );
    }
    if first == '"'
        && let Some((_, block)) = text.split_once('{')
    {
        return slip(span, format!("the block of `{key}` has no label"), format!("write `{key} {{{}`", shown(block)));
    }
    if first == '"'
        || first == '\''
        || first == '$'
        || first == '?'
        || first == '['
        || first.is_ascii_digit()
        || (first == '.' && text.len() > 1)
    {
        return Diagnostic::error("ARC510", span, format!("`=` is missing between `{key}` and `{}`", shown(text)))
            .help(format!("write `{key} = {}`", shown(text)));
    }
    if first == '(' {
        return slip(
            span,
            format!("`{key}(…)` is a call of another language"),
            "there are no functions here; attributes are `name = value`",
        );
    }
    lookalike(text, span).unwrap_or_else(|| {
        Diagnostic::error("ARC510", span, format!("`{}` does not follow `{key}`", shown(text)))
            .help(format!("an attribute is `{key} = value`, a block `{key} {{ … }}`, a call `-> {key}`"))
    })
}

/// `= …` with an invalid value.
pub(super) fn bad_value(text: &str, symbol: usize, span: Span, key: &str) -> Diagnostic {
    let raw = text.get(symbol..).unwrap_or("");
    // Other kinds of blanks are separate mistakes.
    let value = raw.trim_start_matches(|c: char| c.is_ascii_whitespace());
    let offset = span.start as usize + symbol + (raw.len() - value.len());
    let at = Span::new(span.file, offset, span.end as usize);
    if value.is_empty() {
        return Diagnostic::error("ARC515", first_chars(text, symbol, span), format!("`{key}` has no value")).help(
            format!(
                "write one after `{}`, or remove the line: every attribute is optional",
                text.get(..symbol).unwrap_or("=")
            ),
        );
    }
    if value.starts_with('{') {
        return slip(
            first_chars(text, symbol, span),
            format!("a block has no `=`: `{key}` takes its braces directly"),
            format!("write `{key} {{ … }}`"),
        );
    }
    if value.starts_with('\'') {
        let word = value.trim_matches('\'');
        return slip(at, "strings have double quotes here", format!("write `{key} = \"{}\"`", shown(word)));
    }
    if value.starts_with("${") || value.starts_with("$(") || value.starts_with("{{") {
        return slip(at, "there is no interpolation here", "name a value with `let name = …` and use its name");
    }
    if value.starts_with('.') {
        return slip(at, format!("`{}` lacks its zero", shown(value)), format!("write `{key} = 0{}`", shown(value)));
    }
    if value.starts_with('<') && value.ends_with('>') {
        return Diagnostic::error("ARC515", at, format!("`{}` stands for a value, but is none", shown(value)))
            .help("write the value, or `?` to have it solved");
    }
    if let Some(number) = value.strip_prefix('+').filter(|n| n.starts_with(|c: char| c.is_ascii_digit())) {
        return slip(at, "a number has no plus sign", format!("write `{key} = {}`", shown(number)));
    }
    if value.starts_with(['*', '/', '|', '&', '^', ',', ')']) || value.starts_with("..") {
        return Diagnostic::error("ARC515", at, format!("`{}` is not a value", shown(value)))
            .help("a value is a number with its unit, a word, a string, a list or `?`");
    }
    lookalike(value, at).unwrap_or_else(|| {
        Diagnostic::error("ARC515", at, format!("`{}` is not a value", shown(value)))
            .help("a value is a number with its unit, a word, a string, a list or `?`")
    })
}

fn after_head(text: &str, span: Span) -> Diagnostic {
    if text.starts_with("->") || text.starts_with("~>") {
        return slip(
            span,
            "a call outside of a flow",
            "calls belong in a flow: `flow name { rate = 100 rps, web -> api }`",
        );
    }
    if let Some(d) = wrong_arrow(text, span) {
        return d;
    }
    if text.starts_with('=') {
        return slip(
            first_chars(text, 1, span),
            "a component is declared without `=`",
            "write `service name { … }`; a value is named with `let name = …`",
        );
    }
    if text.starts_with('(') || text.starts_with('[') {
        return slip(span, "attributes go in braces", "write `{ name = value, … }`");
    }
    if text.starts_with('"') {
        return slip(span, "names have no quotes here", "write `service name { … }`");
    }
    if text.starts_with(':') {
        return Diagnostic::error("ARC510", span, format!("`{}` is not an engine or a preset", shown(text)))
            .help("a base is a name: `database orders : postgres { … }`");
    }
    lookalike(text, span).unwrap_or_else(|| {
        Diagnostic::error("ARC510", span, format!("`{}` does not continue this declaration", shown(text))).help("a declaration is `kind name { attributes }` or `kind name : base { attributes }`, the brace in the same line")
    })
}

fn after_value(text: &str, span: Span, value: &str) -> Diagnostic {
    if let Some(d) = lookalike(text, span) {
        return d;
    }
    let line = value.lines().next().unwrap_or("");
    let short = if line.len() < 32 && line.len() == value.trim_end().len() { line.trim_end() } else { "" };
    if let Some(end) = text.strip_prefix("...") {
        return slip(span, "an interval is written with two dots", format!("write `{short}..{}`", shown(end.trim())));
    }
    if text.starts_with("..") || text.starts_with("+-") {
        let op = text.get(..2).unwrap_or("..");
        return Diagnostic::error("ARC515", span, "this interval has no upper end").help(if short.is_empty() {
            "write `2ms .. 40ms` or `92% +- 3%`".to_owned()
        } else {
            format!("write it after `{short} {op}`: `2ms .. 40ms`, `92% +- 3%`")
        });
    }
    if text.starts_with('.') {
        return slip(
            span,
            format!("`{}` is one point too many", shown(text)),
            "a number has one point, `1.5`; an interval two, `2..40`",
        );
    }
    if text.starts_with('%') {
        return slip(
            first_chars(text, 1, span),
            "a percent sign stands directly after its number",
            format!("write `{}%`", if short.is_empty() { "85" } else { short }),
        );
    }
    if let Some(rest) = text.strip_prefix('$') {
        return slip(
            first_chars(text, 1, span),
            "the `$` stands before its number",
            format!("write `${short}{}`", shown(rest)),
        );
    }
    if text.starts_with('(') {
        return slip(span, "there are no functions here", "write the value itself; `let name = …` names one");
    }
    if text.starts_with(':') && value.contains('?') {
        return slip(
            span,
            "there are no conditions here",
            "model the two cases as two flows, or a `choose { 90% { … } 10% { … } }`",
        );
    }
    if text.starts_with(':') && text.get(1..2).is_some_and(|d| d.starts_with(|c: char| c.is_ascii_digit())) {
        return Diagnostic::error("ARC510", span, format!("`{}` does not continue a time of day", shown(text)))
            .help("a time of day has two digits, then two: `09:30`; from one to another is `22:00 to 05:00`");
    }
    if text.starts_with('\\') {
        return slip(
            first_chars(text, 1, span),
            "a line is not continued with `\\`",
            "remove it: a new line starts the next attribute",
        );
    }
    if text.starts_with('{') {
        return Diagnostic::error("ARC510", span, "a value and a block cannot both follow a name")
            .help("separate them: the value belongs inside the block, or the block to another attribute");
    }
    if text.starts_with("&&") || text.starts_with("||") || text.starts_with("==") || text.starts_with('?') {
        return slip(
            span,
            "there are no conditions here",
            "model the two cases as two flows, or a `choose { 90% { … } 10% { … } }`",
        );
    }
    if text.starts_with(['+', '*', '/', '-']) || first_word(text) == "per" {
        return Diagnostic::error("ARC515", span, format!("`{}` lacks its right-hand side", shown(text)))
            .help("minus takes blanks on both sides; a unit after `/` or `per` is bare: `400 / s`");
    }
    if text.starts_with(['=', ':', '<', '>']) {
        return Diagnostic::error("ARC510", span, format!("`{}` comes after a value", shown(text)))
            .help("one attribute a line, or `,` between two");
    }
    Diagnostic::error("ARC510", span, format!("`{}` does not continue the value before it", shown(text)))
        .help("put a line break, `,` or `;` between two attributes")
}

fn after_call(text: &str, span: Span) -> Diagnostic {
    if let Some(d) = lookalike(text, span).or_else(|| wrong_arrow(text, span)) {
        return d;
    }
    if let Some(n) = text.strip_prefix('*').or_else(|| text.strip_prefix("x ")) {
        return slip(span, "a number of calls is written `x3`, in one word", format!("write `x{}`", shown(n.trim())));
    }
    if text.starts_with("()") || text.starts_with('(') {
        return slip(
            span,
            "an operation is called without parentheses",
            "write `-> orders.write { key = value }`; attributes of the call go in braces",
        );
    }
    if text.starts_with(':') {
        return slip(span, "a call has no label", "attributes of the call go in braces, words in a comment: `# label`");
    }
    if text.starts_with("->") || text.starts_with("~>") {
        return Diagnostic::error("ARC510", span, "this arrow has no target")
            .help("name a component after the arrow: `-> orders.read`");
    }
    if text.starts_with('[') {
        return slip(
            span,
            "a call goes to one target",
            "write one line for each, inside `parallel { … }` if they run at once",
        );
    }
    if text.starts_with('=') {
        return Diagnostic::error("ARC510", span, "a call is not an attribute")
            .help("attributes of a call stand in its braces: `-> psp { timeout = 1.2s }`");
    }
    if text.get(first_word(text).len()..).is_some_and(|rest| rest.trim_start().starts_with('=')) {
        return Diagnostic::error("ARC510", span, "attributes of a call go in braces")
            .help(format!("write `{{ {} }}`", shown(text)));
    }
    Diagnostic::error("ARC510", span, format!("`{}` does not continue this call", shown(text)))
        .help("a call is `-> target x3 30% { … } else { … } fallback { … }`; the next one starts a new line")
}
