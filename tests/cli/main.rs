//! Command line, examples, README, and the layers of the source tree.

#[path = "../support/mod.rs"]
mod support;

mod architecture;
mod build;
mod growth;
mod plan_check;
mod readme;
mod shop;
mod story;
mod templates;
