//! The system of a design: provider, zones, regions and the daily profile.
//!
//! In: the declarations of all files. Out: the system, and findings. Never: a component.

use super::attrs::{bad_name, read_block};
use super::bases::defaults;
use super::eval::Lets;
use super::loaded::Declared;
use super::scope::Scope;
use super::value::{Attr, Attrs, Origin, Value};
use super::{Locations, System, keys, trace};
use crate::diag::{Diagnostic, Sink};
use crate::kinds::{self, SYSTEM};
use crate::syntax::ast::{self, Expr, ExprKind};
use std::collections::BTreeSet;

/// Reads the one system of the root file.
pub(super) fn read(decls: &[Declared], lets: &Lets, sink: &mut Sink) -> System {
    let mut found: Option<&Declared> = None;
    for d in decls.iter().filter(|d| d.decl.head.text == "system") {
        if !d.loaded.root {
            // The system of an imported file describes only that file.
            continue;
        }
        if let Some(first) = found {
            sink.push(
                Diagnostic::error("ARC531", d.decl.name.span, "a design has one system")
                    .related(first.decl.name.span, "first here")
                    .help("keep one of the two"),
            );
            continue;
        }
        found = Some(d);
    }
    let all_zones: Vec<String> = (b'a'..=b'z').map(|b| char::from(b).to_string()).collect();
    let mut attrs = Attrs::default();
    if let Some(d) = found {
        if let Some(d) = bad_name(&d.decl.name) {
            sink.push(d);
        }
        if let Some(block) = &d.decl.block {
            let machines = !block.entries.iter().any(|e| matches!(&e.kind, ast::EntryKind::Attr(a) if a.key.first().is_some_and(|w| w.text == "provider") && matches!(&a.value, Some((_, _, Expr { kind: ExprKind::Word(w), .. })) if w == "none")));
            let none = |_: &str| false;
            let scope = Scope {
                lets,
                prefix: &d.loaded.prefix,
                components: &none,
                zones: &all_zones,
                regions: &[],
                machines,
                origin: Origin::Written,
                ops: (&[], false),
            };
            attrs = read_block(
                block,
                &|n| SYSTEM.iter().find(|p| p.name == n),
                &|| SYSTEM.iter().map(|p| p.name).collect(),
                "the system",
                &scope,
                sink,
                &mut |_, _| false,
            );
        }
    }
    attrs.fill_from(&defaults(SYSTEM.iter()));
    let profile = kinds::SYSTEM.iter().find_map(|p| match (p.name, p.ty) {
        ("profile", kinds::Type::Block(inner)) => Some(inner),
        _ => None,
    });
    let profile_defaults = profile.map(|p| defaults(p.iter())).unwrap_or_default();
    let written = attrs.read(keys::PROFILE).cloned().unwrap_or_default();
    let peak_to_mean =
        written.read(keys::PEAK_TO_MEAN).or_else(|| profile_defaults.read(keys::PEAK_TO_MEAN)).map_or(1.0, |v| v.mid);
    let trough = written.read(keys::TROUGH).or_else(|| profile_defaults.read(keys::TROUGH)).map_or(1.0, |v| v.mid);
    let peak_hour = written.attr(keys::PEAK_HOUR).or_else(|| profile_defaults.attr(keys::PEAK_HOUR));
    let peak_hour = match peak_hour.map(|a| &a.value) {
        Some(Value::Clock(minutes)) => f64::from(*minutes) * 60.0,
        _ => 0.0,
    };
    let has_provider = attrs.read(keys::PROVIDER) != Some("none");
    // Without a provider, network times are only those that the design sets.
    if has_provider
        && let Some(p) = SYSTEM.iter().find(|p| p.name == "network")
        && let kinds::Type::Block(inner) = p.ty
    {
        let mut base = Attrs::default();
        let value = Value::Block(defaults(inner.iter()));
        base.set(Attr { id: trace::next(), property: p, value, origin: Origin::Kind, span: None, source: None });
        attrs.fill_from(&base);
    }
    let count = attrs.read(keys::ZONES).map_or(1.0, |v| v.mid);
    let zones: Vec<String> = all_zones
        .into_iter()
        .enumerate()
        .filter(|(i, _)| f64::from(u32::try_from(*i).unwrap_or(99)) < count)
        .map(|(_, z)| z)
        .collect();
    let mut regions = attrs.read(keys::REGIONS).unwrap_or_default().to_vec();
    if regions.is_empty() {
        regions = attrs.read(keys::REGION).unwrap_or_default().to_vec();
    }
    let locations = Locations::new(&regions, &zones);
    System {
        name: found.map(|d| d.decl.name.text.clone()),
        attrs,
        zones,
        locations,
        lost: BTreeSet::new(),
        regions,
        has_provider,
        peak_to_mean,
        trough,
        peak_hour,
        span: found.map(|d| d.decl.name.span),
    }
}
