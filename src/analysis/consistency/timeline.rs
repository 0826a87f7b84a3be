//! When things happen after a cut or a loss, seconds from its start.
//!
//! In: leases, periods, lags. Out: bounds. Sources: Patroni and Redis documentation;
//! RFC 5861.

/// A failover of a primary that is cut off from its voters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Failover {
    /// How long the old primary goes on: its lease, or until it misses its replicas.
    pub lease: f64,
    /// How long the others need after that at most.
    pub elect: f64,
    /// How far the promoted replica is behind at most.
    pub lag: f64,
}

impl Failover {
    /// How long the cut-off side still accepts writes at most.
    #[must_use]
    pub fn accepts_until(self) -> f64 {
        self.lease
    }

    /// How long the other side cannot write at most.
    #[must_use]
    pub fn writes_again(self) -> f64 {
        self.lease + self.elect
    }

    /// Acknowledged writes that are lost at most, as a time.
    #[must_use]
    pub fn lost(self) -> f64 {
        self.lease + self.lag
    }
}

/// When a tolerance of so many seconds breaks on a side whose replica was `lag` behind
/// and gets nothing more: its age is lag plus the time since.
#[must_use]
pub fn breaks_after(tolerance: f64, lag: f64) -> f64 {
    (tolerance - lag).max(0.0)
}

/// A cache without its origin: fresh until the first, stale until the second, then nothing.
#[must_use]
pub fn without_origin(ttl: f64, on_error: f64) -> (f64, f64) {
    (ttl, ttl + on_error)
}
