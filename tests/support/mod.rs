//! Helpers of the test binaries: designs made by program, solved designs, other solvers, runs of `archc`.
#![allow(dead_code, reason = "each binary takes a part")]

pub mod designs;
pub mod generate;
pub mod judged;
pub mod kitchen;
pub mod milp;
pub mod open;
pub mod oracles;
pub mod run;

use archc::analysis::Reason;

/// What a reason says, for assertions on its sentence.
pub trait Says {
    /// Whether its sentence has that text.
    fn contains(&self, text: &str) -> bool;
}

impl Says for Reason {
    fn contains(&self, text: &str) -> bool {
        self.to_string().contains(text)
    }
}
