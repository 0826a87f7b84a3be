//! What a store itself gives to a read or a write, with nothing failed and after one fault.
//!
//! In: how its copies follow a write and which of them answers. Out: properties, age,
//! writes that a failover loses. Never: what a product does by default.
//! Sources: Gilbert and Lynch 2002; Attiya, Bar-Noy and Dolev 1995 (quorums with
//! write-back); Terry et al. 1994; Bailis et al. 2012 (partial quorums).

use super::guarantee::Bits;
use super::hops::Hop;
use super::hops::Level;

/// What a session may rely on where replicas answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Session {
    /// Nothing.
    None,
    /// One replica per session.
    Sticky,
    /// The replica waits for the session's position.
    Token,
    /// After a write the primary answers for so many seconds.
    PinPrimary(f64),
}

/// What a quorum read does, before it answers, with the newest version it saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// Nothing, and the next read may ask none of the copies that have it.
    None,
    /// It puts it on the `r` copies it asked, and a later read may ask none of these.
    Few,
    /// Every later read asks a copy that has it.
    Met,
}

impl Repair {
    /// Of a read that asks `r` of `n` copies and mends as many: two reads share a copy
    /// only if `2 r > n`. A read of all copies meets whatever one of them has. Source: Attiya,
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

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    /// One copy that all agree on: a single copy, a leader that asks its quorum.
    Agreed,
    /// The primary of copies that follow it; whether a promotion may lose what it
    /// acknowledged, and how much.
    Primary {
        /// Whether another copy can be promoted that lacks acknowledged writes.
        lossy: bool,
        /// How much at most.
        lag: Option<f64>,
    },
    /// Any copy behind the primary.
    Replica {
        /// How late at most, if the router enforces it.
        lag: Option<f64>,
        /// What a session may rely on.
        session: Session,
        /// Whether the copies apply one agreed log.
        agreed: bool,
        /// Whether a promotion may lose what was acknowledged.
        lossy: bool,
    },
    /// Copies that a read and a write each ask some of.
    Quorum {
        /// Whether every read meets every write.
        strict: bool,
        /// Whether a read mends the copies before it answers.
        repair: Repair,
        /// Whether versions, not clocks, order writes.
        logical: bool,
    },
    /// Copies that all take writes.
    MultiPrimary,
    /// An index that shows writes when it is refreshed.
    Index {
        /// How late that is.
        refresh: Option<f64>,
    },
    /// What somebody else promises.
    Promised(Bits),
}

const PREFIX: Bits = Bits::MW.or(Bits::WFR).or(Bits::CP).or(Bits::CONV);

impl Source {
    /// What it gives with nothing failed.
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

    /// What it gives after one fault: a copy is gone and, where that may be, another one
    /// is promoted that lacks the last writes; a session's replica is gone.
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
