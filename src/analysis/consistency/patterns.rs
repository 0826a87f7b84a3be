//! Use of caches, queues and stores by flows, derived from their calls.
//!
//! In: the flows. Out: each call with the caches between it and the client; stores that
//! fill a cache; writers that do not invalidate its entries in time; stores that are projections of
//! a queue; publishes outside the transaction of a write in the same flow. Never: a guarantee.

use super::fill::Invalidation;
use crate::analysis::load::hits::Hits;
use crate::analysis::load::hits::{absorbed, cacheable};
use crate::model::keys;
use crate::model::{Attrs, Call, CompId, FlowId, Model, Step};
use crate::resource::MessageOrder;
use std::collections::{BTreeMap, BTreeSet};

/// A cache between a call and its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Over {
    /// A cache component that missed.
    Beside(CompId),
    /// A cache inside a component that the answer passes.
    Inside(CompId),
}

/// A call with its context.
#[derive(Clone, Debug)]
pub struct Access<'a> {
    /// The flow.
    pub flow: FlowId,
    /// The caller.
    pub owner: CompId,
    /// The call.
    pub call: &'a Call,
    /// Whether the client waits for it.
    pub sync: bool,
    /// Caches between it and the client, the client's side first.
    pub over: Vec<Over>,
    /// Its position in the order of the flow; equal for parallel calls.
    pub at: usize,
    /// The branches (branch point, arm) that it is in: it runs if all of them do.
    pub branches: Vec<(usize, usize)>,
}

/// All calls of a design.
#[derive(Clone, Debug, Default)]
pub struct Patterns<'a> {
    /// By flow.
    pub flows: Vec<Vec<Access<'a>>>,
}

/// State of the walk over the steps of one flow.
struct Walk<'a, 'm> {
    model: &'m Model,
    hits: &'m Hits,
    flow: FlowId,
    out: Vec<Access<'a>>,
    clock: usize,
    branch: usize,
    over: Vec<Over>,
    branches: Vec<(usize, usize)>,
    /// The queue that the flow consumes: its calls are those of the consumer.
    queue: Option<CompId>,
}

impl<'a> Walk<'a, '_> {
    fn steps(&mut self, owner: CompId, steps: &'a [Step], sync: bool) {
        for step in steps {
            match step {
                Step::Call(c) => {
                    if c.happens() {
                        self.call(owner, c, sync);
                    }
                }
                Step::Parallel(inner) => {
                    let (start, mut end) = (self.clock, self.clock);
                    for one in inner {
                        self.clock = start;
                        self.steps(owner, std::slice::from_ref(one), sync);
                        end = end.max(self.clock);
                    }
                    self.clock = end;
                }
                Step::Choose(arms) => {
                    self.branch += 1;
                    let id = self.branch;
                    for (k, (_, inner)) in arms.iter().enumerate().filter(|(_, (share, _))| *share > 0.0) {
                        self.branches.push((id, k));
                        self.steps(owner, inner, sync);
                        self.branches.pop();
                    }
                }
            }
        }
    }

    fn call(&mut self, owner: CompId, c: &'a Call, sync: bool) {
        self.clock += 1;
        let here = sync && (!c.is_async || self.queue == Some(owner));
        let partial = c.share < 1.0 || c.times < 1.0;
        self.branch += 1;
        let id = self.branch;
        if partial {
            self.branches.push((id, 0));
        }
        self.out.push(Access {
            flow: self.flow,
            owner,
            call: c,
            sync: here,
            over: self.over.clone(),
            at: self.clock,
            branches: self.branches.clone(),
        });
        let inside = !c.body.is_empty() && has_own_cache(self.model, self.hits, c.target, &c.attrs, &c.body);
        if inside {
            self.over.push(Over::Inside(c.target));
        }
        self.steps(c.target, &c.body, here);
        if inside {
            self.over.pop();
        }
        if !c.on_miss.is_empty() {
            self.over.push(Over::Beside(c.target));
            self.branches.push((id, 1));
            self.steps(owner, &c.on_miss, here);
            self.branches.pop();
            self.over.pop();
        }
        self.branches.push((id, 2));
        self.steps(owner, &c.fallback, here);
        self.branches.pop();
        if partial {
            self.branches.pop();
        }
    }
}

/// Whether a component answers some of these requests from its own cache.
fn has_own_cache(model: &Model, hits: &Hits, id: CompId, call: &Attrs, below: &[Step]) -> bool {
    let facets = model.component(id).kind.facets;
    let shows = facets.absorb == Some(crate::kinds::Absorb::Hit) || absorbed(model, hits, id, call).is_some();
    let nothing = matches!(absorbed(model, hits, id, call), Some((Ok(h), _)) if h <= 0.0);
    shows && !nothing && cacheable(model, below)
}

/// The calls of all flows.
#[must_use]
pub fn patterns(model: &Model) -> Patterns<'_> {
    // Hit ratios that depend on rates stay unresolved: only their existence counts here.
    let hits = Hits::new(model);
    let mut flows = Vec::new();
    for (i, flow) in model.flows.iter().enumerate() {
        let mut walk = Walk {
            model,
            hits: &hits,
            flow: FlowId(i),
            out: Vec::new(),
            clock: 0,
            branch: 0,
            over: Vec::new(),
            branches: Vec::new(),
            queue: model.component(flow.origin).kind.facets.buffers.then_some(flow.origin),
        };
        if has_own_cache(model, &hits, flow.origin, &Attrs::default(), &flow.steps) {
            walk.over.push(Over::Inside(flow.origin));
        }
        walk.steps(flow.origin, &flow.steps, true);
        flows.push(walk.out);
    }
    Patterns { flows }
}

/// A write to a store that leaves a cache's entry, or invalidates it too early or too late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// The flow.
    pub flow: FlowId,
    /// The source location of the write.
    pub span: crate::base::Span,
    /// Its invalidation of the entry.
    pub does: Invalidation,
}

/// A queue whose messages fill a store.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Feed {
    /// The queue.
    pub queue: CompId,
    /// The flow that applies its messages.
    pub consumer: FlowId,
    /// Whether messages are applied in order.
    pub ordered: bool,
    /// Whether a repeated or older message has no effect.
    pub guarded: bool,
    /// Whether an older message has no effect, by its version.
    pub versioned: bool,
    /// Whether each publish is in the transaction of its write.
    pub outbox: bool,
    /// Largest lag in seconds; none if unbounded.
    pub lag: Option<f64>,
}

impl<'a> Patterns<'a> {
    /// All calls of all flows.
    pub fn all(&self) -> impl Iterator<Item = &Access<'a>> {
        self.flows.iter().flatten()
    }

    /// Stores that fill a cache: read after a miss, or read or written before a `set` by the same caller.
    #[must_use]
    pub fn fillers(&self, model: &Model, cache: CompId) -> BTreeSet<CompId> {
        let mut out = BTreeSet::new();
        for list in &self.flows {
            for a in list.iter().filter(|a| model.component(a.call.target).kind.facets.stores) {
                let kept = model.component(a.call.target).kind.facets;
                let missed = !a.call.writes && a.over.contains(&Over::Beside(cache));
                let set = list
                    .iter()
                    .any(|s| s.call.target == cache && s.call.op == "set" && s.owner == a.owner && s.at > a.at);
                if !kept.buffers && (missed || set) {
                    out.insert(a.call.target);
                }
            }
        }
        out
    }

    /// The weakest invalidation of a cache's entries by writers of some stores, and all writes with less
    /// than a timely delete.
    #[must_use]
    pub fn invalidation(&self, cache: CompId, through: bool, stores: &BTreeSet<CompId>) -> (Invalidation, Vec<Hole>) {
        let mut worst: Option<Invalidation> = None;
        let mut holes = Vec::new();
        for list in &self.flows {
            for w in list.iter().filter(|w| w.call.writes && stores.contains(&w.call.target)) {
                let mut does = if through { Invalidation::Update } else { Invalidation::None };
                for d in list.iter().filter(|d| d.call.target == cache && (d.call.op == "delete" || d.call.op == "set"))
                {
                    if !w.branches.starts_with(&d.branches) {
                        continue;
                    }
                    let after = d.at > w.at && d.sync && w.sync;
                    does = does.max(match d.call.op.as_str() {
                        "delete" if after => Invalidation::Delete,
                        "set" if after => Invalidation::Update,
                        _ => Invalidation::Early,
                    });
                }
                if does < Invalidation::Delete {
                    holes.push(Hole { flow: w.flow, span: w.call.span, does });
                }
                worst = Some(worst.map_or(does, |x| x.min(does)));
            }
        }
        (worst.unwrap_or(Invalidation::None), holes)
    }

    /// By store: the queues whose messages fill it, for stores without any other writer.
    #[must_use]
    pub fn feeds(&self, model: &Model) -> BTreeMap<CompId, Vec<Feed>> {
        let mut out: BTreeMap<CompId, Vec<Feed>> = BTreeMap::new();
        let mut direct = BTreeSet::new();
        for w in self.all().filter(|a| a.call.writes) {
            let target = model.component(w.call.target);
            let flow = model.flow(w.flow);
            if !target.kind.facets.stores || target.kind.facets.buffers {
                continue;
            }
            let queue = model.component(flow.origin);
            if !queue.kind.facets.buffers {
                direct.insert(w.call.target);
                continue;
            }
            let has_flag = |key| w.call.attrs.read(key) == Some(true) || target.attrs.read(key) == Some(true);
            let handler = model.component(w.owner).attrs.read(keys::IDEMPOTENT) == Some(true);
            let parallel =
                flow.attrs.read(keys::PARALLEL) == Some(true) || w.call.attrs.read(keys::PARALLEL) == Some(true);
            let versioned = has_flag(keys::VERSIONED);
            out.entry(w.call.target).or_default().push(Feed {
                queue: flow.origin,
                consumer: w.flow,
                ordered: !parallel
                    && queue
                        .attrs
                        .read(keys::ORDERING)
                        .and_then(MessageOrder::of)
                        .is_some_and(|o| o != MessageOrder::None),
                guarded: versioned || has_flag(keys::IDEMPOTENT) || handler,
                versioned,
                outbox: self.dual_writes(model, flow.origin).is_empty(),
                lag: queue.attrs.read(keys::MAX_LAG).map(|n| n.mid),
            });
        }
        out.retain(|store, _| !direct.contains(store));
        out
    }

    /// Publishes to a queue outside the transaction of a write, in flows that also write a store.
    #[must_use]
    pub fn dual_writes(&self, model: &Model, queue: CompId) -> Vec<&Access<'a>> {
        let mut out = Vec::new();
        for list in &self.flows {
            let writes = |a: &&Access| {
                let f = model.component(a.call.target).kind.facets;
                a.call.writes && f.stores && !f.buffers
            };
            if list.iter().any(|a| writes(&a)) {
                out.extend(list.iter().filter(|a| {
                    a.call.target == queue && a.call.writes && a.call.attrs.read(keys::OUTBOX) != Some(true)
                }));
            }
        }
        out
    }
}
