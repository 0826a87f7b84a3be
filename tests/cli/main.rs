//! Command line, examples, README, and the layers of the source tree.

#![allow(clippy::pedantic, reason = "tests are read for what they compare")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "tests read files, run programs and print")]

#[path = "../support/mod.rs"]
mod support;

mod api;
mod architecture;
mod build;
mod growth;
mod plan_check;
mod readme;
mod shop;
mod simulate;
mod story;
mod templates;
mod terminology;
