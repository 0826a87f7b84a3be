//! The findings of the language itself.

/// What `archc explain CODE` prints of a finding.
#[derive(Clone, Copy, Debug)]
pub struct CodeInfo {
    /// `ARC` and three digits.
    pub code: &'static str,
    /// A few words.
    pub title: &'static str,
    /// Why it is an error and what to do.
    pub text: &'static str,
}

/// All codes in order.
pub const CODES: &[CodeInfo] = &[];

/// The entry of a code.
#[must_use]
pub fn code_info(code: &str) -> Option<&'static CodeInfo> {
    CODES.iter().find(|i| i.code == code)
}
