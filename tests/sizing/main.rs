//! Sizing and advice: optimality against enumeration and other solvers, and their output.

#![allow(clippy::pedantic, reason = "tests are read for what they compare")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "tests read files, run programs and print")]

#[path = "../support/mod.rs"]
mod support;

mod advise;
mod advise_next;
mod brute;
mod caches;
mod commit;
mod engines;
mod holes;
mod messages;
mod properties;
mod reference;
mod regret;
mod robust;
mod scalers;
mod solvers;
mod staffing;
mod study;
