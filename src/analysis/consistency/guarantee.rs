//! Guarantees of reads and writes: eight properties, their closure, meet and order.
//!
//! In: sets of properties. Out: sets of properties, the models they satisfy. Never: a
//! component. Sources: Herlihy and Wing 1990 (recency and one order are linearizability);
//! Terry et al. 1994 (the four session guarantees); Brzezinski et al. 2004 (the four
//! together are causal).

use std::fmt;

/// A set of properties. More of them is stronger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bits(u8);

/// Names of the properties in the order in which they are shown.
const NAMES: [(&str, Bits, &str); 8] = [
    ("RT", Bits::RT, "recency"),
    ("TO", Bits::TO, "one order for everybody"),
    ("RYW", Bits::RYW, "read your writes"),
    ("MR", Bits::MR, "monotonic reads"),
    ("MW", Bits::MW, "monotonic writes"),
    ("WFR", Bits::WFR, "writes follow reads"),
    ("CP", Bits::CP, "consistent prefix"),
    ("CONV", Bits::CONV, "convergence"),
];

impl Bits {
    /// The empty set.
    pub const NONE: Self = Self(0);
    /// Recency: every read sees all writes that completed before it.
    pub const RT: Self = Self(1);
    /// One total order of all operations.
    pub const TO: Self = Self(2);
    /// A session sees its own writes.
    pub const RYW: Self = Self(4);
    /// A session never sees an older state than before.
    pub const MR: Self = Self(8);
    /// A session's writes are applied in their order.
    pub const MW: Self = Self(16);
    /// A write is ordered after the writes that its session has read.
    pub const WFR: Self = Self(32);
    /// A read sees a prefix of the writes.
    pub const CP: Self = Self(64);
    /// Without further writes, all copies become equal.
    pub const CONV: Self = Self(128);
    /// All eight: linearizable.
    pub const ALL: Self = Self(255);

    /// The union of both sets, not closed.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The intersection of both sets.
    #[must_use]
    pub const fn meet(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The properties of this set that the other lacks.
    #[must_use]
    pub const fn less(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether it contains another set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The closure: the set with all properties that it implies.
    #[must_use]
    pub const fn close(self) -> Self {
        let mut all = self;
        if all.has(Self::RT) {
            all = all.or(Self::RYW);
        }
        if all.has(Self::RT.or(Self::TO)) {
            return Self::ALL;
        }
        if all.has(Self::TO.or(Self::RYW).or(Self::MR)) {
            all = all.or(Self::MW).or(Self::WFR).or(Self::CP);
        }
        all
    }

    /// The closure of the union.
    #[must_use]
    pub const fn join(self, other: Self) -> Self {
        self.or(other).close()
    }

    /// Short names, in a fixed order.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        NAMES.iter().filter(|(_, bit, _)| self.has(*bit)).map(|(name, _, _)| *name).collect()
    }

    /// The single properties in it, in a fixed order.
    #[must_use]
    pub fn each(self) -> Vec<Self> {
        NAMES.iter().filter(|(_, bit, _)| self.has(*bit)).map(|(_, bit, _)| *bit).collect()
    }

    /// The full names of the properties.
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        NAMES.iter().filter(|(_, bit, _)| self.has(*bit)).map(|(_, _, words)| *words).collect()
    }

    /// The number of properties.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }
}

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names();
        f.write_str(&if names.is_empty() { "nothing".to_owned() } else { names.join(" ") })
    }
}

/// A named consistency model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name in an `slo`.
    pub name: &'static str,
    /// The properties it requires.
    pub bits: Bits,
    /// Whether it requires bounded staleness.
    pub bounded: bool,
}

/// The four session guarantees and convergence.
const SESSION: Bits = Bits::RYW.or(Bits::MR).or(Bits::MW).or(Bits::WFR).or(Bits::CONV);

const fn named(name: &'static str, bits: Bits) -> Named {
    Named { name, bits, bounded: false }
}

/// Named models; each follows all stronger ones.
pub static NAMED: [Named; 12] = [
    named("linearizable", Bits::ALL),
    named("sequential", Bits::ALL.less(Bits::RT)),
    named("causal", SESSION),
    named("pram", SESSION.less(Bits::WFR)),
    named("regular", Bits::RT.or(Bits::RYW).or(Bits::CONV)),
    named("read_your_writes", Bits::RYW),
    named("monotonic_reads", Bits::MR),
    named("monotonic_writes", Bits::MW),
    named("writes_follow_reads", Bits::WFR),
    named("consistent_prefix", Bits::CP),
    Named { name: "bounded", bits: Bits::CONV, bounded: true },
    named("eventual", Bits::CONV),
];

/// The model with this name.
#[must_use]
pub fn named_model(name: &str) -> Option<Named> {
    NAMED.iter().find(|m| m.name == name).copied()
}

impl Named {
    /// Its missing properties, and whether bounded staleness is missing. Empty and false exactly if it
    /// is satisfied.
    #[must_use]
    pub fn missing(self, bits: Bits, staleness: f64) -> (Bits, bool) {
        (self.bits.less(bits.close()), self.bounded && !staleness.is_finite())
    }

    /// Whether a guarantee satisfies it.
    #[must_use]
    pub fn satisfied(self, bits: Bits, staleness: f64) -> bool {
        self.missing(bits, staleness) == (Bits::NONE, false)
    }
}

/// The strongest satisfied model among those an `slo` may require.
#[must_use]
pub fn strongest(bits: Bits, staleness: f64) -> Option<&'static str> {
    crate::kinds::MODELS.iter().copied().find(|m| named_model(m).is_some_and(|n| n.satisfied(bits, staleness)))
}

/// Delivery guarantee of a message; later ones are stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delivery {
    /// At most once: a message may be lost.
    AtMostOnce,
    /// At least once: a message may be repeated.
    AtLeastOnce,
    /// Exactly once, by transactions of the broker or by a consumer that detects repeats.
    ExactlyOnce,
}

impl Delivery {
    /// The word of the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::AtMostOnce => "at_most_once",
            Self::AtLeastOnce => "at_least_once",
            Self::ExactlyOnce => "exactly_once",
        }
    }
}
