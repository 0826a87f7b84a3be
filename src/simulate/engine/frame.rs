//! Frames: what is in progress.
//!
//! In: nothing. Out: types. A request is a tree of frames. A frame runs a list of operations (the root
//! of a request, a visit of a callee, a branch), or makes the attempts of one call, or does the work of
//! one copy of a store. Never: what a frame does.

use super::super::program::NONE;

/// The result of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Result {
    Answer,
    Miss,
    Failure,
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Free.
    Free,
    /// A request, or the messages of one slot.
    Root,
    /// A request at a callee.
    Visit,
    /// A list beside or inside another.
    Part,
    /// The attempts of a call.
    Attempts,
    /// The work of one copy of a store.
    Copy,
}

/// Where a visit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It waits for a connection.
    Pool,
    /// It is on the way, queues, or is served.
    Under,
    /// It waits for copies.
    Gather,
    /// It runs the calls of the callee.
    Body,
    /// It is answered.
    Over,
}

/// A child of a frame, by index and version.
pub(super) type Link = (u32, u32);

pub(super) const NOBODY: Link = (NONE, 0);

#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub kind: Kind,
    pub state: State,
    pub result: Result,
    /// Whether it holds a thread.
    pub threaded: bool,
    /// Whether it is counted among the open calls of its pair.
    pub open: bool,
    pub version: u32,
    pub up: Link,
    pub at: u32,
    pub call: u32,
    /// The replica where its owner runs: a visit's callee, another frame's caller.
    pub replica: u32,
    /// The pool whose connection it holds.
    pub pool: u32,
    /// Branches or copies that it waits for; of attempts, retries so far.
    pub pending: u32,
    /// Repetitions left; the start of a root; nothing else.
    pub number: f64,
    /// The flow, and which of its users.
    pub flow: u32,
    pub who: u32,
    /// Of a root: its slot.
    pub slot: u32,
    /// Of attempts: the running ones, and the numbers of their timers.
    pub running: [Link; 2],
    pub timeout: u32,
    pub hedge: u32,
}

pub(super) const FREE: Frame = Frame {
    kind: Kind::Free,
    state: State::Under,
    result: Result::Answer,
    threaded: false,
    open: false,
    version: 0,
    up: NOBODY,
    at: 0,
    call: NONE,
    replica: NONE,
    pool: NONE,
    pending: 0,
    number: 0.0,
    flow: NONE,
    who: NONE,
    slot: NONE,
    running: [NOBODY; 2],
    timeout: 0,
    hedge: 0,
};
