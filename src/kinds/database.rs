//! `database`: a store with replicas.

use super::Kind;
use super::common::{COMMON, DISK, SERVER};
use super::facets::{Bill, Facets, Rents, Serve, reads, writes};
use super::property::{Property, Type, prop};
use crate::resource::{
    CacheWrite, Failover, OnSyncLoss, ReadFrom, ReadRepair, Records, Replication, Resource, Secret, Service, View,
    Volume, WriteClock,
};

static BACKUP: [Property; 3] = [
    prop("every", Type::Time, "Time between two backups.").positive(),
    prop("keep", Type::Time, "How long a backup is kept.").positive(),
    prop("tested", Type::Bool, "Whether a restore is tried regularly."),
];

static OWN: [Property; 37] = [
    prop(
        "model",
        Type::Word(&["relational", "document", "key_value", "wide_column", "graph", "time_series", "search"]),
        "The data model; `search` runs on machines of a search service.",
    ),
    prop("data", Type::Size, "Bytes of data, one copy, today.").positive(),
    prop("growth", Type::Growth, "How the data grows; compounds."),
    prop("horizon", Type::Time, "How far ahead it is sized; the furthest of the design, if others say one.").positive(),
    prop("working_set", Type::Size, "Bytes that most requests touch, one copy, today; grows with the data. What of it does not fit into memory is read from disk.")
        .positive(),
    prop("skew", Type::Count, "Exponent of the Zipf law that the popularity of its pages (8 KiB) follows."),
    prop(
        "replication",
        Type::Word(Replication::WORDS),
        "How copies follow a write.",
    ),
    prop("shards", Type::Shards, "Parts the data is split into, and by which key.")
        .default("1", "not split, until the design says so")
        .whole(1.0)
        .hole(),
    prop("shard_skew", Type::Factor, "Load and data of the busiest shard over the mean.").positive(),
    prop("nodes", Type::Count, "Machines: replicas x shards by default.").whole(1.0).hole(),
    prop(
        "isolation",
        Type::Word(&["read_uncommitted", "read_committed", "repeatable_read", "snapshot", "serializable"]),
        "Isolation of its transactions.",
    ),
    prop(
        "pool",
        Type::Count,
        "Connections that each caller's replica keeps to each primary, and to its replicas together.",
    )
    .whole(1.0),
    prop("backup", Type::Block(&BACKUP), "How it is backed up."),
    prop("primary", Type::Label, "The zone of the primary; where it is not said, any zone with a copy may be it."),
    prop("read_from", Type::Word(ReadFrom::WORDS), "Which copies answer reads.")
        .default("primary", "the safe choice, and the drivers' default"),
    prop("session", Type::Session, "What a session may rely on."),
    prop("lag", Type::Time, "Typical replica lag: never a bound."),
    prop("max_lag", Type::Time, "Replica lag that the router enforces: a bound.").positive(),
    prop("r", Type::Count, "Copies a quorum read asks.").whole(1.0),
    prop("w", Type::Count, "Copies a quorum write waits for.").whole(1.0),
    prop("read_repair", Type::Word(ReadRepair::WORDS), "Whether a quorum read, before it answers, mends the `r` copies it asked: what it saw is then seen by the next read if `2 r` is more than the copies."),
    prop("clock", Type::Word(WriteClock::WORDS), "What orders conflicting writes."),
    prop("sloppy", Type::Bool, "Whether other nodes may stand in for a quorum."),
    prop("local_quorum", Type::Bool, "Whether a quorum is counted in its own region."),
    prop("failover", Type::Word(Failover::WORDS), "Who promotes a replica when the primary is lost."),
    prop("fenced", Type::Bool, "Whether a lost primary is kept from writing on."),
    prop("witnesses", Type::Place, "Voters without data, per zone; where they are not said one in each zone of the primary's region is taken for granted."),
    prop("sync_replicas", Type::Count, "Replicas a commit waits for.").whole(0.0),
    prop("on_sync_loss", Type::Word(OnSyncLoss::WORDS), "What a commit does when its synchronous replica is gone.")
        .default(
            "degrade",
            "the primary goes on alone: RDS Multi-AZ, Patroni's synchronous_mode, MySQL's semi-synchronous replication after its timeout",
        ),
    prop("min_replicas_to_write", Type::Count, "Replicas that must be connected for a write.").whole(0.0),
    prop("refresh", Type::Time, "How late a search index shows a write."),
    prop("write", Type::Word(CacheWrite::WORDS), "How writes reach it through its own cache."),
    prop("cache", Type::Size, "Memory for its data, per node; all of `memory` or of the machine's by default.").positive(),
    prop("disk", Type::Block(&DISK), "The disk of each node."),
    prop("unique", Type::Bool, "Whether it must keep a key unique."),
    prop("idempotent", Type::Bool, "Whether a repeated write is the same as one."),
    prop("versioned", Type::Bool, "Whether it refuses a write older than what it holds."),
];

pub(super) static KIND: Kind = Kind {
    name: "database",
    doc: "A store of records: relational, document, key-value, wide-column, graph, time-series or search, by its engine.",
    example: "database orders : postgres { data = 40GB, replication = sync, replicas = 2, failover = auto, fenced = true, backup { every = 5min, keep = 30 days } }",
    ops: &[
        reads("read", "reads by key or index"),
        writes("write", "writes one record"),
        reads("scan", "reads a range"),
        writes("txn", "reads and writes in one transaction"),
    ],
    groups: &[&OWN, &SERVER, &COMMON],
    facets: Facets { serve: Some(Serve::Copies), stores: true, bill: Bill::Machines(Rents::Databases), ..Facets::NONE },
    engines: super::engines!["postgres"],
    lower,
};

fn lower(view: &View, out: &mut Vec<Resource>) {
    let backup = (view.number)("backup.every").is_some() || (view.number)("backup.keep").is_some();
    let records = Records {
        replication: view.value("replication", Replication::of),
        failover: view.value("failover", Failover::of),
        read_from: view.value("read_from", ReadFrom::of).unwrap_or_default(),
        shard_key: (view.word)("shards"),
        backup: backup.then(|| ((view.number)("backup.every"), (view.number)("backup.keep"))),
        max_connections: (view.number)("max_connections"),
    };
    out.push(super::managed(view, Service::Records(records), 5432));
    let per_shard = (view.number)("data").map(|bytes| bytes / f64::from(view.shards));
    out.push(Resource::Volume(Volume { of: view.name.to_owned(), bytes: per_shard }));
    out.push(Resource::Secret(Secret {
        name: format!("{}_password", view.name),
        of: view.name.to_owned(),
        about: "the password of its owner".to_owned(),
    }));
}
