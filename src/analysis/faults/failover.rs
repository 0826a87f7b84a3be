//! What availability takes for granted of primaries: where they are, who promotes a replica.
//!
//! In: the design, its facts. Out: words behind a number, and what would change it. A zone
//! of a primary that is not said is the worst one ([`crate::analysis::faults::placements`]); a `failover` that is not
//! said counts as `manual`, the least that it may be, and what `auto` would give is told
//! beside. Computed where it is shown, never while sizing.

use crate::analysis::faults::availability::Structure;
use crate::analysis::faults::component_availability::{SAME, component_up};
use crate::analysis::faults::placements::Worst;
use crate::analysis::ground::resource::Utilization;
use crate::kinds::Serve;
use crate::model::keys;
use crate::model::trace;
use crate::model::{Attr, CompId, Component, Flow, Model, Origin, Value};
use crate::units::show_nines;
use std::collections::BTreeSet;

/// What a flow would have if some stores promoted a replica by themselves.
struct Promoted {
    /// The stores.
    stores: Vec<CompId>,
    /// Its availability then.
    availability: f64,
}

/// Whether copies follow a primary that nothing is said to replace by itself.
fn waits_for_somebody(c: &Component) -> bool {
    c.kind.facets.serve == Some(Serve::Copies)
        && !c.is_provided()
        && !matches!(c.attrs.read(keys::REPLICATION), Some("quorum" | "consensus" | "multi_primary" | "none"))
        && c.attrs.read(keys::FAILOVER) != Some("auto")
        && c.replicas().is_ok_and(|n| n > 1.0)
}

fn unsaid(c: &Component) -> bool {
    waits_for_somebody(c) && c.attrs.read(keys::FAILOVER).is_none()
}

/// The same store with `failover = auto`.
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
    /// A flow with stores of a sort that promote a replica by themselves, if it gains by it.
    fn promoted(
        &self,
        model: &Model,
        utilization: &[Utilization],
        flow: &Flow,
        of: impl Fn(&Component) -> bool,
    ) -> Option<Promoted> {
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
        (!stores.is_empty() && availability > now + SAME).then_some(Promoted { stores, availability })
    }

    /// What a flow's availability takes for granted of primaries, where that decides it, in
    /// words: they stand behind a number.
    #[must_use]
    pub fn taken(&self, model: &Model, utilization: &[Utilization], flow: &Flow, worst: &Worst) -> Option<String> {
        let auto = self.promoted(model, utilization, flow, unsaid).map(|p| {
            format!(
                "with nobody to promote a replica of {}; with `failover = auto` {}: say `failover`",
                names(model, &p.stores),
                show_nines(p.availability)
            )
        });
        let all: Vec<String> = self.note(model, worst).into_iter().chain(auto).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// What to say of primaries so that a flow meets its target, where that is enough: `value`
    /// is what it has now, failed requests included.
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
            let placed: Vec<CompId> = worst.taken.keys().copied().collect();
            return Some(format!(
                "say `primary` of {}: where it is worst the flow has {}, where it is best {}",
                names(model, &placed),
                show_nines(worst.low),
                show_nines(worst.high)
            ));
        }
        let all = self.promoted(model, utilization, flow, waits_for_somebody).filter(|p| meets(p.availability))?;
        Some(format!(
            "`failover = auto` for {}, if something promotes a replica: then the flow has {}",
            names(model, &all.stores),
            show_nines(all.availability)
        ))
    }

    /// What the availability of a component alone takes for granted of its primary.
    #[must_use]
    pub fn taken_of(&self, model: &Model, utilization: &[Utilization], id: CompId) -> Option<String> {
        let up = self.ups.get(id.0)?.as_ref().ok()?;
        let (low, high) = up.ends(&self.zones);
        let mut all = Vec::new();
        if high > low + SAME {
            all.push(format!("the worst of all zones of its primary; {} at best: say `primary`", show_nines(high)));
        }
        let c = model.component(id);
        if unsaid(c)
            && let Ok(auto) = component_up(model, &self.zones, &with_auto(c)?, utilization.get(id.0)?)
            && auto.availability(&self.zones) > low + SAME
        {
            let then = show_nines(auto.availability(&self.zones));
            all.push(format!("with nobody to promote a replica; with `failover = auto` {then}: say `failover`"));
        }
        (!all.is_empty()).then(|| all.join("; "))
    }
}
