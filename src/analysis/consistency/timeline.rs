//! Times of events after a partition or a loss, in seconds from its start.
//!
//! In: leases, periods, lags. Out: bounds. Sources: Patroni and Redis documentation;
//! RFC 5861. Never: a steady state.

/// The failover of a primary that a partition separates from its voters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Failover {
    /// Seconds for which the old primary continues: its lease, or until it misses its replicas.
    pub lease: f64,
    /// Largest time for an election after that, seconds.
    pub elect: f64,
    /// Largest lag of the promoted replica, seconds.
    pub lag: f64,
}

impl Failover {
    /// Largest time for which the old primary's side accepts writes, seconds.
    #[must_use]
    pub fn accepts_until(self) -> f64 {
        self.lease
    }

    /// Largest time without writes on the other side, seconds.
    #[must_use]
    pub fn writes_again(self) -> f64 {
        self.lease + self.elect
    }

    /// Largest loss of acknowledged writes, in seconds.
    #[must_use]
    pub fn lost(self) -> f64 {
        self.lease + self.lag
    }
}

/// Seconds until staleness exceeds `tolerance` on a side without updates. The staleness is the
/// replica's `lag` at the start plus the time since.
#[must_use]
pub fn breaks_after(tolerance: f64, lag: f64) -> f64 {
    (tolerance - lag).max(0.0)
}

/// A cache without its origin: seconds until its answers are stale, and until they end.
#[must_use]
pub fn without_origin(ttl: f64, on_error: f64) -> (f64, f64) {
    (ttl, ttl + on_error)
}
