//! Chains of calls: the parts of a call, each once and in order.
//!
//! In: the pair of one chain. Out: its calls, and findings. Never: whether the callee exists.

use super::super::Rule;
use super::super::ast::{Call, Chain, Word};
use super::{Lower, P};
use crate::base::Span;
use crate::diag::Diagnostic;
use crate::units::{Dim, Flavor};

impl Lower<'_> {
    pub(super) fn chain(&mut self, pair: P) -> Chain {
        let mut chain = Chain { origin: None, calls: Vec::new() };
        let mut arrow = None;
        for p in pair.into_inner() {
            match p.as_rule() {
                Rule::word => chain.origin = Some(self.word(&p)),
                Rule::arrow => arrow = Some((p.as_str() == "~>", self.span(&p))),
                _ => {
                    let Some((is_async, at)) = arrow else { continue };
                    let call = self.target(p, is_async, at);
                    chain.calls.push(call);
                }
            }
        }
        chain
    }

    fn target(&mut self, pair: P, is_async: bool, arrow: Span) -> Call {
        let span = arrow.to(self.span(&pair));
        let mut call = Call {
            span,
            is_async,
            target: Word { text: String::new(), span },
            times: None,
            share: None,
            block: None,
            else_block: None,
            fallback: None,
        };
        let mut reached = 0;
        for p in pair.into_inner() {
            let at = self.span(&p);
            let (rank, name) = match p.as_rule() {
                Rule::word => {
                    call.target = self.word(&p);
                    continue;
                }
                Rule::times => (1, p.as_str().trim()),
                Rule::probability => (2, p.as_str().trim()),
                Rule::block => (3, "{ … }"),
                Rule::else_part => (4, "else"),
                _ => (5, "fallback"),
            };
            if rank <= reached {
                let again = matches!(
                    (rank, &call),
                    (1, Call { times: Some(_), .. })
                        | (2, Call { share: Some(_), .. })
                        | (3, Call { block: Some(_), .. })
                        | (4, Call { else_block: Some(_), .. })
                        | (5, Call { fallback: Some(_), .. })
                );
                let kind = match rank {
                    1 => "x3",
                    2 => "30%",
                    _ => name,
                };
                let message = if again {
                    format!("this call has two parts like `{kind}`")
                } else {
                    format!("`{name}` stands too late in this call")
                };
                self.error(
                    Diagnostic::error("ARC576", at, message)
                        .help("a call is written `-> target x3 30% { … } else { … } fallback { … }`, each part once and in this order"),
                );
            }
            reached = reached.max(rank);
            match p.as_rule() {
                Rule::times | Rule::probability => {
                    let Some(n) = p.into_inner().next() else { continue };
                    let number_span = self.span(&n);
                    let Some(n) = self.number(&n) else { continue };
                    if rank == 1 {
                        if n.quantity.dim != Dim::NONE || n.quantity.flavor != Flavor::Plain {
                            let d = Diagnostic::error(
                                "ARC576",
                                number_span,
                                format!("`x{}` is not a number of calls", n.text),
                            );
                            self.error(d.help("`x3` makes three calls, `x0.5` one call half the time"));
                            continue;
                        }
                        call.times = Some((n, at));
                    } else {
                        if n.quantity.flavor != Flavor::Percent {
                            let help = if n.quantity.flavor == Flavor::Factor {
                                format!("a number of calls is written x first: `x{}`", n.text.trim_end_matches('x'))
                            } else {
                                format!("`x{0}` makes {0} calls, `30%` one call with that probability", n.text)
                            };
                            self.error(
                                Diagnostic::error("ARC576", number_span, format!("`{}` is not a probability", n.text))
                                    .help(help),
                            );
                            continue;
                        }
                        call.share = Some((n, at));
                    }
                }
                Rule::block => call.block = Some(self.block(p)),
                Rule::else_part => call.else_block = p.into_inner().next().map(|b| self.block(b)),
                _ => call.fallback = p.into_inner().next().map(|b| self.block(b)),
            }
        }
        call
    }
}
