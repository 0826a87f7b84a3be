//! Calls of flows: targets, operations, blocks, and what each kind may do.
//!
//! In: chains and blocks of the AST. Out: steps, and findings. Never: a rate.

use super::attrs::read_block;
use super::bases::kind_ops;
use super::flows::FlowReader;
use super::scope::Scope;
use super::value::Attrs;
use super::{Call, CompId, Step};
use crate::base::{Span, nearest};
use crate::diag::Diagnostic;
use crate::kinds::{CALL, Property};
use crate::syntax::MAX_NESTING;
use crate::syntax::ast::{self, EntryKind, Word};
use crate::units::show_ratio;

fn call_property(name: &str) -> Option<&'static Property> {
    CALL.iter().find(|p| p.name == name)
}

impl FlowReader<'_> {
    /// A name, or a name and an operation: `orders`, `orders.write`, `pay.orders.write`.
    pub(super) fn resolve(&mut self, word: &Word, kind: &str) -> Option<(CompId, Option<String>)> {
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
        // The name may exist under another prefix, or without one.
        let last = |n: &str| n.rsplit('.').next().unwrap_or("").to_owned();
        let elsewhere = if self.sink.is_crowded() {
            None
        } else {
            word.text.split('.').find_map(|part| self.ctx.names.keys().find(|n| last(n) == part))
        };
        let near = elsewhere
            .map(String::as_str)
            .or_else(|| self.sink.propose(bare, self.ctx.names.keys().map(String::as_str)))
            .or_else(|| self.sink.propose(&word.text, self.ctx.names.keys().map(String::as_str)));
        let op = word.text.split_once('.').map(|(_, op)| op);
        let kind = op
            .and_then(|op| {
                crate::kinds::KINDS
                    .iter()
                    .find(|k| k.ops.iter().skip(usize::from(k.facets.calls)).any(|o| o.name == op))
            })
            .map_or(kind, |k| k.name);
        let help =
            near.map_or_else(|| format!("declare it: `{kind} {bare} {{ }}`"), |n| format!("did you mean `{n}`?"));
        self.sink.push(Diagnostic::error("ARC530", word.span, format!("no component is named `{bare}`")).help(help));
        None
    }

    /// A chain: each target makes the next call.
    pub(super) fn calls(&mut self, owner: CompId, calls: &[ast::Call], depth: usize) -> Vec<Step> {
        let Some((first, rest)) = calls.split_first() else { return Vec::new() };
        if depth > MAX_NESTING {
            self.sink.push(
                Diagnostic::error("ARC503", first.span, format!("calls are nested deeper than {MAX_NESTING}"))
                    .help("a request that deep is easier to read as several flows"),
            );
            return Vec::new();
        }
        self.call(owner, first, rest, depth).map_or_else(Vec::new, |c| vec![Step::Call(Box::new(c))])
    }

    fn call(&mut self, owner: CompId, call: &ast::Call, rest: &[ast::Call], depth: usize) -> Option<Call> {
        let resolved = self.resolve(&call.target, "service");
        let Some((target, op)) = resolved else {
            // Names in the remaining calls are still checked.
            return None;
        };
        let caller = self.component(owner);
        let c = self.component(target);
        let facets = c.kind.facets;
        let (caller_name, name, kind) = (caller.name.clone(), c.name.clone(), c.kind);
        if !facets.target {
            self.sink.push(
                Diagnostic::error("ARC579", call.target.span, format!("the {} `{name}` cannot be called", kind.name))
                    .help(if kind.facets.origin {
                        "a timer starts flows: `nightly -> report`"
                    } else {
                        "a monitor watches by itself; it is no part of a flow"
                    }),
            );
            return None;
        }
        if facets.origin && !call.is_async {
            self.sink.push(
                Diagnostic::error("ARC572", call.target.span, format!("the client `{name}` cannot be called"))
                    .help(format!("clients are pushed to: `~> {name}`")),
            );
            return None;
        }
        let (op_name, writes) = self.operation(c.kind, &name, op, call)?;
        let mut out = Call {
            id: 0,
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
            self.sink.push(
                Diagnostic::error("ARC543", *at, format!("a probability cannot be {}", show_ratio(out.share)))
                    .help("write `x3` for three calls"),
            );
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
                    Diagnostic::error(
                        "ARC574",
                        call.target.span,
                        format!("`{}` cannot miss, so `else` never runs", call.target.text),
                    )
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
        self.sink.push(
            Diagnostic::error("ARC573", span, format!("the {} `{name}` never calls anything", kind.name)).help(help),
        );
    }

    fn operation(
        &mut self,
        kind: &'static crate::kinds::Kind,
        name: &str,
        op: Option<String>,
        call: &ast::Call,
    ) -> Option<(String, bool)> {
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
        let slips = [
            ("insert", "write"),
            ("update", "write"),
            ("put", "write"),
            ("select", "read"),
            ("query", "read"),
            ("get", "read"),
            ("send", "publish"),
            ("produce", "publish"),
            ("push", "publish"),
            ("fetch", "get"),
            ("read", "get"),
            ("write", "put"),
            ("upload", "put"),
            ("invalidate", "delete"),
            ("evict", "delete"),
            ("put", "set"),
            ("write", "set"),
            ("write", "publish"),
        ];
        let near = slips
            .iter()
            .find(|(f, t)| *f == op && all.contains(t))
            .map(|(_, t)| *t)
            .or_else(|| nearest(&op, all.iter().copied()));
        let list = all.iter().map(|o| format!("`{o}`")).collect::<Vec<_>>().join(" ");
        let help = match near {
            None if kind.facets.buffers
                && ["consume", "receive", "read", "poll", "subscribe", "pull", "take", "get"]
                    .contains(&op.as_str()) =>
            {
                format!("a flow that starts at the queue takes from it: `flow {name}_work {{ {name} ~> worker }}`")
            }
            Some(n) => format!("did you mean `{name}.{n}`?"),
            None if kind.facets.calls => format!("describe it: `ops {{ {op} {{ cpu = 5ms }} }}` in `{name}`"),
            None => format!("its operations are {list}"),
        };
        let span = Span {
            start: call.target.span.end.saturating_sub(u32::try_from(op.len()).unwrap_or(0)),
            ..call.target.span
        };
        self.sink.push(
            Diagnostic::error("ARC571", span, format!("the {} `{name}` has no operation `{op}`", kind.name)).help(help),
        );
        None
    }

    /// The block of a call: its attributes, and the calls that the target makes.
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
                    sink.push(
                        Diagnostic::error("ARC578", *span, "an arm outside of `choose`")
                            .help("write `choose { 99% { … } 1% { … } }`"),
                    );
                    true
                }
                EntryKind::Attr(a)
                    if a.key.len() == 1 && a.key.first().is_some_and(|w| w.text == "else" || w.text == "fallback") =>
                {
                    let word = a.key.first().map_or("", |w| w.text.as_str());
                    sink.push(Diagnostic::error("ARC576", a.key_span(), format!("`{word}` belongs to no call")).help(
                        format!(
                            "it follows its call in the same line: `-> {} {word} {{ … }}`",
                            if word == "else" { "hot.get" } else { "psp" }
                        ),
                    ));
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
                                "parallel" => {
                                    format!("write `parallel {{ -> {target} }}`, with two calls or more in it")
                                }
                                "choose" => format!("write `choose {{ 90% {{ -> {target} }} 10% {{ }} }}`"),
                                word => {
                                    format!("it follows its call in the same line: `-> first {word} {{ -> {target} }}`")
                                }
                            };
                            self.sink.push(
                                Diagnostic::error("ARC510", origin.span, format!("`{}` has no braces", origin.text))
                                    .help(help),
                            );
                            continue;
                        }
                        self.sink.push(
                            Diagnostic::error(
                                "ARC570",
                                origin.span,
                                format!("`{}` cannot start a call inside the block of `{name}`", origin.text),
                            )
                            .help(format!(
                                "each call in this block is made by `{name}`: start the line with the arrow"
                            )),
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

    /// A block that contains only calls.
    fn steps(&mut self, owner: CompId, block: &ast::Block, depth: usize, word: &str, name: &str) -> Vec<Step> {
        if depth > MAX_NESTING {
            return Vec::new();
        }
        let mut calls = Vec::new();
        for entry in &block.entries {
            match &entry.kind {
                EntryKind::Chain(_) | EntryKind::Group { .. } => calls.push(entry),
                EntryKind::Attr(_) => self.sink.push(
                    Diagnostic::error("ARC572", entry.span, format!("`{word} {{ … }}` holds calls alone"))
                        .help("attributes of a call stand in its own braces: `-> psp { timeout = 1s }`"),
                ),
                EntryKind::Arm { span, .. } => self.sink.push(
                    Diagnostic::error("ARC578", *span, "an arm outside of `choose`")
                        .help("write `choose { 99% { … } 1% { … } }`"),
                ),
                EntryKind::Bad => {}
            }
        }
        if calls.is_empty() && block.entries.is_empty() {
            self.sink.push(
                Diagnostic::error("ARC570", block.span, format!("this `{word}` of `{name}` holds no call"))
                    .help("remove it, or say what is called: `-> orders.read`"),
            );
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
                        self.sink.push(
                            Diagnostic::error("ARC578", *span, format!("`{}` is not a share", share.text)).help(
                                format!(
                                    "write `{}% {{ … }}`",
                                    if share.quantity.value <= 1.0 {
                                        (share.quantity.value * 1000.0).round() / 10.0
                                    } else {
                                        share.quantity.value
                                    }
                                ),
                            ),
                        );
                        fine = false;
                        continue;
                    }
                    sum += share.quantity.value;
                    // An arm may be empty: it makes no calls.
                    let inner = if block.entries.is_empty() {
                        Vec::new()
                    } else {
                        self.steps(owner, block, depth, "choose", "this component")
                    };
                    arms.push((share.quantity.value, inner));
                }
                EntryKind::Bad => fine = false,
                _ => {
                    self.sink.push(
                        Diagnostic::error("ARC578", entry.span, "`choose` holds arms alone")
                            .help("write `choose { 99% { … } 1% { … } }`"),
                    );
                    fine = false;
                }
            }
        }
        if fine && (sum - 1.0).abs() > 1e-9 {
            self.sink.push(
                Diagnostic::error(
                    "ARC578",
                    block.span,
                    format!("the arms of this `choose` sum to {}, not 100%", show_ratio(sum)),
                )
                .help("an arm may be empty: `choose { 90% { -> a } 10% { } }`"),
            );
            return None;
        }
        Some(Step::Choose(arms))
    }
}
