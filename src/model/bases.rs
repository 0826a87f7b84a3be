//! Presets and engines: where a component's attributes come from.
//!
//! In: presets and engines of the design and of the catalog. Out: the attributes that a base
//! brings, its own bases merged in. Never: a component.

use super::attrs::{bad_name, read_block};
use super::eval::Lets;
use super::expressions::qualify;
use super::scope::Scope;
use super::trace;
use super::value::{Attr, Attrs, Origin, Value};
use crate::base::{Span, nearest};
use crate::diag::{Diagnostic, Sink};
use crate::kinds::{self, Kind};
use crate::syntax::ast::{self, Decl, ExprKind, HoleBound, ItemKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A preset or an engine, as declared.
#[derive(Clone)]
pub(super) struct Base {
    pub decl: Decl,
    pub prefix: String,
    pub is_engine: bool,
    pub kind: Option<&'static Kind>,
    /// Comments of the file; they hold the sources of catalog values.
    pub sources: Vec<(Span, String)>,
}

/// A base with its own bases merged in.
#[derive(Clone, Debug, Default)]
pub(super) struct Merged {
    pub attrs: Attrs,
    pub engine: Option<String>,
    /// The shipped engine at the end of the chain of bases.
    pub product: Option<String>,
    pub chain: Vec<String>,
}

/// The shipped engines, parsed once.
static SHIPPED: LazyLock<BTreeMap<String, Base>> = LazyLock::new(|| {
    let mut out = BTreeMap::new();
    for (i, (_, text)) in kinds::shipped_engines().enumerate() {
        let mut sink = Sink::default();
        // Shipped files contain numbers that no design file contains.
        let id = crate::base::FileId(u16::MAX - u16::try_from(i).unwrap_or(0));
        let file = crate::syntax::parse(text, id, &mut sink);
        let sources: Vec<(Span, String)> = file
            .comments
            .iter()
            .filter(|c| c.doc)
            .filter_map(|c| {
                let line = text.get(c.span.start as usize + 3..c.span.end as usize)?.trim();
                line.strip_prefix("source:").map(|s| (c.span, s.trim().to_owned()))
            })
            .collect();
        for item in file.items {
            if let ItemKind::Decl(decl) = item.kind
                && decl.head.text == "engine"
            {
                let kind = decl.for_kind.as_ref().and_then(|k| kinds::kind(&k.text));
                out.insert(
                    decl.name.text.clone(),
                    Base { decl, prefix: String::new(), is_engine: true, kind, sources: sources.clone() },
                );
            }
        }
    }
    out
});

/// Names of the shipped engines with their kinds.
pub(super) fn shipped_engines() -> impl Iterator<Item = (&'static str, &'static Kind)> {
    SHIPPED.iter().filter_map(|(n, b)| b.kind.map(|k| (n.as_str(), k)))
}

/// All bases of a design.
pub(super) struct Bases {
    own: BTreeMap<String, Base>,
    cache: BTreeMap<String, Merged>,
}

impl Bases {
    pub(super) fn new(own: BTreeMap<String, Base>) -> Self {
        Self { own, cache: BTreeMap::new() }
    }

    fn find(&self, name: &str, prefix: &str) -> Option<(String, &Base)> {
        let full = qualify(prefix, name);
        if let Some(b) = self.own.get(&full) {
            return Some((full, b));
        }
        SHIPPED.get(name).map(|b| (name.to_owned(), b))
    }

    fn names_for(&self, kind: &Kind) -> Vec<&str> {
        let own = self.own.iter().filter(|(_, b)| b.kind.is_some_and(|k| k.name == kind.name)).map(|(n, _)| n.as_str());
        own.chain(shipped_engines().filter(|(_, k)| k.name == kind.name).map(|(n, _)| n)).collect()
    }

    /// Resolves `: base` of a component of kind `kind`.
    pub(super) fn resolve(
        &mut self,
        base: &ast::Expr,
        kind: &'static Kind,
        ctx: &Ctx,
        sink: &mut Sink,
    ) -> (Merged, Vec<String>) {
        match &base.kind {
            ExprKind::Word(w) => {
                (self.named(w, base.span, kind, ctx, &mut Vec::new(), sink).unwrap_or_default(), Vec::new())
            }
            ExprKind::Hole(HoleBound::In(list)) => {
                let ExprKind::List(all) = &list.kind else {
                    sink.push(
                        Diagnostic::error("ARC545", list.span, "an engine is chosen from a list")
                            .help("write `? in [postgres, redis]`"),
                    );
                    return (Merged::default(), Vec::new());
                };
                let mut names = Vec::new();
                for e in all {
                    if let ExprKind::Word(w) = &e.kind {
                        // Each name must be an engine; sizing chooses one later.
                        if self.named(w, e.span, kind, ctx, &mut Vec::new(), sink).is_some() {
                            names.push(w.clone());
                        }
                    } else {
                        sink.push(
                            Diagnostic::error("ARC545", e.span, "an engine is a name")
                                .help("write `? in [postgres, redis]`"),
                        );
                    }
                }
                (Merged::default(), names)
            }
            ExprKind::Hole(HoleBound::Any) => {
                (Merged::default(), self.names_for(kind).into_iter().map(str::to_owned).collect())
            }
            _ => {
                sink.push(
                    Diagnostic::error("ARC535", base.span, "this is not an engine or a preset")
                        .help("a base is a name, or `? in [a, b]`"),
                );
                (Merged::default(), Vec::new())
            }
        }
    }

    fn named(
        &mut self,
        name: &str,
        span: Span,
        kind: &'static Kind,
        ctx: &Ctx,
        path: &mut Vec<String>,
        sink: &mut Sink,
    ) -> Option<Merged> {
        let Some((full, base)) = self.find(name, ctx.prefix) else {
            let all = self.names_for(kind);
            let help = nearest(name, all.iter().copied()).map_or_else(
                || {
                    if all.is_empty() {
                        format!("describe it: `engine {name} for {} {{ … }}`, or leave the base out", kind.name)
                    } else {
                        format!(
                            "engines and presets for {0} here: {1}; `engine {name} for {0} {{ … }}` describes another",
                            kind.name,
                            all.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(" ")
                        )
                    }
                },
                |n| format!("did you mean `{n}`?"),
            );
            sink.push(Diagnostic::error("ARC535", span, format!("no engine or preset is named `{name}`")).help(help));
            return None;
        };
        if let Some(theirs) = base.kind
            && theirs.name != kind.name
        {
            let what = if base.is_engine { "an engine" } else { "a preset" };
            sink.push(
                Diagnostic::error(
                    "ARC535",
                    span,
                    format!("`{name}` is {what} for {}, not for {}", theirs.name, kind.name),
                )
                .help(format!("declare a `{}`, or choose another base", theirs.name)),
            );
            return None;
        }
        if let Some(done) = self.cache.get(&full) {
            return Some(done.clone());
        }
        if path.contains(&full) || path.len() > 64 {
            path.push(full);
            sink.push(
                Diagnostic::error("ARC536", span, format!("bases form a ring: {}", path.join(" -> ")))
                    .help("bases end somewhere: remove the base of one of them"),
            );
            return None;
        }
        path.push(full.clone());
        let base = base.clone();
        let merged = self.merge(&full, &base, kind, ctx, path, sink);
        path.pop();
        self.cache.insert(full, merged.clone());
        Some(merged)
    }

    fn merge(
        &mut self,
        full: &str,
        base: &Base,
        kind: &'static Kind,
        ctx: &Ctx,
        path: &mut Vec<String>,
        sink: &mut Sink,
    ) -> Merged {
        let origin = if base.is_engine { Origin::Engine(full.to_owned()) } else { Origin::Preset(full.to_owned()) };
        let ops = kind_ops(kind);
        let scope = ctx.scope(&base.prefix, origin, &ops, kind);
        let mut merged = Merged {
            engine: base.is_engine.then(|| full.to_owned()),
            product: (base.is_engine && !self.own.contains_key(full)).then(|| full.to_owned()),
            chain: vec![full.to_owned()],
            ..Merged::default()
        };
        if let Some(block) = &base.decl.block {
            let owner = format!("{} `{full}`", if base.is_engine { "engine" } else { "preset" });
            merged.attrs = read_block(
                block,
                &|n| kind.property(n),
                &|| kind.properties().map(|p| p.name).collect(),
                &owner,
                &scope,
                sink,
                &mut |_, _| false,
            );
            annotate(&mut merged.attrs, &base.sources);
        }
        if let Some(parent) = &base.decl.base
            && let ExprKind::Word(w) = &parent.kind
        {
            let inner = Ctx { prefix: &base.prefix, ..*ctx };
            if let Some(up) = self.named(w, parent.span, kind, &inner, path, sink) {
                merged.attrs.fill_from(&up.attrs);
                merged.engine = merged.engine.or(up.engine);
                merged.product = merged.product.or(up.product);
                merged.chain.extend(up.chain);
            }
        }
        merged
    }

    /// Checks bases that no component uses, so that their mistakes show too.
    pub(super) fn check_all(&mut self, ctx: &Ctx, sink: &mut Sink) {
        let all: Vec<(String, Base)> = self.own.iter().map(|(n, b)| (n.clone(), b.clone())).collect();
        for (_, base) in all {
            if let Some(kind) = base.kind {
                let inner = Ctx { prefix: &base.prefix, ..*ctx };
                self.named(&base.decl.name.text, base.decl.name.span, kind, &inner, &mut Vec::new(), sink);
            }
        }
    }
}

/// Gives each value of a shipped engine the `source:` line above it.
fn annotate(attrs: &mut Attrs, sources: &[(Span, String)]) {
    let with_source: Vec<Attr> = attrs
        .iter()
        .map(|a| {
            let source = a.span.and_then(|s| {
                sources.iter().rev().find(|(c, _)| c.file == s.file && c.end <= s.start).map(|(_, t)| t.clone())
            });
            Attr { source, ..a.clone() }
        })
        .collect();
    for a in with_source {
        attrs.set(a);
    }
}

/// Names of a kind's operations.
pub(super) fn kind_ops(kind: &Kind) -> Vec<&'static str> {
    kind.ops.iter().map(|o| o.name).collect()
}

/// The parts of a design that reading attributes requires.
#[derive(Clone, Copy)]
pub(super) struct Ctx<'a> {
    pub lets: &'a Lets,
    pub prefix: &'a str,
    pub names: &'a BTreeMap<String, super::CompId>,
    pub zones: &'a [String],
    pub regions: &'a [String],
    pub machines: bool,
    pub is_component: &'a dyn Fn(&str) -> bool,
    /// Components whose kind is unknown: calls to them are not checked.
    pub unknown: &'a BTreeSet<super::CompId>,
}

impl<'a> Ctx<'a> {
    /// The scope of a block of kind `kind` in the file with that prefix.
    pub(super) fn scope<'b>(
        &'b self,
        prefix: &'b str,
        origin: Origin,
        ops: &'b [&'static str],
        kind: &Kind,
    ) -> Scope<'b>
    where
        'a: 'b,
    {
        Scope {
            lets: self.lets,
            prefix,
            components: self.is_component,
            zones: self.zones,
            regions: self.regions,
            machines: self.machines,
            origin,
            ops: (ops, kind.facets.calls && kind.facets.serve.is_some()),
        }
    }
}

/// Checks the head of a preset or an engine.
pub(super) fn read_base(decl: &Decl, prefix: &str, sink: &mut Sink) -> Option<(String, Base)> {
    if let Some(d) = bad_name(&decl.name) {
        sink.push(d);
    }
    let is_engine = decl.head.text == "engine";
    let Some(for_kind) = &decl.for_kind else {
        sink.push(
            Diagnostic::error(
                "ARC549",
                decl.name.span,
                format!("{} `{}` does not say what it is for", decl.head.text, decl.name.text),
            )
            .help(format!("write `{} {} for service {{ … }}`", decl.head.text, decl.name.text)),
        );
        return None;
    };
    let kind = kinds::kind(&for_kind.text);
    if kind.is_none() {
        sink.push(unknown_kind(&for_kind.text, for_kind.span));
    }
    Some((
        qualify(prefix, &decl.name.text),
        Base { decl: decl.clone(), prefix: prefix.to_owned(), is_engine, kind, sources: Vec::new() },
    ))
}

/// Words that other tools use for a kind, with the kind.
static KIND_SLIPS: [(&str, &str); 50] = [
    ("server", "service"),
    ("app", "service"),
    ("application", "service"),
    ("microservice", "service"),
    ("worker", "service"),
    ("function", "service"),
    ("lambda", "service"),
    ("container", "service"),
    ("component", "service"),
    ("node", "service"),
    ("db", "database"),
    ("store", "database"),
    ("table", "database"),
    ("sql", "database"),
    ("postgres", "database"),
    ("mysql", "database"),
    ("mongodb", "database"),
    ("dynamodb", "database"),
    ("redis", "cache"),
    ("memcached", "cache"),
    ("topic", "queue"),
    ("broker", "queue"),
    ("stream", "queue"),
    ("kafka", "queue"),
    ("rabbitmq", "queue"),
    ("sqs", "queue"),
    ("lb", "balancer"),
    ("loadbalancer", "balancer"),
    ("load_balancer", "balancer"),
    ("alb", "balancer"),
    ("user", "client"),
    ("users", "client"),
    ("actor", "client"),
    ("person", "client"),
    ("browser", "client"),
    ("cloudfront", "cdn"),
    ("s3", "bucket"),
    ("storage", "bucket"),
    ("blob", "bucket"),
    ("api", "gateway"),
    ("api_gateway", "gateway"),
    ("apigateway", "gateway"),
    ("cron", "timer"),
    ("schedule", "timer"),
    ("job", "timer"),
    ("third_party", "external"),
    ("partner", "external"),
    ("saas", "external"),
    ("monitoring", "monitor"),
    ("prometheus", "monitor"),
];

/// The kind that an unknown word most likely means.
pub(super) fn meant_kind(word: &str) -> Option<&'static Kind> {
    let lower = word.to_lowercase();
    let to = KIND_SLIPS.iter().find(|(from, _)| *from == lower).map(|(_, to)| *to);
    kinds::kind(to.or_else(|| nearest(word, kinds::KINDS.iter().map(|k| k.name)))?)
}

/// The finding for a word that is not a kind.
pub(super) fn unknown_kind(word: &str, span: Span) -> Diagnostic {
    if let Some(d) = crate::syntax::foreign_keyword(word, span) {
        return d;
    }
    if ["graph", "flowchart", "digraph", "subgraph", "sequenceDiagram"].contains(&word) {
        return Diagnostic::error("ARC516", span, format!("`{word}` opens a Mermaid or DOT diagram"))
            .help("a design declares components and flows; `archc diagram` draws it");
    }
    let all = kinds::KINDS.iter().map(|k| k.name).chain(kinds::ITEM_WORDS);
    let lower = word.to_lowercase();
    let help = KIND_SLIPS
        .iter()
        .find(|(from, _)| *from == lower)
        .map(|(from, to)| {
            if shipped_engines().any(|(n, _)| n == *from) {
                format!("`{from}` is an engine: `{to} name : {from} {{ … }}`")
            } else {
                format!("write `{to}`")
            }
        })
        .or_else(|| nearest(word, all).map(|n| format!("did you mean `{n}`?")))
        .unwrap_or_else(|| {
            format!("kinds are {}", kinds::KINDS.iter().map(|k| format!("`{}`", k.name)).collect::<Vec<_>>().join(" "))
        });
    Diagnostic::error("ARC534", span, format!("`{word}` is not a kind of component")).help(help)
}

/// Default values of a kind, computed once for all components.
pub(super) fn defaults(properties: impl Iterator<Item = &'static kinds::Property>) -> Attrs {
    let mut attrs = Attrs::default();
    for p in properties {
        let Some((literal, why)) = p.default else { continue };
        let value = default_value(p, literal);
        attrs.set(Attr {
            id: trace::next(),
            property: p,
            value,
            origin: Origin::Kind,
            span: None,
            source: Some(why.to_owned()),
        });
    }
    attrs
}

/// A default's literal as a value. A test reads every default of every table.
fn default_value(p: &kinds::Property, literal: &str) -> Value {
    use kinds::Type;
    let mut sink = Sink::default();
    let parsed = crate::syntax::parse_expression(literal, crate::base::FileId(u16::MAX), &mut sink);
    let number = || match parsed.as_ref().map(|e| &e.kind) {
        Some(ExprKind::Number(n)) => super::Interval::fixed(n.quantity.value),
        _ => unreachable!("the default of `{}` is a number", p.name),
    };
    match p.ty {
        Type::Bool => Value::Bool(literal == "true"),
        Type::Word(_) | Type::Label => Value::Word(literal.to_owned()),
        Type::Regions => Value::Words(vec![literal.to_owned()]),
        // Like a written value: a bare time is the mean of an exponential, except for `wait`.
        Type::Latency if p.name != "wait" => {
            Value::Latency(super::Latency { mean: number(), law: super::Law::Exponential })
        }
        Type::Shards => Value::Shards(Box::new(Value::Number(number())), None),
        Type::Clock => match parsed.as_ref().map(|e| &e.kind) {
            Some(ExprKind::Clock(m)) => Value::Clock(*m),
            _ => unreachable!("the default of `{}` is a time of day", p.name),
        },
        _ => Value::Number(number()),
    }
}
