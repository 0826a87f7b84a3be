//! Flows: chains and blocks to trees of calls, checked by what each kind may do.

use super::attrs::{Scope, bad_name, checked, read_block};
use super::bases::{Ctx, kind_ops};
use super::eval::Num;
use super::value::{Attrs, Interval, Origin};
use super::{Call, CompId, Component, Flow, Slo, Step};
use crate::base::{Span, nearest};
use crate::diag::{Diagnostic, Sink};
use crate::kinds::{CALL, FLOW, METRICS, MODELS, MetricType, Property, Range, Type, metric};
use crate::syntax::MAX_NESTING;
use crate::syntax::ast::{self, Compare, Decl, EntryKind, ExprKind, Word};
use crate::units::{Dim, show_ratio};

pub(super) struct FlowReader<'a> {
    pub ctx: &'a Ctx<'a>,
    pub components: &'a [Component],
    pub sink: &'a mut Sink,
}

fn flow_property(name: &str) -> Option<&'static Property> {
    FLOW.iter().find(|p| p.name == name)
}

fn call_property(name: &str) -> Option<&'static Property> {
    CALL.iter().find(|p| p.name == name)
}

impl FlowReader<'_> {
    fn component(&self, id: CompId) -> &Component {
        self.components.get(id.0).unwrap_or_else(|| unreachable!("ids are only made for components of this model"))
    }

    fn scope(&self) -> Scope<'_> {
        Scope {
            lets: self.ctx.lets,
            prefix: self.ctx.prefix,
            components: self.ctx.is_component,
            zones: self.ctx.zones,
            regions: self.ctx.regions,
            machines: self.ctx.machines,
            origin: Origin::Written,
            ops: (&[], false),
        }
    }

    /// Reads a flow; `None` when it has no usable chain.
    pub(super) fn flow(&mut self, decl: &Decl, doc: Option<String>, broken: bool, name: String) -> Option<Flow> {
        if let Some(d) = bad_name(&decl.name) {
            self.sink.push(d);
        }
        let Some(block) = &decl.block else {
            if !broken {
                self.sink.push(
                    Diagnostic::error("ARC570", decl.name.span, format!("flow `{}` has no block", decl.name.text))
                        .help(format!("write `flow {} {{ rate = 100 rps, web -> api }}`", decl.name.text)),
                );
            }
            return None;
        };
        if let Some(base) = &decl.base {
            self.sink.push(Diagnostic::error("ARC535", base.span, "a flow has no base").help("presets are for components"));
        }
        let mut chains: Vec<(&ast::Chain, Span)> = Vec::new();
        let mut slos: Vec<&ast::Block> = Vec::new();
        let mut rates: Vec<(&Word, Span, Option<Num>)> = Vec::new();
        let mut bad = broken;
        let (names, prefix) = (self.ctx.names, self.ctx.prefix);
        let mut sink = std::mem::take(self.sink);
        let scope = self.scope();
        let attrs = read_block(
            block,
            &flow_property,
            &|| FLOW.iter().map(|p| p.name).chain(["slo"]).collect(),
            &format!("flow `{}`", decl.name.text),
            &scope,
            &mut sink,
            &mut |entry, sink| match &entry.kind {
                EntryKind::Chain(chain) => {
                    chains.push((chain, entry.span));
                    true
                }
                EntryKind::Attr(a) if a.key.len() == 1 && a.key.first().is_some_and(|w| w.text == "slo") => {
                    match &a.block {
                        Some(b) => slos.push(b),
                        None => sink.push(Diagnostic::error("ARC542", entry.span, "`slo` is a block").help("write `slo { p99 <= 250ms, availability >= 99.9% }`")),
                    }
                    true
                }
                EntryKind::Attr(a) => match (a.key.as_slice(), &a.value) {
                    ([key], Some((Compare::Is, _, expr))) if key.text == "rate" || key.text == "volume" => {
                        // A rate may count per user, which no other attribute may.
                        if let Some(p) = flow_property(&key.text) {
                            p.touch();
                        }
                        let hole = matches!(expr.kind, ExprKind::Hole(_));
                        let num = if hole {
                            sink.push(Diagnostic::error("ARC545", expr.span, format!("`{}` cannot be solved for", key.text)).help("a rate is what the design must carry; `archc size --rate` asks for another"));
                            None
                        } else {
                            scope.lets.number(expr, scope.prefix, sink)
                        };
                        rates.push((key, expr.span, num));
                        true
                    }
                    ([from, to], None) if names.contains_key(&super::qualify(prefix, &from.text)) => {
                        bad = true;
                        sink.push(
                            Diagnostic::error("ARC510", a.key_span(), format!("an arrow is missing between `{}` and `{}`", from.text, to.text))
                                .help(format!("write `{} -> {}`, or `~>` where the caller does not wait", from.text, to.text)),
                        );
                        true
                    }
                    _ => false,
                },
                EntryKind::Group { word, .. } => {
                    bad = true;
                    sink.push(Diagnostic::error("ARC570", word.span, format!("`{}` stands in no component's block", word.text)).help("start with the origin: `web -> api { parallel { … } }`"));
                    true
                }
                EntryKind::Arm { span, .. } => {
                    sink.push(Diagnostic::error("ARC578", *span, "an arm stands outside of `choose`").help("write `choose { 99% { … } 1% { … } }` in the block of the component that chooses"));
                    true
                }
                EntryKind::Bad => {
                    bad = true;
                    true
                }
            },
        );
        *self.sink = sink;

        let Some((chain, _)) = chains.first() else {
            if !bad {
                self.sink.push(
                    Diagnostic::error("ARC570", decl.name.span, format!("flow `{}` calls nothing", decl.name.text))
                        .help("a flow has one chain: `web -> api -> catalog { -> products.read }`"),
                );
            }
            return None;
        };
        if let Some((_, second)) = chains.get(1) {
            self.sink.push(
                Diagnostic::error("ARC580", *second, format!("flow `{}` has two chains", decl.name.text))
                    .help("a flow is one request: make it two flows, or put the call into the block of the component that makes it"),
            );
        }
        let Some(origin_word) = &chain.origin else {
            let at = chain.calls.first().map_or(decl.name.span, |c| c.span);
            self.sink.push(Diagnostic::error("ARC570", at, format!("flow `{}` does not say where it starts", decl.name.text)).help("name the origin before the first arrow: `web -> api`"));
            return None;
        };
        let origin = self.origin(origin_word)?;
        let (rate, volume) = self.rates(&rates, origin);
        let slo = slos.iter().flat_map(|b| self.slo(b)).collect();
        let steps = self.calls(origin, &chain.calls, 1);
        Some(Flow { name, origin, attrs, rate, volume, slo, steps, doc, span: decl.name.span, origin_span: origin_word.span })
    }

    fn origin(&mut self, word: &Word) -> Option<CompId> {
        let id = self.resolve(word, "client")?.0;
        let c = self.component(id);
        if !c.kind.facets.starts && !self.ctx.unknown.contains(&id) {
            let message = format!("a flow cannot start at the {} `{}`", c.kind.name, c.name);
            self.sink.push(Diagnostic::error("ARC570", word.span, message).help("flows start at a client, a timer, a service or a queue"));
            return None;
        }
        Some(id)
    }

    fn rates(&mut self, rates: &[(&Word, Span, Option<Num>)], origin: CompId) -> (Option<Interval>, Option<Interval>) {
        let (mut rate, mut volume) = (None, None);
        for (i, (key, span, num)) in rates.iter().enumerate() {
            if let Some((first, first_span, _)) = rates.get(..i).and_then(<[_]>::first) {
                let message = if first.text == key.text { format!("`{}` is set twice", key.text) } else { "a flow has a `rate` or a `volume`, not both".to_owned() };
                self.sink.push(
                    Diagnostic::error("ARC577", *span, message)
                        .related(*first_span, format!("`{}` here", first.text))
                        .help(if first.text == key.text { "keep one of the two" } else { "`rate` is the peak, `volume` the mean; each follows from the other by `peak_to_mean`" }),
                );
                continue;
            }
            let Some(num) = num else { continue };
            let mut num = num.clone();
            if num.per == Some("user") {
                let c = self.component(origin);
                let Some(users) = c.attrs.number("users") else {
                    let d = Diagnostic::error("ARC549", *span, format!("`per user` needs the `users` of `{}`, which does not say them", c.name)).related(c.span, "here");
                    self.sink.push(d.help(format!("write `{} {} {{ users = 2M }}`", c.kind.name, c.name)));
                    continue;
                };
                num.per = None;
                num.value = Interval { low: num.value.low * users.low, mid: num.value.mid * users.mid, high: num.value.high * users.high };
            }
            let value = checked(&num, Type::Rate, Range::NonNegative, &key.text, *span, self.sink);
            if key.text == "rate" { rate = value } else { volume = value }
        }
        (rate, volume)
    }

    /// Reads `slo { … }`.
    pub(super) fn slo(&mut self, block: &ast::Block) -> Vec<Slo> {
        let mut out: Vec<Slo> = Vec::new();
        for entry in &block.entries {
            let EntryKind::Attr(a) = &entry.kind else {
                if !matches!(entry.kind, EntryKind::Bad) {
                    self.sink.push(Diagnostic::error("ARC581", entry.span, "an slo holds targets alone").help("write `slo { p99 <= 250ms, availability >= 99.9% }`"));
                }
                continue;
            };
            let Some(key) = a.key.first().filter(|_| a.key.len() == 1) else {
                self.sink.push(Diagnostic::error("ARC581", entry.span, "a target is one metric and its bound").help("write `p99 <= 250ms`"));
                continue;
            };
            let Some(m) = metric(&key.text) else {
                let slips = [("latency", "p99"), ("p99_latency", "p99"), ("uptime", "availability"), ("error_rate", "errors"), ("p999", "p999"), ("p99_9", "p999"), ("avg", "mean"), ("median", "p50"), ("freshness", "staleness"), ("throughput", "rate"), ("rate", "rate")];
                let near = slips.iter().find(|(f, _)| *f == key.text).map(|(_, t)| *t).or_else(|| nearest(&key.text, METRICS.iter().map(|m| m.name)));
                let help = match near {
                    Some("rate") => "throughput is the flow's own `rate`: the design must carry it".to_owned(),
                    Some(n) => format!("did you mean `{n}`?"),
                    None => format!("metrics are {}", METRICS.iter().map(|m| format!("`{}`", m.name)).collect::<Vec<_>>().join(" ")),
                };
                self.sink.push(Diagnostic::error("ARC581", key.span, format!("`{}` is not a metric of an slo", key.text)).help(help));
                continue;
            };
            if let Some(first) = out.iter().find(|s| s.metric.name == m.name) {
                self.sink.push(Diagnostic::error("ARC541", key.span, format!("`{}` has two targets", m.name)).related(first.span, "first here").help("keep the tighter one"));
                continue;
            }
            if let Some(slo) = self.target(m, key, a, entry.span) {
                out.push(slo);
            }
        }
        out
    }

    fn target(&mut self, m: &'static crate::kinds::Metric, key: &Word, a: &ast::Attr, span: Span) -> Option<Slo> {
        let (want, example) = match m.ty {
            MetricType::Time => (Compare::AtMost, "250ms"),
            MetricType::RatioAtMost => (Compare::AtMost, "0.1%"),
            MetricType::RatioAtLeast => (Compare::AtLeast, "99.9%"),
            MetricType::Model => (Compare::Is, "read_your_writes"),
            MetricType::Cost => (Compare::AtMost, "$0.10 per 1k"),
        };
        let Some((op, at, expr)) = &a.value else {
            self.sink.push(Diagnostic::error("ARC515", key.span, format!("`{}` has no bound", m.name)).help(format!("write `{} {} {example}`", m.name, want.symbol())));
            return None;
        };
        if *op != want {
            self.sink.push(Diagnostic::error("ARC581", *at, format!("`{}` is bounded with `{}`, not with `{}`", m.name, want.symbol(), op.symbol())).help(format!("write `{} {} {example}`", m.name, want.symbol())));
            return None;
        }
        if m.ty == MetricType::Model {
            let ExprKind::Word(w) = &expr.kind else {
                self.sink.push(Diagnostic::error("ARC542", expr.span, "`consistency` wants a model").help(format!("one of {}", MODELS.map(|w| format!("`{w}`")).join(" "))));
                return None;
            };
            if !MODELS.contains(&w.as_str()) {
                let slips = [("strong", "linearizable"), ("serializable", "linearizable"), ("session", "read_your_writes"), ("weak", "eventual"), ("ryw", "read_your_writes")];
                let d = match slips.iter().find(|(f, _)| f == w) {
                    Some((_, to)) => Diagnostic::error("ARC544", expr.span, format!("`consistency` cannot be `{w}`")).help(format!("write `{to}`")),
                    None => super::attrs::not_one_of("consistency", w, expr.span, &MODELS),
                };
                self.sink.push(d);
                return None;
            }
            return Some(Slo { metric: m, target: 0.0, model: Some(w.clone()), span });
        }
        let num = match &expr.kind {
            ExprKind::Text(_) | ExprKind::List(_) | ExprKind::Phrase(_) | ExprKind::Hole(_) => {
                self.sink.push(Diagnostic::error("ARC542", expr.span, format!("`{}` wants a bound, not {}", m.name, super::eval::describe(&expr.kind))).help(format!("write `{} {} {example}`", m.name, want.symbol())));
                return None;
            }
            _ => self.ctx.lets.number(expr, self.ctx.prefix, self.sink)?,
        };
        let (ty, range) = match m.ty {
            MetricType::Time => (Type::Time, Range::NonNegative),
            MetricType::Cost => (Type::Price, Range::NonNegative),
            _ => (Type::Ratio, Range::Unit),
        };
        if m.ty == MetricType::Cost && num.dim != Dim::MONEY {
            self.sink.push(Diagnostic::error("ARC542", expr.span, format!("`cost` wants money per requests, not {}", num.noun())).help("write `cost <= $0.10 per 1k`; the whole system's cost is `budget` of the system"));
            return None;
        }
        let value = checked(&num, ty, range, m.name, expr.span, self.sink)?;
        Some(Slo { metric: m, target: if want == Compare::AtLeast { value.high } else { value.low }, model: None, span })
    }

    /// A name, or a name and an operation: `orders`, `orders.write`, `pay.orders.write`.
    fn resolve(&mut self, word: &Word, kind: &str) -> Option<(CompId, Option<String>)> {
        let own = super::qualify(self.ctx.prefix, &word.text);
        if let Some(id) = self.ctx.names.get(&own) {
            return Some((*id, None));
        }
        if let Some((name, op)) = own.rsplit_once('.')
            && let Some(id) = self.ctx.names.get(name)
        {
            return Some((*id, Some(op.to_owned())));
        }
        let bare = word.text.split('.').next().unwrap_or(&word.text);
        // The same name under another prefix, or under none.
        let last = |n: &str| n.rsplit('.').next().unwrap_or("").to_owned();
        let elsewhere = word.text.split('.').find_map(|part| self.ctx.names.keys().find(|n| last(n) == part));
        let near = elsewhere
            .map(String::as_str)
            .or_else(|| nearest(bare, self.ctx.names.keys().map(String::as_str)))
            .or_else(|| nearest(&word.text, self.ctx.names.keys().map(String::as_str)));
        let op = word.text.split_once('.').map(|(_, op)| op);
        let kind = op.and_then(|op| crate::kinds::KINDS.iter().find(|k| k.ops.iter().skip(usize::from(k.facets.calls)).any(|o| o.name == op))).map_or(kind, |k| k.name);
        let help = near.map_or_else(
            || format!("declare it: `{kind} {bare} {{ }}`"),
            |n| format!("did you mean `{n}`?"),
        );
        self.sink.push(Diagnostic::error("ARC530", word.span, format!("no component is named `{bare}`")).help(help));
        None
    }

    /// A chain: each call's target makes the next call.
    fn calls(&mut self, owner: CompId, calls: &[ast::Call], depth: usize) -> Vec<Step> {
        let Some((first, rest)) = calls.split_first() else { return Vec::new() };
        if depth > MAX_NESTING {
            self.sink.push(Diagnostic::error("ARC503", first.span, format!("calls are nested deeper than {MAX_NESTING}")).help("a request that deep is easier to read as several flows"));
            return Vec::new();
        }
        self.call(owner, first, rest, depth).map_or_else(Vec::new, |c| vec![Step::Call(Box::new(c))])
    }

    fn call(&mut self, owner: CompId, call: &ast::Call, rest: &[ast::Call], depth: usize) -> Option<Call> {
        let resolved = self.resolve(&call.target, "service");
        let Some((target, op)) = resolved else {
            // The calls below are still worth checking for names.
            return None;
        };
        let caller = self.component(owner);
        let c = self.component(target);
        let facets = c.kind.facets;
        let (caller_name, name, kind) = (caller.name.clone(), c.name.clone(), c.kind);
        if !facets.target {
            self.sink.push(Diagnostic::error("ARC579", call.target.span, format!("the {} `{name}` cannot be called", kind.name)).help(if kind.facets.origin { "a timer starts flows: `nightly -> report`" } else { "a monitor watches by itself; it is no part of a flow" }));
            return None;
        }
        if facets.origin && !call.is_async {
            self.sink.push(Diagnostic::error("ARC572", call.target.span, format!("the client `{name}` cannot be called")).help(format!("clients are pushed to: `~> {name}`")));
            return None;
        }
        let (op_name, writes) = self.operation(c.kind, &name, op, call)?;
        let mut out = Call {
            target,
            op: op_name,
            writes,
            is_async: call.is_async,
            times: call.times.as_ref().map_or(1.0, |(n, _)| n.quantity.value),
            share: call.share.as_ref().map_or(1.0, |(n, _)| n.quantity.value),
            attrs: Attrs::default(),
            body: Vec::new(),
            on_miss: Vec::new(),
            fallback: Vec::new(),
            span: call.span,
            target_span: call.target.span,
        };
        if out.share > 1.0
            && let Some((_, at)) = &call.share
        {
            self.sink.push(Diagnostic::error("ARC543", *at, format!("a probability cannot be {}", show_ratio(out.share))).help("write `x3` for three calls"));
            return None;
        }
        if let Some(block) = &call.block {
            let (attrs, steps) = self.call_block(target, block, depth, rest.is_empty());
            out.attrs = attrs;
            out.body = steps;
        }
        if !rest.is_empty() {
            if !facets.calls {
                let next = rest.first().map_or("", |c| c.target.text.as_str());
                self.cannot_call(kind, &name, call.target.span, &call.target.text, next);
                return Some(out);
            }
            out.body.extend(self.calls(target, rest, depth + 1));
        }
        if let Some(block) = &call.else_block {
            let has_ratio = facets.misses && kind.ops.first().is_some_and(|o| o.name == out.op);
            if !has_ratio {
                self.sink.push(
                    Diagnostic::error("ARC574", call.target.span, format!("`{}` cannot miss, so `else` never runs", call.target.text))
                        .help("`else` follows a cache's `get`; for errors and timeouts write `fallback { … }`"),
                );
            }
            out.on_miss = self.steps(owner, block, depth, "else", &caller_name);
        }
        if let Some(block) = &call.fallback {
            out.fallback = self.steps(owner, block, depth, "fallback", &caller_name);
        }
        Some(out)
    }

    fn cannot_call(&mut self, kind: &crate::kinds::Kind, name: &str, span: Span, target: &str, next: &str) {
        let help = if kind.facets.buffers {
            let next = if next.is_empty() { "worker" } else { next };
            format!("what happens to its messages is a flow of its own: `flow {name}_work {{ {name} ~> {next} }}`")
        } else if next.is_empty() {
            "the component that uses both makes both calls, one below the other".to_owned()
        } else {
            format!("let its caller call `{next}` next, on a line of its own: `-> {target}`, then `-> {next}`")
        };
        self.sink.push(Diagnostic::error("ARC573", span, format!("the {} `{name}` never calls anything", kind.name)).help(help));
    }

    fn operation(&mut self, kind: &'static crate::kinds::Kind, name: &str, op: Option<String>, call: &ast::Call) -> Option<(String, bool)> {
        let Some(op) = op else {
            let default = kind.ops.first();
            // Pushing to clients has no operation.
            return Some(default.map_or_else(|| ("push".to_owned(), false), |o| (o.name.to_owned(), o.writes)));
        };
        if let Some(o) = kind.op(&op) {
            return Some((op, o.writes));
        }
        let own = self.components.iter().find(|c| c.name == name).and_then(|c| c.attrs.op(&op));
        let unknown = self.ctx.names.get(name).is_some_and(|id| self.ctx.unknown.contains(id));
        if own.is_some() || unknown {
            return Some((op, false));
        }
        let all: Vec<&str> = kind.ops.iter().map(|o| o.name).collect();
        let slips = [("insert", "write"), ("update", "write"), ("put", "write"), ("select", "read"), ("query", "read"), ("get", "read"), ("send", "publish"), ("produce", "publish"), ("push", "publish"), ("fetch", "get"), ("read", "get"), ("write", "put"), ("upload", "put"), ("invalidate", "delete"), ("evict", "delete"), ("put", "set"), ("write", "set"), ("write", "publish")];
        let near = slips.iter().find(|(f, t)| *f == op && all.contains(t)).map(|(_, t)| *t).or_else(|| nearest(&op, all.iter().copied()));
        let list = all.iter().map(|o| format!("`{o}`")).collect::<Vec<_>>().join(" ");
        let help = match near {
            None if kind.facets.buffers && ["consume", "receive", "read", "poll", "subscribe", "pull", "take", "get"].contains(&op.as_str()) => {
                format!("a flow that starts at the queue takes from it: `flow {name}_work {{ {name} ~> worker }}`")
            }
            Some(n) => format!("did you mean `{name}.{n}`?"),
            None if kind.facets.calls => format!("describe it: `ops {{ {op} {{ cpu = 5ms }} }}` in `{name}`"),
            None => format!("its operations are {list}"),
        };
        let span = Span { start: call.target.span.end.saturating_sub(u32::try_from(op.len()).unwrap_or(0)), ..call.target.span };
        self.sink.push(Diagnostic::error("ARC571", span, format!("the {} `{name}` has no operation `{op}`", kind.name)).help(help));
        None
    }

    /// The block of a call: attributes, and what the target does.
    fn call_block(&mut self, owner: CompId, block: &ast::Block, depth: usize, last: bool) -> (Attrs, Vec<Step>) {
        let c = self.component(owner);
        let (name, kind) = (c.name.clone(), c.kind);
        let mut steps: Vec<&ast::Entry> = Vec::new();
        let mut sink = std::mem::take(self.sink);
        let ops = kind_ops(kind);
        let scope = Scope { ops: (&ops, false), ..self.scope() };
        let attrs = read_block(
            block,
            &call_property,
            &|| CALL.iter().map(|p| p.name).collect(),
            &format!("the call of `{name}`"),
            &scope,
            &mut sink,
            &mut |entry, sink| match &entry.kind {
                EntryKind::Chain(_) | EntryKind::Group { .. } => {
                    if !last {
                        sink.push(Diagnostic::error("ARC572", entry.span, format!("`{name}` calls in its braces and by the arrow after them")).help("a target in the middle of a chain has attributes only; put all its calls into one block"));
                    } else {
                        steps.push(entry);
                    }
                    true
                }
                EntryKind::Arm { span, .. } => {
                    sink.push(Diagnostic::error("ARC578", *span, "an arm stands outside of `choose`").help("write `choose { 99% { … } 1% { … } }`"));
                    true
                }
                EntryKind::Attr(a) if a.key.len() == 1 && a.key.first().is_some_and(|w| w.text == "else" || w.text == "fallback") => {
                    let word = a.key.first().map_or("", |w| w.text.as_str());
                    sink.push(Diagnostic::error("ARC576", a.key_span(), format!("`{word}` belongs to no call")).help(format!("it follows its call in the same line: `-> {} {word} {{ … }}`", if word == "else" { "hot.get" } else { "psp" })));
                    true
                }
                _ => false,
            },
        );
        *self.sink = sink;
        if let Some(first) = steps.first()
            && !kind.facets.calls
        {
            let span = first.span;
            self.cannot_call(kind, &name, span, "", "");
            return (attrs, Vec::new());
        }
        let steps = self.entries(owner, &steps, depth);
        (attrs, steps)
    }

    fn entries(&mut self, owner: CompId, entries: &[&ast::Entry], depth: usize) -> Vec<Step> {
        let mut out = Vec::new();
        for entry in entries {
            match &entry.kind {
                EntryKind::Chain(chain) => {
                    if let Some(origin) = &chain.origin {
                        let name = self.component(owner).name.clone();
                        if ["parallel", "choose", "else", "fallback"].contains(&origin.text.as_str()) {
                            let target = chain.calls.first().map_or("", |c| c.target.text.as_str());
                            let help = match origin.text.as_str() {
                                "parallel" => format!("write `parallel {{ -> {target} }}`, with two calls or more in it"),
                                "choose" => format!("write `choose {{ 90% {{ -> {target} }} 10% {{ }} }}`"),
                                word => format!("it follows its call in the same line: `-> first {word} {{ -> {target} }}`"),
                            };
                            self.sink.push(Diagnostic::error("ARC510", origin.span, format!("`{}` has no braces", origin.text)).help(help));
                            continue;
                        }
                        self.sink.push(
                            Diagnostic::error("ARC570", origin.span, format!("`{}` cannot start a call inside the block of `{name}`", origin.text))
                                .help(format!("each call in this block is made by `{name}`: start the line with the arrow")),
                        );
                        continue;
                    }
                    out.extend(self.calls(owner, &chain.calls, depth + 1));
                }
                EntryKind::Group { word, block } if word.text == "parallel" => {
                    let name = self.component(owner).name.clone();
                    let inner = self.steps(owner, block, depth, "parallel", &name);
                    out.push(Step::Parallel(inner));
                }
                EntryKind::Group { block, .. } => {
                    if let Some(step) = self.choose(owner, block, depth) {
                        out.push(step);
                    }
                }
                _ => {}
            }
        }
        out
    }

    /// A block that holds calls alone.
    fn steps(&mut self, owner: CompId, block: &ast::Block, depth: usize, word: &str, name: &str) -> Vec<Step> {
        if depth > MAX_NESTING {
            return Vec::new();
        }
        let mut calls = Vec::new();
        for entry in &block.entries {
            match &entry.kind {
                EntryKind::Chain(_) | EntryKind::Group { .. } => calls.push(entry),
                EntryKind::Attr(_) => self.sink.push(Diagnostic::error("ARC572", entry.span, format!("`{word} {{ … }}` holds calls alone")).help("attributes of a call stand in its own braces: `-> psp { timeout = 1s }`")),
                EntryKind::Arm { span, .. } => self.sink.push(Diagnostic::error("ARC578", *span, "an arm stands outside of `choose`").help("write `choose { 99% { … } 1% { … } }`")),
                EntryKind::Bad => {}
            }
        }
        if calls.is_empty() && block.entries.is_empty() {
            self.sink.push(Diagnostic::error("ARC570", block.span, format!("this `{word}` of `{name}` holds no call")).help("remove it, or say what is called: `-> orders.read`"));
        }
        self.entries(owner, &calls, depth + 1)
    }

    fn choose(&mut self, owner: CompId, block: &ast::Block, depth: usize) -> Option<Step> {
        let mut arms = Vec::new();
        let mut sum = 0.0;
        let mut fine = true;
        for entry in &block.entries {
            match &entry.kind {
                EntryKind::Arm { share, span, block } => {
                    if share.quantity.flavor != crate::units::Flavor::Percent {
                        self.sink.push(Diagnostic::error("ARC578", *span, format!("`{}` is not a share", share.text)).help(format!("write `{}% {{ … }}`", if share.quantity.value <= 1.0 { (share.quantity.value * 1000.0).round() / 10.0 } else { share.quantity.value })));
                        fine = false;
                        continue;
                    }
                    sum += share.quantity.value;
                    // An arm may be empty: nothing more is called.
                    let inner = if block.entries.is_empty() { Vec::new() } else { self.steps(owner, block, depth, "choose", "this component") };
                    arms.push((share.quantity.value, inner));
                }
                EntryKind::Bad => fine = false,
                _ => {
                    self.sink.push(Diagnostic::error("ARC578", entry.span, "`choose` holds arms alone").help("write `choose { 99% { … } 1% { … } }`"));
                    fine = false;
                }
            }
        }
        if fine && (sum - 1.0).abs() > 1e-9 {
            self.sink.push(Diagnostic::error("ARC578", block.span, format!("the arms of this `choose` sum to {}, not 100%", show_ratio(sum))).help("an arm may be empty: `choose { 90% { -> a } 10% { } }`"));
            return None;
        }
        Some(Step::Choose(arms))
    }
}
