//! Consistency and partitions: reference cases, enumeration of all states, and oracles.

#[path = "../support/mod.rs"]
mod support;

mod effects;
mod language;
mod oracle;
mod quorums;
mod reference;
mod room;
mod sessions;
