//! What reads and writes may rely on: eight properties, their closure, meet and order.
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
    /// Nothing at all.
    pub const NONE: Self = Self(0);
    /// Recency: what a completed write put is seen by every later read.
    pub const RT: Self = Self(1);
    /// One total order of all operations.
    pub const TO: Self = Self(2);
    /// A session sees its own writes.
    pub const RYW: Self = Self(4);
    /// A session never sees less than it saw before.
    pub const MR: Self = Self(8);
    /// A session's writes are applied in their order.
    pub const MW: Self = Self(16);
    /// A write comes after what its session read.
    pub const WFR: Self = Self(32);
    /// A read sees a prefix of the writes.
    pub const CP: Self = Self(64);
    /// Without further writes all copies come to be equal.
    pub const CONV: Self = Self(128);
    /// All eight: linearizable.
    pub const ALL: Self = Self(255);

    /// Both sets together, not closed.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn meet(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this one alone.
    #[must_use]
    pub const fn less(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether it has all of another.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// With all that follows from it.
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

    /// The closure of both together.
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

    /// What they mean, in words.
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        NAMES.iter().filter(|(_, bit, _)| self.has(*bit)).map(|(_, _, words)| *words).collect()
    }

    /// How many.
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
    /// Its name, as an slo writes it.
    pub name: &'static str,
    /// The properties it asks for.
    pub bits: Bits,
    /// Whether it asks for some bound of staleness.
    pub bounded: bool,
}

const SESSION: Bits = Bits::RYW.or(Bits::MR).or(Bits::MW).or(Bits::WFR).or(Bits::CONV);

const fn named(name: &'static str, bits: Bits) -> Named {
    Named { name, bits, bounded: false }
}

/// Named models, each after all that are stronger.
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

/// The model of that name.
#[must_use]
pub fn named_model(name: &str) -> Option<Named> {
    NAMED.iter().find(|m| m.name == name).copied()
}

impl Named {
    /// Which of its properties are missing: their number is 0 exactly when it is satisfied.
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

/// The strongest of the models an slo may ask for.
#[must_use]
pub fn strongest(bits: Bits, staleness: f64) -> Option<&'static str> {
    crate::kinds::MODELS.iter().copied().find(|m| named_model(m).is_some_and(|n| n.satisfied(bits, staleness)))
}

/// How often what is published arrives; later ones are stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delivery {
    /// Once or never.
    AtMostOnce,
    /// Once or more.
    AtLeastOnce,
    /// Once, inside the broker's own transactions or with a consumer that knows repeats.
    ExactlyOnce,
}

impl Delivery {
    /// As the language writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::AtMostOnce => "at_most_once",
            Self::AtLeastOnce => "at_least_once",
            Self::ExactlyOnce => "exactly_once",
        }
    }
}
