//! Lag and backlog of a flow, as data.
//!
//! In: figures. Out: what [`crate::analysis::queues::lag`] and [`crate::analysis::queues::backlog`] fill in and
//! reports read. Never: a formula.

use crate::analysis::ground::known::Known;
use crate::analysis::ground::resource::Resource;
use crate::analysis::ground::time_value::Timed;
use crate::model::Reason;
use crate::model::ReasonKind;

/// The lag of one flow.
#[derive(Clone, Debug)]
pub struct Lag {
    /// From publish to done.
    pub time: Timed,
    /// Whether `time` is the worst of a day.
    pub worst_of_day: bool,
    /// Slots in use, and those there are.
    pub slots: Resource,
    /// How long a message holds its slot.
    pub hold: Timed,
    /// The steps of the derivation.
    pub why: Vec<String>,
    /// What the time is the sum of, in words.
    pub parts: Vec<(String, Timed)>,
    /// What piles up: each day, after an outage.
    pub backlog: Backlog,
    /// What a person should know.
    pub says: Vec<String>,
}

/// Waits up to this, seconds, are those of a steady peak; what would take longer is judged over the
/// day, for no peak lasts long enough to be steady then.
pub(in crate::analysis) const PATIENCE: f64 = 60.0;

/// What piles up.
#[derive(Clone, Debug)]
pub struct Backlog {
    /// Messages per second that its slots take.
    pub capacity: Known,
    /// Messages that wait after an outage of an hour, at the mean.
    pub after_outage: Known,
    /// Seconds until they are done, at the mean; infinite if never.
    pub drains_in: Known,
    /// The same at the peak.
    pub at_peak: (Known, Known),
    /// What piles up in the ordinary course of a day.
    pub daily: Option<Daily>,
}

/// A backlog of every day.
#[derive(Clone, Debug, PartialEq)]
pub struct Daily {
    /// Most that wait.
    pub most: f64,
    /// When it starts to be worked off or to pile up, seconds after midnight.
    pub starts: f64,
    /// When none waits any more, seconds after midnight; `None` if never.
    pub ends: Option<f64>,
    /// Longest delay, seconds; infinite if it never drains.
    pub longest_delay: f64,
    /// Messages that are left each day.
    pub left: f64,
    /// Share of the day's messages that `max_length` drops.
    pub dropped: f64,
    /// Whether messages outlive the `retention` of their queue.
    pub expires: bool,
}

impl Default for Backlog {
    fn default() -> Self {
        Self::unknown(&Reason::new(ReasonKind::NotApplicable, "it is not asked"))
    }
}

impl Backlog {
    pub(in crate::analysis) fn unknown(why: &Reason) -> Self {
        let e = || Err(why.clone());
        Self { capacity: e(), after_outage: e(), drains_in: e(), at_peak: (e(), e()), daily: None }
    }
}
