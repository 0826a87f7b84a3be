//! Generated files: Compose, Terraform and diagrams, read by the tools they are for.

#![allow(clippy::pedantic, reason = "tests are read for what they compare")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "tests read files, run programs and print")]

#[path = "../support/mod.rs"]
mod support;

mod compose;
mod diagram;
mod terraform;
