//! What a flow's client gets on one side of a broken network.
//!
//! In: the flow's calls, where pieces of components are, how stores fare, utilisation.
//! Out: works, stale or fails in the steady state, what happens to data, why, and what the
//! design does not say. A request comes in at a place and goes on from where it is, to a
//! replica there or else to the first in reach; what the provider runs and what others run
//! is everywhere. A cache in reach answers its hits until they end; what stands behind it
//! decides. A side with more than half of the places takes the whole load, another its
//! share; places that reach each other over others are one side.

use super::copies::Answer;
use super::copies::Ask;
use super::copies::Fate;
use super::copies::Flag;
use super::labels::Open;
use super::net::Net;
use super::net::Place;
use super::room::Room;
use super::room::guards;
use super::room::rooms;
use super::setting;
use crate::analysis::facts::Facts;
use crate::analysis::ground::machines::provided;
use crate::analysis::ground::resource::Utilization;
use crate::kinds::{Absorb, Serve};
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{Call, CompId, FlowId, Model, Step};
use crate::theory::numeric::count;
use crate::units::show_time;
use std::collections::{BTreeMap, BTreeSet};

/// What a client gets.
#[derive(Clone, Debug)]
pub struct Fated {
    /// The worst that may be.
    pub worst: Answer,
    /// The best that may be.
    pub best: Answer,
    /// What the design does not say, where the two differ.
    pub doubt: Option<Reason>,
    /// Why it fails or is stale.
    pub why: Vec<String>,
    /// What it is like before the steady state.
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

    /// The answer, or what the design does not say.
    ///
    /// # Errors
    /// When what it does not say decides.
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

/// Everything that decides a flow's fate.
pub struct Ground<'a> {
    /// The design.
    pub model: &'a Model,
    /// By component: its copies, for stores.
    pub stores: &'a [Option<Result<Open, Reason>>],
    /// By component: its pieces by place, for the rest.
    pub pieces: &'a [Option<Result<Vec<usize>, Reason>>],
    /// By component.
    pub utilization: &'a [Utilization],
    /// By component: what stores come to with fewer copies, where that may be too much.
    pub rooms: Vec<Option<Room>>,
    /// Caches that a component cannot do without.
    pub guards: BTreeMap<CompId, Vec<CompId>>,
}

/// A broken network, as one request meets it.
pub struct Broken<'a> {
    /// Who reaches whom.
    pub net: &'a Net,
    /// Components that do not reach each other: groups of them.
    pub apart: &'a [BTreeSet<CompId>],
    /// Components that are gone, but for their other pieces.
    pub gone: &'a BTreeSet<CompId>,
}

/// What comes in on a side of a cut.
struct Load {
    /// The places that share it.
    together: BTreeSet<Place>,
    /// Which share of the whole load they take together: all that share it carry it.
    part: f64,
    /// What comes in at one of them, and goes to what is in its reach.
    one: f64,
}

fn crowd(name: &str, used: f64) -> String {
    format!("what is left of `{name}` there would be at {} of its capacity", crate::units::show_ratio(used))
}

/// Copies and pieces of all components.
#[must_use]
pub fn stores(model: &Model) -> Vec<Option<Result<Open, Reason>>> {
    model.components.iter().map(|c| c.kind.facets.stores.then(|| Open::new(c, &model.system))).collect()
}

/// Pieces of all components by place; none of what is everywhere.
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
    /// Of a design at a load, its copies and pieces.
    #[must_use]
    pub fn new(
        model: &'a Model,
        (facts, load): (&'a Facts, f64),
        stores: &'a [Option<Result<Open, Reason>>],
        pieces: &'a [Option<Result<Vec<usize>, Reason>>],
    ) -> Self {
        let rooms = rooms(model, facts, stores);
        let guards = guards(model, load, pieces);
        Self { model, stores, pieces, utilization: &facts.utilization, rooms, guards }
    }
}

impl Ground<'_> {
    /// What the client of a flow gets whose requests come in at a place.
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
            // What answers an error acknowledges nothing.
            if a.fate == Fate::Fails {
                a.flags.clear();
            }
        }
        out
    }

    fn steps(&self, owner: CompId, steps: &[Step], broken: &Broken, here: Place, queue: bool) -> Fated {
        let mut out = Fated::fine();
        for step in steps {
            let next = match step {
                Step::Call(c) if c.is_async && !queue => continue,
                Step::Call(c) if c.attrs.read(keys::OPTIONAL) == Some(true) || !c.happens() => continue,
                Step::Call(c) => self.call(owner, c, broken, here),
                Step::Parallel(inner) => self.steps(owner, inner, broken, here, queue),
                Step::Choose(arms) => arms
                    .iter()
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
        let side = |id: CompId| broken.apart.iter().position(|g| g.contains(&id));
        let cut = matches!((side(owner), side(c.target)), (Some(a), Some(b)) if a != b);
        let this = if cut || broken.gone.contains(&c.target) {
            Err(Box::new(Fated::fails(format!("`{}` is out of reach", target.name))))
        } else if let Some(cache) = self.unguarded(c.target, broken, here) {
            let cache = &self.model.component(cache).name;
            Err(Box::new(Fated::fails(format!(
                "without `{cache}`, which is not there, `{}` is asked for more than it has",
                target.name
            ))))
        } else if facets.stores {
            Ok((self.store(c.target, broken, here, setting::ask(target, c.writes, c.attrs.read(keys::FROM))), here))
        } else {
            self.served(c.target, broken, here).map(|at| (Fated::fine(), at))
        };
        if facets.misses {
            // A cache that is gone is a miss; what stands behind it decides in the end.
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

    /// Notes that a cache on the way still answers its hits for a while.
    fn cached(&self, id: CompId, below: &[Step], mut inner: Fated) -> Fated {
        let c = self.model.component(id);
        let shared = c.kind.facets.absorb == Some(Absorb::Hit);
        if inner.worst.fate != Fate::Fails || !shared || !crate::analysis::load::demand::cacheable(self.model, below) {
            return inner;
        }
        let number = |n: &str| c.attrs.number(n).map(|v| v.mid);
        if let Some(ttl) = number("ttl") {
            let (_, until) = super::timeline::without_origin(ttl, number("stale_if_error").unwrap_or(0.0));
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
                    && let Some(used) = self.crowded(id, open, broken, here)
                {
                    return Fated::fails(crowd(name, used));
                }
                let mut why = Vec::new();
                match worst.fate {
                    Fate::Fails => why.push(match ask {
                        Ask::Read | Ask::ReadAny => format!("`{name}` cannot be read there"),
                        _ => format!("`{name}` cannot be written there"),
                    }),
                    Fate::Stale => why.push(format!("`{name}` shows what is old there")),
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
                    first.push(format!("`{name}` shows what is up to {} old", show_time(bound)));
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

    /// How many places the load comes in at: those that were not lost before the break.
    fn live(&self) -> usize {
        let all = 0..self.model.system.locations.count();
        all.filter(|p| !self.model.system.lost.contains(p)).count()
    }

    /// The load of the side that a request is on.
    fn side(&self, net: &Net, here: Place) -> Load {
        let whole = self.live();
        let together = net.together(here, self.model.system.locations.count());
        let share = |places: usize| count(places as u64) / count(whole as u64);
        let part = |places: usize| if 2 * places > whole { 1.0 } else { share(places) };
        let one = if together.len() == 1 { part(1) } else { share(1) };
        Load { part: part(together.len()), one, together }
    }

    /// What the copies of a store on a side would be at, if that is more than they have.
    fn crowded(&self, id: CompId, open: &Open, broken: &Broken, here: Place) -> Option<f64> {
        let room = self.rooms.get(id.0)?.as_ref()?;
        let copies = &open.ways.first()?.copies.all;
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

    /// A cache that is not there and that a component cannot do without, where the side takes
    /// the whole load: what a part of it asks of it is not known.
    fn unguarded(&self, id: CompId, broken: &Broken, here: Place) -> Option<CompId> {
        let guards = self.guards.get(&id)?;
        let together = broken.net.together(here, self.model.system.locations.count());
        if 2 * together.len() <= self.live() {
            return None;
        }
        guards.iter().copied().find(|g| broken.gone.contains(g) || self.served(*g, broken, here).is_err())
    }

    /// Where a component serves a request that is at a place, if anything does in reach.
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
                return Err(Box::new(Fated::fails(crowd(&c.name, then))));
            }
        }
        Ok(first)
    }
}
