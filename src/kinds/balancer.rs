//! `balancer`: spreads requests over replicas.

use super::Kind;
use super::common::{COMMON, INNER_CACHE, SERVER, runtime};
use super::facets::{Absorb, Bill, Facets, Serve, reads};
use super::property::{Property, Type, prop};
use crate::resource::{Balancer, Policy, Resource, Role, Service, TlsMode, View, Workload};

static OWN: [Property; 6] = [
    prop(
        "policy",
        Type::Word(Policy::WORDS),
        "How it chooses a replica; `failover` the first that lives. Without weights and distances `weighted` and `nearest` are even.",
    )
    .default("round_robin", "the default of HAProxy, nginx and AWS target groups"),
    prop("tls", Type::Word(TlsMode::WORDS), "Where TLS ends."),
    prop("cache", Type::Block(&INNER_CACHE), "Answers that it keeps."),
    prop("idle_timeout", Type::Time, "After how long without a byte it closes a connection.").positive(),
    prop("wait", Type::Latency, "Time of one request that needs no CPU.")
        .default(
            "0.4ms",
            "of the provider's own: HAProxy adds at most 0.4 ms near its limit (haproxy.com, 2021); confidence low",
        ),
    runtime(),
];

pub(super) static KIND: Kind = Kind {
    name: "balancer",
    doc: "A load balancer: spreads requests over the replicas of what it calls. Without `replicas`, `cpu`, `ops` and `instance` the provider runs it, in all zones.",
    example: "balancer lb { policy = least_connections, tls = terminate, health_check { path = \"/healthz\", every = 5s } }",
    ops: &[reads("call", "a request passed to one replica")],
    groups: &[&OWN, &SERVER, &COMMON],
    facets: Facets {
        calls: true,
        serve: Some(Serve::Processes),
        absorb: Some(Absorb::CacheBlock),
        balances: true,
        managed: true,
        bill: Bill::Balancer,
        ..Facets::NONE
    },
    engines: &[],
    lower,
};

fn lower(view: &View, out: &mut Vec<Resource>) {
    let policy = view.value("policy", Policy::of).unwrap_or_default();
    if view.own {
        let own = Workload { role: Role::Balancer { policy }, ..super::workload(view) };
        out.push(Resource::Workload(own));
        return;
    }
    let balancer = Balancer {
        policy,
        terminates_tls: view.word_or("tls", "none") == "terminate",
        idle_timeout: (view.number)("idle_timeout"),
        health: super::health(view),
    };
    out.push(super::managed(view, Service::Balancer(balancer), 8080));
}
