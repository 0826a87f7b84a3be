//! Counterexamples: the shortest interleaving that breaks a property, by pattern.
//!
//! In: a pattern's name. Out: its steps and the property it breaks. Found by checking
//! all interleavings breadth first; the tests hold a checker that finds them again. Never: a
//! pattern without a checked result.

use super::fill::Fill;
use super::fill::Invalidation;

/// A pattern, with its shortest counterexample if it has one.
#[derive(Clone, Copy, Debug)]
pub struct Race {
    /// The pattern and the checked property.
    pub name: &'static str,
    /// The full name of the property.
    pub property: &'static str,
    /// The shortest interleaving that breaks it; empty if none does.
    pub trace: &'static [&'static str],
}

const fn race(name: &'static str, property: &'static str, trace: &'static [&'static str]) -> Race {
    Race { name, property, trace }
}

/// All patterns. R and Q are readers that fill the cache, W writers, X an observer, S the writer's
/// session.
#[rustfmt::skip]
pub static RACES: [Race; 38] = [
    race("cache_aside_delete_after_commit__RYW", "read your writes", &["R: cache miss", "R: read db 0", "W: db commit 1", "W: delete cache", "R: set cache 0", "W: ack", "S: cache hit 0"]),
    race("cache_aside_delete_BEFORE_commit__RYW", "read your writes", &["R: cache miss", "R: read db 0", "W: delete cache", "R: set cache 0", "W: db commit 1", "W: ack", "S: cache hit 0"]),
    race("cache_aside_double_delete__RYW", "read your writes", &["R: cache miss", "R: read db 0", "W: delete cache", "W: db commit 1", "W: delete cache", "R: set cache 0", "W: ack", "S: cache hit 0"]),
    race("cache_aside_lease_delete_after_commit__RYW", "read your writes", &[]),
    race("cache_aside_no_invalidation__RYW", "read your writes", &["W: db commit 1", "W: ack", "S: cache hit 0"]),
    race("cache_aside_delete__convergence_without_TTL", "convergence", &["R: cache miss", "R: read db 0", "W: db commit 1", "W: delete cache", "R: set cache 0", "W: ack"]),
    race("cache_aside_lease__convergence_without_TTL", "convergence", &[]),
    race("write_through_two_writers_unversioned__convergence", "convergence", &["W1: db commit 1", "W2: db commit 2", "W2: set cache 2", "W1: set cache 1", "W1: ack", "W2: ack"]),
    race("cache_aside_crash_between_commit_and_delete__convergence", "convergence", &["W: db commit 1", "W: CRASH"]),
    race("quorum_R2W2N3_no_writeback__monotonic", "monotonic reads", &["W: replica a=1", "r1: read ab -> 1", "r2: read bc -> 0", "W: replica b=1", "W: replica c=1", "W: ack"]),
    race("quorum_R2W2N3_writeback__monotonic", "monotonic reads", &[]),
    race("quorum_R2W2N3_no_writeback__recency_after_ack", "recency", &[]),
    race("quorum_R1W3N3_writeback__monotonic", "monotonic reads", &["W: replica a=1", "r1: read a -> 1", "r1: mend a", "r2: read b -> 0", "W: replica b=1", "W: replica c=1", "W: ack"]),
    race("quorum_R1W2N3__recency_after_ack", "recency", &["W: replica a=1", "W: replica b=1", "W: ack", "W: done", "r1: read c -> 0"]),
    race("sloppy_quorum_R2W2N3__recency", "recency", &["W: node a=1", "W: node d=1 (hint)", "W: ack (sloppy W=2)", "R: home quorum b,c -> 0"]),
    race("lww_clock_skew_quorum__RYW", "read your writes", &["S: write v1 ts=110 (coord A, clock +10) acked by quorum", "S: write v2 ts=101 (coord B) acked by quorum", "S: quorum read -> v1"]),
    race("dual_write_db_then_publish__no_lost_event", "no lost event", &["svc: db commit", "svc: CRASH"]),
    race("dual_write_publish_then_db__no_phantom", "no phantom event", &["svc: publish", "svc: CRASH"]),
    race("outbox__no_lost_event", "no lost event", &[]),
    race("outbox__no_duplicate", "no repeated event", &["svc: db commit + outbox row (one tx)", "relay: publish", "relay: publish", "relay: mark sent"]),
    race("async_primary_failover__durability", "durability", &["C: write at primary", "C: ack", "primary dies, replica promoted", "repl idle"]),
    race("lease_lock_no_fencing__mutual_exclusion", "mutual exclusion", &["C1: acquire token 1", "C1: believes it holds the lock (may pause)", "lease expires", "C2: acquire token 2", "C2: believes it holds the lock (may pause)", "C2: write with token 2 accepted", "C1: write with token 1 accepted"]),
    race("lease_lock_with_fencing__mutual_exclusion", "mutual exclusion", &[]),
    race("unique_name_check_then_act_on_LIN_register", "uniqueness", &["C1: read owner=0", "C2: read owner=0", "C1: write owner=1", "C2: write owner=2"]),
    race("fill_set__MR", "monotonic reads", &["R: miss", "R: read db 0", "Q: miss", "W: db commit 1", "Q: read db 1", "Q: fill 1 ok", "X: cache hit 1", "R: fill 0 ok", "X: cache hit 0"]),
    race("fill_set__RYW", "read your writes", &["R: miss", "R: read db 0", "W: db commit 1", "W: invalidate", "R: fill 0 ok", "W: ack", "S: hit 0"]),
    race("fill_add__MR", "monotonic reads", &["R: miss", "R: read db 0", "Q: miss", "W: db commit 1", "Q: read db 1", "Q: fill 1 ok", "X: cache hit 1", "W: invalidate", "R: fill 0 ok", "X: cache hit 0"]),
    race("fill_add__RYW", "read your writes", &["R: miss", "R: read db 0", "W: db commit 1", "W: invalidate", "R: fill 0 ok", "W: ack", "S: hit 0"]),
    race("fill_lease__MR", "monotonic reads", &["R: miss", "R: read db 0", "Q: miss", "W: db commit 1", "Q: read db 1", "Q: fill 1 ok", "X: cache hit 1", "R: fill 0 ok", "X: cache hit 0"]),
    race("fill_lease__RYW", "read your writes", &[]),
    race("fill_cas__MR", "monotonic reads", &["R: miss", "R: read db 0", "Q: miss", "W: db commit 1", "Q: read db 1", "Q: fill 1 ok", "X: cache hit 1", "W: invalidate", "R: fill 0 ok", "X: cache hit 0"]),
    race("fill_cas__RYW", "read your writes", &["R: miss", "R: read db 0", "W: db commit 1", "W: invalidate", "R: fill 0 ok", "W: ack", "S: hit 0"]),
    race("fill_cas_tomb__MR", "monotonic reads", &[]),
    race("fill_cas_tomb__RYW", "read your writes", &[]),
    race("fill_single_flight__MR", "monotonic reads", &[]),
    race("fill_single_flight__RYW", "read your writes", &[]),
    race("projection_replay_blind_upsert__MR", "monotonic reads", &["consumer: apply event 1", "consumer: apply event 2", "X: read projection 2", "consumer: restart from last committed offset, re-apply event 1 (blind upsert)", "X: read projection 1"]),
    race("projection_parallel_blind__convergence", "convergence", &["consumer 1: take event 1", "consumer 2: take event 2", "consumer 2: apply 2", "consumer 1: apply 1"]),
];

/// The pattern with this name.
#[must_use]
pub fn race_named(name: &str) -> Option<&'static Race> {
    RACES.iter().find(|r| r.name == name)
}

/// The counterexample for a property that a cache beside a store drops.
#[must_use]
pub fn race_of_cache(fill: Fill, invalidation: Invalidation) -> Option<&'static Race> {
    race_named(match (fill, invalidation) {
        (_, Invalidation::None) => "cache_aside_no_invalidation__RYW",
        (Fill::Set | Fill::Add | Fill::Cas, Invalidation::Delete) => match fill {
            Fill::Add => "fill_add__RYW",
            Fill::Cas => "fill_cas__RYW",
            _ => "fill_set__RYW",
        },
        (Fill::Lease, Invalidation::Delete) => "fill_lease__MR",
        (_, Invalidation::Early) => "cache_aside_delete_BEFORE_commit__RYW",
        (Fill::Versioned, Invalidation::Update) | (Fill::SingleFlight | Fill::Versioned, Invalidation::Delete) => {
            return None;
        }
        (_, Invalidation::Update) => "write_through_two_writers_unversioned__convergence",
    })
}
