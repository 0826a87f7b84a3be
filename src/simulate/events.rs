//! Pending events, the soonest first.
//!
//! In: events with their time. Out: them in order of time, those of one time in the order in which
//! they were added. Never: what an event does.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Happening {
    /// A flow starts.
    Start,
    /// A request arrives at its callee.
    Arrive,
    /// A core has done the work of a request.
    Done,
    /// The time of a request without a core is over.
    Waited,
    /// An answer arrives at the caller.
    Answered,
    /// An attempt times out.
    TimedOut,
    /// A retry is due.
    Retry,
    /// A hedge is due.
    Hedge,
}

const ALL: [Happening; 8] = [
    Happening::Start,
    Happening::Arrive,
    Happening::Done,
    Happening::Waited,
    Happening::Answered,
    Happening::TimedOut,
    Happening::Retry,
    Happening::Hedge,
];

/// Bits of the index of who an event is about.
const INDEX_BITS: u32 = 28;

/// The largest index of who an event is about.
pub(super) const MOST: u32 = (1 << INDEX_BITS) - 1;

/// An event that is due.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    /// Its time, seconds.
    pub time: f64,
    /// Its number, by which a cancelled event is known.
    pub number: u32,
    /// What happens.
    pub what: Happening,
    /// Who it is about.
    pub about: u32,
}

/// The pending events.
///
/// An event is one integer: the bits of its time, which order as the times do because no time is negative; its number; what
/// happens; who it is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Events {
    heap: BinaryHeap<Reverse<u128>>,
    number: u32,
}

impl Events {
    /// Adds an event; returns its number.
    #[inline]
    pub fn add(&mut self, time: f64, what: Happening, about: u32) -> u32 {
        self.number = self.number.wrapping_add(1);
        let low = u64::from(self.number) << 32 | u64::from(what as u8) << INDEX_BITS | u64::from(about);
        self.heap.push(Reverse(u128::from(time.to_bits()) << 64 | u128::from(low)));
        self.number
    }

    /// The time of the next event.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the upper half is 64 bits
    pub fn next_time(&self) -> Option<f64> {
        self.heap.peek().map(|Reverse(key)| f64::from_bits((key >> 64) as u64))
    }

    /// Takes the next event.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // each part is cut to its bits
    pub fn take(&mut self) -> Option<Event> {
        let Reverse(key) = self.heap.pop()?;
        let low = key as u64;
        let what = *ALL.get((low >> INDEX_BITS & 0xf) as usize)?;
        Some(Event {
            time: f64::from_bits((key >> 64) as u64),
            number: (low >> 32) as u32,
            what,
            about: low as u32 & MOST,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Events, Happening, MOST};

    #[test]
    fn events_come_in_order_of_time_and_then_of_adding() {
        let mut events = Events::default();
        events.add(2.0, Happening::Done, 5);
        events.add(1.0, Happening::Hedge, MOST);
        events.add(1.0, Happening::Start, 0);
        events.add(0.0, Happening::Retry, 7);
        let mut out = Vec::new();
        while let Some(e) = events.take() {
            out.push((e.time, e.what, e.about));
        }
        let want = [
            (0.0, Happening::Retry, 7),
            (1.0, Happening::Hedge, MOST),
            (1.0, Happening::Start, 0),
            (2.0, Happening::Done, 5),
        ];
        assert_eq!(out, want);
    }
}
