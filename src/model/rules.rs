//! Rules that a design declares, and suppressions.
//!
//! In: `rule` and `allow` of the AST. Out: rules, suppressions, and findings. Never: a rule
//! applied.

use super::attrs::bad_name;
use super::bases::Ctx;
use super::expressions::qualify;
use super::keys;
use super::{CompId, Component};
use crate::base::Span;
use crate::diag::{Diagnostic, Sink};
use crate::kinds::{self, Kind};
use crate::syntax::ast::{RuleLine, RulePart, Text, Word};
use crate::units::{Dim, Flavor};
use std::collections::BTreeMap;

/// A pattern for the A, B and C of a rule.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// All components of a kind.
    Kind(&'static Kind),
    /// One component.
    Component(CompId),
    /// Components with a tag.
    Tag(String),
}

/// The body of a rule.
#[derive(Clone, Debug)]
pub enum Statement {
    /// `deny path A -> B [avoiding C]`
    DenyPath(Matcher, Matcher, Option<Matcher>),
    /// `deny call A -> B`
    DenyCall(Matcher, Matcher),
    /// `only A calls B`
    OnlyCalls(Matcher, Matcher),
    /// `require ATTR [= V] on KIND`
    Require(String, Option<String>, Matcher),
    /// `max_depth N`
    MaxDepth(f64),
    /// `deny cycle`
    DenyCycle,
    /// `max_fan_out N`
    MaxFanOut(f64),
    /// `deny kind K`
    DenyKind(&'static Kind),
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Its body, with the message of its finding.
    pub statements: Vec<(Statement, Option<String>, Span)>,
    /// The source location of its name.
    pub span: Span,
}

/// `allow CODE on NAME because "…" until DATE`
#[derive(Clone, Debug)]
pub struct Allow {
    /// The code it silences.
    pub code: String,
    /// The component or flow that it concerns.
    pub on: String,
    /// The reason.
    pub because: String,
    /// The last day on which it applies, as `2031-03-31`.
    pub until: Option<String>,
    /// Its source location.
    pub span: Span,
    /// The source location of the code.
    pub code_span: Span,
}

pub(super) fn read_rule(name: &Word, lines: &[RuleLine], ctx: &Ctx, components: &[Component], sink: &mut Sink) -> Rule {
    if let Some(d) = bad_name(name) {
        sink.push(d);
    }
    let mut rule = Rule { name: qualify(ctx.prefix, &name.text), statements: Vec::new(), span: name.span };
    for line in lines {
        let mut parts: Vec<&RulePart> = line.parts.iter().collect();
        let message = match parts.last() {
            Some(RulePart::Text(t)) if parts.len() > 1 => {
                let text = t.text.clone();
                // `require image = "x" on service` ends in a word, so a string at the end is the
                // message.
                parts.pop();
                Some(text)
            }
            _ => None,
        };
        if let Some(s) = statement(&parts, line.span, ctx, components, sink) {
            rule.statements.push((s, message, line.span));
        }
    }
    if rule.statements.is_empty() && lines.is_empty() {
        sink.push(
            Diagnostic::error("ARC601", name.span, format!("rule `{}` says nothing", name.text))
                .help("write `deny path client -> database avoiding gateway`"),
        );
    }
    rule
}

fn statement(
    parts: &[&RulePart],
    span: Span,
    ctx: &Ctx,
    components: &[Component],
    sink: &mut Sink,
) -> Option<Statement> {
    let words: Vec<&str> = parts
        .iter()
        .map(|p| match p {
            RulePart::Word(w) => w.text.as_str(),
            RulePart::Arrow(_) => "->",
            RulePart::Equals(_) => "=",
            RulePart::Number(..) => "#",
            RulePart::Text(_) => "\"",
        })
        .collect();
    let mut m = |i: usize| match parts.get(i) {
        Some(RulePart::Word(w)) => matcher(w, ctx, components, sink),
        _ => None,
    };
    match words.as_slice() {
        ["deny", "path", _, "->", _] => Some(Statement::DenyPath(m(2)?, m(4)?, None)),
        ["deny", "path", _, "->", _, "avoiding", _] => Some(Statement::DenyPath(m(2)?, m(4)?, Some(m(6)?))),
        ["deny", "call", _, "->", _] => Some(Statement::DenyCall(m(2)?, m(4)?)),
        ["only", _, "calls", _] => Some(Statement::OnlyCalls(m(1)?, m(3)?)),
        ["require", attr, "on", _] => {
            let on = m(3)?;
            Some(Statement::Require((*attr).to_owned(), None, required(parts.get(1), on, sink)?))
        }
        ["require", attr, "=", _, "on", _] => {
            let value = match parts.get(3) {
                Some(RulePart::Word(w)) => w.text.clone(),
                Some(RulePart::Number(n, _)) => n.text.clone(),
                Some(RulePart::Text(t)) => t.text.clone(),
                _ => String::new(),
            };
            let on = m(5)?;
            Some(Statement::Require((*attr).to_owned(), Some(value), required(parts.get(1), on, sink)?))
        }
        ["max_depth", "#"] => count(parts.get(1), "max_depth", sink).map(Statement::MaxDepth),
        ["max_fan_out", "#"] => count(parts.get(1), "max_fan_out", sink).map(Statement::MaxFanOut),
        ["deny", "cycle"] => Some(Statement::DenyCycle),
        ["deny", "kind", k] => {
            if let Some(kind) = kinds::kind(k) {
                return Some(Statement::DenyKind(kind));
            }
            let at = match parts.get(2) {
                Some(RulePart::Word(w)) => w.span,
                _ => span,
            };
            sink.push(super::bases::unknown_kind(k, at));
            None
        }
        _ => {
            let shown: Vec<String> = parts
                .iter()
                .zip(&words)
                .map(|(p, w)| match p {
                    RulePart::Number(n, _) => n.text.clone(),
                    RulePart::Text(t) => format!("\"{}\"", t.text),
                    _ => (*w).to_owned(),
                })
                .collect();
            sink.push(
                Diagnostic::error("ARC601", span, format!("`{}` is no rule", shown.join(" ")))
                    .help("rules are: `deny path A -> B avoiding C`, `deny call A -> B`, `only A calls B`, `require ATTR = V on KIND`, `max_depth N`, `deny cycle`, `max_fan_out N`, `deny kind K`"),
            );
            None
        }
    }
}

fn count(part: Option<&&RulePart>, name: &str, sink: &mut Sink) -> Option<f64> {
    let Some(RulePart::Number(n, span)) = part else { return None };
    let q = n.quantity;
    if q.dim != Dim::NONE || q.flavor != Flavor::Plain || q.value < 1.0 || q.value.fract() != 0.0 {
        sink.push(
            Diagnostic::error("ARC601", *span, format!("`{name}` expects a whole number from 1 on, not `{}`", n.text))
                .help(format!("write `{name} 5`")),
        );
        return None;
    }
    Some(q.value)
}

/// The pattern of `require`, if its components can have the attribute.
fn required(attr: Option<&&RulePart>, on: Matcher, sink: &mut Sink) -> Option<Matcher> {
    let Some(RulePart::Word(attr)) = attr else { return Some(on) };
    let kinds: Vec<&Kind> = match &on {
        Matcher::Kind(k) => vec![k],
        _ => kinds::KINDS.to_vec(),
    };
    if kinds.iter().any(|k| k.property(&attr.text).is_some()) {
        return Some(on);
    }
    let all = kinds.iter().flat_map(|k| k.properties()).map(|p| p.name);
    let help = crate::base::nearest(&attr.text, all).map_or_else(
        || "`require` names an attribute: `require timeout on service`".to_owned(),
        |n| format!("did you mean `{n}`?"),
    );
    let who = if let Matcher::Kind(k) = &on { format!("no {}", k.name) } else { "no component".to_owned() };
    sink.push(Diagnostic::error("ARC540", attr.span, format!("{who} has an attribute `{}`", attr.text)).help(help));
    None
}

fn matcher(word: &Word, ctx: &Ctx, components: &[Component], sink: &mut Sink) -> Option<Matcher> {
    let named = ctx.names.get(&qualify(ctx.prefix, &word.text));
    if let Some(k) = kinds::kind(&word.text) {
        if let Some(c) = named.and_then(|id| components.get(id.0)) {
            sink.push(kind_or_component(word, c).help(format!(
                "rename the component, or give it a tag and name the tag: `{} {} {{ tags = [main_{}] }}`",
                c.kind.name, word.text, word.text
            )));
            return None;
        }
        return Some(Matcher::Kind(k));
    }
    if let Some(id) = named {
        return Some(Matcher::Component(*id));
    }
    if components.iter().any(|c| c.attrs.read(keys::TAGS).unwrap_or_default().contains(&word.text)) {
        return Some(Matcher::Tag(word.text.clone()));
    }
    let all = kinds::KINDS.iter().map(|k| k.name).chain(ctx.names.keys().map(String::as_str));
    let help = sink
        .propose(&word.text, all)
        .map_or_else(|| "a rule speaks of kinds, components and tags".to_owned(), |n| format!("did you mean `{n}`?"));
    sink.push(
        Diagnostic::error("ARC530", word.span, format!("`{}` is no kind, component or tag", word.text)).help(help),
    );
    None
}

/// The finding for a word that is both a kind and the name of a component.
fn kind_or_component(word: &Word, c: &Component) -> Diagnostic {
    Diagnostic::error(
        "ARC539",
        word.span,
        format!("`{}` is ambiguous: it is a kind and the name of a {}", word.text, c.kind.name),
    )
    .related(c.span, "the component")
}

impl Matcher {
    /// Whether a component matches.
    #[must_use]
    pub fn matches(&self, id: CompId, c: &Component) -> bool {
        match self {
            Self::Kind(k) => c.kind.name == k.name,
            Self::Component(other) => *other == id,
            Self::Tag(tag) => c.attrs.read(keys::TAGS).unwrap_or_default().contains(tag),
        }
    }

    /// The pattern as the rule writes it.
    #[must_use]
    pub fn describe(&self, components: &[Component]) -> String {
        match self {
            Self::Kind(k) => k.name.to_owned(),
            Self::Component(id) => components.get(id.0).map_or_else(String::new, |c| format!("`{}`", c.name)),
            Self::Tag(tag) => format!("`{tag}`"),
        }
    }
}

pub(super) struct AllowParts<'a> {
    pub code: &'a Word,
    pub on: &'a [Word],
    pub because: Option<&'a Text>,
    pub until: Option<&'a Word>,
    pub span: Span,
}

pub(super) fn read_allow(
    p: &AllowParts,
    prefix: &str,
    names: &BTreeMap<String, CompId>,
    flows: &BTreeMap<String, super::FlowId>,
    components: &[Component],
    sink: &mut Sink,
) -> Option<Allow> {
    let code = &p.code.text;
    let well_formed = code.len() == 6
        && code.starts_with("ARC")
        && code.get(3..).is_some_and(|d| d.bytes().all(|b| b.is_ascii_digit()));
    if !well_formed {
        sink.push(Diagnostic::error("ARC612", p.code.span, format!("`{code}` is not a code")).help(
            if code.to_uppercase().starts_with("ARC") && code.len() == 6 {
                format!("write `{}`", code.to_uppercase())
            } else {
                "a code is `ARC` and three digits, as the finding shows it: `ARC001`".to_owned()
            },
        ));
        return None;
    }
    let (word, is_flow) = match p.on {
        [one] => (one, false),
        [kind, name] if kind.text == "flow" => (name, true),
        [_, second, ..] => {
            sink.push(
                Diagnostic::error("ARC612", second.span, format!("`{}` does not belong in an `allow`", second.text))
                    .help("write `allow ARC009 on psp because \"the reason\" until 2031-03-31`"),
            );
            return None;
        }
        [] => return None,
    };
    let on = qualify(prefix, &word.text);
    if !is_flow && kinds::kind(&word.text).is_some() {
        let component = names.get(&on).and_then(|id| components.get(id.0));
        let d = match (component, flows.contains_key(&on)) {
            (Some(c), _) => kind_or_component(word, c).help(format!(
                "an `allow` accepts a finding on one component: rename it, for example to `main_{0}`, and write `on main_{0}`",
                word.text
            )),
            (None, true) => Diagnostic::error(
                "ARC539",
                word.span,
                format!("`{}` is ambiguous: it is a kind and the name of a flow", word.text),
            )
            .help(format!("for the flow write `allow {code} on flow {}`", word.text)),
            (None, false) => Diagnostic::error(
                "ARC539",
                word.span,
                format!("`{}` is a kind, and an `allow` is for one component or flow", word.text),
            )
            .help(format!("write the name of one {}, with an `allow` for each", word.text)),
        };
        sink.push(d);
        return None;
    }
    let known = if is_flow { flows.contains_key(&on) } else { names.contains_key(&on) || flows.contains_key(&on) };
    if !known {
        let all = names.keys().map(String::as_str).chain(flows.keys().map(String::as_str));
        let help = sink
            .propose(&word.text, all)
            .map_or_else(|| "an `allow` names a component or a flow".to_owned(), |n| format!("did you mean `{n}`?"));
        sink.push(
            Diagnostic::error("ARC530", word.span, format!("no component or flow is named `{}`", word.text)).help(help),
        );
        return None;
    }
    let Some(because) = p.because.filter(|t| !t.text.trim().is_empty()) else {
        sink.push(Diagnostic::error("ARC612", p.span, format!("this `allow` of {code} gives no reason")).help(
            format!("write `allow {code} on {} because \"the reason\"`: whoever reads it next will ask", word.text),
        ));
        return None;
    };
    let until = match p.until {
        Some(d) if d.text.parse::<jiff::civil::Date>().is_err() => {
            sink.push(
                Diagnostic::error("ARC520", d.span, format!("`{}` is not a day", d.text))
                    .help("a day is written `2031-03-31`"),
            );
            return None;
        }
        other => other.map(|d| d.text.clone()),
    };
    Some(Allow { code: code.clone(), on, because: because.text.clone(), until, span: p.span, code_span: p.code.span })
}
