//! From ASTs to the model, in the order of dependence: lets, system, names, bases, components,
//! flows, scenarios, rules.
//!
//! In: parsed files, values set on the command line. Out: a model, and findings. Never: reading a
//! file.

use super::arithmetic::Ends;
use super::attrs::{bad_name, read_block};
use super::bases::{Bases, Ctx, defaults, kind_ops, meant_kind, read_base, unknown_kind};
use super::deployment::name_machines;
use super::expressions::qualify;
use super::flows::FlowReader;
use super::loaded::{Declared, LoadedFile};
use super::rules::{AllowParts, read_allow, read_rule};
use super::value::{Attrs, Origin};
use super::{Allow, CompId, Component, Flow, FlowId, Model, Rule};
use super::{edition, interval_sites, let_items, runtime, scenarios, system};
use crate::base::Span;
use crate::diag::{Diagnostic, Sink};
use crate::kinds::{self, Kind};
use crate::syntax::ast::{Expr, ItemKind};
use std::collections::{BTreeMap, BTreeSet};

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

impl<'a> Builder<'a> {
    fn run(mut self) -> Model {
        for f in self.files {
            edition::check(f, self.sink);
        }
        let lets = let_items::read(self.files, self.overrides, self.ends, self.sink);
        let mut decls: Vec<Declared> = Vec::new();
        for loaded in self.files {
            for item in &loaded.file.items {
                if let ItemKind::Decl(decl) = &item.kind {
                    decls.push(Declared { decl, item, loaded });
                }
            }
        }
        let system = system::read(&decls, &lets, self.sink);

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

        let intervals = interval_sites::of(self.files, &lets);
        let_items::report_unused(&lets, self.sink);
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
            doc: d.doc(),
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
            if let Some(flow) = reader.flow(d.decl, d.doc(), d.item.broken, name.clone()) {
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
