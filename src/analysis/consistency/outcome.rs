//! Outcome of a flow for a client on one side of a partition.
//!
//! In: the flow's calls, replicas by location, behavior of stores, utilization.
//! Out: works, stale or fails in the steady state; effects on data; reasons; missing attributes.
//! A request enters at a location. Each call goes to a replica at the same location, else to the first
//! reachable one. Provider-managed components and external systems are everywhere. A reachable cache
//! answers its hits until they expire; the component behind it decides the outcome. A side with more than
//! half of the locations takes the whole load, any other its share. Locations that reach each other
//! through others are one side. Never: an outcome before the steady state.

use super::copies::Answer;
use super::copies::Ask;
use super::copies::Fate;
use super::copies::Flag;
use super::labels::Open;
use super::net::Net;
use super::net::Place;
use super::room::ReducedCapacity;
use super::room::guards;
use super::room::reduced_capacities;
use super::setting;
use crate::analysis::facts::Facts;
use crate::analysis::ground::machines::provided;
use crate::analysis::ground::resource::Utilization;
use crate::kinds::{Absorb, Serve};
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::keys::{Key, Number};
use crate::model::{Call, CompId, FlowId, Model, Step};
use crate::theory::numeric::count;
use crate::units::show_time;
use std::collections::{BTreeMap, BTreeSet};

/// The outcome for a client.
#[derive(Clone, Debug)]
pub struct Fated {
    /// The worst possible answer.
    pub worst: Answer,
    /// The best possible answer.
    pub best: Answer,
    /// The missing attribute, if the two differ.
    pub doubt: Option<Reason>,
    /// Reasons for a failure or a stale answer, as text.
    pub why: Vec<String>,
    /// Transient behavior before the steady state, as text.
    pub first: Vec<String>,
}

impl Fated {
    fn fine() -> Self {
        let works = Answer { fate: Fate::Works, flags: BTreeSet::new() };
        Self { worst: works.clone(), best: works, doubt: None, why: Vec::new(), first: Vec::new() }
    }

    fn fails(why: String) -> Self {
        let no = Answer { fate: Fate::Fails, flags: BTreeSet::new() };
        Self { worst: no.clone(), best: no, why: vec![why], ..Self::fine() }
    }

    fn then(mut self, other: Self) -> Self {
        self.worst = self.worst.meet(&other.worst);
        self.best = self.best.meet(&other.best);
        self.doubt = self.doubt.or(other.doubt);
        self.why.extend(other.why);
        self.first.extend(other.first);
        self
    }

    /// The answer, if the worst and the best are equal.
    ///
    /// # Errors
    /// The missing attribute that decides.
    pub fn known(&self) -> Result<&Answer, Reason> {
        if self.worst == self.best {
            Ok(&self.worst)
        } else {
            Err(self
                .doubt
                .clone()
                .unwrap_or_else(|| Reason::new(ReasonKind::Missing, "the design does not say enough")))
        }
    }
}

/// Inputs of the outcome of flows.
pub struct Ground<'a> {
    /// The design.
    pub model: &'a Model,
    /// By component: the copies of a store.
    pub stores: &'a [Option<Result<Open, Reason>>],
    /// By component: replicas by location, for components other than stores.
    pub pieces: &'a [Option<Result<Vec<usize>, Reason>>],
    /// Utilization by component.
    pub utilization: &'a [Utilization],
    /// By component: utilization of a store with fewer copies, if that may exceed 100%.
    pub rooms: Vec<Option<ReducedCapacity>>,
    /// Critical caches by component.
    pub guards: BTreeMap<CompId, Vec<CompId>>,
}

/// A network failure.
pub struct Broken<'a> {
    /// Reachability of locations.
    pub net: &'a Net,
    /// Groups of components that do not reach each other.
    pub separated: &'a [BTreeSet<CompId>],
    /// Components that are lost as a whole.
    pub lost: &'a BTreeSet<CompId>,
}

/// The load on one side of a partition.
struct Load {
    /// The locations that share it.
    together: BTreeSet<Place>,
    /// Their share of the whole load, carried by all replicas there.
    part: f64,
    /// The share that enters at one location, carried by the replicas in its reach.
    one: f64,
}

/// The reason for an overload of the remaining replicas.
fn overload_reason(name: &str, used: f64) -> String {
    format!("what is left of `{name}` there would be at {} of its capacity", crate::units::show_ratio(used))
}

/// By component: the copies of a store.
#[must_use]
pub fn stores(model: &Model) -> Vec<Option<Result<Open, Reason>>> {
    model.components.iter().map(|c| c.kind.facets.stores.then(|| Open::new(c, &model.system))).collect()
}

/// By component: replicas by location; none for stores and components that are everywhere.
#[must_use]
pub fn pieces(model: &Model) -> Vec<Option<Result<Vec<usize>, Reason>>> {
    let one = |c: &crate::model::Component| {
        let facets = c.kind.facets;
        let own = facets.serve.is_some() && !facets.stores && !provided(c);
        own.then(|| Ok(c.placement(&model.system)?.left().iter().map(|n| *n as usize).collect()))
    };
    model.components.iter().map(one).collect()
}

impl<'a> Ground<'a> {
    /// For a design at a load, with its copies and replicas.
    #[must_use]
    pub fn new(
        model: &'a Model,
        (facts, load): (&'a Facts, f64),
        stores: &'a [Option<Result<Open, Reason>>],
        pieces: &'a [Option<Result<Vec<usize>, Reason>>],
    ) -> Self {
        let rooms = reduced_capacities(model, facts, stores);
        let guards = guards(model, load, pieces);
        Self { model, stores, pieces, utilization: &facts.utilization, rooms, guards }
    }
}

impl Ground<'_> {
    /// The outcome of a flow for requests that enter at a location.
    #[must_use]
    pub fn fate(&self, flow: FlowId, broken: &Broken, entry: Place) -> Fated {
        let f = self.model.flow(flow);
        let origin = self.model.component(f.origin);
        if broken.net.lost.contains(&entry) {
            return Fated::fails("the zone is lost".to_owned());
        }
        let mut out = Fated::fine();
        let mut here = entry;
        if origin.kind.facets.buffers {
            out = out.then(self.store(f.origin, broken, here, Ask::Read));
        } else if !origin.kind.facets.origin {
            match self.served(f.origin, broken, here) {
                Ok(at) => here = at,
                Err(no) => out = out.then(*no),
            }
        }
        let inner = self.steps(f.origin, &f.steps, broken, here, origin.kind.facets.buffers);
        let mut out = out.then(self.cached(f.origin, &f.steps, inner));
        for a in [&mut out.worst, &mut out.best] {
            // A failed request acknowledges nothing, so it has no effects on data.
            if a.fate == Fate::Fails {
                a.flags.clear();
            }
        }
        out
    }

    fn steps(&self, owner: CompId, steps: &[Step], broken: &Broken, here: Place, queue: bool) -> Fated {
        let mut out = Fated::fine();
        for step in steps {
            let next = match step.call() {
                Some(c) if c.is_async && !queue => continue,
                Some(c) if c.attrs.read(keys::OPTIONAL) == Some(true) || !c.happens() => continue,
                Some(c) => self.call(owner, c, broken, here),
                None => step
                    .blocks()
                    .filter(|(share, _)| *share > 0.0)
                    .fold(Fated::fine(), |all, (_, inner)| all.then(self.steps(owner, inner, broken, here, queue))),
            };
            out = out.then(next);
        }
        out
    }

    fn call(&self, owner: CompId, c: &Call, broken: &Broken, here: Place) -> Fated {
        let target = self.model.component(c.target);
        let facets = target.kind.facets;
        let side = |id: CompId| broken.separated.iter().position(|g| g.contains(&id));
        let cut = matches!((side(owner), side(c.target)), (Some(a), Some(b)) if a != b);
        let this = if cut || broken.lost.contains(&c.target) {
            Err(Box::new(Fated::fails(format!("`{}` is out of reach", target.name))))
        } else if let Some(cache) = self.unreachable_critical_cache(c.target, broken, here) {
            let cache = &self.model.component(cache).name;
            Err(Box::new(Fated::fails(format!(
                "`{}` is overloaded without `{cache}`, which is out of reach",
                target.name
            ))))
        } else if facets.stores {
            Ok((self.store(c.target, broken, here, setting::ask(target, c.writes, c.attrs.read(keys::FROM))), here))
        } else {
            self.served(c.target, broken, here).map(|at| (Fated::fine(), at))
        };
        if facets.misses {
            // A lost cache only misses; the calls on a miss decide the steady state.
            let mut behind = self.steps(owner, &c.on_miss, broken, here, false);
            if this.is_ok() && behind.worst.fate == Fate::Fails {
                let ttl = target.attrs.read(keys::TTL).map(|t| t.mid);
                let long =
                    ttl.map_or_else(|| "as long as it has them".to_owned(), |t| format!("for up to {}", show_time(t)));
                behind.first.push(format!("`{}` answers its hits {long}", target.name));
            }
            return behind;
        }
        let done = match this {
            Ok((first, at)) => {
                let inner = self.steps(c.target, &c.body, broken, at, false);
                first.then(self.cached(c.target, &c.body, inner))
            }
            Err(no) => *no,
        };
        if c.fallback.is_empty() || done.worst.fate != Fate::Fails {
            return done;
        }
        let instead = self.steps(owner, &c.fallback, broken, here, false);
        if done.best.fate == Fate::Fails {
            return instead;
        }
        Fated { best: done.best.clone(), doubt: done.doubt.clone(), ..instead }
    }

    /// Adds a note that a cache still answers its hits for a time, if the calls below fail.
    fn cached(&self, id: CompId, below: &[Step], mut inner: Fated) -> Fated {
        let c = self.model.component(id);
        let shared = c.kind.facets.absorb == Some(Absorb::Hit);
        if inner.worst.fate != Fate::Fails || !shared || !crate::analysis::load::hits::cacheable(self.model, below) {
            return inner;
        }
        let number = |key: Key<Number>| c.attrs.read(key).map(|v| v.mid);
        if let Some(ttl) = number(keys::TTL) {
            let (_, until) = super::timeline::without_origin(ttl, number(keys::STALE_IF_ERROR).unwrap_or(0.0));
            inner.first.push(format!("`{}` answers its hits for up to {}", c.name, show_time(until)));
        }
        inner
    }

    fn store(&self, id: CompId, broken: &Broken, here: Place, ask: Ask) -> Fated {
        let name = &self.model.component(id).name;
        match self.stores.get(id.0) {
            Some(Some(Ok(open))) => {
                let (best, worst) = open.range(broken.net, here, ask);
                if best.fate != Fate::Fails
                    && let Some(used) = self.overload(id, open, broken, here)
                {
                    return Fated::fails(overload_reason(name, used));
                }
                let mut why = Vec::new();
                match worst.fate {
                    Fate::Fails => why.push(match ask {
                        Ask::Read | Ask::ReadAny => format!("`{name}` cannot be read there"),
                        _ => format!("`{name}` cannot be written there"),
                    }),
                    Fate::Stale => why.push(format!("`{name}` returns stale data there")),
                    Fate::Works => {}
                }
                for f in &worst.flags {
                    why.push(match f {
                        Flag::Loss => format!("`{name}` loses acknowledged writes"),
                        Flag::Split => format!("`{name}` has two primaries"),
                        Flag::Diverge => format!("copies of `{name}` diverge"),
                    });
                }
                let doubt = (best != worst).then(|| open.doubt());
                let mut first = Vec::new();
                if ask == Ask::ReadAny
                    && worst.fate == Fate::Fails
                    && let Some(bound) = open.max_lag
                {
                    first.push(format!("`{name}` returns data up to {} old", show_time(bound)));
                }
                Fated { worst, best, doubt, why, first }
            }
            Some(Some(Err(e))) => {
                let fine = Fated::fine();
                Fated { worst: Fated::fails(String::new()).worst, doubt: Some(e.clone()), ..fine }
            }
            _ => Fated::fine(),
        }
    }

    /// The number of locations at which load enters: those not lost before the partition.
    fn live(&self) -> usize {
        let all = 0..self.model.system.locations.count();
        all.filter(|p| !self.model.system.lost.contains(p)).count()
    }

    /// The load of the side that contains `here`.
    fn side(&self, net: &Net, here: Place) -> Load {
        let whole = self.live();
        let together = net.together(here, self.model.system.locations.count());
        let share = |places: usize| count(places as u64) / count(whole as u64);
        let part = |places: usize| if 2 * places > whole { 1.0 } else { share(places) };
        let one = if together.len() == 1 { part(1) } else { share(1) };
        Load { part: part(together.len()), one, together }
    }

    /// The utilization of a store's copies on a side, if it exceeds 100%.
    fn overload(&self, id: CompId, open: &Open, broken: &Broken, here: Place) -> Option<f64> {
        let room = self.rooms.get(id.0)?.as_ref()?;
        let copies = &open.variants.first()?.copies.all;
        let side = self.side(broken.net, here);
        let live = |p: Place| !broken.net.lost.contains(&p);
        let shared = copies.iter().filter(|c| c.up && live(c.place) && side.together.contains(&c.place)).count();
        let reached = copies.iter().filter(|c| c.up && live(c.place) && broken.net.reaches(here, c.place)).count();
        if shared.min(reached) >= copies.iter().filter(|c| c.up).count() {
            return None;
        }
        let over = |used: &dyn Fn(usize, f64) -> Option<f64>| {
            let then = used(shared, side.part)?.max(used(reached, side.one)?);
            (then > 1.0 + 1e-9).then_some(then)
        };
        let (best, worst) = open.range(broken.net, here, Ask::Write);
        let written = || over(&|n, share| room.used(n, share));
        let fresh = open.range(broken.net, here, Ask::Read).0.fate != Fate::Fails;
        let read = || over(&|n, share| room.read(n, share, fresh));
        match (best.fate, worst.fate) {
            (Fate::Fails, _) => read(),
            (_, Fate::Fails) => Some(written()?.min(read()?)),
            _ => written(),
        }
    }

    /// An unreachable critical cache of a component. None on a side with only part of the load, whose
    /// misses are unknown.
    fn unreachable_critical_cache(&self, id: CompId, broken: &Broken, here: Place) -> Option<CompId> {
        let guards = self.guards.get(&id)?;
        let together = broken.net.together(here, self.model.system.locations.count());
        if 2 * together.len() <= self.live() {
            return None;
        }
        guards.iter().copied().find(|g| broken.lost.contains(g) || self.served(*g, broken, here).is_err())
    }

    /// The location of the replica that serves a request from `here`; the failure if none does.
    fn served(&self, id: CompId, broken: &Broken, here: Place) -> Result<Place, Box<Fated>> {
        let c = self.model.component(id);
        let pieces = match self.pieces.get(id.0) {
            Some(Some(Ok(p))) => p,
            Some(Some(Err(e))) => {
                let no = Fated { doubt: Some(e.clone()), best: Fated::fine().best, ..Fated::fails(String::new()) };
                return Err(Box::new(no));
            }
            _ => return Ok(here),
        };
        let live = |p: &Place| !broken.net.lost.contains(p) && pieces.get(*p).is_some_and(|n| *n > 0);
        let near: Vec<Place> = (0..pieces.len()).filter(|p| live(p) && broken.net.reaches(here, *p)).collect();
        let Some(first) = near.iter().find(|p| **p == here).or(near.first()).copied() else {
            return Err(Box::new(Fated::fails(format!("no replica of `{}` is there", c.name))));
        };
        let all: usize = pieces.iter().sum();
        let side = self.side(broken.net, here);
        let sum = |of: &mut dyn Iterator<Item = Place>| of.filter_map(|p| pieces.get(p)).sum::<usize>();
        let shared = sum(&mut side.together.iter().copied().filter(|p| live(p)));
        let reached = sum(&mut near.iter().copied());
        if shared.min(reached) < all
            && c.kind.facets.serve == Some(Serve::Processes)
            && let Some(Ok(used)) = self.utilization.get(id.0).map(|u| &u.utilization)
        {
            let number = |n: usize| count(n as u64);
            let then = used * number(all) * (side.part / number(shared)).max(side.one / number(reached));
            if then > 1.0 + 1e-9 {
                return Err(Box::new(Fated::fails(overload_reason(&c.name, then))));
            }
        }
        Ok(first)
    }
}
