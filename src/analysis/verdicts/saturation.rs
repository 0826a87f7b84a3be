//! Saturation multiple: the load factor at which a component reaches 100% utilization.
//!
//! In: a model, its facts at a load. Out: by component, the multiple of that load at which
//! the first of its resources reaches 100%. If utilization is proportional to the load, the multiple
//! is 1 / utilization. If retries, threads, limits, autoscaling or the ttl of
//! caches make it nonlinear, the multiple is searched (Chandrupatla 1997). Memory is left out.
//! Connections do not grow with the load: they count only if they exceed 100% already.
//! Never: a multiple that no search found.

use crate::analysis::capacity::autoscale::followed;
use crate::analysis::facts::Facts;
use crate::analysis::ground::known::Known;
use crate::analysis::ground::resource::{MEMORY, Utilization};
use crate::analysis::load::call_policy::Policies;
use crate::analysis::steady::feedback::couples;
use crate::analysis::verdicts::loads::Loads;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{CompId, Model};
use crate::theory::numeric::find_root_within;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Relative precision of a searched multiple.
const PRECISION: f64 = 1e-3;
/// The largest multiple that is searched.
const MOST: f64 = 1e6;
/// Largest number of components for which each is searched; in larger designs only the first [`FIRST`].
const SEARCH_ALL: usize = 30;
/// Number of components that are searched in larger designs: those that saturate first.
const FIRST: usize = 6;

/// The highest utilization of the resources that grow with the load.
fn growing(u: &Utilization) -> Known {
    let mut most: Known = Ok(0.0);
    for (name, r) in &u.resources {
        // Data that does not fit in memory is evicted or read from disk.
        if *name == MEMORY || *name == "network" && r.utilization.is_err() {
            continue;
        }
        let lasting = *name == "connections";
        most = match (most, &r.utilization) {
            (Ok(m), Ok(x)) if !lasting || *x > 1.0 => Ok(m.max(if lasting { f64::INFINITY } else { *x })),
            (Ok(m), _) if lasting => Ok(m),
            (Ok(_), Err(e)) => Err(e.clone()),
            (most, _) => most,
        };
    }
    if u.resources.is_empty() { u.utilization.clone() } else { most }
}

/// Saturation multiples by component: infinite if it never saturates, or the reason why unknown.
/// `loads` is set if each load needs its own fixed point.
pub(in crate::analysis) fn saturations(model: &Model, facts: &Facts, load: f64, loads: Option<&Loads>) -> Vec<Known> {
    let inverse = |x: f64| if x > 0.0 { 1.0 / x } else { f64::INFINITY };
    let used: Vec<Known> = facts.utilization.iter().map(growing).collect();
    if loads.is_none() && !nonlinear(facts) {
        return used.into_iter().map(|u| u.map(inverse)).collect();
    }
    let by_load = UtilizationByLoad::new(model, load);
    let mut order: Vec<(f64, usize)> =
        used.iter().enumerate().filter_map(|(i, u)| Some((inverse(*u.as_ref().ok()?), i))).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let searched: Vec<usize> =
        order.iter().take(if used.len() <= SEARCH_ALL { used.len() } else { FIRST }).map(|(_, i)| *i).collect();
    let search = |(i, u): (usize, &Known)| -> Known {
        let now = u.clone()?;
        if now <= 0.0 || now.is_infinite() {
            return Ok(inverse(now));
        }
        if now >= 1.0 && searched.contains(&i) {
            return bracket(now, &|m| by_load.at(m, i));
        }
        // If each load needs its own fixed point, a few are tried, below the proportional multiple.
        if let Some(loads) = loads {
            if order.first().is_some_and(|(_, first)| *first == i) {
                return superlinear(now, &|m| loads.works(m)?.utilization.get(i).map_or(Ok(0.0), growing));
            }
            return Err(Reason::new(
                ReasonKind::TooLarge,
                "retries, threads or limits bend its use, and the first to break alone is searched",
            ));
        }
        if !searched.contains(&i) {
            let why = "its use is not proportional to the load, and the search in a design of this size stops at the first limit";
            return Err(Reason::new(ReasonKind::TooLarge, why));
        }
        bracket(now, &|m| by_load.at(m, i))
    };
    used.iter().enumerate().map(search).collect()
}

/// Whether autoscaling or the ttl of caches makes utilization nonlinear in the load.
fn nonlinear(facts: &Facts) -> bool {
    facts.scaling.iter().any(Option::is_some) || facts.demand.hits.by_rate()
}

/// Utilization by multiple of a load, each multiple computed once. Threads are left out:
/// waiting does not change the arrival rate of a component.
struct UtilizationByLoad<'a> {
    model: &'a Model,
    load: f64,
    all: RefCell<BTreeMap<u64, Vec<Known>>>,
}

impl<'a> UtilizationByLoad<'a> {
    fn new(model: &'a Model, load: f64) -> Self {
        Self { model, load, all: RefCell::default() }
    }

    fn at(&self, multiple: f64, i: usize) -> Known {
        let key = multiple.to_bits();
        if !self.all.borrow().contains_key(&key) {
            let load = self.load * multiple;
            let case = followed(self.model.clone(), load);
            let facts = Facts::loads(&case, load);
            self.all.borrow_mut().insert(key, facts.utilization.iter().map(growing).collect());
        }
        self.all.borrow().get(&key).and_then(|all| all.get(i).cloned()).unwrap_or(Ok(0.0))
    }
}

/// Saturation multiples of single components, also of those that are overloaded already.
pub struct SaturationMultiples<'a> {
    facts: &'a Facts,
    nonlinear: bool,
    by_load: UtilizationByLoad<'a>,
}

impl<'a> SaturationMultiples<'a> {
    /// For a model whose facts at `load` are given.
    #[must_use]
    pub fn new(model: &'a Model, facts: &'a Facts, load: f64) -> Self {
        let nonlinear = Policies::of(model).feed_back() || couples(model) || nonlinear(facts);
        Self { facts, nonlinear, by_load: UtilizationByLoad::new(model, load) }
    }

    /// The saturation multiple of a component.
    ///
    /// # Errors
    /// The reason why it is unknown.
    pub fn at(&self, id: CompId) -> Known {
        let now = self.facts.utilization.get(id.0).map_or(Ok(0.0), growing)?;
        if !self.nonlinear || now.is_infinite() {
            return Ok(1.0 / now);
        }
        bracket(now, &|m| self.by_load.at(m, id.0))
    }
}

/// The saturation multiple of a utilization that grows faster than the load: a lower bound by
/// bisection between 1 and the proportional multiple.
fn superlinear(now: f64, at: &dyn Fn(f64) -> Known) -> Known {
    let (mut low, mut high) = (1.0, 1.0 / now);
    if at(high)? < 1.0 {
        return Err(Reason::new(ReasonKind::TooLarge, "its use grows slower than the load, and is not searched"));
    }
    for _ in 0..6 {
        let middle = f64::midpoint(low, high);
        if at(middle)? < 1.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// The multiple at which a utilization that is `now` at multiple 1 reaches 100%.
fn bracket(now: f64, at: &dyn Fn(f64) -> Known) -> Known {
    let (mut low, mut high) = (1.0, 1.0);
    if now < 1.0 {
        loop {
            high = (high * 1.5_f64).min(MOST);
            match at(high) {
                Ok(x) if x >= 1.0 => break,
                Ok(x) if high >= MOST => {
                    // A bounded utilization (each key is fetched once per ttl) stops growing below this multiple.
                    let bounded = at(low).is_ok_and(|before| x <= before * (1.0 + PRECISION));
                    let beyond = || {
                        Err(Reason::new(ReasonKind::Overload, format!("it is not used up at {MOST} times this load")))
                    };
                    return if bounded { Ok(f64::INFINITY) } else { beyond() };
                }
                Ok(_) => low = high,
                Err(e) => return Err(e),
            }
        }
    } else {
        loop {
            low /= 1.5;
            match at(low) {
                Ok(x) if x < 1.0 => break,
                Ok(_) if low < 1.0 / MOST => return Ok(0.0),
                Ok(_) => high = low,
                Err(e) => return Err(e),
            }
        }
    }
    let mut lack = None;
    // The root search needs finite values: the excess is capped at 100%.
    let over = |m: f64| match at(m) {
        Ok(x) => x.min(2.0) - 1.0,
        Err(e) => {
            lack = Some(e);
            f64::NAN
        }
    };
    let root = find_root_within(over, low, high, PRECISION);
    root.ok_or_else(|| lack.unwrap_or_else(|| Reason::new(ReasonKind::Contradiction, "its use jumps with the load")))
}
