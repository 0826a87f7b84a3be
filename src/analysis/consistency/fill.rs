//! Caches beside a store: what each way to fill and to invalidate keeps.
//!
//! In: how a missing entry is put back, who drops it after a write. Out: properties that
//! a read through the cache keeps, and whether its age is bounded by the invalidation.
//! The table was found by checking every interleaving of two readers, a writer and an
//! observer; [`super::races`] holds the shortest bad one of each. One logical node per
//! key, which does not answer when it cannot be invalidated.

use super::guarantee::Bits;

/// How a missing entry is put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fill {
    /// Whatever is there is replaced.
    Set,
    /// Only if nothing is there.
    Add,
    /// Only if nothing changed since the miss; a deletion is forgotten.
    Cas,
    /// Only with the token of the miss, which a deletion revokes; several may be out.
    Lease,
    /// As a lease, and one reader at a time fetches.
    SingleFlight,
    /// Only a newer version; a deletion leaves its version behind.
    Versioned,
}

impl Fill {
    /// The fill that the language calls so.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "set" => Self::Set,
            "add" => Self::Add,
            "cas" => Self::Cas,
            "lease" => Self::Lease,
            "single_flight" => Self::SingleFlight,
            "versioned" => Self::Versioned,
            _ => return None,
        })
    }

    /// As the language writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Add => "add",
            Self::Cas => "cas",
            Self::Lease => "lease",
            Self::SingleFlight => "single_flight",
            Self::Versioned => "versioned",
        }
    }
}

/// What writers of the store do to the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invalidation {
    /// Nothing, or not all of them do something.
    None,
    /// All drop it, some of them before the store has the write, or after the answer.
    Early,
    /// All put the new value.
    Update,
    /// All drop it after the store has the write and before they answer.
    Delete,
}

/// What a read through the cache keeps of what the store gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Properties that stay, if the store has them.
    pub bits: Bits,
    /// Whether an entry may be as old as its time to live.
    pub ages: bool,
}

/// The table. Without a time to live an entry that is old stays: no convergence.
#[must_use]
pub fn kept(fill: Fill, invalidation: Invalidation, has_ttl: bool) -> Kept {
    let recent = Bits::RT.or(Bits::RYW).or(Bits::CONV);
    let live = if has_ttl { Bits::CONV } else { Bits::NONE };
    let old = |bits: Bits| Kept { bits, ages: true };
    match (fill, invalidation) {
        (Fill::Lease, Invalidation::Delete) => Kept { bits: recent, ages: false },
        (Fill::SingleFlight, Invalidation::Delete) | (Fill::Versioned, Invalidation::Delete | Invalidation::Update) => {
            Kept { bits: recent.or(Bits::MR), ages: false }
        }
        // One fetch at a time: an older one cannot come in after a newer one. Versions do not
        // help here: they go when their entry expires.
        (Fill::SingleFlight, Invalidation::None) => old(live.or(Bits::MR)),
        _ => old(live),
    }
}
