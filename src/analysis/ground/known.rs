//! A number, or why it is unknown.

/// The reason of a number that no analysis computes yet.
pub const NOT_MODELLED: &str = "this version of archc does not compute it";

/// A number, or why it is unknown. Unknown is never 0.
pub type Known = Result<f64, String>;
