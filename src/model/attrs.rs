//! Blocks to checked attributes, driven by the property tables.

use super::eval::{Lets, Num, describe};
use super::value::{Attr, Attrs, Hole, Interval, Latency, Law, Origin, Value};
use crate::base::{Span, nearest};
use crate::catalog;
use crate::diag::{Diagnostic, Sink};
use crate::kinds::{self, OP, Property, Range, Type};
use crate::syntax::ast::{self, Compare, EntryKind, Expr, ExprKind, HoleBound, Word};
use crate::units::{Dim, Flavor, show, show_ratio};

/// Everything that values may refer to.
pub struct Scope<'a> {
    /// Named values.
    pub lets: &'a Lets,
    /// Prefix of the file.
    pub prefix: &'a str,
    /// Names of components, unqualified and qualified.
    pub components: &'a dyn Fn(&str) -> bool,
    /// Names of the zones.
    pub zones: &'a [String],
    /// Names of the regions; empty while they are being read.
    pub regions: &'a [String],
    /// Whether the provider has machines.
    pub machines: bool,
    /// Where written values come from.
    pub origin: Origin,
    /// Operations of the kind, for `ops { … }`: (names, whether others may be added).
    pub ops: (&'a [&'static str], bool),
}

/// What the attributes belong to, for messages: "service `cart`", "a call".
pub type Owner<'a> = &'a str;

/// Reads a block. Entries that are no attributes are given to `other`, which
/// says whether it took them.
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
                    let mut d = Diagnostic::error("ARC541", name.span, format!("`{}` is set twice in {owner}", name.text)).label("again here");
                    if let Some(first) = before.span {
                        d = d.related(first, "first here");
                    }
                    sink.push(d.help("keep one of the two"));
                    continue;
                }
                if let Some((value, through_let)) = read_attr(a, property, owner, scope, sink) {
                    let origin = if through_let && scope.origin == Origin::Written { Origin::Let } else { scope.origin.clone() };
                    attrs.set(Attr { property, value, origin, span: Some(entry.span), source: None });
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
            if let Some(item) = a.key.first().filter(|w| kinds::is_reserved(&w.text) && a.key.len() == 2) {
                sink.push(
                    Diagnostic::error("ARC510", a.key_span(), format!("`{}` stands inside of another block", text.join(" ")))
                        .help(format!("a `{}` is an item of its own: move it out of these braces", item.text)),
                );
                return None;
            }
            sink.push(
                Diagnostic::error("ARC510", a.key_span(), format!("`{}` is several words where one name is wanted", text.join(" ")))
                    .help(format!("names are joined by `_`: `{}`; two attributes are separated by a line break or `,`", text.join("_"))),
            );
            None
        }
    }
}

/// The finding for a name that no property has.
fn unknown_attribute(name: &Word, owner: Owner, all: &[&'static str], properties: &dyn Fn(&str) -> Option<&'static Property>) -> Diagnostic {
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

/// Where an attribute belongs that is known, but not here.
fn belongs(name: &str, all: &[&'static str], properties: &dyn Fn(&str) -> Option<&'static Property>) -> Option<String> {
    for outer in all {
        if let Some(Property { ty: Type::Block(inner), .. }) = properties(outer)
            && let Some(p) = inner.iter().find(|p| p.name == name)
        {
            return Some(format!("it belongs in `{outer} {{ {name} = {} }}`", example(p)));
        }
    }
    if name == "slo" {
        return Some("targets belong in a flow: `flow name { slo { p99 <= 250ms } }`".to_owned());
    }
    let has = |list: &'static [Property]| list.iter().find(|p| p.name == name);
    if let Some(p) = has(&kinds::FLOW).filter(|p| matches!(p.name, "rate" | "volume" | "route" | "window" | "affinity")) {
        return Some(format!("it belongs to a flow: `flow name {{ {name} = {} }}`", example(p)));
    }
    let owners: Vec<String> = kinds::KINDS.iter().filter(|k| k.property(name).is_some()).map(|k| format!("`{}`", k.name)).collect();
    if !owners.is_empty() {
        return Some(format!("`{name}` is an attribute of {}", owners.join(" ")));
    }
    if let Some(p) = has(&kinds::SYSTEM) {
        return Some(format!("it belongs to the system: `system name {{ {name} = {} }}`", example(p)));
    }
    has(&kinds::CALL).map(|p| format!("it belongs to a call: `-> target {{ {name} = {} }}`", example(p)))
}

fn read_attr(a: &ast::Attr, property: &'static Property, owner: Owner, scope: &Scope, sink: &mut Sink) -> Option<(Value, bool)> {
    let name = a.key_span();
    let wants_block = matches!(property.ty, Type::Block(_) | Type::Ops | Type::Place | Type::Shares);
    match (&a.value, &a.block) {
        (None, None) => {
            let example = if wants_block { format!("{} {{ … }}", property.name) } else { format!("{} = {}", property.name, example(property)) };
            sink.push(Diagnostic::error("ARC515", name, format!("`{}` has no value", property.name)).help(format!("write `{example}`")));
            None
        }
        (_, Some(block)) => match &property.ty {
            Type::Block(inner) => Some((Value::Block(read_inner(block, inner, property.name, scope, sink)), false)),
            Type::Ops => Some((Value::Ops(read_ops(block, owner, scope, sink)), false)),
            Type::Place | Type::Shares => read_table(block, property, scope, sink).map(|t| (Value::Table(t), false)),
            Type::RegionTimes => read_pairs(block, scope, sink).map(|t| (Value::Pairs(t), false)),
            _ => {
                sink.push(
                    Diagnostic::error("ARC542", block.span, format!("`{}` wants {}, not a block", property.name, wanted(&property.ty)))
                        .help(format!("write `{} = {}`", property.name, example(property))),
                );
                None
            }
        },
        (Some((compare, at, expr)), None) => {
            if *compare != Compare::Is {
                sink.push(
                    Diagnostic::error("ARC542", *at, format!("`{}` compares; an attribute is set with `=`", compare.symbol()))
                        .help(if property.hole { format!("write `{0} = ? {1} {2}` to have it solved, or `{0} = {2}`", property.name, compare.symbol(), example(property)).replace("? <= ", "? in 1..") } else { format!("write `{} = {}`; targets belong in `slo {{ … }}` of a flow", property.name, example(property)) }),
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
                sink.push(Diagnostic::error("ARC540", entry.span, "`ops { … }` holds operations alone").help("write `ops { read { cpu = 0.1ms } }`"));
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
            sink.push(Diagnostic::error("ARC571", name.span, format!("{owner} has no operation `{}`", name.text)).help(help));
            continue;
        }
        if ops.iter().any(|(n, _)| *n == name.text) {
            sink.push(Diagnostic::error("ARC541", name.span, format!("operation `{}` is described twice", name.text)).help("keep one of the two"));
            continue;
        }
        ops.push((name.text.clone(), read_inner(inner, &OP, &name.text, scope, sink)));
    }
    ops
}

fn read_table(block: &ast::Block, property: &Property, scope: &Scope, sink: &mut Sink) -> Option<Vec<(String, Interval)>> {
    let mut table: Vec<(String, Interval)> = Vec::new();
    let ratio = matches!(property.ty, Type::Shares);
    let mut fine = true;
    for entry in &block.entries {
        let (key, expr) = match &entry.kind {
            EntryKind::Attr(a) => match (a.key.as_slice(), &a.value) {
                ([key], Some((Compare::Is, _, expr))) => (key, expr),
                _ => {
                    sink.push(Diagnostic::error("ARC510", entry.span, format!("`{}` is a table of names and numbers", property.name)).help(format!("write `{} {{ {} }}`", property.name, if ratio { "us-east-1 = 60%, eu-west-1 = 40%" } else { "a = 2, b = 1" })));
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
        let region_ok = scope.regions.iter().any(|r| key.text == *r || key.text.strip_prefix(r.as_str()).and_then(|z| z.strip_prefix('.')).is_some_and(|z| scope.zones.iter().any(|k| k == z)));
        let known = if ratio { region_ok || catalog::is_region(&key.text) } else { zone_ok || region_ok };
        if !known {
            let what = if ratio { "region" } else { "zone or region" };
            sink.push(unknown_place(&key.text, key.span, what, scope));
            fine = false;
            continue;
        }
        if table.iter().any(|(k, _)| *k == key.text) {
            sink.push(Diagnostic::error("ARC541", key.span, format!("`{}` stands twice in `{}`", key.text, property.name)).help("keep one of the two"));
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
                Diagnostic::error("ARC543", block.span, format!("the shares in `{}` sum to {}, not 100%", property.name, show_ratio(sum)))
                    .help("every client is in one region"),
            );
            return None;
        }
    }
    fine.then_some(table)
}

fn unknown_place(text: &str, span: Span, what: &str, scope: &Scope) -> Diagnostic {
    let (zones, regions) = (what != "region", what != "zone");
    let all: Vec<&str> = scope.zones.iter().filter(|_| zones).chain(scope.regions.iter().filter(|_| regions)).map(String::as_str).collect();
    let help = nearest(text, all.iter().copied())
        .map_or_else(|| format!("this system has {}", all.iter().map(|z| format!("`{z}`")).collect::<Vec<_>>().join(" ")), |n| format!("did you mean `{n}`?"));
    Diagnostic::error("ARC538", span, format!("`{text}` is no {what} of this system")).help(help)
}

fn read_pairs(block: &ast::Block, scope: &Scope, sink: &mut Sink) -> Option<Vec<(String, String, Interval)>> {
    let mut table = Vec::new();
    for entry in &block.entries {
        let EntryKind::Attr(a) = &entry.kind else { return None };
        let ([from, to], Some((Compare::Is, _, expr))) = (a.key.as_slice(), &a.value) else {
            sink.push(Diagnostic::error("ARC510", entry.span, "this is not a pair of regions with a time").help("write `cross_region { us-east-1 eu-west-1 = 75ms }`"));
            return None;
        };
        for word in [from, to] {
            if !scope.regions.contains(&word.text) && !catalog::is_region(&word.text) {
                sink.push(unknown_place(&word.text, word.span, "region", scope));
                return None;
            }
        }
        let num = scope.lets.number(expr, scope.prefix, sink)?;
        table.push((from.text.clone(), to.text.clone(), checked(&num, Type::Time, Range::NonNegative, "cross_region", expr.span, sink)?));
    }
    Some(table)
}

/// An error for a name that is none.
#[must_use]
pub fn bad_name(word: &Word) -> Option<Diagnostic> {
    let text = &word.text;
    let fine = text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if fine && text.len() <= 63 {
        return None;
    }
    if text.len() > 63 {
        return Some(Diagnostic::error("ARC532", word.span, format!("this name has {} characters; a name has at most 63", text.len())).help("container and DNS names end there too"));
    }
    let mut better = String::new();
    for c in text.chars() {
        if c.is_ascii_uppercase() {
            if !better.is_empty() && !better.ends_with('_') && better.chars().last().is_some_and(|p| p.is_ascii_lowercase()) {
                better.push('_');
            }
            better.push(c.to_ascii_lowercase());
        } else {
            better.push(if c == '-' || c == '.' { '_' } else { c });
        }
    }
    let better = better.trim_matches('_').to_owned();
    let why = if text.contains('-') || text.contains('.') { "names have no `-` and no `.`" } else { "a name is small letters, digits and `_`, a letter first" };
    Some(Diagnostic::error("ARC532", word.span, format!("`{text}` is not a name: {why}")).help(format!("write `{better}`")))
}

/// A literal for a help line.
fn example(property: &Property) -> &'static str {
    match property.ty {
        Type::Bool => "true",
        Type::Text => "\"text\"",
        Type::Count => "3",
        Type::Ratio => "85%",
        Type::Time | Type::Latency => "3ms",
        Type::Size => "512MiB",
        Type::Rate => "400 rps",
        Type::Bandwidth => "10MB/s",
        Type::Price | Type::MoneyRate => "$40/month",
        Type::Factor => "2x",
        Type::Word(words) => words.first().copied().unwrap_or("word"),
        Type::Label => "name",
        Type::Labels => "[a, b]",
        Type::Components => "[cart, orders]",
        Type::Clock => "22:00",
        Type::Window => "22:00 to 05:00",
        Type::Limit => "100 rps per client",
        Type::Growth => "6% per month",
        Type::Shards => "4 by customer_id",
        Type::Session => "pin_primary 5s",
        Type::Zones => "[a, b]",
        Type::Regions => "us-east-1",
        Type::Instance => "m7g.large",
        Type::RegionTimes => "75ms",
        Type::Place | Type::Shares | Type::Ops | Type::Block(_) => "{ … }",
    }
}

fn wrong_type(property: &Property, expr: &Expr, found: &str, sink: &mut Sink) {
    sink.push(
        Diagnostic::error("ARC542", expr.span, format!("`{}` wants {}, not {found}", property.name, wanted(&property.ty)))
            .help(format!("write `{} = {}`", property.name, example(property))),
    );
}

/// "a time", "a size": what a type wants, with its article.
fn wanted(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "`true` or `false`",
        Type::Text => "a string",
        Type::Count | Type::Shards => "a count",
        Type::Ratio => "a ratio",
        Type::Time => "a time",
        Type::Latency => "a time",
        Type::Size => "a size",
        Type::Rate | Type::Limit => "a rate",
        Type::Bandwidth => "a bandwidth",
        Type::Price => "a price",
        Type::MoneyRate => "money per time",
        Type::Factor => "a factor",
        Type::Word(_) | Type::Label => "a word",
        Type::Labels => "a list of words",
        Type::Components => "names of components",
        Type::Clock => "a time of day",
        Type::Window => "two times of day",
        Type::Growth => "a ratio per time",
        Type::Session => "a session mechanism",
        Type::Zones => "zones",
        Type::Regions => "regions",
        Type::Instance => "a machine",
        Type::RegionTimes => "a time",
        Type::Place | Type::Shares | Type::Ops | Type::Block(_) => "a block",
    }
}

/// Checks one value. Gives whether a `let` took part.
fn read_value(expr: &Expr, property: &'static Property, scope: &Scope, sink: &mut Sink) -> Option<(Value, bool)> {
    // A name that the type does not know itself may stand for an expression.
    let mut expr = expr;
    let mut through_let = false;
    let mut inner_scope;
    let mut scope = scope;
    for _ in 0..64 {
        let ExprKind::Word(w) = &expr.kind else { break };
        if own_word(&property.ty, w, scope) {
            break;
        }
        let Some((_, v)) = scope.lets.lookup(w, scope.prefix) else { break };
        // A number is looked up where it is used: an error about it belongs there.
        if is_quantity(&property.ty) && super::eval::is_arithmetic(&v.expr) {
            break;
        }
        expr = &v.expr;
        through_let = true;
        inner_scope = Scope { prefix: &v.prefix, origin: scope.origin.clone(), ..*scope };
        scope = &inner_scope;
    }
    if matches!(expr.kind, ExprKind::Bad) {
        return None;
    }
    if let ExprKind::Hole(bound) = &expr.kind {
        return read_hole(bound, expr, property, scope, sink).map(|h| (wrap_shards(property, Value::Hole(h), None), through_let));
    }
    if property.hole
        && matches!(property.range, Range::Whole(_))
        && let ExprKind::Range(low, ast::RangeOp::To, high) = &expr.kind
        && let (ExprKind::Number(low), ExprKind::Number(high)) = (&low.kind, &high.kind)
    {
        sink.push(
            Diagnostic::error("ARC516", expr.span, format!("`{}` is chosen, so an interval alone does not say which", property.name))
                .help(format!("write `{} = ? in {}..{}` to have it solved", property.name, low.text, high.text)),
        );
        return None;
    }
    let value = match property.ty {
        Type::Count | Type::Ratio | Type::Time | Type::Size | Type::Rate | Type::Bandwidth | Type::Price | Type::MoneyRate | Type::Factor | Type::RegionTimes => {
            let num = number(expr, property, scope, sink)?;
            through_let |= num.through_let;
            Value::Number(checked(&num, property.ty, property.range, property.name, expr.span, sink)?)
        }
        Type::Latency => {
            let (latency, via) = read_latency(expr, property, scope, sink)?;
            through_let |= via;
            Value::Latency(latency)
        }
        Type::Limit => {
            let num = number(expr, property, scope, sink)?;
            through_let |= num.through_let;
            Value::Limit(checked(&Num { per: None, ..num.clone() }, Type::Rate, property.range, property.name, expr.span, sink)?, num.per.map(str::to_owned))
        }
        Type::Growth => {
            let num = number(expr, property, scope, sink)?;
            if num.dim != Dim::RATE || num.per.is_some() {
                wrong_type(property, expr, num.noun(), sink);
                return None;
            }
            // Kept per month: growth compounds at the month's end.
            let month = crate::units::MONTH;
            Value::Growth(Interval { low: num.value.low * month, mid: num.value.mid * month, high: num.value.high * month }, month)
        }
        Type::Shards => return read_shards(expr, property, scope, sink).map(|(v, via)| (v, via || through_let)),
        _ => read_words(expr, property, scope, sink)?,
    };
    Some((value, through_let))
}

/// Whether values of that type are numbers.
fn is_quantity(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Count
            | Type::Ratio
            | Type::Time
            | Type::Size
            | Type::Rate
            | Type::Bandwidth
            | Type::Price
            | Type::MoneyRate
            | Type::Factor
            | Type::RegionTimes
            | Type::Latency
            | Type::Limit
            | Type::Growth
            | Type::Shards
    )
}

fn wrap_shards(property: &Property, value: Value, by: Option<String>) -> Value {
    if matches!(property.ty, Type::Shards) { Value::Shards(Box::new(value), by) } else { value }
}

fn own_word(ty: &Type, w: &str, scope: &Scope) -> bool {
    match ty {
        Type::Bool => w == "true" || w == "false",
        Type::Word(words) => words.contains(&w),
        Type::Components => (scope.components)(w),
        Type::Zones => w == "all" || scope.zones.iter().any(|z| z == w),
        Type::Regions => catalog::is_region(w),
        Type::Instance => catalog::machine(w).is_some(),
        Type::Session => ["none", "sticky", "token"].contains(&w),
        _ => false,
    }
}

fn number(expr: &Expr, property: &Property, scope: &Scope, sink: &mut Sink) -> Option<Num> {
    // A non-number where a number is wanted is an error about the attribute.
    let found = match &expr.kind {
        ExprKind::Word(w) if scope.lets.lookup(w, scope.prefix).is_none() => {
            if crate::units::unit(w).is_some() {
                return scope.lets.number(expr, scope.prefix, sink);
            }
            if ["null", "nil", "none", "undefined", "unset"].contains(&w.as_str()) {
                let d = Diagnostic::error("ARC542", expr.span, format!("`{}` wants {}, not `{w}`", property.name, wanted(&property.ty)));
                sink.push(d.help(format!("leave `{}` out: every attribute is optional", property.name)));
                return None;
            }
            let parts: Vec<&str> = w.split('-').collect();
            if parts.len() > 1 && parts.iter().all(|p| scope.lets.lookup(p, scope.prefix).is_some()) {
                return scope.lets.number(expr, scope.prefix, sink);
            }
            let near = nearest(w, scope.lets.names());
            let d = Diagnostic::error("ARC542", expr.span, format!("`{}` wants {}, and no value is named `{w}`", property.name, wanted(&property.ty)));
            sink.push(d.help(near.map_or_else(|| format!("write `{} = {}`", property.name, example(property)), |n| format!("did you mean `{n}`?"))));
            return None;
        }
        ExprKind::Phrase(parts) => {
            if let Some(d) = super::eval::misspelt_unit(parts) {
                sink.push(d);
                return None;
            }
            if let [Expr { kind: ExprKind::Number(a), .. }, Expr { kind: ExprKind::Number(b), .. }] = parts.as_slice()
                && a.quantity.dim == b.quantity.dim
                && a.quantity.dim != Dim::NONE
            {
                let d = Diagnostic::error("ARC542", expr.span, format!("`{}` wants one value, not two", property.name));
                sink.push(d.help(format!("add them: `{} = {} + {}`", property.name, a.text, b.text)));
                return None;
            }
            describe(&expr.kind)
        }
        ExprKind::Text(_) | ExprKind::List(_) | ExprKind::Clock(_) | ExprKind::Date(_) | ExprKind::Alternatives(_) => describe(&expr.kind),
        _ => return scope.lets.number(expr, scope.prefix, sink),
    };
    wrong_type(property, expr, &found, sink);
    None
}


/// Dimension, flavor and range of a number.
pub fn checked(num: &Num, ty: Type, range: Range, name: &str, span: Span, sink: &mut Sink) -> Option<Interval> {
    let (dims, flavors): (&[Dim], &[Flavor]) = match ty {
        Type::Count | Type::Shards => (&[Dim::NONE], &[Flavor::Plain]),
        Type::Ratio => (&[Dim::NONE], &[Flavor::Plain, Flavor::Percent]),
        Type::Factor => (&[Dim::NONE], &[Flavor::Plain, Flavor::Factor, Flavor::Percent]),
        Type::Time | Type::Latency | Type::RegionTimes => (&[Dim::TIME], &[]),
        Type::Size => (&[Dim::SIZE], &[]),
        Type::Rate | Type::Limit => (&[Dim::RATE], &[]),
        Type::Bandwidth => (&[Dim::BANDWIDTH], &[]),
        Type::Price => (&[Dim::MONEY, Dim::MONEY_RATE], &[]),
        Type::MoneyRate => (&[Dim::MONEY_RATE], &[]),
        _ => (&[Dim::NONE], &[Flavor::Plain]),
    };
    if !dims.contains(&num.dim) || (num.dim == Dim::NONE && !flavors.contains(&num.flavor)) {
        let found = num.noun();
        let help = match (dims.first(), num.dim) {
            (Some(d), Dim::NONE) if *d != Dim::NONE && num.flavor == Flavor::Plain => format!("a number alone has no unit; {} is written {}", wanted(&ty), d.example()),
            (Some(&Dim::MONEY_RATE), Dim::MONEY) => "say per how long: `$40k/month`".to_owned(),
            (Some(&Dim::NONE), _) => match ty {
                Type::Count | Type::Shards => "a count is `3`, `10k` or `2M`".to_owned(),
                Type::Ratio => "a ratio is `85%` or `0.85`".to_owned(),
                _ => "a factor is `3x` or `3`".to_owned(),
            },
            (Some(d), _) => format!("{} is written {}", wanted(&ty), d.example()),
            (None, _) => String::new(),
        };
        sink.push(Diagnostic::error("ARC542", span, format!("`{name}` wants {}, not {found}", wanted(&ty))).label(found).help(help));
        return None;
    }
    if let Some(scope) = num.per {
        let help = if scope == "user" { "only the rate or volume of a flow counts per user" } else { "`per client`, `per ip` and `per route` belong in a rate limit" };
        sink.push(Diagnostic::error("ARC542", span, format!("`{name}` cannot count per {scope}")).help(help));
        return None;
    }
    for x in [num.value.low, num.value.mid, num.value.high] {
        // Between the ends of an interval a count need not be whole.
        let fine = match range {
            Range::Whole(least) if num.value.is_spread() => x >= least,
            Range::Between(least, most) if num.value.is_spread() => (least..=most).contains(&x),
            _ => range.holds(x),
        };
        if !fine {
            let shown = match ty {
                Type::Ratio => show_ratio(x),
                _ if x == 0.0 || (num.dim == Dim::NONE && x.abs() < 1e9) => x.to_string(),
                _ => show(x, num.dim),
            };
            let help = if matches!(ty, Type::Ratio) && num.flavor == Flavor::Plain && (1.0..=100.0).contains(&x) {
                format!("did you mean `{x}%`?")
            } else {
                format!("it must be {}", range.describe())
            };
            sink.push(Diagnostic::error("ARC543", span, format!("`{name}` cannot be {shown}")).help(help));
            return None;
        }
    }
    Some(num.value)
}

fn read_hole(bound: &HoleBound, expr: &Expr, property: &'static Property, scope: &Scope, sink: &mut Sink) -> Option<Hole> {
    if !property.hole {
        sink.push(
            Diagnostic::error("ARC545", expr.span, format!("`{}` cannot be solved for", property.name))
                .help("`?` is legal for replicas, nodes, shards, partitions, instance, memory, cores and an engine"),
        );
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
                let mut names = Vec::new();
                for item in all {
                    match &item.kind {
                        ExprKind::Word(w) => {
                            if matches!(property.ty, Type::Instance) {
                                check_machine(w, item.span, scope, sink)?;
                            }
                            names.push(w.clone());
                        }
                        ExprKind::Number(n) => names.push(n.text.clone()),
                        other => {
                            sink.push(Diagnostic::error("ARC545", item.span, format!("{} is not a choice", describe(other))).help("write `? in [a, b]` or `? in 2..40`"));
                            return None;
                        }
                    }
                }
                if names.is_empty() {
                    sink.push(Diagnostic::error("ARC545", e.span, "this hole has nothing to choose from").help("write `? in [a, b]`, or `?` alone"));
                    return None;
                }
                Some(Hole::OneOf(names))
            }
            ExprKind::Range(..) => {
                let num = number(e, property, scope, sink)?;
                let v = checked(&num, property.ty, property.range, property.name, e.span, sink)?;
                for end in [v.low, v.high] {
                    if !property.range.holds(end) {
                        sink.push(Diagnostic::error("ARC543", e.span, format!("`{}` cannot be {}", property.name, show(end, num.dim))).help(format!("allowed is {}", property.range.describe())));
                        return None;
                    }
                }
                Some(Hole::Between(v.low, v.high))
            }
            _ => {
                sink.push(Diagnostic::error("ARC545", e.span, "a hole is bounded by a list or an interval").help("write `? in [a, b]` or `? in 2..40`"));
                None
            }
        },
    }
}

/// The machines that share all of a name but its size.
fn family(name: &str) -> Option<String> {
    let (family, _) = name.rsplit_once('.')?;
    let all: Vec<String> = catalog::machines().filter(|m| m.name.rsplit_once('.').is_some_and(|(f, _)| f == family)).map(|m| format!("`{}`", m.name)).collect();
    (!all.is_empty()).then(|| format!("the catalog has {}", all.join(" ")))
}

fn check_machine(name: &str, span: Span, scope: &Scope, sink: &mut Sink) -> Option<()> {
    if !scope.machines || catalog::machine(name).is_some() {
        return Some(());
    }
    let help = nearest(name, catalog::machines().map(|m| m.name.as_str()))
        .map_or_else(|| family(name).unwrap_or_else(|| "machines are named as the provider names them: `m7g.large`, `db.r6g.xlarge`, `cache.r7g.large`".to_owned()), |n| format!("did you mean `{n}`?"));
    sink.push(Diagnostic::error("ARC537", span, format!("the catalog has no machine `{name}`")).help(help));
    None
}

fn read_latency(expr: &Expr, property: &'static Property, scope: &Scope, sink: &mut Sink) -> Option<(Latency, bool)> {
    let time = |e: &Expr, sink: &mut Sink| {
        let num = number(e, property, scope, sink)?;
        checked(&num, Type::Time, property.range, property.name, e.span, sink).map(|v| (v, num.through_let))
    };
    let ExprKind::Phrase(parts) = &expr.kind else {
        let (mean, via) = time(expr, sink)?;
        return Some((Latency { mean, law: Law::Exponential }, via));
    };
    let word = |e: &Expr| match &e.kind {
        ExprKind::Word(w) => w.clone(),
        _ => String::new(),
    };
    match parts.as_slice() {
        [law, t] if word(law) == "exp" => time(t, sink).map(|(mean, via)| (Latency { mean, law: Law::Exponential }, via)),
        [law, t] if word(law) == "const" => time(t, sink).map(|(mean, via)| (Latency { mean, law: Law::Constant }, via)),
        [law, t, cv, n] if word(law) == "mean" && word(cv) == "cv" => {
            let (mean, via) = time(t, sink)?;
            let num = scope.lets.number(n, scope.prefix, sink)?;
            let cv = checked(&num, Type::Ratio, Range::NonNegative, "cv", n.span, sink)?;
            Some((Latency { mean, law: Law::Cv(cv.mid) }, via))
        }
        [a, t, b, u] if word(a) == "p50" && word(b) == "p99" => {
            let (p50, via) = time(t, sink)?;
            let (p99, via2) = time(u, sink)?;
            if p50.mid <= 0.0 || p99.mid < p50.mid {
                sink.push(
                    Diagnostic::error("ARC543", expr.span, format!("p99 ({}) cannot be below p50 ({})", show(p99.mid, Dim::TIME), show(p50.mid, Dim::TIME)))
                        .help("write the median first: `p50 180ms p99 650ms`; both are more than 0"),
                );
                return None;
            }
            // Log-normal: ln X ~ N(ln p50, sigma^2), sigma = ln(p99/p50) / z(0.99); mean = p50 exp(sigma^2 / 2).
            let mean = |m: f64, q: f64| {
                let sigma = (q / m).ln() / 2.326_347_874_040_841;
                m * (sigma * sigma / 2.0).exp()
            };
            let corners = [(p50.low, p99.low), (p50.low, p99.high), (p50.high, p99.low), (p50.high, p99.high)];
            let mut all = Interval::fixed(mean(p50.mid, p99.mid));
            for (m, q) in corners.into_iter().filter(|(m, q)| *m > 0.0 && q >= m) {
                all.low = all.low.min(mean(m, q));
                all.high = all.high.max(mean(m, q));
            }
            Some((Latency { mean: all, law: Law::LogNormal { p99: p99.mid } }, via || via2))
        }
        _ => {
            if let Some(d) = super::eval::misspelt_unit(parts) {
                sink.push(d);
                return None;
            }
            sink.push(
                Diagnostic::error("ARC542", expr.span, format!("`{}` wants a time or a distribution", property.name))
                    .help("write `3ms`, `exp 3ms`, `const 3ms`, `mean 3ms cv 0.5` or `p50 180ms p99 650ms`"),
            );
            None
        }
    }
}

fn read_shards(expr: &Expr, property: &'static Property, scope: &Scope, sink: &mut Sink) -> Option<(Value, bool)> {
    let (count, by) = match &expr.kind {
        ExprKind::Phrase(parts) => match parts.as_slice() {
            [count, Expr { kind: ExprKind::Word(by), .. }, Expr { kind: ExprKind::Word(key), .. }] if by == "by" => (count, Some(key.clone())),
            _ => {
                wrong_type(property, expr, &describe(&expr.kind), sink);
                return None;
            }
        },
        _ => (expr, None),
    };
    if let ExprKind::Hole(bound) = &count.kind {
        return read_hole(bound, count, property, scope, sink).map(|h| (Value::Shards(Box::new(Value::Hole(h)), by), false));
    }
    let num = number(count, property, scope, sink)?;
    let value = checked(&num, Type::Count, property.range, property.name, count.span, sink)?;
    Some((Value::Shards(Box::new(Value::Number(value)), by), num.through_let))
}

fn read_words(expr: &Expr, property: &'static Property, scope: &Scope, sink: &mut Sink) -> Option<Value> {
    match (&property.ty, &expr.kind) {
        (Type::Bool, ExprKind::Word(w)) if w == "true" || w == "false" => Some(Value::Bool(w == "true")),
        (Type::Bool, ExprKind::Word(w)) => {
            let guess = if ["yes", "on", "enabled"].contains(&w.as_str()) { "true" } else { "false" };
            let d = Diagnostic::error("ARC544", expr.span, format!("`{}` is `true` or `false`, not `{w}`", property.name));
            sink.push(d.help(format!("write `{} = {guess}`", property.name)));
            None
        }
        (Type::Text | Type::Label, ExprKind::Text(t)) => Some(Value::Word(t.clone())),
        (Type::Label, ExprKind::Word(w)) => Some(Value::Word(w.clone())),
        (Type::Text, ExprKind::Word(w)) => {
            sink.push(Diagnostic::error("ARC542", expr.span, format!("`{}` wants a string", property.name)).help(format!("write `{} = \"{w}\"`", property.name)));
            None
        }
        (Type::Word(words), ExprKind::Word(w)) => {
            if words.contains(&w.as_str()) {
                return Some(Value::Word(w.clone()));
            }
            sink.push(not_one_of(property.name, w, expr.span, words));
            None
        }
        (Type::Word(words), ExprKind::Text(t)) => {
            let help = if words.contains(&t.as_str()) { format!("write it without quotes: `{} = {t}`", property.name) } else { format!("it is one of {}", list(words)) };
            sink.push(Diagnostic::error("ARC542", expr.span, format!("`{}` wants a word, not a string", property.name)).help(help));
            None
        }
        (Type::Labels, ExprKind::List(all)) => words_of(all, property, sink).map(Value::Words),
        (Type::Labels, ExprKind::Word(w)) => Some(Value::Words(vec![w.clone()])),
        (Type::Components, ExprKind::List(_) | ExprKind::Word(_)) => {
            let all = match &expr.kind {
                ExprKind::List(all) => all.as_slice(),
                _ => std::slice::from_ref(expr),
            };
            let words = words_of(all, property, sink)?;
            for (word, e) in words.iter().zip(all) {
                if !(scope.components)(word) {
                    sink.push(Diagnostic::error("ARC530", e.span, format!("no component is named `{word}`")).help(format!("`{}` lists components of this design", property.name)));
                    return None;
                }
            }
            Some(Value::Words(words))
        }
        (Type::Clock, ExprKind::Clock(minutes)) => Some(Value::Clock(*minutes)),
        (Type::Window, ExprKind::Phrase(parts)) => match parts.as_slice() {
            [Expr { kind: ExprKind::Clock(from), .. }, Expr { kind: ExprKind::Word(to), .. }, Expr { kind: ExprKind::Clock(until), .. }] if to == "to" => Some(Value::Window(*from, *until)),
            _ => {
                wrong_type(property, expr, &describe(&expr.kind), sink);
                None
            }
        },
        (Type::Session, ExprKind::Word(w)) if ["none", "sticky", "token"].contains(&w.as_str()) => Some(Value::Session(w.clone(), None)),
        (Type::Session, ExprKind::Phrase(parts)) => match parts.as_slice() {
            [Expr { kind: ExprKind::Word(w), .. }, t] if w == "pin_primary" => {
                let num = scope.lets.number(t, scope.prefix, sink)?;
                checked(&num, Type::Time, Range::Positive, "pin_primary", t.span, sink).map(|v| Value::Session(w.clone(), Some(v.mid)))
            }
            _ => {
                wrong_type(property, expr, &describe(&expr.kind), sink);
                None
            }
        },
        (Type::Session, ExprKind::Word(w)) => {
            if w == "pin_primary" {
                sink.push(Diagnostic::error("ARC515", expr.span, "`pin_primary` wants the time for which reads stay at the primary").help("write `session = pin_primary 5s`"));
            } else {
                sink.push(not_one_of(property.name, w, expr.span, &["none", "sticky", "token", "pin_primary"]));
            }
            None
        }
        (Type::Zones, _) => read_zones(expr, property, scope, sink),
        (Type::Regions, ExprKind::Word(_) | ExprKind::List(_)) => {
            let all = match &expr.kind {
                ExprKind::List(all) => all.as_slice(),
                _ => std::slice::from_ref(expr),
            };
            let words = words_of(all, property, sink)?;
            for (word, e) in words.iter().zip(all) {
                if scope.machines && !catalog::is_region(word) {
                    let near = nearest(word, catalog::regions().iter().copied());
                    let help = near.map_or_else(|| "regions are named as the provider names them: `us-east-1`, `eu-west-1`".to_owned(), |n| format!("did you mean `{n}`?"));
                    sink.push(Diagnostic::error("ARC538", e.span, format!("there is no region `{word}`")).help(help));
                    return None;
                }
            }
            Some(Value::Words(words))
        }
        (Type::Instance, ExprKind::Word(w)) => check_machine(w, expr.span, scope, sink).map(|()| Value::Word(w.clone())),
        (Type::Instance, ExprKind::Text(t)) => {
            sink.push(Diagnostic::error("ARC542", expr.span, format!("`{}` wants a word, not a string", property.name)).help(format!("write it without quotes: `{} = {t}`", property.name)));
            None
        }
        _ => {
            let found = match &expr.kind {
                ExprKind::Number(_) | ExprKind::Arith(..) | ExprKind::Range(..) | ExprKind::Paren(_) | ExprKind::Negative(_) => scope.lets.number(expr, scope.prefix, sink)?.noun().to_owned(),
                other => describe(other),
            };
            wrong_type(property, expr, &found, sink);
            None
        }
    }
}

fn read_zones(expr: &Expr, property: &'static Property, scope: &Scope, sink: &mut Sink) -> Option<Value> {
    match &expr.kind {
        ExprKind::Word(w) if w == "all" => Some(Value::Words(scope.zones.to_vec())),
        ExprKind::Word(_) | ExprKind::List(_) => {
            let all = match &expr.kind {
                ExprKind::List(all) => all.as_slice(),
                _ => std::slice::from_ref(expr),
            };
            let words = words_of(all, property, sink)?;
            for (word, e) in words.iter().zip(all) {
                let zone = word.rsplit_once('.').map_or(word.as_str(), |(_, z)| z);
                if !scope.zones.iter().any(|z| z == zone) {
                    sink.push(unknown_place(word, e.span, "zone", scope));
                    return None;
                }
            }
            Some(Value::Words(words))
        }
        _ => {
            let num = number(expr, property, scope, sink)?;
            let most = f64::from(u32::try_from(scope.zones.len()).unwrap_or(26));
            let v = checked(&num, Type::Count, Range::Between(1.0, most), property.name, expr.span, sink)?;
            Some(Value::Words(scope.zones.iter().enumerate().filter(|(i, _)| f64::from(u32::try_from(*i).unwrap_or(0)) < v.mid).map(|(_, z)| z.clone()).collect()))
        }
    }
}

fn words_of(all: &[Expr], property: &Property, sink: &mut Sink) -> Option<Vec<String>> {
    let mut out = Vec::new();
    for e in all {
        match &e.kind {
            ExprKind::Word(w) => out.push(w.clone()),
            ExprKind::Text(t) if matches!(property.ty, Type::Labels) => out.push(t.clone()),
            ExprKind::Bad => return None,
            other => {
                sink.push(Diagnostic::error("ARC542", e.span, format!("{} is not a word", describe(other))).help(format!("write `{} = {}`", property.name, example(property))));
                return None;
            }
        }
    }
    Some(out)
}

/// The finding for a word that is none of the allowed ones.
#[must_use]
pub fn not_one_of(name: &str, word: &str, span: Span, words: &[&str]) -> Diagnostic {
    let d = Diagnostic::error("ARC544", span, format!("`{name}` cannot be `{word}`"));
    let slips = [("master", "primary"), ("leader", "primary"), ("slave", "replica"), ("follower", "replica"), ("secondary", "replica"), ("roundrobin", "round_robin"), ("oauth", "oauth2"), ("asynchronous", "async"), ("synchronous", "sync")];
    if let Some((_, to)) = slips.iter().find(|(from, to)| *from == word && words.contains(to)) {
        return d.help(format!("write `{name} = {to}`"));
    }
    match nearest(word, words.iter().copied()) {
        Some(near) => d.help(format!("did you mean `{near}`?")),
        None => d.help(format!("it is one of {}", list(words))),
    }
}

fn list(words: &[&str]) -> String {
    words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(" ")
}
