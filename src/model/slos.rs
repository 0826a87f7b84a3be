//! Targets of flows: `slo { … }`.
//!
//! In: the block. Out: targets, and findings. Never: a judgement.

use super::Slo;
use super::flows::FlowReader;
use super::numbers::checked;
use crate::base::{Span, nearest};
use crate::diag::Diagnostic;
use crate::kinds::{METRICS, MODELS, MetricType, Range, Type, metric};
use crate::syntax::ast::{self, Compare, EntryKind, ExprKind, Word};
use crate::units::Dim;

impl FlowReader<'_> {
    /// Reads `slo { … }`.
    pub(super) fn slo(&mut self, block: &ast::Block) -> Vec<Slo> {
        let mut out: Vec<Slo> = Vec::new();
        for entry in &block.entries {
            let EntryKind::Attr(a) = &entry.kind else {
                if !matches!(entry.kind, EntryKind::Bad) {
                    self.sink.push(
                        Diagnostic::error("ARC581", entry.span, "an slo holds targets alone")
                            .help("write `slo { p99 <= 250ms, availability >= 99.9% }`"),
                    );
                }
                continue;
            };
            let Some(key) = a.key.first().filter(|_| a.key.len() == 1) else {
                self.sink.push(
                    Diagnostic::error("ARC581", entry.span, "a target is one metric and its bound")
                        .help("write `p99 <= 250ms`"),
                );
                continue;
            };
            let Some(m) = metric(&key.text) else {
                let slips = [
                    ("latency", "p99"),
                    ("p99_latency", "p99"),
                    ("uptime", "availability"),
                    ("error_rate", "errors"),
                    ("p999", "p999"),
                    ("p99_9", "p999"),
                    ("avg", "mean"),
                    ("median", "p50"),
                    ("freshness", "staleness"),
                    ("throughput", "rate"),
                    ("rate", "rate"),
                ];
                let near = slips
                    .iter()
                    .find(|(f, _)| *f == key.text)
                    .map(|(_, t)| *t)
                    .or_else(|| nearest(&key.text, METRICS.iter().map(|m| m.name)));
                let help = match near {
                    Some("rate") => "throughput is the flow's own `rate`: the design must carry it".to_owned(),
                    Some(n) => format!("did you mean `{n}`?"),
                    None => format!(
                        "metrics are {}",
                        METRICS.iter().map(|m| format!("`{}`", m.name)).collect::<Vec<_>>().join(" ")
                    ),
                };
                self.sink.push(
                    Diagnostic::error("ARC581", key.span, format!("`{}` is not a metric of an slo", key.text))
                        .help(help),
                );
                continue;
            };
            if let Some(first) = out.iter().find(|s| s.metric.name == m.name) {
                self.sink.push(
                    Diagnostic::error("ARC541", key.span, format!("`{}` has two targets", m.name))
                        .related(first.span, "first here")
                        .help("keep the tighter one"),
                );
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
            self.sink.push(Diagnostic::error("ARC515", key.span, format!("`{}` has no bound", m.name)).help(format!(
                "write `{} {} {example}`",
                m.name,
                want.symbol()
            )));
            return None;
        };
        if *op != want {
            self.sink.push(
                Diagnostic::error(
                    "ARC581",
                    *at,
                    format!("`{}` is bounded with `{}`, not with `{}`", m.name, want.symbol(), op.symbol()),
                )
                .help(format!("write `{} {} {example}`", m.name, want.symbol())),
            );
            return None;
        }
        if m.ty == MetricType::Model {
            let ExprKind::Word(w) = &expr.kind else {
                self.sink.push(
                    Diagnostic::error("ARC542", expr.span, "`consistency` expects a model")
                        .help(format!("one of {}", MODELS.map(|w| format!("`{w}`")).join(" "))),
                );
                return None;
            };
            if !MODELS.contains(&w.as_str()) {
                let slips = [
                    ("strong", "linearizable"),
                    ("serializable", "linearizable"),
                    ("session", "read_your_writes"),
                    ("weak", "eventual"),
                    ("ryw", "read_your_writes"),
                ];
                let d = match slips.iter().find(|(f, _)| f == w) {
                    Some((_, to)) => Diagnostic::error("ARC544", expr.span, format!("`consistency` cannot be `{w}`"))
                        .help(format!("write `{to}`")),
                    None => super::values::not_one_of("consistency", w, expr.span, &MODELS),
                };
                self.sink.push(d);
                return None;
            }
            return Some(Slo { metric: m, target: 0.0, model: Some(w.clone()), span });
        }
        let num = match &expr.kind {
            ExprKind::Text(_) | ExprKind::List(_) | ExprKind::Phrase(_) | ExprKind::Hole(_) => {
                self.sink.push(
                    Diagnostic::error(
                        "ARC542",
                        expr.span,
                        format!("`{}` expects a bound, not {}", m.name, super::expressions::describe(&expr.kind)),
                    )
                    .help(format!("write `{} {} {example}`", m.name, want.symbol())),
                );
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
            self.sink.push(
                Diagnostic::error(
                    "ARC542",
                    expr.span,
                    format!("`cost` expects money per requests, not {}", num.noun()),
                )
                .help("write `cost <= $0.10 per 1k`; the whole system's cost is `budget` of the system"),
            );
            return None;
        }
        let value = checked(&num, ty, range, m.name, expr.span, self.sink)?;
        Some(Slo {
            metric: m,
            target: if want == Compare::AtLeast { value.high } else { value.low },
            model: None,
            span,
        })
    }
}
