//! How the copies of a store follow each other.

/// The words of `replication`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Replication {
    /// No copy follows another.
    None,
    /// Replicas follow the primary; a commit waits for none of them.
    Async,
    /// A commit waits for one replica.
    SemiSync,
    /// A commit waits for every replica in step.
    Sync,
    /// Reads and writes ask so many of all copies.
    Quorum,
    /// A majority orders all writes.
    Consensus,
    /// Every copy accepts writes.
    MultiPrimary,
}

impl Replication {
    /// All, in the order of the reference.
    pub const ALL: [Self; 7] =
        [Self::None, Self::Async, Self::SemiSync, Self::Sync, Self::Quorum, Self::Consensus, Self::MultiPrimary];

    /// The word in a design.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Async => "async",
            Self::SemiSync => "semi_sync",
            Self::Sync => "sync",
            Self::Quorum => "quorum",
            Self::Consensus => "consensus",
            Self::MultiPrimary => "multi_primary",
        }
    }

    /// The replication of that word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.word() == word)
    }

    /// Whether a commit waits for other copies.
    #[must_use]
    pub const fn waits(self) -> bool {
        matches!(self, Self::SemiSync | Self::Sync | Self::Quorum | Self::Consensus)
    }

    /// Whether all copies serve alike: there is no primary that the others follow.
    #[must_use]
    pub const fn has_no_primary(self) -> bool {
        matches!(self, Self::Quorum | Self::Consensus | Self::MultiPrimary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::{Type, kind};

    #[test]
    fn the_words_are_those_of_the_kinds() {
        let property = kind("database").and_then(|k| k.property("replication")).expect("a database replicates");
        let Type::Word(words) = property.ty else { panic!("not a word") };
        assert_eq!(words, Replication::ALL.map(Replication::word));
        assert!(words.iter().all(|w| Replication::of(w).is_some_and(|r| r.word() == *w)));
        assert_eq!(Replication::of("raft"), None);
    }
}
