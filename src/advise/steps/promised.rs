//! Availability of added components, if the design has availability targets: that of the provider's
//! service level agreements (AWS: Elastic Load Balancing, 2022-07, 99.99% over several zones and
//! 99.9% in one; `CloudFront` 99.9%; one EC2 machine 99.5%). A node of a cache or a broker counts
//! as one machine.
//!
//! In: a design. Out: an attribute to write, and the assumption to report. Never: an availability
//! for a design without a provider.

use super::{At, Made};
use crate::model::{Expectation, Model, Slo};

/// The provider's balancer, over several zones or in one.
pub(super) fn balancer(model: &Model) -> f64 {
    if model.system.zones.len() > 1 { 99.99 } else { 99.9 }
}
/// The provider's CDN.
pub(super) const EDGE: f64 = 99.9;
/// One machine.
pub(super) const MACHINE: f64 = 99.5;

/// The attribute of a new component, if the design has availability targets; the assumption is
/// added to `made`.
pub(super) fn up(at: &At, name: &str, percent: f64, made: &mut Made) -> String {
    let model = &at.draft.model;
    let of = |slos: &[Slo]| slos.iter().any(|s| s.metric.name == "availability");
    let asked = model.flows.iter().any(|f| of(&f.slo))
        || model.scenarios.iter().flat_map(|s| &s.expect).any(|e| match e {
            Expectation::Targets(_, slos) => of(slos),
            Expectation::Answer(..) => false,
        });
    if !model.system.has_provider || !asked {
        return String::new();
    }
    made.assumed.push(format!("`{name}` is up {percent}% of the time, as the provider promises"));
    format!(", availability = {percent}%")
}
