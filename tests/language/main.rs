//! Language: findings and their pages, tables of kinds, rules, the designs of the guide, random text.

#![allow(clippy::pedantic, reason = "tests are read for what they compare")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "tests read files, run programs and print")]

#[path = "../support/mod.rs"]
mod support;

mod attributes;
mod bad;
mod codes;
mod fuzz;
mod guide;
mod kind_names;
mod lint_cases;
mod precedence;
mod rules_of_data;
mod tables;
