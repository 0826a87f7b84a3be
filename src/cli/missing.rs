//! The missing inputs of a value as lines of text.
//!
//! In: the name of the value, its missing inputs. Out: one line, or a heading with one line for
//! each. Never: which inputs are missing.

/// A value that is unknown: what it is, and what it lacks.
pub(super) fn lines(value: &str, inputs: &[String]) -> String {
    match inputs {
        [one] => format!("  {value}: {one}\n"),
        all => format!("  {value}:\n    {}\n", all.join("\n    ")),
    }
}
