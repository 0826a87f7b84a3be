//! Losses: the design with some of its replicas lost.
//!
//! In: a model, what is lost. Out: another model whose components have `lost` replicas, and what is
//! unknown about it. Zones share replicas evenly and the first zones take the odd ones, unless
//! `place` or `zones` is set. So the first zone is the worst to lose if neither is set. A store
//! that loses its primary continues with a replica if `failover = auto`; with `failover = none` it
//! is lost. If the zone of the primary is not set, its loss is unknown, but `survive` assumes the
//! worst. Calls to a lost cache are misses; for any other lost component the `fallback` of the call
//! replaces it immediately. Never: a partition, the duration of a failover.

use super::keys;
use super::placement::whole_count;
use super::{Attr, Attrs, CompId, Component, Fault, Lost, Model, Origin, Place, Primary, Step, System, Value};
use super::{Reason, ReasonKind};
use crate::kinds::Serve;
use crate::model::Interval;
use crate::resource::Replication;
use crate::resource::{Failover, Survive};

/// A design after a loss.
#[derive(Clone, Debug)]
pub struct Lossy {
    /// Its name: `zone a`, `one replica of cart`.
    pub what: String,
    /// The lost zone, if a zone was lost.
    pub zone: Option<String>,
    /// The design after the loss.
    pub model: Model,
    /// Unknown conditions of its state.
    pub doubts: Vec<Reason>,
}

/// The rest of a component after a loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// Enough to continue; with a reason, only if that condition is true.
    Some(Option<Reason>),
    /// Nothing.
    Nothing,
}

impl Component {
    /// Removes `n` more of its replicas, wherever they are.
    pub fn lose(&mut self, n: f64, system: &System) -> Left {
        self.lost.anywhere = self.lost.anywhere.saturating_add(whole_count(n));
        self.fail_over(system)
    }

    /// Its state after a loss that may include its primary.
    fn fail_over(&mut self, system: &System) -> Left {
        let own = self.kind.facets.serve.is_some();
        if own && self.placement(system).is_ok_and(|p| p.total_left() == 0) {
            self.lost.all = true;
            return Left::Nothing;
        }
        let copies = self.kind.facets.serve == Some(Serve::Copies);
        let voted = self.replication().is_some_and(Replication::has_no_primary);
        if !copies || voted {
            return Left::Some(None);
        }
        match self.failover() {
            Some(Failover::Auto) => Left::Some(None),
            Some(Failover::None) => {
                self.lost.all = true;
                Left::Nothing
            }
            Some(Failover::Manual) => {
                let why = format!("`{}` goes on when somebody promotes a replica (`failover = manual`)", self.name);
                Left::Some(Some(Reason::of(ReasonKind::NotModelled, self, why)))
            }
            None => Left::Some(Some(Reason::missing(self, "failover"))),
        }
    }

    /// Removes its replicas in a zone. A primary elsewhere continues unchanged. A primary without a
    /// set zone is assumed to be in this zone if `worst`.
    pub fn lose_zone(&mut self, zone: &str, system: &System, worst: bool) -> Left {
        let gone = system.locations.zone(zone);
        let Ok(before) = self.placement(system) else { return Left::Some(None) };
        // An external system has no replicas in the zones of the design.
        if self.kind.facets.serve.is_none() || before.left_in(&gone) == 0 {
            return Left::Some(None);
        }
        let earlier = self.lost.clone();
        self.lost.at.extend(&gone);
        let copies = self.kind.facets.serve == Some(Serve::Copies);
        match before.primary {
            Primary::In(at) if copies && earlier.anywhere == 0 && !gone.contains(&at) && !earlier.at.contains(&at) => {
                Left::Some(None)
            }
            Primary::OneOf(_) if copies && !worst && !earlier.any() => {
                // The location of the primary does not matter if a replica takes over or votes.
                let sure = self.clone().fail_over(system) == Left::Some(None);
                let doubt = || {
                    let why = format!("`{}` does not set the zone of its `primary`", self.name);
                    Reason::missing_as(self, "primary", why)
                };
                Left::Some((!sure).then(doubt))
            }
            _ => self.fail_over(system),
        }
    }

    /// Whether its replicas can be lost one by one: their number is known.
    fn is_counted(&self) -> bool {
        match self.kind.facets.serve {
            None => false,
            Some(Serve::Nodes) if self.attrs.peek_at(keys::NODES).is_some() => {
                self.attrs.hole_at(keys::NODES).is_none()
            }
            Some(Serve::Nodes) => {
                self.attrs.hole_at(keys::REPLICAS).is_none() && self.attrs.hole_at(keys::SHARDS).is_none()
            }
            Some(Serve::Copies | Serve::Processes) => self.attrs.hole_at(keys::REPLICAS).is_none(),
        }
    }
}

impl Model {
    /// The losses that `survive` requires, one case each: none, each replica, or each zone.
    #[must_use]
    pub fn survivals(&self) -> Vec<Lossy> {
        match self.system.attrs.read(keys::SURVIVE).unwrap_or_default() {
            Survive::Replica => self
                .all()
                .filter(|(_, c)| c.is_counted() && !c.is_provided())
                .map(|(id, c)| {
                    let mut out = Lossy::new(self, format!("one replica of `{}`", c.name));
                    out.lose(id, 1.0);
                    out
                })
                .collect(),
            Survive::Zone => {
                let placed = self.components.iter().any(|c| {
                    let set = &c.attrs;
                    set.attr(keys::PLACE)
                        .or_else(|| set.attr(keys::ZONES))
                        .or_else(|| set.attr(keys::PRIMARY))
                        .is_some()
                });
                // With even shares the first zone has the odd replicas, so no other zone is worse.
                let zones = self.system.zones.iter().take(if placed { usize::MAX } else { 1 });
                zones.map(|z| self.zone_lost(z, true)).collect()
            }
            Survive::None | Survive::Region => Vec::new(),
        }
    }

    /// The design without one of its zones.
    #[must_use]
    pub fn without_zone(&self, zone: &str) -> Lossy {
        self.zone_lost(zone, false)
    }

    fn zone_lost(&self, zone: &str, worst: bool) -> Lossy {
        let mut out = Lossy::new(self, format!("zone {zone}"));
        out.zone = Some(zone.to_owned());
        for (id, _) in self.all().filter(|(_, c)| !c.is_provided()) {
            out.lose_zone(id, zone, worst);
        }
        let gone = out.model.system.locations.zone(zone);
        out.model.system.lost.extend(gone);
        out
    }

    /// The design without one component.
    #[must_use]
    pub fn without(&self, id: CompId) -> Lossy {
        let mut out = Lossy::new(self, self.component(id).name.clone());
        out.lose_all(id);
        out
    }

    /// The design after all faults of a scenario's `fail`.
    ///
    /// # Errors
    /// A region fails: failover between regions is not modeled.
    pub fn with_faults(&self, faults: &[Fault]) -> Result<Lossy, String> {
        let mut out = Lossy::new(self, String::new());
        for fault in faults {
            match fault {
                Fault::Place(Place::Zone(zone)) => {
                    let more = out.model.without_zone(zone);
                    out.model = more.model;
                    out.doubts.extend(more.doubts);
                }
                Fault::Place(Place::Region(_)) => {
                    return Err("scenarios that lose a region are not analysed yet".to_owned());
                }
                Fault::Place(Place::Component(id)) | Fault::Replicas(id, None) => out.lose_all(*id),
                Fault::Replicas(id, Some(n)) => out.lose(*id, *n),
                Fault::Primary(id) => out.lose(*id, 1.0),
            }
        }
        Ok(out)
    }
}

impl Lossy {
    fn new(model: &Model, what: String) -> Self {
        let mut model = model.clone();
        model.scenarios.clear();
        Self { what, zone: None, model, doubts: Vec::new() }
    }

    /// Removes `n` more replicas of a component.
    fn lose(&mut self, id: CompId, n: f64) {
        let Some(c) = self.model.components.get_mut(id.0) else { return };
        let left = c.lose(n, &self.model.system);
        self.take(id, left);
    }

    /// Removes the replicas of a component in a zone.
    fn lose_zone(&mut self, id: CompId, zone: &str, worst: bool) {
        let Some(c) = self.model.components.get_mut(id.0) else { return };
        let left = c.lose_zone(zone, &self.model.system, worst);
        self.take(id, left);
    }

    fn take(&mut self, id: CompId, left: Left) {
        match left {
            Left::Some(doubt) => self.doubts.extend(doubt),
            Left::Nothing => self.lose_all(id),
        }
    }

    fn lose_all(&mut self, id: CompId) {
        for flow in &mut self.model.flows {
            flow.steps = without(std::mem::take(&mut flow.steps), id);
        }
        let Some(c) = self.model.components.get_mut(id.0) else { return };
        c.lost.all = true;
        if c.kind.facets.misses {
            // Nobody waits for a lost cache: the caller continues as after a miss.
            c.lost = Lost::default();
            let zero = |attrs: &mut Attrs| {
                if let Some(a) = attrs.peek_at(keys::HIT).cloned() {
                    attrs.set(Attr { value: Value::Number(Interval::fixed(0.0)), ..a });
                }
            };
            zero(&mut c.attrs);
            if c.attrs.peek_at(keys::HIT).is_none()
                && let Some(property) = c.kind.property("hit")
            {
                let value = Value::Number(Interval::fixed(0.0));
                c.attrs.set(Attr {
                    id: super::trace::MADE,
                    property,
                    value,
                    origin: Origin::Scenario("loss".to_owned()),
                    span: None,
                    source: None,
                });
            }
            for flow in &mut self.model.flows {
                Step::walk_mut(&mut flow.steps, &mut |call| {
                    if call.target == id {
                        zero(&mut call.attrs);
                    }
                });
            }
        }
    }
}

/// Steps without calls to lost components: fallbacks replace them, and optional calls are left out.
fn without(steps: Vec<Step>, gone: CompId) -> Vec<Step> {
    let mut out = Vec::new();
    for mut step in steps {
        if let Step::Call(c) = &mut step
            && c.target == gone
        {
            if c.attrs.read(keys::OPTIONAL) == Some(true) {
                continue;
            }
            if !c.fallback.is_empty() {
                out.extend(without(std::mem::take(&mut c.fallback), gone));
                continue;
            }
        }
        for inner in step.inner_mut() {
            *inner = without(std::mem::take(inner), gone);
        }
        out.push(step);
    }
    out
}
