//! Hops: the calls of a flow, each with its visits per start of the flow.
//!
//! In: counts, probabilities and batches of calls, hit ratios, the outcomes in a [`State`]. Out: one
//! [`Hop`] for each call, in the order of the flow. Never: a rate.

use crate::analysis::ground::known::{Known, product};
use crate::analysis::load::hits::{Hits, absorbed, cacheable, missed};
use crate::analysis::load::state::State;
use crate::base::Span;
use crate::model::keys;
use crate::model::{Attrs, Call, CompId, FlowId, Latency, Model, Step};
use crate::resource::{Protocol, ReadFrom};
use crate::units::{show_ratio, significant};

/// One call of a flow.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The caller.
    pub from: CompId,
    /// The callee.
    pub to: CompId,
    /// The call number in the flow.
    pub call: usize,
    /// The operation.
    pub op: String,
    /// Source location of the target's name.
    pub at: Span,
    /// Whether the caller continues without the answer.
    pub is_async: bool,
    /// Mean number of visits per start of the flow.
    pub visits: Known,
    /// CPU time of one visit, if the call sets it.
    pub cpu: Option<Latency>,
    /// Time without CPU of one visit, if the call sets it.
    pub wait: Option<Latency>,
    /// The replica that answers (`primary`, `replica`, `any`, `quorum`), if the call sets it.
    pub read_from: Option<ReadFrom>,
    /// The protocol, if the call sets it.
    pub protocol: Option<Protocol>,
    /// Bytes of request and reply, if the call sets them.
    pub bytes: (Option<f64>, Option<f64>),
    /// Derivation of `visits` for `explain`: counts, probabilities, hit ratios.
    pub why: String,
    /// Whether the call is a lookup in the target's cache.
    pub(in crate::analysis) looks_up: bool,
}

/// The hops of one flow.
pub(in crate::analysis) fn hops_of(model: &Model, id: FlowId, state: &State, hits: &Hits) -> Vec<Hop> {
    let flow = model.flow(id);
    let mut walker = Walker { model, state, hits, flow: id, hops: Vec::new() };
    walker.flow(flow.origin, &flow.steps, flow.attrs.read(keys::BATCH).map_or(1.0, |b| b.mid));
    walker.hops
}

/// Collects the calls of one flow.
struct Walker<'a> {
    model: &'a Model,
    state: &'a State,
    hits: &'a Hits,
    flow: FlowId,
    hops: Vec<Hop>,
}

impl Walker<'_> {
    fn flow(&mut self, origin: CompId, steps: &[Step], batch: f64) {
        let mut visits: Known = Ok(1.0 / batch);
        let mut why = if batch > 1.0 { format!("1 / batch {batch}") } else { String::new() };
        if let Some((hit, name)) = absorbed(self.model, self.hits, origin, &Attrs::default())
            && cacheable(self.model, steps)
        {
            visits = product(&visits, &hit.map(|h| 1.0 - h));
            why = join(&why, &format!("misses of {name}"));
        }
        self.walk(origin, steps, &visits, &why);
    }

    fn walk(&mut self, owner: CompId, steps: &[Step], visits: &Known, why: &str) {
        for step in steps {
            if let Some(c) = step.call() {
                self.call(owner, c, visits, why);
            }
            for (share, inner) in step.blocks() {
                let arm = if share < 1.0 { format!("arm of {}", show_ratio(share)) } else { String::new() };
                self.walk(owner, inner, &product(visits, &Ok(share)), &join(why, &arm));
            }
        }
    }

    fn call(&mut self, owner: CompId, c: &Call, visits: &Known, why: &str) {
        let batch = c.attrs.read(keys::BATCH).map_or(1.0, |b| b.mid);
        let asked = product(visits, &Ok(c.times * c.share / batch));
        let mut reason = why.to_owned();
        if (c.times - 1.0).abs() > f64::EPSILON {
            reason = join(&reason, &format!("x{}", c.times));
        }
        if c.share < 1.0 {
            reason = join(&reason, &show_ratio(c.share));
        }
        if batch > 1.0 {
            reason = join(&reason, &format!("1 / batch {batch}"));
        }
        let target = self.model.component(c.target);
        let outcome = self.state.outcome(self.flow, c.id);
        let (mut here, mut here_why) = (asked.clone(), reason.clone());
        if let Some(t) = outcome.filter(|t| !matches!(t.attempts, Ok(n) if (n - 1.0).abs() < 1e-15)) {
            here = product(&asked, &t.attempts);
            if let Ok(n) = t.attempts {
                here_why = join(&reason, &format!("{} attempts", significant(n, 4)));
            }
        }
        let absorbs = absorbed(self.model, self.hits, c.target, &c.attrs)
            .filter(|_| !c.body.is_empty() && cacheable(self.model, &c.body));
        let first = target.kind.ops.first().is_some_and(|o| o.name == c.op);
        self.hops.push(Hop {
            from: owner,
            to: c.target,
            call: c.id,
            op: c.op.clone(),
            at: c.target_span,
            is_async: c.is_async,
            visits: here.clone(),
            cpu: c.attrs.read(keys::CPU),
            wait: c.attrs.read(keys::WAIT),
            read_from: c.attrs.read(keys::FROM).and_then(ReadFrom::of),
            protocol: c.attrs.read(keys::PROTOCOL).and_then(Protocol::of),
            bytes: (c.attrs.read(keys::SIZE).map(|v| v.mid), c.attrs.read(keys::REPLY).map(|v| v.mid)),
            why: here_why.clone(),
            looks_up: absorbs.is_some() || target.kind.facets.misses && first,
        });
        // A lost component makes no calls for the retries that it receives.
        let (mut downstream, mut downstream_why) =
            if outcome.is_some_and(|t| t.lost) { (asked.clone(), reason.clone()) } else { (here, here_why) };
        let admitted = self.state.backpressure.admission.share(c.target, self.flow);
        if admitted < 1.0 {
            downstream = product(&downstream, &Ok(admitted));
            let share = show_ratio(admitted);
            downstream_why = join(&downstream_why, &format!("{share} admitted by `{}`", target.name));
        }
        if let Some((hit, name)) = absorbs {
            downstream = product(&downstream, &hit.map(|h| 1.0 - h));
            downstream_why = join(&downstream_why, &format!("misses of {name}"));
        }
        self.walk(c.target, &c.body, &downstream, &downstream_why);
        let residual = outcome.map_or(Ok(0.0), |t| t.residual.clone());
        if !c.fallback.is_empty() && !matches!(residual, Ok(r) if r <= 0.0) {
            let why = join(&reason, &format!("when `{}` fails", target.name));
            self.walk(owner, &c.fallback, &product(&asked, &residual), &why);
        }
        if !c.on_miss.is_empty() {
            // A failed call to a cache without a fallback counts as a miss.
            let silent = if target.kind.facets.misses && c.fallback.is_empty() { residual } else { Ok(0.0) };
            let miss = match (missed(self.model, self.hits, c), silent) {
                (Err(e), _) | (_, Err(e)) => Err(e),
                (Ok(miss), Ok(silent)) => Ok(1.0 - (1.0 - miss) * (1.0 - silent)),
            };
            let why = join(&reason, &format!("misses of `{}`", target.name));
            self.walk(owner, &c.on_miss, &product(&asked, &miss), &why);
        }
    }
}

fn join(a: &str, b: &str) -> String {
    match (a.is_empty(), b.is_empty()) {
        (true, _) => b.to_owned(),
        (_, true) => a.to_owned(),
        _ => format!("{a}, {b}"),
    }
}
