//! Failover assumptions of availability: the zones of primaries, and promotion of replicas.
//!
//! In: the design, its facts. Out: text on the assumptions of a number and on their
//! alternatives. An undeclared primary is in its worst zone
//! ([`crate::analysis::faults::placements`]). A missing `failover` counts as `manual`, its
//! worst value, and the result with `auto` is shown next to it.
//! Computed only where it is shown, never while sizing.

use crate::analysis::faults::availability::Structure;
use crate::analysis::faults::component_availability::{SAME, component_up};
use crate::analysis::faults::placements::WorstPlacement;
use crate::analysis::ground::resource::Utilization;
use crate::kinds::Serve;
use crate::model::keys;
use crate::model::trace;
use crate::model::{Attr, CompId, Component, Flow, Model, Origin, Value};
use crate::resource::{Failover, Replication};
use crate::units::show_nines;
use std::collections::BTreeSet;

/// The result of automatic failover of some stores for a flow.
struct AutoFailover {
    /// The stores with automatic failover.
    stores: Vec<CompId>,
    /// The flow's availability then.
    availability: f64,
}

/// Whether the replicas of a store follow a primary without automatic failover.
fn lacks_auto_failover(c: &Component) -> bool {
    c.kind.facets.serve == Some(Serve::Copies)
        && !c.is_provided()
        && !c.replication().is_some_and(|r| r.has_no_primary() || r == Replication::None)
        && c.attrs.read(keys::FAILOVER).and_then(Failover::of) != Some(Failover::Auto)
        && c.replicas().is_ok_and(|n| n > 1.0)
}

/// Whether such a store has no `failover` attribute.
fn lacks_failover(c: &Component) -> bool {
    lacks_auto_failover(c) && c.attrs.read(keys::FAILOVER).is_none()
}

/// A copy of the store with `failover = auto`.
fn with_auto(c: &Component) -> Option<Component> {
    let property = c.kind.property("failover")?;
    let mut out = c.clone();
    let (value, origin) = (Value::Word("auto".to_owned()), Origin::Scenario("failover".to_owned()));
    out.attrs.set(Attr { id: trace::MADE, property, value, origin, span: None, source: None });
    Some(out)
}

fn names(model: &Model, ids: &[CompId]) -> String {
    ids.iter().map(|id| format!("`{}`", model.component(*id).name)).collect::<Vec<_>>().join(", ")
}

impl Structure {
    /// The flow with automatic failover of the stores that `of` selects; none if it gains nothing.
    fn with_auto_failover(
        &self,
        model: &Model,
        utilization: &[Utilization],
        flow: &Flow,
        of: impl Fn(&Component) -> bool,
    ) -> Option<AutoFailover> {
        let form = self.form(model, flow).ok()?;
        let needed: BTreeSet<CompId> = form.vars().map(|(id, _)| id).collect();
        let mut changed = self.clone();
        let mut stores = Vec::new();
        for id in needed {
            let c = model.component(id);
            if !of(c) {
                continue;
            }
            let up = component_up(model, &self.zones, &with_auto(c)?, utilization.get(id.0)?);
            if let Some(slot) = changed.ups.get_mut(id.0) {
                *slot = up;
                stores.push(id);
            }
        }
        let now = self.availability(model, flow).ok()?;
        let availability = changed.availability(model, flow).ok()?;
        (!stores.is_empty() && availability > now + SAME).then_some(AutoFailover { stores, availability })
    }

    /// The assumptions on primaries that decide a flow's availability, as text to follow a
    /// number; none if no assumption changes it.
    #[must_use]
    pub fn primary_assumptions(
        &self,
        model: &Model,
        utilization: &[Utilization],
        flow: &Flow,
        worst: &WorstPlacement,
    ) -> Option<String> {
        let auto = self.with_auto_failover(model, utilization, flow, lacks_failover).map(|p| {
            format!(
                "with nobody to promote a replica of {}; with `failover = auto` {}: say `failover`",
                names(model, &p.stores),
                show_nines(p.availability)
            )
        });
        let all: Vec<String> = self.note(model, worst).into_iter().chain(auto).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// The attributes of primaries that would make a flow meet its target, as text; none if no
    /// such change is enough. `value` is the flow's availability now, failed requests included.
    #[must_use]
    pub fn culprit(
        &self,
        model: &Model,
        utilization: &[Utilization],
        flow: &Flow,
        (value, target): (f64, f64),
    ) -> Option<String> {
        let worst = self.worst(model, flow).ok()?;
        let meets = |a: f64| worst.low > 0.0 && a * (value / worst.low) >= target;
        if meets(worst.high) {
            let placed: Vec<CompId> = worst.placement.keys().copied().collect();
            return Some(format!(
                "say `primary` of {}: where it is worst the flow has {}, where it is best {}",
                names(model, &placed),
                show_nines(worst.low),
                show_nines(worst.high)
            ));
        }
        let all =
            self.with_auto_failover(model, utilization, flow, lacks_auto_failover).filter(|p| meets(p.availability))?;
        Some(format!(
            "`failover = auto` for {}, if something promotes a replica: then the flow has {}",
            names(model, &all.stores),
            show_nines(all.availability)
        ))
    }

    /// The assumptions on the primary that decide the availability of a component, as text.
    #[must_use]
    pub fn component_assumptions(&self, model: &Model, utilization: &[Utilization], id: CompId) -> Option<String> {
        let up = self.ups.get(id.0)?.as_ref().ok()?;
        let (low, high) = up.ends(&self.zones);
        let mut all = Vec::new();
        if high > low + SAME {
            all.push(format!("the worst of all zones of its primary; {} at best: say `primary`", show_nines(high)));
        }
        let c = model.component(id);
        if lacks_failover(c)
            && let Ok(auto) = component_up(model, &self.zones, &with_auto(c)?, utilization.get(id.0)?)
            && auto.availability(&self.zones) > low + SAME
        {
            let then = show_nines(auto.availability(&self.zones));
            all.push(format!("with nobody to promote a replica; with `failover = auto` {then}: say `failover`"));
        }
        (!all.is_empty()).then(|| all.join("; "))
    }
}
