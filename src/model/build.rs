//! From ASTs to the model, in the order of dependence: lets, system, names, bases, components,
//! flows, scenarios, rules.
//!
//! In: parsed files, values set on the command line. Out: a model, and findings. Never: reading a
//! file.

use super::attrs::{bad_name, read_block};
use super::bases::{Bases, Ctx, defaults, kind_ops, meant_kind, read_base, unknown_kind};
use super::deployment::name_machines;
use super::eval::{Ends, LetValue, Lets, qualify};
use super::flows::FlowReader;
use super::keys;
use super::rules::{AllowParts, read_allow, read_rule};
use super::runtime;
use super::scenarios;
use super::scope::Scope;
use super::value::{Attrs, Origin, Value};
use super::{Allow, CompId, Component, Flow, FlowId, Model, Rule, System};
use crate::base::Span;
use crate::diag::{Diagnostic, Sink};
use crate::kinds::{self, Kind, SYSTEM};
use crate::syntax::ast::{self, Decl, Expr, ExprKind, Item, ItemKind, Word};
use std::collections::{BTreeMap, BTreeSet};

/// A parsed file with the prefix of its names (`pay` for `use … as pay`).
#[derive(Clone, Debug)]
pub struct LoadedFile {
    /// The prefix; empty for the root file and for `use` without `as`.
    pub prefix: String,
    /// The file.
    pub file: ast::File,
    /// The text, for doc comments.
    pub text: std::sync::Arc<str>,
    /// Whether it is the root file.
    pub root: bool,
}

/// Builds the model. `overrides` are `--set name=expr`; `ends` fixes intervals to one of their
/// endpoints (empty: midpoints).
#[must_use]
pub fn build(files: &[LoadedFile], overrides: &BTreeMap<String, Expr>, ends: &Ends, sink: &mut Sink) -> Model {
    super::trace::restart();
    Builder { files, overrides, ends, sink }.run()
}

struct Builder<'a> {
    files: &'a [LoadedFile],
    overrides: &'a BTreeMap<String, Expr>,
    ends: &'a Ends,
    sink: &'a mut Sink,
}

/// A declaration with its file.
struct Declared<'a> {
    decl: &'a Decl,
    item: &'a Item,
    loaded: &'a LoadedFile,
}

impl<'a> Builder<'a> {
    fn run(mut self) -> Model {
        for f in self.files {
            self.edition(f);
        }
        let lets = self.lets();
        let mut decls: Vec<Declared> = Vec::new();
        for loaded in self.files {
            for item in &loaded.file.items {
                if let ItemKind::Decl(decl) = &item.kind {
                    decls.push(Declared { decl, item, loaded });
                }
            }
        }
        let system = self.system(&decls, &lets);

        // Names first: values may refer to components declared further down.
        let mut names: BTreeMap<String, CompId> = BTreeMap::new();
        let mut places: Vec<(&Declared, &'static Kind, String)> = Vec::new();
        let mut own_bases = BTreeMap::new();
        let mut first: BTreeMap<String, Span> = BTreeMap::new();
        let mut unknown = BTreeSet::new();
        for d in &decls {
            match d.decl.head.text.as_str() {
                "system" | "flow" | "scenario" => {}
                "preset" | "engine" => {
                    if let Some((name, base)) = read_base(d.decl, &d.loaded.prefix, self.sink)
                        && own_bases.insert(name.clone(), base).is_some()
                    {
                        self.sink.push(
                            Diagnostic::error(
                                "ARC531",
                                d.decl.name.span,
                                format!("there are two bases named `{name}`"),
                            )
                            .help("give one another name"),
                        );
                    }
                }
                head => {
                    let Some(kind) = kinds::kind(head) else {
                        if !d.item.broken {
                            self.sink.push(unknown_kind(head, d.decl.head.span));
                        }
                        // The name is declared with the most likely kind, or as a service, so that
                        // calls to it are not errors too.
                        if let Some(kind) = meant_kind(head).or_else(|| {
                            kinds::KINDS.iter().copied().find(|k| k.facets.calls && k.facets.starts && !k.facets.origin)
                        }) {
                            unknown.insert(CompId(places.len()));
                            self.declare(d, kind, &mut names, &mut first, &mut places);
                        }
                        continue;
                    };
                    self.declare(d, kind, &mut names, &mut first, &mut places);
                }
            }
        }

        let prefixes: Vec<String> = self.files.iter().map(|f| f.prefix.clone()).collect();
        let is_component = |n: &str| prefixes.iter().any(|p| names.contains_key(&qualify(p, n)));
        let ctx = Ctx {
            lets: &lets,
            prefix: "",
            names: &names,
            zones: &system.zones,
            regions: &system.regions,
            machines: system.has_provider,
            is_component: &is_component,
            unknown: &unknown,
        };
        let mut bases = Bases::new(own_bases);
        bases.check_all(&ctx, self.sink);
        let defaults_of: BTreeMap<&str, Attrs> =
            kinds::KINDS.iter().map(|k| (k.name, defaults(k.properties()))).collect();
        let mut components: Vec<Component> = Vec::new();
        for (d, kind, name) in &places {
            let c = self.component(d, kind, name, &ctx, &mut bases, &defaults_of);
            components.push(c);
        }
        runtime::check(&system, &components, self.sink);

        let (flows, flow_by_name) = self.flows(&decls, &ctx, &components);
        let origins: Vec<CompId> = flows.iter().map(|f| f.origin).collect();
        let mut scenarios_list = Vec::new();
        for d in decls.iter().filter(|d| d.decl.head.text == "scenario") {
            let inner = Ctx { prefix: &d.loaded.prefix, ..ctx };
            let name = qualify(&d.loaded.prefix, &d.decl.name.text);
            if scenarios_list.iter().any(|s: &super::Scenario| s.name == name) {
                self.sink.push(
                    Diagnostic::error("ARC531", d.decl.name.span, format!("there are two scenarios named `{name}`"))
                        .help("give one another name"),
                );
            }
            if d.decl.block.is_none() && !d.item.broken {
                self.sink.push(
                    Diagnostic::error("ARC590", d.decl.name.span, format!("scenario `{name}` has no block"))
                        .help(format!("write `scenario {} {{ load = 3x }}`", d.decl.name.text)),
                );
            }
            let mut reader = scenarios::Reader {
                ctx: &inner,
                components: &components,
                flows: &flow_by_name,
                flow_origins: &origins,
                sink: self.sink,
            };
            let mut scenario = reader.scenario(d.decl, name);
            for (id, changes) in scenario.changes.iter_mut().filter(|_| system.has_provider) {
                if let Some(c) = components.get(id.0) {
                    name_machines(c, changes, self.sink);
                }
            }
            scenarios_list.push(scenario);
        }
        let (rules, allows) = self.rules(&ctx, &components, &flow_by_name);

        let mut intervals = std::collections::BTreeSet::new();
        for f in self.files {
            collect_intervals(&f.file, &f.prefix, &lets, &mut intervals);
        }
        self.unused_lets(&lets);
        Model {
            system,
            components,
            flows,
            scenarios: scenarios_list,
            rules,
            allows,
            intervals,
            by_name: names,
            flow_by_name,
        }
    }

    fn edition(&mut self, f: &LoadedFile) {
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
                    self.sink.push(
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
                self.sink.push(
                    Diagnostic::error("ARC505", span, "the file does not begin with its edition")
                        .help("write `arch 1` in the first line"),
                );
            }
        }
        for item in items {
            if matches!(item.kind, ItemKind::Edition(_)) {
                let again = matches!(first.map(|i| &i.kind), Some(ItemKind::Edition(_)));
                let help = if again { "remove this line" } else { "move this line to the top of the file" };
                self.sink.push(Diagnostic::error("ARC505", item.span, "the edition stands first, and once").help(help));
            }
        }
    }

    fn lets(&mut self) -> Lets {
        let mut table: BTreeMap<String, LetValue> = BTreeMap::new();
        for f in self.files {
            for item in &f.file.items {
                let ItemKind::Let { name, value } = &item.kind else { continue };
                if let Some(d) = bad_name(name).or_else(|| Self::reserved(name)) {
                    self.sink.push(d);
                }
                let full = qualify(&f.prefix, &name.text);
                if let Some(before) = table.get(&full) {
                    self.sink.push(
                        Diagnostic::error("ARC531", name.span, format!("`{full}` is named twice"))
                            .related(before.span, "first here")
                            .help("a name stands for one value: rename one of the two, or remove it"),
                    );
                    continue;
                }
                let expr = self.overrides.get(&full).unwrap_or(value).clone();
                table.insert(full, LetValue { expr, prefix: f.prefix.clone(), span: name.span });
            }
        }
        for (name, expr) in self.overrides {
            if !table.contains_key(name) {
                let help = self.sink.propose(name, table.keys().map(String::as_str)).map_or_else(
                    || "`--set` overrides a `let` of the design".to_owned(),
                    |n| format!("did you mean `{n}`?"),
                );
                self.sink
                    .push(Diagnostic::error("ARC530", expr.span, format!("the design has no `let {name}`")).help(help));
            }
        }
        Lets::new(table, self.ends, self.sink)
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
                    format!(
                        "write `{text}_value`, or a name that says more: after `/` and `per`, `{text}` is the unit"
                    ),
                ),
            );
        }
        None
    }

    fn unused_lets(&mut self, lets: &Lets) {
        // A broken part of the design may be what uses the name.
        if self.sink.has_errors() {
            return;
        }
        for (name, span) in lets.unused() {
            self.sink.push(
                Diagnostic::warning("ARC622", span, format!("`{name}` is named and never used"))
                    .help("remove it, or use it")
                    .about(name),
            );
        }
    }

    fn system(&mut self, decls: &[Declared], lets: &Lets) -> System {
        let mut found: Option<&Declared> = None;
        for d in decls.iter().filter(|d| d.decl.head.text == "system") {
            if !d.loaded.root {
                // The system of an imported file describes only that file.
                continue;
            }
            if let Some(first) = found {
                self.sink.push(
                    Diagnostic::error("ARC531", d.decl.name.span, "a design has one system")
                        .related(first.decl.name.span, "first here")
                        .help("keep one of the two"),
                );
                continue;
            }
            found = Some(d);
        }
        let all_zones: Vec<String> = (b'a'..=b'z').map(|b| char::from(b).to_string()).collect();
        let mut attrs = Attrs::default();
        if let Some(d) = found {
            if let Some(d) = bad_name(&d.decl.name) {
                self.sink.push(d);
            }
            if let Some(block) = &d.decl.block {
                let machines = !block.entries.iter().any(|e| matches!(&e.kind, ast::EntryKind::Attr(a) if a.key.first().is_some_and(|w| w.text == "provider") && matches!(&a.value, Some((_, _, Expr { kind: ExprKind::Word(w), .. })) if w == "none")));
                let none = |_: &str| false;
                let scope = Scope {
                    lets,
                    prefix: &d.loaded.prefix,
                    components: &none,
                    zones: &all_zones,
                    regions: &[],
                    machines,
                    origin: Origin::Written,
                    ops: (&[], false),
                };
                attrs = read_block(
                    block,
                    &|n| SYSTEM.iter().find(|p| p.name == n),
                    &|| SYSTEM.iter().map(|p| p.name).collect(),
                    "the system",
                    &scope,
                    self.sink,
                    &mut |_, _| false,
                );
            }
        }
        attrs.fill_from(&defaults(SYSTEM.iter()));
        let profile = kinds::SYSTEM.iter().find_map(|p| match (p.name, p.ty) {
            ("profile", kinds::Type::Block(inner)) => Some(inner),
            _ => None,
        });
        let profile_defaults = profile.map(|p| defaults(p.iter())).unwrap_or_default();
        let written = attrs.read(keys::PROFILE).cloned().unwrap_or_default();
        let peak_to_mean = written
            .read(keys::PEAK_TO_MEAN)
            .or_else(|| profile_defaults.read(keys::PEAK_TO_MEAN))
            .map_or(1.0, |v| v.mid);
        let trough = written.read(keys::TROUGH).or_else(|| profile_defaults.read(keys::TROUGH)).map_or(1.0, |v| v.mid);
        let peak_hour = written.attr(keys::PEAK_HOUR).or_else(|| profile_defaults.attr(keys::PEAK_HOUR));
        let peak_hour = match peak_hour.map(|a| &a.value) {
            Some(Value::Clock(minutes)) => f64::from(*minutes) * 60.0,
            _ => 0.0,
        };
        let has_provider = attrs.read(keys::PROVIDER) != Some("none");
        // Without a provider, network times are only those that the design sets.
        if has_provider
            && let Some(p) = SYSTEM.iter().find(|p| p.name == "network")
            && let kinds::Type::Block(inner) = p.ty
        {
            let mut base = Attrs::default();
            let value = Value::Block(defaults(inner.iter()));
            base.set(super::Attr {
                id: super::trace::next(),
                property: p,
                value,
                origin: Origin::Kind,
                span: None,
                source: None,
            });
            attrs.fill_from(&base);
        }
        let count = attrs.read(keys::ZONES).map_or(1.0, |v| v.mid);
        let zones: Vec<String> = all_zones
            .into_iter()
            .enumerate()
            .filter(|(i, _)| f64::from(u32::try_from(*i).unwrap_or(99)) < count)
            .map(|(_, z)| z)
            .collect();
        let mut regions = attrs.read(keys::REGIONS).unwrap_or_default().to_vec();
        if regions.is_empty() {
            regions = attrs.read(keys::REGION).unwrap_or_default().to_vec();
        }
        let locations = super::Locations::new(&regions, &zones);
        System {
            name: found.map(|d| d.decl.name.text.clone()),
            attrs,
            zones,
            locations,
            lost: BTreeSet::new(),
            regions,
            has_provider,
            peak_to_mean,
            trough,
            peak_hour,
            span: found.map(|d| d.decl.name.span),
        }
    }

    fn declare<'d>(
        &mut self,
        d: &'d Declared<'a>,
        kind: &'static Kind,
        names: &mut BTreeMap<String, CompId>,
        first: &mut BTreeMap<String, Span>,
        places: &mut Vec<(&'d Declared<'a>, &'static Kind, String)>,
    ) {
        let name = qualify(&d.loaded.prefix, &d.decl.name.text);
        if kinds::kind(&d.decl.head.text).is_none() {
            // One error for each line; its kind is checked first.
        } else if let Some(e) = bad_name(&d.decl.name) {
            self.sink.push(e);
        } else if kinds::is_reserved(&d.decl.name.text) {
            self.sink.push(
                Diagnostic::error(
                    "ARC533",
                    d.decl.name.span,
                    format!("`{}` is a keyword and cannot be a name", d.decl.name.text),
                )
                .help(format!("write `{} main_{}`", kind.name, d.decl.name.text)),
            );
        }
        if let Some(before) = first.get(&name) {
            self.sink.push(
                Diagnostic::error("ARC531", d.decl.name.span, format!("there are two components named `{name}`"))
                    .related(*before, "first here")
                    .help(if before.file == d.decl.name.span.file {
                        "give one another name; flows and components may share one"
                    } else {
                        "give one another name, or bring the file in under a name: `use \"…\" as other`"
                    }),
            );
            return;
        }
        first.insert(name.clone(), d.decl.name.span);
        names.insert(name.clone(), CompId(places.len()));
        places.push((d, kind, name));
    }

    fn component(
        &mut self,
        d: &Declared,
        kind: &'static Kind,
        name: &str,
        ctx: &Ctx,
        bases: &mut Bases,
        defaults_of: &BTreeMap<&str, Attrs>,
    ) -> Component {
        let ctx = Ctx { prefix: &d.loaded.prefix, ..*ctx };
        let ops = kind_ops(kind);
        let scope = ctx.scope(&d.loaded.prefix, Origin::Written, &ops, kind);
        let owner = format!("{} `{name}`", kind.name);
        let unknown = kinds::kind(&d.decl.head.text).is_none();
        let mut attrs = match &d.decl.block {
            // Attributes of an unknown kind cannot be checked.
            Some(_) if unknown => Attrs::default(),
            Some(block) => read_block(
                block,
                &|n| kind.property(n),
                &|| kind.properties().map(|p| p.name).collect(),
                &owner,
                &scope,
                self.sink,
                &mut |_, _| false,
            ),
            None => Attrs::default(),
        };
        let (merged, engine_hole) = match &d.decl.base {
            Some(base) if !unknown => bases.resolve(base, kind, &ctx, self.sink),
            _ => Default::default(),
        };
        attrs.fill_from(&merged.attrs);
        if let Some(own) = defaults_of.get(kind.name) {
            attrs.fill_from(own);
        }
        super::placed::decide(&mut attrs, kind, &owner, d.decl.name.span, self.sink);
        let mut c = Component {
            name: name.to_owned(),
            kind,
            engine: merged.engine,
            product: merged.product,
            engine_hole,
            attrs: Attrs::default(),
            slow: 0.0,
            lost: super::Lost::default(),
            doc: doc_of(d.item, d.loaded),
            span: d.decl.name.span,
        };
        if ctx.machines {
            name_machines(&c, &mut attrs, self.sink);
        }
        c.attrs = attrs;
        c
    }

    fn flows(
        &mut self,
        decls: &[Declared],
        ctx: &Ctx,
        components: &[Component],
    ) -> (Vec<Flow>, BTreeMap<String, FlowId>) {
        let mut flows: Vec<Flow> = Vec::new();
        let mut by_name: BTreeMap<String, FlowId> = BTreeMap::new();
        let mut seen: BTreeMap<String, Span> = BTreeMap::new();
        for d in decls.iter().filter(|d| d.decl.head.text == "flow") {
            let name = qualify(&d.loaded.prefix, &d.decl.name.text);
            if let Some(before) = seen.get(&name) {
                self.sink.push(
                    Diagnostic::error("ARC531", d.decl.name.span, format!("there are two flows named `{name}`"))
                        .related(*before, "first here")
                        .help("give one another name"),
                );
                continue;
            }
            seen.insert(name.clone(), d.decl.name.span);
            let inner = Ctx { prefix: &d.loaded.prefix, ..*ctx };
            let mut reader = FlowReader { ctx: &inner, components, sink: self.sink };
            if let Some(flow) = reader.flow(d.decl, doc_of(d.item, d.loaded), d.item.broken, name.clone()) {
                by_name.insert(name, FlowId(flows.len()));
                flows.push(flow);
            }
        }
        (flows, by_name)
    }

    fn rules(
        &mut self,
        ctx: &Ctx,
        components: &[Component],
        flows: &BTreeMap<String, FlowId>,
    ) -> (Vec<Rule>, Vec<Allow>) {
        let (mut rules, mut allows) = (Vec::new(), Vec::new());
        for f in self.files {
            let inner = Ctx { prefix: &f.prefix, ..*ctx };
            for item in &f.file.items {
                match &item.kind {
                    // A rule or suppression that is only partly read has its finding.
                    ItemKind::Rule { .. } | ItemKind::Allow { .. } if item.broken => {}
                    ItemKind::Rule { name, lines } => rules.push(read_rule(name, lines, &inner, components, self.sink)),
                    ItemKind::Allow { code, on, because, until } => {
                        let parts =
                            AllowParts { code, on, because: because.as_ref(), until: until.as_ref(), span: item.span };
                        allows.extend(read_allow(&parts, &f.prefix, ctx.names, flows, components, self.sink));
                    }
                    _ => {}
                }
            }
        }
        (rules, allows)
    }
}

/// The lines of `///` directly above an item.
fn doc_of(item: &Item, loaded: &LoadedFile) -> Option<String> {
    let mut lines: Vec<&str> = Vec::new();
    let mut top = item.span.start as usize;
    let above = loaded.file.comments.partition_point(|c| c.span.start < item.span.start);
    for c in loaded.file.comments.get(..above).unwrap_or(&[]).iter().rev() {
        let between = loaded.text.get(c.span.end as usize..top)?;
        if !c.doc || !c.own_line || between.matches('\n').count() != 1 || !between.trim().is_empty() {
            break;
        }
        lines.push(loaded.text.get(c.span.start as usize + 3..c.span.end as usize)?.trim());
        top = c.span.start as usize;
    }
    lines.reverse();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Source locations of all intervals in a file.
fn collect_intervals(file: &ast::File, prefix: &str, lets: &Lets, out: &mut std::collections::BTreeSet<Span>) {
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
