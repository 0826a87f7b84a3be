//! What each hop on the way from the truth to the client does to a guarantee.
//!
//! In: a hop with its settings. Out: properties kept and added, and what it adds to the
//! age. Every hop is monotone: a stronger guarantee below never becomes a weaker one
//! above. Ages add up; HTTP caches that pass `Age` on take the longer of their
//! lifetimes. Sources: RFC 9111 sections 4.2.3 and 4.4, RFC 5861, Nishtala et al. 2013.

use super::fill::Fill;
use super::fill::Invalidation;
use super::fill::kept;
use super::guarantee::Bits;

/// A hop.
#[derive(Clone, Debug, PartialEq)]
pub enum Hop {
    /// A cache shared by all who ask, beside a store.
    Aside {
        /// How long an entry lives; for ever without.
        ttl: Option<f64>,
        /// How a missing one is put back.
        fill: Fill,
        /// What writers do to it.
        invalidation: Invalidation,
    },
    /// A cache that writes go into first, and to the store later.
    Behind {
        /// How much later at most; without a bound when it is not said.
        flush: Option<f64>,
    },
    /// A store read directly while a write-behind cache still holds newer values.
    BehindOther {
        /// How late at most.
        flush: Option<f64>,
    },
    /// A cache in each process.
    Local {
        /// How long an entry lives; for ever without.
        ttl: Option<f64>,
        /// Whether a session stays with one process.
        sticky: bool,
        /// Whether writes go through it.
        through: bool,
    },
    /// A cache that many clients share on their way: of a balancer, or of a content network.
    Edge {
        /// How long an answer is fresh.
        ttl: Option<f64>,
        /// How long a stale one is served while a fresh one is fetched.
        revalidate: f64,
        /// How long a stale one is served when the origin fails.
        on_error: f64,
        /// Whether it tells the next cache the age of its answers.
        age: bool,
    },
    /// The cache of one client.
    Private {
        /// How long an answer is fresh.
        ttl: Option<f64>,
        /// Whether a write to the same address drops it.
        same_uri: bool,
    },
    /// After its own write a session reads the primary for a while.
    Pin {
        /// For how long.
        after: f64,
        /// How far replicas may lag.
        lag: Option<f64>,
    },
    /// Messages applied to another store.
    Projection {
        /// Whether they are applied in their order.
        ordered: bool,
        /// Whether an older message is refused or a repeated one recognised.
        guarded: bool,
        /// Whether an older one is refused by its version.
        versioned: bool,
        /// Whether each publish is in the transaction of its write.
        outbox: bool,
        /// How late at most.
        lag: Option<f64>,
    },
    /// A client that shows its own writes at once.
    Optimistic,
}

/// A guarantee on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// What holds.
    pub bits: Bits,
    /// How old, in seconds, what is read may be.
    pub staleness: f64,
    /// The part of it that the next HTTP cache counts too.
    pub aged: f64,
    /// Acknowledged writes that the hop may lose, in seconds.
    pub rpo: f64,
}

impl Level {
    /// At the truth itself.
    #[must_use]
    pub fn new(bits: Bits, staleness: f64) -> Self {
        Self { bits: bits.close(), staleness, aged: 0.0, rpo: 0.0 }
    }

    fn step(self, keep: Bits, add: Bits, more: f64) -> Self {
        let bits = self.bits.meet(keep).or(add).close();
        Self { bits, staleness: self.staleness + more, aged: 0.0, ..self }
    }

    /// Over one hop.
    #[must_use]
    pub fn over(self, hop: &Hop) -> Self {
        let live = |ttl: Option<f64>| if ttl.is_some() { Bits::CONV } else { Bits::NONE };
        let long = |t: Option<f64>| t.unwrap_or(f64::INFINITY);
        let prefix = Bits::MW.or(Bits::WFR).or(Bits::CP).or(Bits::CONV);
        match *hop {
            Hop::Aside { ttl, fill, invalidation } => {
                let kept = kept(fill, invalidation, ttl.is_some());
                self.step(kept.bits, Bits::NONE, if kept.ages { long(ttl) } else { 0.0 })
            }
            Hop::Behind { flush } => Self { rpo: self.rpo.max(long(flush)), ..self },
            Hop::BehindOther { flush } => self.step(prefix, Bits::NONE, long(flush)),
            Hop::Local { ttl, sticky, through } => {
                let keep = if sticky { Bits::MR.or(live(ttl)) } else { live(ttl) };
                let add = if sticky && through { Bits::RYW } else { Bits::NONE };
                self.step(keep, add, long(ttl))
            }
            Hop::Edge { ttl, revalidate, age, .. } => {
                let more = long(ttl) + revalidate;
                let next = self.step(live(ttl), Bits::NONE, more);
                Self { aged: if age { more } else { 0.0 }, ..next }
            }
            Hop::Private { ttl, same_uri } => {
                let add = if same_uri { Bits::RYW } else { Bits::NONE };
                let ttl_or = long(ttl);
                let more =
                    if self.aged > 0.0 && self.aged.is_finite() { (ttl_or - self.aged).max(0.0) } else { ttl_or };
                self.step(Bits::MR.or(live(ttl)), add, more)
            }
            Hop::Pin { after, lag } => {
                let add = if lag.is_some_and(|l| after >= l) { Bits::RYW } else { Bits::NONE };
                self.step(Bits::ALL, add, 0.0)
            }
            Hop::Projection { ordered, guarded, versioned, outbox, lag } => {
                let keep = match (ordered, guarded) {
                    (true, true) => prefix.or(Bits::MR),
                    (true, false) => Bits::CONV,
                    (false, _) if versioned => Bits::CONV.or(Bits::MR),
                    (false, _) => Bits::NONE,
                };
                // A lost event never arrives: neither convergence nor any age holds.
                let keep = if outbox { keep } else { keep.less(Bits::CONV) };
                self.step(keep, Bits::NONE, if outbox { long(lag) } else { f64::INFINITY })
            }
            Hop::Optimistic => self.step(Bits::ALL, Bits::RYW, 0.0),
        }
    }

    /// Two levels that a client relies on together, or either of which may be.
    ///
    /// The next HTTP cache keeps an answer until its own lifetime ends, counted from what the
    /// answer's `Age` does not tell: `max(s, s - aged + ttl)` of each. The age that is told
    /// of both is what leaves the greater of both.
    #[must_use]
    pub fn meet(self, other: Self) -> Self {
        let staleness = self.staleness.max(other.staleness);
        let untold = (self.staleness - self.aged).max(other.staleness - other.aged);
        Self {
            bits: self.bits.meet(other.bits),
            staleness,
            aged: if untold.is_finite() && staleness.is_finite() { staleness - untold } else { 0.0 },
            rpo: self.rpo.max(other.rpo),
        }
    }
}

/// Reads of several stores in one request: linearizability is local (Herlihy and Wing
/// 1990), causal and sequential orders are not.
#[must_use]
pub fn over_stores(bits: Bits) -> Bits {
    if bits == Bits::ALL { bits } else { bits.meet(Bits::RYW.or(Bits::MR).or(Bits::CONV)) }
}

impl Hop {
    /// The hop after one fault: a node, a pin or an origin is gone.
    #[must_use]
    pub fn after_fault(&self) -> Self {
        match *self {
            // An invalidation may have gone to the node that is gone.
            Self::Aside { ttl, .. } => Self::Aside { ttl, fill: Fill::Set, invalidation: Invalidation::None },
            Self::Local { ttl, .. } => Self::Local { ttl, sticky: false, through: false },
            Self::Edge { ttl, revalidate, on_error, age } => {
                Self::Edge { ttl, revalidate: revalidate + on_error, on_error: 0.0, age }
            }
            _ => self.clone(),
        }
    }
}
