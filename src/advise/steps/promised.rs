//! How often what a step adds is up, where the design asks about availability: what the provider's
//! terms promise (AWS service level agreements, 2026-09: Elastic Load Balancing 99.99%, `CloudFront` 99.9%,
//! one EC2 machine 99.5%; of a node of a cache or a broker that of one machine).
//!
//! In: a design. Out: an attribute to write, and the assumption to say. Never: a promise of anybody for a
//! design that has no provider.

use super::{At, Made};

/// The provider's balancer.
pub(super) const BALANCER: f64 = 99.99;
/// The provider's CDN.
pub(super) const EDGE: f64 = 99.9;
/// One machine.
pub(super) const MACHINE: f64 = 99.5;

/// The attribute of a new component, if the design asks for availability; the assumption goes into what was made.
pub(super) fn up(at: &At, name: &str, percent: f64, made: &mut Made) -> String {
    let model = &at.draft.model;
    let of = |slos: &[crate::model::Slo]| slos.iter().any(|s| s.metric.name == "availability");
    let asked = model.flows.iter().any(|f| of(&f.slo))
        || model.scenarios.iter().flat_map(|s| &s.expect).any(|e| match e {
            crate::model::Expectation::Targets(_, slos) => of(slos),
            crate::model::Expectation::Answer(..) => false,
        });
    if !model.system.has_provider || !asked {
        return String::new();
    }
    made.assumed.push(format!("`{name}` is up {percent}% of the time, as the provider promises"));
    format!(", availability = {percent}%")
}
