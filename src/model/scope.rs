//! Names and zones that a value may refer to.
//!
//! In: the names that are known so far. Out: the context of one block. Never: a value read.

use super::eval::Lets;
use super::value::Origin;
use crate::base::{Span, nearest};
use crate::catalog;
use crate::diag::{Diagnostic, Sink};

/// Context in which the values of a block are read.
pub struct Scope<'a> {
    /// Named values.
    pub lets: &'a Lets,
    /// The prefix of the file.
    pub prefix: &'a str,
    /// Names of components, unqualified and qualified.
    pub components: &'a dyn Fn(&str) -> bool,
    /// Names of the zones.
    pub zones: &'a [String],
    /// Names of the regions; empty while they are being read.
    pub regions: &'a [String],
    /// Whether the provider has machines.
    pub machines: bool,
    /// The origin of written values.
    pub origin: Origin,
    /// Operations of the kind, for `ops { … }`: (names, whether others may be added).
    pub ops: (&'a [&'static str], bool),
}

/// The finding for a zone or region that the system does not have; `what` is "zone", "region" or both.
pub(super) fn unknown_place(text: &str, span: Span, what: &str, scope: &Scope) -> Diagnostic {
    let (zones, regions) = (what != "region", what != "zone");
    let all: Vec<&str> = scope
        .zones
        .iter()
        .filter(|_| zones)
        .chain(scope.regions.iter().filter(|_| regions))
        .map(String::as_str)
        .collect();
    let help = nearest(text, all.iter().copied()).map_or_else(
        || format!("this system has {}", all.iter().map(|z| format!("`{z}`")).collect::<Vec<_>>().join(" ")),
        |n| format!("did you mean `{n}`?"),
    );
    Diagnostic::error("ARC538", span, format!("`{text}` is no {what} of this system")).help(help)
}

/// Reports a machine that the catalog does not have.
pub(super) fn check_machine(name: &str, span: Span, scope: &Scope, sink: &mut Sink) -> Option<()> {
    if !scope.machines || catalog::machine(name).is_some() {
        return Some(());
    }
    let help = nearest(name, catalog::machines().map(|m| m.name.as_str())).map_or_else(
        || {
            family(name).unwrap_or_else(|| {
                "machines are named as the provider names them: `m7g.large`, `db.r6g.xlarge`, `cache.r7g.large`"
                    .to_owned()
            })
        },
        |n| format!("did you mean `{n}`?"),
    );
    sink.push(Diagnostic::error("ARC537", span, format!("the catalog has no machine `{name}`")).help(help));
    None
}

/// Machines whose names differ only in size.
fn family(name: &str) -> Option<String> {
    let (family, _) = name.rsplit_once('.')?;
    let all: Vec<String> = catalog::machines()
        .filter(|m| m.name.rsplit_once('.').is_some_and(|(f, _)| f == family))
        .map(|m| format!("`{}`", m.name))
        .collect();
    (!all.is_empty()).then(|| format!("the catalog has {}", all.join(" ")))
}
