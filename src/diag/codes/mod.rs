//! The findings of the language itself, a page each.

mod attributes;
mod design;
mod files;
mod flows;
mod names;
mod reading;
mod syntax;

use std::sync::LazyLock;

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
///
/// Each page shows a bad design and the mended one. Fences marked `arch` are
/// whole designs, executed by a test; what needs several files, or bytes that no
/// page can hold, is a fragment.
pub static CODES: LazyLock<Vec<CodeInfo>> = LazyLock::new(|| {
    [reading::PAGES, syntax::PAGES, names::PAGES, attributes::PAGES, files::PAGES, flows::PAGES, design::PAGES].concat()
});

/// The entry of a code.
#[must_use]
pub fn code_info(code: &str) -> Option<&'static CodeInfo> {
    CODES.iter().find(|i| i.code == code)
}
