//! Admission: requests rejected by a rate limit or a full queue.
//!
//! In: rates, limits, shares that stations reject. Out: for each component and flow the share
//! admitted, and for each component the share rejected. Never: a wait.
//!
//! A rejected request never reaches a downstream component, so a limit bounds the demand there. A
//! limit for all callers admits `limit / rate` of a rate above it. A limit `per route` applies to each
//! flow. A limit `per client`, `ip` or `user` applies to the mean rate of one of the client's `users`.
//! A `burst` admits short peaks but does not change a long mean, so it is not counted; neither are
//! bursts of single users. A rejected request still costs the limiter its own work.

use crate::analysis::ground::known::Known;
use crate::analysis::load::demand::Demand;
use crate::analysis::load::state::Admission;
use crate::analysis::time::stations::Station;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{CompId, Component, FlowId, Model, Value};
use crate::resource::CountedPer;
use std::collections::BTreeMap;

/// The rate limit of a component in requests per second, and the word after `per`.
fn limit_of(c: &Component) -> Option<(f64, Option<CountedPer>)> {
    let key = if c.kind.facets.external { keys::LIMIT } else { keys::RATE_LIMIT };
    match &c.attrs.attr(key)?.value {
        Value::Limit(n, per) => Some((n.mid, *per)),
        _ => None,
    }
}

/// Requests per second of each flow at a component; a flow may call it several times.
fn by_flow(demand: &Demand, id: CompId) -> Result<BTreeMap<FlowId, f64>, Reason> {
    let mut all = BTreeMap::new();
    for (flow, fd, hop) in demand.calls_of(id) {
        if hop.visits.as_ref().is_ok_and(|v| *v <= 0.0) {
            continue;
        }
        *all.entry(flow).or_insert(0.0) += fd.rate.clone()? * hop.visits.clone()?;
    }
    Ok(all)
}

/// For each flow at a limiter: requests per second, and the share admitted.
type Shares = Result<Vec<(FlowId, f64, f64)>, Reason>;

/// The shares that the limit of a component admits; `None` without a limit.
fn let_in(model: &Model, demand: &Demand, id: CompId) -> Option<Shares> {
    let (limit, per) = limit_of(model.component(id))?;
    let flows = match by_flow(demand, id) {
        Ok(flows) => flows,
        Err(e) => return Some(Err(e)),
    };
    let admit = |rate: f64| if rate > limit { limit / rate } else { 1.0 };
    let all: f64 = flows.values().sum();
    let each = flows.iter();
    Some(match per {
        None => Ok(each.map(|(f, rate)| (*f, *rate, admit(all))).collect()),
        Some(CountedPer::Route) => Ok(each.map(|(f, rate)| (*f, *rate, admit(*rate))).collect()),
        Some(CountedPer::User | CountedPer::Client | CountedPer::Ip) => {
            let origin = |f: &FlowId| model.flow(*f).origin;
            each.map(|(f, rate)| {
                let from = model.component(origin(f));
                let users = from.attrs.read(keys::USERS).map(|n| n.mid).filter(|n| *n > 0.0);
                let users = users.ok_or_else(|| {
                    Reason::new(
                        ReasonKind::Missing,
                        format!("`{}` does not set its `users`: the rate of one is unknown", from.name),
                    )
                })?;
                let together: f64 = flows.iter().filter(|(g, _)| origin(g) == origin(f)).map(|(_, rate)| rate).sum();
                Ok((*f, *rate, admit(together / users)))
            })
            .collect()
        }
    })
}

/// The admission of all limits at a demand; `queues` holds the share that each bounded queue admits.
#[must_use]
pub fn admitted(model: &Model, demand: &Demand, queues: Vec<f64>) -> Admission {
    let mut limits = BTreeMap::new();
    for (id, _) in model.all() {
        let Some(Ok(shares)) = let_in(model, demand, id) else { continue };
        limits.extend(shares.into_iter().filter(|(_, _, s)| *s < 1.0).map(|(f, _, s)| ((id, f), s)));
    }
    Admission { limits, queues }
}

/// The share of its requests that a component rejects; `None` without a limit and a bounded queue.
#[must_use]
pub fn rejected(model: &Model, demand: &Demand, id: CompId, station: &Station) -> Option<Known> {
    let bounded = model.component(id).attrs.attr(keys::MAX_QUEUE).is_some();
    let by_limit = let_in(model, demand, id).map(|shares| {
        let shares = shares?;
        let all: f64 = shares.iter().map(|(_, rate, _)| rate).sum();
        let lost: f64 = shares.iter().map(|(_, rate, share)| rate * (1.0 - share)).sum();
        Ok(if all > 0.0 { lost / all } else { 0.0 })
    });
    match (by_limit, bounded) {
        (None, false) => None,
        (Some(limit), false) => Some(limit),
        (None, true) => Some(station.refused.clone()),
        (Some(limit), true) => Some(limit.and_then(|l| Ok(1.0 - (1.0 - l) * (1.0 - station.refused.clone()?)))),
    }
}
