//! Consistency and partitions: reference cases, enumeration of all states, and oracles.

#![allow(clippy::pedantic, reason = "tests are read for what they compare")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "tests read files, run programs and print")]

#[path = "../support/mod.rs"]
mod support;

mod effects;
mod language;
mod oracle;
mod quorums;
mod reference;
mod room;
mod sessions;
