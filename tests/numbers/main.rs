//! Numbers of analyses: closed forms, reference cases, brute force, simulations and properties.

#![allow(clippy::pedantic, reason = "tests are read for what they compare")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "tests read files, run programs and print")]

#[path = "../support/mod.rs"]
mod support;

mod analysis_properties;
mod availability;
mod availability_told;
mod billing;
mod breaks;
mod connections;
mod cost;
mod deployment;
mod hits;
mod lag;
mod losses;
mod nested;
mod outage;
mod placement;
mod primaries;
mod reliability;
mod retries;
mod simulate;
mod simulate_exact;
mod simulate_reference;
mod storage;
mod theory;
mod theory_attempts;
mod theory_distribution;
mod theory_properties;
mod times;
mod uncertain;
mod unknown;
