//! Chores: `cargo xtask docs [--check]`, `cargo xtask fuzz SECONDS`, `cargo xtask designs N DIR [--seed S]`,
//! `cargo xtask verify --full [--today YYYY-MM-DD]`, `cargo xtask crosscheck N [--seed S] [--events M] [-o FILE]`.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "chores read, write and print")]
#![allow(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "the generator of tests is shared")]

mod crosscheck;
#[path = "../../tests/support/designs/mod.rs"]
mod designs;
mod docs;
mod fuzz;
#[path = "../../tests/support/generate.rs"]
mod generate;
#[path = "../../tests/support/kitchen.rs"]
mod kitchen;
mod mutants;
mod written;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["crosscheck", count, options @ ..] => crosscheck::run(count, options),
        ["docs"] => docs::write(),
        ["docs", "--check"] => docs::check(),
        ["fuzz", seconds] => {
            seconds.parse().map_err(|_| format!("`{seconds}` is not a number of seconds")).and_then(fuzz::run)
        }
        ["designs", count, folder] => written::run(count, folder, "1"),
        ["designs", count, folder, "--seed", seed] => written::run(count, folder, seed),
        ["verify", "--full"] => mutants::verify(None),
        ["verify", "--full", "--today", day] => mutants::verify(Some(day)),
        _ => Err("usage: cargo xtask crosscheck N [--seed S] [--events M] [-o FILE] | docs [--check] | fuzz SECONDS | designs N DIR [--seed S] | verify --full [--today YYYY-MM-DD]".to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
