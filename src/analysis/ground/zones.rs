//! States of the zones, on which availability is conditioned.
//!
//! In: `zone_availability`, the zones that are left. Out: every set of working zones, with its
//! probability. Zones fail independently, each with all replicas in it: a replica works if and only
//! if its zone and its node work. Without `zone_availability` zones never fail, and
//! [`availability_note`] states it. With several regions the result is unknown, because the language
//! has no failover between regions. Never: the availability of a component.

use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{Basis, Component, Model};

/// Maximum number of zones that fail: all their states are enumerated.
const MOST: usize = 8;

/// The assumptions of an availability figure, shown beside each figure.
#[must_use]
pub fn availability_note(model: &Model) -> &'static str {
    if model.system.attrs.read(keys::ZONE_AVAILABILITY).is_some() && fail_together(model) {
        "exact for replicas that fail independently and zones that take theirs with them; replicas without `place` are assumed in the first zones, so single ones fail together; the time that a failover takes is not in it"
    } else if model.system.attrs.read(keys::ZONE_AVAILABILITY).is_some() {
        "exact for replicas that fail independently and zones that take theirs with them; the time that a failover takes is not in it"
    } else {
        "exact for replicas that fail independently; the system sets no `zone_availability`, so zones never fail; the time that a failover takes is not in it"
    }
}

/// Whether several components have fewer replicas than zones and no `place`.
/// All of them are then assumed to be in the first zones.
fn fail_together(model: &Model) -> bool {
    let few = |c: &&Component| {
        let own = c.kind.facets.serve.is_some() && !c.is_provided();
        own && c
            .placement(&model.system)
            .is_ok_and(|p| p.basis == Basis::Spread && p.leaves_out(&c.locations(&model.system)))
    };
    model.components.iter().filter(few).count() > 1
}

/// The states of the zones, with their probabilities.
#[derive(Clone, Debug)]
pub struct Zones {
    /// Indices of the system's zones that are left after a loss.
    pub live: Vec<usize>,
    /// Availability of one zone; `None` if zones never fail.
    pub each: Option<f64>,
    /// Why the availability of components in zones is unknown, if it is.
    pub unknown: Option<Reason>,
    /// Probability of each set of working zones; bit `i` of the index stands for `live[i]`.
    states: Vec<f64>,
}

impl Zones {
    /// The zones of a design.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let system = &model.system;
        let live = system.live_zones();
        let each = system.attrs.read(keys::ZONE_AVAILABILITY).map(|a| a.mid.clamp(0.0, 1.0));
        let mut out = Self { live, each, unknown: None, states: vec![1.0] };
        let Some(up) = each else { return out };
        if system.regions.len() > 1 {
            out.unknown = Some(Reason::new(
                ReasonKind::NotModelled,
                "with several regions and `zone_availability`: failover between regions is not modeled",
            ));
        } else if out.live.len() > MOST {
            out.unknown = Some(Reason::new(
                ReasonKind::TooLarge,
                format!("zones that fail are computed for at most {MOST} of them"),
            ));
        } else {
            out.states.clear();
            for bits in 0..1_usize << out.live.len() {
                let one = |at: usize| if bits >> at & 1 == 1 { up } else { 1.0 - up };
                out.states.push((0..out.live.len()).map(one).product());
            }
        }
        if out.unknown.is_some() {
            out.each = None;
        }
        out
    }

    /// Every possible state, with its probability.
    pub fn states(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.states.iter().copied().enumerate().filter(|(_, p)| *p > 0.0)
    }

    /// The number of states.
    #[must_use]
    pub fn count(&self) -> usize {
        self.states.len()
    }

    /// Whether the zone `live[at]` works in a state.
    #[must_use]
    pub fn works(&self, state: usize, at: usize) -> bool {
        self.each.is_none() || state >> at & 1 == 1
    }

    /// The mean of a function over all states.
    pub fn mean(&self, of: impl Fn(usize) -> f64) -> f64 {
        self.states().map(|(s, p)| p * of(s)).sum()
    }
}
