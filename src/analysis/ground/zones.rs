//! Zones that fail: the states that availability is conditioned on.
//!
//! In: `zone_availability`, the zones that are left. Out: every set of zones that work, with
//! its probability: zones fail independently of each other, each with all that is in it
//! (NUMBERS: a replica works if and only if its zone and its node do). Without
//! `zone_availability` zones do not fail, which [`availability_note`] says. Regions: how
//! they stand in for each other is not in the language, so with several the answer is a reason.

use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{Basis, Component, Model};

/// Most zones that fail: their states are enumerated.
const MOST: usize = 8;

/// What the figures of availability leave out, beside every one that is shown.
#[must_use]
pub fn availability_note(model: &Model) -> &'static str {
    if model.system.attrs.read(keys::ZONE_AVAILABILITY).is_some() && fail_together(model) {
        "exact for replicas that fail independently and zones that take theirs with them; replicas without `place` are assumed in the first zones, so single ones fail together; the time that a failover takes is not in it"
    } else if model.system.attrs.read(keys::ZONE_AVAILABILITY).is_some() {
        "exact for replicas that fail independently and zones that take theirs with them; the time that a failover takes is not in it"
    } else {
        "exact for replicas that fail independently; the system says no `zone_availability`, so zones never fail; the time that a failover takes is not in it"
    }
}

/// Whether several components have fewer replicas than there are zones, and no `place`: the
/// first zones are assumed for all of them.
fn fail_together(model: &Model) -> bool {
    let few = |c: &&Component| {
        let own = c.kind.facets.serve.is_some() && !c.is_provided();
        own && c
            .placement(&model.system)
            .is_ok_and(|p| p.basis == Basis::Spread && p.leaves_out(&c.locations(&model.system)))
    };
    model.components.iter().filter(few).count() > 1
}

/// The states of the zones.
#[derive(Clone, Debug)]
pub struct Zones {
    /// Indices of the system's zones that are left.
    pub live: Vec<usize>,
    /// Share of time that one works; none where they never fail.
    pub each: Option<f64>,
    /// What keeps components in zones from an answer.
    pub unknown: Option<Reason>,
    /// By set of working zones, as bits in the order of `live`.
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
                "with several regions and `zone_availability`: how regions stand in for each other is not modelled",
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

    /// Every state with its probability.
    pub fn states(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.states.iter().copied().enumerate().filter(|(_, p)| *p > 0.0)
    }

    /// How many states there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.states.len()
    }

    /// Whether a zone of `live` works in a state.
    #[must_use]
    pub fn works(&self, state: usize, at: usize) -> bool {
        self.each.is_none() || state >> at & 1 == 1
    }

    /// The mean over all states.
    pub fn mean(&self, of: impl Fn(usize) -> f64) -> f64 {
        self.states().map(|(s, p)| p * of(s)).sum()
    }
}
