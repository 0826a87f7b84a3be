//! Reconnect storms: the load of a lost replica's clients on the surviving replicas.
//!
//! In: client connections of a component, its replicas, its utilization. Out: connections at each
//! survivor, the rate of new connections, and the time that the survivors' spare CPU takes
//! for the handshakes. All connections of the lost replica return within one second. If the
//! client's call has `backoff` and `jitter`, they are spread over that backoff. Never: a loss of more than one replica.

use crate::analysis::capacity::connections::arriving;
use crate::analysis::facts::Facts;
use crate::analysis::ground::known::Known;
use crate::analysis::ground::machines::{machine, provided};
use crate::catalog::NEW_CONNECTION;
use crate::kinds::Serve;
use crate::model::keys;
use crate::model::{CompId, Model, Step};

/// The loss of one replica that holds open connections.
#[derive(Clone, Debug)]
pub struct Reconnect {
    /// Connections that are lost.
    pub lost: f64,
    /// Replicas that are left.
    pub survivors: f64,
    /// Connections at each of them afterwards.
    pub each: f64,
    /// `max_connections` of each replica, if set.
    pub most: Option<f64>,
    /// New connections per second if all return within one second.
    pub at_once: f64,
    /// New connections per second with backoff and jitter, if the clients have both.
    pub spread: Option<f64>,
    /// CPU seconds of all handshakes.
    pub cpu: f64,
    /// Seconds until the survivors' spare CPU has done them; infinite if there is none.
    pub seconds: Known,
}

impl Reconnect {
    /// Whether the survivors exceed `max_connections`; none if it is not set.
    #[must_use]
    pub fn over(&self) -> Option<bool> {
        self.most.map(|most| self.each > most)
    }
}

/// The effect of the loss of one replica. None for a provider-managed component, one that is no
/// process, or one without client connections.
#[must_use]
pub fn reconnect(model: &Model, facts: &Facts, id: CompId) -> Option<Reconnect> {
    let c = model.component(id);
    if provided(c) || c.kind.facets.serve != Some(Serve::Processes) {
        return None;
    }
    let clients = arriving(model, &facts.demand, id);
    let all: f64 = clients.values().sum();
    let n = c.replicas_left(&model.system).ok()?;
    if all <= 0.0 || n < 1.0 {
        return None;
    }
    let (lost, survivors) = (all / n, n - 1.0);
    // The shortest backoff of the clients' calls, if each has one with jitter.
    let mut backoff: Option<f64> = Some(f64::INFINITY);
    for flow in model.flows.iter().filter(|f| clients.contains_key(&f.origin)) {
        for call in flow.steps.iter().filter_map(Step::call) {
            let own = call.attrs.read(keys::BACKOFF).filter(|_| call.attrs.read(keys::JITTER) == Some(true));
            backoff = backoff.zip(own).map(|(b, own)| b.min(own.mid));
        }
    }
    let spread = backoff.filter(|b| b.is_finite() && *b > 0.0).map(|b| lost / b);
    let cpu = lost * NEW_CONNECTION.0;
    Some(Reconnect {
        lost,
        survivors,
        each: if survivors > 0.0 { all / survivors } else { f64::INFINITY },
        most: c.attrs.read(keys::MAX_CONNECTIONS).map(|m| m.mid),
        at_once: lost,
        spread,
        cpu,
        seconds: seconds(model, facts, id, n, cpu),
    })
}

/// Seconds for `cpu` seconds of work on the spare CPU of the survivors; infinite if there is none.
fn seconds(model: &Model, facts: &Facts, id: CompId, replicas: f64, cpu: f64) -> Known {
    let survivors = replicas - 1.0;
    if survivors <= 0.0 {
        return Ok(f64::INFINITY);
    }
    let m = machine(model, model.component(id), &mut Vec::new())?;
    let busy =
        facts.utilization.get(id.0).and_then(|u| u.resources.get("cpu")).map_or(Ok(0.0), |r| r.utilization.clone())?;
    let after = busy * replicas / survivors;
    let spare = (1.0 - after) * survivors * m.cores * m.speed;
    Ok(if spare > 0.0 { cpu / spare } else { f64::INFINITY })
}
