//! The findings of the language itself, one page each.
//!
//! In: nothing. Out: titles and pages by code. Never: a finding of a rule.

mod attributes;
mod design;
mod files;
mod flows;
mod names;
mod reading;
mod syntax;

use std::sync::LazyLock;

/// The page of `archc explain CODE`.
#[derive(Clone, Copy, Debug)]
pub struct CodeInfo {
    /// `ARC` and three digits.
    pub code: &'static str,
    /// The title.
    pub title: &'static str,
    /// The reason for the error, and the fix.
    pub text: &'static str,
}

/// All codes in order.
///
/// Each page shows a faulty design and the fixed one. Fences marked `arch` are whole designs, which
/// a test executes. A page that needs several files, or bytes that a page cannot contain, shows a
/// fragment.
pub static CODES: LazyLock<Vec<CodeInfo>> = LazyLock::new(|| {
    [reading::PAGES, syntax::PAGES, names::PAGES, attributes::PAGES, files::PAGES, flows::PAGES, design::PAGES].concat()
});

/// The entry of a code.
#[must_use]
pub fn code_info(code: &str) -> Option<&'static CodeInfo> {
    CODES.iter().find(|i| i.code == code)
}
