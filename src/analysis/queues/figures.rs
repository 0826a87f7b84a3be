//! Lag and backlog of a flow, as data.
//!
//! In: figures. Out: types that [`crate::analysis::queues::lag`] and
//! [`crate::analysis::queues::backlog`] fill and reports read. Never: a formula.

use crate::analysis::ground::known::Known;
use crate::analysis::ground::resource::Resource;
use crate::analysis::ground::time_value::Timed;
use crate::model::Reason;
use crate::model::ReasonKind;

/// The lag of one flow.
#[derive(Clone, Debug)]
pub struct Lag {
    /// Time from publish to the end of the consumer's work.
    pub time: Timed,
    /// Whether `time` is the worst of a day, not that of a steady peak.
    pub worst_of_day: bool,
    /// The resource `slots`: slots in use over all slots.
    pub slots: Resource,
    /// Holding time of a slot, for one message or batch.
    pub hold: Timed,
    /// The steps of the derivation.
    pub why: Vec<String>,
    /// The parts that sum to the time, each with its name.
    pub parts: Vec<(String, Timed)>,
    /// Backlogs: each day, and after an outage.
    pub backlog: Backlog,
    /// Notes for the reader.
    pub notes: Vec<String>,
}

/// The longest wait in seconds for which the peak is treated as steady.
/// A longer wait is evaluated over the day, because no peak lasts long enough for it.
pub(in crate::analysis) const PATIENCE: f64 = 60.0;

/// The backlogs of a flow.
#[derive(Clone, Debug)]
pub struct Backlog {
    /// Messages per second that the slots can process.
    pub capacity: Known,
    /// Messages that wait after an outage of an hour at the mean rate.
    pub after_outage: Known,
    /// Seconds until that backlog has drained at the mean rate; infinite if never.
    pub drains_in: Known,
    /// Messages after an outage of an hour at the peak rate, and the seconds until they have drained.
    pub at_peak: (Known, Known),
    /// The backlog of an ordinary day, if there is one.
    pub daily: Option<Daily>,
}

/// A backlog that occurs every day.
#[derive(Clone, Debug, PartialEq)]
pub struct Daily {
    /// Maximum number of waiting messages; infinite if it never drains.
    pub most: f64,
    /// Start of the backlog, or of the window that drains it, in seconds after midnight.
    pub starts: f64,
    /// Time at which it has drained, in seconds after midnight; `None` if never.
    pub ends: Option<f64>,
    /// Longest delay, seconds; infinite if it never drains.
    pub longest_delay: f64,
    /// Messages that are left undone each day.
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
