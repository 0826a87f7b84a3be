//! Guarantee of a store itself for a read or a write, without faults and after one fault.
//!
//! In: how its copies follow a write, and which of them answers. Out: properties, staleness,
//! writes that a failover loses. Never: the default of a product.
//! Sources: Gilbert and Lynch 2002; Attiya, Bar-Noy and Dolev 1995 (quorums with
//! write-back); Terry et al. 1994; Bailis et al. 2012 (partial quorums).

use super::guarantee::Bits;
use super::hops::Hop;
use super::hops::Level;

/// Session guarantee of reads from replicas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Session {
    /// No guarantee.
    None,
    /// One replica per session.
    Sticky,
    /// The replica waits for the session's position.
    Token,
    /// After a write, the primary answers for this many seconds.
    PinPrimary(f64),
}

/// Read repair of a quorum: where a read writes its newest version before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// Nowhere; the next read may miss every copy that has the version.
    None,
    /// On the `r` copies that it read; a later read may miss all of these.
    Few,
    /// On enough copies that every later read meets one.
    Met,
}

impl Repair {
    /// The repair of a read of `r` of `n` copies; `mends` if it writes back to these. Two reads share
    /// a copy only if `2 r > n`. A read of all copies meets every version. Source: Attiya,
    /// Bar-Noy and Dolev 1995, whose readers write back to a majority for that reason.
    #[must_use]
    pub fn of(mends: bool, r: usize, n: usize) -> Self {
        if r >= n || (mends && 2 * r > n) {
            Self::Met
        } else if mends {
            Self::Few
        } else {
            Self::None
        }
    }
}

/// The source of an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    /// One agreed state: a single copy, or a leader that asks its quorum.
    Agreed,
    /// The primary of a replicated store.
    Primary {
        /// Whether another copy can be promoted that lacks acknowledged writes.
        lossy: bool,
        /// Seconds of acknowledged writes that a promotion may lose at most; none if unbounded.
        lag: Option<f64>,
    },
    /// Any replica of the primary.
    Replica {
        /// Largest replica lag in seconds, enforced by the router; none if unbounded.
        lag: Option<f64>,
        /// Its session guarantee.
        session: Session,
        /// Whether the copies apply one agreed log.
        agreed: bool,
        /// Whether a promotion may lose acknowledged writes.
        lossy: bool,
    },
    /// A quorum: a read and a write each use some of the copies.
    Quorum {
        /// Whether every read meets every write.
        strict: bool,
        /// The read repair before an answer.
        repair: Repair,
        /// Whether versions, not clocks, order writes.
        logical: bool,
    },
    /// Copies that all accept writes.
    MultiPrimary,
    /// An index that shows writes when it is refreshed.
    Index {
        /// The refresh interval in seconds; none if unbounded.
        refresh: Option<f64>,
    },
    /// The guarantee that an external system declares.
    Promised(Bits),
}

/// The properties of a copy that applies all writes in order.
const PREFIX: Bits = Bits::MW.or(Bits::WFR).or(Bits::CP).or(Bits::CONV);

impl Source {
    /// The guarantee without faults.
    #[must_use]
    pub fn nominal(&self) -> Level {
        let inf = f64::INFINITY;
        match *self {
            Self::Agreed | Self::Primary { .. } => Level::new(Bits::ALL, 0.0),
            Self::Replica { lag, session, agreed, .. } => {
                let base = Level::new(PREFIX, lag.unwrap_or(inf));
                match session {
                    Session::None => base,
                    Session::Sticky => Level { bits: base.bits.or(Bits::MR), ..base },
                    Session::Token => {
                        let order = if agreed { Bits::TO } else { Bits::NONE };
                        Level { bits: base.bits.or(Bits::RYW).or(Bits::MR).or(order).close(), ..base }
                    }
                    Session::PinPrimary(after) => base.over(&Hop::Pin { after, lag }),
                }
            }
            Self::Quorum { strict: true, repair: Repair::Met, logical: true } => Level::new(Bits::ALL, 0.0),
            Self::Quorum { strict: true, logical: true, .. } => Level::new(Bits::RT.or(Bits::CONV), 0.0),
            Self::Quorum { strict: true, repair, logical: false } => {
                let back = if repair == Repair::Met { Bits::MR } else { Bits::NONE };
                Level::new(back.or(Bits::CONV), inf)
            }
            Self::Quorum { strict: false, .. } | Self::MultiPrimary => Level::new(Bits::CONV, inf),
            Self::Index { refresh } => Level::new(Bits::CONV, refresh.unwrap_or(inf)),
            Self::Promised(bits) => Level::new(bits, if bits.has(Bits::RT) { 0.0 } else { inf }),
        }
    }

    /// The guarantee after one fault: the loss of a copy, a promotion of one that lacks the last
    /// writes if that is possible, or the loss of a session's replica.
    #[must_use]
    pub fn after_fault(&self) -> Level {
        let now = self.nominal();
        match *self {
            Self::Primary { lossy: true, lag } => {
                Level { rpo: lag.unwrap_or(f64::INFINITY), ..Level::new(Bits::CONV, now.staleness) }
            }
            Self::Replica { lag, lossy: true, .. } => {
                Level { rpo: lag.unwrap_or(f64::INFINITY), ..Level::new(Bits::CONV, now.staleness) }
            }
            Self::Replica { session: Session::Sticky, .. } => Level { bits: now.bits.less(Bits::MR), ..now },
            _ => now,
        }
    }
}
