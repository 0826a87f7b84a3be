//! Flows: chains and blocks to trees of calls, checked by what each kind may do.
//!
//! In: flow declarations of the AST. Out: flows, and findings. Never: a rate of a call.

use super::arithmetic::Num;
use super::attrs::{bad_name, read_block};
use super::bases::Ctx;
use super::keys;
use super::numbers::checked;
use super::scope::Scope;
use super::value::{Interval, Origin};
use super::{CompId, Component, Flow, Step};
use crate::base::Span;
use crate::diag::{Diagnostic, Sink};
use crate::kinds::{FLOW, Property, Range, Type};
use crate::resource::CountedPer;
use crate::syntax::ast::{self, Compare, Decl, EntryKind, ExprKind, Word};

pub(super) struct FlowReader<'a> {
    pub ctx: &'a Ctx<'a>,
    pub components: &'a [Component],
    pub sink: &'a mut Sink,
}

fn flow_property(name: &str) -> Option<&'static Property> {
    FLOW.iter().find(|p| p.name == name)
}

impl FlowReader<'_> {
    pub(super) fn component(&self, id: CompId) -> &Component {
        self.components.get(id.0).unwrap_or_else(|| unreachable!("ids are only made for components of this model"))
    }

    pub(super) fn scope(&self) -> Scope<'_> {
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

    /// Reads a flow; `None` if it has no usable chain.
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
            self.sink
                .push(Diagnostic::error("ARC535", base.span, "a flow has no base").help("presets are for components"));
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
                        None => sink.push(
                            Diagnostic::error("ARC542", entry.span, "`slo` is a block")
                                .help("write `slo { p99 <= 250ms, availability >= 99.9% }`"),
                        ),
                    }
                    true
                }
                EntryKind::Attr(a) => match (a.key.as_slice(), &a.value) {
                    ([key], Some((Compare::Is, _, expr))) if key.text == "rate" || key.text == "volume" => {
                        // A flow's rate may count per user; other attributes may not.
                        let hole = matches!(expr.kind, ExprKind::Hole(_));
                        let num = if hole {
                            sink.push(
                                Diagnostic::error("ARC545", expr.span, format!("`{}` cannot be solved for", key.text))
                                    .help("a rate is what the design must carry; `archc size --rate` asks for another"),
                            );
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
                            Diagnostic::error(
                                "ARC510",
                                a.key_span(),
                                format!("an arrow is missing between `{}` and `{}`", from.text, to.text),
                            )
                            .help(format!(
                                "write `{} -> {}`, or `~>` where the caller does not wait",
                                from.text, to.text
                            )),
                        );
                        true
                    }
                    _ => false,
                },
                EntryKind::Group { word, .. } => {
                    bad = true;
                    sink.push(
                        Diagnostic::error(
                            "ARC570",
                            word.span,
                            format!("`{}` stands in no component's block", word.text),
                        )
                        .help("start with the origin: `web -> api { parallel { … } }`"),
                    );
                    true
                }
                EntryKind::Arm { span, .. } => {
                    sink.push(
                        Diagnostic::error("ARC578", *span, "an arm outside of `choose`")
                            .help("write `choose { 99% { … } 1% { … } }` in the block of the component that chooses"),
                    );
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
            self.sink.push(
                Diagnostic::error("ARC570", at, format!("flow `{}` does not say where it starts", decl.name.text))
                    .help("name the origin before the first arrow: `web -> api`"),
            );
            return None;
        };
        let origin = self.origin(origin_word)?;
        let (rate, volume) = self.rates(&rates, origin);
        let slo = slos.iter().flat_map(|b| self.slo(b)).collect();
        let mut steps = self.calls(origin, &chain.calls, 1);
        let mut count = 0;
        Step::walk_mut(&mut steps, &mut |call| {
            call.id = count;
            count += 1;
        });
        Some(Flow {
            name,
            origin,
            attrs,
            rate,
            volume,
            load: 1.0,
            slo,
            steps,
            doc,
            span: decl.name.span,
            origin_span: origin_word.span,
        })
    }

    fn origin(&mut self, word: &Word) -> Option<CompId> {
        let id = self.resolve(word, "client")?.0;
        let c = self.component(id);
        if !c.kind.facets.starts && !self.ctx.unknown.contains(&id) {
            let message = format!("a flow cannot start at the {} `{}`", c.kind.name, c.name);
            self.sink.push(
                Diagnostic::error("ARC570", word.span, message)
                    .help("flows start at a client, a timer, a service or a queue"),
            );
            return None;
        }
        Some(id)
    }

    fn rates(&mut self, rates: &[(&Word, Span, Option<Num>)], origin: CompId) -> (Option<Interval>, Option<Interval>) {
        let (mut rate, mut volume) = (None, None);
        for (i, (key, span, num)) in rates.iter().enumerate() {
            if let Some((first, first_span, _)) = rates.get(..i).and_then(<[_]>::first) {
                let message = if first.text == key.text {
                    format!("`{}` is set twice", key.text)
                } else {
                    "a flow has a `rate` or a `volume`, not both".to_owned()
                };
                self.sink.push(
                    Diagnostic::error("ARC577", *span, message)
                        .related(*first_span, format!("`{}` here", first.text))
                        .help(if first.text == key.text {
                            "keep one of the two"
                        } else {
                            "`rate` is the peak, `volume` the mean; each follows from the other by `peak_to_mean`"
                        }),
                );
                continue;
            }
            let Some(num) = num else { continue };
            let mut num = num.clone();
            if num.per == Some(CountedPer::User) {
                let c = self.component(origin);
                let Some(users) = c.attrs.read(keys::USERS) else {
                    let d = Diagnostic::error(
                        "ARC549",
                        *span,
                        format!("`per user` needs the `users` of `{}`, which are not set", c.name),
                    )
                    .related(c.span, "here");
                    self.sink.push(d.help(format!("write `{} {} {{ users = 2M }}`", c.kind.name, c.name)));
                    continue;
                };
                num.per = None;
                num.value = Interval {
                    low: num.value.low * users.low,
                    mid: num.value.mid * users.mid,
                    high: num.value.high * users.high,
                };
            }
            let value = checked(&num, Type::Rate, Range::NonNegative, &key.text, *span, self.sink);
            if key.text == "rate" { rate = value } else { volume = value }
        }
        (rate, volume)
    }
}
