//! Caches beside a store: properties that each fill and invalidation preserves.
//!
//! In: how a missing entry is filled, and how writers invalidate it. Out: the properties that
//! a read through the cache preserves, and whether invalidation bounds its age.
//! The table comes from checking every interleaving of two readers, a writer and an
//! observer; [`super::races`] holds the shortest counterexample of each. One logical node per
//! key, which does not answer if it cannot be invalidated. Never: a product's default.

use super::guarantee::Bits;

/// How a missing entry is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fill {
    /// Replaces any entry.
    Set,
    /// Only if the entry is missing.
    Add,
    /// Only if the entry is unchanged since the miss; a deletion leaves no trace.
    Cas,
    /// Only with the token of the miss, which a deletion revokes; several readers may hold one.
    Lease,
    /// Like a lease, but only one reader at a time fetches.
    SingleFlight,
    /// Only a newer version; a deletion leaves its version.
    Versioned,
}

impl Fill {
    /// The fill with this word of the language.
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

    /// The word of the language.
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

/// How writers of the store treat the cache entry. Later ones are stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invalidation {
    /// At least one writer leaves it.
    None,
    /// All delete it, some before the store has the write or after they answer.
    Early,
    /// All set the new value.
    Update,
    /// All delete it after the store has the write and before they answer.
    Delete,
}

/// The part of the store's guarantee that a read through the cache preserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Properties that are preserved if the store has them.
    pub bits: Bits,
    /// Whether an entry may be as old as its time to live.
    pub ages: bool,
}

/// The preserved guarantee of each combination. Without a `ttl`, a stale entry stays: no convergence.
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
        // With one fetch at a time, an older value never follows a newer one. Versions do not
        // help here: they are lost when their entry expires.
        (Fill::SingleFlight, Invalidation::None) => old(live.or(Bits::MR)),
        _ => old(live),
    }
}
