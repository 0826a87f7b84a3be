//! Blocks to checked attributes, driven by the property tables.
//!
//! In: a block of the AST, the properties that may stand in it. Out: attributes, and findings.
//! Never: what a kind means.

use super::numbers::{checked, example, wanted};
use super::scope::{Scope, unknown_place};
use super::trace;
use super::value::{Attr, Attrs, Interval, Origin, Value};
use super::values::read_value;
use crate::base::nearest;
use crate::catalog;
use crate::diag::{Diagnostic, Sink};
use crate::kinds::{self, OP, Property, Range, Type};
use crate::syntax::ast::{self, Compare, EntryKind, Word};
use crate::units::show_ratio;

/// The owner of attributes, for messages: "service `cart`", "a call".
pub type Owner<'a> = &'a str;

/// Reads a block. Each entry that is not an attribute goes to `other`, which returns whether it
/// accepts the entry.
pub fn read_block<'b>(
    block: &'b ast::Block,
    properties: &dyn Fn(&str) -> Option<&'static Property>,
    all: &dyn Fn() -> Vec<&'static str>,
    owner: Owner,
    scope: &Scope,
    sink: &mut Sink,
    other: &mut dyn FnMut(&'b ast::Entry, &mut Sink) -> bool,
) -> Attrs {
    let mut attrs = Attrs::default();
    for entry in &block.entries {
        if other(entry, sink) {
            continue;
        }
        match &entry.kind {
            EntryKind::Attr(a) => {
                let Some(name) = one_word(a, sink) else { continue };
                let Some(property) = properties(&name.text) else {
                    sink.push(unknown_attribute(name, owner, &all(), properties));
                    continue;
                };
                if let Some(before) = attrs.peek(property.name) {
                    let mut d =
                        Diagnostic::error("ARC541", name.span, format!("`{}` is set twice in {owner}", name.text))
                            .label("again here");
                    if let Some(first) = before.span {
                        d = d.related(first, "first here");
                    }
                    sink.push(d.help("keep one of the two"));
                    continue;
                }
                if let Some((value, through_let)) = read_attr(a, property, owner, scope, sink) {
                    let origin =
                        if through_let && scope.origin == Origin::Written { Origin::Let } else { scope.origin.clone() };
                    attrs.set(Attr {
                        id: trace::next(),
                        property,
                        value,
                        origin,
                        span: Some(entry.span),
                        source: None,
                    });
                }
            }
            EntryKind::Bad => {}
            _ => {
                sink.push(
                    Diagnostic::error("ARC572", entry.span, format!("a call cannot stand in {owner}"))
                        .help("calls belong in a flow: `flow name { rate = 100 rps, web -> api { -> orders.read } }`"),
                );
            }
        }
    }
    attrs
}

fn one_word<'a>(a: &'a ast::Attr, sink: &mut Sink) -> Option<&'a Word> {
    match a.key.as_slice() {
        [one] => Some(one),
        _ => {
            let text: Vec<&str> = a.key.iter().map(|w| w.text.as_str()).collect();
            if let Some(item) = a.key.first().filter(|w| kinds::opens_item(&w.text) && a.key.len() == 2) {
                sink.push(
                    Diagnostic::error(
                        "ARC510",
                        a.key_span(),
                        format!("`{}` stands inside of another block", text.join(" ")),
                    )
                    .help(format!("a `{}` is an item of its own: move it out of these braces", item.text)),
                );
                return None;
            }
            let help = match text.as_slice() {
                ["slo", metric] => format!("targets go in braces: `slo {{ {metric} ... }}`"),
                _ => {
                    let joined = text.join("_");
                    format!("names are joined by `_`: `{joined}`; two attributes are separated by a line break or `,`")
                }
            };
            let said = format!("`{}` is several words where one name is wanted", text.join(" "));
            sink.push(Diagnostic::error("ARC510", a.key_span(), said).help(help));
            None
        }
    }
}

/// The finding for a name that is not a property.
fn unknown_attribute(
    name: &Word,
    owner: Owner,
    all: &[&'static str],
    properties: &dyn Fn(&str) -> Option<&'static Property>,
) -> Diagnostic {
    let d = Diagnostic::error("ARC540", name.span, format!("{owner} has no attribute `{}`", name.text));
    let aliases = [
        ("instances", "replicas"),
        ("count", "replicas"),
        ("mem", "memory"),
        ("ram", "memory"),
        ("vcpu", "cores"),
        ("cpus", "cores"),
        ("hit_ratio", "hit"),
        ("hit_rate", "hit"),
        ("qps", "rate"),
        ("rps", "rate"),
        ("throughput", "rate"),
        ("expiry", "ttl"),
        ("sla", "availability"),
        ("uptime", "availability"),
        ("az", "zones"),
        ("azs", "zones"),
        ("availability_zones", "zones"),
        ("instance_type", "instance"),
        ("machine", "instance"),
        ("type", "instance"),
        ("storage", "data"),
        ("disk", "data"),
        ("dlq", "dead_letter"),
        ("algorithm", "policy"),
        ("retry", "retries"),
        ("circuit_breaker", "breaker"),
        ("price", "cost"),
        ("latency", "wait"),
        ("endpoint", "route"),
        ("path", "route"),
        ("partition_key", "shards"),
    ];
    let alias = aliases.iter().find(|(from, to)| *from == name.text && all.contains(to)).map(|(_, to)| *to);
    if alias.is_none()
        && let Some(help) = belongs(&name.text, all, properties)
    {
        return d.help(help);
    }
    match alias.or_else(|| nearest(&name.text, all.iter().copied())) {
        Some(near) => d.help(format!("did you mean `{near}`?")),
        None => d.help(format!("it may have: {}", all.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(" "))),
    }
}

/// Help for an attribute that exists but belongs elsewhere.
fn belongs(name: &str, all: &[&'static str], properties: &dyn Fn(&str) -> Option<&'static Property>) -> Option<String> {
    for outer in all {
        if let Some(Property { ty: Type::Block(inner), .. }) = properties(outer)
            && let Some(p) = inner.iter().find(|p| p.name == name)
        {
            return Some(format!("it belongs in `{outer} {{ {name} = {} }}`", example(p)));
        }
    }
    if all.contains(&"slo") && kinds::metric(name).is_some() {
        return Some(format!("a target stands in `slo {{ {name} ... }}`"));
    }
    if name == "slo" {
        return Some("targets belong in a flow: `flow name { slo { p99 <= 250ms } }`".to_owned());
    }
    let has = |list: &'static [Property]| list.iter().find(|p| p.name == name);
    if let Some(p) = has(&kinds::FLOW).filter(|p| matches!(p.name, "rate" | "volume" | "route" | "window" | "affinity"))
    {
        return Some(format!("it belongs to a flow: `flow name {{ {name} = {} }}`", example(p)));
    }
    let owners: Vec<String> =
        kinds::KINDS.iter().filter(|k| k.property(name).is_some()).map(|k| format!("`{}`", k.name)).collect();
    if !owners.is_empty() {
        return Some(format!("`{name}` is an attribute of {}", owners.join(" ")));
    }
    if let Some(p) = has(&kinds::SYSTEM) {
        return Some(format!("it belongs to the system: `system name {{ {name} = {} }}`", example(p)));
    }
    has(&kinds::CALL).map(|p| format!("it belongs to a call: `-> target {{ {name} = {} }}`", example(p)))
}

fn read_attr(
    a: &ast::Attr,
    property: &'static Property,
    owner: Owner,
    scope: &Scope,
    sink: &mut Sink,
) -> Option<(Value, bool)> {
    let name = a.key_span();
    let wants_block = matches!(property.ty, Type::Block(_) | Type::Ops | Type::Place | Type::Shares);
    match (&a.value, &a.block) {
        (None, None) => {
            let example = if wants_block {
                format!("{} {{ … }}", property.name)
            } else {
                format!("{} = {}", property.name, example(property))
            };
            sink.push(
                Diagnostic::error("ARC515", name, format!("`{}` has no value", property.name))
                    .help(format!("write `{example}`")),
            );
            None
        }
        (_, Some(block)) => match &property.ty {
            Type::Block(inner) => Some((Value::Block(read_inner(block, inner, property.name, scope, sink)), false)),
            Type::Ops => Some((Value::Ops(read_ops(block, owner, scope, sink)), false)),
            Type::Place | Type::Shares => read_table(block, property, scope, sink).map(|t| (Value::Table(t), false)),
            Type::RegionTimes => read_pairs(block, scope, sink).map(|t| (Value::Pairs(t), false)),
            _ => {
                sink.push(
                    Diagnostic::error(
                        "ARC542",
                        block.span,
                        format!("`{}` expects {}, not a block", property.name, wanted(&property.ty)),
                    )
                    .help(format!("write `{} = {}`", property.name, example(property))),
                );
                None
            }
        },
        (Some((compare, at, expr)), None) => {
            if *compare != Compare::Is {
                sink.push(
                    Diagnostic::error(
                        "ARC542",
                        *at,
                        format!("`{}` compares; an attribute is set with `=`", compare.symbol()),
                    )
                    .help(if property.hole {
                        format!(
                            "write `{0} = ? {1} {2}` to have it solved, or `{0} = {2}`",
                            property.name,
                            compare.symbol(),
                            example(property)
                        )
                        .replace("? <= ", "? in 1..")
                    } else {
                        format!(
                            "write `{} = {}`; targets belong in `slo {{ … }}` of a flow",
                            property.name,
                            example(property)
                        )
                    }),
                );
                return None;
            }
            if wants_block {
                sink.push(
                    Diagnostic::error("ARC542", expr.span, format!("`{}` is a block, not a value", property.name))
                        .help(format!("write `{} {{ … }}`", property.name)),
                );
                return None;
            }
            read_value(expr, property, scope, sink)
        }
    }
}

fn read_inner(block: &ast::Block, inner: &'static [Property], name: &str, scope: &Scope, sink: &mut Sink) -> Attrs {
    read_block(
        block,
        &|n| inner.iter().find(|p| p.name == n),
        &|| inner.iter().map(|p| p.name).collect(),
        &format!("`{name} {{ … }}`"),
        scope,
        sink,
        &mut |_, _| false,
    )
}

fn read_ops(block: &ast::Block, owner: Owner, scope: &Scope, sink: &mut Sink) -> Vec<(String, Attrs)> {
    let mut ops: Vec<(String, Attrs)> = Vec::new();
    for entry in &block.entries {
        let EntryKind::Attr(a) = &entry.kind else {
            if !matches!(entry.kind, EntryKind::Bad) {
                sink.push(
                    Diagnostic::error("ARC540", entry.span, "`ops { … }` holds operations alone")
                        .help("write `ops { read { cpu = 0.1ms } }`"),
                );
            }
            continue;
        };
        let (Some(name), Some(inner)) = (a.key.first().filter(|_| a.key.len() == 1), &a.block) else {
            let name = a.key.first().map_or("read", |w| w.text.as_str());
            sink.push(
                Diagnostic::error("ARC540", entry.span, "an operation is a name and its block")
                    .help(format!("write `ops {{ {name} {{ cpu = 0.1ms }} }}`")),
            );
            continue;
        };
        if let Some(d) = bad_name(name) {
            sink.push(d);
            continue;
        }
        if !scope.ops.1 && !scope.ops.0.contains(&name.text.as_str()) {
            let near = nearest(&name.text, scope.ops.0.iter().copied());
            let known = scope.ops.0.iter().map(|o| format!("`{o}`")).collect::<Vec<_>>().join(" ");
            let help = near.map_or_else(|| format!("its operations are {known}"), |n| format!("did you mean `{n}`?"));
            sink.push(
                Diagnostic::error("ARC571", name.span, format!("{owner} has no operation `{}`", name.text)).help(help),
            );
            continue;
        }
        if ops.iter().any(|(n, _)| *n == name.text) {
            sink.push(
                Diagnostic::error("ARC541", name.span, format!("operation `{}` is described twice", name.text))
                    .help("keep one of the two"),
            );
            continue;
        }
        ops.push((name.text.clone(), read_inner(inner, &OP, &name.text, scope, sink)));
    }
    ops
}

fn read_table(
    block: &ast::Block,
    property: &Property,
    scope: &Scope,
    sink: &mut Sink,
) -> Option<Vec<(String, Interval)>> {
    let mut table: Vec<(String, Interval)> = Vec::new();
    let ratio = matches!(property.ty, Type::Shares);
    let mut fine = true;
    for entry in &block.entries {
        let (key, expr) = match &entry.kind {
            EntryKind::Attr(a) => match (a.key.as_slice(), &a.value) {
                ([key], Some((Compare::Is, _, expr))) => (key, expr),
                _ => {
                    sink.push(
                        Diagnostic::error(
                            "ARC510",
                            entry.span,
                            format!("`{}` is a table of names and numbers", property.name),
                        )
                        .help(format!(
                            "write `{} {{ {} }}`",
                            property.name,
                            if ratio { "us-east-1 = 60%, eu-west-1 = 40%" } else { "a = 2, b = 1" }
                        )),
                    );
                    fine = false;
                    continue;
                }
            },
            _ => {
                fine = false;
                continue;
            }
        };
        let zone_ok = scope.zones.contains(&key.text);
        let region_ok = scope.regions.iter().any(|r| {
            key.text == *r
                || key
                    .text
                    .strip_prefix(r.as_str())
                    .and_then(|z| z.strip_prefix('.'))
                    .is_some_and(|z| scope.zones.iter().any(|k| k == z))
        });
        let known = if ratio { region_ok || catalog::is_region(&key.text) } else { zone_ok || region_ok };
        if !known {
            let what = if ratio { "region" } else { "zone or region" };
            sink.push(unknown_place(&key.text, key.span, what, scope));
            fine = false;
            continue;
        }
        if table.iter().any(|(k, _)| *k == key.text) {
            sink.push(
                Diagnostic::error("ARC541", key.span, format!("`{}` stands twice in `{}`", key.text, property.name))
                    .help("keep one of the two"),
            );
            fine = false;
            continue;
        }
        let Some(num) = scope.lets.number(expr, scope.prefix, sink) else {
            fine = false;
            continue;
        };
        let ty = if ratio { Type::Ratio } else { Type::Count };
        let range = if ratio { Range::Unit } else { Range::Whole(0.0) };
        match checked(&num, ty, range, &key.text, expr.span, sink) {
            Some(v) => table.push((key.text.clone(), v)),
            None => fine = false,
        }
    }
    if fine && ratio {
        let sum: f64 = table.iter().map(|(_, v)| v.mid).sum();
        if (sum - 1.0).abs() > 1e-6 {
            sink.push(
                Diagnostic::error(
                    "ARC543",
                    block.span,
                    format!("the shares in `{}` sum to {}, not 100%", property.name, show_ratio(sum)),
                )
                .help("every client is in one region"),
            );
            return None;
        }
    }
    fine.then_some(table)
}

fn read_pairs(block: &ast::Block, scope: &Scope, sink: &mut Sink) -> Option<Vec<(String, String, Interval)>> {
    let mut table = Vec::new();
    for entry in &block.entries {
        let EntryKind::Attr(a) = &entry.kind else { return None };
        let ([from, to], Some((Compare::Is, _, expr))) = (a.key.as_slice(), &a.value) else {
            sink.push(
                Diagnostic::error("ARC510", entry.span, "this is not a pair of regions with a time")
                    .help("write `cross_region { us-east-1 eu-west-1 = 75ms }`"),
            );
            return None;
        };
        for word in [from, to] {
            if !scope.regions.contains(&word.text) && !catalog::is_region(&word.text) {
                sink.push(unknown_place(&word.text, word.span, "region", scope));
                return None;
            }
        }
        let num = scope.lets.number(expr, scope.prefix, sink)?;
        table.push((
            from.text.clone(),
            to.text.clone(),
            checked(&num, Type::Time, Range::NonNegative, "cross_region", expr.span, sink)?,
        ));
    }
    Some(table)
}

/// An error for a name that is not an attribute.
#[must_use]
pub fn bad_name(word: &Word) -> Option<Diagnostic> {
    let text = &word.text;
    let fine = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if fine && text.len() <= 63 {
        return None;
    }
    if text.len() > 63 {
        return Some(
            Diagnostic::error(
                "ARC532",
                word.span,
                format!("this name has {} characters; a name has at most 63", text.len()),
            )
            .help("container and DNS names end there too"),
        );
    }
    let mut better = String::new();
    for c in text.chars() {
        if c.is_ascii_uppercase() {
            if !better.is_empty()
                && !better.ends_with('_')
                && better.chars().last().is_some_and(|p| p.is_ascii_lowercase())
            {
                better.push('_');
            }
            better.push(c.to_ascii_lowercase());
        } else {
            better.push(if c == '-' || c == '.' { '_' } else { c });
        }
    }
    let better = better.trim_matches('_').to_owned();
    let why = if text.contains('-') || text.contains('.') {
        "names have no `-` and no `.`"
    } else {
        "a name is small letters, digits and `_`, a letter first"
    };
    Some(
        Diagnostic::error("ARC532", word.span, format!("`{text}` is not a name: {why}"))
            .help(format!("write `{better}`")),
    )
}
