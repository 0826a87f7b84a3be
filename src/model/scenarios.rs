//! Scenarios: the design with changes.
//!
//! In: `scenario` of the AST. Out: scenarios, and findings. Never: a changed model (`scenario_case.rs`).

use super::attrs::{bad_name, read_block};
use super::bases::{Ctx, kind_ops};
use super::flows::FlowReader;
use super::keys;
use super::numbers::checked;
use super::scope::Scope;
use super::value::{Attrs, Interval, Origin};
use super::{CompId, Component, FlowId, Slo};
use crate::base::{Span, nearest};
use crate::diag::{Diagnostic, Sink};
use crate::kinds::{Range, Type};
use crate::resource::CountedPer;
use crate::syntax::ast::{self, Compare, Decl, EntryKind, Expr, ExprKind};
use std::collections::BTreeMap;

/// The part that a fault or a partition names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A zone: `a`, or `us-east-1.a`.
    Zone(String),
    /// A region.
    Region(String),
    /// A component.
    Component(CompId),
}

/// A fault.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// A zone or a region.
    Place(Place),
    /// A number of replicas of a component; all of them if `None`.
    Replicas(CompId, Option<f64>),
    /// The primary of a store.
    Primary(CompId),
}

/// The outcome of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It works.
    Ok,
    /// It returns stale data.
    Stale,
    /// It fails.
    Error,
}

/// The part of the system where an outcome is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// Everywhere.
    All,
    /// On groups without more than half of the zones.
    Minority,
    /// On the group with more than half of the zones.
    Majority,
    /// In one zone or region.
    Place(Place),
}

/// An expectation of a scenario about a flow.
#[derive(Clone, Debug)]
pub enum Expectation {
    /// Targets that replace the flow's own.
    Targets(FlowId, Vec<Slo>),
    /// An outcome on one side of a partition.
    Answer(FlowId, Outcome, Side, Span),
}

/// A scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// The factor on the rate of flows whose rate the scenario does not set.
    pub load: Interval,
    /// Rates that it sets: (flow, peak, mean).
    pub rates: Vec<(FlowId, Option<Interval>, Option<Interval>)>,
    /// Attributes that it sets.
    pub changes: Vec<(CompId, Attrs)>,
    /// Its faults.
    pub faults: Vec<Fault>,
    /// Groups of locations that cannot reach each other.
    pub cut: Vec<Vec<Place>>,
    /// Seconds added to the response time of components.
    pub slow: Vec<(CompId, Interval)>,
    /// Its expectations.
    pub expect: Vec<Expectation>,
    /// The source location of its name.
    pub span: Span,
}

pub(super) struct Reader<'a> {
    pub ctx: &'a Ctx<'a>,
    pub components: &'a [Component],
    pub flows: &'a BTreeMap<String, FlowId>,
    pub flow_origins: &'a [CompId],
    pub sink: &'a mut Sink,
}

impl Reader<'_> {
    pub(super) fn scenario(&mut self, decl: &Decl, name: String) -> Scenario {
        if let Some(d) = bad_name(&decl.name) {
            self.sink.push(d);
        }
        let mut out = Scenario {
            name,
            load: Interval::fixed(1.0),
            rates: Vec::new(),
            changes: Vec::new(),
            faults: Vec::new(),
            cut: Vec::new(),
            slow: Vec::new(),
            expect: Vec::new(),
            span: decl.name.span,
        };
        let mut loaded = None;
        for entry in decl.block.iter().flat_map(|b| &b.entries) {
            match &entry.kind {
                EntryKind::Attr(a) => {
                    self.entry(a, entry.span, loaded, &mut out);
                    if a.key.first().is_some_and(|w| w.text == "load") {
                        loaded = loaded.or(Some(a.key_span()));
                    }
                }
                EntryKind::Bad => {}
                _ => self.sink.push(
                    Diagnostic::error("ARC590", entry.span, "a scenario changes a design; it has no calls")
                        .help("write `flow checkout { rate = 1.5k rps }` for another rate"),
                ),
            }
        }
        out
    }

    fn entry(&mut self, a: &ast::Attr, span: Span, loaded: Option<Span>, out: &mut Scenario) {
        let words: Vec<&str> = a.key.iter().map(|w| w.text.as_str()).collect();
        match (words.as_slice(), &a.value, &a.block) {
            (["load"], Some((Compare::Is, _, _)), None) if loaded.is_some() => {
                let first = loaded.unwrap_or(span);
                self.sink.push(
                    Diagnostic::error("ARC541", a.key_span(), "`load` is set twice")
                        .related(first, "first here")
                        .help("keep one of the two; two loads are two scenarios"),
                );
            }
            (["load"], Some((Compare::Is, _, e)), None) => {
                if let Some(num) = self.ctx.lets.number(e, self.ctx.prefix, self.sink)
                    && let Some(v) = checked(&num, Type::Factor, Range::Positive, "load", e.span, self.sink)
                {
                    out.load = v;
                }
            }
            ([word @ ("load" | "fail" | "cut" | "slow")], _, _) if !matches!(a.value, Some((Compare::Is, ..))) => {
                let example = match *word {
                    "load" => "load = 3x",
                    "fail" => "fail = [zone a]",
                    "cut" => "cut = [zone a] | [zone b, zone c]",
                    _ => "slow = psp 300ms",
                };
                self.sink.push(
                    Diagnostic::error("ARC590", a.key_span(), format!("`{word}` is set with `=`"))
                        .help(format!("write `{example}`")),
                );
            }
            (["fail"], Some((Compare::Is, _, e)), None) => {
                for item in items(e) {
                    if let Some(f) = self.fault(item) {
                        out.faults.push(f);
                    }
                }
            }
            (["cut"], Some((Compare::Is, _, e)), None) => {
                let groups: &[Expr] = match &e.kind {
                    ExprKind::Alternatives(all) => all,
                    _ => std::slice::from_ref(e),
                };
                if groups.len() < 2 {
                    self.sink.push(
                        Diagnostic::error("ARC591", e.span, "a cut has two sides")
                            .help("write `cut = [zone a] | [zone b, zone c]`"),
                    );
                    return;
                }
                for g in groups {
                    out.cut.push(items(g).iter().filter_map(|i| self.place(i)).collect());
                }
            }
            (["slow"], Some((Compare::Is, _, e)), None) => {
                for item in items(e) {
                    match &item.kind {
                        ExprKind::Phrase(parts) if parts.len() == 2 => {
                            if let [Expr { kind: ExprKind::Word(w), span }, t] = parts.as_slice()
                                && let Some(id) = self.component(w, *span)
                                && let Some(num) = self.ctx.lets.number(t, self.ctx.prefix, self.sink)
                                && let Some(v) =
                                    checked(&num, Type::Time, Range::NonNegative, "slow", t.span, self.sink)
                            {
                                out.slow.push((id, v));
                            }
                        }
                        _ => self.sink.push(
                            Diagnostic::error("ARC591", item.span, "`slow` expects a component and the time to add")
                                .help("write `slow = psp 300ms`"),
                        ),
                    }
                }
            }
            (["flow", name], None, Some(block)) => self.flow_change(name, a, block, out),
            (["expect", "flow", name], None, Some(block)) => {
                if let Some(id) = self.flow(name, a.key_span()) {
                    let targets = FlowReader { ctx: self.ctx, components: self.components, sink: self.sink }.slo(block);
                    out.expect.push(Expectation::Targets(id, targets));
                }
            }
            (["expect", "flow", name], Some((Compare::Is, _, e)), None) => {
                if let Some(id) = self.flow(name, a.key_span())
                    && let Some((outcome, side)) = self.answer(e)
                {
                    out.expect.push(Expectation::Answer(id, outcome, side, span));
                }
            }
            (["expect", ..], _, _) => {
                self.sink.push(Diagnostic::error("ARC592", a.key_span(), "this is no expectation").help(
                    "write `expect flow browse { availability >= 99% }` or `expect flow checkout = error on minority`",
                ));
            }
            ([name], None, Some(block)) => {
                let Some(id) = self.component(name, a.key_span()) else { return };
                let Some(c) = self.components.get(id.0) else { return };
                let ops = kind_ops(c.kind);
                let scope = Scope {
                    origin: Origin::Scenario(out.name.clone()),
                    ..self.ctx.scope(self.ctx.prefix, Origin::Written, &ops, c.kind)
                };
                let attrs = read_block(
                    block,
                    &|n| c.kind.property(n),
                    &|| c.kind.properties().map(|p| p.name).collect(),
                    &format!("{} `{}`", c.kind.name, c.name),
                    &scope,
                    self.sink,
                    &mut |_, _| false,
                );
                out.changes.push((id, attrs));
            }
            ([word, ..], _, _) => {
                let known = ["load", "fail", "cut", "slow", "flow", "expect"];
                let help = match nearest(word, known) {
                    Some(n) if n != *word => format!("did you mean `{n}`?"),
                    _ => "a scenario has `load = 3x`, `fail = [zone a]`, `cut = [zone a] | [zone b]`, `slow = psp 300ms`, `flow NAME { rate = … }`, `NAME { … }` and `expect flow NAME …`".to_owned(),
                };
                self.sink.push(
                    Diagnostic::error(
                        "ARC590",
                        a.key_span(),
                        format!("`{}` is no part of a scenario", words.join(" ")),
                    )
                    .help(help),
                );
            }
            ([], _, _) => {}
        }
    }

    fn flow_change(&mut self, name: &str, a: &ast::Attr, block: &ast::Block, out: &mut Scenario) {
        let Some(id) = self.flow(name, a.key_span()) else { return };
        let (mut rate, mut volume) = (None, None);
        for e in &block.entries {
            let EntryKind::Attr(inner) = &e.kind else { continue };
            match (inner.key.as_slice(), &inner.value) {
                ([w], Some((Compare::Is, _, expr))) if w.text == "rate" || w.text == "volume" => {
                    let Some(mut num) = self.ctx.lets.number(expr, self.ctx.prefix, self.sink) else { continue };
                    let origin = self.flow_origins.get(id.0).and_then(|o| self.components.get(o.0));
                    if num.per == Some(CountedPer::User)
                        && let Some(users) = origin.and_then(|c| c.attrs.read(keys::USERS))
                    {
                        num.per = None;
                        num.value = Interval {
                            low: num.value.low * users.low,
                            mid: num.value.mid * users.mid,
                            high: num.value.high * users.high,
                        };
                    }
                    let v = checked(&num, Type::Rate, Range::NonNegative, &w.text, expr.span, self.sink);
                    if w.text == "rate" { rate = v } else { volume = v }
                }
                _ => self.sink.push(
                    Diagnostic::error("ARC590", e.span, "a scenario changes a flow's `rate` or `volume`")
                        .help("targets go into `expect flow NAME { … }`"),
                ),
            }
        }
        out.rates.push((id, rate, volume));
    }

    fn flow(&mut self, name: &str, span: Span) -> Option<FlowId> {
        let full = super::qualify(self.ctx.prefix, name);
        let found = self.flows.get(&full).copied();
        if found.is_none() {
            let help = self.sink.propose(name, self.flows.keys().map(String::as_str)).map_or_else(
                || "flows are declared with `flow name { … }`".to_owned(),
                |n| format!("did you mean `{n}`?"),
            );
            self.sink.push(Diagnostic::error("ARC530", span, format!("no flow is named `{name}`")).help(help));
        }
        found
    }

    fn component(&mut self, name: &str, span: Span) -> Option<CompId> {
        let full = super::qualify(self.ctx.prefix, name);
        let found = self.ctx.names.get(&full).copied();
        if found.is_none() {
            let help = self
                .sink
                .propose(name, self.ctx.names.keys().map(String::as_str))
                .map_or_else(|| format!("declare it: `service {name} {{ }}`"), |n| format!("did you mean `{n}`?"));
            self.sink.push(Diagnostic::error("ARC530", span, format!("no component is named `{name}`")).help(help));
        }
        found
    }

    fn fault(&mut self, e: &Expr) -> Option<Fault> {
        match &e.kind {
            ExprKind::Phrase(parts) => match parts.as_slice() {
                [Expr { kind: ExprKind::Word(w), .. }, _] if w == "zone" || w == "region" => {
                    self.place(e).map(Fault::Place)
                }
                [Expr { kind: ExprKind::Word(w), span }, Expr { kind: ExprKind::Word(n), .. }]
                    if n.starts_with('x') =>
                {
                    let count: Option<f64> = n.get(1..).and_then(|d| d.parse().ok());
                    let Some(count) = count.filter(|c| *c >= 1.0) else {
                        self.sink.push(
                            Diagnostic::error("ARC591", e.span, format!("`{n}` is not a number of replicas"))
                                .help("write `cart x2` for two replicas"),
                        );
                        return None;
                    };
                    self.component(w, *span).map(|id| Fault::Replicas(id, Some(count)))
                }
                _ => {
                    self.sink.push(
                        Diagnostic::error("ARC591", e.span, "this is nothing that can fail")
                            .help("write `fail = [orders.primary, zone a, region us-east-1, cart x2, psp]`"),
                    );
                    None
                }
            },
            ExprKind::Word(w) => {
                if let Some(store) = w.strip_suffix(".primary")
                    && let Some(id) = self.ctx.names.get(&super::qualify(self.ctx.prefix, store))
                {
                    return Some(Fault::Primary(*id));
                }
                let place = [("zone", self.ctx.zones), ("region", self.ctx.regions)]
                    .into_iter()
                    .find(|(_, all)| all.iter().any(|z| z == w));
                if let Some((what, _)) =
                    place.filter(|_| !self.ctx.names.contains_key(&super::qualify(self.ctx.prefix, w)))
                {
                    self.sink.push(
                        Diagnostic::error("ARC530", e.span, format!("no component is named `{w}`"))
                            .help(format!("did you mean `{what} {w}`?")),
                    );
                    return None;
                }
                self.component(w, e.span).map(|id| Fault::Replicas(id, None))
            }
            ExprKind::Bad => None,
            _ => {
                self.sink.push(
                    Diagnostic::error("ARC591", e.span, "this is nothing that can fail")
                        .help("write `fail = [orders.primary, zone a, region us-east-1, cart x2, psp]`"),
                );
                None
            }
        }
    }

    fn place(&mut self, e: &Expr) -> Option<Place> {
        match &e.kind {
            ExprKind::Phrase(parts) => {
                if let [Expr { kind: ExprKind::Word(kind), .. }, Expr { kind: ExprKind::Word(name), span }] =
                    parts.as_slice()
                {
                    let zone = name.rsplit_once('.').map_or(name.as_str(), |(_, z)| z);
                    let (known, all) = match kind.as_str() {
                        "zone" => (self.ctx.zones.iter().any(|z| z == zone), self.ctx.zones),
                        "region" => (self.ctx.regions.contains(name), self.ctx.regions),
                        _ => (false, self.ctx.zones),
                    };
                    if known {
                        return Some(if kind == "zone" {
                            Place::Zone(name.clone())
                        } else {
                            Place::Region(name.clone())
                        });
                    }
                    let list = all.iter().map(|z| format!("`{z}`")).collect::<Vec<_>>().join(" ");
                    self.sink.push(
                        Diagnostic::error("ARC538", *span, format!("this system has no {kind} `{name}`"))
                            .help(format!("it has {list}")),
                    );
                    return None;
                }
                self.sink.push(
                    Diagnostic::error("ARC591", e.span, "this is no zone, region or component")
                        .help("write `zone a`, `region us-east-1` or a component's name"),
                );
                None
            }
            ExprKind::Word(w) => self.component(w, e.span).map(Place::Component),
            _ => {
                self.sink.push(
                    Diagnostic::error("ARC591", e.span, "this is no zone, region or component")
                        .help("write `zone a`, `region us-east-1` or a component's name"),
                );
                None
            }
        }
    }

    fn answer(&mut self, e: &Expr) -> Option<(Outcome, Side)> {
        let parts = match &e.kind {
            ExprKind::Phrase(all) => all.as_slice(),
            _ => std::slice::from_ref(e),
        };
        let words: Vec<&str> = parts
            .iter()
            .map(|p| match &p.kind {
                ExprKind::Word(w) => w.as_str(),
                _ => "",
            })
            .collect();
        let outcome = match words.first() {
            Some(&"ok") => Outcome::Ok,
            Some(&"stale") => Outcome::Stale,
            Some(&"error") => Outcome::Error,
            _ => {
                self.sink.push(
                    Diagnostic::error("ARC592", e.span, "a flow answers `ok`, `stale` or `error`")
                        .help("write `expect flow checkout = error on minority`"),
                );
                return None;
            }
        };
        let side = match words.get(1..).unwrap_or(&[]) {
            [] => Side::All,
            ["on", "minority"] => Side::Minority,
            ["on", "majority"] => Side::Majority,
            ["on", "zone" | "region", _] => {
                let place = Expr { span: e.span, kind: ExprKind::Phrase(parts.get(2..).unwrap_or(&[]).to_vec()) };
                Side::Place(self.place(&place)?)
            }
            _ => {
                let at = parts.get(1).zip(parts.last()).map_or(e.span, |(a, b)| a.span.to(b.span));
                self.sink.push(
                    Diagnostic::error("ARC592", at, "a side is `minority`, `majority`, or a zone")
                        .help("write `on minority`, `on majority` or `on zone a`"),
                );
                return None;
            }
        };
        Some((outcome, side))
    }
}

fn items(e: &Expr) -> &[Expr] {
    match &e.kind {
        ExprKind::List(all) => all,
        _ => std::slice::from_ref(e),
    }
}
