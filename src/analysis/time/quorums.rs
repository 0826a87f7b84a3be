//! Quorums that were computed once.
//!
//! In: what is asked of one line of machines, how many of how many must answer. Out: the time
//! until they have. A quorum is a table of many inversions, and whoever looks at a design
//! again and again asks the same. Never: an answer for another line.

use crate::analysis::ground::time_value::Timed;
use crate::model::Latency;
use std::sync::{Arc, Mutex};

/// What is asked: the time of one, how many must answer, of how many.
type Asked = (Latency, u32, u32);

/// The quorums of one line.
#[derive(Clone, Debug, Default)]
pub(in crate::analysis) struct Quorums(Arc<Mutex<Vec<(Asked, Timed)>>>);

impl Quorums {
    /// The quorum that is asked for; `one` is the time of one answer.
    pub fn get(&self, asked: Asked, one: impl FnOnce() -> Timed) -> Timed {
        let known = self.0.lock().ok().and_then(|all| all.iter().find(|(a, _)| *a == asked).map(|(_, t)| t.clone()));
        known.unwrap_or_else(|| {
            let time = one().quorum(asked.1, asked.2);
            if let Ok(mut all) = self.0.lock() {
                all.push((asked, time.clone()));
            }
            time
        })
    }
}
