//! Attributes that many kinds share.

use super::property::{Property, Type, prop};
use crate::resource::{CacheWrite, EntryStore, InvalidateOn, Protocol};

/// Attributes of components that run a program.
pub const fn runtime() -> Property {
    prop(
        "runtime",
        Type::Word(&["fargate", "ec2", "lambda", "kubernetes"]),
        "What runs its replicas: `fargate`, or `ec2` with an `instance`; the default follows from `instance`. `lambda` and `kubernetes` are not built yet.",
    )
}

/// Attributes of every component.
pub static COMMON: [Property; 17] = [
    prop(
        "place",
        Type::Place,
        "Replicas per zone or region; their sum is `replicas`, or `nodes` if that alone is written.",
    ),
    prop("zones", Type::Zones, "Zones it runs in."),
    prop("region", Type::Regions, "The region it runs in."),
    prop("regions", Type::Regions, "The regions it runs in."),
    prop("instance", Type::Instance, "The machine of one replica. Without it a program runs in a container, and a store on the smallest usual machine that holds it.").hole(),
    prop("availability", Type::Ratio, "Share of time that ONE replica works."),
    prop("image", Type::Text, "Container image."),
    prop("port", Type::Count, "Port it listens on.").between(1.0, 65535.0),
    prop("tags", Type::Labels, "Words that rules may match on."),
    prop("owner", Type::Label, "Who answers for it."),
    prop("public", Type::Bool, "Whether the internet may reach it."),
    prop(
        "data_class",
        Type::Word(&["public", "internal", "confidential", "secret"]),
        "The most sensitive data it holds.",
    ),
    prop("encrypted", Type::Bool, "Whether its data is encrypted at rest."),
    prop("cost", Type::Price, "Its price, in place of the catalog's."),
    prop("protocol", Type::Word(Protocol::WORDS), "What its callers speak."),
    prop("team", Type::Label, "The team that owns its code."),
    prop("spof_ok", Type::Bool, "Whether it may be a single point of failure."),
];

/// Attributes of the disk that each node of a store keeps its data on.
pub static DISK: [Property; 4] = [
    prop("size", Type::Size, "Bytes it holds at most; the largest that the provider sells.").positive(),
    prop("iops", Type::Count, "I/O operations a second it is bought with; what its price includes.").positive(),
    prop("throughput", Type::Bandwidth, "Bytes a second it is bought with; what its price includes.").positive(),
    prop("latency", Type::Latency, "Time of one read; the provider's."),
];

static HEALTH_CHECK: [Property; 3] = [
    prop("path", Type::Text, "Path that answers 200 while healthy."),
    prop("every", Type::Time, "Time between two checks.").positive(),
    prop("deep", Type::Bool, "Whether the check asks its own dependencies."),
];

/// Attributes of one operation, in `ops { read { … } }`.
pub static OP: [Property; 4] = [
    prop("cpu", Type::Latency, "CPU time of this operation."),
    prop("wait", Type::Latency, "Time of this operation that needs no CPU."),
    prop("size", Type::Size, "Bytes of its request."),
    prop("reply", Type::Size, "Bytes of its answer."),
];

/// Attributes of components that serve requests on their own machines.
pub static SERVER: [Property; 10] = [
    prop("cpu", Type::Latency, "CPU time of one request, at the reference speed (one m7g vCPU)."),
    prop("wait", Type::Latency, "Time of one request that needs no CPU."),
    prop("memory", Type::Size, "Memory of one node.").positive().hole(),
    prop("cores", Type::Count, "vCPUs of one replica; the instance's, or 1 in a container.").positive().hole(),
    prop("threads", Type::Count, "Requests in progress in one replica; others queue.").whole(1.0),
    prop("replicas", Type::Count, "Processes of a server; copies of each datum of a store, the primary included.")
        .default("1", "one, until the design says more")
        .whole(1.0)
        .hole(),
    prop("max_queue", Type::Count, "Requests that wait in one replica at most; further ones are refused.").whole(0.0),
    prop("max_connections", Type::Count, "Connections one replica accepts.").whole(1.0),
    prop("health_check", Type::Block(&HEALTH_CHECK), "How callers learn that a replica is gone."),
    prop("ops", Type::Ops, "Operations with costs of their own."),
];

/// Attributes of the cache inside a client, a balancer or a service.
pub static INNER_CACHE: [Property; 9] = [
    prop("hit", Type::Ratio, "Share of the requests it answers."),
    prop("ttl", Type::Time, "How long an entry lives; without it, for ever.").positive(),
    prop("invalidate", Type::Word(InvalidateOn::WORDS), "What drops an entry early."),
    prop("entries", Type::Count, "Entries it holds; with `items` and `skew` the hit ratio follows.").whole(1.0),
    prop("items", Type::Count, "Distinct things asked for.").whole(1.0),
    prop("skew", Type::Count, "Exponent of the Zipf law that popularity follows; 0 is uniform."),
    prop("entry_size", Type::Size, "Bytes of one entry.").positive(),
    prop("write", Type::Word(CacheWrite::WORDS), "What a write does to it."),
    prop(
        "store",
        Type::Word(EntryStore::WORDS),
        "Where it keeps its entries; in memory they count against the process.",
    ),
];
