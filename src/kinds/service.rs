//! `service`: a program of the design.

use super::Kind;
use super::common::{COMMON, INNER_CACHE, SERVER, runtime};
use super::facets::{Absorb, Bill, Facets, Rents, Serve, reads};
use super::property::{Property, Type, prop};
use crate::resource::{ReplicaState, Resource, Scale, View, Workload};

static AUTOSCALE: [Property; 4] = [
    prop("min", Type::Count, "Fewest replicas.").whole(1.0).hole(),
    prop("max", Type::Count, "Most replicas.").whole(1.0).hole(),
    prop("target", Type::Ratio, "Utilisation it steers to.").hole(),
    prop("react", Type::Time, "Time from a step in load to new replicas that serve."),
];

static OWN: [Property; 10] = [
    prop("timeout", Type::Time, "How long its calls wait for an answer.").positive(),
    prop("retries", Type::Count, "How often its calls are tried again.").whole(0.0),
    prop("backoff", Type::Time, "Wait before the first retry; doubled each time."),
    prop("breaker", Type::Bool, "Whether its calls stop for a while after many errors."),
    prop("retry_budget", Type::Ratio, "Retries as a share of all its calls, at most."),
    prop("state", Type::Word(ReplicaState::WORDS), "What a replica keeps between requests.")
        .default("none", "a stateless process, the twelve-factor convention"),
    prop("autoscale", Type::Block(&AUTOSCALE), "Replicas that follow the load."),
    prop("cache", Type::Block(&INNER_CACHE), "A cache in the process, one per replica."),
    prop("idempotent", Type::Bool, "Whether doing a request twice is the same as once."),
    runtime(),
];

pub(super) static KIND: Kind = Kind {
    name: "service",
    doc: "Code of one's own that answers requests, takes messages or runs on a timer. Its block in a flow says what it calls.",
    example: "service cart { image = \"shop/cart:2.0\", cpu = 5ms, memory = 512MiB, replicas = 3, timeout = 500ms }",
    ops: &[reads("call", "one request")],
    groups: &[&OWN, &SERVER, &COMMON],
    facets: Facets {
        calls: true,
        serve: Some(Serve::Processes),
        absorb: Some(Absorb::CacheBlock),
        starts: true,
        bill: Bill::Machines(Rents::Programs),
        ..Facets::NONE
    },
    engines: &[],
    lower,
};

fn lower(view: &View, out: &mut Vec<Resource>) {
    let scale = view.count("autoscale.max").map(|max| Scale {
        min: view.count("autoscale.min").unwrap_or(view.replicas).min(max),
        max,
        target: (view.number)("autoscale.target").unwrap_or(0.6),
    });
    out.push(Resource::Workload(Workload { scale, ..super::workload(view) }));
}
