//! Which attributes a computation reads.
//!
//! In: a computation. Out: its result, and the attributes of the design that it read. Every reader
//! of `Attrs` except `peek` records its reads. Never: a value, a judgement.
//!
//! An attribute has a number. Copies keep it, so reads of a scenario's or a sample's model count
//! for the design. The recorder belongs to a thread; a parallel map passes on the reads of its
//! threads ([`add`]).

use std::cell::{Cell, RefCell};

thread_local! {
    static RECORDING: Cell<bool> = const { Cell::new(false) };
    static READS: RefCell<Reads> = const { RefCell::new(Reads { bits: Vec::new() }) };
    static NEXT: Cell<u32> = const { Cell::new(0) };
}

/// The number of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttrId(u32);

/// A set of attributes.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    /// One bit for each number.
    bits: Vec<u64>,
}

impl Reads {
    /// Whether an attribute was read.
    #[must_use]
    pub fn contains(&self, id: AttrId) -> bool {
        let (word, bit) = split(id);
        self.bits.get(word).is_some_and(|w| w & bit != 0)
    }

    fn insert(&mut self, id: AttrId) {
        if id == MADE {
            return;
        }
        let (word, bit) = split(id);
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        if let Some(w) = self.bits.get_mut(word) {
            *w |= bit;
        }
    }

    /// Adds the attributes of another set.
    pub fn extend(&mut self, other: &Self) {
        if self.bits.len() < other.bits.len() {
            self.bits.resize(other.bits.len(), 0);
        }
        for (mine, theirs) in self.bits.iter_mut().zip(&other.bits) {
            *mine |= theirs;
        }
    }
}

fn split(AttrId(id): AttrId) -> (usize, u64) {
    (id as usize / 64, 1 << (id % 64))
}

/// Restarts the numbers for a new model: each build of a design has the same numbers.
pub(super) fn restart() {
    NEXT.set(0);
}

/// The number of an attribute that no design sets: a loss, a trial. Its reads are not recorded.
pub(crate) const MADE: AttrId = AttrId(u32::MAX);

/// The next number.
pub(crate) fn next() -> AttrId {
    let id = NEXT.get();
    NEXT.set(id + 1);
    AttrId(id)
}

/// Records that an attribute is read.
pub(super) fn note(id: AttrId) {
    if RECORDING.get() {
        READS.with_borrow_mut(|r| r.insert(id));
    }
}

/// Whether reads of this thread are recorded.
#[must_use]
pub fn is_recording() -> bool {
    RECORDING.get()
}

/// Adds reads of another thread to those of this one.
pub fn add(reads: &Reads) {
    if RECORDING.get() {
        READS.with_borrow_mut(|r| r.extend(reads));
    }
}

/// Runs a computation and records what it reads. An outer recorder gets these reads too.
pub fn recorded<T>(run: impl FnOnce() -> T) -> (T, Reads) {
    let was = RECORDING.replace(true);
    let outer = READS.take();
    let out = run();
    let mine = READS.replace(outer);
    RECORDING.set(was);
    add(&mine);
    (out, mine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outer_recorder_sees_inner_reads_and_not_the_reverse() {
        let ((inner, _), outer) = recorded(|| {
            READS.with_borrow_mut(|r| r.insert(AttrId(1)));
            recorded(|| READS.with_borrow_mut(|r| r.insert(AttrId(70))))
        });
        let () = inner;
        assert_eq!(outer.bits, [2, 64]);
        assert!(!is_recording());
        let ((), nothing) = recorded(|| ());
        assert!(nothing.bits.is_empty());
    }
}
