//! Generated files: Compose, Terraform and diagrams, read by the tools they are for.

#[path = "../support/mod.rs"]
mod support;

mod compose;
mod diagram;
mod terraform;
