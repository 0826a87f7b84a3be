//! Asynchronous work: lag and backlog of messages.
//!
//! In: arrival rates, stations. Out: seconds from publish to done, messages waiting. Never: a
//! response time.

pub mod backlog;
pub mod figures;
pub mod lag;
