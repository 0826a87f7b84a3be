//! Language: findings and their pages, tables of kinds, rules, the designs of the guide, random text.

#[path = "../support/mod.rs"]
mod support;

mod bad;
mod codes;
mod fuzz;
mod guide;
mod kind_names;
mod lint_cases;
mod precedence;
mod rules_of_data;
mod tables;
