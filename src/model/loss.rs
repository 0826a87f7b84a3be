//! Losses: the design with some of its replicas gone.
//!
//! In: a model, what is lost. Out: another model whose components have `lost` replicas,
//! and what the design does not say about it. Zones share replicas evenly, the first
//! zones the odd ones, unless `place` or `zones` say otherwise; so the first zone is the
//! worst to lose where neither does. A store whose primary is lost goes on with a replica
//! if `failover = auto`; with `failover = none` it is gone; where nobody says whether its
//! primary is in a lost zone that is in doubt, but `survive` takes the worst. A cache that
//! is gone answers with misses; for anything else that is gone the `fallback` of its
//! calls stands in at once. Never: a partition, what a failover takes.

use super::{Attr, Attrs, CompId, Component, Fault, Model, Origin, Place, Primary, Step, Value};
use crate::kinds::{Replication, Serve};
use crate::model::Interval;

/// A design after a loss.
#[derive(Clone, Debug)]
pub struct Lossy {
    /// What was lost, in words: `zone a`, `one replica of cart`.
    pub what: String,
    /// The design without it.
    pub model: Model,
    /// What is not known of it.
    pub doubts: Vec<String>,
}

/// What a loss leaves of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// Enough to go on, if what is in doubt is so.
    Some(Option<String>),
    /// Nothing.
    Nothing,
}

impl Component {
    /// Takes so many more of its pieces away.
    pub fn lose(&mut self, n: f64) -> Left {
        let all = self.pieces().unwrap_or(f64::INFINITY);
        self.lost = (self.lost + n).min(all);
        if self.lost >= all {
            return Left::Nothing;
        }
        let copies = self.kind.facets.serve == Some(Serve::Copies);
        let voted = self.replication().is_some_and(Replication::has_no_primary);
        if !copies || voted {
            return Left::Some(None);
        }
        match self.attrs.word("failover") {
            Some("auto") => Left::Some(None),
            Some("none") => {
                self.lost = all;
                Left::Nothing
            }
            Some(_) => Left::Some(Some(format!(
                "`{}` goes on when somebody promotes a replica (`failover = manual`)",
                self.name
            ))),
            None => Left::Some(Some(format!("`{}` does not say its `failover`", self.name))),
        }
    }

    /// Replicas, copies or nodes that can be lost one by one.
    pub(super) fn pieces(&self) -> Option<f64> {
        let number = |name: &str| self.attrs.peek(name).and_then(|_| self.attrs.number(name)).map(|n| n.mid);
        let hole = |name: &str| self.attrs.peek(name).is_some_and(|_| self.attrs.hole(name).is_some());
        let (first, second) = match self.kind.facets.serve? {
            Serve::Nodes if self.attrs.peek("nodes").is_some() => ("nodes", None),
            Serve::Nodes => ("replicas", Some("shards")),
            _ => ("replicas", None),
        };
        if hole(first) || second.is_some_and(hole) {
            return None;
        }
        Some(number(first).unwrap_or(1.0) * second.and_then(number).unwrap_or(1.0))
    }

    /// How many of its pieces are in a zone.
    #[must_use]
    pub fn in_zone(&self, zone: &str, zones: &[String]) -> f64 {
        let Some(n) = self.pieces() else { return 0.0 };
        let at = zones.iter().position(|z| z == zone);
        self.spread(n, zones).zip(at).and_then(|(each, at)| each.get(at).copied()).unwrap_or(0.0)
    }

    /// Takes its pieces in a zone away; a primary elsewhere goes on as it is. Where the design
    /// does not say where it is, it is in that zone if the `worst` is asked for.
    pub fn lose_zone(&mut self, zone: &str, zones: &[String], worst: bool) -> Left {
        let n = self.in_zone(zone, zones);
        if n <= 0.0 {
            return Left::Some(None);
        }
        let copies = self.kind.facets.serve == Some(Serve::Copies);
        let primary = self.pieces().and_then(|all| self.spread(all, zones)).map(|each| self.primary(&each, zones));
        let here = zones.iter().position(|z| z == zone);
        match (primary, here) {
            _ if !copies || self.lost > 0.0 => self.lose(n),
            (Some(Primary::In(at)), Some(here)) if at != here => {
                self.lost = n;
                Left::Some(None)
            }
            (Some(Primary::OneOf(_)), _) if !worst => {
                // With a replica that takes over, or votes, it is no matter.
                let sure = self.clone().lose(n) == Left::Some(None);
                self.lost = n;
                let doubt = format!("`{}` does not say in which zone its `primary` is", self.name);
                Left::Some((!sure).then_some(doubt))
            }
            _ => self.lose(n),
        }
    }
}

impl Model {
    /// What `survive` says must be lost, one loss a world: none, each replica, or each zone.
    #[must_use]
    pub fn survivals(&self) -> Vec<Lossy> {
        match self.system.attrs.word("survive").unwrap_or("none") {
            "replica" => self
                .all()
                .filter(|(_, c)| c.pieces().is_some() && !c.is_provided())
                .map(|(id, c)| {
                    let mut out = Lossy::new(self, format!("one replica of `{}`", c.name));
                    out.lose(id, 1.0);
                    out
                })
                .collect(),
            "zone" => {
                let says = |c: &Component, name| c.attrs.get(name).is_some();
                let placed = self.components.iter().any(|c| ["place", "zones", "primary"].iter().any(|n| says(c, n)));
                // Even shares put the odd replicas in the first zone: no other is worse.
                let zones = self.system.zones.iter().take(if placed { usize::MAX } else { 1 });
                zones.map(|z| self.zone_lost(z, true)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The design without one of its zones.
    #[must_use]
    pub fn without_zone(&self, zone: &str) -> Lossy {
        self.zone_lost(zone, false)
    }

    fn zone_lost(&self, zone: &str, worst: bool) -> Lossy {
        let mut out = Lossy::new(self, format!("zone {zone}"));
        for (id, _) in self.all().filter(|(_, c)| !c.is_provided()) {
            out.lose_zone(id, zone, worst);
        }
        out.model.system.lost.push(zone.to_owned());
        out
    }

    /// The design with one component gone.
    #[must_use]
    pub fn without(&self, id: CompId) -> Lossy {
        let mut out = Lossy::new(self, self.component(id).name.clone());
        out.lose_all(id);
        out
    }

    /// The design with everything that a scenario's `fail` names gone, or why that is not analysed.
    ///
    /// # Errors
    /// When a region fails: how regions stand in for each other is not modelled.
    pub fn with_faults(&self, faults: &[Fault]) -> Result<Lossy, String> {
        let mut out = Lossy::new(self, String::new());
        for fault in faults {
            match fault {
                Fault::Place(Place::Zone(zone)) => {
                    let zone = zone.rsplit('.').next().unwrap_or(zone);
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
        Self { what, model, doubts: Vec::new() }
    }

    /// Loses so many more pieces of a component.
    fn lose(&mut self, id: CompId, n: f64) {
        let Some(c) = self.model.components.get_mut(id.0) else { return };
        let left = c.lose(n);
        self.take(id, left);
    }

    /// Loses what is in a zone of a component.
    fn lose_zone(&mut self, id: CompId, zone: &str, worst: bool) {
        let Some(c) = self.model.components.get_mut(id.0) else { return };
        let left = c.lose_zone(zone, &self.model.system.zones, worst);
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
        c.lost = f64::INFINITY;
        if c.kind.facets.misses {
            // Nobody waits for what is gone: the caller goes on as after a miss.
            c.lost = 0.0;
            let zero = |attrs: &mut Attrs| {
                if let Some(a) = attrs.peek("hit").cloned() {
                    attrs.set(Attr { value: Value::Number(Interval::fixed(0.0)), ..a });
                }
            };
            zero(&mut c.attrs);
            if c.attrs.peek("hit").is_none()
                && let Some(property) = c.kind.property("hit")
            {
                let value = Value::Number(Interval::fixed(0.0));
                c.attrs.set(Attr {
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

/// Steps without the calls of what is gone: its fallback stands in, what is optional is left out.
fn without(steps: Vec<Step>, gone: CompId) -> Vec<Step> {
    let mut out = Vec::new();
    for step in steps {
        match step {
            Step::Call(c) if c.target == gone && c.attrs.flag("optional") == Some(true) => {}
            Step::Call(c) if c.target == gone && !c.fallback.is_empty() => out.extend(without(c.fallback, gone)),
            Step::Call(mut c) => {
                c.body = without(c.body, gone);
                c.on_miss = without(c.on_miss, gone);
                c.fallback = without(c.fallback, gone);
                out.push(Step::Call(c));
            }
            Step::Parallel(inner) => out.push(Step::Parallel(without(inner, gone))),
            Step::Choose(arms) => {
                out.push(Step::Choose(arms.into_iter().map(|(share, inner)| (share, without(inner, gone))).collect()));
            }
        }
    }
    out
}
