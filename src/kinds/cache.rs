//! `cache`: a cache on machines of its own.

use super::Kind;
use super::common::{COMMON, SERVER};
use super::facets::{Bill, Facets, Rents, Serve, reads};
use super::property::{Property, Type, prop};
use crate::resource::{Eviction, Memory, Resource, Service, View};

static OWN: [Property; 14] = [
    prop("hit", Type::Ratio, "Share of `get`s that find an entry."),
    prop(
        "entries",
        Type::Count,
        "Distinct keys asked for; with `entry_size`, `skew` and `memory` the hit ratio follows.",
    )
    .whole(1.0),
    prop("entry_size", Type::Size, "Bytes of one entry, key included.").positive(),
    prop("skew", Type::Count, "Exponent of the Zipf law that popularity follows; 0 is uniform."),
    prop("ttl", Type::Time, "How long an entry lives; without it, for ever.").positive(),
    prop(
        "write",
        Type::Word(&["aside", "through", "behind"]),
        "What a write does: `aside` to the store alone, `through` to both, `behind` to the store later.",
    )
    .default("aside", "the common pattern"),
    prop("flush", Type::Time, "How late write-behind reaches the store.").positive(),
    prop(
        "fill",
        Type::Word(&["set", "add", "cas", "lease", "single_flight", "versioned"]),
        "How a missing entry is put back.",
    ),
    prop("eviction", Type::Word(Eviction::WORDS), "Which entry goes when memory is full.")
        .default("lru", "the usual choice for a cache"),
    prop("jitter", Type::Ratio, "Spread of the ttl, so that entries do not end together."),
    prop("nodes", Type::Count, "Machines: replicas x shards by default.").whole(1.0).hole(),
    prop("shards", Type::Shards, "Parts the keys are split into.").whole(1.0).hole(),
    prop("failover", Type::Word(&["auto", "manual", "none"]), "Whether a replica takes over from a lost primary."),
    prop("min_replicas_to_write", Type::Count, "Replicas that must be connected for a write.").whole(0.0),
];

pub(super) static KIND: Kind = Kind {
    name: "cache",
    doc: "A cache on machines of its own. `-> hot.get else { … }` says what a miss does; what flows do to it is the caching pattern.",
    example: "cache hot : redis { hit = 90%, ttl = 3min, fill = single_flight, nodes = 2 }",
    ops: &[
        reads("get", "looks an entry up; may miss"),
        reads("set", "puts an entry"),
        reads("delete", "drops an entry"),
    ],
    groups: &[&OWN, &SERVER, &COMMON],
    facets: Facets { serve: Some(Serve::Nodes), misses: true, bill: Bill::Machines(Rents::Caches), ..Facets::NONE },
    engines: super::engines!["redis"],
    lower,
};

fn lower(view: &View, out: &mut Vec<Resource>) {
    let memory = Memory { eviction: view.value("eviction", Eviction::of).unwrap_or_default() };
    out.push(super::managed(view, Service::Memory(memory), 6379));
}
