//! Memoized quorum times of one queue.
//!
//! In: the service time of a visit, the number of answers that a quorum needs, and of how many
//! replicas. Out: the time until that many have answered. A quorum time is a table of numerical
//! inversions, and the analyses request the same one repeatedly. Never: the time at another queue.

use crate::analysis::ground::time_value::Timed;
use crate::model::Latency;
use std::sync::{Arc, Mutex};

/// Service time of one visit, number of answers needed, number of replicas.
type QuorumKey = (Latency, u32, u32);

/// The quorum times of one queue.
#[derive(Clone, Debug, Default)]
pub(in crate::analysis) struct Quorums(Arc<Mutex<Vec<(QuorumKey, Timed)>>>);

impl Quorums {
    /// The quorum time of a key, computed once; `one` is the time of one answer.
    pub fn get(&self, key: QuorumKey, one: impl FnOnce() -> Timed) -> Timed {
        let known = self.0.lock().ok().and_then(|all| all.iter().find(|(a, _)| *a == key).map(|(_, t)| t.clone()));
        known.unwrap_or_else(|| {
            let time = one().quorum(key.1, key.2);
            if let Ok(mut all) = self.0.lock() {
                all.push((key, time.clone()));
            }
            time
        })
    }
}
