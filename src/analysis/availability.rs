//! Availability: the share of time that a component, and all that a flow needs, works.
//!
//! In: `availability` of one replica, counts, utilisation. Out: probabilities.
//!
//! A group of n replicas works while enough are up to carry the load: k of n
//! (binomial), k from the utilisation. A store with `failover = auto` works while one
//! copy is up, one with a quorum while a majority is, any other while its primary is; a
//! request meets one shard, so other shards do not count. What the provider or somebody
//! else runs has the `availability` that the design gives it.
//!
//! A flow works while every distinct component that it waits for does: their product,
//! each counted once; a `fallback` is an alternative, exact by conditioning on the
//! components on both sides (Shannon). A lost cache is a miss; what is asynchronous or
//! `optional` is not needed; a call of some of the requests counts as one of all (a
//! lower bound). Components are independent; zones, the time a failover takes and
//! capacity lost with a cache are not modelled yet. Source: Barlow and Proschan 1975.

use super::Known;
use super::utilization::{Utilization, count, is_gone, provided};
use crate::kinds::Serve;
use crate::model::{CompId, Component, Flow, Model, Step};
use crate::theory::reliability::k_of_n;
use crate::units::show_ratio;
use std::collections::{BTreeMap, BTreeSet};

/// What the figure leaves out, beside every one that is shown.
pub const AVAILABILITY_NOTE: &str =
    "approximate: components fail independently; zones and the time of a failover are not modelled yet";

/// Most components that fallbacks are conditioned on.
const MAX_CONDITIONS: usize = 12;

/// Availability of components and flows.
#[derive(Clone, Debug, Default)]
pub struct Availability {
    /// By component.
    pub components: Vec<Known>,
    /// By flow.
    pub flows: Vec<Known>,
}

/// The availability of all components and flows.
#[must_use]
pub fn availability(model: &Model, utilization: &[Utilization]) -> Availability {
    let components: Vec<Known> =
        model.components.iter().zip(utilization).map(|(c, u)| component_availability(c, u)).collect();
    let flows = model.flows.iter().map(|f| availability_of(model, f, &components)).collect();
    Availability { components, flows }
}

/// The availability of one component.
///
/// # Errors
/// The reason why it is unknown.
pub fn component_availability(c: &Component, u: &Utilization) -> Known {
    let facets = c.kind.facets;
    if is_gone(c) {
        return Ok(0.0);
    }
    let each = || {
        let one = c.attrs.number("availability").map(|a| a.mid);
        one.ok_or_else(|| format!("`{}` does not say the `availability` of one replica", c.name))
    };
    let Some(serve) = facets.serve.filter(|_| !provided(c)) else {
        let one = c.attrs.number("availability").map(|a| a.mid);
        return one.ok_or_else(|| format!("`{}` does not say its `availability`", c.name));
    };
    let each = each()?;
    let all = count(c, "replicas").value?;
    let replicas = (all - c.lost).max(1.0);
    // How many must work follows from the load.
    if let (Err(e), false) = (&u.utilization, u.resources.is_empty()) {
        return Err(e.clone());
    }
    if let Ok(used) = u.utilization
        && used > 1.0
    {
        let used = show_ratio(used);
        return Err(format!(
            "`{}` is asked for {used} of what it has at the peak: how long it fails is not known",
            c.name
        ));
    }
    let (n, needed) = match serve {
        Serve::Processes => {
            if replicas <= 1.0 {
                (1.0, 1.0)
            } else {
                let used = u
                    .utilization
                    .clone()
                    .map_err(|e| format!("how many replicas of `{}` the load needs: {e}", c.name))?;
                (replicas, (used * replicas - 1e-9).ceil().clamp(1.0, replicas))
            }
        }
        Serve::Copies => match (c.attrs.word("replication").unwrap_or(""), c.attrs.word("failover")) {
            ("quorum" | "consensus", _) => (replicas, (all / 2.0).floor() + 1.0),
            ("multi_primary", _) | (_, Some("auto")) => (replicas, 1.0),
            _ => (1.0, 1.0),
        },
        Serve::Nodes => (replicas, c.attrs.number("min_insync").map_or(1.0, |n| n.mid).min(replicas)),
    };
    // Counts are whole and small.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let (n, needed) = (n.min(1e9) as u32, needed.min(1e9) as u32);
    k_of_n(each, needed, n)
        .map(|a| a.availability)
        .ok_or_else(|| format!("`{}` has more replicas than are computed here", c.name))
}

/// What must work.
#[derive(Clone, Debug)]
enum Need {
    One(CompId),
    All(Vec<Need>),
    Either(Box<Need>, Box<Need>),
}

/// The availability of one flow, from those of the components.
///
/// # Errors
/// The reason why it is unknown.
pub fn availability_of(model: &Model, flow: &Flow, components: &[Known]) -> Known {
    let mut all = steps(model, &flow.steps);
    let origin = model.component(flow.origin);
    if !origin.kind.facets.origin {
        all.push(Need::One(flow.origin));
    }
    let need = Need::All(all);
    let mut up: BTreeMap<CompId, f64> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    need.atoms(&mut seen);
    if seen.is_empty() {
        return Err(format!("flow `{}` waits for nothing", flow.name));
    }
    for id in &seen {
        match components.get(id.0) {
            Some(Ok(a)) => up.insert(*id, *a),
            Some(Err(e)) => return Err(e.clone()),
            None => continue,
        };
    }
    let mut series = BTreeSet::new();
    need.series(&mut series);
    let product: f64 = series.iter().filter_map(|id| up.get(id)).product();
    let open: Vec<CompId> = seen.difference(&series).copied().collect();
    if open.len() > MAX_CONDITIONS {
        return Err(format!("flow `{}` has fallbacks over more than {MAX_CONDITIONS} components", flow.name));
    }
    let mut works: BTreeMap<CompId, bool> = series.iter().map(|id| (*id, true)).collect();
    Ok(product * need.given(&open, &up, &mut works))
}

fn steps(model: &Model, steps_of: &[Step]) -> Vec<Need> {
    let mut out = Vec::new();
    for step in steps_of {
        match step {
            Step::Call(c) => {
                if c.is_async || c.attrs.flag("optional") == Some(true) || c.share <= 0.0 {
                    continue;
                }
                if model.component(c.target).kind.facets.misses {
                    out.extend(steps(model, &c.on_miss));
                    continue;
                }
                let mut this = vec![Need::One(c.target)];
                this.extend(steps(model, &c.body));
                if c.fallback.is_empty() {
                    out.extend(this);
                } else {
                    let instead = Need::All(steps(model, &c.fallback));
                    out.push(Need::Either(Box::new(Need::All(this)), Box::new(instead)));
                }
            }
            Step::Parallel(inner) => out.extend(steps(model, inner)),
            Step::Choose(arms) => arms.iter().for_each(|(_, inner)| out.extend(steps(model, inner))),
        }
    }
    out
}

impl Need {
    fn atoms(&self, into: &mut BTreeSet<CompId>) {
        match self {
            Self::One(id) => {
                into.insert(*id);
            }
            Self::All(all) => all.iter().for_each(|n| n.atoms(into)),
            Self::Either(a, b) => {
                a.atoms(into);
                b.atoms(into);
            }
        }
    }

    /// What is needed whatever else works.
    fn series(&self, into: &mut BTreeSet<CompId>) {
        match self {
            Self::One(id) => {
                into.insert(*id);
            }
            Self::All(all) => all.iter().for_each(|n| n.series(into)),
            Self::Either(..) => {}
        }
    }

    fn holds(&self, works: &BTreeMap<CompId, bool>) -> bool {
        match self {
            Self::One(id) => works.get(id).copied().unwrap_or(false),
            Self::All(all) => all.iter().all(|n| n.holds(works)),
            Self::Either(a, b) => a.holds(works) || b.holds(works),
        }
    }

    /// The probability, over the states of what is still open.
    fn given(&self, open: &[CompId], up: &BTreeMap<CompId, f64>, works: &mut BTreeMap<CompId, bool>) -> f64 {
        let Some((first, rest)) = open.split_first() else {
            return if self.holds(works) { 1.0 } else { 0.0 };
        };
        let p = up.get(first).copied().unwrap_or(0.0);
        works.insert(*first, true);
        let with = self.given(rest, up, works);
        works.insert(*first, false);
        let without = self.given(rest, up, works);
        works.remove(first);
        p * with + (1.0 - p) * without
    }
}
