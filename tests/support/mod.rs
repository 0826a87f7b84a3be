//! Helpers of the test binaries: designs made by program, solved designs, other solvers, runs of `archc`.
#![allow(dead_code, reason = "each binary takes a part")]

pub mod generate;
pub mod judged;
pub mod milp;
pub mod open;
pub mod run;
