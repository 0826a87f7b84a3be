//! The queue of one role: machines with an equal share of the work, and the formula of their wait.
//!
//! In: rates and CPU times per operation, servers, speed, machines, the policies of upstream
//! balancers. Out: the wait before service. Never: the operations of a visit, roles of a store.
//!
//! One machine is a queue with as many servers as cores. The service time is the mixture of all
//! operations. If all work has one exponential law the queue is M/M/c, else M/G/1 (Pollaczek and
//! Khinchine) or M/G/c (Whitt 1993). Replicas share the rate by the policy: `least_connections` pools
//! them into one queue, M/G/(n c), a lower bound; `round_robin` splits with arrivals of squared
//! coefficient of variation 1/n; all others, and calls without a balancer, split at random;
//! `failover` sends all to the first working replica. If callers have different policies, the least
//! favorable one counts.

use crate::analysis::capacity::concurrency::any_consumer_takes;
use crate::analysis::ground::machines::Work;
use crate::analysis::ground::time_value::Timed;
use crate::analysis::load::demand::Demand;
use crate::analysis::time::quorums::Quorums;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{CompId, Component, Law, Model};
use crate::resource::Policy;
use crate::theory::gg::{Interarrival, Station as Queue};
use crate::theory::{Distribution, Mmc};
use crate::units::show_ratio;

/// Maximum number of servers of one queue.
pub(in crate::analysis) const MAX_SERVERS: f64 = 1e6;

/// Parameters of the queue of one role: machines with an equal share of the work.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Name of the role, such as `primaries`.
    pub role: &'static str,
    /// Number of machines.
    pub machines: f64,
    /// Name of the formula of the wait.
    pub formula: &'static str,
    /// Requests per second at one queue.
    pub rate: f64,
    /// Servers of one queue.
    pub servers: f64,
    /// Mean service time, seconds.
    pub service: f64,
}

/// The queue of one role.
#[derive(Clone, Debug)]
pub(in crate::analysis) struct RoleQueue {
    pub shape: Shape,
    /// Wait before service.
    pub wait: Timed,
    /// The M/M/c queue, if all work has one exponential law.
    pub exponential: Option<Mmc>,
    /// `wait` and `exponential` at the cores alone, if the component bounds its threads.
    pub cores: Option<(Timed, Option<Mmc>)>,
    /// Memoized quorum times.
    pub quorums: Quorums,
}

/// How callers split their calls over replicas, from the most to the least favorable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::analysis) enum Split {
    Pooled,
    Smooth,
    Random,
    First,
}

/// The least favorable way in which callers split their calls over the replicas of a component.
pub(in crate::analysis) fn split(model: &Model, demand: &Demand, id: CompId) -> Split {
    let mut worst = None;
    for (flow, _, hop) in demand.calls_of(id) {
        if hop.visits.as_ref().is_ok_and(|v| *v <= 0.0) {
            continue;
        }
        let from = model.component(hop.from);
        if from.kind.facets.buffers {
            // Any free consumer takes the next message, unless partitions assign it to one.
            worst = worst.max(Some(if any_consumer_takes(model, flow) { Split::Pooled } else { Split::Random }));
            continue;
        }
        let policy = from.attrs.read(keys::POLICY).filter(|_| from.kind.facets.balances);
        let this = match policy.and_then(Policy::of) {
            Some(Policy::LeastConnections) => Split::Pooled,
            Some(Policy::RoundRobin) => Split::Smooth,
            Some(Policy::Failover) => Split::First,
            Some(Policy::Random | Policy::Hash | Policy::Nearest | Policy::Weighted) | None => Split::Random,
        };
        worst = worst.max(Some(this));
    }
    worst.unwrap_or(Split::Random)
}

/// Rate, servers, and squared coefficient of variation of arrivals, of one queue of a role.
pub(in crate::analysis) fn divided(total: f64, servers: f64, machines: f64, split: Split) -> (f64, f64, f64) {
    match split {
        Split::Pooled => (total, servers * machines, 1.0),
        Split::Smooth => (total / machines, servers, 1.0 / machines),
        Split::Random | Split::First => (total / machines, servers, 1.0),
    }
}

/// The CPU time of a request, as the mixture over classes by rate.
pub(in crate::analysis) fn shared(classes: &[(f64, &Work)], speed: f64) -> Timed {
    let total: f64 = classes.iter().map(|(rate, _)| rate).sum();
    let branches: Vec<(f64, Timed)> = classes.iter().map(|(rate, w)| (*rate, Timed::of_law(w.cpu, speed))).collect();
    if total <= 0.0 { Timed::zero() } else { Timed::mixture(&branches) }
}

/// The queue of one role: `classes` are rates with their work, for all `machines` together.
pub(in crate::analysis) fn line(
    c: &Component,
    classes: &[(f64, &Work)],
    servers: f64,
    speed: f64,
    (role, machines): (&'static str, f64),
    split: Split,
) -> RoleQueue {
    let total: f64 = classes.iter().map(|(rate, _)| rate).sum();
    let (rate, servers, arrival_scv) = divided(total, servers, machines, split);
    let mut shape = Shape { role, machines, formula: "nothing asks it", rate, servers, service: 0.0 };
    let known = |shape: Shape, wait: Timed| RoleQueue {
        shape,
        wait,
        exponential: None,
        cores: None,
        quorums: Quorums::default(),
    };
    if total <= 0.0 {
        return known(shape, Timed::zero());
    }
    if servers > MAX_SERVERS {
        let why = format!("`{}` has more than {MAX_SERVERS} servers in one queue", c.name);
        let why = Reason::of(ReasonKind::TooLarge, c, why);
        return known(shape, Timed::Unknown(why));
    }
    let service = match shared(classes, speed) {
        Timed::Known(d) => d,
        lack => return known(shape, lack),
    };
    shape.service = service.mean();
    let used = rate * service.mean() / servers;
    if used >= 1.0 {
        let why = format!("`{}` is at {} of its cpu: its queue grows", c.name, show_ratio(used));
        let why = Reason::of(ReasonKind::Overload, c, why);
        return known(Shape { formula: "no formula: it is full", ..shape }, Timed::Unbounded(why));
    }
    // At most a million.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let servers = servers as u32;
    let first = classes.first().map_or(0.0, |(_, w)| w.cpu.mean.mid);
    let one_law =
        classes.iter().all(|(_, w)| w.cpu.law == Law::Exponential && (w.cpu.mean.mid - first).abs() <= 1e-12 * first);
    let poisson = (arrival_scv - 1.0).abs() < 1e-12;
    let what = format!("the queue of `{}`", c.name);
    if one_law && poisson {
        let queue = Mmc::new(rate, service.mean(), servers);
        let wait = Timed::of(queue.as_ref().map(Distribution::mmc_wait), &what);
        shape.formula = "M/M/c (Erlang C)";
        return RoleQueue { shape, wait, exponential: queue, cores: None, quorums: Quorums::default() };
    }
    if poisson && servers == 1 {
        shape.formula = "M/G/1 (Pollaczek and Khinchine)";
        return known(shape, Timed::of(Distribution::mg1_wait(rate, &service), &what));
    }
    let queue = service.scv().map(|service_scv| Queue {
        arrival_rate: rate,
        arrival_scv,
        service_time: service.mean(),
        service_scv,
        servers,
    });
    if one_law {
        // The time between arrivals at one machine is Erlang with as many stages as machines.
        let arrivals = Interarrival::Gamma(arrival_scv);
        shape.formula = match servers {
            1 => "E/M/1 (arrivals in turn, exact)",
            _ => "E/M/c (arrivals in turn; mean of Whitt 1993)",
        };
        return known(shape, Timed::of(queue.and_then(|q| Distribution::gimc_wait(arrivals, &q)), &what));
    }
    shape.formula = if poisson { "M/G/c (Whitt 1993)" } else { "G/G/c (Whitt 1993)" };
    known(shape, Timed::of(queue.and_then(|q| Distribution::ggc_wait(&q)), &what))
}
