//! ARC600: rules that the design declares.

use super::{Context, Lint, Report};
use crate::base::Span;
use crate::diag::{Diagnostic, Severity};
use crate::model::{CompId, Flow, Matcher, Statement, Step, Value};
use std::collections::{BTreeMap, BTreeSet};

pub(super) static LINT: Lint = Lint {
    code: "ARC600",
    title: "A rule of the design is broken",
    severity: Severity::Error,
    page: "The design states a `rule` and does not keep it: `deny path A -> B avoiding C`, `deny call A -> B`, `only A calls B`, `require ATTR = V on KIND`, `max_depth N`, `deny cycle`, `max_fan_out N`, `deny kind K`. A, B and C are kinds, components or tags; the message in the rule says why it exists. A path is one request's way from its origin down; what a queue's consumer does is a request of its own.\n\nSource: fitness functions for architecture, Ford, Parsons, Kua, Building Evolutionary Architectures, 2017.",
    bad: "arch 1\nclient web {}\nservice app {}\ndatabase db {}\nflow f { rate = 1 rps, web -> app { -> db.read } }\nrule r { deny path client -> database avoiding gateway }\n",
    good: "arch 1\nclient web {}\ngateway api {}\nservice app {}\ndatabase db {}\nflow f { rate = 1 rps, web -> api -> app { -> db.read } }\nrule r { deny path client -> database avoiding gateway }\n",
    run,
};

fn run(ctx: &Context, report: &mut Report) {
    for rule in &ctx.model.rules {
        for (statement, message, span) in &rule.statements {
            let mut say = |text: String, at: Span, about: Option<CompId>| {
                let mut d = Diagnostic::new(LINT.severity, LINT.code, at, format!("rule `{}`: {text}", rule.name))
                    .related(*span, "the rule");
                if let Some(m) = message {
                    d = d.help(m.clone());
                }
                if let Some(id) = about {
                    d = d.about(ctx.model.component(id).name.clone());
                }
                report.push(d);
            };
            check(ctx, statement, &mut say);
        }
    }
}

fn set(ctx: &Context, m: &Matcher) -> BTreeSet<CompId> {
    ctx.model.all().filter(|(id, c)| m.matches(*id, c)).map(|(id, _)| id).collect()
}

fn check(ctx: &Context, statement: &Statement, say: &mut dyn FnMut(String, Span, Option<CompId>)) {
    let model = ctx.model;
    let name = |id: CompId| model.component(id).name.as_str();
    match statement {
        Statement::DenyPath(a, b, avoiding) => {
            let (from, to) = (set(ctx, a), set(ctx, b));
            let avoid = avoiding.as_ref().map(|c| set(ctx, c)).unwrap_or_default();
            let mut found: BTreeMap<(CompId, CompId), Vec<CompId>> = BTreeMap::new();
            for flow in &model.flows {
                paths(flow, &mut |way| {
                    let Some(end) = way.last().filter(|id| to.contains(id)) else { return };
                    // The nearest component upstream that matches, unless one to avoid is between.
                    let above = way.get(..way.len() - 1).unwrap_or(&[]);
                    let between = above.iter().rposition(|id| avoid.contains(id)).map_or(0, |i| i + 1);
                    if let Some(start) = above.iter().rposition(|id| from.contains(id)).filter(|i| *i >= between)
                        && let Some(part) = way.get(start..)
                        && let Some(first) = part.first()
                    {
                        found.entry((*first, *end)).or_insert_with(|| part.to_vec());
                    }
                });
            }
            for ((from, _), path) in found {
                let way: Vec<&str> = path.iter().map(|id| name(*id)).collect();
                let but = avoiding
                    .as_ref()
                    .map_or_else(String::new, |c| format!(" that avoids every {}", c.describe(&model.components)));
                say(format!("there is a path{but}: {}", way.join(" -> ")), model.component(from).span, Some(from));
            }
        }
        Statement::DenyCall(a, b) => {
            let (from, to) = (set(ctx, a), set(ctx, b));
            for e in ctx.graph.edges().filter(|e| from.contains(&e.from) && to.contains(&e.to)) {
                say(format!("`{}` calls `{}`", name(e.from), name(e.to)), model.component(e.from).span, Some(e.from));
            }
        }
        Statement::OnlyCalls(a, b) => {
            let (from, to) = (set(ctx, a), set(ctx, b));
            for e in ctx.graph.edges().filter(|e| !from.contains(&e.from) && to.contains(&e.to)) {
                say(
                    format!(
                        "`{}` calls `{}`, and only {} may",
                        name(e.from),
                        name(e.to),
                        a.describe(&model.components)
                    ),
                    model.component(e.from).span,
                    Some(e.from),
                );
            }
        }
        Statement::Require(attr, value, on) => {
            for id in set(ctx, on) {
                let c = model.component(id);
                let found = c.attrs.get(attr);
                let fine = match (found, value) {
                    (Some(_), None) => true,
                    (Some(a), Some(v)) => shown(&a.value) == *v || written(&a.value, v),
                    (None, _) => false,
                };
                if !fine {
                    let want = value.as_ref().map_or_else(|| format!("`{attr}`"), |v| format!("`{attr} = {v}`"));
                    say(format!("{} `{}` lacks {want}", c.kind.name, c.name), c.span, Some(id));
                }
            }
        }
        Statement::MaxDepth(n) => {
            for flow in &model.flows {
                let d = depth(flow);
                if d > *n {
                    say(format!("flow `{}` is {d} calls deep; {n} are allowed", flow.name), flow.span, None);
                }
            }
        }
        Statement::DenyCycle => {
            for ring in ctx.graph.cycles(false) {
                let Some(start) = ring.first().copied() else { continue };
                let mut way: Vec<&str> = ring.iter().map(|id| name(*id)).collect();
                way.push(name(start));
                say(format!("there is a cycle: {}", way.join(" -> ")), model.component(start).span, Some(start));
            }
        }
        Statement::MaxFanOut(n) => {
            for (id, c) in model.all() {
                let out = ctx.graph.callees(id).map(|e| e.to).collect::<BTreeSet<_>>().len();
                let out = f64::from(u32::try_from(out).unwrap_or(u32::MAX));
                if out > *n {
                    say(format!("`{}` calls {out} components; {n} are allowed", c.name), c.span, Some(id));
                }
            }
        }
        Statement::DenyKind(kind) => {
            for (id, c) in model.all().filter(|(_, c)| c.kind.name == kind.name) {
                say(format!("`{}` is a {}, which this design does without", c.name, kind.name), c.span, Some(id));
            }
        }
    }
}

/// Visits every call of a flow with the components from its origin down to it.
fn paths(flow: &Flow, visit: &mut dyn FnMut(&[CompId])) {
    Step::descend(flow.origin, &flow.steps, &vec![flow.origin], &mut |_, call, above: &Vec<CompId>| {
        let mut way = above.clone();
        way.push(call.target);
        visit(&way);
        way
    });
}

/// Longest run of calls that are waited for.
fn depth(flow: &Flow) -> f64 {
    let mut most = 0.0_f64;
    // Asynchronous calls and all calls below them do not count.
    Step::descend(flow.origin, &flow.steps, &Some(0.0), &mut |_, call, above: &Option<f64>| {
        let here = above.filter(|_| !call.is_async).map(|d| d + 1.0);
        most = most.max(here.unwrap_or(0.0));
        here
    });
    most
}

fn shown(value: &Value) -> String {
    match value {
        Value::Bool(b) => b.to_string(),
        Value::Word(w) => w.clone(),
        Value::Number(n) => n.mid.to_string(),
        Value::Shards(inner, _) => shown(inner),
        _ => String::new(),
    }
}

/// Whether a literal of a rule (`30 days`, `99.9%`) equals that value.
fn written(value: &Value, literal: &str) -> bool {
    let number = match value {
        Value::Number(n) => n.mid,
        Value::Latency(l) => l.mean.mid,
        _ => return false,
    };
    let parsed = crate::syntax::parse_quantity(literal);
    parsed.is_some_and(|q| (q.value - number).abs() <= 1e-12 * q.value.abs().max(number.abs()))
}
