//! `runtime`: which service of the provider runs the programs of a design.
//!
//! In: `runtime` of the system and of components, `instance`. Out: errors if the two contradict
//! each other or nothing builds the runtime. Never: a price or a size.

use super::keys;
use super::value::{Attr, Attrs};
use super::{Component, System};
use crate::base::Span;
use crate::diag::{Diagnostic, Sink};
use crate::kinds::Serve;

/// The words of `runtime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// A container of a size that the provider sells.
    Fargate,
    /// A machine, named by `instance`.
    Ec2,
    /// A function; not built yet.
    Lambda,
    /// A pod of a cluster; not built yet.
    Kubernetes,
}

impl Runtime {
    fn of(word: &str) -> Option<Self> {
        match word {
            "fargate" => Some(Self::Fargate),
            "ec2" => Some(Self::Ec2),
            "lambda" => Some(Self::Lambda),
            "kubernetes" => Some(Self::Kubernetes),
            _ => None,
        }
    }

    /// The word in a design.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fargate => "fargate",
            Self::Ec2 => "ec2",
            Self::Lambda => "lambda",
            Self::Kubernetes => "kubernetes",
        }
    }
}

/// A runtime with the source location that sets it.
type Set = (Runtime, Span);

fn set(attrs: &Attrs, owner: Span) -> Option<Set> {
    let runtime = attrs.read(keys::RUNTIME).and_then(Runtime::of)?;
    Some((runtime, attrs.peek_at(keys::RUNTIME).and_then(|a| a.span).unwrap_or(owner)))
}

/// Reports every `runtime` that no backend builds or that contradicts the rest of the design.
pub(super) fn check(system: &System, components: &[Component], sink: &mut Sink) {
    let whole = system.span.and_then(|span| set(&system.attrs, span));
    if let Some((runtime, at)) = whole {
        alone(system, runtime, at, "the system", sink);
    }
    for c in components.iter().filter(|c| c.kind.facets.serve == Some(Serve::Processes)) {
        let own = set(&c.attrs, c.span);
        if let Some((runtime, at)) = own {
            let sound = alone(system, runtime, at, &format!("`{}`", c.name), sink);
            if sound && c.is_provided() {
                sink.push(
                    Diagnostic::error("ARC553", at, format!("the provider runs `{}`: it has no `runtime`", c.name))
                        .label("decides nothing")
                        .help(format!("leave `runtime` out, or give `{}` its `replicas` or an `instance`", c.name)),
                );
                continue;
            }
        }
        let Some((runtime, at)) = own.or(whole).filter(|_| system.has_provider && !c.is_provided()) else { continue };
        match (runtime, c.attrs.peek_at(keys::INSTANCE)) {
            (Runtime::Fargate, Some(instance)) => sink.push(with_machine(c, instance, at)),
            (Runtime::Ec2, None) => sink.push(
                Diagnostic::error("ARC553", c.span, format!("`{}` runs on EC2 and names no machine", c.name))
                    .label("has no `instance`")
                    .related(at, "`ec2` here")
                    .help("write `instance = m7g.large`, `instance = ?`, or `runtime = fargate`"),
            ),
            (Runtime::Fargate | Runtime::Ec2 | Runtime::Lambda | Runtime::Kubernetes, _) => {}
        }
    }
}

/// Reports a runtime that no backend builds; returns whether it is valid.
fn alone(system: &System, runtime: Runtime, at: Span, owner: &str, sink: &mut Sink) -> bool {
    if !system.has_provider {
        let mut d = Diagnostic::error("ARC553", at, format!("{owner} has a `runtime`, and the system has no provider"))
            .label("a service of a provider");
        if let Some(none) = system.attrs.peek_at(keys::PROVIDER).and_then(|a| a.span) {
            d = d.related(none, "`none` here");
        }
        sink.push(d.help("leave `runtime` out, or set `provider = aws`"));
        return false;
    }
    if matches!(runtime, Runtime::Lambda | Runtime::Kubernetes) {
        sink.push(
            Diagnostic::error("ARC552", at, format!("archc does not build or price `{}` yet", runtime.word()))
                .help("write `runtime = fargate`, or `runtime = ec2` with an `instance`"),
        );
        return false;
    }
    true
}

fn with_machine(c: &Component, instance: &Attr, at: Span) -> Diagnostic {
    let d = Diagnostic::error(
        "ARC553",
        instance.span.unwrap_or(c.span),
        format!("`{}` names a machine, and its runtime is `fargate`", c.name),
    );
    d.label("Fargate runs containers, not machines")
        .related(at, "`fargate` here")
        .help("leave `instance` out and set `cores` and `memory`, or write `runtime = ec2`")
}
