//! Isolation and consistency models by name: implications, and availability under partitions.
//!
//! In: names. Out: implications. Sources: the relation of Elle (Kingsbury and Alvaro
//! 2020, `consistency_model.clj`); availability: Bailis et al., Highly Available
//! Transactions, VLDB 2014, table 3. Never: a product's default.

use std::collections::BTreeSet;

/// Pairs (stronger, weaker); the implication is their reflexive and transitive closure.
static EDGES: [(&str, &str); 52] = [
    ("PRAM", "monotonic-reads"),
    ("PRAM", "monotonic-writes"),
    ("PRAM", "read-your-writes"),
    ("ROLA", "read-atomic"),
    ("causal", "PRAM"),
    ("causal", "writes-follow-reads"),
    ("causal-cerone", "read-atomic"),
    ("consistent-view", "cursor-stability"),
    ("consistent-view", "monotonic-view"),
    ("cursor-stability", "read-committed"),
    ("forward-consistent-view", "consistent-view"),
    ("linearizable", "sequential"),
    ("monotonic-atomic-view", "read-committed"),
    ("monotonic-snapshot-read", "read-committed"),
    ("monotonic-view", "read-committed"),
    ("parallel-snapshot-isolation", "ROLA"),
    ("parallel-snapshot-isolation", "causal-cerone"),
    ("prefix", "causal-cerone"),
    ("read-atomic", "monotonic-atomic-view"),
    ("read-committed", "read-uncommitted"),
    ("repeatable-read", "cursor-stability"),
    ("repeatable-read", "monotonic-atomic-view"),
    ("sequential", "causal"),
    ("serializable", "repeatable-read"),
    ("serializable", "snapshot-isolation"),
    ("serializable", "update-serializable"),
    ("serializable", "view-serializable"),
    ("session-serializable", "1SR"),
    ("snapshot-isolation", "forward-consistent-view"),
    ("snapshot-isolation", "monotonic-atomic-view"),
    ("snapshot-isolation", "monotonic-snapshot-read"),
    ("snapshot-isolation", "parallel-snapshot-isolation"),
    ("snapshot-isolation", "prefix"),
    ("strict-serializable", "linearizable"),
    ("strict-serializable", "serializable"),
    ("strict-serializable", "session-serializable"),
    ("strict-serializable", "snapshot-isolation"),
    ("strict-serializable", "strong-session-serializable"),
    ("strict-serializable", "strong-snapshot-isolation"),
    ("strong-read-committed", "strong-read-uncommitted"),
    ("strong-read-committed", "strong-session-read-committed"),
    ("strong-read-uncommitted", "strong-session-read-uncommitted"),
    ("strong-session-read-committed", "read-committed"),
    ("strong-session-read-committed", "strong-session-read-uncommitted"),
    ("strong-session-read-uncommitted", "read-uncommitted"),
    ("strong-session-serializable", "serializable"),
    ("strong-session-serializable", "strong-session-snapshot-isolation"),
    ("strong-session-snapshot-isolation", "snapshot-isolation"),
    ("strong-session-snapshot-isolation", "strong-session-read-committed"),
    ("strong-snapshot-isolation", "strong-read-committed"),
    ("strong-snapshot-isolation", "strong-session-snapshot-isolation"),
    ("update-serializable", "forward-consistent-view"),
];

/// Whether every history that the first model allows is allowed by the second.
#[must_use]
pub fn implies(stronger: &str, weaker: &str) -> bool {
    let mut seen = BTreeSet::from([stronger]);
    let mut open = vec![stronger];
    while let Some(at) = open.pop() {
        if at == weaker {
            return true;
        }
        open.extend(EDGES.iter().filter(|(a, b)| *a == at && seen.insert(b)).map(|(_, b)| *b));
    }
    false
}

/// Availability of a model during a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Every replica can answer.
    Total,
    /// Every replica can answer clients that stay with it.
    Sticky,
    /// Some replica cannot answer.
    Unavailable,
}

/// The availability of a model, if it is known.
#[must_use]
pub fn availability(model: &str) -> Option<Availability> {
    match model {
        "read-uncommitted"
        | "read-committed"
        | "monotonic-atomic-view"
        | "item-cut-isolation"
        | "predicate-cut-isolation"
        | "writes-follow-reads"
        | "monotonic-reads"
        | "monotonic-writes"
        | "eventual" => Some(Availability::Total),
        "read-your-writes" | "PRAM" | "causal" => Some(Availability::Sticky),
        "cursor-stability"
        | "snapshot-isolation"
        | "repeatable-read"
        | "serializable"
        | "recency/bounded-staleness"
        | "safe"
        | "regular"
        | "linearizable"
        | "sequential"
        | "strict-serializable"
        | "parallel-snapshot-isolation" => Some(Availability::Unavailable),
        _ => None,
    }
}

/// The model's name for a word of `isolation` or `consistency`.
#[must_use]
pub fn formal(word: &str) -> &str {
    match word {
        "read_uncommitted" => "read-uncommitted",
        "read_committed" => "read-committed",
        "repeatable_read" => "repeatable-read",
        "snapshot" => "snapshot-isolation",
        "read_your_writes" => "read-your-writes",
        "monotonic_reads" => "monotonic-reads",
        "bounded" => "recency/bounded-staleness",
        other => other,
    }
}

/// Whether an isolation level prevents lost updates: of two transactions that read and then write
/// the same record, the second aborts or waits.
#[must_use]
pub fn keeps_updates(word: &str) -> bool {
    implies(formal(word), "cursor-stability")
}

/// The weaker of two isolation levels of the language; `None` if neither implies the other.
#[must_use]
pub fn weaker<'a>(a: &'a str, b: &'a str) -> Option<&'a str> {
    if implies(formal(a), formal(b)) {
        Some(b)
    } else if implies(formal(b), formal(a)) {
        Some(a)
    } else {
        None
    }
}
