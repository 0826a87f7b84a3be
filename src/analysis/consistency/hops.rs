//! Effect of each hop between a store and the client on a guarantee.
//!
//! In: a hop with its settings. Out: properties kept and added, and added staleness. Every hop is
//! monotone: a stronger guarantee below never becomes a weaker one above. Staleness adds up, except
//! that HTTP caches that forward `Age` count the longer of their lifetimes.
//! Sources: RFC 9111 sections 4.2.3 and 4.4, RFC 5861, Nishtala et al. 2013. Never: a product's default.

use super::fill::Fill;
use super::fill::Invalidation;
use super::fill::kept;
use super::guarantee::Bits;

/// A hop.
#[derive(Clone, Debug, PartialEq)]
pub enum Hop {
    /// A cache beside a store, shared by all callers.
    Aside {
        /// Lifetime of an entry in seconds; unlimited if none.
        ttl: Option<f64>,
        /// How a missing entry is filled.
        fill: Fill,
        /// How writers invalidate it.
        invalidation: Invalidation,
    },
    /// A write-behind cache: writes reach the store later.
    Behind {
        /// Largest delay in seconds; unbounded if none.
        flush: Option<f64>,
    },
    /// A store read directly while a write-behind cache still holds newer values.
    BehindOther {
        /// Largest delay in seconds; unbounded if none.
        flush: Option<f64>,
    },
    /// A cache in each process.
    Local {
        /// Lifetime of an entry in seconds; unlimited if none.
        ttl: Option<f64>,
        /// Whether a session stays with one process.
        sticky: bool,
        /// Whether writes go through it.
        through: bool,
    },
    /// A cache shared by many clients: of a load balancer or a content delivery network.
    Edge {
        /// Seconds for which an answer is fresh; unlimited if none.
        ttl: Option<f64>,
        /// Seconds for which a stale answer is served while a fresh one is fetched.
        revalidate: f64,
        /// Seconds for which a stale answer is served if the origin fails.
        on_error: f64,
        /// Whether it tells the next cache the age of its answers.
        age: bool,
    },
    /// The cache of one client.
    Private {
        /// Seconds for which an answer is fresh; unlimited if none.
        ttl: Option<f64>,
        /// Whether a write to the same address drops it.
        same_uri: bool,
    },
    /// Reads of the primary for some time after a session's own write.
    Pin {
        /// That time in seconds.
        after: f64,
        /// Largest replica lag in seconds; unbounded if none.
        lag: Option<f64>,
    },
    /// Messages applied to another store.
    Projection {
        /// Whether messages are applied in order.
        ordered: bool,
        /// Whether an older message is rejected or a repeated one detected.
        guarded: bool,
        /// Whether an older message is rejected by its version.
        versioned: bool,
        /// Whether each publish is in the transaction of its write.
        outbox: bool,
        /// Largest lag in seconds; unbounded if none.
        lag: Option<f64>,
    },
    /// A client that shows its own writes at once.
    Optimistic,
}

/// A guarantee at one point between the store and the client.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Properties that hold.
    pub bits: Bits,
    /// Largest staleness of a read, in seconds.
    pub staleness: f64,
    /// The part of it, in seconds, that the `Age` header tells the next HTTP cache.
    pub aged: f64,
    /// Largest loss of acknowledged writes, in seconds.
    pub rpo: f64,
}

impl Level {
    /// At the store.
    #[must_use]
    pub fn new(bits: Bits, staleness: f64) -> Self {
        Self { bits: bits.close(), staleness, aged: 0.0, rpo: 0.0 }
    }

    /// Keeps some properties, adds others, and adds staleness in seconds.
    fn step(self, keep: Bits, add: Bits, more: f64) -> Self {
        let bits = self.bits.meet(keep).or(add).close();
        Self { bits, staleness: self.staleness + more, aged: 0.0, ..self }
    }

    /// The guarantee after one hop.
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
                // A lost event never arrives: convergence is lost, and staleness is unbounded.
                let keep = if outbox { keep } else { keep.less(Bits::CONV) };
                self.step(keep, Bits::NONE, if outbox { long(lag) } else { f64::INFINITY })
            }
            Hop::Optimistic => self.step(Bits::ALL, Bits::RYW, 0.0),
        }
    }

    /// The guarantee of two levels that a client uses together, or of either one.
    ///
    /// The next HTTP cache keeps an answer until its own lifetime ends, reduced by the `Age` of
    /// the answer: the staleness is then `max(s, s - aged + ttl)`. The `aged` of the result makes
    /// this the greater of both.
    #[must_use]
    pub fn meet(self, other: Self) -> Self {
        let staleness = self.staleness.max(other.staleness);
        let not_in_age_header = (self.staleness - self.aged).max(other.staleness - other.aged);
        Self {
            bits: self.bits.meet(other.bits),
            staleness,
            aged: if not_in_age_header.is_finite() && staleness.is_finite() {
                staleness - not_in_age_header
            } else {
                0.0
            },
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
    /// The hop after one fault: the loss of a node, a sticky session or an origin.
    #[must_use]
    pub fn after_fault(&self) -> Self {
        match *self {
            // The lost node may have been the only one with an invalidation.
            Self::Aside { ttl, .. } => Self::Aside { ttl, fill: Fill::Set, invalidation: Invalidation::None },
            Self::Local { ttl, .. } => Self::Local { ttl, sticky: false, through: false },
            Self::Edge { ttl, revalidate, on_error, age } => {
                Self::Edge { ttl, revalidate: revalidate + on_error, on_error: 0.0, age }
            }
            _ => self.clone(),
        }
    }
}
