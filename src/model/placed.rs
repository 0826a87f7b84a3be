//! Counts that follow from `place`: its sum is `replicas`, or `nodes` for kinds that have them.
//!
//! In: the attributes of a component. Out: the count that `place` determines, set if the design
//! leaves it open or to a default; a finding if the design contradicts it. Never: the locations of
//! replicas.

use super::keys::{self, Number};
use super::{Attr, Attrs, Interval, Origin, Value};
use crate::base::Span;
use crate::diag::{Diagnostic, Sink};
use crate::kinds::{Kind, Serve};

/// The distance between a component and the origin of an attribute: kind, engine, preset,
/// component.
fn rank(origin: &Origin) -> u8 {
    match origin {
        Origin::Kind => 0,
        Origin::Engine(_) => 1,
        Origin::Preset(_) => 2,
        Origin::Written
        | Origin::Let
        | Origin::Scenario(_)
        | Origin::Placed
        | Origin::Plan
        | Origin::Solved
        | Origin::Followed => 3,
    }
}

/// The sum of `place`, if it is set.
fn sum(attrs: &Attrs) -> Option<(&Attr, Interval)> {
    let place = attrs.peek_at(keys::PLACE)?;
    let Value::Table(table) = &place.value else { return None };
    let of = |end: fn(&Interval) -> f64| table.iter().map(|(_, n)| end(n)).sum();
    Some((place, Interval { low: of(|n| n.low), mid: of(|n| n.mid), high: of(|n| n.high) }))
}

/// The attribute that the sum of `place` sets: `nodes` if `nodes` is set closer to the component
/// than `replicas`.
fn counted(attrs: &Attrs, kind: &Kind) -> &'static str {
    let near = |a: Option<&Attr>| a.map(|a| rank(&a.origin));
    let nodes = kind.facets.serve == Some(Serve::Nodes) && near(attrs.peek_at(keys::NODES)).is_some_and(|n| n > 0);
    if nodes && near(attrs.peek_at(keys::NODES)) > near(attrs.peek_at(keys::REPLICAS)) {
        keys::NODES.name()
    } else {
        keys::REPLICAS.name()
    }
}

/// Sets the count that `place` determines, or reports that the design contradicts it.
pub(super) fn decide(attrs: &mut Attrs, kind: &'static Kind, owner: &str, name: Span, sink: &mut Sink) {
    let Some((place, all)) = sum(attrs) else { return };
    let of = counted(attrs, kind);
    let Some(property) = kind.property(of) else { return };
    let at = place.span.unwrap_or(name);
    if all.high < 0.5 {
        sink.push(
            Diagnostic::error("ARC550", at, format!("`place` of {owner} sums to 0"))
                .help("write how many run in each zone: `place { a = 2, b = 1 }`"),
        );
        return;
    }
    let differs = |what: String, span: Option<Span>, label: String| {
        let mut d =
            Diagnostic::error("ARC550", at, format!("`place` of {owner} sums to {}, but `{of}` is {what}", all.mid))
                .label(format!("sums to {}", all.mid));
        if let Some(s) = span {
            d = d.related(s, label);
        }
        d.help(format!("`place` says where each of the `{of}` runs: leave `{of}` out, or make them agree"))
    };
    if let Some(a) = attrs.peek(of) {
        match &a.value {
            Value::Hole(hole) if !hole.allows(&super::Chosen::Count(all.mid)) => {
                sink.push(differs(
                    "a variable that does not allow it".to_owned(),
                    a.span,
                    "to be solved here".to_owned(),
                ));
                return;
            }
            Value::Hole(_) => {
                let mut d = Diagnostic::warning(
                    "ARC550",
                    a.span.unwrap_or(at),
                    format!("`{of}` of {owner} is not solved: `place` decides it, {}", all.mid),
                );
                if let Some(s) = place.span {
                    d = d.related(s, format!("sums to {}", all.mid));
                }
                sink.push(d.help(format!("leave `{of}` out, or leave `place` out to have it solved")));
            }
            Value::Number(n) if rank(&a.origin) >= rank(&place.origin).max(1) => {
                let either = ["replicas", "nodes"].iter().any(|name| {
                    kind.facets.serve == Some(Serve::Nodes)
                        && attrs.read_named::<Number>(name).is_some_and(|n| (n.mid - all.mid).abs() <= 1e-9)
                });
                if !n.is_spread() && !either && (all.mid - n.mid).abs() > 1e-9 {
                    sink.push(differs(n.mid.to_string(), a.span, format!("{} here", n.mid)));
                }
                return;
            }
            _ => {}
        }
    }
    let decided = Attr {
        id: super::trace::next(),
        property,
        value: Value::Number(all),
        origin: Origin::Placed,
        span: place.span,
        source: Some("`place` sums to it".to_owned()),
    };
    attrs.set(decided);
}

/// Sets the count of a `place` that a scenario sets.
pub(super) fn in_scenario(attrs: &mut Attrs, changes: &Attrs, kind: &'static Kind) {
    let of = counted(attrs, kind);
    if changes.peek_at(keys::PLACE).is_none() || changes.peek(of).is_some() {
        return;
    }
    let (Some((place, all)), Some(property)) = (sum(attrs), kind.property(of)) else { return };
    let decided = Attr {
        id: super::trace::next(),
        property,
        value: Value::Number(all),
        origin: place.origin.clone(),
        span: place.span,
        source: Some("`place` sums to it".to_owned()),
    };
    attrs.set(decided);
}
